"""The containment clocks: our own targets for triage, escalation, containment and recovery.

They come from the playbook and are met by acts: a confirmed severity, a status. What a person
marks by hand is in `clock_marks`.
"""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.containment_clocks import containment_reading
from bot.domain.facts import Facts, to_json, value_of
from bot.domain.playbook import ClockStart, ContainmentAct, ContainmentClock, Playbook
from bot.services.clock_marks import mark_clock
from bot.services.clocks import announce_news
from bot.services.reminders import drop_reminders, plan_reminders
from bot.store.queries import clocks_of, facts_of
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


def start_containment_clocks(tx: Tx, incident: Incident, playbook: Playbook) -> None:
    """Make the playbook's containment clocks; one that counts from awareness waits for it."""
    facts = facts_of(tx.session, incident)
    for clock in playbook.containment_clocks:
        row = ClockRow(
            incident_id=incident.id or 0,
            kind=ClockKind.CONTAINMENT,
            key=clock.id,
            title=clock.title,
            state=ClockState.WAITING,
            detail={},
        )
        _set(tx, incident, row, clock, facts)


def follow_awareness(
    tx: Tx, incident: Incident, facts: Facts, rows: Mapping[str, ClockRow]
) -> None:
    """Start or move the containment clocks that count from `aware_at`."""
    playbook = tx.rules.playbooks.get(incident.playbook_id)
    clocks = playbook.containment_clocks if playbook else ()
    counted = [clock for clock in clocks if clock.starts is ClockStart.AWARE_AT]
    for clock in counted:
        row = rows.get(clock.id)
        if row is None:
            continue
        if row.met_at is None and value_of(facts, "aware_at") != row.started_at:
            _set(tx, incident, row, clock, facts)


def _set(tx: Tx, incident: Incident, row: ClockRow, clock: ContainmentClock, facts: Facts) -> None:
    started_at: datetime | None = incident.opened_at
    if clock.starts is ClockStart.AWARE_AT:
        aware_at = value_of(facts, "aware_at")
        started_at = aware_at if isinstance(aware_at, datetime) else None
    reading = containment_reading(clock, started_at=started_at, met_at=None, now=tx.now)
    event = _event(row.state, reading.state, first=row.id is None)
    row.state = reading.state
    row.started_at = reading.started_at
    row.due_at = reading.due_at
    row.reason = reading.reason
    row.detail = {
        "met_by": clock.met_by.value,
        "starts": clock.starts.value,
        "within_s": int(clock.within.total_seconds()),
    }
    tx.session.add(row)
    tx.session.flush()
    tx.record(
        incident,
        event,
        actor=SYSTEM_ACTOR,
        data={"clock": row.key, "state": row.state, "due_at": to_json(row.due_at)},
        pd={"reason": row.reason},
    )
    plan_reminders(tx, row)


def _event(old: str, new: ClockState, *, first: bool) -> str:
    """Name what happened to a containment clock whose start was set."""
    if new is ClockState.WAITING:
        return "clock.waiting"
    if not first and old == new:
        return "clock.due_changed"
    return "clock.missed" if new is ClockState.MISSED else "clock.started"


def meet_by_act(
    tx: Tx, incident: Incident, act: ContainmentAct, *, actor: Person, at: datetime | None = None
) -> None:
    """Meet the containment clocks that this act meets; earlier ones of the chain as well.

    What is contained was triaged, what is recovered was contained.
    """
    chain = list(ContainmentAct)
    acts = set(chain[: chain.index(act) + 1]) - ({ContainmentAct.ESCALATION} - {act})
    when = at or tx.now
    news = [
        mark_clock(tx, incident, row, ClockState.MET, at=when, why=str(act), actor=actor)
        for row in clocks_of(tx.session, incident)
        if row.kind == ClockKind.CONTAINMENT
        and row.detail.get("met_by") in acts
        and row.state in _UNMET
    ]
    announce_news(tx, incident, news)


_UNMET = {ClockState.RUNNING, ClockState.WAITING, ClockState.MISSED}


def end_by_closing(tx: Tx, incident: Incident, *, actor: Person) -> None:
    """End what still runs or waits when the incident is closed: nobody is reminded any more.

    A target that was missed stays missed.
    """
    for row in clocks_of(tx.session, incident):
        drop_reminders(tx, row)
        if row.kind != ClockKind.CONTAINMENT or row.state not in _UNMET - {ClockState.MISSED}:
            continue
        row.state = ClockState.NOT_APPLICABLE
        row.reason = "Doesn't apply: the incident was closed before."
        tx.session.add(row)
        tx.record(
            incident,
            "clock.not_applicable",
            actor=actor.actor,
            data={"clock": row.key, "state": row.state},
            pd={"reason": row.reason},
        )


def restart_by_act(tx: Tx, incident: Incident, act: ContainmentAct, *, actor: Person) -> None:
    """Run a containment clock again because its act turned out not to hold."""
    for row in clocks_of(tx.session, incident):
        if row.kind != ClockKind.CONTAINMENT or row.detail.get("met_by") != act:
            continue
        if row.state != ClockState.MET:
            continue
        overdue = row.due_at is not None and tx.now > row.due_at
        row.state = ClockState.MISSED if overdue else ClockState.RUNNING
        row.met_at = None
        row.marked_by = None
        row.proof = ""
        row.reason = f"Runs again: the incident was reopened, {act} no longer holds."
        tx.session.add(row)
        tx.record(
            incident,
            "clock.resumed",
            actor=actor.actor,
            data={"clock": row.key, "state": row.state, "due_at": to_json(row.due_at)},
        )
        plan_reminders(tx, row)
