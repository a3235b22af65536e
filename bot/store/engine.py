"""Database connections: SQLite by default, PostgreSQL by URL, the same promises on both.

Decides the pragmas, the lock that a writing transaction takes and the pool. Units of work are in
`unit_of_work`, schema changes in `migrations`.
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

WRITES = "tocsin_writes"
"""Execution option of a connection whose next transaction will write."""


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


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Set the pragmas of the design: WAL, full sync, foreign keys.

    `synchronous=FULL`: a commit that was acknowledged and signed must survive a power cut;
    WAL with NORMAL may lose the last ones, which would look like tampering.
    """
    connection.isolation_level = None  # we begin transactions ourselves, see `_begin_sqlite`
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where the transaction will write.

    A deferred transaction that first reads and then writes fails with SQLITE_BUSY_SNAPSHOT when
    another writer came between; no timeout helps against that.
    """
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
