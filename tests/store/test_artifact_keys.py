"""Keys of artifacts on SQLite and PostgreSQL, and a database from before there were any."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from bot.store.engine import WRITES, make_engine
from bot.store.schema import alembic_config, head_revision, migrate
from evidence_store.artifact_keys import ArtifactErasedError, MasterKey, keys_of
from evidence_store.artifacts import FolderArtifacts
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import sealed_size
from tests.conftest import T0

pytestmark = pytest.mark.slow


def store_on(engine: Engine, folder: Path) -> SealedArtifacts:
    inner = FolderArtifacts(folder / "artifacts", max_bytes=sealed_size(1_000))
    return SealedArtifacts(inner, master=MasterKey(bytes(32)), engine=engine, max_bytes=1_000)


def walk(engine: Engine, folder: Path) -> None:
    """Stored twice at once, read, erased, and collected again."""
    one, two = store_on(engine, folder), store_on(engine, folder)
    ref = one.store([b"abc"])
    assert two.store([b"abc"]) == ref
    for store in (one, two):
        with engine.begin() as connection:
            store.keep(connection, [ref])
        store.settled([ref])
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM artifact_key")).scalar_one()
    assert rows == 1, "the second keeps the key of the first"
    for store in (one, two):
        with store.open(ref.sha256) as file:
            assert file.read() == b"abc"
    with engine.begin() as connection:
        one.erase(connection, ref, now=T0)
    with pytest.raises(ArtifactErasedError):
        two.open(ref.sha256)
    with engine.begin() as connection:
        again = two.store([b"abc"])
        two.keep(connection, [again])
    two.settled([again])
    with one.open(ref.sha256) as file:
        assert file.read() == b"abc"


def test_on_sqlite(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new.db")
    migrate(engine)
    walk(engine, tmp_path)
    engine.dispose()


@pytest.mark.postgres
def test_on_postgresql(empty_postgres: str, tmp_path: Path) -> None:
    engine = make_engine(empty_postgres)
    migrate(engine)
    walk(engine, tmp_path)
    engine.dispose()


def test_a_database_of_before_gets_the_table_and_its_files_still_open(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    config = alembic_config()
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text("DROP TABLE IF EXISTS artifact_key"))
    old = FolderArtifacts(tmp_path / "artifacts", max_bytes=1_000).store([b"in the clear"])
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, head_revision() or "")
    assert {one["name"] for one in inspect(engine).get_indexes("artifact_key")} == {
        "ix_artifact_key_living",
        "ix_artifact_key_sha256",
    }
    store = store_on(engine, tmp_path)
    with store.open(old.sha256) as file:
        assert file.read() == b"in the clear"
    engine.dispose()


def test_a_destroyed_key_isn_t_in_the_database_file_any_more(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new.db")
    migrate(engine)
    store = store_on(engine, tmp_path)
    ref = store.store([b"abc"])
    with engine.begin() as connection:
        store.keep(connection, [ref])
        [row] = keys_of(connection, ref.sha256)
    key = row.wrapped
    assert key is not None
    assert fold(engine, tmp_path).count(key) == 1
    with engine.begin() as connection:
        store.erase(connection, ref, now=T0)
    assert key not in fold(engine, tmp_path)
    engine.dispose()


def fold(engine: Engine, folder: Path) -> bytes:
    """Everything that SQLite keeps on the disk, after its log was folded in."""
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    return b"".join(one.read_bytes() for one in sorted(folder.glob("new.db*")))
