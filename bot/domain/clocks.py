"""What a clock does: waits, runs, is met, missed, waived, or doesn't apply, and why.

Decides the state that follows from an obligation, the facts, what a person decided about the clock,
and `now`; and names what changed against the state before. It doesn't count (`deadlines`), judge
applicability (`applicability`), remind (`reminders`), or store anything.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.conditions import names_asked
from bot.domain.deadlines import Deadline, count, is_overdue, zone_for
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Facts, value_of
from bot.domain.obligations import Obligation, Trigger
from bot.domain.playbook import ClockStart, ContainmentAct, ContainmentClock


class ClockKind(StrEnum):
    """Whose target a clock watches: ours, or the law's."""

    CONTAINMENT = "containment"
    REGULATORY = "regulatory"


class ClockState(StrEnum):
    """Where a clock stands. `tolled` is in the vocabulary; no rule here brings it about yet."""

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
    DUE_CHANGED = "due_changed"
    MET = "met"
    MISSED = "missed"
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
class ClockStanding:
    """The part of a clock that has to be kept to notice a change later."""

    state: ClockState
    trigger_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegulatoryClock:
    """One obligation's clock. Instants are aware UTC; `zone` is that in which days were counted."""

    obligation_id: str
    state: ClockState
    applicability: Applicability
    reason: str
    """One plain sentence: why the clock is in this state."""
    trigger_key: str | None
    """The fact that starts it: the recorded one, else the first that is waited for."""
    trigger_at: datetime | None
    due_at: datetime | None
    """None while it waits, doesn't apply, or the law gives no number."""
    would_be_due_at: datetime | None
    """While it can't be told whether the duty applies: when it would be due if it does."""
    extended_due_at: datetime | None
    zone: str
    rule: str
    missing: tuple[str, ...]
    """Keys of facts to ask for, the shortest sufficient set first."""
    caveats: tuple[str, ...]
    met_late: bool = False

    @property
    def standing(self) -> ClockStanding:
        """What `clock_changes` compares."""
        return ClockStanding(state=self.state, trigger_at=self.trigger_at, due_at=self.due_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainmentReading:
    """Where a containment clock stands. Instants are aware UTC."""

    state: ClockState
    started_at: datetime | None
    due_at: datetime | None
    met_late: bool
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockChange:
    """One thing that changed about a clock, for the log and for the channel."""

    obligation_id: str
    kind: ClockChangeKind
    old: ClockStanding | None
    new: ClockStanding
    reason: str


def regulatory_clock(
    obligation: Obligation, facts: Facts, *, now: datetime, mark: ClockMark | None = None
) -> RegulatoryClock:
    """Work out the clock that an obligation should have now.

    Args:
        obligation: the duty.
        facts: those in force, the organisation's own among them.
        now: aware instant; only tells running from missed.
        mark: what a person decided about this clock; it stays whatever the facts say.

    Raises:
        DeadlineError: the trigger lies so far out that nothing can be counted from it.
    """
    verdict = assess(obligation, facts)
    trigger, at = _first_recorded(obligation, facts)
    zone = zone_for(obligation, facts)
    deadline = count(obligation, trigger_at=at, zone=zone) if at else None
    state = _state(verdict, deadline, now=now, mark=mark)
    due_at = deadline.due_at if deadline else None
    counted = mark is not None or verdict.verdict is Verdict.APPLIES
    caveats = deadline.caveats if deadline else obligation.caveats
    if deadline and trigger.caveat:
        caveats = (trigger.caveat, *caveats)
    return RegulatoryClock(
        obligation_id=obligation.id,
        state=state,
        applicability=verdict,
        reason=_reason(obligation, verdict, trigger, deadline, mark=mark, state=state),
        trigger_key=trigger.fact,
        trigger_at=at,
        due_at=due_at if counted else None,
        would_be_due_at=due_at if verdict.verdict is Verdict.CANNOT_TELL else None,
        extended_due_at=deadline.extended_due_at if deadline and counted else None,
        zone=zone.key,
        rule=obligation.counting,
        missing=_missing(verdict, trigger, at, state),
        caveats=caveats,
        met_late=bool(mark and due_at and state is ClockState.MET and is_overdue(due_at, mark.at)),
    )


def facts_that_move(obligation: Obligation) -> frozenset[str]:
    """Name the facts (without jurisdiction) on which an obligation's clock rests.

    While none of them changes, `regulatory_clock` gives the same clock but for the passing of time.
    """
    asked = [obligation.applies_if, *(e.when for e in obligation.exemptions if e.when is not None)]
    names = {name for condition in asked for name in names_asked(condition)}
    names |= {trigger.fact.partition(":")[0] for trigger in obligation.triggers}
    return frozenset(names | {obligation.zone.fact} - {""})


def clock_changes(previous: ClockStanding | None, clock: RegulatoryClock) -> list[ClockChange]:
    """Say what is new about a clock against how it stood before (None: it didn't exist).

    A deadline that moved is told of by itself, also for a clock that a person has marked, whose
    state stays. Nothing changed gives an empty list.
    """
    new = clock.standing
    kinds = []
    if previous is None or previous.state is not new.state:
        kinds.append(_CHANGE[new.state])
    counted_before = previous is not None and previous.due_at is not None
    if previous and counted_before and new.due_at and previous.due_at != new.due_at:
        kinds.append(ClockChangeKind.DUE_CHANGED)
    return [
        ClockChange(
            obligation_id=clock.obligation_id,
            kind=kind,
            old=previous,
            new=new,
            reason=_moved(previous, clock)
            if previous and kind is ClockChangeKind.DUE_CHANGED
            else clock.reason,
        )
        for kind in kinds
    ]


def containment_reading(
    clock: ContainmentClock,
    *,
    started_at: datetime | None,
    met_at: datetime | None,
    now: datetime,
) -> ContainmentReading:
    """Work out where a containment clock stands. `started_at` is the instant of `clock.starts`."""
    if started_at is None:
        return ContainmentReading(
            state=ClockState.WAITING,
            started_at=None,
            due_at=None,
            met_late=False,
            reason=f"Waits for {_FROM[clock.starts]} to be recorded.",
        )
    due_at = clock.due_at(started_at)
    late = is_overdue(due_at, met_at or now)
    if met_at:
        state = ClockState.MET
        reason = f"{clock.title} met {'after' if late else 'within'} the target."
    else:
        state = ClockState.MISSED if late else ClockState.RUNNING
        reason = f"Runs from {_FROM[clock.starts]} until {_UNTIL[clock.met_by]}."
        if late:
            reason = f"The target passed, and it isn't recorded that {_UNTIL[clock.met_by]}."
    return ContainmentReading(
        state=state,
        started_at=started_at,
        due_at=due_at,
        met_late=late and met_at is not None,
        reason=reason,
    )


_FROM = {
    ClockStart.OPENED_AT: "the opening of the incident",
    ClockStart.AWARE_AT: "the time at which we became aware",
}
_UNTIL = {
    ContainmentAct.TRIAGE: "the severity is confirmed",
    ContainmentAct.ESCALATION: "those who decide have been told",
    ContainmentAct.CONTAINMENT: "the incident is contained",
    ContainmentAct.RECOVERY: "service is restored",
}
_CHANGE = {
    ClockState.WAITING: ClockChangeKind.WAITING,
    ClockState.RUNNING: ClockChangeKind.STARTED,
    ClockState.MET: ClockChangeKind.MET,
    ClockState.MISSED: ClockChangeKind.MISSED,
    ClockState.WAIVED: ClockChangeKind.WAIVED,
    ClockState.NOT_APPLICABLE: ClockChangeKind.NOT_APPLICABLE,
}


def _first_recorded(obligation: Obligation, facts: Facts) -> tuple[Trigger, datetime | None]:
    """Give the first trigger whose fact is recorded, else the first one, without an instant."""
    for trigger in obligation.triggers:
        value = value_of(facts, trigger.fact)
        if isinstance(value, datetime):
            return trigger, value
    return obligation.triggers[0], None


def _state(
    verdict: Applicability, deadline: Deadline | None, *, now: datetime, mark: ClockMark | None
) -> ClockState:
    if mark:
        return mark.state
    if verdict.verdict is Verdict.DOES_NOT_APPLY:
        return ClockState.NOT_APPLICABLE
    if verdict.verdict is Verdict.CANNOT_TELL or deadline is None:
        return ClockState.WAITING
    if deadline.due_at and is_overdue(deadline.due_at, now):
        return ClockState.MISSED
    return ClockState.RUNNING


def _missing(
    verdict: Applicability, trigger: Trigger, at: datetime | None, state: ClockState
) -> tuple[str, ...]:
    if state is not ClockState.WAITING or at is not None:
        return verdict.missing if state is ClockState.WAITING else ()
    return (*verdict.missing, trigger.fact)


def _reason(
    obligation: Obligation,
    verdict: Applicability,
    trigger: Trigger,
    deadline: Deadline | None,
    *,
    mark: ClockMark | None,
    state: ClockState,
) -> str:
    why = "; ".join(verdict.reasons)
    if mark:
        done = "Met" if state is ClockState.MET else "Waived"
        return f"{done} by {mark.by}: {mark.reason.rstrip('.')}."
    if state is ClockState.NOT_APPLICABLE:
        return f"Doesn't apply: {why}."
    if verdict.verdict is Verdict.CANNOT_TELL:
        return f"Can't tell yet whether it applies: {why}."
    if deadline is None:
        question = FACT_TYPES[trigger.fact].label
        return f"Applies, and waits for {trigger.fact} ({question}): {why}."
    if state is ClockState.MISSED:
        passed = _shown(deadline.due_at, deadline.zone)
        return f"The deadline passed at {passed} and nothing says that {obligation.id} was met."
    return f"Applies, counted from {trigger.event}: {why}."


def _moved(previous: ClockStanding, clock: RegulatoryClock) -> str:
    moved = (
        f"The deadline moved from {_shown(previous.due_at, clock.zone)} to "
        f"{_shown(clock.due_at, clock.zone)}"
    )
    if previous.trigger_at != clock.trigger_at:
        moved += f", because {clock.trigger_key} is now {_shown(clock.trigger_at, clock.zone)}"
    if clock.state in {ClockState.MET, ClockState.WAIVED}:
        moved += f"; the clock stays {clock.state}"
    return f"{moved}."


def _shown(at: datetime | None, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S %Z") if at else "no time"
