"""The raw limits: one row per durable commit, SQLite and PostgreSQL with nothing of ours."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bot.store.engine import BACKSTOP_PAGES

LINE = bytes(426)


def bare_sqlite(path: Path) -> sqlite3.Connection:
    """Open a database with one table, and the settings of the product that bear on commits."""
    bare = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"wal_autocheckpoint={BACKSTOP_PAGES}",
    ):
        bare.execute(f"PRAGMA {pragma}")
    bare.execute("CREATE TABLE line (n INTEGER PRIMARY KEY, line BLOB)")
    return bare


def bare_commit(bare: sqlite3.Connection) -> None:
    """Insert and commit one row."""
    bare.execute("BEGIN IMMEDIATE")
    bare.execute("INSERT INTO line (line) VALUES (?)", (LINE,))
    bare.execute("COMMIT")


@contextmanager
def bare_postgres(url: str) -> Iterator[Callable[[], None]]:
    """Lend what inserts and commits one row, in one round trip; its table is dropped after."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as bare:
        bare.execute("CREATE TABLE line (n bigserial PRIMARY KEY, line bytea)")

        def commit() -> None:
            bare.execute("INSERT INTO line (line) VALUES (%s)", (LINE,))

        yield commit
        bare.execute("DROP TABLE line")
