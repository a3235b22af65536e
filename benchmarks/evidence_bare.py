"""The raw limits: one row per durable commit, SQLite and PostgreSQL with nothing of ours.

An append writes four rows (entry, checkpoint, head, and the entry's place in an index), so there is
a commit of four rows too; and a chain lets one writer in at a time, so there are bare writers who
take a lock, read the last row and add one.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bot.store.engine import BACKSTOP_PAGES

LINE = bytes(426)
ROWS = ("line", "note", "head", "leaf")


def bare_sqlite(path: Path) -> sqlite3.Connection:
    """Open a database with one table, and the settings of the product that bear on commits."""
    bare = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"wal_autocheckpoint={BACKSTOP_PAGES}",
    ):
        bare.execute(f"PRAGMA {pragma}")
    for table in ROWS:
        bare.execute(f"CREATE TABLE IF NOT EXISTS {table} (n INTEGER PRIMARY KEY, line BLOB)")
    return bare


def bare_commit(bare: sqlite3.Connection) -> None:
    """Insert and commit one row."""
    bare.execute("BEGIN IMMEDIATE")
    bare.execute("INSERT INTO line (line) VALUES (?)", (LINE,))
    bare.execute("COMMIT")


def bare_commit_of_four(bare: sqlite3.Connection) -> None:
    """Insert and commit as many rows as an append does, in as many tables."""
    bare.execute("BEGIN IMMEDIATE")
    for table in ROWS:
        bare.execute(f"INSERT INTO {table} (line) VALUES (?)", (LINE,))
    bare.execute("COMMIT")


def bare_writer(url: str) -> Callable[[], None]:
    """Return what locks out the other writers, reads the last row, adds one and commits."""
    last, add = "SELECT n, line FROM line ORDER BY n DESC LIMIT 1", "INSERT INTO line (line) VALUES"
    if url.startswith("sqlite:///"):
        bare = bare_sqlite(Path(url.removeprefix("sqlite:///")))
        bare.execute("PRAGMA busy_timeout=30000")

        def on_sqlite() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute(last).fetchall()
            bare.execute(f"{add} (?)", (LINE,))
            bare.execute("COMMIT")

        return on_sqlite
    connection = psycopg.connect(url.replace("+psycopg", "", 1))

    def on_postgres() -> None:
        connection.execute("SELECT pg_advisory_xact_lock(42)")
        connection.execute(last).fetchall()
        connection.execute(f"{add} (%s)", (LINE,))
        connection.commit()

    return on_postgres


@contextmanager
def bare_postgres(url: str) -> Iterator[Callable[[], None]]:
    """Lend what inserts and commits one row, in one round trip; its table is dropped after."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as bare:
        bare.execute("CREATE TABLE line (n bigserial PRIMARY KEY, line bytea)")

        def commit() -> None:
            bare.execute("INSERT INTO line (line) VALUES (%s)", (LINE,))

        yield commit
        bare.execute("DROP TABLE line")
