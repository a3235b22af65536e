"""The legal desk: every notice that is to be written, across all incidents of one person.

Reads and computes; changes nothing. Decides the order (nearest deadline first, what is done last)
and what a line tells of a notice. What a notice must say is decided by its template and
`bot.domain.notice_checks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import Facts
from bot.domain.notice_checks import blocking_gaps, completeness
from bot.domain.notices import NoticeTemplate, is_stale
from bot.domain.roles import Role
from bot.domain.rulebook import Rulebook
from bot.services.notice_access import may_read
from bot.services.notice_versions import LIVE
from bot.store.notice_tables import NoticeComment, NoticeRow, NoticeVersion
from bot.store.page_queries import roles_of
from bot.store.queries import (
    clocks_of,
    facts_of,
    incidents_of,
    latest_versions,
    notices_of,
    persons_of,
)
from bot.store.tables import ClockRow, Incident, Person

LIMIT = 200
"""Incidents that one person's desk looks at."""

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskLine:
    """One notice on the desk. `items_open` of `items` statutory contents aren't fulfilled yet."""

    ref: str
    incident_title: str
    exercise: bool
    number: int
    title: str
    recipient: str
    citation: str
    language: str
    channels: tuple[str, ...]
    state: str
    live: bool
    version: int
    due_at: datetime | None
    gaps: int
    items: int
    items_open: int
    comments: int
    assigned_to: str
    mine: bool
    privileged: bool
    released: bool
    stale: bool
    sent_at: datetime | None
    reference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unserved:
    """A duty that runs and for which no notice is drafted."""

    ref: str
    key: str
    title: str
    due_at: datetime | None
    template_ids: tuple[str, ...]
    """Templates that could be drafted for it; empty: there is none, it is written by hand."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LegalDesk:
    """All notices of somebody's incidents, and the duties that lack one."""

    lines: tuple[DeskLine, ...]
    unserved: tuple[Unserved, ...]


def read_legal_desk(
    session: Session, rules: Rulebook, person: Person, *, now: datetime
) -> LegalDesk:
    """Read the desk of a member; privileged notices that aren't for them are left out."""
    lines: list[DeskLine] = []
    unserved: list[Unserved] = []
    incidents = incidents_of(session, person, limit=LIMIT)
    roles = roles_of(session, person, [one.id or 0 for one in incidents])
    for incident in incidents:
        held = frozenset(roles.get(incident.id or 0, ()))
        rows = notices_of(session, incident)
        lines += _lines_of(session, rules, incident, rows, person=person, held=held, now=now)
        unserved += _unserved(rules, incident, rows, clocks_of(session, incident))
    lines.sort(key=lambda one: (not one.live, one.due_at or _FAR, one.ref, one.number))
    unserved.sort(key=lambda one: (one.due_at or _FAR, one.ref, one.key))
    return LegalDesk(lines=tuple(lines), unserved=tuple(unserved))


def _lines_of(
    session: Session,
    rules: Rulebook,
    incident: Incident,
    rows: Sequence[NoticeRow],
    *,
    person: Person,
    held: frozenset[Role],
    now: datetime,
) -> list[DeskLine]:
    readable = [one for one in rows if may_read(one, held, person)]
    if not readable:
        return []
    facts, latest = facts_of(session, incident), latest_versions(session, incident)
    people, comments = persons_of(session, incident), _open_comments(session, incident, held)
    return [
        _line(
            row,
            incident,
            rules,
            facts=facts,
            latest=latest.get(row.id or 0),
            people=people,
            comments=comments.get(row.id or 0, 0),
            viewer=person,
            now=now,
        )
        for row in readable
    ]


def _line(
    row: NoticeRow,
    incident: Incident,
    rules: Rulebook,
    *,
    facts: Facts,
    latest: NoticeVersion | None,
    people: Mapping[int, Person],
    comments: int,
    viewer: Person,
    now: datetime,
) -> DeskLine:
    template = rules.notices.get(row.template_id)
    gaps, items, items_open = _progress(row, template, facts, latest, now=now)
    assigned = people.get(row.assigned_to or 0)
    return DeskLine(
        ref=incident.ref,
        incident_title=incident.title,
        exercise=incident.kind != "live",
        number=row.number,
        title=row.title,
        recipient=template.recipient_name if template else "",
        citation=template.citation if template else "",
        language=template.language if template else "",
        channels=template.channels if template else (),
        state=row.state,
        live=row.state in LIVE,
        version=row.version,
        due_at=row.due_at,
        gaps=gaps,
        items=items,
        items_open=items_open,
        comments=comments,
        assigned_to=(assigned.name or assigned.slack_id) if assigned else "",
        mine=row.assigned_to == viewer.id,
        privileged=row.privileged,
        released=row.released_by is not None,
        stale=template is not None and is_stale(template, rules.notices),
        sent_at=row.sent_at,
        reference=row.sent_note,
    )


def _progress(
    row: NoticeRow,
    template: NoticeTemplate | None,
    facts: Facts,
    latest: NoticeVersion | None,
    *,
    now: datetime,
) -> tuple[int, int, int]:
    """Return the missing facts, the statutory items and those of them that are open."""
    if template is None or latest is None or row.state not in LIVE:
        return 0, 0, 0
    gaps = blocking_gaps(template, facts, now=now, overrides=latest.wording)
    checked = completeness(template, facts, now=now, overrides=latest.wording)
    return len(gaps), len(checked), sum(not one.fulfilled for one in checked)


def _open_comments(session: Session, incident: Incident, held: frozenset[Role]) -> dict[int, int]:
    query = (
        select(NoticeComment.notice_id, func.count())
        .where(
            NoticeComment.incident_id == incident.id,
            col(NoticeComment.resolved_at).is_(None),
        )
        .group_by(col(NoticeComment.notice_id))
    )
    if Role.LEGAL not in held:
        query = query.where(col(NoticeComment.counsel_only).is_(False))
    return dict(session.exec(query).all())


def _unserved(
    rules: Rulebook, incident: Incident, rows: Sequence[NoticeRow], clocks: Sequence[ClockRow]
) -> list[Unserved]:
    served = {key for row in rows if row.state != "withdrawn" for key in row.obligations}
    return [
        Unserved(
            ref=incident.ref,
            key=clock.key,
            title=clock.title,
            due_at=clock.due_at,
            template_ids=rules.notices_for.get(clock.key, ()),
        )
        for clock in clocks
        if clock.kind == ClockKind.REGULATORY
        and clock.state in {ClockState.RUNNING, ClockState.MISSED}
        and clock.key not in served
    ]
