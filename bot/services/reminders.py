"""Reminders as rows: planned when a clock starts or moves, fired by the tick, once.

When to remind is decided in `bot.domain.reminders`; here it is kept so that it survives a kill,
and a process that was down fires the latest one only and says that it is late.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, delete

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import to_json
from bot.domain.reminders import (
    BREACH,
    DueReminder,
    DueReminders,
    ReminderPoint,
    due_points,
    plan,
)
from bot.domain.roles import Role
from bot.store.queries import clocks_of, holdings, reminders_of
from bot.store.tables import ClockRow, Incident, ReminderRow
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


def plan_reminders(tx: Tx, clock: ClockRow) -> None:
    """Drop what was planned and not fired, and plan anew if the clock runs or was missed.

    A clock that is missed from its first moment on, because the facts came late, still has its
    breach told, once.
    """
    drop_reminders(tx, clock)
    if clock.state not in _REMINDED:
        return
    fired = {(row.label, row.at) for row in reminders_of(tx.session, clock)}
    for point in plan(ClockKind(clock.kind), started_at=tx.now, due_at=clock.due_at):
        if (point.label, point.at) not in fired:
            tx.session.add(
                ReminderRow(
                    incident_id=clock.incident_id,
                    clock_id=clock.id or 0,
                    label=point.label,
                    at=point.at,
                )
            )
    tx.session.flush()


_REMINDED = {ClockState.RUNNING, ClockState.MISSED}


def drop_reminders(tx: Tx, clock: ClockRow) -> None:
    """Forget what was planned and not fired."""
    tx.session.execute(
        delete(ReminderRow).where(
            col(ReminderRow.clock_id) == clock.id, col(ReminderRow.fired_at).is_(None)
        )
    )


def fire_reminders(tx: Tx, incident: Incident) -> int:
    """Fire what is due in this incident now; return how many messages were asked for."""
    tx.hold(incident)
    count = 0
    for clock in clocks_of(tx.session, incident):
        rows = {
            ReminderPoint(label=row.label, at=row.at): row
            for row in reminders_of(tx.session, clock)
        }
        due = _due(rows, tx.now)
        for point in due.superseded:
            _settle(tx, rows[point], "superseded")
        if due.fire is None:
            continue
        _settle(tx, rows[due.fire.point], "fired")
        _fire(tx, incident, clock, due.fire)
        count += 1
    return count


def _due(rows: Mapping[ReminderPoint, ReminderRow], now: datetime) -> DueReminders:
    """Choose among a clock's reminders; a breach counts whatever was fired before.

    A corrected fact can move a deadline before the last reminder; that it passed must be told.
    """
    waiting = [point for point, row in rows.items() if row.fired_at is None]
    fired = [point for point, row in rows.items() if row.fired_at is not None]
    breached = any(point.label == BREACH and point.at <= now for point in waiting)
    return due_points(waiting, [] if breached else fired, now)


def _settle(tx: Tx, row: ReminderRow, outcome: str) -> None:
    row.fired_at = tx.now
    row.outcome = outcome
    tx.session.add(row)


def _fire(tx: Tx, incident: Incident, clock: ClockRow, due: DueReminder) -> None:
    late_s = int(due.late_by.total_seconds()) if due.is_late else 0
    detail = {"clock": clock.key, "label": due.point.label, "late_s": late_s}
    # A duty that was late when its facts came was announced with them; only its owner is told.
    announced = clock.state == ClockState.MISSED and clock.kind == ClockKind.REGULATORY
    if due.point.label == BREACH and clock.state == ClockState.RUNNING:
        _miss(tx, incident, clock)
    tx.record(incident, "reminder.sent", actor=SYSTEM_ACTOR, data=detail)
    key = f"{incident.ref}/reminder/{clock.key}/{due.point.label}/{due.point.at.isoformat()}"
    if not announced:
        tx.enqueue("announce", incident, key=key, kind="reminder", detail=detail)
    for slack_id in _responsible(tx, incident, clock):
        tx.enqueue(
            "tell",
            incident,
            key=f"{key}/{slack_id}",
            slack_id=slack_id,
            kind="reminder",
            detail=detail,
        )


def _miss(tx: Tx, incident: Incident, clock: ClockRow) -> None:
    clock.state = ClockState.MISSED
    clock.reason = "The deadline passed and nobody recorded that it was met."
    tx.session.add(clock)
    tx.record(
        incident,
        "clock.missed",
        actor=SYSTEM_ACTOR,
        data={"clock": clock.key, "state": clock.state, "due_at": to_json(clock.due_at)},
        pd={"reason": clock.reason},
    )
    tx.enqueue("refresh_card", incident)


def _responsible(tx: Tx, incident: Incident, clock: ClockRow) -> list[str]:
    """Return who is told directly: the responsible role's holder, else the Commander."""
    holders = {holding.role: person for holding, person in holdings(tx.session, incident)}
    wanted = Role.LEGAL if clock.kind == ClockKind.REGULATORY else Role.COMMANDER
    person = holders.get(wanted) or holders.get(Role.COMMANDER)
    return [person.slack_id] if person else []
