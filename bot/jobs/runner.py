"""Running jobs: DBOS takes them from our database, each at least once, in order per incident.

Decides what a failure means: Slack away or asking to wait puts the job back with a delay; a final
refusal is written to the program's log and ends the job. Jobs are safe to repeat, so a process
that is killed in the middle starts its jobs again when it comes back.
"""

import logging
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import Engine

from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.jobs.parts import NotYetError, Parts
from bot.store.outbox import QUEUE, Job
from bot.store.unit_of_work import unit_of_work

log = logging.getLogger("tocsin.jobs")

JobFunction = Callable[[Parts, Mapping[str, Any]], None]

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
NOT_YET_WAIT_S = 0.5
POLL_S = 0.05
TICK = "*/5 * * * * *"
"""Every five seconds (six-field cron): late enough to be cheap, early enough for an hour's clock."""


def start(
    parts: Parts,
    *,
    jobs: Mapping[str, JobFunction],
    tick: Callable[[Parts, datetime], None],
    engine: Engine,
    ticking: bool = True,
) -> None:
    """Launch DBOS on our database, register the jobs, and start the queue and the tick.

    One DBOS runs in a process. Its executor id is the host's name, so that a restarted process
    takes up what it left. All versions of our code may run any job: arguments are plain JSON.
    """
    config: DBOSConfig = {
        "name": "tocsin",
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "application_version": "tocsin",
        "executor_id": socket.gethostname(),
        "serializer": DBOSPortableJSONSerializer(),
        "scheduler_polling_interval_sec": 1.0,
        "log_level": "WARNING",
        "max_executor_threads": 8,
    }
    DBOS(config=config)
    for name, function in jobs.items():
        DBOS.workflow(name=name, max_recovery_attempts=None)(_runner(parts, name, function))

    def on_tick(_scheduled: datetime, _context: Any) -> None:
        tick(parts, parts.clock())

    ticker = DBOS.workflow(name="tick", max_recovery_attempts=None)(on_tick)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE, partition_concurrency=1, worker_concurrency=8, polling_interval_sec=POLL_S
    )
    if ticking:
        DBOS.apply_schedules(
            [{"schedule_name": "tick", "workflow_fn": ticker, "schedule": TICK, "context": None}]
        )


def stop(*, wait_s: int = 5) -> None:
    """Stop taking jobs and wait for the running ones; forget what was registered."""
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_s)


def _runner(parts: Parts, name: str, function: JobFunction) -> Callable[[dict[str, Any]], None]:
    def run(arguments: dict[str, Any]) -> None:
        try:
            function(parts, arguments)
        except SlackUnavailableError as error:
            log.warning("%s waits for Slack: %s", name, error)
            put_back(parts, name, arguments, wait_s=error.retry_after_s)
        except NotYetError:
            put_back(parts, name, arguments, wait_s=NOT_YET_WAIT_S)
        except SlackRefusedError as error:
            log.error("%s of incident %s: %s", name, arguments.get("incident_id"), error)  # noqa: TRY400 - Slack's answer says it all

    run.__name__ = run.__qualname__ = name
    return run


def put_back(parts: Parts, name: str, arguments: Mapping[str, Any], *, wait_s: float) -> None:
    """Queue the job again after a wait that grows with each try."""
    tries = int(arguments.get("tries", 0)) + 1
    wait = min(max(wait_s, FIRST_WAIT_S * 2 ** min(tries - 1, 8)), LONGEST_WAIT_S)
    if wait_s == NOT_YET_WAIT_S:
        wait = min(NOT_YET_WAIT_S * tries, 30.0)
    again = {**arguments, "tries": tries}
    lane = f"retry/{name}/{arguments.get('incident_id')}"
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        tx.jobs.append(Job(name=name, arguments=again, lane=lane, delay_s=wait))
