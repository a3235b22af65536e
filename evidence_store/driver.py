"""The few statements of an append, straight to the database's driver.

Decides how they are sent: an append runs a handful of short statements, and building each anew
with SQLAlchemy costs more than the disk. On PostgreSQL they travel together, because each round
trip is spent holding the log's lock. Transactions stay SQLAlchemy's, and so do errors.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

READ = "SELECT size, head, compact_range, vkey FROM evidence_log WHERE origin = ?"
# A write that changes nothing takes SQLite's write lock before anything is read, so a transaction
# that was begun deferred is safe too.
LOCK_AND_READ = (
    "UPDATE evidence_log SET size = size WHERE origin = ? RETURNING size, head, compact_range, vkey"
)
LOCK_ONE = "SELECT pg_advisory_xact_lock_shared(?), pg_advisory_xact_lock(?)"
# PostgreSQL's snapshot is from before the wait for the lock, so a plain read would show a head that
# has moved since. FOR UPDATE reads the row as it is when its turn comes. NO KEY: rows that refer to
# the log may be written meanwhile. There is no row to lock, hence no lock, before a log is opened.
LOCK_ONE_AND_READ = (
    f"WITH locked AS MATERIALIZED ({LOCK_ONE}) "  # noqa: S608 - constants only
    "SELECT size, head, compact_range, vkey FROM locked, evidence_log WHERE origin = ? "
    "FOR NO KEY UPDATE OF evidence_log"
)
LOCK_ALL = "SELECT pg_advisory_xact_lock(?)"
INSERT_ENTRY = (
    "INSERT INTO evidence_entry (origin, seq, leaf, line, event, ts) VALUES (?, ?, ?, ?, ?, ?)"
)
INSERT_OPENING = (
    "INSERT INTO evidence_opening (origin, seq, name, salt, value) VALUES (?, ?, ?, ?, ?)"
)
INSERT_CHECKPOINT = "INSERT INTO evidence_checkpoint (origin, size, note) VALUES (?, ?, ?)"
MOVE = (
    "UPDATE evidence_log SET size = ?, head = ?, compact_range = ?, vkey = ? "
    "WHERE origin = ? AND size = ?"
)

Statement = tuple[str, tuple[object, ...]]
"""SQL with SQLite's marks, and the values for them."""

_TOGETHER = 16
"""How many statements make up one on PostgreSQL; many more cost more to plan than to send."""


def read(connection: Connection, sql: str, values: tuple[object, ...]) -> list[Any]:
    """Run one statement in the connection's transaction and return its rows.

    On PostgreSQL (READ COMMITTED) it sees what others committed before it began.

    Raises:
        DBAPIError: SQLAlchemy's, as elsewhere; the transaction must be rolled back.
    """
    cursor = _run(connection, [(_marked(sql) if _is_postgresql(connection) else sql, values)])
    rows: list[Any] = cursor.fetchall()
    return rows


def write(connection: Connection, statements: Sequence[Statement]) -> int:
    """Run statements that don't read what the others wrote; return how many rows the last changed.

    Raises:
        DBAPIError: SQLAlchemy's, as elsewhere; the transaction must be rolled back.
    """
    together = _together(statements) if _is_postgresql(connection) else statements
    return int(_run(connection, together).rowcount)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _run(connection: Connection, statements: Iterable[Statement]) -> Any:
    """Run the statements in order and return the last one's cursor."""
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.driver_connection
    cursor: Any = None
    sql = ""
    try:
        for sql, values in statements:
            cursor = _send(raw, sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        dialect = connection.dialect
        raise DBAPIError.instance(
            sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from error
    return cursor


def _together(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Make one statement of several, whose parts the database runs as they come."""
    for start in range(0, len(statements), _TOGETHER):
        part = statements[start : start + _TOGETHER]
        values = tuple(value for _, values in part for value in values)
        yield _joined(tuple(sql for sql, _ in part)), values


@lru_cache(maxsize=256)
def _joined(parts: tuple[str, ...]) -> str:
    *first, last = parts
    named = ", ".join(f"part{number} AS ({sql})" for number, sql in enumerate(first))
    return _marked(f"WITH {named} {last}" if named else last)


@lru_cache(maxsize=16)
def _marked(sql: str) -> str:
    return sql.replace("?", "%s")


def _send(raw: Any, sql: str, values: tuple[object, ...]) -> Any:
    cursor = raw.cursor()
    cursor.execute(sql, values)
    return cursor
