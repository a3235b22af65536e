"""Legal holds: while one is in force, nothing of the incident is erased or disposed of.

Decides placing and releasing. The log itself refuses to erase personal data under a hold, and the
verifier finds a disposal under one; `retention` asks here before it destroys anything.
"""

from collections.abc import Sequence

from sqlmodel import Session

from bot.domain.custody import said
from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.store.custody_queries import disposal_of, holds_of
from bot.store.print_queries import runs_in
from bot.store.queries import evidence_items
from bot.store.tables import Incident, LegalHold, Person
from bot.store.unit_of_work import Tx


def in_force(session: Session, incident: Incident) -> Sequence[LegalHold]:
    """List the holds that aren't released."""
    return [one for one in holds_of(session, incident) if one.released_at is None]


def why_held(session: Session, incident: Incident, *, what: str) -> str:
    """Say which hold stands in the way of `what`, and who can release it; empty if none does."""
    held = in_force(session, incident)
    if not held:
        return ""
    names = ", ".join(f"H-{one.number}" for one in held)
    return (
        f"Legal hold {names} is in force: {what}. Legal releases it with "
        f"`/incident evidence unhold {held[0].number} why`."
    )


def check_no_hold(session: Session, incident: Incident, *, what: str) -> None:
    """Raise `IncidentError` while a hold is in force, naming it and who can release it."""
    if held := why_held(session, incident, what=what):
        raise IncidentError(held)


def place_hold(tx: Tx, incident: Incident, *, reason: str, actor: Person) -> LegalHold:
    """Place a hold on the whole incident; disposals and erasures asked for are stopped."""
    check_may(tx, incident, actor, Action.HOLD_EVIDENCE)
    reason = said(reason, what="why: the case, the authority or the letter that asks for it")
    row = LegalHold(
        incident_id=incident.id or 0,
        number=len(holds_of(tx.session, incident)) + 1,
        reason=reason,
        placed_at=tx.now,
        placed_by=actor.id or 0,
    )
    tx.session.add(row)
    stopped = _stop_disposals(tx, incident, actor=actor)
    data: dict[str, object] = {"hold": f"H-{row.number}"}
    if stopped:
        data["disposals_stopped"] = stopped
    if lists := _stop_list_erasures(tx, incident, actor=actor):
        data["list_erasures_stopped"] = lists
    tx.record(incident, "hold.placed", actor=actor.actor, data=data, pd={"reason": reason})
    _tell(tx, incident, row, what="hold.placed", actor=actor)
    return row


def _stop_disposals(tx: Tx, incident: Incident, *, actor: Person) -> list[int]:
    stopped = []
    for item in evidence_items(tx.session, incident):
        row = disposal_of(tx.session, item)
        if row is not None:
            row.state, row.answered_at, row.answered_by = "refused", tx.now, actor.id
            tx.session.add(row)
            stopped.append(item.number)
    return stopped


def _stop_list_erasures(tx: Tx, incident: Incident, *, actor: Person) -> list[int]:
    """Close what was asked about lists of recipients; return the numbers of their print runs."""
    asked = [one for one in runs_in(tx.session, incident) if one.erasure.get("state") == "asked"]
    for run in asked:
        answer = {"state": "refused", "answered_at": tx.now.isoformat(), "answered_by": actor.id}
        run.summary = {**run.summary, "erasure": {**run.erasure, **answer}}
        tx.session.add(run)
    return [one.number for one in asked]


def release_hold(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> LegalHold:
    """Release a hold; what it stopped has to be asked for again."""
    check_may(tx, incident, actor, Action.HOLD_EVIDENCE)
    reason = said(reason, what="why the hold ends: who released it, by which letter")
    rows = {one.number: one for one in holds_of(tx.session, incident)}
    row = rows.get(number)
    if row is None:
        known = ", ".join(f"H-{one}" for one in rows) or "none was placed"
        raise IncidentError(f"{incident.ref} has no hold H-{number}; there is: {known}.")
    if row.released_at is not None:
        raise IncidentError(f"H-{number} is released already.")
    row.released_at, row.released_by = tx.now, actor.id
    tx.session.add(row)
    tx.record(
        incident,
        "hold.released",
        actor=actor.actor,
        data={"hold": f"H-{number}"},
        pd={"reason": reason},
    )
    _tell(tx, incident, row, what="hold.released", actor=actor)
    return row


def _tell(tx: Tx, incident: Incident, row: LegalHold, *, what: str, actor: Person) -> None:
    tx.enqueue(
        "announce",
        incident,
        key=f"{incident.ref}/hold/{row.number}/{what}",
        kind="hold",
        detail={"what": what, "number": row.number, "by": actor.slack_id},
    )
