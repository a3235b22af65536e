"""A list of recipients comes in: whole in one form, or in pieces where a script runs.

The pieces go the way of evidence (`uploads`, with the same script); what differs is who may bring
them and what becomes of the whole: it is checked row by row before anything is recorded.
"""

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from bot.documents.spreadsheet import CONTENT_TYPE
from bot.domain.incident import IncidentError
from bot.domain.recipient_file import RecipientsFileError
from bot.services.access import UnknownIncidentError
from bot.services.evidence_errors import FileRefusedError
from bot.services.evidence_intake import megabytes
from bot.services.print_lists import check_list
from bot.services.print_runs import add_run, check_receivable, home_of, letters_for
from bot.store.unit_of_work import reading, unit_of_work
from bot.store.uploads import PIECE_BYTES, UnknownUploadError, Upload, UploadError
from bot.web.pages.desk import EXPECTED, PostedDep, Visit, VisitDep, enter, find, visit
from bot.web.pages.downloads import attachment
from bot.web.pages.notice_view import open_notice
from bot.web.pages.print_run import print_page
from bot.web.pages.problems import status_of
from bot.web.people import BadFormError, check_form, check_token
from evidence_store.artifacts import ArtifactError, ArtifactTooLargeError

MAX_WHOLE_BYTES = 25_000_000
READ_BYTES = 1 << 18
CREATED, NOT_FOUND, CONFLICT, TOO_LARGE, AWAY = 201, 404, 409, 413, 503
REFUSED = (*EXPECTED, RecipientsFileError, UploadError)
HOME = "/incidents/{ref}/notices/{number}/print"

EXAMPLE = (
    "\ufeffname,address,address_2,postcode,city,state,country,jurisdiction,language,birth_date,"
    "minor,guardian,deceased,representative\r\n"
    "Ana Example,1 Example Street,Apt 2,98101,Seattle,WA,US,US-WA,en,1980-04-30,no,,no,\r\n"
    "Max Beispiel,Beispielweg 3,,20457,Hamburg,,DE,DE,de,,yes,Eva Beispiel,no,\r\n"
).encode()
"""Two made-up people."""

router = APIRouter()


@router.get(HOME + "/example.csv")
def example(visit: VisitDep, ref: str, number: int) -> Response:
    """Hand out a list with the headings that are known, and two made-up people."""
    with reading(visit.store) as session:
        open_notice(session, visit, find(session, visit, ref), number)
    return Response(EXAMPLE, media_type=CONTENT_TYPE, headers=attachment("recipients-example.csv"))


@router.post(HOME)
async def whole(request: Request, ref: str, number: int) -> Response:
    """Take a small list in one form, for browsers in which no script runs."""
    looking = visit(request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_WHOLE_BYTES:
        problem = (
            f"Without a script at most {megabytes(MAX_WHOLE_BYTES)} can be uploaded. Allow scripts "
            f"for this page, or cut the list into several."
        )
        return await run_in_threadpool(
            print_page, looking, ref, number, problem=problem, status=TOO_LARGE
        )
    async with request.form(max_files=1, max_fields=10) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        check_form(looking.visitor, fields)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            problem = "Choose the list first."
            return await run_in_threadpool(
                print_page, looking, ref, number, problem=problem, status=CONFLICT
            )
        return await run_in_threadpool(_take_whole, looking, ref, number, file)


def _take_whole(looking: Visit, ref: str, number: int, file: UploadFile) -> Response:
    def chunks() -> Iterator[bytes]:
        while chunk := file.file.read(READ_BYTES):
            yield chunk

    try:
        run = _receive(looking, ref, number, chunks(), name=file.filename or "")
    except REFUSED as error:
        return print_page(looking, ref, number, problem=str(error), status=status_of(error))
    except ArtifactError as error:
        return print_page(looking, ref, number, problem=_away(looking, error), status=AWAY)
    return RedirectResponse(f"{HOME.format(ref=ref.upper(), number=number)}?item={run}", 303)


def _receive(looking: Visit, ref: str, number: int, chunks: Iterator[bytes], *, name: str) -> int:
    """Store a list, check it, and record it; the log is held only at the beginning and the end."""
    store = looking.store
    with unit_of_work(store, now=looking.wall) as tx:
        seen = enter(tx, looking, ref)
        notice = check_receivable(tx, seen.incident, number, actor=seen.person)
        template = store.rules.notices[notice.template_id]
    source = store.artifacts.store(chunks)
    checked = check_list(
        store,
        source,
        letters_for(store.rules, template),
        today=looking.now.astimezone(seen.zone).date(),
        home_country=home_of(store.rules, template),
    )
    with unit_of_work(store, now=looking.desk.clock()) as tx:
        seen = enter(tx, looking, ref)
        run = add_run(tx, seen.incident, number, checked=checked, file_name=name, actor=seen.person)
        made = run.number
    store.artifacts.settled(checked.refs)
    return made


@router.post(HOME + "/uploads")
def begin(posted: PostedDep, ref: str, number: int) -> Response:
    """Begin an upload in pieces."""
    looking = posted.visit
    size = posted.text("size")

    def act() -> Response:
        if not size.isdecimal():
            raise FileRefusedError("The size of the file isn't known: choose it again.")
        limit = looking.store.artifacts.max_bytes
        if int(size) > limit:
            raise FileRefusedError(_too_large(limit))
        with unit_of_work(looking.store, now=looking.wall) as tx:
            seen = enter(tx, looking, ref)
            check_receivable(tx, seen.incident, number, actor=seen.person)
        upload = looking.store.uploads.start(
            owner=looking.visitor.slack_id,
            ref=seen.incident.ref,
            name=posted.text("name"),
            source=_mark(number),
            form="",
            size=int(size),
            now=looking.now,
        )
        return JSONResponse({"id": upload.id, "piece": PIECE_BYTES}, CREATED)

    return _answer(looking, act)


def _mark(number: int) -> str:
    """Tell an upload of this page from one of evidence."""
    return f"recipients of N-{number}"


@router.get(HOME + "/uploads/{upload_id}")
def where(visit: VisitDep, ref: str, number: int, upload_id: str) -> Response:
    """Say how much has arrived."""

    def act() -> Response:
        upload = _upload(visit, ref, number, upload_id)
        return JSONResponse({"offset": visit.store.uploads.offset(upload), "size": upload.size})

    return _answer(visit, act)


@router.put(HOME + "/uploads/{upload_id}/{offset}")
async def piece(request: Request, ref: str, number: int, upload_id: str, offset: int) -> Response:
    """Take one piece."""
    looking = visit(request)
    check_token(looking.visitor.csrf, request.headers.get("x-csrf-token", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > PIECE_BYTES:
            raise BadFormError

    def act() -> Response:
        upload = _upload(looking, ref, number, upload_id)
        have = looking.store.uploads.put(upload, offset=offset, piece=bytes(body))
        return JSONResponse({"offset": have})

    return await run_in_threadpool(_answer, looking, act)


@router.post(HOME + "/uploads/{upload_id}/finish")
def finish(posted: PostedDep, ref: str, number: int, upload_id: str) -> Response:
    """Check the whole list and record it; then its pieces are dropped."""
    looking = posted.visit
    shelf = looking.store.uploads

    def act() -> Response:
        upload = _upload(looking, ref, number, upload_id)
        try:
            run = _receive(looking, ref, number, shelf.chunks(upload), name=upload.name)
        except (IncidentError, RecipientsFileError):
            shelf.drop(upload)
            raise
        shelf.drop(upload)
        return JSONResponse({"item": run})

    return _answer(looking, act)


def _upload(looking: Visit, ref: str, number: int, upload_id: str) -> Upload:
    with reading(looking.store) as session:
        seen = find(session, looking, ref)
    owner = looking.visitor.slack_id
    found = looking.store.uploads.find(upload_id, owner=owner, ref=seen.incident.ref)
    if found.source != _mark(number):
        raise UnknownUploadError("There is no such upload any more: choose the file again.")
    return found


def _answer(looking: Visit, act: Callable[[], Response]) -> Response:
    """Run one step; a refusal becomes words that the script can show."""
    try:
        return act()
    except (UnknownIncidentError, UnknownUploadError) as error:
        return JSONResponse({"problem": str(error)}, NOT_FOUND)
    except REFUSED as error:
        return JSONResponse({"problem": str(error)}, status_of(error))
    except ArtifactError as error:
        status = TOO_LARGE if isinstance(error, ArtifactTooLargeError) else AWAY
        return JSONResponse({"problem": _away(looking, error)}, status)


def _away(looking: Visit, error: ArtifactError) -> str:
    if isinstance(error, ArtifactTooLargeError):
        return _too_large(looking.store.artifacts.max_bytes)
    return (
        "The store doesn’t take the list just now; nothing was kept. Try it again in a minute; if "
        "it stays so, tell the people who run Tocsin."
    )


def _too_large(limit: int) -> str:
    return (
        f"The list is too large: at most {megabytes(limit)} are taken (TOCSIN_MAX_FILE_MB). Leave "
        f"out columns that aren’t ours, or cut it into several lists."
    )
