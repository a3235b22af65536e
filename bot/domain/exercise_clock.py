"""Exercise time: segments that each run at a pace, can be held, and jump; pure and invertible.

Decides what time it is in an exercise at a moment of the wall clock, and at which moment of the
wall clock an exercise time comes. There is no “now” to be changed: a hold, a jump or a new pace is
one more segment, so that a process that restarts counts on where it was. Statutory deadlines run
on exercise time, because the same engine counts them; what people need to type runs on the wall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MIN_FACTOR = 1
MAX_FACTOR = 3_600
"""An hour of exercise in a second of the wall: fast enough to play 72 hours in 72 seconds."""


class ExerciseClockError(ValueError):
    """A pace or a jump that can't be taken; the message says what can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """From `wall` on, exercise time is `ex` and runs `factor` times as fast; 0 is a hold."""

    wall: datetime
    ex: datetime
    factor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExerciseClock:
    """The segments of one run, the earliest first; never empty."""

    segments: tuple[Segment, ...]

    @classmethod
    def start(cls, *, wall: datetime, ex: datetime, factor: int) -> "ExerciseClock":
        """Begin a run; raises `ExerciseClockError` for a pace that can't be kept."""
        return cls(segments=(Segment(wall=wall, ex=ex, factor=check_factor(factor)),))

    @property
    def held(self) -> bool:
        """Whether exercise time stands still."""
        return self.segments[-1].factor == 0

    @property
    def factor(self) -> int:
        """The pace at which it runs, or ran before it was held."""
        return next((one.factor for one in reversed(self.segments) if one.factor), MIN_FACTOR)

    def ex(self, wall: datetime) -> datetime:
        """Return exercise time at a moment of the wall clock; before the start it stands still."""
        segment = self.segments[0]
        for one in self.segments:
            if one.wall <= wall:
                segment = one
        return segment.ex + max(wall - segment.wall, timedelta()) * segment.factor

    def wall(self, ex: datetime) -> datetime | None:
        """Return the first moment of the wall clock at which exercise time is `ex` or later.

        None while the run is held before that time: nobody knows when it will go on.
        """
        for number, one in enumerate(self.segments):
            if ex <= one.ex:
                return one.wall
            after = self.segments[number + 1] if number + 1 < len(self.segments) else None
            if one.factor == 0:
                continue
            at = one.wall + _divided(ex - one.ex, one.factor)
            if after is None or at <= after.wall:
                return at
        return None

    def worked(self, wall: datetime) -> datetime:
        """Return the moment of the wall clock without the time in which the run was held.

        People's windows are measured on it: nobody is late because of a coffee break.
        """
        start = self.segments[0].wall
        spent = timedelta()
        ends = [one.wall for one in self.segments[1:]] + [max(wall, self.segments[-1].wall)]
        for one, end in zip(self.segments, ends, strict=True):
            if one.factor and wall > one.wall:
                spent += min(wall, end) - one.wall
        return start + spent if wall > start else wall

    def hold(self, wall: datetime) -> "ExerciseClock":
        """Let exercise time stand still from now on; holding twice changes nothing."""
        return self if self.held else self._then(wall, ex=self.ex(wall), factor=0)

    def resume(self, wall: datetime) -> "ExerciseClock":
        """Let it go on at the pace that it had."""
        return self._then(wall, ex=self.ex(wall), factor=self.factor) if self.held else self

    def pace(self, wall: datetime, factor: int) -> "ExerciseClock":
        """Go on at another pace."""
        return self._then(wall, ex=self.ex(wall), factor=check_factor(factor))

    def jump(self, wall: datetime, *, to: datetime) -> "ExerciseClock":
        """Go to a later exercise time at once; raises `ExerciseClockError` for an earlier one."""
        now = self.ex(wall)
        if to <= now:
            raise ExerciseClockError(
                "Exercise time only goes forward; give a time after the present one."
            )
        return self._then(wall, ex=to, factor=self.segments[-1].factor)

    def _then(self, wall: datetime, *, ex: datetime, factor: int) -> "ExerciseClock":
        last = self.segments[-1]
        if wall < last.wall:
            raise ExerciseClockError("The wall clock went back; wait a moment and try again.")
        return ExerciseClock(segments=(*self.segments, Segment(wall=wall, ex=ex, factor=factor)))


def _divided(span: timedelta, factor: int) -> timedelta:
    """Divide and round up to the microsecond, so that the time has come at that moment."""
    whole, rest = divmod(span, factor * timedelta(microseconds=1))
    return timedelta(microseconds=whole + (1 if rest else 0))


def check_factor(factor: int) -> int:
    """Return the pace, or raise `ExerciseClockError` if it is out of range."""
    if not MIN_FACTOR <= factor <= MAX_FACTOR:
        raise ExerciseClockError(
            f"The pace {factor} is out of range: 1 is real time, {MAX_FACTOR:,} the fastest. "
            f"48 lets three days pass in ninety minutes."
        )
    return factor


def factor_for(span: timedelta, within: timedelta) -> int:
    """Return the pace at which `span` passes `within` a time, rounded up."""
    if within <= timedelta():
        raise ExerciseClockError("Give how long the exercise may take, in minutes.")
    return check_factor(max(MIN_FACTOR, -(-span // within)))


def to_json(clock: ExerciseClock) -> list[dict[str, Any]]:
    """Write the segments as they are stored."""
    return [
        {"wall": one.wall.isoformat(), "ex": one.ex.isoformat(), "factor": one.factor}
        for one in clock.segments
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> ExerciseClock:
    """Read the segments as they are stored."""
    return ExerciseClock(
        segments=tuple(
            Segment(
                wall=datetime.fromisoformat(one["wall"]),
                ex=datetime.fromisoformat(one["ex"]),
                factor=int(one["factor"]),
            )
            for one in kept
        )
    )
