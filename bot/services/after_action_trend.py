"""A run beside the runs before it: by objective in its report, by capability in the programme.

Decides which runs are compared: only those that came to their end. What the plan is able to do is
compared, never who did it; nobody is ranked. How a score comes about is `bot.domain.scoring`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.domain.scenario import Scenario
from bot.domain.scoring import Result, average, score_objectives
from bot.services.after_action_words import iso
from bot.services.exercises import scenario_of
from bot.services.expectations import results_in
from bot.store.exercise_queries import results_of
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import Incident

EARLIER = 4
"""Earlier runs that a report shows: with this one they fit the width of a page."""
COMPARED = 6
"""Runs that the programme sets side by side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunScores:
    """One run of the programme: thousandths by capability, None where it tried nothing."""

    ref: str
    ended_at: datetime
    scores: Mapping[str, int | None]


def compare(
    session: Session, run: ExerciseRun, results: Sequence[Result], scenario: Scenario
) -> dict[str, Any]:
    """Compare with the last finished run of the same scenario, objective by objective."""
    earlier = _earlier(session, run, limit=1)
    if not earlier:
        return {}
    (last,) = earlier
    now = {one.objective: one.score for one in score_objectives(scenario, results)}
    return {
        "ref": _ref(session, last),
        "ended_at": iso(last.ended_at),
        "objectives": [
            {"id": key, "before": score, "now": now.get(key)}
            for key, score in _by_objective(session, last).items()
        ],
    }


def trend_of(session: Session, run: ExerciseRun) -> list[dict[str, Any]]:
    """List the finished runs of the same scenario before this one, the oldest first."""
    return [
        {
            "ref": _ref(session, one),
            "ended_at": iso(one.ended_at),
            "objectives": _by_objective(session, one),
        }
        for one in reversed(_earlier(session, run, limit=EARLIER))
    ]


def capability_trend(session: Session) -> tuple[RunScores, ...]:
    """Set the last finished runs of all scenarios side by side, the oldest first."""
    query = (
        select(ExerciseRun)
        .where(ExerciseRun.state == "ended")
        .order_by(col(ExerciseRun.ended_at).desc(), col(ExerciseRun.id).desc())
        .limit(COMPARED)
    )
    return tuple(_scores_of(session, run) for run in reversed(session.exec(query).all()))


def _scores_of(session: Session, run: ExerciseRun) -> RunScores:
    scenario = scenario_of(run)
    capability = {one.id: one.capability for one in scenario.objectives}
    groups: dict[str, list[Result]] = {one: [] for one in capability.values()}
    for result in results_in(scenario, results_of(session, run)):
        groups[capability[result.expectation.objective]].append(result)
    return RunScores(
        ref=_ref(session, run),
        ended_at=run.ended_at or run.started_at,
        scores={
            key: average([one for one in found if one.score is not None])
            for key, found in groups.items()
        },
    )


def _earlier(session: Session, run: ExerciseRun, *, limit: int) -> Sequence[ExerciseRun]:
    """Return the finished runs of the same scenario before this one, the newest first."""
    query = (
        select(ExerciseRun)
        .where(
            ExerciseRun.scenario_id == run.scenario_id,
            ExerciseRun.state == "ended",
            col(ExerciseRun.ended_at) < run.ended_at,
            ExerciseRun.id != run.id,
        )
        .order_by(col(ExerciseRun.ended_at).desc(), col(ExerciseRun.id).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def _by_objective(session: Session, run: ExerciseRun) -> dict[str, int | None]:
    scenario = scenario_of(run)
    scores = score_objectives(scenario, results_in(scenario, results_of(session, run)))
    return {one.objective: one.score for one in scores}


def _ref(session: Session, run: ExerciseRun) -> str:
    return session.get_one(Incident, run.incident_id).ref
