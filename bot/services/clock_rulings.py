"""What counsel rules about a clock's course: overruled, extended, held, cleared.

Decides who may, what each ruling needs, and that it is on the record; what it does to state and
deadline is `bot.domain.regulatory_clocks`. Marking a clock met or waived is `clock_marks`'s.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlmodel import select

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import to_json
from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.clock_marks import follow_act
from bot.services.clocks import new_clock
from bot.services.rulings import rulings_of
from bot.store.queries import clock_of
from bot.store.tables import ClockRow, EvidenceItem, Incident, Person
from bot.store.unit_of_work import Tx

_SETTLED = {ClockState.MET, ClockState.WAIVED}
_OPEN = {ClockState.RUNNING, ClockState.MISSED}


def overrule_clock(
    tx: Tx,
    incident: Incident,
    key: str,
    *,
    reason: str,
    actor: Person,
    applies: bool | None = None,
    due_at: datetime | None = None,
) -> ClockRow:
    """Put counsel's answer over ours: whether the duty applies, when it is due, or neither.

    Neither withdraws an earlier ruling. A duty that had no clock gets one.

    Raises:
        IncidentError: not allowed, no such duty, or no reason.
    """
    row = _row_for(tx, incident, key, actor=actor)
    _need_reason(reason, f"`/incident clock overrule {key} applies because …`")
    withdrawn = applies is None and due_at is None
    if withdrawn and rulings_of(row).overruled is None:
        raise IncidentError(f"Nobody overruled {key}: there is nothing to withdraw.")
    act = {"applies": applies, "due_at": to_json(due_at), "withdrawn": withdrawn}
    ours = {"clock": key, "our_state": row.state, "our_due_at": to_json(row.due_at)}
    _rule(tx, incident, row, "overruled", act, reason=reason, actor=actor)
    _record(tx, incident, "clock.overruled", ours | act, reason=reason, actor=actor)
    follow_act(tx, incident, row, actor=actor)
    return row


def extend_clock(tx: Tx, incident: Incident, key: str, *, reason: str, actor: Person) -> ClockRow:
    """Take up the extension that the law offers, on its condition.

    Raises:
        IncidentError: the law offers none, its deadline has passed, or there is no reason.
    """
    row = _row_for(tx, incident, key, actor=actor)
    duty = tx.rules.obligations[key]
    if duty.extension is None:
        raise IncidentError(
            f"{duty.citation} offers no extension. If counsel has agreed another time with the "
            f"authority: `/incident clock overrule {key} due 2026-03-02T17:00Z because …`."
        )
    _need_reason(reason, f"`/incident clock extend {key} because …`")
    if rulings_of(row).extended:
        raise IncidentError(f"{key} is already extended; the law extends it once.")
    if row.due_at is None:
        raise IncidentError(f"{key} doesn't run yet, so there is nothing to extend.")
    if tx.now > row.due_at:
        raise IncidentError(
            f"{key} was due {row.due_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC; an extension has to "
            f"be taken up before that."
        )
    until = row.detail.get("extended_due_at")
    _rule(tx, incident, row, "extended", {}, reason=reason, actor=actor)
    data = {
        "clock": key,
        "old_due_at": to_json(row.due_at),
        "due_at": until,
        "condition": duty.extension.condition,
    }
    _record(tx, incident, "clock.extended", data, reason=reason, actor=actor)
    follow_act(tx, incident, row, actor=actor)
    return row


def toll_clock(
    tx: Tx, incident: Incident, key: str, *, evidence: int, reason: str, actor: Person
) -> ClockRow:
    """Hold a clock because law enforcement asked to; `evidence` is the number of the document.

    Raises:
        IncidentError: the law knows no such delay, the evidence isn't there, or it is held already.
    """
    row = _row_for(tx, incident, key, actor=actor)
    duty = tx.rules.obligations[key]
    if duty.tolling is None:
        raise IncidentError(
            f"Our material knows no law-enforcement delay for {key} ({duty.citation}). If counsel "
            f"finds one: `/incident clock overrule {key} due 2026-03-02T17:00Z because …`."
        )
    _need_reason(reason, f"`/incident clock toll {key} evidence 3 because …`")
    if rulings_of(row).held:
        raise IncidentError(
            f"{key} is already held. Clear it first: `/incident clock clear {key}`."
        )
    if row.state not in _OPEN:
        raise IncidentError(f"{key} doesn't run, so there is nothing to hold. {row.reason}".strip())
    _check_evidence(tx, incident, evidence)
    act = {"evidence": evidence}
    _rule(tx, incident, row, "tolled", act, reason=reason, actor=actor)
    follow_act(tx, incident, row, actor=actor)
    return row


def clear_clock(tx: Tx, incident: Incident, key: str, *, actor: Person) -> ClockRow:
    """Record that law enforcement has cleared the notice; the clock runs on from there.

    Raises:
        IncidentError: the clock isn't held.
    """
    row = _row_for(tx, incident, key, actor=actor)
    if not rulings_of(row).held:
        raise IncidentError(f"{key} isn't held for law enforcement, so there is nothing to clear.")
    *earlier, last = (dict(act) for act in row.rulings)
    held = (
        last
        if last["kind"] == "tolled"
        else next(act for act in reversed(earlier) if act["kind"] == "tolled")
    )
    held["cleared_at"] = to_json(tx.now)
    row.rulings = [*earlier, last]
    tx.session.add(row)
    if row.state != ClockState.TOLLED:  # facts have stopped it meanwhile: nothing resumes
        tx.record(
            incident, "clock.resumed", actor=actor.actor, data={"clock": key, "state": row.state}
        )
    follow_act(tx, incident, row, actor=actor)
    return row


def _row_for(tx: Tx, incident: Incident, key: str, *, actor: Person) -> ClockRow:
    """Find the duty's clock, or make one that waits: counsel may rule on any duty of the pack."""
    check_may(tx, incident, actor, Action.WAIVE_CLOCK)
    duty = tx.rules.obligations.get(key)
    row = clock_of(tx.session, incident, key)
    if row is not None and row.kind != ClockKind.REGULATORY:
        raise IncidentError(f"{row.title} is our own target; only duties of law are ruled on.")
    if duty is None or not duty.runs:
        raise IncidentError(
            f"There is no duty “{key}” that runs as a clock. "
            f"`tocsin obligations list` shows them all."
        )
    if row is not None and row.state in _SETTLED:
        raise IncidentError(f"{key} is already {row.state}; nothing runs that could be changed.")
    return row or new_clock(tx, incident, duty)


def _need_reason(reason: str, example: str) -> None:
    if not reason.strip():
        raise IncidentError(f"Give the reason: {example}.")


def _check_evidence(tx: Tx, incident: Incident, number: int) -> None:
    items = tx.session.exec(
        select(EvidenceItem.number).where(EvidenceItem.incident_id == incident.id)
    ).all()
    if number not in items:
        raise IncidentError(
            f"{incident.ref} has no evidence {number}. Preserve the request of law enforcement "
            f"first (message menu: Preserve as evidence), then give its number."
        )


def _rule(
    tx: Tx,
    incident: Incident,
    row: ClockRow,
    kind: str,
    act: Mapping[str, object],
    *,
    reason: str,
    actor: Person,
) -> None:
    """Add an act to the row; the ones before it stay."""
    by = actor.name or actor.slack_id
    common = {"kind": kind, "at": to_json(tx.now), "by": by, "reason": reason.strip()}
    row.rulings = [*row.rulings, {**common, **act}]
    tx.session.add(row)
    tx.enqueue("refresh_card", incident)


def _record(
    tx: Tx,
    incident: Incident,
    event: str,
    data: Mapping[str, object],
    *,
    reason: str,
    actor: Person,
) -> None:
    tx.record(incident, event, actor=actor.actor, data=dict(data), pd={"reason": reason.strip()})
