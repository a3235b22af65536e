"""When people are reminded of a clock, and which reminders are due now.

Decides the points in time and what to do with those that an outage swallowed. It doesn't send:
a job fires what `due_points` gives, stores it as fired, and never sees it again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clocks import ClockKind

BREACH = "breach"

LATE_AFTER = timedelta(minutes=2)
"""A reminder fired later than this after its time says that it is late."""

_NO_LIMIT = timedelta.max
_MINUTES_15 = timedelta(minutes=15)


def _hours(*numbers: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=number) for number in numbers)


# Longest remaining time for which the row is used, and the time left at each reminder.
_SCALES: tuple[tuple[timedelta, tuple[timedelta, ...]], ...] = (
    (timedelta(hours=4), (*_hours(2, 1), _MINUTES_15)),
    (timedelta(hours=24), _hours(12, 4, 1)),
    (timedelta(hours=72), _hours(48, 24, 12, 4, 1)),
    (_NO_LIMIT, _hours(14 * 24, 7 * 24, 3 * 24, 48, 24, 4)),
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
