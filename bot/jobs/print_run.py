"""The job that makes the letters of a print run; it may take hours and be killed at any moment.

Letters are made in other processes and their digests kept in the list's order, so that what is
kept is always a beginning of the list: whoever takes the run up again goes on after it. One letter
in a hundred is made a second time. What a run is, and when it stops, is `services.print_runs`'s.
"""

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

from bot.documents.html import NoticeRenderError
from bot.documents.pdf import DocumentError
from bot.documents.print_letters import WORKERS, Letter, LetterPress, Made, letter_press
from bot.domain.incident import IncidentError
from bot.jobs.channel import incident_by_id
from bot.jobs.parts import Parts
from bot.jobs.runner import check_running
from bot.services.print_papers import letters_of, sheet_of
from bot.services.print_runs import (
    PRINTING,
    LettersDifferError,
    check_same,
    finish_run,
    is_current,
    keep_letters,
    stop_broken,
)
from bot.store.notice_tables import PrintRun
from bot.store.print_queries import printed_rows, printed_so_far
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work
from evidence_store.artifacts import ArtifactError

log = logging.getLogger("tocsin.jobs")

CHUNK = 10
"""Letters that one process is given at a time, and that are kept in one transaction."""
AHEAD = 2 * WORKERS
ONE_IN = 100
"""One letter in so many is made twice, chosen by its row's digest."""
TRIED_AGAIN = 5
"""Letters of an earlier start that are made once more before a run goes on."""

_Waiting = tuple[Future[list[Made]], Future[list[Made]] | None]


class _NotOursError(Exception):
    """The run was stopped, or its notice isn't approved any more: nothing more is made."""


def print_run(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Make the letters of a run that aren’t made yet; nothing of a run that isn’t printing."""
    incident = incident_by_id(parts, arguments)
    with reading(parts.store) as session:
        run = session.get_one(PrintRun, int(arguments["run_id"]))
    if run.state != PRINTING:
        return
    problem, why = "", ""
    try:
        _print(parts, incident, run)
    except _NotOursError:
        return
    except LettersDifferError as error:
        problem, why = str(error), "letters differ"
    except (DocumentError, NoticeRenderError, IncidentError) as error:
        problem, why = str(error), "a letter can’t be made"
    except BrokenProcessPool:
        problem, why = "A process that makes letters was killed. Press “Go on”.", "process killed"
    except ArtifactError:
        problem = "The list can’t be read from the evidence store. Tell the people who run Tocsin."
        why = "list not readable"
    if problem:
        # Without the words: they can name characters of a person's name.
        log.warning("print run %s of incident %s stopped: %s", run.number, incident.id, why)
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            tx.enter(incident)
            stop_broken(
                tx, incident, tx.session.get_one(PrintRun, run.id), problem=problem, why=why
            )


def _print(parts: Parts, incident: Incident, run: PrintRun) -> None:
    with reading(parts.store) as session:
        sheet = sheet_of(session, parts.store, incident, run)
        made, _, last = printed_so_far(session, run)
    with letter_press(sheet) as press:
        if made:
            _try_again(parts, run, press, last=last)
        waiting: deque[_Waiting] = deque()
        for chunk in _chunks(letters_of(parts.store, run, after=last)):
            waiting.append(_begin(press, chunk, first=not waiting))
            if len(waiting) >= AHEAD:
                _keep(parts, incident, run, waiting.popleft())
        while waiting:
            _keep(parts, incident, run, waiting.popleft())
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        tx.enter(incident)
        finish_run(tx, incident, _still_ours(tx, run))


def _chunks(letters: Iterator[Letter]) -> Iterator[list[Letter]]:
    while chunk := list(islice(letters, CHUNK)):
        yield chunk


def _begin(press: LetterPress, chunk: Sequence[Letter], *, first: bool) -> _Waiting:
    """Have a chunk made, and after it, in whichever process is free, some of it once more."""
    twice = [one for one in chunk if int(one.row_sha256[:8], 16) % ONE_IN == 0]
    if first and not twice:
        twice = [chunk[0]]
    return press.make(chunk), press.make(twice) if twice else None


def _keep(parts: Parts, incident: Incident, run: PrintRun, waiting: _Waiting) -> None:
    """Wait for a chunk and keep its digests; raise if it isn't wanted any more, or differs."""
    check_running()
    done, again = waiting
    made = done.result()
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        tx.enter(incident)
        keep_letters(tx, _still_ours(tx, run), made)
    if again is not None:
        with reading(parts.store) as session:
            twice = again.result()
            check_same(printed_rows(session, run, [one.row for one in twice]), twice)


def _still_ours(tx: Any, run: PrintRun) -> PrintRun:
    fresh: PrintRun = tx.session.get_one(PrintRun, run.id)
    if fresh.state != PRINTING:
        raise _NotOursError
    if not is_current(tx, fresh):
        raise IncidentError(
            "The notice was changed, so that this version isn’t approved any more. Nothing more is "
            "printed of it."
        )
    return fresh


def _try_again(parts: Parts, run: PrintRun, press: LetterPress, *, last: int) -> None:
    """Make a few letters of an earlier start once more, in case something was changed since."""
    done = (one for one in letters_of(parts.store, run) if one.row <= last)
    some = list(islice(done, TRIED_AGAIN))
    made = press.make(some).result()
    with reading(parts.store) as session:
        check_same(printed_rows(session, run, [one.row for one in made]), made)
