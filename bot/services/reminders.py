"""Reminders as rows: planned when a clock starts or moves, fired by the tick, once.

When to remind is decided in `bot.domain.reminders`; here it is kept so that it survives a kill,
and a process that was down fires the latest one only and says that it is late. What follows when
nobody acknowledges is in `escalation`, what people answer in `acknowledgement`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, delete, update

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import to_json
from bot.domain.reminders import (
    BREACH,
    LATE_AFTER,
    MANY,
    DueReminders,
    LongReminder,
    ReminderPoint,
    Snooze,
    after_night,
    digest_hour,
    digest_of,
    due_points,
    escalation_wait,
    first_look,
    is_long,
    next_day,
    plan,
    snooze_end,
    snoozed_until,
)
from bot.domain.roles import Role
from bot.domain.situation import words_for
from bot.services.access import zone_of
from bot.store.queries import holdings
from bot.store.reminder_queries import (
    clocks_with_reminders_due,
    reminders_between,
    reminders_of,
    reminders_of_clocks,
)
from bot.store.tables import ClockRow, Incident, Person, ReminderRow
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

_REMINDED = {ClockState.RUNNING, ClockState.MISSED}


def plan_reminders(tx: Tx, clock: ClockRow) -> None:
    """Drop what was planned and not fired, and plan anew if the clock runs or was missed.

    A clock that is missed from its first moment on, because the facts came late, still has its
    breach told, once. A snooze ends, since what was snoozed has changed.
    """
    known = reminders_of(tx.session, clock)
    kind = ClockKind(clock.kind)
    label = BREACH if clock.state == ClockState.MISSED else ""
    if clock.state not in _REMINDED:
        drop_reminders(tx, clock)
        return
    if any(row.fired_at is None for row in known):
        _forget_planned(tx, clock)
    if escalation_wait(kind, label=label, due_at=clock.due_at, now=tx.now) is None:
        _stop_waiting(tx, clock)
    clock.snoozed_until = None
    told = {(row.label, at) for row in known if row.fired_at for at in (row.at, row.point_at)}
    home = zone_of(tx.rules, None)
    for planned in plan(kind, started_at=tx.now, due_at=clock.due_at):
        point = after_night(planned, due_at=clock.due_at, zone=home)
        look = first_look(kind, at=point.at, due_at=clock.due_at, now=tx.now, zone=home)
        if not told & {(point.label, point.at), (point.label, look)}:
            tx.session.add(
                ReminderRow(
                    incident_id=clock.incident_id,
                    clock_id=clock.id or 0,
                    label=point.label,
                    at=look,
                    point_at=None if look == point.at else point.at,
                )
            )
    tx.session.flush()


def drop_reminders(tx: Tx, clock: ClockRow) -> None:
    """Forget what was planned and not fired, and wait for no acknowledgement any more."""
    _forget_planned(tx, clock)
    _stop_waiting(tx, clock)


def _forget_planned(tx: Tx, clock: ClockRow) -> None:
    tx.session.execute(
        delete(ReminderRow).where(
            col(ReminderRow.clock_id) == clock.id, col(ReminderRow.fired_at).is_(None)
        )
    )


def _stop_waiting(tx: Tx, clock: ClockRow) -> None:
    tx.session.execute(
        update(ReminderRow)
        .where(col(ReminderRow.clock_id) == clock.id, col(ReminderRow.escalate_at).is_not(None))
        .values(escalate_at=None)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Due:
    """A reminder to tell now, `late_by` after its time, beside all others of its clock."""

    clock: ClockRow
    row: ReminderRow
    rows: Sequence[ReminderRow]
    late_by: timedelta

    @property
    def kind(self) -> ClockKind:
        return ClockKind(self.clock.kind)

    @property
    def late_s(self) -> int:
        return int(self.late_by.total_seconds()) if self.late_by > LATE_AFTER else 0


def fire_reminders(tx: Tx, incident: Incident) -> int:
    """Fire what is due in this incident now; return how many pieces of news were asked for."""
    tx.hold(incident)
    found = _choose(tx, clocks_with_reminders_due(tx.session, incident, tx.now))
    if not found:
        return 0
    person = responsible(tx, incident)
    alone, count = _tell_digest(tx, incident, found, person)
    awake = [one for one in map(lambda due: _till_morning(tx, due, person), alone) if one]
    return count + _tell(tx, incident, awake, person)
