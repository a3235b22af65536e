"""The fast tick of exercises: several times a second, so that injects are prompt.

Reads everything from tables; a process that was down goes on where the run is now. Two processes
may look at the same run at once: the incident is held by one, and the other finds it done.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

from bot.jobs.parts import Parts
from bot.services.exercise_steps import advance
from bot.store.exercise_queries import clock_in, planned_times, runs_going
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, origin_of, reading, unit_of_work
from evidence_store.log import log_size

log = logging.getLogger("tocsin.jobs")


LOOK_AGAIN = timedelta(seconds=1)
"""After so long on the wall a run with injects that wait for something is looked at in any case."""
ENOUGH = timedelta(seconds=0.25)
"""After so long on the wall a tick looks anew who has waited longest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """When a run was advanced last, and how many entries its log had then."""

    at: datetime
    log_size: int


_LOOKS: "WeakKeyDictionary[Engine, dict[int, _Look]]" = WeakKeyDictionary()
"""Only spares work: a process that has just started looks at every run."""


def tick_exercises(parts: Parts, now: datetime, *, every: bool = False) -> bool:
    """Advance each run that has something to do at `now` (wall), each in its own transaction.

    The one that has waited longest comes first. After `ENOUGH` the rest is left, and True returned:
    the next call, at once, sees what has become due meanwhile. With `every` all that run are
    advanced, so that what players did shows on the console: the five-second tick asks for it.
    """
    looks = _LOOKS.setdefault(parts.store.engine, {})
    with reading(parts.store) as session:
        due = sorted(_due(session, parts.store, looks, now, every=every))
    for _, incident_id, size in due:
        if not every and parts.clock() - now > ENOUGH:
            return True
        try:
            with unit_of_work(parts.store, now=now) as tx:
                incident = tx.session.get_one(Incident, incident_id)
                advance(tx, incident)
                ours = len(tx.drafts.get(incident.ref, ()))
            looks[incident_id] = _Look(at=now, log_size=size + ours)
        except Exception:
            log.exception("exercise of incident %s not advanced", incident_id)
    return False


def _due(
    session: Session, store: Store, looks: Mapping[int, _Look], now: datetime, *, every: bool
) -> Iterator[tuple[datetime, int, int]]:
    """Yield what is to be advanced: since when on the wall, the incident, its log's entries."""
    running = [one for one in runs_going(session) if one.state == "running"]
    planned = planned_times(session, running)
    for run in running:
        origin = origin_of(store, session.get_one(Incident, run.incident_id).ref)
        size = log_size(session.connection(), origin=origin)
        look = looks.get(run.incident_id)
        since = _due_since(run, planned[run.id or 0], now, look=look, log_size=size)
        if since is not None or every:
            yield since or now, run.incident_id, size


def _due_since(
    run: ExerciseRun,
    planned: Collection[datetime | None],
    now: datetime,
    *,
    look: _Look | None,
    log_size: int,
) -> datetime | None:
    """Return since when a running run is over or has an inject that is due; None if it has none.

    An inject can wait for more than its time: for another one, or for something that the players
    do. Such a one may be due when the log has grown, and is looked at once in `LOOK_AGAIN`.
    """
    clock = clock_in(run)
    now_ex = clock.ex(now)
    times = [at for at in (*planned, run.ends_ex) if at is not None and at <= now_ex]
    if look is not None and now_ex < run.ends_ex:
        fresh = [at for at in times if at > clock.ex(look.at)]
    else:
        fresh = times
    if fresh:
        return clock.wall(min(fresh))
    if not (times or None in planned):
        return None
    if look is None:
        return now
    again = look.at + LOOK_AGAIN
    return min(now, again) if look.log_size != log_size or again <= now else None
