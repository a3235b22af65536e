"""Logs from before time stamps become due when the database is brought up to date."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, insert, inspect, text

from bot.store.engine import WRITES, make_engine
from bot.store.schema import alembic_config, migrate
from evidence_store import anchors
from evidence_store.tables import evidence_anchoring, evidence_log, evidence_token
from tests.conftest import T0

pytestmark = pytest.mark.slow

ORIGIN = "halden-mutual/incident/INC-2026-0001"


def check(engine: Engine) -> None:
    """Take away what 0003 adds, as an older version left it, and migrate."""
    config = alembic_config()
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for table in (evidence_token, evidence_anchoring):
            table.drop(connection)
        row = {"origin": ORIGIN, "size": 0, "head": b"", "compact_range": b""}
        created = "2026-11-19T08:00:00.000000Z"
        connection.execute(insert(evidence_log).values(created_ts=created, **row))
    migrate(engine)
    assert {"evidence_token", "evidence_anchoring"} <= set(inspect(engine).get_table_names())
    with engine.begin() as connection:
        assert anchors.due(connection, now=T0, limit=5) == [ORIGIN]
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with engine.connect() as connection:
        triggers = set(connection.execute(text(names[engine.dialect.name])).scalars())
    assert any(name.startswith("evidence_token_no_") for name in triggers)


def test_a_sqlite_of_the_second_version_gets_its_logs_stamped(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    check(engine)
    engine.dispose()


@pytest.mark.postgres
def test_a_postgresql_of_the_second_version_gets_its_logs_stamped(empty_postgres: str) -> None:
    engine = make_engine(empty_postgres)
    check(engine)
    engine.dispose()
