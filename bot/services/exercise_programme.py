"""The programme: which exercise is due, which is overdue, and the proof that they were held.

Decides the cadence (a tabletop every six months, a full exercise every twelve) and reads the runs;
changes nothing. What an auditor asks for is the list of finished runs with their hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from bot.domain.scenario import ExerciseKind
from bot.store.exercise_tables import CorrectiveAction, ExerciseRun
from bot.store.tables import Incident

CADENCE = {ExerciseKind.TABLETOP: 6, ExerciseKind.FULL: 12}
"""Months between two exercises of a kind. A full one counts as a tabletop too."""

COUNTS_AS = {
    ExerciseKind.TABLETOP: (ExerciseKind.TABLETOP, ExerciseKind.FULL),
    ExerciseKind.FULL: (ExerciseKind.FULL,),
}
SOON_DAYS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When the next exercise of a kind is due. `state` is overdue, soon, in_time or never."""

    kind: ExerciseKind
    months: int
    last: datetime | None
    last_ref: str
    due_on: date
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRun:
    """One finished run, as an auditor asks for it."""

    ref: str
    title: str
    kind: str
    scenario_sha256: str
    started_at: datetime
    ended_at: datetime
    outside_observer: str
    report_sha256: str
    actions: int
    actions_open: int


def programme(session: Session, *, now: datetime) -> tuple[Due, ...]:
    """Say for each kind when the next exercise is due; without any, it is overdue today."""
    runs = _finished(session)
    return tuple(_due(kind, runs, now) for kind in CADENCE)


def _due(kind: ExerciseKind, runs: Sequence[tuple[ExerciseRun, Incident]], now: datetime) -> Due:
    counted = [(run, one) for run, one in runs if run.programme in COUNTS_AS[kind]]
    last = max(counted, key=lambda pair: pair[0].ended_at or pair[0].started_at, default=None)
    ended = last[0].ended_at if last else None
    due = (ended + relativedelta(months=CADENCE[kind])).date() if ended else now.date()
    days = (due - now.date()).days
    state = "never" if ended is None else "overdue" if days < 0 else "in_time"
    if state == "in_time" and days <= SOON_DAYS:
        state = "soon"
    return Due(
        kind=kind,
        months=CADENCE[kind],
        last=ended,
        last_ref=last[1].ref if last else "",
        due_on=due,
        state=state,
    )


def held_runs(session: Session) -> tuple[HeldRun, ...]:
    """List the finished runs, the newest first."""
    found = []
    for run, incident in _finished(session):
        actions = session.exec(
            select(CorrectiveAction).where(CorrectiveAction.run_id == run.id)
        ).all()
        found.append(
            HeldRun(
                ref=incident.ref,
                title=incident.title,
                kind=run.programme,
                scenario_sha256=run.scenario_sha256,
                started_at=run.started_at,
                ended_at=run.ended_at or run.started_at,
                outside_observer=run.outside_observer,
                report_sha256=run.report_sha256,
                actions=len(actions),
                actions_open=sum(one.state != "done" for one in actions),
            )
        )
    return tuple(found)


def _finished(session: Session) -> Sequence[tuple[ExerciseRun, Incident]]:
    query = (
        select(ExerciseRun, Incident)
        .join(Incident, col(Incident.id) == col(ExerciseRun.incident_id))
        .where(ExerciseRun.state == "ended")
        .order_by(col(ExerciseRun.ended_at).desc())
    )
    return session.exec(query).all()
