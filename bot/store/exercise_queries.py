"""Reading exercises: which run an incident has, what time it is in it, which runs go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from bot.domain.exercise_clock import ExerciseClock, from_json
from bot.domain.incident import IncidentKind
from bot.store.exercise_tables import (
    ExerciseDecision,
    ExercisePart,
    ExerciseRun,
    ExpectationResult,
    InjectRun,
)
from bot.store.tables import Incident, Person

GOING = ("running", "held")
"""States of a run that isn't over."""


def run_of(session: Session, incident: Incident) -> ExerciseRun | None:
    """Return the run of an exercise; None for a live incident."""
    if incident.kind != IncidentKind.EXERCISE:
        return None
    return session.exec(
        select(ExerciseRun).where(ExerciseRun.incident_id == incident.id)
    ).one_or_none()


def clock_in(run: ExerciseRun) -> ExerciseClock:
    """Return the clock of a run."""
    return from_json(run.segments)


def time_in(session: Session, incident: Incident, wall: datetime) -> datetime:
    """Return what time it is in an incident at a moment of the wall clock.

    After the end of a run its time stands still at the end.
    """
    if incident.kind != IncidentKind.EXERCISE:
        return wall
    found = session.exec(
        select(ExerciseRun.segments, ExerciseRun.ended_at).where(
            ExerciseRun.incident_id == incident.id
        )
    ).one_or_none()
    if found is None:
        return wall
    segments, ended_at = found
    return from_json(segments).ex(min(wall, ended_at) if ended_at else wall)


def runs_going(session: Session) -> Sequence[ExerciseRun]:
    """List the runs that aren't over, the oldest first.

    Ticks ask several times a second: scenario and report are read when somebody looks at them.
    """
    query = (
        select(ExerciseRun)
        .where(col(ExerciseRun.state).in_(GOING))
        .order_by(col(ExerciseRun.id))
        .options(defer(ExerciseRun.scenario), defer(ExerciseRun.report))  # type: ignore[arg-type]
    )
    return session.exec(query).all()


def planned_times(
    session: Session, runs: Sequence[ExerciseRun]
) -> dict[int, list[datetime | None]]:
    """Return by run the times of the injects that are still to come; None where nobody can tell."""
    found: dict[int, list[datetime | None]] = {one.id: [] for one in runs if one.id is not None}
    query = select(InjectRun.run_id, InjectRun.planned_ex).where(
        col(InjectRun.run_id).in_(list(found)), InjectRun.state == "planned"
    )
    for run_id, at in session.exec(query).all():
        found[run_id].append(at)
    return found


def parts_in(session: Session, run: ExerciseRun) -> Sequence[tuple[ExercisePart, Person]]:
    """List who takes part in a run, and as what."""
    query = (
        select(ExercisePart, Person)
        .join(Person, col(Person.id) == col(ExercisePart.person_id))
        .where(ExercisePart.run_id == run.id)
        .order_by(col(ExercisePart.id))
    )
    return session.exec(query).all()


def part_of(session: Session, run: ExerciseRun, person: Person) -> ExercisePart | None:
    """Return as what a person takes part in a run."""
    query = select(ExercisePart).where(
        ExercisePart.run_id == run.id, ExercisePart.person_id == person.id
    )
    return session.exec(query).one_or_none()


def injects_of(session: Session, run: ExerciseRun) -> Sequence[InjectRun]:
    """List the injects of a run in the order in which they stand in the scenario."""
    query = select(InjectRun).where(InjectRun.run_id == run.id).order_by(col(InjectRun.id))
    return session.exec(query).all()


def results_of(session: Session, run: ExerciseRun) -> Sequence[ExpectationResult]:
    """List what became of each expectation, in the order of the scenario."""
    query = (
        select(ExpectationResult)
        .where(ExpectationResult.run_id == run.id)
        .order_by(col(ExpectationResult.id))
    )
    return session.exec(query).all()


def decisions_of(session: Session, run: ExerciseRun) -> Sequence[ExerciseDecision]:
    """List the decisions that were taken in a run, in their order."""
    query = (
        select(ExerciseDecision)
        .where(ExerciseDecision.run_id == run.id)
        .order_by(col(ExerciseDecision.id))
    )
    return session.exec(query).all()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRows:
    """What a step of a run works on, read once in its transaction; the step changes the rows."""

    injects: Sequence[InjectRun]
    results: Sequence[ExpectationResult]
    decisions: Sequence[ExerciseDecision]


def run_rows(session: Session, run: ExerciseRun) -> RunRows:
    """Read the injects, expectations and decisions of a run."""
    return RunRows(
        injects=injects_of(session, run),
        results=results_of(session, run),
        decisions=decisions_of(session, run),
    )
