"""The few statements of an append, straight to the database's driver.

Decides how they are sent: an append runs four short statements, and building each anew with
SQLAlchemy costs more than the disk. On PostgreSQL they travel together (pipeline), because each
round trip is spent holding the log's lock. Transactions stay SQLAlchemy's, and so do errors.
"""

from collections.abc import Sequence
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


def run(connection: Connection, statements: Sequence[Statement]) -> Any:
    """Run the statements in the connection's transaction, in order; return the last one's cursor.

    Each sees what those before it did, and on PostgreSQL (READ COMMITTED) what others committed
    before it began, not before the first began.

    Raises:
        DBAPIError: SQLAlchemy's, as elsewhere; the transaction must be rolled back.
    """
    if not connection.in_transaction():
        connection.begin()
    raw: Any = connection.connection.driver_connection
    dialect = connection.dialect
    try:
        if dialect.name != "postgresql":
            return [_send(raw, sql, values) for sql, values in statements][-1]
        with raw.pipeline():
            sent = [_send(raw, sql.replace("?", "%s"), values) for sql, values in statements]
        return sent[-1]
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            statements[-1][0],
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            dialect=dialect,
        ) from error


def _send(raw: Any, sql: str, values: tuple[object, ...]) -> Any:
    cursor = raw.cursor()
    cursor.execute(sql, values)
    return cursor
