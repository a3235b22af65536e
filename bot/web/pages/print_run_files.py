"""Files of a print run: rows that came back, proofs, letters for the printer, the printer's list.

Each is an attachment, and who took it stands in the log before the first byte leaves.
"""

import logging
from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import UploadFile

from bot.documents.spreadsheet import CONTENT_TYPE, csv_pieces
from bot.domain.incident import IncidentError
from bot.domain.recipient_file import RecipientsFileError
from bot.domain.roles import Action, NotAllowedError
from bot.services.print_lists import check_list_kept
from bot.services.print_papers import (
    HEADING,
    Pack,
    letters_csv_lines,
    part_pack,
    proof_pack,
)
from bot.services.print_runs import (
    DONE,
    LettersDifferError,
    find_run,
    hand_over,
    note_proof,
    note_taken,
)
from bot.services.printer_list import compare_with_printer, record_comparison
from bot.store.notice_tables import PrintRun
from bot.store.print_queries import printed_letters, run_of
from bot.store.unit_of_work import Tx, reading, unit_of_work
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, Visit, change, enter, find, visit
from bot.web.pages.downloads import attachment
from bot.web.pages.notice_view import open_notice
from bot.web.pages.print_run import print_page
from bot.web.pages.problems import status_of
from bot.web.people import check_form
from evidence_store.artifacts import ArtifactError

log = logging.getLogger("tocsin.web")

MAX_LIST_BYTES = 200_000_000
PIECE = 1 << 18
CONFLICT, TOO_LARGE = 409, 413
HOME = "/incidents/{ref}/notices/{number}/print/{run}"
REFUSED = (*EXPECTED, LettersDifferError, RecipientsFileError, ArtifactError)

router = APIRouter()


@router.post(HOME + "/returned.csv")
def returned(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Hand out the rows that came back, each with its reasons."""

    def answer() -> Response:
        with unit_of_work(posted.visit.store, now=posted.visit.wall) as tx:
            seen = enter(tx, posted.visit, ref)
            row = find_run(tx, seen.incident, run)
            check_list_kept(row)
            kept = row.summary.get("returned")
            if not kept:
                raise IncidentError(f"No row of print run {run} came back.")
            note_taken(
                tx,
                seen.incident,
                run,
                sha256=kept["sha256"],
                what="returned rows",
                actor=seen.person,
            )
        name = f"{seen.incident.ref}-N{number}-run{run}-returned.csv"
        return StreamingResponse(
            _stored(posted.visit, kept["sha256"]),
            media_type=CONTENT_TYPE,
            headers=attachment(name) | {"Content-Length": str(kept["size"])},
        )

    return _or_say(posted, ref, number, answer)


def _stored(looking: Visit, sha256: str) -> Iterator[bytes]:
    with looking.store.artifacts.open(sha256) as file:
        while piece := file.read(PIECE):
            yield piece


@router.post(HOME + "/proof")
def proof(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Make the proof pack and hand it out."""

    def answer() -> Response:
        seen, row = _run(posted.visit, ref, number, run)
        pack = proof_pack(posted.visit.store, seen.incident, row)

        def note(tx: Tx, seen: Seen) -> None:
            note_proof(
                tx,
                seen.incident,
                run,
                sha256=pack.sha256,
                letters=pack.letters,
                actor=seen.person,
            )

        change(posted, ref, note)
        return _packed(pack)

    return _or_say(posted, ref, number, answer)


@router.post(HOME + "/parts/{part}")
def part_of_run(posted: PostedDep, ref: str, number: int, run: int, part: int) -> Response:
    """Make a part of the letters again and hand it out for the printer."""

    def answer() -> Response:
        seen, row = _run(posted.visit, ref, number, run)
        if row.state != DONE:
            raise IncidentError(f"Print run {run} is {row.state}; its letters aren’t all made.")
        pack = part_pack(posted.visit.store, seen.incident, row, part)
        what = {
            "part": part,
            "letters": pack.letters,
            "pages": pack.pages,
            "zip_sha256": pack.sha256,
        }
        change(
            posted,
            ref,
            lambda tx, seen: hand_over(tx, seen.incident, run, what=what, actor=seen.person),
        )
        return _packed(pack)

    return _or_say(posted, ref, number, answer)


@router.post(HOME + "/letters.csv")
def letters_csv(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Hand out the list of all letters: row, file, pages, hash; nothing of any person."""

    def answer() -> Response:
        visit = posted.visit
        seen, row = _run(visit, ref, number, run)
        what = {"list": "letters.csv", "total_sha256": row.summary.get("total_sha256", "")}
        change(
            posted,
            ref,
            lambda tx, seen: hand_over(tx, seen.incident, run, what=what, actor=seen.person),
        )

        def pieces() -> Iterator[bytes]:
            with reading(visit.store) as session:
                found = printed_letters(session, row)
                yield from csv_pieces(HEADING, letters_csv_lines(seen.incident, number, row, found))

        name = f"{seen.incident.ref}-N{number}-run{run}-letters.csv"
        return StreamingResponse(pieces(), media_type=CONTENT_TYPE, headers=attachment(name))

    return _or_say(posted, ref, number, answer)


@router.post(HOME + "/printer")
async def printer(request: Request, ref: str, number: int, run: int) -> Response:
    """Compare the printer's list with ours, record what came of it, and show every difference."""
    looking = visit(request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_LIST_BYTES:
        problem = "The printer’s list is too large: at most 200 MB are taken."
        return await run_in_threadpool(
            print_page, looking, ref, number, problem=problem, status=TOO_LARGE
        )
    async with request.form(max_files=1, max_fields=5) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        check_form(looking.visitor, fields)
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    return await run_in_threadpool(_compare, looking, ref, number, run, content)


def _compare(looking: Visit, ref: str, number: int, run: int, content: bytes) -> Response:
    try:
        if not content:
            raise IncidentError("Choose the printer’s list first.")
        _, row = _run(looking, ref, number, run)
        with reading(looking.store) as session:
            found = compare_with_printer(session, row, content)
        with unit_of_work(looking.store, now=looking.desk.clock()) as tx:
            seen = enter(tx, looking, ref)
            record_comparison(tx, seen.incident, run, found, actor=seen.person)
    except REFUSED as error:
        return print_page(looking, ref, number, problem=str(error), status=status_of(error))
    return print_page(looking, ref, number, comparison=(run, found))


def _run(looking: Visit, ref: str, number: int, run: int) -> tuple[Seen, PrintRun]:
    """Find a run for somebody who may print."""
    with reading(looking.store) as session:
        seen = find(session, looking, ref)
        notice = open_notice(session, looking, seen, number).notice
        if refusal := seen.why_not(Action.PRINT_LETTERS):
            raise NotAllowedError(refusal)
        row = run_of(session, seen.incident, run)
        if row is None or row.notice_id != notice.id:
            raise IncidentError(f"N-{number} has no print run {run}.")
        return seen, row


def _packed(pack: Pack) -> Response:
    return Response(pack.content, media_type="application/zip", headers=attachment(pack.name))


def _or_say(posted: Posted, ref: str, number: int, answer: Callable[[], Response]) -> Response:
    """Run one step; a refusal is shown at the top of the page."""
    try:
        return answer()
    except ArtifactError:
        log.exception("a list of recipients can't be read")
        problem = "The list can’t be read from the store. Tell the people who run Tocsin."
        return print_page(posted.visit, ref, number, problem=problem, status=CONFLICT)
    except REFUSED as error:
        return print_page(posted.visit, ref, number, problem=str(error), status=status_of(error))
