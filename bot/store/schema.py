"""Bringing a database up to date: runs our Alembic migrations, on SQLite and PostgreSQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS
from sqlalchemy import Engine, text

from bot.store.engine import WRITES

FOLDER = Path(__file__).parent / "migrations"

_LOCK = 0x70C51
"""Number of the advisory lock that a migrating process holds on PostgreSQL."""
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:key)")
_PAUSE_S = 0.1


def alembic_config() -> Config:
    """Return Alembic's configuration, without any file outside the package."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def migrate(engine: Engine) -> None:
    """Run every migration that the database lacks: the job queue's, then ours in one transaction.

    Several processes may start at once: one migrates, the others wait and find it done.
    """
    if current_revision(engine) == head_revision():
        return
    with _alone(engine):
        # DBOS's tables lie in the same database; a no-op where they are up to date.
        DBOS.migrate(engine.url.render_as_string(hide_password=False))
        config = alembic_config()
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time migrate a PostgreSQL database.

    The lock is asked for again and again, by a connection without a transaction: DBOS builds
    indexes concurrently, which waits for every open transaction, also for one that waits for our
    lock. A SQLite file has one process.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(_TAKE, {"key": _LOCK}).scalar_one():
            time.sleep(_PAUSE_S)
        try:
            yield
        finally:
            connection.execute(_GIVE_BACK, {"key": _LOCK})


def current_revision(engine: Engine) -> str | None:
    """Return the database's revision, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision that we ship."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()
