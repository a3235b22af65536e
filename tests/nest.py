"""`python -m tests.nest`: a warm interpreter that forks processes of the program for the tests.

Importing the program takes far longer than starting it. The nest has imported it and runs nothing
of it: no thread, no connection. Each child is a process of its own that starts the real program
from its first line, and SIGKILL ends it as it ends any other. Orders come as JSON, one a line.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.app import load_rulebook
from bot.settings import read_settings

ROOT = Path(__file__).parents[1]
PROGRAMS = {"serve": "tests.e2e.serve", "tocsin": "bot.cli.main"}
WARM = ("bot.documents.pdf", "bot.services.evidence", "weasyprint")
"""Loaded late by the program itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hatched:
    """A process of the real program."""

    nest: "Nest"
    pid: int

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush. Does nothing to one that has ended."""
        os.kill(self.pid, signal.SIGKILL)

    def ended(self) -> int | None:
        """Return the exit code (negative: the signal) if it has ended."""
        return self.nest.ask(reap=self.pid, wait=False)

    def wait(self) -> int:
        """Wait until it is gone; its process id is free then, so ask once."""
        code = self.nest.ask(reap=self.pid, wait=True)
        assert code is not None
        return code


@dataclass(frozen=True, kw_only=True, slots=True)
class Nest:
    """The warm interpreter, seen from the tests."""

    process: subprocess.Popen[str]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hatch(
        self, program: str, *words: str, log: Path, environment: Mapping[str, str] | None = None
    ) -> Hatched:
        """Start a program with these words; what it prints goes to the end of `log`."""
        pid = self.ask(program=program, words=words, log=str(log), env=dict(environment or {}))
        assert pid is not None
        return Hatched(nest=self, pid=pid)

    def run(
        self, *words: str, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `tocsin` to its end, with nothing in the environment but this.

        What it prints lies in `folder` meanwhile.
        """
        out, errors = (folder / f"{name}-{uuid4().hex}" for name in ("stdout", "stderr"))
        order = {"log": str(out), "errors": str(errors), "env": dict(environment), "alone": True}
        pid = self.ask(program="tocsin", words=words, **order)
        assert pid is not None
        code = Hatched(nest=self, pid=pid).wait()
        said, complained = (file.read_text("utf-8") for file in (out, errors))
        out.unlink()
        errors.unlink()
        return subprocess.CompletedProcess(words, code, said, complained)

    def ask(self, **order: Any) -> int | None:
        """Give one order and return its answer."""
        source, sink = self.process.stdout, self.process.stdin
        assert source is not None
        assert sink is not None
        with self.lock:
            sink.write(json.dumps(order) + "\n")
            sink.flush()
            answer: int | None = json.loads(source.readline())
        return answer


@contextmanager
def nesting() -> Iterator[Nest]:
    """Start a nest; whatever it hatched is dead when the block ends."""
    command = [sys.executable, "-m", "tests.nest"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nest(process=process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    """Take orders until the tests close the pipe."""
    for name in (*PROGRAMS.values(), *WARM):
        importlib.import_module(name)
    # What a policy file says, once it is read, is kept: each child still loads its policy.
    load_rulebook(read_settings({"TOCSIN_DATA_DIR": os.devnull}))
    gc.collect()
    gc.freeze()
    living: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            answer = _reap(order["reap"], living, wait=order["wait"])
        else:
            answer = _hatch(order)
            living.add(answer)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _reap(pid: int, living: set[int], *, wait: bool) -> int | None:
    found, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    if not found:
        return None
    living.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _hatch(order: Mapping[str, Any]) -> int:
    # Other threads wouldn't be in the child, but the locks that they hold would.
    assert threading.active_count() == 1
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = _live(order)
        except BaseException:  # noqa: BLE001 - the last word of a process, whatever it is
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return pid


def _live(order: Mapping[str, Any]) -> int:
    """Become the program: its own input, output and environment, and nothing of the nest's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    log = os.open(order["log"], flags, 0o600)
    errors = os.open(order.get("errors", order["log"]), flags, 0o600)
    for mine, its in ((nothing, 0), (log, 1), (errors, 2)):
        os.dup2(mine, its)
        os.close(mine)
    if order.get("alone"):
        os.environ.clear()
    os.environ.update(order["env"])
    return int(importlib.import_module(PROGRAMS[order["program"]]).main(order["words"]) or 0)


if __name__ == "__main__":
    main()
