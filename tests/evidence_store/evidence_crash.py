"""A process that collects evidence until it dies: killed, out of disk, or with a failing fsync.

    python -m tests.evidence_store.evidence_crash FOLDER FAULT STEP

It stores a file, appends its entry, commits, and only then writes a line to stdout: that is the
acknowledgement. FAULT strikes at the STEP-th step of that, after one round without fault.
"""

import errno
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import event

from evidence_store import driver, log
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, T0, sqlite_engine

ROUNDS = 4
PAGE = 4096
NEVER = 10**9


def content(number: int) -> Iterator[bytes]:
    """Three chunks of a file, different for each number and process."""
    for part in range(3):
        yield b"%d/%d/%d\n" % (os.getpid(), number, part) + bytes(10_000)


class Steps:
    """Counts steps once any are armed, and strikes at the one that was asked for."""

    armed: ClassVar[bool] = False

    def __init__(self, last: int, strike: Callable[[], None]) -> None:
        self.left, self.strike = last, strike

    def __call__(self) -> None:
        if Steps.armed:
            self.left -= 1
            if self.left == -1:
                self.strike()


def before(step: Steps, owner: Any, name: str) -> None:
    """Let a function of the system, or of the writer, take a step before it runs."""
    real = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        step()
        return real(*args, **kwargs)

    setattr(owner, name, wrapped)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail_sync() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def collect(folder: Path, steps: Steps) -> None:
    engine = sqlite_engine(folder / "log.sqlite")
    event.listen(engine, "commit", lambda _connection: steps())
    store = FolderArtifacts(folder / "artifacts", max_bytes=100_000)
    for number in range(ROUNDS):
        Steps.armed = number > 0
        ref = store.store(stepping(content(number), steps))
        draft = Draft(
            event="evidence.collected",
            actor="U0FARID",
            data={"n": number},
            pd={"name": f"file {number}"},
            artifacts=[ref],
        )
        with engine.begin() as connection:
            (made,) = log.append(connection, origin=ORIGIN, drafts=[draft], signer=SIGNER, now=T0)
        steps()
        sys.stdout.write(f"{made.seq} {made.leaf}\n")
        sys.stdout.flush()


def stepping(chunks: Iterator[bytes], steps: Steps) -> Iterator[bytes]:
    for chunk in chunks:
        steps()
        yield chunk


def main(folder: Path, fault: str, step: int) -> None:
    steps = Steps(step if fault == "kill" else NEVER, kill)
    if fault == "kill":
        before(steps, driver, "_send")
        before(steps, os, "fchmod")
        before(steps, os, "fsync")
        before(steps, Path, "rename")
    elif fault == "fsync":
        before(Steps(step, fail_sync), os, "fsync")
    else:
        # No file can grow beyond this: as on a full disk, a write fails in the middle.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (step * PAGE, step * PAGE))
    collect(folder, steps)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
