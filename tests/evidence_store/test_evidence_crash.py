"""Nothing acknowledged is lost: kill -9, a full disk and a failing fsync at each step.

A process of its own (evidence_crash) collects files until the fault strikes. Then the log goes on
in this process, and the whole is exported and verified.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence_store import log, tables, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.bundle import export_bundle
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, T0, open_story_log, sqlite_engine

pytestmark = pytest.mark.slow

# What one round does: three chunks, fchmod, three fsyncs and a rename of the file; four statements
# of the log, its commit and the acknowledgement; and one step of the round after.
STEPS_OF_A_ROUND = 15
SYNCS_OF_A_ROUND = 3


def prepared(folder: Path) -> None:
    engine = sqlite_engine(folder / "log.sqlite")
    with engine.begin() as connection:
        tables.create_all(connection)
        open_story_log(connection)
    engine.dispose()


def start(folder: Path, fault: str, step: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.evidence_store.evidence_crash"]
    return subprocess.Popen(
        [*command, str(folder), fault, str(step)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole_afterwards(folder: Path, said: str) -> int:
    """Check that all that was acknowledged is there and good, and that the log goes on."""
    acknowledged = dict(line.split() for line in said.splitlines() if line.endswith("\n") or line)
    store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
    engine = sqlite_engine(folder / "log.sqlite")
    with engine.begin() as connection:
        found = {str(e.seq): e.leaf for e in log.entries(connection, origin=ORIGIN)}
        assert {seq: found.get(seq) for seq in acknowledged} == acknowledged
        ref = store.store([b"after the crash"])
        draft = Draft(event="evidence.collected", actor="U0ANA", artifacts=[ref])
        log.append(connection, origin=ORIGIN, drafts=[draft], signer=SIGNER, now=T0)
    with engine.connect() as connection:
        export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=store,
            out=folder / "bundle",
            now=T0,
            vkey=SIGNER.vkey,
        )
    engine.dispose()
    report = verify.verify(folder / "bundle", vkeys=[SIGNER.vkey])
    assert report.verdict == "PARTIAL", (report.code, report.place)
    return len(acknowledged)


@pytest.mark.parametrize("step", range(STEPS_OF_A_ROUND + 1))
def test_killed_at_each_step(tmp_path: Path, step: int) -> None:
    prepared(tmp_path)
    process = start(tmp_path, "kill", step)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == -9, wrong
    expected = 1 if step < STEPS_OF_A_ROUND else 2
    assert whole_afterwards(tmp_path, said) == expected


@pytest.mark.parametrize("step", range(SYNCS_OF_A_ROUND + 1))
def test_a_failing_fsync_is_not_acknowledged(tmp_path: Path, step: int) -> None:
    prepared(tmp_path)
    process = start(tmp_path, "fsync", step)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "OSError: [Errno 5]" in wrong
    assert whole_afterwards(tmp_path, said) == 1 + step // SYNCS_OF_A_ROUND
    assert list((tmp_path / "artifacts").glob(".incoming-*")) == []


# 30 KB of a file need 8 pages; the database has 21 pages, its log grows with each commit.
@pytest.mark.parametrize("pages", [*range(3, 36, 4)])
def test_a_full_disk_is_not_acknowledged(tmp_path: Path, pages: int) -> None:
    prepared(tmp_path)
    process = start(tmp_path, "full", pages)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert any(words in wrong for words in ("File too large", "disk I/O error", "is full"))
    assert whole_afterwards(tmp_path, said) < 4


@pytest.mark.parametrize("milliseconds", [5, 15, 30])
def test_killed_at_any_moment(tmp_path: Path, milliseconds: int) -> None:
    prepared(tmp_path)
    process = start(tmp_path, "none", 10**6)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(milliseconds / 1000)
    process.kill()
    said, _ = process.communicate(timeout=60)
    whole_afterwards(tmp_path, first + said)
