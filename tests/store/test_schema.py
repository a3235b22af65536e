"""Migrations give the tables of the models, on a fresh SQLite and a fresh PostgreSQL."""

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, column, inspect, table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select

from bot.store import exercise_tables, notice_tables, session_tables, tables
from bot.store.engine import WRITES, make_engine, normalise_url
from bot.store.schema import alembic_config, current_revision, head_revision, migrate
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
    assert {tables.Incident.__tablename__, notice_tables.Filing.__tablename__} <= OURS
    assert session_tables.WebSession.__tablename__ in OURS
    assert exercise_tables.ExerciseRun.__tablename__ in OURS
    assert len(OURS) == 38


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


AT = "2026-11-19 09:00:00+00:00"
OLD_ROWS: list[tuple[str, dict[str, object]]] = [
    ("person", {"id": 1, "actor": "p-1", "slack_id": "U0ANA", "name": "", "zone": ""}),
    (
        "incident",
        {
            "id": 1,
            "ref": "INC-2026-0001",
            "kind": "live",
            "title": "t",
            "severity": "SEV2",
            "status": "open",
            "playbook_id": "b",
            "playbook_version": 1,
            "playbook_sha256": "",
            "opened_at": AT,
            "opened_by": 1,
            "channel_name": "c",
            "channel_error": "",
        },
    ),
    (
        "roleholding",
        {"id": 1, "incident_id": 1, "role": "legal", "person_id": 1, "since_at": AT, "note": ""},
    ),
    (
        "clock",
        {
            "id": 1,
            "incident_id": 1,
            "kind": "regulatory",
            "key": "EU-GDPR-33-SA",
            "title": "t",
            "state": "running",
            "zone": "UTC",
            "reason": "",
            "detail": "{}",
            "proof": "",
        },
    ),
    (
        "reminder",
        {"id": 1, "incident_id": 1, "clock_id": 1, "label": "breach", "at": AT, "outcome": ""},
    ),
]


def check_upgrade(engine: Engine) -> None:
    """A database of the first version, with an incident in it, becomes one of today."""
    config = alembic_config()
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for name, row in OLD_ROWS:
            connection.execute(table(name, *map(column, row)).insert().values(row))
    assert current_revision(engine) == "0001"
    migrate(engine)
    assert current_revision(engine) == head_revision()
    assert differences(engine) == []
    with Session(engine) as session:
        clock = session.exec(select(tables.ClockRow)).one()
        assert (clock.rulings, clock.snoozed_until, clock.lateness) == ([], None, "")
        reminder = session.exec(select(tables.ReminderRow)).one()
        assert (reminder.escalate_at, reminder.escalation, reminder.point_at) == (None, 0, None)
        assert (reminder.acknowledged_at, reminder.acknowledged_by) == (None, None)
        assert session.exec(select(tables.RoleHolding)).one().deputy is False
        session.execute(text("UPDATE reminder SET acknowledged_by = 1"))
        with pytest.raises(IntegrityError):
            session.execute(text("UPDATE reminder SET acknowledged_by = 99"))


@pytest.mark.slow
def test_a_sqlite_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    check_upgrade(engine)
    engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_postgresql_of_the_first_version_is_brought_up_to_date(empty_postgres: str) -> None:
    engine = make_engine(empty_postgres)
    check_upgrade(engine)
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
