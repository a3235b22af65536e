"""A process that makes letters is killed: the next one goes on, and each letter is made once.

Through the real job engine. A run on PostgreSQL is tested with the store, what it stops at with the
services; that letters have the same bytes in every process, with the documents.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest

from bot.documents.print_letters import WORKERS, make_letter
from bot.services.print_papers import letters_of, sheet_of
from bot.store.unit_of_work import reading, unit_of_work
from tests.conftest import T0
from tests.e2e.killed import World, world
from tests.kit import ANA, Case, opened, until
from tests.nest import Nest
from tests.services.print_kit import (
    begin,
    bring,
    letters,
    people,
    prove,
    release_letter,
    the_incident,
    the_run,
)

pytestmark = pytest.mark.slow
PEOPLE = 22
"""Three chunks: the kill comes when the first is kept, and the third is being made."""


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that these have started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found, young = set[int](), {pid}
    while young:
        young = {one for one, parent in parents.items() if parent in young}
        found |= young
    return found


def alive(pid: int) -> bool:
    """Whether a process runs still; a zombie only waits to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_with_its_workers(here: World) -> None:
    """Kill the process; those that make letters end by themselves, or nobody would end them."""
    workers = descendants(here.running["one"].pid)
    assert len(workers) >= WORKERS
    here.kill()
    until(lambda: not any(alive(one) for one in workers), seconds=20)


def print_and_kill(here: World) -> None:
    here.start()
    with unit_of_work(here.store, now=T0) as tx:
        ref = opened(tx).ref
    case = Case(store=here.store, clock=lambda: here.now, ref=ref)
    release_letter(case)
    bring(case, people(PEOPLE))
    prove(case)
    here.settle()
    begin(case)
    until(lambda: letters(case), seconds=60)
    kill_with_its_workers(here)
    kept = [(one.row, one.pdf_sha256) for one in letters(case)]
    assert 0 < len(kept) < PEOPLE
    here.start()
    until(lambda: the_run(case).state != "printing", seconds=60)
    check(here, case, kept)


def check(here: World, case: Case, kept: list[tuple[int, str]]) -> None:
    """Each letter once, those of before as they were, and one entry that says so."""
    run, made = the_run(case), letters(case)
    assert (run.state, run.problem) == ("done", "")
    assert [one.row for one in made] == list(range(2, PEOPLE + 2))
    assert [(one.row, one.pdf_sha256) for one in made][: len(kept)] == kept
    assert case.events().count("print_run.started") == 1
    (finished,) = [one for one in case.log() if one.event == "print_run.finished"]
    assert finished.data["letters"] == PEOPLE
    lines = "".join(f"{one.row},{one.pdf_sha256}\n" for one in made)
    assert finished.data["total_sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    with reading(here.store) as session:
        sheet = sheet_of(session, here.store, the_incident(case), run)
    last = list(letters_of(here.store, run))[-1]
    again = make_letter(sheet, last, keep=False)
    assert (again.row, again.pdf_sha256) == (made[-1].row, made[-1].pdf_sha256)
    here.check_whole(case.ref, reader=ANA)


def test_a_run_that_is_killed_makes_each_letter_once(tmp_path: Path, nest: Nest) -> None:
    with world(tmp_path, nest=nest, now=T0) as here:
        print_and_kill(here)
