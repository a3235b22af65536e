"""The after-action report of a run: gathered from the log and the tables, then edited.

Decides what the report says; how it looks on paper is `bot.documents.after_action_paper`, when it
is final `after_action_lock`. The same run gives the same report: nothing in it depends on when it
is made. Nobody is ranked, and feedback has no names.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.clocks import ClockKind
from bot.domain.exercise_clock import ExerciseClock
from bot.domain.incident import IncidentError
from bot.domain.scenario import Scenario
from bot.domain.scoring import (
    RATING_WORDS,
    Rating,
    Result,
    by_role,
    must_be_discussed,
    score_objectives,
)
from bot.services.after_action_trend import compare, trend_of
from bot.services.after_action_voices import (
    actions_of,
    clarity_of,
    feedback_of,
    observations_of,
    ratings_of,
)
from bot.services.after_action_words import iso, span_words
from bot.services.exercises import scenario_of
from bot.services.expectations import results_in
from bot.store.exercise_queries import (
    clock_in,
    decisions_of,
    injects_of,
    parts_in,
    results_of,
)
from bot.store.exercise_tables import (
    ExerciseRun,
)
from bot.store.queries import clocks_of
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx

VERSION = 1
"""Of the report's JSON form."""


def draft_report(tx: Tx, incident: Incident, run: ExerciseRun) -> dict[str, Any]:
    """Gather the report of a run as plain JSON; times are ISO 8601 in UTC.

    Raises `IncidentError` while the run goes on.
    """
    if run.ended_at is None:
        raise IncidentError(f"The exercise {incident.ref} isn't over; the report comes after it.")
    scenario, clock = scenario_of(run), clock_in(run)
    rows = results_of(tx.session, run)
    results = results_in(scenario, rows)
    names = _names(tx, run)
    observations = observations_of(tx, run, names)
    return {
        "version": VERSION,
        "exercise": _about(incident, run, scenario, clock),
        "people": _people(tx, run, names),
        "summary": _summary(run, observations),
        "objectives": _objectives(tx, run, scenario, results, observations),
        "roles": {role.value: score for role, score in by_role(results).items()},
        "timeline": _timeline(tx, run, scenario, rows, clock),
        "clocks": _clocks(tx, incident),
        "decisions": _decisions(tx, run, scenario, names),
        "clarity": clarity_of(tx, run),
        "observations": observations,
        "feedback": feedback_of(tx, run),
        "lessons": [
            {"category": one.category, "questions": list(one.questions)} for one in scenario.lessons
        ],
        "root_causes": list(run.report.get("root_causes", [])),
        "actions": actions_of(tx, run, names),
        "before": compare(tx.session, run, results, scenario),
        "trend": trend_of(tx.session, run),
    }


def _about(
    incident: Incident, run: ExerciseRun, scenario: Scenario, clock: ExerciseClock
) -> dict[str, Any]:
    return {
        "ref": incident.ref,
        "title": scenario.title,
        "kind": scenario.kind.value,
        "organisation": scenario.organisation,
        "summary": scenario.summary,
        "scenario": scenario.id,
        "scenario_version": scenario.version,
        "scenario_sha256": run.scenario_sha256,
        "seed": run.seed,
        "factor": clock.factor,
        "state": run.state,
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "starts_ex": iso(run.starts_ex),
        "ends_ex": iso(clock.ex(run.ended_at)) if run.ended_at else "",
        "played_minutes": _minutes(run),
        "holds": sum(one.factor == 0 for one in clock.segments[:-1]),
    }


def _minutes(run: ExerciseRun) -> int:
    return round(((run.ended_at or run.started_at) - run.started_at).total_seconds() / 60)


def _names(tx: Tx, run: ExerciseRun) -> dict[int, str]:
    return {
        person.id or 0: person.name or person.actor for _part, person in parts_in(tx.session, run)
    }


def _people(tx: Tx, run: ExerciseRun, names: Mapping[int, str]) -> dict[str, Any]:
    parts = parts_in(tx.session, run)
    return {
        "facilitator": names.get(run.facilitator_id, ""),
        "players": [
            {"role": part.role, "name": names[person.id or 0]}
            for part, person in parts
            if part.part == "player"
        ],
        "observers": [names[person.id or 0] for part, person in parts if part.part == "observer"],
        "outside_observer": run.outside_observer,
    }


def _summary(run: ExerciseRun, observations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Three strengths and three gaps: the facilitator's words, else what observers saw first."""
    kept = run.report.get("summary", {})

    def first(tag: str) -> list[str]:
        return [str(one["text"]) for one in observations if one["tag"] == tag][:3]

    return {
        "words": str(kept.get("words", "")),
        "strengths": list(kept.get("strengths") or first("strength")),
        "gaps": list(kept.get("gaps") or first("gap")),
    }


def _objectives(
    tx: Tx,
    run: ExerciseRun,
    scenario: Scenario,
    results: Sequence[Result],
    observations: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    ratings = ratings_of(tx, run, "objective:")
    harmed = {one["objective"] for one in observations if one["tag"] == "harm"}
    scores = {one.objective: one for one in score_objectives(scenario, results, harmed=harmed)}
    found = []
    for one in scenario.objectives:
        score, given = scores[one.id], ratings.get(one.id, [])
        final = next((row.rating["rating"] for row in given if row.final), "")
        raters = [Rating(row.rating["rating"]) for row in given if not row.final]
        rating = final or (score.suggested.value if score.suggested else "")
        found.append(
            {
                "id": one.id,
                "text": one.text,
                "capability": one.capability,
                "score": score.score,
                "met": score.met,
                "judged": score.judged,
                "critical_missed": list(score.critical_missed),
                "suggested": score.suggested.value if score.suggested else "",
                "raters": [rater.value for rater in raters],
                "discuss": must_be_discussed(raters),
                "rating": rating,
                "rating_words": RATING_WORDS[Rating(rating)] if rating else "Nothing to rate",
                "confirmed": bool(final),
            }
        )
    return found


def _timeline(
    tx: Tx, run: ExerciseRun, scenario: Scenario, rows: Sequence[Any], clock: ExerciseClock
) -> list[dict[str, Any]]:
    results = {one.expectation_id: one for one in rows}
    lines = []
    for row in injects_of(tx.session, run):
        inject = scenario.inject(row.inject_id)
        due = clock.wall(row.planned_ex) if row.planned_ex and row.delivered_at else None
        late = (row.delivered_at - due).total_seconds() if due and row.delivered_at else 0.0
        lines.append(
            {
                "inject": row.inject_id,
                "state": row.state,
                "channel": row.content["channel"],
                "from": row.content["from"],
                "title": row.content["title"],
                "text": row.content["text"],
                "planned_ex": iso(row.planned_ex),
                "delivered_ex": iso(row.delivered_ex),
                "delivered_at": iso(row.delivered_at),
                "late_s": round(late, 3) if not row.why else 0.0,
                "why": row.why,
                "added": row.added_by is not None,
                "expected": [
                    _expected(one, results[one.id])
                    for one in (inject.expects if inject else ())
                    if one.id in results
                ],
            }
        )
    return lines


def _expected(expectation: Any, row: Any) -> dict[str, Any]:
    taken, taken_ex = "", ""
    if row.state == "met" and row.opened_at and row.met_at and row.rated_by is None:
        taken = span_words(max(0.0, (row.met_at - row.opened_at).total_seconds()))
        taken_ex = span_words(max(0.0, (row.met_ex - row.opened_ex).total_seconds()))
    return {
        "id": expectation.id,
        "text": expectation.text,
        "objective": expectation.objective,
        "by": expectation.by.value if expectation.by else "",
        "critical": expectation.critical,
        "target": span_words(expectation.window.target.total_seconds()),
        "limit": span_words(expectation.window.limit.total_seconds()),
        "clock": expectation.window.clock.value,
        "state": row.state,
        "score": row.score,
        "taken": taken,
        "taken_ex": taken_ex,
        "entry": row.seq,
        "note": row.note,
        "rated": row.rated_by is not None,
    }


def _clocks(tx: Tx, incident: Incident) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "title": one.title,
            "state": one.state,
            "started_at": iso(one.started_at),
            "due_at": iso(one.due_at),
            "met_at": iso(one.met_at),
        }
        for one in clocks_of(tx.session, incident)
        if one.kind == ClockKind.REGULATORY and one.state not in {"not_applicable", "waiting"}
    ]


def _decisions(
    tx: Tx, run: ExerciseRun, scenario: Scenario, names: Mapping[int, str]
) -> list[dict[str, Any]]:
    found = []
    for row in decisions_of(tx.session, run):
        decision = scenario.decision(row.decision_id)
        options = {one.id: one.text for one in decision.options} if decision else {}
        found.append(
            {
                "id": row.decision_id,
                "question": decision.question if decision else "",
                "option": options.get(row.option, row.option),
                "rationale": row.rationale,
                "by": names.get(row.decided_by, ""),
                "decided_at": iso(row.decided_at),
                "decided_ex": iso(row.decided_ex),
            }
        )
    return found
