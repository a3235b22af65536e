"""Versions of notices: drafted from facts, renewed when a fact changes, each kept for ever.

Every version's content hash goes into the evidence log. If the notice was approved, a changed
fact opens it again. What people decide about a notice is in `notices`.
"""

from collections.abc import Collection, Mapping, Sequence

from bot.documents.html import hash_content, used_facts
from bot.domain.clocks import ClockState
from bot.domain.facts import Facts
from bot.domain.notices import NoticeState, NoticeTemplate
from bot.domain.translations import Worded
from bot.services.clocks import nearest_first
from bot.services.follow_ups import follow_ups
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.once import edition_once
from bot.store.queries import clocks_of, notice_versions, notices_of
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx
from evidence_store.artifacts import ArtifactRef

LIVE = (NoticeState.DRAFT, NoticeState.IN_REVIEW, NoticeState.APPROVED)
"""States in which a notice still follows the facts."""


_OPEN = (ClockState.RUNNING, ClockState.MISSED)
"""States of a clock whose duty is still to be done."""


WORDS_CONFIRMED = "the words still hold"
"""Reason of a version in which a person saved words unchanged, though their facts had changed."""


def worded(versions: Sequence[NoticeVersion]) -> list[Worded]:
    """Return what each version says in words of its own, the oldest first."""
    return [
        Worded(facts=one.facts, words=one.wording, confirmed=one.reason == WORDS_CONFIRMED)
        for one in versions
    ]


def follow_facts(
    tx: Tx,
    incident: Incident,
    facts: Facts,
    rows: Mapping[str, ClockRow],
    *,
    started: Collection[str] = (),
) -> None:
    """Draft the notices that running clocks (`rows`) call for; renew those whose facts changed.

    A notice that was sent or withdrawn isn't drafted again by itself, but where one of the clocks
    `started` (by key) has only now begun to run.
    """
    clocks = nearest_first(rows.values())
    notices = list(notices_of(tx.session, incident))
    for template_id, duties in _called_for(tx, clocks).items():
        same = [one for one in notices if one.template_id == template_id]
        live = any(one.state in LIVE for one in same)
        if not live and (not same or not duties.isdisjoint(started)):
            notices.append(draft(tx, incident, template_id, facts, actor=None))
    for one in follow_ups(tx.session, tx.rules, incident, notices, facts):
        reason = f"since N-{one.since}: {one.news.words}"
        notices.append(draft(tx, incident, one.template_id, facts, actor=None, reason=reason))
    for notice in notices:
        if notice.state in LIVE:
            _serve(tx, notice, clocks)
            _renew(tx, incident, notice, facts)


def _called_for(tx: Tx, clocks: Sequence[ClockRow]) -> dict[str, set[str]]:
    """Return the templates that open duties call for, with the keys of those duties' clocks.

    What is drafted by hand, what translates another and what adds to another isn't called for.
    """
    found: dict[str, set[str]] = {}
    for clock in clocks:
        if clock.state not in _OPEN:
            continue
        for template_id in tx.rules.notices_for.get(clock.key, ()):
            template = tx.rules.notices[template_id]
            if not (template.by_hand or template.translation_of or template.after):
                found.setdefault(template_id, set()).add(clock.key)
    return found


def _serve(tx: Tx, notice: NoticeRow, clocks: Sequence[ClockRow]) -> None:
    """Let the notice carry the open duties that it serves, and the nearest of their deadlines."""
    served = {
        key for key, templates in tx.rules.notices_for.items() if notice.template_id in templates
    }
    serves = [
        clock
        for clock in clocks
        if clock.key in served
        and (clock.state in _OPEN or (clock.state == "met" and clock.key in notice.obligations))
    ]
    keys = [clock.key for clock in serves]
    due_at = min((one.due_at for one in serves if one.due_at and one.state in _OPEN), default=None)
    if keys != notice.obligations or due_at != notice.due_at:
        notice.obligations = keys
        notice.due_at = due_at
        tx.session.add(notice)


def revoke_approval(notice: NoticeRow) -> None:
    """Take back what an approval bound; the log keeps who approved which version."""
    notice.approved_version = None
    notice.approved_at = None
    notice.approved_by = None
    notice.released_at = None
    notice.released_by = None


def draft(
    tx: Tx,
    incident: Incident,
    template_id: str,
    facts: Facts,
    *,
    actor: Person | None,
    reason: str = "drafted from the facts",
) -> NoticeRow:
    """Make the notice and its first version; without `actor` Tocsin itself is the author."""
    template = tx.rules.notices[template_id]
    notice = NoticeRow(
        incident_id=incident.id or 0,
        number=len(notices_of(tx.session, incident)) + 1,
        template_id=template_id,
        title=template.title,
        obligations=[],
        state=NoticeState.DRAFT,
        version=0,
    )
    tx.session.add(notice)
    tx.session.flush()
    _serve(tx, notice, clocks_of(tx.session, incident))
    add_version(tx, incident, notice, facts, {}, author=actor, reason=reason)
    announce_notice(tx, incident, notice, "notice.drafted")
    return notice


def _renew(tx: Tx, incident: Incident, notice: NoticeRow, facts: Facts) -> None:
    """Make a new version if the facts that the notice uses have changed."""
    latest = notice_versions(tx.session, notice)[-1]
    template = tx.rules.notices.get(notice.template_id)
    if template is None:
        return
    if hash_content(template, facts, overrides=latest.wording) == latest.content_sha256:
        return
    author = tx.session.get(Person, latest.author_id) if latest.author_id else None
    reopened = notice.state == NoticeState.APPROVED
    if reopened:
        notice.state = NoticeState.DRAFT
        revoke_approval(notice)
    changed = _changed_facts(template, latest.facts, facts)
    reason = "facts changed: " + ", ".join(changed) if changed else "the template changed"
    add_version(tx, incident, notice, facts, latest.wording, author=author, reason=reason)
    if reopened:
        record_notice(
            tx, incident, notice, "notice.reopened", actor=SYSTEM_ACTOR, data={"why": changed}
        )
        announce_notice(tx, incident, notice, "notice.reopened")


def _changed_facts(
    template: NoticeTemplate, before: Mapping[str, object], facts: Facts
) -> list[str]:
    after = used_facts(template, facts)
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def add_version(
    tx: Tx,
    incident: Incident,
    notice: NoticeRow,
    facts: Facts,
    wording: Mapping[str, str],
    *,
    author: Person | None,
    reason: str,
) -> NoticeVersion:
    """Add the next version of a notice, made from the facts in force and counsel's wording."""
    template = tx.rules.notices[notice.template_id]
    notice.version += 1
    version = NoticeVersion(
        incident_id=incident.id or 0,
        notice_id=notice.id or 0,
        version=notice.version,
        template_sha256=template.sha256,
        content_sha256=hash_content(template, facts, overrides=wording),
        facts=used_facts(template, facts),
        wording=dict(wording),
        author_id=author.id if author else None,
        reason=reason,
        made_at=tx.now,
    )
    tx.session.add_all([notice, version])
    tx.session.flush()
    edition_once(tx.session, template, now=tx.now)
    first = notice.version == 1
    record_notice(
        tx,
        incident,
        notice,
        "notice.drafted" if first else "notice.revised",
        actor=author.actor if author else SYSTEM_ACTOR,
        data={
            "content_sha256": version.content_sha256,
            "template_sha256": version.template_sha256,
        },
        pd={"reason": reason},
    )
    return version


def record_notice(
    tx: Tx,
    incident: Incident,
    notice: NoticeRow,
    what: str,
    *,
    actor: str,
    data: Mapping[str, object] | None = None,
    pd: Mapping[str, str] | None = None,
    artifacts: tuple[ArtifactRef, ...] = (),
) -> None:
    """Write an entry about a notice, always with its number, template and version."""
    base = {"notice": notice.number, "template": notice.template_id, "version": notice.version}
    tx.record(
        incident, what, actor=actor, data={**base, **(data or {})}, pd=pd, artifacts=artifacts
    )


def announce_notice(tx: Tx, incident: Incident, notice: NoticeRow, what: str) -> None:
    """Have it posted in the incident's channel."""
    key = f"{incident.ref}/{what}/N-{notice.number}/v{notice.version}/{tx.now.isoformat()}"
    detail = {"number": notice.number, "what": what}
    tx.enqueue("announce", incident, key=key, kind="notice", detail=detail)
