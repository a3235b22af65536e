"""The gateway: everything that leaves passes here, and nothing of an exercise does.

In earnest a grant is minted with the decision to send, and a job uses it once. In an exercise the
same button puts the message into the sandbox mailbox. The database itself refuses a grant for an
exercise and a caught message for a live incident.
"""

import hashlib
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.domain.incident import IncidentError, IncidentKind
from bot.domain.outbound import MARK_WORD, Attempt, Grant, refusals
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.notice_papers import Paper
from bot.services.notices import find_notice, is_released, mark_sent
from bot.store.exercise_tables import CaughtMessage, LiveSendGrant
from bot.store.notice_tables import NoticeRow
from bot.store.queries import notice_versions
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

MAX_ADDRESS = 254
ON_ITS_WAY = timedelta(minutes=5)
"""How long it may take until the mail server's answer is recorded: longer than its time-outs."""


class NotLeavingError(IncidentError):
    """Something was about to leave that may not; `reasons` says everything that kept it."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("It stays in the house: " + "; ".join(reasons) + ".")
        self.reasons = reasons


def digest_of(text: str) -> str:
    """Return the digest under which a recipient stands in grants and in the log."""
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()


def send_notice(
    tx: Tx,
    incident: Incident,
    number: int,
    *,
    recipient: str,
    confirmed: str,
    paper: Paper,
    actor: Person,
) -> str:
    """Send an approved and released notice by e-mail; return what became of it, in words.

    `confirmed` is the recipient's address typed once more: a slip of the finger stops here. In an
    exercise nothing leaves, and the message lies in the sandbox mailbox.
    """
    check_may(tx, incident, actor, Action.SEND_NOTICE)
    notice = find_notice(tx, incident, number)
    address = recipient.strip()
    if not _looks_right(address):
        raise IncidentError("Give one e-mail address.")
    if address != confirmed.strip():
        raise IncidentError("The two addresses differ. Type the recipient's address twice.")
    if notice.state != "approved" or not is_released(notice, sender=actor):
        raise IncidentError(
            f"N-{number} needs two people before it leaves: Legal approves it, and the Commander "
            f"or Comms releases it."
        )
    if incident.kind != IncidentKind.LIVE:
        return _catch_notice(tx, incident, notice, address=address, paper=paper, actor=actor)
    if not tx.store.mails:
        raise IncidentError(
            "No mail server is set up (TOCSIN_SMTP_URL). File or post it by hand, and record that."
        )
    _check_not_on_its_way(tx, incident, notice, address)
    grant = _mint(tx, incident, notice, address, actor=actor)
    tx.enqueue("send_mail", incident, grant=grant.id, number=number, recipient=address)
    return "It is being sent; the proof comes with the mail server's answer."


def _check_not_on_its_way(tx: Tx, incident: Incident, notice: NoticeRow, address: str) -> None:
    """Refuse a second press on the button while the mail server may still be answering the first.

    Not for longer: where the answer was lost, a person looks and sends it again.
    """
    tx.hold(incident)
    last = tx.session.exec(
        select(LiveSendGrant.minted_at)
        .where(
            LiveSendGrant.notice_id == notice.id,
            LiveSendGrant.recipient_sha256 == digest_of(address),
        )
        .order_by(col(LiveSendGrant.minted_at).desc())
    ).first()
    if last is not None and tx.now < last + ON_ITS_WAY:
        raise IncidentError(
            f"N-{notice.number} is on its way to this address already. Reload in a moment: the "
            f"proof stands here, or Legal is told in the channel what kept it. If neither comes, "
            f"send it again in five minutes."
        )


def _looks_right(address: str) -> bool:
    name, at, host = address.rpartition("@")
    plain = len(address) <= MAX_ADDRESS and not any(
        one.isspace() or one in ",;<>" for one in address
    )
    return bool(plain and name and at and "." in host)


def _mint(
    tx: Tx, incident: Incident, notice: NoticeRow, address: str, *, actor: Person
) -> LiveSendGrant:
    """Mint leave to send this version to this address, once. The database refuses exercises."""
    version = notice_versions(tx.session, notice)[-1]
    row = LiveSendGrant(
        incident_id=incident.id or 0,
        kind=incident.kind,
        notice_id=notice.id or 0,
        version=version.version,
        channel="mail",
        recipient_sha256=digest_of(address),
        content_sha256=version.content_sha256,
        approved_by=notice.approved_by or 0,
        released_by=notice.released_by or actor.id or 0,
        minted_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    data = {"grant": row.id, "notice": notice.number, "version": row.version, "channel": "mail"}
    tx.record(incident, "outbound.granted", actor=actor.actor, data=data, pd={"to": address})
    return row


def _catch_notice(
    tx: Tx, incident: Incident, notice: NoticeRow, *, address: str, paper: Paper, actor: Person
) -> str:
    sha256 = hashlib.sha256(paper.content).hexdigest()
    catch(
        tx,
        incident,
        channel="mail",
        recipient=address,
        subject=notice.title,
        body=mail_body(notice.title),
        attachments=[{"name": paper.name, "sha256": sha256}],
        actor=actor.actor,
    )
    mark_sent(tx, incident, notice.number, proof="sandbox mailbox (exercise)", actor=actor)
    return "EXERCISE: nothing left. It lies in the sandbox mailbox of the exercise."


def catch(
    tx: Tx,
    incident: Incident,
    *,
    channel: str,
    recipient: str,
    subject: str,
    body: str,
    attachments: list[dict[str, Any]],
    actor: str,
) -> CaughtMessage:
    """Put what would have left into the sandbox mailbox, marked, to an address of nobody's."""
    name = recipient.partition("@")[0] or "recipient"
    row = CaughtMessage(
        incident_id=incident.id or 0,
        kind=incident.kind,
        channel=channel,
        recipient=f"{name}@exercise.invalid",
        subject=f"[{MARK_WORD} {incident.ref}] {subject}",
        body=f"{MARK_WORD} {incident.ref}: nothing of this is real.\n\n{body}",
        attachments=attachments,
        caught_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    data = {"channel": channel, "attachments": len(attachments)}
    tx.record(incident, "outbound.captured", actor=actor, data=data, pd={"to": recipient})
    return row


def mail_body(title: str) -> str:
    """Return the words of the message; the notice itself is the file that comes with it."""
    return f"Please find attached: {title}.\n"


def take_grant(
    tx: Tx, incident: Incident, grant_id: int, *, recipient: str, paper: Paper, file_text: str
) -> Grant:
    """Use a grant: every barrier is asked once more, then it is spent.

    Spent before the message leaves: a process that is killed in between sends nothing twice.
    Raises `NotLeavingError` with every reason; the grant isn't spent then.
    """
    tx.hold(incident)
    row = tx.session.get(LiveSendGrant, grant_id)
    notice = tx.session.get(NoticeRow, row.notice_id) if row is not None else None
    if row is None or notice is None:
        raise NotLeavingError(("there is no live grant for it",))
    grant = _as_grant(row)
    attempt = _attempt(
        tx, incident, notice, row, recipient=recipient, paper=paper, file_text=file_text
    )
    if reasons := refusals(attempt):
        raise NotLeavingError(reasons)
    row.used_at = tx.now
    tx.session.add(row)
    tx.record(
        incident,
        "outbound.granted",
        actor=SYSTEM_ACTOR,
        data={"grant": grant.id, "notice": notice.number, "step": "used"},
    )
    return grant


def _as_grant(row: LiveSendGrant) -> Grant:
    return Grant(
        id=row.id or 0,
        kind=row.kind,
        incident_id=row.incident_id,
        notice_id=row.notice_id,
        version=row.version,
        recipient_sha256=row.recipient_sha256,
        content_sha256=row.content_sha256,
        used=row.used_at is not None,
    )


def _attempt(
    tx: Tx,
    incident: Incident,
    notice: NoticeRow,
    row: LiveSendGrant,
    *,
    recipient: str,
    paper: Paper,
    file_text: str,
) -> Attempt:
    latest = notice_versions(tx.session, notice)[-1]
    return Attempt(
        ref=incident.ref,
        kind=incident.kind,
        incident_id=incident.id or 0,
        notice_id=notice.id or 0,
        notice_incident_id=notice.incident_id,
        state=notice.state,
        version=latest.version,
        approved_by=row.approved_by,
        released_by=row.released_by,
        content_sha256=latest.content_sha256,
        recipient_sha256=digest_of(recipient),
        subject=notice.title,
        body=mail_body(notice.title),
        file_name=paper.name,
        file_text=file_text,
        grant=_as_grant(row),
    )


def note_refused(tx: Tx, incident: Incident, number: int, *, reason: str) -> None:
    """Record that nothing left, and why; Legal is told in the channel."""
    tx.record(
        incident,
        "outbound.refused",
        actor=SYSTEM_ACTOR,
        data={"notice": number},
        pd={"reason": reason},
    )
    tx.enqueue(
        "announce",
        incident,
        key=f"{incident.ref}/outbound/{number}/{tx.now.isoformat()}",
        kind="outbound",
        detail={"number": number, "reason": reason},
    )


def note_sent(tx: Tx, incident: Incident, number: int, *, message_id: str, grant: Grant) -> None:
    """Record that the mail server took the message; its Message-ID is the proof."""
    row = tx.session.get_one(LiveSendGrant, grant.id)
    sender = tx.session.get_one(Person, row.approved_by)
    mark_sent(tx, incident, number, proof=f"e-mail {message_id}", actor=sender)


def retract(tx: Tx, incident: Incident, *, text: str, actor: Person) -> None:
    """Take something back that was said in an exercise: the retraction, at once, in its channel."""
    check_may(tx, incident, actor, Action.COMMENT_NOTICE)
    if incident.kind != IncidentKind.EXERCISE:
        raise IncidentError(
            f"{incident.ref} is real: retract through the notices, with counsel. In an exercise "
            f"this command practises it."
        )
    words = text.strip() or "Disregard what was said before: it was part of an exercise."
    tx.record(
        incident,
        "outbound.retracted",
        actor=actor.actor,
        data={"channel": "slack"},
        pd={"text": words},
    )
    tx.enqueue(
        "announce",
        incident,
        key=f"{incident.ref}/retract/{tx.wall.isoformat()}",
        kind="retraction",
        detail={"text": words},
    )


def caught_in(tx: Tx, incident: Incident) -> list[CaughtMessage]:
    """List what was caught in an exercise."""
    query = select(CaughtMessage).where(CaughtMessage.incident_id == incident.id)
    return list(tx.session.exec(query).all())
