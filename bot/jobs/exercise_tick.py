"""The fast tick of exercises: several times a second, so that injects are prompt.

Reads everything from tables; a process that was down goes on where the run is now. Two processes
may look at the same run at once: the incident is held by one, and the other finds it done.
"""

import logging
from datetime import datetime

from sqlmodel import Session, select

from bot.jobs.parts import Parts
from bot.services.exercise_steps import advance
from bot.store.exercise_queries import clock_in, runs_going
from bot.store.exercise_tables import ExerciseRun, InjectRun
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work

log = logging.getLogger("tocsin.jobs")


def tick_exercises(parts: Parts, now: datetime, *, every: bool = False) -> None:
    """Advance each run that has something to do at `now` (wall), each in its own transaction.

    With `every` all that run are advanced, so that what players did shows on the console: the
    five-second tick asks for it.
    """
    with reading(parts.store) as session:
        due = [
            run.incident_id
            for run in runs_going(session)
            if (every and run.state == "running") or _has_work(session, run, now)
        ]
    for incident_id in due:
        try:
            with unit_of_work(parts.store, now=now) as tx:
                advance(tx, tx.session.get_one(Incident, incident_id))
        except Exception:
            log.exception("exercise of incident %s not advanced", incident_id)


def _has_work(session: Session, run: ExerciseRun, now: datetime) -> bool:
    """Tell whether a running run has an inject that is due, or is over."""
    if run.state != "running":
        return False
    now_ex = clock_in(run).ex(now)
    if now_ex >= run.ends_ex:
        return True
    waiting = session.exec(
        select(InjectRun.planned_ex).where(InjectRun.run_id == run.id, InjectRun.state == "planned")
    ).all()
    # One without a time waits for another inject, or for something that the players do.
    return any(at is None or at <= now_ex for at in waiting)
