"""Killed, and out of room, while a file is stored: nothing, or a whole artifact."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from evidence_store.artifact_keys import MasterKey
from evidence_store.artifacts import FolderArtifacts
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import sealed_size

pytestmark = pytest.mark.slow

SIZE = 3_000_000
CHILD = """
import resource, sys
from pathlib import Path
from sqlalchemy import create_engine
from evidence_store.artifact_keys import MasterKey
from evidence_store.artifacts import FolderArtifacts
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import sealed_size

folder, step = Path(sys.argv[1]), sys.argv[2]
engine = create_engine(f"sqlite:///{folder}/log.sqlite")
inner = FolderArtifacts(folder / "sealed", max_bytes=sealed_size(10_000_000))
sealed = SealedArtifacts(inner, master=MasterKey(bytes(32)), engine=engine, max_bytes=10_000_000)

def here(name):
    if name == step:
        print("there", flush=True)
        sys.stdin.read()

def chunks():
    for number in range(30):
        if number == 15:
            here("in the stream")
        yield bytes([number]) * 100_000

if step == "out of room":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    ref = sealed.store(chunks())
except OSError as error:
    print("refused", error.errno, flush=True)
    sys.exit(3)
here("stored")
with engine.begin() as connection:
    sealed.keep(connection, [ref])
    here("key written")
here("committed")
"""


def again(folder: Path) -> tuple[SealedArtifacts, Engine]:
    """The store as the next process finds it."""
    engine = create_engine(f"sqlite:///{folder}/log.sqlite")
    inner = FolderArtifacts(folder / "sealed", max_bytes=sealed_size(10_000_000))
    master = MasterKey(bytes(32))
    return SealedArtifacts(inner, master=master, engine=engine, max_bytes=10_000_000), engine


def whole(folder: Path) -> list[Path]:
    return [one for one in (folder / "sealed").glob("??/*") if one.is_file()]


def content() -> bytes:
    return b"".join(bytes([number]) * 100_000 for number in range(30))


def child(folder: Path, step: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("step", "files", "keys"),
    [("in the stream", 0, 0), ("stored", 1, 0), ("key written", 1, 0), ("committed", 1, 1)],
)
def test_killed_at_each_step(
    sqlite: Engine, tmp_path: Path, step: str, files: int, keys: int
) -> None:
    sqlite.dispose()
    with child(tmp_path, step) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        os.kill(process.pid, signal.SIGKILL)
    assert len(whole(tmp_path)) == files
    sealed, engine = again(tmp_path)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sha256 FROM artifact_key")).scalars().all()
    assert len(rows) == keys
    for sha256 in rows:
        with sealed.open(sha256) as file:
            assert file.read() == content()
    ref = sealed.store([content()])
    with engine.begin() as connection:
        sealed.keep(connection, [ref])
    with again(tmp_path)[0].open(ref.sha256) as file:
        assert len(file.read()) == ref.size == SIZE
    engine.dispose()


def test_out_of_room_leaves_nothing(sqlite: Engine, tmp_path: Path) -> None:
    sqlite.dispose()
    with child(tmp_path, "out of room") as process:
        said, _ = process.communicate("")
    assert (said.split()[0], process.returncode) == ("refused", 3)
    assert [one for one in (tmp_path / "sealed").rglob("*") if one.is_file()] == []


def test_a_temporary_file_that_was_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    store = FolderArtifacts(tmp_path, max_bytes=100)
    ref = store.store([b"abc"])
    left, running = tmp_path / ".incoming-old", tmp_path / ".incoming-new"
    for one in (left, running):
        one.write_bytes(b"half")
    now = time.clock_gettime(time.CLOCK_REALTIME)
    os.utime(left, (now - 49 * 3600, now - 49 * 3600))
    store.store([b"def"])
    assert (left.exists(), running.exists(), store.has(ref.sha256)) == (False, True, True)
