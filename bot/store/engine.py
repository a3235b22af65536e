"""Database connections: SQLite by default, PostgreSQL by URL, the same promises on both.

Decides the pragmas, the lock that a writing transaction takes and the pool. Units of work are in
`unit_of_work`, schema changes in `migrations`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

WRITES = "tocsin_writes"
"""Execution option of a connection whose next transaction will write."""

QUEUE_S = 30.0
"""Seconds that a writer waits for the others of its process; as long as the busy time-out."""

BACKSTOP_PAGES = 50_000
"""Pages (4 KiB) of write-ahead log at which a commit folds it in, should the tick not come."""


def normalise_url(url: str) -> str:
    """Return the URL with the driver that we ship: psycopg 3 for PostgreSQL."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def make_engine(url: str) -> Engine:
    """Return an engine for `url`; on SQLite the folder of the file is made if it isn't there."""
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=20,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def database_exists(url: str) -> bool:
    """Tell whether there is anything to connect to; connecting to SQLite would make the file."""
    parsed = make_url(normalise_url(url))
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return True
    return Path(str(parsed.database)).exists()


@contextmanager
def writing_session(engine: Engine, *, expire_on_commit: bool = True) -> Iterator[Session]:
    """Open a session whose transaction will write.

    Writers of one process queue here: SQLite itself makes a second writer sleep and look again,
    which costs up to a tenth of a second. Nothing is wrong if the queue is jumped; SQLite's own
    lock decides, so after `QUEUE_S` seconds it is asked anyway.
    """
    lock = _queue_of(engine)
    queued = lock.acquire(timeout=QUEUE_S) if lock else False
    try:
        writer = engine.execution_options(**{WRITES: True})
        with Session(writer, expire_on_commit=expire_on_commit) as session:
            yield session
    finally:
        if lock and queued:
            lock.release()


def _queue_of(engine: Engine) -> "Lock | None":
    """Return the queue of a SQLite database, one for each engine; PostgreSQL needs none."""
    if engine.url.get_backend_name() != "sqlite":
        return None
    with _QUEUES_GUARD:
        return _QUEUES.setdefault(engine, Lock())


_QUEUES: "WeakKeyDictionary[Engine, Lock]" = WeakKeyDictionary()
_QUEUES_GUARD = Lock()


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Set the pragmas of the design: WAL, full sync, foreign keys.

    `synchronous=FULL`: a commit that was acknowledged and signed must survive a power cut;
    WAL with NORMAL may lose the last ones, which would look like tampering.
    """
    connection.isolation_level = None  # we begin transactions ourselves, see `_begin_sqlite`
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        # What is erased (personal data, keys of artifacts) is overwritten, not only let go of.
        "secure_delete=ON",
        # The tick folds the log into the database; no person's request should have to wait for it.
        f"wal_autocheckpoint={BACKSTOP_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def fold_log(engine: Engine) -> None:
    """Move what was committed from SQLite's write-ahead log into the database file.

    Passive: waits for nobody and lets nobody wait. PostgreSQL does the like by itself.
    """
    if engine.url.get_backend_name() == "sqlite":
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where the transaction will write.

    A deferred transaction that first reads and then writes fails with SQLITE_BUSY_SNAPSHOT when
    another writer came between; no timeout helps against that.
    """
    writes = connection.get_execution_options().get(WRITES, False)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    raw: Any = connection.connection.driver_connection
    try:
        # Straight to the driver: through SQLAlchemy it would cost a tenth of a short transaction.
        raw.execute(begin).close()
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            begin, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
