"""How long items are kept, and how they are disposed of: asked for, approved by Legal, then done.

Two people, always: whoever asked can't approve. A data subject's request to be erased goes the same
way, since what one person alone can erase, one person alone can hide.
Nothing is destroyed because time has passed: Tocsin asks, Legal answers, a job does it. A legal
hold stops it at every step. Destroying is recorded first, in one transaction with the key's end;
the bytes go after the commit, so that no crash leaves a loss that the log doesn't tell.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.custody import CustodyError, said
from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role
from bot.domain.rulebook import Rulebook
from bot.services.access import check_may
from bot.services.evidence import find_item
from bot.services.evidence_erasure import erase_content
from bot.services.holds import check_no_hold, in_force
from bot.services.print_lists import list_erased
from bot.store.custody_queries import disposal_of, kept_under, pending_transfer
from bot.store.print_queries import runs_with
from bot.store.queries import evidence_items, holdings
from bot.store.tables import Disposal, EvidenceItem, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx
from evidence_store.artifacts import ArtifactRef

ASK_AGAIN = timedelta(days=365)
"""After a refusal Tocsin asks again in a year; people may ask at any time."""
DISPOSABLE = frozenset({"collected", "recorded"})


def keep_until(rules: Rulebook, retention: str, *, collected_at: datetime) -> datetime | None:
    """Return until when an item of this class is kept; None without a class.

    Raises `CustodyError` for a class that the policy doesn't know.
    """
    if not retention:
        return None
    known = rules.retention.get(retention)
    if known is None:
        names = ", ".join(rules.retention) or "none is written in playbooks/retention.yaml"
        raise CustodyError(
            f"There is no class of record “{retention}”. There is: {names}.", field="retention"
        )
    return known.until(collected_at)


def set_retention(
    tx: Tx, incident: Incident, number: int, retention: str, *, actor: Person
) -> EvidenceItem:
    """Say to which class of record an item belongs; an empty class keeps it until asked."""
    check_may(tx, incident, actor, Action.HOLD_EVIDENCE)
    item = find_item(tx, incident, number)
    item.keep_until = keep_until(tx.rules, retention, collected_at=item.collected_at)
    item.retention = retention
    tx.session.add(item)
    data: dict[str, Any] = {"what": "retention set", "item": number, "retention": retention}
    if item.keep_until:
        data["keep_until"] = f"{item.keep_until:%Y-%m-%dT%H:%M:%SZ}"
    tx.record(incident, "note.recorded", actor=actor.actor, data=data)
    return item


def ask_disposal(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> Disposal:
    """Ask Legal whether an item may be destroyed."""
    check_may(tx, incident, actor, Action.ASK_DISPOSAL)
    item = find_item(tx, incident, number)
    reason = said(reason, what="why it isn't needed any more", field="reason")
    check_no_hold(tx.session, incident, what="nothing may be disposed of")
    if item.state not in DISPOSABLE:
        raise IncidentError(f"E-{number} is {item.state}; there is nothing to dispose of.")
    if disposal_of(tx.session, item) is not None:
        raise IncidentError(f"The disposal of E-{number} is asked for already; Legal answers.")
    if pending_transfer(tx.session, item) is not None:
        raise IncidentError(f"E-{number} is on its way to somebody: they answer first.")
    return _ask(tx, incident, item, reason=reason, actor=actor)


def ask_what_is_due(tx: Tx, incident: Incident) -> Sequence[int]:
    """Ask Legal about every item whose time has run out; while a hold is in force, about none."""
    tx.hold(incident)
    if in_force(tx.session, incident):
        return []
    asked = []
    for item in evidence_items(tx.session, incident):
        due = item.keep_until is not None and item.keep_until <= tx.now
        if due and item.state in DISPOSABLE and disposal_of(tx.session, item) is None:
            kept = tx.rules.retention.get(item.retention)
            words = kept.words() if kept else "the time set for it"
            doubt = f" ({kept.doubt})" if kept and kept.doubt else ""
            reason = f"kept for {words}, which are over{doubt}"
            _ask(tx, incident, item, reason=reason, actor=None)
            asked.append(item.number)
    return asked


def _ask(
    tx: Tx, incident: Incident, item: EvidenceItem, *, reason: str, actor: Person | None
) -> Disposal:
    row = Disposal(
        incident_id=incident.id or 0,
        item_id=item.id or 0,
        state="asked",
        reason=reason,
        asked_at=tx.now,
        asked_by=actor.id if actor else None,
    )
    tx.session.add(row)
    tx.record(
        incident,
        "note.recorded",
        actor=actor.actor if actor else SYSTEM_ACTOR,
        data={"what": "disposal asked", "item": item.number},
        pd={"reason": reason},
    )
    legal = [p.slack_id for h, p in holdings(tx.session, incident) if h.role == Role.LEGAL]
    for slack_id in legal:
        tx.enqueue(
            "tell",
            incident,
            key=f"{incident.ref}/disposal/{item.number}/{tx.now.isoformat()}/{slack_id}",
            slack_id=slack_id,
            kind="disposal",
            number=item.number,
            reason=reason,
        )
    return row


def answer_disposal(
    tx: Tx, incident: Incident, number: int, *, approve: bool, reason: str, actor: Person
) -> Disposal:
    """Approve or refuse a disposal; whoever asked for it can't approve it."""
    check_may(tx, incident, actor, Action.APPROVE_DISPOSAL)
    item = find_item(tx, incident, number)
    row = disposal_of(tx.session, item)
    if row is None or row.state != "asked":
        state = "is approved already" if row else "isn't asked for"
        raise IncidentError(f"The disposal of E-{number} {state}.")
    reason = said(reason, what="the reason for your answer", field="reason")
    if approve:
        check_no_hold(tx.session, incident, what="nothing may be disposed of")
        if row.asked_by == actor.id:
            raise IncidentError(
                f"You asked for this disposal yourself, so somebody else has to approve it. Hand "
                f"Legal over: `/incident role handover legal @who note`. Or decline it, and the "
                f"Commander or Forensics asks: `/incident evidence dispose {number} why`."
            )
    row.state = "approved" if approve else "refused"
    row.answered_at, row.answered_by = tx.now, actor.id
    tx.session.add(row)
    if not approve and item.keep_until is not None and item.keep_until <= tx.now:
        item.keep_until = tx.now + ASK_AGAIN
        tx.session.add(item)
    tx.record(
        incident,
        "note.recorded",
        actor=actor.actor,
        data={"what": f"disposal {row.state}", "item": number},
        pd={"reason": reason},
    )
    if approve:
        tx.enqueue("dispose", incident, number=number)
    return row


def dispose(tx: Tx, incident: Incident, number: int) -> bool:
    """Destroy an item whose disposal Legal approved; False if there is nothing to do any more.

    Bytes that another item, or the list of a print run, is made of stay, and the entry says so.
    """
    tx.hold(incident)
    item = find_item(tx, incident, number)
    row = disposal_of(tx.session, item)
    if row is None or row.state != "approved" or in_force(tx.session, incident):
        return False
    legal = tx.session.get_one(Person, row.answered_by)
    keeps = kept_under(tx.session, item.sha256) if item.state == "collected" else ()
    printing = [one for one in runs_with(tx.session, item.sha256) if not list_erased(one)]
    if len(keeps) == 1 and not printing:
        erase_content(tx, incident, item, reason=row.reason, actor=legal.actor)
    else:
        _let_go(tx, incident, item, keeps, reason=row.reason, actor=legal.actor)
    row.state = "done"
    tx.session.add(row)
    return True


def _let_go(
    tx: Tx,
    incident: Incident,
    item: EvidenceItem,
    keeps: Sequence[EvidenceItem],
    *,
    reason: str,
    actor: str,
) -> None:
    """Record the end of a thing, or of an item whose bytes other items are made of (`keeps`).

    If those are all of other incidents, the entry lists the artifact: this log doesn't hold it any
    more, and its bundle doesn't ask for it when the others let go of it too.
    """
    data: dict[str, Any] = {"item": item.number}
    artifacts = []
    if keeps:
        user = "another item is made of them" if len(keeps) > 1 else "a print run needs them"
        data |= {"sha256": item.sha256, "method": f"bytes stay, {user}"}
        if not any(one.incident_id == item.incident_id and one.id != item.id for one in keeps):
            artifacts = [ArtifactRef(sha256=item.sha256, size=item.size)]
    item.state, item.disposed_at = "disposed", tx.now
    tx.session.add(item)
    tx.record(
        incident,
        "evidence.disposed",
        actor=actor,
        data=data,
        pd={"reason": reason},
        artifacts=artifacts,
    )
    tx.enqueue("refresh_card", incident)
