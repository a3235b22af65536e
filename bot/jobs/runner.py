"""Running jobs: DBOS takes them from our database, each at least once, in order per incident.

Decides what a failure means. Slack away or asking to wait: the job waits in its place and tries
again, so that nothing overtakes it. A final refusal is written to the program's log and ends the
job. Jobs are safe to repeat, so a process that is killed in the middle starts its jobs again.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.jobs.parts import Parts
from bot.store.executors import dead_executors, take_executor
from bot.store.outbox import QUEUE, Job
from bot.store.unit_of_work import unit_of_work

log = logging.getLogger("tocsin.jobs")

JobFunction = Callable[[Parts, Mapping[str, Any]], None]

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
LANES = 8
SPARE_THREADS = 4
"""Threads beside those of the lanes, so that the tick runs even while every lane waits."""
POLL_S = 0.1
"""How often the queue is looked at: a look costs some milliseconds, also while nothing waits."""
BEAT_S = 0.25
TICK = "*/5 * * * * *"
"""Every five seconds (six-field cron): cheap enough, and early enough for an hour's clock."""

_stopping = threading.Event()
"""Set while the one DBOS of this process shuts down; wakes the jobs that wait for Slack."""
_held = ExitStack()
"""What the one DBOS of this process holds until it has stopped."""


class StoppedError(BaseException):
    """The process ends while a job waits.

    Not an `Exception`, so that DBOS keeps the job pending and the next start takes it up.
    """


def start(
    parts: Parts,
    *,
    jobs: Mapping[str, JobFunction],
    unordered: Collection[str],
    tick: Callable[[Parts, datetime], None],
    fast_tick: Callable[[Parts, datetime], bool],
    engine: Engine,
    ticking: bool = True,
    executor: str = "",
) -> None:
    """Launch DBOS on our database, register the jobs, and start the queue and the tick.

    One DBOS runs in a process. It takes up what a process of its name left, and with each tick
    what dead ones left. Without `executor` the name is a free number (`store.executors`); two that
    run at once must not be given the same one. All versions of our code may run any job: arguments
    are plain JSON. Jobs in `unordered` are slow and leave their incident's lane.
    """
    _stopping.clear()
    if not executor:
        taken = take_executor(engine)
        _held.callback(taken.release)
        executor = taken.name
    DBOS(config=_config(engine, executor))
    for name, function in jobs.items():
        runner = _runner(parts, name, function, leaves_lane=name in unordered)
        DBOS.workflow(name=name, max_recovery_attempts=None)(runner)

    def on_tick(_scheduled: datetime, _context: Any) -> None:
        _take_up(engine, executor)
        tick(parts, parts.clock())

    ticker = DBOS.workflow(name="tick", max_recovery_attempts=None)(on_tick)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE, partition_concurrency=1, worker_concurrency=LANES, polling_interval_sec=POLL_S
    )
    if ticking:
        threading.Thread(target=_beat, args=(parts, fast_tick), name="beat", daemon=True).start()
        DBOS.apply_schedules(
            [{"schedule_name": "tick", "workflow_fn": ticker, "schedule": TICK, "context": None}]
        )


def _beat(parts: Parts, fast_tick: Callable[[Parts, datetime], bool]) -> None:
    """Run the fast tick until the process stops: injects of an exercise can't wait for the tick."""
    more = False
    while not _stopping.wait(0 if more else BEAT_S):
        more = False
        try:
            more = fast_tick(parts, parts.clock())
        except Exception:
            log.exception("the fast tick failed; it goes on")


def _config(engine: Engine, executor: str) -> DBOSConfig:
    return {
        "name": "tocsin",
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "application_version": "tocsin",
        "executor_id": executor,
        "serializer": DBOSPortableJSONSerializer(),
        "scheduler_polling_interval_sec": 1.0,
        "log_level": "WARNING",
        "max_executor_threads": LANES + SPARE_THREADS,
    }


def _take_up(engine: Engine, executor: str) -> None:
    """Queue again what processes that are gone left half-done; else their incidents stay silent."""
    dead = dead_executors(engine, mine=executor)
    if dead:
        log.warning("taking up the jobs of %s", ", ".join(dead))
        DBOS._recover_pending_workflows(dead)  # noqa: SLF001 - it has no public name


def stop(*, wait_s: int = 5) -> None:
    """Stop taking jobs and wait for the running ones; forget what was registered."""
    _stopping.set()
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_s)
    _held.close()


def _runner(
    parts: Parts, name: str, function: JobFunction, *, leaves_lane: bool
) -> Callable[[dict[str, Any]], None]:
    def run(arguments: dict[str, Any]) -> None:
        if leaves_lane and not arguments.get("moved"):
            _move(parts, name, arguments)
            return
        for tries in count():
            try:
                function(parts, arguments)
            except SlackUnavailableError as error:
                log.warning("%s waits for Slack: %s", name, error)
                _wait(max(error.retry_after_s, _backoff(tries)))
            except OperationalError as error:
                log.warning("%s waits for the database: %s", name, type(error.orig).__name__)
                _wait(_backoff(tries))
            except SlackRefusedError as error:
                log.error("%s of incident %s: %s", name, arguments.get("incident_id"), error)  # noqa: TRY400 - Slack's answer says it all
                return
            else:
                return

    run.__name__ = run.__qualname__ = name
    return run


def check_running() -> None:
    """Raise `StoppedError` if the process is ending: a long job asks between its steps."""
    if _stopping.is_set():
        raise StoppedError


def _backoff(tries: int) -> float:
    return float(min(FIRST_WAIT_S * 2 ** min(tries, 8), LONGEST_WAIT_S))


def _wait(seconds: float) -> None:
    if _stopping.wait(seconds):
        raise StoppedError


def _move(parts: Parts, name: str, arguments: Mapping[str, Any]) -> None:
    """Put a slow job into a lane of its own, so that an incident's news doesn't wait for it."""
    lane = f"{name}/{arguments['incident_id']}"
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        tx.jobs.append(Job(name=name, arguments={**arguments, "moved": True}, lane=lane))
