"""One clock of the deadlines' picture: which mark it gets, and what is said of it.

Decides in words and shapes only; where things stand is `timeline_scale`'s and `timeline_svg`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.documents.timeline_marks import Shape
from bot.domain.situation import words_for

SOON_H = 24
"""From so many hours before its end on, a clock has another mark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineClock:
    """One clock to draw. Instants are aware; `state` is a word of `ClockState`."""

    key: str
    place: str
    to: str
    state: str
    due_at: datetime | None = None
    not_before: datetime | None = None
    lenient_due_at: datetime | None = None
    extended_due_at: datetime | None = None
    met_at: datetime | None = None
    embargo: bool = False
    """Whether nobody may be told, also while the instant at which that ends isn't known."""
    waits_for: str = ""
    """While it waits: the event or duty that starts it, in a word or two."""


COUNTING = frozenset({Shape.RUNNING, Shape.SOON, Shape.OVERDUE})
"""Marks of clocks that count."""


def describe_timeline(clocks: Sequence[TimelineClock], *, now: datetime, zone: ZoneInfo) -> str:
    """Say in words what the picture shows, for those who don't see it."""
    dated = [one for one in clocks if one.due_at and shape_of(one, now) in COUNTING]
    ahead = sorted((one for one in dated if one.due_at and one.due_at >= now), key=_due)
    over = [one for one in dated if one.due_at and one.due_at < now]
    said = [f"{len(clocks)} clocks."]
    if over:
        said.append(f"{len(over)} overdue: {', '.join(one.key for one in over)}.")
    said += [
        f"{one.key} ({one.place}) is due {when_words(_due(one), zone, now)}." for one in ahead[:5]
    ]
    if len(ahead) > len(ahead[:5]):
        said.append(f"{len(ahead) - 5} more are due later.")
    said.append("The table says the same of every clock.")
    return " ".join(said)


def _due(clock: TimelineClock) -> datetime:
    if clock.due_at is None:
        raise ValueError(f"{clock.key} has no deadline")
    return clock.due_at


def instants_of(clock: TimelineClock) -> list[datetime]:
    """Give every instant that its line shows."""
    every = (clock.due_at, clock.not_before, clock.lenient_due_at, clock.extended_due_at)
    return [at for at in every if at is not None]


def shape_of(clock: TimelineClock, now: datetime) -> Shape:
    """Choose the shape of a clock's main mark."""
    if clock.state in {"met", "waived", "waiting", "tolled"}:
        return Shape(clock.state)
    if clock.not_before:
        return Shape.EMBARGO
    if clock.due_at is None:
        return Shape.NO_NUMBER
    if clock.due_at < now:
        return Shape.OVERDUE
    soon = (clock.due_at - now).total_seconds() <= SOON_H * 3600
    return Shape.SOON if soon else Shape.RUNNING


def shapes_of(clock: TimelineClock, now: datetime) -> list[Shape]:
    """Give every mark of its line, the main one first."""
    found = [shape_of(clock, now)]
    if found[0] in {*COUNTING, Shape.TOLLED}:
        found += [Shape.LENIENT] if clock.lenient_due_at else []
        found += [Shape.EXTENDED] if clock.extended_due_at else []
    return found


def told_of(clock: TimelineClock, shape: Shape, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Say when it is due and how long that is; either may be empty."""
    due = when_words(clock.due_at, zone, now) if clock.due_at else ""
    if shape is Shape.EMBARGO and clock.not_before:
        return when_words(clock.not_before, zone, now), "not before"
    if shape is Shape.MET:
        return when_words(clock.met_at, zone, now) if clock.met_at else due, "met"
    if shape is Shape.WAIVED:
        return due, "waived"
    if shape is Shape.WAITING:
        if clock.embargo:
            return "", "tell nobody yet"
        return "", f"waits for {clock.waits_for or 'an event'}"
    if shape is Shape.TOLLED:
        return due, "held"
    if clock.due_at is None:
        return "", "without undue delay"
    return due, f"{words_for(clock.due_at - now)} {'over' if clock.due_at < now else 'left'}"


def when_words(at: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """Write an instant to the minute, with its year if that isn't the year of `now`."""
    local = at.astimezone(zone)
    year = f" {local:%Y}" if now and local.year != now.astimezone(zone).year else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"
