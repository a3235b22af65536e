"""Holding runs: exercise time stands still, for the facilitator's reasons or for something real.

Apart from `exercises` because opening a real incident holds every run, and a run opens an incident.
"""

from collections.abc import Mapping

from bot.domain.exercise_clock import ExerciseClock, to_json
from bot.store.exercise_queries import clock_in, runs_going
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


def set_clock(tx: Tx, run: ExerciseRun, clock: ExerciseClock) -> None:
    """Give a run another clock; its time is told by it from now on."""
    run.segments = to_json(clock)
    tx.session.add(run)
    tx.now = clock.ex(tx.wall)


def hold_run(
    tx: Tx, incident: Incident, run: ExerciseRun, *, reason: str, actor: Person | None, event: str
) -> None:
    """Let a run's time stand still; of one that is held already only the reason changes."""
    set_clock(tx, run, clock_in(run).hold(tx.wall))
    run.state, run.hold_reason = "held", reason.strip()
    record_exercise(tx, incident, event, actor=actor, pd={"reason": reason.strip()})
    announce_exercise(tx, incident, event)


def hold_every_exercise(tx: Tx, because_of: str) -> list[str]:
    """Hold every run that goes on, because something real was opened; return their references."""
    held = []
    for run in runs_going(tx.session):
        if run.state == "held":
            continue
        incident, before = tx.session.get_one(Incident, run.incident_id), tx.now
        tx.hold(incident)
        tx.enter(incident)
        reason = f"a real incident was opened ({because_of})"
        hold_run(tx, incident, run, reason=reason, actor=None, event="exercise.held")
        tx.now = before
        held.append(incident.ref)
    return held


def record_exercise(
    tx: Tx,
    incident: Incident,
    event: str,
    *,
    actor: Person | None,
    data: Mapping[str, object] | None = None,
    pd: Mapping[str, str] | None = None,
) -> None:
    """Write an entry about a run."""
    said = {key: words for key, words in (pd or {}).items() if words}
    who = actor.actor if actor else SYSTEM_ACTOR
    tx.record(incident, event, actor=who, data=data, pd=said or None)


def announce_exercise(tx: Tx, incident: Incident, event: str) -> None:
    """Have it posted in the exercise's channel."""
    key = f"{incident.ref}/{event}/{tx.wall.isoformat()}"
    tx.enqueue("announce", incident, key=key, kind="exercise", detail={"what": event})
