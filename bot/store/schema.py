"""Bringing a database up to date: runs our Alembic migrations, on SQLite and PostgreSQL."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS
from sqlalchemy import Engine

FOLDER = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    """Return Alembic's configuration, without any file outside the package."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def migrate(engine: Engine) -> None:
    """Run every migration that the database lacks: the job queue's, then ours in one transaction."""
    if current_revision(engine) == head_revision():
        return
    # DBOS's tables lie in the same database; a no-op where they are up to date.
    DBOS.migrate(engine.url.render_as_string(hide_password=False))
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current_revision(engine: Engine) -> str | None:
    """Return the database's revision, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision that we ship."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()
