"""The legal desk: every notice that is to be written, across all incidents of one person.

Reads and computes; changes nothing. Decides the order (nearest deadline first, what is done last)
and what a line tells of a notice. What a notice must say is decided by its template and
`bot.domain.notice_checks`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from bot.domain.facts import Facts
from bot.domain.notice_checks import blocking_gaps, completeness
from bot.domain.notices import NoticeTemplate, is_stale
from bot.domain.roles import Role
from bot.domain.rulebook import Rulebook
from bot.services.notice_access import may_read
from bot.services.notice_versions import LIVE
from bot.store.desk_queries import (
    duties_in,
    facts_in,
    notices_in,
    open_comments_in,
    people_by_id,
    wordings_in,
)
from bot.store.notice_tables import NoticeRow
from bot.store.page_queries import roles_of
from bot.store.queries import incidents_of
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
    incidents = {one.id or 0: one for one in incidents_of(session, person, limit=LIMIT)}
    roles = roles_of(session, person, list(incidents))
    notices = notices_in(session, incidents)
    readable = {
        key: [one for one in rows if may_read(one, frozenset(roles.get(key, ())), person)]
        for key, rows in notices.items()
    }
    lines = _lines_of(session, rules, incidents, readable, roles=roles, person=person, now=now)
    lines.sort(key=lambda one: (not one.live, one.due_at or _FAR, one.ref, one.number))
    unserved = [
        one
        for key, clocks in duties_in(session, incidents).items()
        for one in _unserved(rules, incidents[key], notices.get(key, ()), clocks)
    ]
    unserved.sort(key=lambda one: (one.due_at or _FAR, one.ref, one.key))
    return LegalDesk(lines=tuple(lines), unserved=tuple(unserved))


def _lines_of(
    session: Session,
    rules: Rulebook,
    incidents: Mapping[int, Incident],
    notices: Mapping[int, Sequence[NoticeRow]],
    *,
    roles: Mapping[int, Collection[Role]],
    person: Person,
    now: datetime,
) -> list[DeskLine]:
    facts, wordings = facts_in(session, incidents), wordings_in(session, incidents)
    comments = open_comments_in(session, incidents)
    assigned = {row.assigned_to or 0 for rows in notices.values() for row in rows}
    people = people_by_id(session, assigned - {0})
    return [
        _line(
            row,
            incidents[key],
            rules,
            facts=facts.get(key, {}),
            wording=wordings.get(row.id or 0),
            people=people,
            comments=sum(
                count
                for counsel_only, count in comments.get(row.id or 0, {}).items()
                if not counsel_only or Role.LEGAL in roles.get(key, ())
            ),
            viewer=person,
            now=now,
        )
        for key, rows in notices.items()
        for row in rows
    ]


def _line(
    row: NoticeRow,
    incident: Incident,
    rules: Rulebook,
    *,
    facts: Facts,
    wording: Mapping[str, str] | None,
    people: Mapping[int, Person],
    comments: int,
    viewer: Person,
    now: datetime,
) -> DeskLine:
    template = rules.notices.get(row.template_id)
    gaps, items, items_open = _progress(row, template, facts, wording, now=now)
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
    wording: Mapping[str, str] | None,
    *,
    now: datetime,
) -> tuple[int, int, int]:
    """Return the missing facts, the statutory items and those of them that are open."""
    if template is None or wording is None or row.state not in LIVE:
        return 0, 0, 0
    gaps = blocking_gaps(template, facts, now=now, overrides=wording)
    checked = completeness(template, facts, now=now, overrides=wording, gaps=gaps)
    return len(gaps), len(checked), sum(not one.fulfilled for one in checked)


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
        if clock.key not in served
    ]
