"""The fast tick of exercises: several times a second, so that injects are prompt.

Reads everything from tables; a process that was down goes on where the run is now. Two processes
may look at the same run at once: the incident is held by one, and the other finds it done.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.jobs.parts import Parts
from bot.services.exercise_steps import advance
from bot.store.exercise_queries import clock_in, runs_going
from bot.store.exercise_tables import ExerciseRun, InjectRun
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, origin_of, reading, unit_of_work
from evidence_store.log import log_size

log = logging.getLogger("tocsin.jobs")


LOOK_AGAIN = timedelta(seconds=1)
"""After so long on the wall a run with injects that wait for something is looked at in any case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """When a run was advanced last, and how many entries its log had then."""

    at: datetime
    log_size: int


_LOOKS: "WeakKeyDictionary[Engine, dict[int, _Look]]" = WeakKeyDictionary()
"""Only spares work: a process that has just started looks at every run."""


def tick_exercises(parts: Parts, now: datetime, *, every: bool = False) -> None:
    """Advance each run that has something to do at `now` (wall), each in its own transaction.

    With `every` all that run are advanced, so that what players did shows on the console: the
    five-second tick asks for it.
    """
    looks = _LOOKS.setdefault(parts.store.engine, {})
    with reading(parts.store) as session:
        due = [
            (run.incident_id, size)
            for run, size in _with_log_sizes(session, parts.store)
            if (every and run.state == "running")
            or _has_work(session, run, now, look=looks.get(run.incident_id), log_size=size)
        ]
    for incident_id, size in due:
        try:
            with unit_of_work(parts.store, now=now) as tx:
                incident = tx.session.get_one(Incident, incident_id)
                advance(tx, incident)
                ours = len(tx.drafts.get(incident.ref, ()))
            looks[incident_id] = _Look(at=now, log_size=size + ours)
        except Exception:
            log.exception("exercise of incident %s not advanced", incident_id)


def _with_log_sizes(session: Session, store: Store) -> Iterator[tuple[ExerciseRun, int]]:
    """Yield the runs that aren't over, each with the number of entries in its log."""
    for run in runs_going(session):
        origin = origin_of(store, session.get_one(Incident, run.incident_id).ref)
        yield run, log_size(session.connection(), origin=origin)


def _has_work(
    session: Session, run: ExerciseRun, now: datetime, *, look: _Look | None, log_size: int
) -> bool:
    """Tell whether a running run is over, or has an inject that is or may be due.

    An inject can wait for more than its time: for another one, or for something that the players
    do. Such a one may be due when the log has grown.
    """
    if run.state != "running":
        return False
    clock = clock_in(run)
    now_ex = clock.ex(now)
    if now_ex >= run.ends_ex:
        return True
    waiting = session.exec(
        select(InjectRun.planned_ex).where(InjectRun.run_id == run.id, InjectRun.state == "planned")
    ).all()
    if look is None or look.log_size != log_size or now - look.at >= LOOK_AGAIN:
        return any(at is None or at <= now_ex for at in waiting)
    looked_ex = clock.ex(look.at)
    return any(at is not None and looked_ex < at <= now_ex for at in waiting)
