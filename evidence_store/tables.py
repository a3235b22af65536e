"""The tables of the evidence log (SQLAlchemy Core, for SQLite and PostgreSQL).

Decides columns, keys and the triggers that refuse UPDATE and DELETE. The triggers stop mistakes
and bugs; proof against whoever owns the database is the signed checkpoint, not the trigger.
Only `evidence_opening` (salts and values behind commitments) may be deleted from: that is erasure.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

ORIGIN_LENGTH = 200
_TS_LENGTH = 27
_VKEY_LENGTH = 300
_URL_LENGTH = 2_000
_COUNT = BigInteger().with_variant(Integer(), "sqlite")


def _origin(*, parent: bool) -> Column[str]:
    link = (ForeignKey("evidence_log.origin"),) if parent else ()
    return Column("origin", String(ORIGIN_LENGTH), *link, primary_key=True)


evidence_log = Table(
    "evidence_log",
    metadata,
    _origin(parent=False),
    Column("size", _COUNT, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("compact_range", LargeBinary, nullable=False),
    Column("created_ts", String(_TS_LENGTH), nullable=False),
    # The key that signs now. Empty in rows from before rotations: then it is the first entry's.
    Column("vkey", String(_VKEY_LENGTH), nullable=False, server_default=""),
    # The size up to which the master log knows this log.
    Column("recorded_size", _COUNT, nullable=False, server_default="0"),
)

evidence_entry = Table(
    "evidence_entry",
    metadata,
    _origin(parent=True),
    Column("seq", _COUNT, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False, unique=True),
    Column("line", LargeBinary, nullable=False),
    Column("event", String(64), nullable=False),
    Column("ts", String(_TS_LENGTH), nullable=False),
    Index("ix_evidence_entry_event", "origin", "event"),
)

evidence_checkpoint = Table(
    "evidence_checkpoint",
    metadata,
    _origin(parent=True),
    Column("size", _COUNT, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)

evidence_opening = Table(
    "evidence_opening",
    metadata,
    Column("origin", String(ORIGIN_LENGTH), primary_key=True),
    Column("seq", _COUNT, primary_key=True, autoincrement=False),
    Column("name", String(64), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    ForeignKeyConstraint(["origin", "seq"], ["evidence_entry.origin", "evidence_entry.seq"]),
)

# RFC 3161 replies over the checkpoints of those sizes, each verified before it was kept.
evidence_token = Table(
    "evidence_token",
    metadata,
    Column("origin", String(ORIGIN_LENGTH), primary_key=True),
    Column("size", _COUNT, primary_key=True, autoincrement=False),
    Column("reply", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("gen_ts", String(_TS_LENGTH), nullable=False),
    Column("authority", String(_URL_LENGTH), nullable=False),
    ForeignKeyConstraint(
        ["origin", "size"], ["evidence_checkpoint.origin", "evidence_checkpoint.size"]
    ),
)

# When a log is to be stamped next (empty: not), and since when no stamp could be had.
evidence_anchoring = Table(
    "evidence_anchoring",
    metadata,
    _origin(parent=True),
    Column("due_ts", String(_TS_LENGTH), nullable=True, index=True),
    Column("missing_since_ts", String(_TS_LENGTH), nullable=True, index=True),
    Column("told_ts", String(_TS_LENGTH), nullable=True),
    Column("failures", Integer, nullable=False, server_default="0"),
)

_APPEND_ONLY = ("evidence_entry", "evidence_checkpoint", "evidence_token")
# REPLACE deletes a row without firing its DELETE trigger, so SQLite needs a guard on INSERT too.
_SAME_ROW = {
    "evidence_entry": "origin = NEW.origin AND seq = NEW.seq OR leaf = NEW.leaf",
    "evidence_checkpoint": "origin = NEW.origin AND size = NEW.size",
    "evidence_token": "origin = NEW.origin AND size = NEW.size",
}


class UnsupportedDatabaseError(ValueError):
    """The evidence log knows SQLite and PostgreSQL only."""


def trigger_ddl(dialect: str) -> list[str]:
    """Return the statements that make entries and checkpoints append-only; safe to repeat.

    Raises:
        UnsupportedDatabaseError: for a dialect other than "sqlite" and "postgresql".
    """
    if dialect == "sqlite":
        return [statement for table in _APPEND_ONLY for statement in _sqlite_triggers(table)]
    if dialect == "postgresql":
        triggers = [_postgresql_triggers(table) for table in _APPEND_ONLY]
        return [_POSTGRESQL_FUNCTION, *(statement for pair in triggers for statement in pair)]
    raise UnsupportedDatabaseError(
        f"no append-only triggers for {dialect!a}; use SQLite or PostgreSQL"
    )


def install(connection: Connection) -> None:
    """Create the triggers on existing tables (for migrations)."""
    for statement in trigger_ddl(connection.dialect.name):
        connection.exec_driver_sql(statement)


def create_all(connection: Connection) -> None:
    """Create the tables and triggers that don't exist yet."""
    metadata.create_all(connection)
    install(connection)


def _sqlite_triggers(table: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    changes = [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}"
        for verb in ("UPDATE", "DELETE")
    ]
    same = f"SELECT 1 FROM {table} WHERE {_SAME_ROW[table]}"  # noqa: S608 - constants only
    replace = (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS ({same}) {refuse}"
    )
    return [*changes, replace]


_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION evidence_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$
"""


def _postgresql_triggers(table: str) -> list[str]:
    call = "EXECUTE FUNCTION evidence_refuse_change()"
    change = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}"
    truncate = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}"
    return [
        f"CREATE OR REPLACE TRIGGER {table}_no_change {change}",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate {truncate}",
    ]
