"""What people answer to a reminder: seen, or not now.

Either ends the wait after which the next person would be told, and is recorded. A snooze never
reaches beyond the last reminder before the deadline, and a deadline that passed can't be snoozed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.clocks import ClockState
from bot.domain.facts import to_json
from bot.domain.incident import IncidentError
from bot.domain.reminders import BREACH, Snooze, snooze_end, snoozed_until
from bot.domain.roles import Action
from bot.domain.situation import words_for
from bot.services.access import check_may, zone_of
from bot.services.reminder_news import ahead_of, settle
from bot.store.reminder_queries import clocks_by_id, reminders_of_clocks, told_by_ids, told_until
from bot.store.tables import ClockRow, Incident, Person, ReminderRow
from bot.store.unit_of_work import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledged:
    """What came of it: the clocks acknowledged now, or who had done it before, and when."""

    clocks: tuple[str, ...]
    before: Person | None = None
    before_at: datetime | None = None


def acknowledge(tx: Tx, incident: Incident, token: str, *, actor: Person) -> Acknowledged:
    """Record that somebody takes note of the reminders that `token` names; silence ends.

    Raises `IncidentError` if there are no such reminders.
    """
    check_may(tx, incident, actor, Action.ANSWER_REMINDER)
    clocks, rows = _named(tx, incident, token)
    new = _take_note(tx, rows, actor)
    if new:
        keys = tuple(clock.key for clock in clocks.values() if clock.id in new)
        tx.record(incident, "reminder.acknowledged", actor=actor.actor, data={"clocks": list(keys)})
        return Acknowledged(clocks=keys)
    last = max(
        (row for row in rows if row.acknowledged_at), key=lambda row: row.acknowledged_at or tx.now
    )
    return Acknowledged(
        clocks=(),
        before=tx.session.get(Person, last.acknowledged_by),
        before_at=last.acknowledged_at,
    )


def snooze(
    tx: Tx, incident: Incident, token: str, choice: Snooze, *, actor: Person
) -> dict[str, datetime]:
    """Silence the clocks that `token` names for a while; return until when, by the clock's key.

    `tomorrow` means 07:00 in the actor's zone. Raises `IncidentError` where nothing can be snoozed.
    """
    check_may(tx, incident, actor, Action.ANSWER_REMINDER)
    clocks, rows = _named(tx, incident, token)
    wanted = snooze_end(choice, tx.now, zone_of(tx.rules, actor))
    ends: dict[str, datetime] = {}
    for clock_id, clock in clocks.items():
        own = [row for row in rows if row.clock_id == clock_id]
        until = snoozed_until(wanted, ahead_of(own, tx.now))
        if clock.state != ClockState.RUNNING or until is None:
            continue
        _silence(tx, clock, own, until)
        _take_note(tx, own, actor)
        ends[clock.key] = until
    if not ends:
        raise IncidentError(
            "This can't be snoozed: the deadline itself comes next, or it has passed. "
            "`/incident clock` shows what is to be done."
        )
    for until in sorted(set(ends.values())):
        keys = [key for key, end in ends.items() if end == until]
        data = {"clocks": keys, "until": to_json(until)}
        tx.record(incident, "reminder.snoozed", actor=actor.actor, data=data)
    return ends


def _named(
    tx: Tx, incident: Incident, token: str
) -> tuple[dict[int, ClockRow], Sequence[ReminderRow]]:
    """Return the clocks that a button is about, the nearest deadline first, and their reminders."""
    kind, _, value = token.partition(":")
    try:
        if kind == "ids":
            told = told_by_ids(tx.session, incident, [int(one) for one in value.split(",")])
        else:
            told = told_until(tx.session, incident, datetime.fromisoformat(value))
    except ValueError:
        told = []
    if not told:
        raise IncidentError(
            f"There are no such reminders in {incident.ref}. `/incident clock` shows its clocks."
        )
    ids = {row.clock_id for row in told}
    return clocks_by_id(tx.session, ids), reminders_of_clocks(tx.session, ids)


def _take_note(tx: Tx, rows: Collection[ReminderRow], actor: Person) -> set[int]:
    """Mark what was told as acknowledged; return the clocks of which something was new."""
    new = set()
    for row in rows:
        if row.fired_at is None or row.outcome not in _TOLD or row.acknowledged_at is not None:
            continue
        row.acknowledged_at = tx.now
        row.acknowledged_by = actor.id
        row.escalate_at = None
        tx.session.add(row)
        new.add(row.clock_id)
    return new


_TOLD = {"fired", "together", "digest"}


def _silence(tx: Tx, clock: ClockRow, rows: Sequence[ReminderRow], until: datetime) -> None:
    """Drop what would come before `until`, and have one reminder at that instant.

    A shorter snooze after a longer one brings back what that one had dropped.
    """
    for row in rows:
        if row.fired_at is None and row.label != BREACH and row.at < until:
            settle(tx, row, "snoozed")
        elif row.outcome == "snoozed" and row.at >= until:
            row.fired_at, row.outcome = None, ""
            tx.session.add(row)
    if not any(row.at == until and row.fired_at is None for row in rows):
        left = f"{words_for(clock.due_at - until)} left" if clock.due_at else "snooze is over"
        tx.session.add(
            ReminderRow(incident_id=clock.incident_id, clock_id=clock.id or 0, label=left, at=until)
        )
    clock.snoozed_until = until
    tx.session.add(clock)
