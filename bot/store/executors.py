"""Which of the processes on one database this is: a number that is held while the process lives.

DBOS gives a restarted process the jobs that one of the same name left half-done. The host's name
won't do as that name: a container gets a new one each time, and two processes may share one. So a
process holds the lowest free number by a lock that ends with it, and numbers whose lock is free
are known to be dead.
"""

import fcntl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

MOST = 64
_PREFIX = "tocsin-"
_LOCK_SPACE = 7_206_001
"""First key of our PostgreSQL advisory locks; the second is the number."""


class NoExecutorLeftError(RuntimeError):
    """More processes run on the database than there are numbers."""


@dataclass(frozen=True, slots=True)
class Executor:
    """A held number; `release` lets go of it, and so does the end of the process."""

    name: str
    release: Callable[[], None]


def take_executor(engine: Engine) -> Executor:
    """Hold the lowest free number. Raises `NoExecutorLeftError` when all are taken."""
    for number in range(MOST):
        release = _try(engine, number)
        if release is not None:
            return Executor(f"{_PREFIX}{number}", release)
    raise NoExecutorLeftError(f"{MOST} processes run on this database; stop one of them.")


def dead_executors(engine: Engine, *, mine: str) -> list[str]:
    """Name the executors that left jobs half-done and whose process isn't there any more."""
    schema = "dbos." if engine.dialect.name == "postgresql" else ""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT DISTINCT executor_id FROM {schema}workflow_status "  # noqa: S608 - a constant
            "WHERE status = 'PENDING'"
        ).scalars()
        names = [str(name) for name in found if name != mine and _number(str(name)) is not None]
    return [name for name in names if _is_free(engine, _number(name) or 0)]


def _number(name: str) -> int | None:
    rest = name.removeprefix(_PREFIX)
    return int(rest) if name.startswith(_PREFIX) and rest.isdecimal() else None


def _is_free(engine: Engine, number: int) -> bool:
    release = _try(engine, number)
    if release is None:
        return False
    release()
    return True


def _try(engine: Engine, number: int) -> Callable[[], None] | None:
    if engine.dialect.name == "postgresql":
        return _try_advisory(engine, number)
    return _try_file(Path(f"{engine.url.database}.executor-{number}"))


def _try_advisory(engine: Engine, number: int) -> Callable[[], None] | None:
    """Take a session's advisory lock; the connection is kept for it alone."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    taken = connection.exec_driver_sql(
        f"SELECT pg_try_advisory_lock({_LOCK_SPACE}, {number})"
    ).scalar_one()
    if taken:
        return connection.close
    connection.close()
    return None


def _try_file(path: Path) -> Callable[[], None] | None:
    """Lock a file beside the SQLite database, which is on one computer anyway."""
    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle.close
