"""The words of clocks: kinds, states, what people rule about them, and what changed.

Decides which changes there are between two standings of a clock and how a moved deadline is told.
What state a clock has follows in `regulatory_clocks` and `containment_clocks`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class ClockKind(StrEnum):
    """Whose target a clock watches: ours, or the law's."""

    CONTAINMENT = "containment"
    REGULATORY = "regulatory"


class ClockState(StrEnum):
    """Where a clock stands. `tolled`: law enforcement asked to delay, and nobody may be told."""

    WAITING = "waiting"
    RUNNING = "running"
    MET = "met"
    MISSED = "missed"
    TOLLED = "tolled"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


class ClockChangeKind(StrEnum):
    """What happened to a clock."""

    WAITING = "waiting"
    STARTED = "started"
    RESUMED = "resumed"
    DUE_CHANGED = "due_changed"
    MET = "met"
    MISSED = "missed"
    TOLLED = "tolled"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockMark:
    """What a person decided: met at `at`, or waived since `at`. No change of facts undoes it."""

    state: ClockState
    at: datetime
    by: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse a state that only facts and time may bring about."""
        if self.state not in {ClockState.MET, ClockState.WAIVED}:
            raise ValueError(f"a person can mark a clock met or waived, not {self.state}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Overruled:
    """Counsel's own answer: whether the duty applies, by when it is due, or both."""

    by: str
    reason: str
    applies: bool | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Extended:
    """The extension that the law offers was taken up on its condition."""

    by: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Law enforcement asked to delay; `evidence` is the number of the document that says so."""

    since: datetime
    by: str
    reason: str
    evidence: int
    cleared_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulings:
    """What people ruled about a clock's course, beside marking it."""

    overruled: Overruled | None = None
    extended: Extended | None = None
    hold: Hold | None = None

    @property
    def held(self) -> bool:
        """Whether law enforcement's delay is in force."""
        return self.hold is not None and self.hold.cleared_at is None


NO_RULINGS = Rulings()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockStanding:
    """The part of a clock that has to be kept to notice a change later."""

    state: ClockState
    trigger_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockNow:
    """A clock as just worked out, for comparing. `cause` is the fact or duty it is counted from."""

    id: str
    standing: ClockStanding
    reason: str
    zone: str
    cause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockChange:
    """One thing that changed about a clock, for the log and for the channel."""

    obligation_id: str
    kind: ClockChangeKind
    old: ClockStanding | None
    new: ClockStanding
    reason: str


_CHANGE = {
    ClockState.WAITING: ClockChangeKind.WAITING,
    ClockState.RUNNING: ClockChangeKind.STARTED,
    ClockState.MET: ClockChangeKind.MET,
    ClockState.MISSED: ClockChangeKind.MISSED,
    ClockState.TOLLED: ClockChangeKind.TOLLED,
    ClockState.WAIVED: ClockChangeKind.WAIVED,
    ClockState.NOT_APPLICABLE: ClockChangeKind.NOT_APPLICABLE,
}


def clock_changes(previous: ClockStanding | None, clock: ClockNow) -> list[ClockChange]:
    """Say what is new about a clock against how it stood before (None: it didn't exist).

    A deadline that moved is told of by itself, also for a clock that a person has marked, whose
    state stays. Nothing changed gives an empty list.
    """
    new = clock.standing
    kinds = []
    if previous is None or previous.state is not new.state:
        resumed = previous and previous.state is ClockState.TOLLED
        runs = new.state is ClockState.RUNNING
        kinds.append(ClockChangeKind.RESUMED if resumed and runs else _CHANGE[new.state])
    counted_before = previous is not None and previous.due_at is not None
    if previous and counted_before and new.due_at and previous.due_at != new.due_at:
        kinds.append(ClockChangeKind.DUE_CHANGED)
    return [
        ClockChange(
            obligation_id=clock.id,
            kind=kind,
            old=previous,
            new=new,
            reason=_moved(previous, clock)
            if previous and kind is ClockChangeKind.DUE_CHANGED
            else clock.reason,
        )
        for kind in kinds
    ]


def shown_at(at: datetime | None, zone: str) -> str:
    """Write an instant in the zone in which it was counted, to the second."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S %Z") if at else "no time"


def _moved(previous: ClockStanding, clock: ClockNow) -> str:
    new = clock.standing
    moved = (
        f"The deadline moved from {shown_at(previous.due_at, clock.zone)} to "
        f"{shown_at(new.due_at, clock.zone)}"
    )
    if previous.trigger_at != new.trigger_at and new.trigger_at:
        moved += f", because {clock.cause} is now {shown_at(new.trigger_at, clock.zone)}"
    if new.state in {ClockState.MET, ClockState.WAIVED}:
        moved += f"; the clock stays {new.state}"
    return f"{moved}."
