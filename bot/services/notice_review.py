"""Work on a notice between its draft and its leaving: assign, comment, mark as privileged, release.

Decides who may do it and what of it stands open in the log: numbers and ids. What was written is
behind commitments. What a comment says and whether a notice is privileged changes nothing in its
text, so that it moves no version.
"""

from bot.domain.incident import IncidentError
from bot.domain.notices import NoticeState
from bot.domain.roles import Action, NotAllowedError, Role
from bot.services.access import check_may
from bot.services.notice_access import check_readable, privileged_words
from bot.services.notice_versions import LIVE, announce_notice, record_notice
from bot.services.notices import find_notice
from bot.store.notice_queries import comments_on
from bot.store.notice_tables import NoticeComment, NoticeRow
from bot.store.queries import is_member, roles_held
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

MAX_COMMENT = 2_000
MAX_QUOTE = 160


def assign_notice(
    tx: Tx, incident: Incident, number: int, to: Person, *, actor: Person
) -> NoticeRow:
    """Give a notice to a member to work on; they are told by direct message.

    Only Legal gives a privileged one to somebody: who works on it reads it from then on.
    """
    check_may(tx, incident, actor, Action.ASSIGN_NOTICE)
    notice = find_notice(tx, incident, number)
    if notice.state not in LIVE:
        raise IncidentError(f"N-{number} is {notice.state}; there is nothing to work on any more.")
    if not is_member(tx.session, incident, to):
        raise IncidentError(
            f"<@{to.slack_id}> isn't in {incident.ref}. Invite them to its channel first."
        )
    if notice.privileged and Role.LEGAL not in roles_held(tx.session, incident, actor):
        raise NotAllowedError(privileged_words(notice))
    notice.assigned_to = to.id
    tx.session.add(notice)
    record_notice(tx, incident, notice, "notice.assigned", actor=actor.actor, data={"to": to.actor})
    tx.enqueue(
        "tell",
        incident,
        key=f"{incident.ref}/N-{number}/assigned/{to.actor}/{tx.now.isoformat()}",
        slack_id=to.slack_id,
        kind="notice_assigned",
        number=number,
        by=actor.slack_id,
    )
    return notice


def comment_on(
    tx: Tx,
    incident: Incident,
    number: int,
    *,
    text: str,
    quote: str = "",
    counsel_only: bool = False,
    actor: Person,
) -> NoticeComment:
    """Remark on a paragraph (`quote`, its text) or on the whole notice.

    Counsel's own remarks are read by holders of the role Legal only.
    """
    check_may(tx, incident, actor, Action.MARK_PRIVILEGE if counsel_only else Action.COMMENT_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    said = text.strip()
    if not said:
        raise IncidentError("Write the comment; nothing was saved.")
    if len(said) > MAX_COMMENT:
        raise IncidentError(f"The comment has {len(said)} characters; {MAX_COMMENT} fit.")
    row = NoticeComment(
        incident_id=incident.id or 0,
        notice_id=notice.id or 0,
        number=len(comments_on(tx.session, notice, counsel=True)) + 1,
        version=notice.version,
        quote=" ".join(quote.split())[:MAX_QUOTE],
        text=said,
        counsel_only=counsel_only,
        author_id=actor.id or 0,
        made_at=tx.now,
    )
    tx.session.add(row)
    record_notice(
        tx,
        incident,
        notice,
        "notice.commented",
        actor=actor.actor,
        data={"comment": row.number, "counsel_only": counsel_only},
        pd={"text": said, **({"quote": row.quote} if row.quote else {})},
    )
    if not counsel_only:
        announce_notice(tx, incident, notice, "notice.commented")
    return row


def resolve_comment(
    tx: Tx, incident: Incident, number: int, comment: int, *, actor: Person
) -> NoticeComment:
    """Settle a comment: what it asked for is done, or won't be."""
    check_may(tx, incident, actor, Action.COMMENT_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    counsel = Role.LEGAL in roles_held(tx.session, incident, actor)
    known = comments_on(tx.session, notice, counsel=counsel)
    row = next((one for one in known if one.number == comment), None)
    if row is None:
        raise IncidentError(f"N-{number} has no comment {comment}.")
    if row.resolved_at is not None:
        raise IncidentError(f"Comment {comment} is settled already.")
    row.resolved_at, row.resolved_by = tx.now, actor.id
    tx.session.add(row)
    record_notice(
        tx,
        incident,
        notice,
        "notice.comment_resolved",
        actor=actor.actor,
        data={"comment": comment},
    )
    return row


def mark_privileged(
    tx: Tx, incident: Incident, number: int, *, privileged: bool, actor: Person
) -> NoticeRow:
    """Mark a draft as privileged, or take the mark off; the choice of counsel for this document.

    The mark restricts who reads it and stands on every page. It creates no privilege by itself.
    Raises `IncidentError` for what is approved: what goes out bears no such mark.
    """
    check_may(tx, incident, actor, Action.MARK_PRIVILEGE)
    notice = find_notice(tx, incident, number)
    if notice.state not in {NoticeState.DRAFT, NoticeState.IN_REVIEW}:
        raise IncidentError(f"N-{number} is {notice.state}: only a draft is marked as privileged.")
    if notice.privileged is privileged:
        raise IncidentError(
            f"N-{number} is marked already." if privileged else f"N-{number} bears no mark."
        )
    notice.privileged = privileged
    tx.session.add(notice)
    what = "notice.privilege_marked" if privileged else "notice.privilege_cleared"
    record_notice(tx, incident, notice, what, actor=actor.actor)
    return notice


def record_reading(tx: Tx, incident: Incident, number: int, *, actor: Person) -> None:
    """Record that somebody opened a privileged notice: its access log."""
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    record_notice(tx, incident, notice, "notice.read", actor=actor.actor)


def release_notice(tx: Tx, incident: Incident, number: int, *, actor: Person) -> NoticeRow:
    """Agree as the second person that an approved notice may leave the house.

    Raises `IncidentError` for whoever approved it: four eyes are two people's.
    """
    check_may(tx, incident, actor, Action.RELEASE_NOTICE)
    notice = find_notice(tx, incident, number)
    if notice.state != NoticeState.APPROVED:
        raise IncidentError(f"N-{number} is {notice.state}; only an approved notice is released.")
    if notice.approved_by == actor.id:
        raise IncidentError(
            f"You approved N-{number}; a second person releases it: the Commander or Comms."
        )
    if notice.released_by is not None:
        raise IncidentError(f"N-{number} is released already.")
    notice.released_by, notice.released_at = actor.id, tx.now
    tx.session.add(notice)
    record_notice(tx, incident, notice, "notice.released", actor=actor.actor)
    announce_notice(tx, incident, notice, "notice.released")
    return notice
