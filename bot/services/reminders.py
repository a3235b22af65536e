"""Reminders as rows: planned when a clock starts or moves, fired by the tick, once.

When to remind is decided in `bot.domain.reminders`; here it is kept so that it survives a kill,
and a process that was down fires the latest one only and says that it is late. What a reminder
that fires becomes is in `reminder_news`, what follows when nobody acknowledges in `escalation`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, delete, or_, update

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.reminders import (
    BREACH,
    DueReminders,
    LongReminder,
    ReminderPoint,
    after_night,
    digest_hour,
    digest_of,
    due_points,
    escalation_wait,
    first_look,
    is_long,
    next_day,
    plan,
)
from bot.services.access import zone_of
from bot.services.reminder_news import (
    REMINDED,
    Due,
    People,
    responsible,
    settle,
    tell_digest,
    tell_reminders,
)
from bot.store.reminder_queries import (
    clocks_with_reminders_due,
    reminders_between,
    reminders_of,
    reminders_of_clocks,
)
from bot.store.tables import ClockRow, Incident, ReminderRow
from bot.store.unit_of_work import Tx


def plan_reminders(tx: Tx, clock: ClockRow) -> None:
    """Drop what was planned and not fired, and plan anew if the clock runs or was missed.

    A clock that is missed from its first moment on, because the facts came late, still has its
    breach told, once. A snooze ends, since what was snoozed has changed.
    """
    if clock.state not in REMINDED:
        drop_reminders(tx, clock)
        return
    kind = ClockKind(clock.kind)
    known = reminders_of(tx.session, clock)
    told = {(row.label, at) for row in known if _is_told(row) for at in (row.at, row.point_at)}
    if any(not _is_told(row) for row in known):
        _forget_planned(tx, clock)
    label = BREACH if clock.state == ClockState.MISSED else ""
    if escalation_wait(kind, label=label, due_at=clock.due_at, now=tx.now) is None:
        _stop_waiting(tx, clock)
    clock.snoozed_until = None
    home, theirs = zone_of(tx.rules, None), _zone_of_responsible(tx, clock)
    for planned in plan(kind, started_at=tx.now, due_at=clock.due_at):
        point = after_night(planned, due_at=clock.due_at, zone=theirs)
        look = first_look(kind, at=point.at, due_at=clock.due_at, now=tx.now, zone=home)
        if told & {(point.label, point.at), (point.label, look)}:
            continue
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


def _zone_of_responsible(tx: Tx, clock: ClockRow) -> ZoneInfo:
    """Return whose night counts; asked once a transaction, which may plan hundreds of clocks."""
    known: dict[object, ZoneInfo] = tx.session.info
    key = ("zone of the responsible", clock.incident_id, clock.kind)
    if key not in known:
        people = responsible(tx, tx.session.get_one(Incident, clock.incident_id))
        known[key] = zone_of(tx.rules, people[ClockKind(clock.kind)])
    return known[key]


def _is_told(row: ReminderRow) -> bool:
    """Tell whether a reminder is done with; one that was snoozed away comes again if it must."""
    return row.fired_at is not None and row.outcome != "snoozed"


def drop_reminders(tx: Tx, clock: ClockRow) -> None:
    """Forget what was planned and not fired, and wait for no acknowledgement any more."""
    _forget_planned(tx, clock)
    _stop_waiting(tx, clock)


def _forget_planned(tx: Tx, clock: ClockRow) -> None:
    tx.session.execute(
        delete(ReminderRow).where(
            col(ReminderRow.clock_id) == clock.id,
            or_(col(ReminderRow.fired_at).is_(None), ReminderRow.outcome == "snoozed"),
        )
    )


def _stop_waiting(tx: Tx, clock: ClockRow) -> None:
    tx.session.execute(
        update(ReminderRow)
        .where(col(ReminderRow.clock_id) == clock.id, col(ReminderRow.escalate_at).is_not(None))
        .values(escalate_at=None)
    )


def fire_reminders(tx: Tx, incident: Incident) -> int:
    """Fire what is due in this incident now; return how many pieces of news were asked for."""
    tx.hold(incident)
    found = _choose(tx, clocks_with_reminders_due(tx.session, incident, tx.now))
    if not found:
        return 0
    people = responsible(tx, incident)
    digest, alone = _split(tx, incident, found)
    awake = [due for one in alone if (due := _after_night(tx, one, people))]
    count = 1 if digest else 0
    if digest:
        tell_digest(tx, incident, digest, people)
    return count + tell_reminders(tx, incident, awake, people)


def _choose(tx: Tx, clocks: Sequence[ClockRow]) -> list[Due]:
    """Choose the reminder of each clock that says what is true now; the others are superseded."""
    if not clocks:
        return []
    by_clock: dict[int, list[ReminderRow]] = {}
    for row in reminders_of_clocks(tx.session, [clock.id or 0 for clock in clocks]):
        by_clock.setdefault(row.clock_id, []).append(row)
    found = []
    for clock in clocks:
        rows = by_clock[clock.id or 0]
        points = {ReminderPoint(label=row.label, at=row.at): row for row in rows}
        due = _due(points, tx.now)
        for point in due.superseded:
            settle(tx, points[point], "superseded")
        if due.fire is not None:
            row = points[due.fire.point]
            late_by = tx.now - _told_at(row)
            found.append(Due(clock=clock, row=row, rows=tuple(rows), late_by=late_by))
    return found


def _told_at(row: ReminderRow) -> datetime:
    """Return when a reminder is told by itself: at its own time, or when it was held until."""
    return max(row.at, row.point_at or row.at)


def _due(rows: Mapping[ReminderPoint, ReminderRow], now: datetime) -> DueReminders:
    """Choose among a clock's reminders; a breach counts whatever was fired before.

    A corrected fact can move a deadline before the last reminder; that it passed must be told.
    """
    waiting = [point for point, row in rows.items() if row.fired_at is None]
    # A digest may have told in the morning what was planned for the afternoon.
    fired = [
        ReminderPoint(label=row.label, at=min(row.at, row.fired_at))
        for row in rows.values()
        if row.fired_at is not None and _is_told(row)
    ]
    breached = any(point.label == BREACH and point.at <= now for point in waiting)
    return due_points(waiting, [] if breached else fired, now)


def _split(tx: Tx, incident: Incident, found: Sequence[Due]) -> tuple[list[Due], list[Due]]:
    """Part what goes into the day's digest from what is told by itself now; put off the rest."""
    long = {one.clock.id or 0: one for one in found if _is_long(one.clock, one.row)}
    if not long:
        return [], list(found)
    home = zone_of(tx.rules, None)
    later = {
        row.clock_id: Due(clock=clock, row=row)
        for row, clock in reminders_between(tx.session, incident, tx.now, next_day(tx.now, home))
        if row.clock_id not in long and _is_long(clock, row)
    }
    everything = long | later
    choice = digest_of(
        [LongReminder(clock=key, at=one.row.at) for key, one in long.items()],
        [LongReminder(clock=key, at=one.row.at) for key, one in later.items()],
        now=tx.now,
        zone=home,
    )
    for held in choice.hold:
        row = everything[held.clock].row
        row.point_at, row.at = row.point_at or row.at, digest_hour(tx.now, home)
        tx.session.add(row)
    told = [
        replace(one, late_by=tx.now - _digested_at(one.row, tx.now, home))
        for one in (everything[each.clock] for each in choice.digest)
    ]
    return told, [
        *(one for one in found if one.clock.id not in long),
        *(one for each in choice.alone if (one := _at_its_time(tx, long[each.clock]))),
    ]


def _digested_at(row: ReminderRow, now: datetime, home: ZoneInfo) -> datetime:
    """Return when a digest with this reminder was to be told; what is to come is in time."""
    at = min(row.at, now)
    return max(at, digest_hour(at, home))


def _is_long(clock: ClockRow, row: ReminderRow) -> bool:
    return is_long(ClockKind(clock.kind), at=row.point_at or row.at, due_at=clock.due_at)


def _at_its_time(tx: Tx, due: Due) -> Due | None:
    """Put off what was looked at for a digest that there isn't to the time that it stands for."""
    if due.row.point_at is None or due.row.point_at <= tx.now:
        return due
    due.row.at, due.row.point_at = due.row.point_at, None
    tx.session.add(due.row)
    return None


def _after_night(tx: Tx, due: Due, people: People) -> Due | None:
    """Put off what would wake the responsible person for a deadline that is days away."""
    row = due.row
    zone = zone_of(tx.rules, people[due.kind])
    point = ReminderPoint(label=row.label, at=_told_at(row))
    moved = after_night(point, due_at=due.clock.due_at, zone=zone)
    if moved == point:
        return due
    if any((one.label, one.at) == (moved.label, moved.at) for one in due.rows):
        settle(tx, row, "superseded")
        return None
    row.label, row.at, row.point_at = moved.label, moved.at, None
    tx.session.add(row)
    return replace(due, late_by=tx.now - moved.at) if moved.at <= tx.now else None
