"""How a run is scored: timeliness of each expectation, a suggested rating of each objective.

Pure. The suggestion follows HSEEP's four ratings; a person confirms each. Nobody is ranked:
everything is by objective or by role.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.roles import Role
from bot.domain.scenario import Expectation, Scenario, Window

FULL = 1_000
"""Full marks, in thousandths: whole numbers stay the same in JSON and in the log."""
PERFORMED_FROM = 900
SOME_CHALLENGES_FROM = 750


class Rating(StrEnum):
    """HSEEP's ratings."""

    P = "P"
    S = "S"
    M = "M"
    U = "U"


RATING_WORDS = {
    Rating.P: "Performed without challenges",
    Rating.S: "Performed with some challenges",
    Rating.M: "Performed with major challenges",
    Rating.U: "Unable to be performed",
}


class ResultState(StrEnum):
    """What became of an expectation."""

    WAITING = "waiting"
    """Its inject hasn't come."""
    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    UNREACHED = "unreached"
    """Its inject never came, so that nobody could do it: it counts nowhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One expectation and what became of it."""

    expectation: Expectation
    state: ResultState
    score: int | None = None
    """Thousandths; None while it isn't judged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectiveScore:
    """One objective with its share of full marks and the rating that follows from it."""

    objective: str
    score: int | None
    suggested: Rating | None
    """None: nothing of it was reached, so that there is nothing to rate."""
    met: int
    judged: int
    critical_missed: tuple[str, ...]


def timeliness(window: Window, taken: timedelta) -> int:
    """Score a time: full marks up to the target, falling evenly to none at the limit."""
    if taken <= window.target:
        return FULL
    if taken >= window.limit:
        return 0
    return round(FULL * ((window.limit - taken) / (window.limit - window.target)))


def score_objectives(
    scenario: Scenario, results: Collection[Result], *, harmed: Collection[str] = ()
) -> tuple[ObjectiveScore, ...]:
    """Score each objective; `harmed` are those in which an observer saw harm done elsewhere."""
    return tuple(
        _score(one.id, [r for r in results if r.expectation.objective == one.id], one.id in harmed)
        for one in scenario.objectives
    )


def _score(objective: str, results: Sequence[Result], harmed: bool) -> ObjectiveScore:  # noqa: FBT001 - one caller
    judged = [one for one in results if one.score is not None]
    missed = tuple(
        one.expectation.id for one in judged if one.expectation.critical and not one.score
    )
    score = average(judged)
    return ObjectiveScore(
        objective=objective,
        score=score,
        suggested=suggest(score, critical_missed=bool(missed), harmed=harmed),
        met=sum(one.state is ResultState.MET for one in judged),
        judged=len(judged),
        critical_missed=missed,
    )


def average(judged: Collection[Result]) -> int | None:
    """Return the weighted average of what was judged; None if nothing was."""
    weight = sum(one.expectation.weight for one in judged)
    if not weight:
        return None
    return round(sum((one.score or 0) * one.expectation.weight for one in judged) / weight)


def suggest(score: int | None, *, critical_missed: bool, harmed: bool) -> Rating | None:
    """Suggest a rating: a critical step missed is U; else by the share of full marks."""
    if score is None:
        return None
    if critical_missed:
        return Rating.U
    if harmed or score < SOME_CHALLENGES_FROM:
        return Rating.M
    return Rating.P if score >= PERFORMED_FROM else Rating.S


def by_role(results: Collection[Result]) -> Mapping[Role, int]:
    """Return the average of each role that was expected to do something."""
    roles = {one.expectation.by for one in results if one.expectation.by and one.score is not None}
    scores = {
        role: average([r for r in results if r.expectation.by is role and r.score is not None])
        for role in sorted(roles)
    }
    return {role: score for role, score in scores.items() if score is not None}


def must_be_discussed(ratings: Collection[Rating]) -> bool:
    """Say whether raters are two steps or more apart, so that they have to talk."""
    order = [*Rating]
    places = [order.index(one) for one in ratings]
    return bool(places) and max(places) - min(places) >= 2  # noqa: PLR2004 - two steps
