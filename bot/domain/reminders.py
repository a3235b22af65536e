"""When people are reminded of a clock, and which reminders are due now.

Decides the points in time, what to do with those that an outage swallowed, what waits for the
morning, when many become one digest, who has to be told when nobody acknowledges, and how long a
reminder may be snoozed. It doesn't send: a job fires what `due_points` gives, stores it as fired,
and never sees it again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.clocks import ClockKind
from bot.domain.situation import words_for

BREACH = "breach"

LATE_AFTER = timedelta(minutes=2)
"""A reminder fired later than this after its time says that it is late."""

MANY = 4
"""More clocks than this are told in one message instead of one each."""

_NIGHT, _MORNING, _DIGEST_HOUR = time(22), time(7), time(9)
_WAKES = timedelta(hours=48)
"""With this much time left or less, a reminder comes at any hour."""
_LONG = timedelta(hours=72)
"""With more time left than this, a reminder is of the scale of days or weeks."""
_URGENT_LAW, _URGENT = timedelta(hours=72), timedelta(hours=24)
_HOURLY = timedelta(hours=4)
_WAIT_HOURLY, _WAIT = timedelta(minutes=10), timedelta(minutes=15)

_NO_LIMIT = timedelta.max
_MINUTES_15 = timedelta(minutes=15)


def _hours(*numbers: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=number) for number in numbers)


# Longest remaining time for which the row is used, and the time left at each reminder.
_SCALES: tuple[tuple[timedelta, tuple[timedelta, ...]], ...] = (
    (timedelta(hours=4), (*_hours(2, 1), _MINUTES_15)),
    (timedelta(hours=24), _hours(12, 4, 1)),
    (timedelta(hours=72), _hours(48, 24, 12, 4, 1)),
    (timedelta(days=60), _hours(14 * 24, 7 * 24, 3 * 24, 48, 24, 4)),
    (_NO_LIMIT, _hours(30 * 24, 14 * 24, 7 * 24, 3 * 24, 48, 24, 4)),
)
_NUDGES = _hours(24, 48, 72)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderPoint:
    """One planned reminder. With the clock, label and time identify it for good."""

    label: str
    """`48 h left`, `15 min left`, `breach`, or `24 h without notice` where there is no number."""
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DueReminder:
    """A reminder to fire now, `late_by` after its time."""

    point: ReminderPoint
    late_by: timedelta

    @property
    def is_late(self) -> bool:
        """Whether the message has to say that it comes late."""
        return self.late_by > LATE_AFTER


@dataclass(frozen=True, kw_only=True, slots=True)
class DueReminders:
    """What to fire (one at most) and what to mark as superseded, so that it never fires."""

    fire: DueReminder | None
    superseded: tuple[ReminderPoint, ...]


def plan(
    kind: ClockKind, *, started_at: datetime, due_at: datetime | None
) -> tuple[ReminderPoint, ...]:
    """Plan a clock's reminders, in order of time.

    Args:
        kind: a regulatory clock without a number gets a nudge a day for three days; a containment
            clock without a deadline gets nothing.
        started_at: aware instant from which reminders make sense: when the clock began to run
            *here*, which may be later than its trigger. It also chooses the scale.
        due_at: aware instant, or None where the law gives no number.

    Points not after `started_at` are dropped, but the breach never is: it stands at the first
    second after `due_at`, and a clock that starts overdue tells so at once.
    """
    if due_at is None:
        nudges = _NUDGES if kind is ClockKind.REGULATORY else ()
        return tuple(
            ReminderPoint(label=f"{_words(after)} without notice", at=started_at + after)
            for after in nudges
        )
    points = [
        ReminderPoint(label=f"{_words(left)} left", at=due_at - left)
        for left in _scale(due_at - started_at)
        if due_at - left > started_at
    ]
    return (*points, ReminderPoint(label=BREACH, at=due_at + timedelta(seconds=1)))


def due_points(
    planned: Sequence[ReminderPoint], fired: Collection[ReminderPoint], now: datetime
) -> DueReminders:
    """Choose what to fire now. `fired` holds every point that was fired or superseded before.

    Only the latest of several overdue points fires; the earlier ones would say what is no longer
    true and are superseded, as is any point before one that has already been fired.
    """
    last = max((point.at for point in fired), default=None)
    overdue = sorted(
        (point for point in planned if point.at <= now and point not in fired),
        key=lambda point: point.at,
    )
    if not overdue:
        return DueReminders(fire=None, superseded=())
    *earlier, latest = overdue
    if last is not None and latest.at <= last:
        return DueReminders(fire=None, superseded=(*earlier, latest))
    return DueReminders(
        fire=DueReminder(point=latest, late_by=now - latest.at), superseded=tuple(earlier)
    )


def after_night(point: ReminderPoint, *, due_at: datetime | None, zone: ZoneInfo) -> ReminderPoint:
    """Move a point that falls between 22:00 and 07:00 in `zone` to the next 07:00 there.

    Only while more than 48 hours are left: in the last two days a reminder comes at any hour, and
    so does one of a clock without a number, which might be due at once. A point that was moved
    says how much is left then.
    """
    if point.label == BREACH or due_at is None or due_at - point.at <= _WAKES:
        return point
    local = point.at.astimezone(zone)
    if _MORNING <= local.time() < _NIGHT:
        return point
    day = local.date() + timedelta(days=1 if local.time() >= _NIGHT else 0)
    morning = datetime.combine(day, _MORNING, tzinfo=zone).astimezone(UTC)
    at = min(morning, due_at)
    return ReminderPoint(label=f"{words_for(due_at - at)} left", at=at)


def is_long(kind: ClockKind, *, at: datetime, due_at: datetime | None) -> bool:
    """Tell whether a reminder at `at` is one that a digest may replace: the law's, days ahead."""
    return kind is ClockKind.REGULATORY and due_at is not None and due_at - at > _LONG


def first_look(
    kind: ClockKind, *, at: datetime, due_at: datetime | None, now: datetime, zone: ZoneInfo
) -> datetime:
    """Return when the tick has to look at a reminder planned for `at`.

    A day's digest comes at 09:00 and has the whole day in it, so what may become a part of it is
    looked at then, unless that hour has passed.
    """
    if not is_long(kind, at=at, due_at=due_at):
        return at
    hour = digest_hour(at, zone)
    return min(at, hour) if hour > now else at


@dataclass(frozen=True, kw_only=True, slots=True)
class LongReminder:
    """One that a digest may replace: of clock `clock`, looked at from `at` on."""

    clock: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestChoice:
    """What becomes of a day's long reminders; `hold` waits for the digest's hour."""

    digest: tuple[LongReminder, ...] = ()
    hold: tuple[LongReminder, ...] = ()
    alone: tuple[LongReminder, ...] = ()


def digest_of(
    due: Sequence[LongReminder], later: Sequence[LongReminder], *, now: datetime, zone: ZoneInfo
) -> DigestChoice:
    """Choose between one digest and a message each.

    Args:
        due: what is to be looked at now, one a clock.
        later: what comes later on this day in `zone`, of other clocks.
        now: aware instant.
        zone: the organisation's.

    What is due before 09:00 waits for it if the day has many. An outage may leave a digest of
    yesterday to be sent in the night; it isn't mixed with the day that begins.
    """
    ready = tuple(one for one in due if digest_hour(one.at, zone) <= now)
    early = tuple(one for one in due if one not in ready)
    begun = digest_hour(now, zone) <= now
    pool = (*ready, *(later if begun else ()))
    if not _are_many(pool):
        pool, alone = (), ready
    else:
        alone = ()
    if _are_many((*early, *later)):
        return DigestChoice(digest=pool, hold=early, alone=alone)
    return DigestChoice(digest=pool, alone=(*alone, *early))


def _are_many(reminders: Sequence[LongReminder]) -> bool:
    return len({one.clock for one in reminders}) > MANY


def digest_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """Return 09:00 in `zone` of the day in which `at` lies there, in UTC."""
    day = at.astimezone(zone).date()
    return datetime.combine(day, _DIGEST_HOUR, tzinfo=zone).astimezone(UTC)


def next_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight in `zone` that ends the day in which `at` lies there, in UTC."""
    day = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def escalation_wait(
    kind: ClockKind, *, label: str, due_at: datetime | None, now: datetime
) -> timedelta | None:
    """Return how long to wait for an acknowledgement before the next person is told.

    None where silence is bearable: with over 72 hours left of a regulatory clock, over 24 hours of
    one of ours, and where there is no number. The wait is 15 minutes, and 10 once four hours or
    less are left or the deadline has passed.
    """
    if due_at is None:
        return None
    left = due_at - now
    urgent = _URGENT_LAW if kind is ClockKind.REGULATORY else _URGENT
    if label != BREACH and left > urgent:
        return None
    return _WAIT_HOURLY if left <= _HOURLY else _WAIT


class Snooze(StrEnum):
    """For how long a person doesn't want to be reminded of a clock."""

    HOUR = "1h"
    FOUR_HOURS = "4h"
    TOMORROW = "tomorrow"


def snooze_end(choice: Snooze, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant that a person in `zone` means: in 1 or 4 hours, or the next 07:00.

    Whoever says "tomorrow" before 07:00 means the morning that comes.
    """
    if choice is Snooze.TOMORROW:
        local = now.astimezone(zone)
        day = local.date() + timedelta(days=1 if local.time() >= _MORNING else 0)
        return datetime.combine(day, _MORNING, tzinfo=zone).astimezone(UTC)
    return now + timedelta(hours=1 if choice is Snooze.HOUR else 4)


def snoozed_until(wanted: datetime, ahead: Collection[ReminderPoint]) -> datetime | None:
    """Return until when a clock may be snoozed: never beyond its last reminder before the deadline.

    `ahead` are its reminders to come. None if the deadline itself comes next: that is never
    snoozed.
    """
    last = max((point.at for point in ahead if point.label != BREACH), default=None)
    return None if last is None else min(wanted, last)


def _scale(remaining: timedelta) -> tuple[timedelta, ...]:
    if timedelta(0) < remaining <= timedelta(hours=1):
        return (remaining / 2, *([_MINUTES_15] if remaining > 2 * _MINUTES_15 else []))
    return next(points for longest, points in _SCALES if remaining <= longest)


def _words(left: timedelta) -> str:
    minutes = int(left.total_seconds()) // 60
    if minutes % 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours // 24} d" if hours > 48 and hours % 24 == 0 else f"{hours} h"  # noqa: PLR2004
