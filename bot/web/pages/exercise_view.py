"""A run as its pages show it, by who looks: the facilitator, an observer, a player.

Reads and computes; changes nothing. Players are never handed the facilitator's notes, nor what is
still to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.domain.exercise_clock import ExerciseClock
from bot.domain.scenario import Scenario
from bot.services.access import UnknownIncidentError
from bot.services.after_action_voices import CLARITY
from bot.services.exercises import scenario_of
from bot.services.situation import person_view
from bot.store.exercise_queries import (
    clock_in,
    decisions_of,
    injects_of,
    part_of,
    parts_in,
    results_of,
    run_of,
)
from bot.store.exercise_tables import (
    CaughtMessage,
    CorrectiveAction,
    ExerciseDecision,
    ExerciseRating,
    ExerciseRun,
    ExpectationResult,
    FeedbackGiven,
    InjectRun,
    Observation,
)
from bot.store.tables import Person
from bot.web.pages.desk import Seen, Visit

HANDS = "facilitator"


@dataclass(frozen=True, kw_only=True, slots=True)
class InjectLine:
    """One inject on the console; `note` and `expects` are for the facilitator only."""

    row: InjectRun
    note: str
    waits_for: str
    wall_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFile:
    """A run with all that belongs to it, as read at one moment."""

    seen: Seen
    run: ExerciseRun
    scenario: Scenario
    clock: ExerciseClock
    part: str
    wall: datetime
    now_ex: datetime
    injects: Sequence[InjectRun]
    results: Sequence[ExpectationResult]
    decisions: Sequence[ExerciseDecision]
    people: Sequence[tuple[str, str, str]]
    """Part, role and name of each."""
    observations: Sequence[Observation]
    ratings: Sequence[ExerciseRating]
    actions: Sequence[CorrectiveAction]
    caught: Sequence[CaughtMessage]
    gave_feedback: bool
    members: Sequence[tuple[str, str]]

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self.run.state in {"ended", "aborted"}

    @property
    def delivered(self) -> list[InjectRun]:
        """What players have seen, the newest first."""
        known = [one for one in self.injects if one.delivered_at is not None]
        return sorted(known, key=lambda one: (one.delivered_at or self.wall, one.id), reverse=True)

    @property
    def coming(self) -> list[InjectLine]:
        """What is still to come, the next first; for the facilitator."""
        lines = []
        for row in self.injects:
            if row.state not in {"planned", "held"}:
                continue
            inject = self.scenario.inject(row.inject_id)
            wall_at = self.clock.wall(row.planned_ex) if row.planned_ex else None
            lines.append(
                InjectLine(
                    row=row,
                    note=inject.note if inject else "",
                    waits_for=_waits(inject) if inject else "",
                    wall_at=wall_at,
                )
            )
        far = self.run.ends_ex
        return sorted(lines, key=lambda one: (one.row.planned_ex or far, one.row.id))

    def expected(self, state: str) -> list[tuple[Any, ExpectationResult]]:
        """List the expectations of a state with what the scenario says of them."""
        known = {one.id: one for one in self.scenario.expectations}
        return [
            (known[one.expectation_id], one)
            for one in self.results
            if one.state == state and one.expectation_id in known
        ]

    @property
    def to_judge(self) -> list[tuple[Any, ExpectationResult]]:
        """List what no entry of the log shows and nobody has judged yet."""
        return [(one, row) for one, row in self.expected("open") if one.match is None]

    @property
    def open_decisions(self) -> list[Any]:
        """List the decisions that were asked for and aren't taken."""
        taken = {one.decision_id for one in self.decisions}
        asked = [str(one.content.get("decision", "")) for one in self.delivered]
        known = [self.scenario.decision(key) for key in asked if key and key not in taken]
        return [one for one in known if one is not None]

    def rating_of(self, objective: str, *, final: bool) -> str:
        """Return the visitor's own rating of an objective, or the final one."""
        for one in self.ratings:
            mine = final or one.rater_id == self.seen.person.id
            if mine and one.final is final and one.subject == f"objective:{objective}":
                return str(one.rating["rating"])
        return ""


def _waits(inject: Any) -> str:
    if inject.reserve:
        return "in reserve: comes by your hand only"
    if inject.when is not None:
        return "comes only if its condition holds"
    return "you release it" if inject.hold else ""


def open_run_file(session: Session, visit: Visit, seen: Seen) -> RunFile:
    """Read a run whole; raise `UnknownIncidentError` for a live incident."""
    run = run_of(session, seen.incident)
    if run is None:
        raise UnknownIncidentError(f"{seen.incident.ref} is no exercise.")
    part, clock = part_of(session, run, seen.person), clock_in(run)
    parts = parts_in(session, run)
    return RunFile(
        seen=seen,
        run=run,
        scenario=scenario_of(run),
        clock=clock,
        part=part.part if part else "observer",
        wall=visit.wall,
        now_ex=clock.ex(min(visit.wall, run.ended_at) if run.ended_at else visit.wall),
        injects=injects_of(session, run),
        results=results_of(session, run),
        decisions=decisions_of(session, run),
        people=[(one.part, one.role, person_view(person).name) for one, person in parts],
        observations=_all(session, Observation, run),
        ratings=_all(session, ExerciseRating, run),
        actions=_all(session, CorrectiveAction, run),
        caught=session.exec(
            select(CaughtMessage)
            .where(CaughtMessage.incident_id == seen.incident.id)
            .order_by(col(CaughtMessage.id))
        ).all(),
        gave_feedback=session.get(FeedbackGiven, (run.id, seen.person.id)) is not None,
        members=[(person.slack_id, person_view(person).name) for _one, person in parts],
    )


def _all(session: Session, table: Any, run: ExerciseRun) -> Sequence[Any]:
    query = select(table).where(table.run_id == run.id).order_by(table.id)
    return list(session.exec(query).all())


def owner_names(session: Session, file: RunFile) -> dict[int, str]:
    """Name the owners of the corrective actions."""
    ids = {one.owner_id for one in file.actions if one.owner_id}
    people = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    return {one.id or 0: person_view(one).name for one in people}


__all__ = ["CLARITY", "HANDS", "RunFile", "open_run_file", "owner_names"]
