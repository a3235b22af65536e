"""Migrations give the tables of the models, on a fresh SQLite and a fresh PostgreSQL."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from bot.store import tables
from bot.store.engine import make_engine, normalise_url
from bot.store.schema import current_revision, head_revision, migrate
from evidence_store.tables import metadata as evidence_metadata

OURS = {table.name for table in SQLModel.metadata.sorted_tables}
THEIRS = {table.name for table in evidence_metadata.sorted_tables}


def differences(engine: Engine) -> list[object]:
    """What Alembic would still change, the job queue's and the evidence log's tables aside."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in OURS

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        return list(compare_metadata(context, SQLModel.metadata))


def check(engine: Engine) -> None:
    assert current_revision(engine) is None
    migrate(engine)
    assert current_revision(engine) == head_revision()
    assert differences(engine) == []
    assert set(inspect(engine).get_table_names()) >= OURS | THEIRS
    migrate(engine)
    assert differences(engine) == []


def test_the_models_are_known() -> None:
    assert tables.Incident.__tablename__ in OURS
    assert len(OURS) == 14


@pytest.mark.slow
def test_a_fresh_sqlite_gets_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/sub/new.db")
    check(engine)
    engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_fresh_postgresql_gets_the_tables_of_the_models(empty_postgres: str) -> None:
    engine = make_engine(empty_postgres)
    check(engine)
    engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_two_processes_may_start_at_once(empty_postgres: str) -> None:
    engines = [make_engine(empty_postgres) for _ in range(2)]
    problems: list[BaseException] = []

    def start(engine: Engine) -> None:
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=start, args=(one,)) for one in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert differences(engines[0]) == []
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_urls_get_the_driver_that_we_ship(url: str, normal: str) -> None:
    assert normalise_url(url) == normal
