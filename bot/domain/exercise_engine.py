"""What happens next in a run: which injects are due, and what of the log meets an expectation.

Pure: the same scenario, outcome and time give the same answer, so that a process that was killed
goes on as if nothing had been. It delivers nothing and keeps nothing; services do.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.domain.roles import Role
from bot.domain.scenario import Condition, EventMatch, Expectation, Inject, Scenario, WindowClock

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What has happened in a run so far. Times are exercise time."""

    started_ex: datetime
    delivered: Mapping[str, datetime] = field(default_factory=lambda: _NONE)
    """By inject."""
    settled: Collection[str] = ()
    """Injects that need nothing any more: delivered, skipped or dropped; or held for a hand."""
    met: Collection[str] = ()
    missed: Collection[str] = ()
    decisions: Mapping[str, str] = field(default_factory=lambda: _NONE)
    """By decision: the option that was chosen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DueInject:
    """An inject whose time has come. `hold`: it waits for the facilitator's hand."""

    inject: Inject
    planned_ex: datetime
    hold: bool


def planned_ex(inject: Inject, outcome: Outcome) -> datetime | None:
    """Return when an inject comes by its time alone; None while nobody can tell.

    One that follows another isn't planned before that one was delivered; a reserve never is.
    """
    if inject.reserve:
        return None
    if inject.at is not None:
        return outcome.started_ex + inject.at
    before = outcome.delivered.get(inject.after)
    return None if before is None else before + inject.delay


def holds(condition: Condition | None, outcome: Outcome) -> bool:
    """Say whether what an inject waits for has happened; no condition always holds."""
    if condition is None:
        return True
    if condition.met:
        return condition.met in outcome.met
    if condition.missed:
        return condition.missed in outcome.missed
    if condition.delivered:
        return condition.delivered in outcome.delivered
    if condition.decision:
        return outcome.decisions.get(condition.decision) in condition.options
    if condition.all_of:
        return all(holds(one, outcome) for one in condition.all_of)
    if condition.any_of:
        return any(holds(one, outcome) for one in condition.any_of)
    return not any(holds(one, outcome) for one in condition.none_of)


def due_injects(scenario: Scenario, outcome: Outcome, *, now_ex: datetime) -> tuple[DueInject, ...]:
    """List what is due at an exercise time, in the order in which it was planned."""
    found = []
    for inject in scenario.injects:
        planned = planned_ex(inject, outcome)
        if inject.id in outcome.settled or planned is None or planned > now_ex:
            continue
        if holds(inject.when, outcome):
            found.append(DueInject(inject=inject, planned_ex=planned, hold=inject.hold))
    return tuple(sorted(found, key=lambda one: one.planned_ex))


def next_ex(scenario: Scenario, outcome: Outcome, *, after: datetime) -> datetime | None:
    """Return the exercise time of the next inject that is planned; None if there is none."""
    times = [
        planned
        for one in scenario.injects
        if one.id not in outcome.settled
        and (planned := planned_ex(one, outcome)) is not None
        and planned > after
    ]
    return min(times, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEvent:
    """An entry of the incident's log, as an expectation looks at it."""

    seq: int
    event: str
    data: Mapping[str, Any]
    at: datetime
    """On the wall."""
    at_ex: datetime
    roles: frozenset[Role]
    """What its actor held at that moment."""


def meets(match: EventMatch, entry: LogEvent) -> bool:
    """Say whether an entry is what an expectation waits for.

    A value of `where` is equal to the entry's, or is a list that holds it.
    """
    if entry.event not in match.events:
        return False
    if match.roles and not match.roles & entry.roles:
        return False
    return all(_equal(entry.data.get(key), wanted) for key, wanted in match.where.items())


def _equal(found: Any, wanted: Any) -> bool:
    return found in wanted if isinstance(wanted, list | tuple) else found == wanted


def elapsed(
    expectation: Expectation, *, opened: tuple[datetime, datetime], at: tuple[datetime, datetime]
) -> timedelta:
    """Return how long it took, on the clock of its window.

    Each pair is the wall's time without holds (`ExerciseClock.worked`), and exercise time.
    """
    which = 0 if expectation.window.clock is WindowClock.WALL else 1
    return at[which] - opened[which]


def is_past(
    expectation: Expectation, *, opened: tuple[datetime, datetime], at: tuple[datetime, datetime]
) -> bool:
    """Say whether the limit of an expectation has passed."""
    return elapsed(expectation, opened=opened, at=at) > expectation.window.limit


def met_by(
    expectations: Collection[Expectation],
    entries: Collection[LogEvent],
    *,
    opened: Mapping[str, tuple[datetime, datetime]],
    worked: Callable[[datetime], datetime],
) -> Iterator[tuple[Expectation, LogEvent]]:
    """Find for each open expectation the first entry that meets it in its window.

    What was done before its inject came counts as done at once: nobody is asked to do it twice.
    """
    for expectation in expectations:
        if expectation.match is None or expectation.id not in opened:
            continue
        for entry in sorted(entries, key=lambda one: one.seq):
            at = (worked(entry.at), entry.at_ex)
            if meets(expectation.match, entry) and not is_past(
                expectation, opened=opened[expectation.id], at=at
            ):
                yield expectation, entry
                break
