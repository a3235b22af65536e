"""Work that leaves a transaction: enqueued in the same commit as the rows that ask for it.

DBOS keeps its tables in our database, so a job exists if and only if the change that wants it
was committed (`DBOSClient.enqueue_in_transaction`). Jobs of one incident run one after another.
What a job does is in `bot.jobs`.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from dbos import (
    DBOSClient,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowSerializationFormat,
)
from sqlalchemy import Engine
from sqlmodel import Session

from bot.clock import utc_now

QUEUE = "incident"
"""Jobs of one incident, in order."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: a registered name and JSON arguments."""

    name: str
    arguments: dict[str, Any]
    lane: str
    delay_s: float = 0.0


class Outbox:
    """Puts jobs into DBOS's queue inside the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), lazy=True
        )

    def put(self, session: Session, job: Job, *, place: int) -> None:
        """Enqueue the job; it runs only if the session's transaction commits.

        DBOS orders by the time of queueing and then by workflow id. On SQLite that time has whole
        seconds (Python 3.11), so the id begins with ours, in microseconds; `place` numbers the
        jobs of one transaction.
        """
        options: EnqueueOptions = {
            "workflow_name": job.name,
            "queue_name": QUEUE,
            "workflow_id": f"{utc_now():%Y%m%dT%H%M%S%f}-{place:04d}-{uuid4()}",
            "queue_partition_key": job.lane,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        if job.delay_s:
            options["delay_seconds"] = job.delay_s
        self._client.enqueue_in_transaction(session, options, job.arguments)

    def pending(self) -> int:
        """Count the jobs that are queued, delayed or running."""
        states = ["ENQUEUED", "DELAYED", "PENDING"]
        return len(self._client.list_workflows(status=states, load_input=False))

    def close(self) -> None:
        """Give the client's connections back."""
        self._client.destroy()
