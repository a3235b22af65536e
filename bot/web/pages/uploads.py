"""Uploading a file as evidence: one form, whole for a small file, in pieces where a script runs.

Decides the little protocol by which a broken upload goes on, and what each answer says. Limits and
what is recorded are in `services.evidence_intake`, the pieces in `store.uploads`.

    POST /incidents/REF/uploads              name, size, source, form → 201 {"id", "piece"}
    GET  /incidents/REF/uploads/ID           → {"offset", "size"}: where to go on
    PUT  /incidents/REF/uploads/ID/OFFSET    one piece; header X-Csrf-Token → {"offset"}
    POST /incidents/REF/uploads/ID/finish    → {"item", "sha256"}: recorded in the evidence log
    POST /incidents/REF/uploads/ID/drop      a form of the page → back to it

A refusal is {"problem": words}, with 403, 404 or 409. A piece that was sent twice is no fault.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import UnknownIncidentError
from bot.services.evidence_errors import FileRefusedError
from bot.services.evidence_intake import (
    FORMS,
    Intake,
    check_intake,
    megabytes,
    room_for,
    take_in,
    watched,
)
from bot.store.queries import incident_by_ref, is_member
from bot.store.unit_of_work import reading, unit_of_work
from bot.store.uploads import MAX_OPEN, PIECE_BYTES, UnknownUploadError, Upload, UploadError
from bot.web.pages.desk import EXPECTED, PostedDep, Seen, Visit, VisitDep, enter, find, visit
from bot.web.pages.problems import status_of
from bot.web.pages.render import page
from bot.web.people import BadFormError, check_form, check_token
from evidence_store.artifacts import ArtifactError, ArtifactRef

METHOD = "web upload"
MAX_WHOLE_BYTES = 25_000_000
"""Largest file that is taken in one form; the pieces of larger ones need the script."""
DONE = {"drop": "Dropped. What had arrived of the file is deleted."}
"""What the page says after a step; the address carries only the word."""
MAX_DIGITS = 15
READ_BYTES = 1 << 20
CREATED, NOT_FOUND, CONFLICT, TOO_LARGE, AWAY = 201, 404, 409, 413, 503

router = APIRouter()


@router.get("/incidents/{ref}/upload")
def show(visit: VisitDep, ref: str, item: int = 0, done: str = "") -> HTMLResponse:
    """Show the form, and what the person has begun and not finished."""
    said = f"The file is preserved as E-{item}." if item else DONE.get(done, "")
    return _page(visit, ref, said=said)


@router.post("/incidents/{ref}/upload")
async def whole(request: Request, ref: str) -> Response:
    """Take a small file in one form, for browsers in which no script runs."""
    looking = visit(request)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_WHOLE_BYTES:
        problem = (
            f"Without a script at most {megabytes(MAX_WHOLE_BYTES)} can be uploaded. Allow scripts "
            f"for this page, or use `tocsin evidence add` on the machine that runs Tocsin."
        )
        return await run_in_threadpool(_page, looking, ref, problem=problem, status=TOO_LARGE)
    async with request.form(max_files=1, max_fields=10) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        check_form(looking.visitor, fields)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            problem = "Choose a file first."
            return await run_in_threadpool(_page, looking, ref, problem=problem, status=CONFLICT)
        intake = Intake(
            name=file.filename,
            method=METHOD,
            source=fields.get("source", "").strip(),
            form=fields.get("form", ""),
        )
        return await run_in_threadpool(_take_whole, looking, ref, file, intake)


def _take_whole(visit: Visit, ref: str, file: UploadFile, intake: Intake) -> Response:
    content = file.file

    def chunks() -> Iterator[bytes]:
        while chunk := content.read(READ_BYTES):
            yield chunk

    try:
        number, _ = _preserve(visit, ref, intake, size=file.size or 0, chunks=chunks)
    except EXPECTED as error:
        return _page(visit, ref, problem=str(error), status=status_of(error))
    except ArtifactError as error:
        return _page(visit, ref, problem=_store_problem(error), status=AWAY)
    return RedirectResponse(f"/incidents/{ref}/upload?item={number}", status_code=303)


@router.post("/incidents/{ref}/uploads")
def begin(posted: PostedDep, ref: str) -> Response:
    """Begin an upload in pieces."""
    looking = posted.visit
    size = posted.text("size")

    def act() -> Response:
        if not size.isdecimal() or len(size) > MAX_DIGITS:
            raise FileRefusedError("The size of the file isn't known: choose it again.")
        intake = Intake(
            name=posted.text("name"),
            method=METHOD,
            source=posted.text("source"),
            form=posted.text("form"),
        )
        with unit_of_work(looking.store, now=looking.wall) as tx:
            seen = enter(tx, looking, ref)
            check_intake(tx, seen.incident, intake, size=int(size), actor=seen.person)
        upload = looking.store.uploads.start(
            owner=looking.visitor.slack_id,
            ref=seen.incident.ref,
            name=intake.name,
            source=intake.source,
            form=intake.form,
            size=int(size),
            # Uploads of all incidents lie together, so that the wall clock counts.
            now=looking.wall,
        )
        return JSONResponse({"id": upload.id, "piece": PIECE_BYTES}, CREATED)

    return _answer(act)


@router.get("/incidents/{ref}/uploads/{upload_id}")
def where(visit: VisitDep, ref: str, upload_id: str) -> Response:
    """Say how much has arrived."""

    def act() -> Response:
        upload = _upload(visit, ref, upload_id)
        return JSONResponse({"offset": visit.store.uploads.offset(upload), "size": upload.size})

    return _answer(act)


@router.put("/incidents/{ref}/uploads/{upload_id}/{offset}")
async def piece(request: Request, ref: str, upload_id: str, offset: int) -> Response:
    """Take one piece."""
    looking = visit(request)
    check_token(looking.visitor.csrf, request.headers.get("x-csrf-token", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > PIECE_BYTES:
            raise BadFormError

    def act() -> Response:
        upload = _upload(looking, ref, upload_id)
        have = looking.store.uploads.put(upload, offset=offset, piece=bytes(body))
        return JSONResponse({"offset": have})

    return await run_in_threadpool(_answer, act)


@router.post("/incidents/{ref}/uploads/{upload_id}/finish")
def finish(posted: PostedDep, ref: str, upload_id: str) -> Response:
    """Store the whole file under its digest and record it; then its pieces are dropped."""
    looking = posted.visit
    shelf = looking.store.uploads

    def act() -> Response:
        upload = _upload(looking, ref, upload_id)
        intake = Intake(name=upload.name, method=METHOD, source=upload.source, form=upload.form)
        try:
            number, artifact = _preserve(
                looking, ref, intake, size=upload.size, chunks=lambda: shelf.chunks(upload)
            )
        except (IncidentError, FileRefusedError):
            # It will never be taken; what a fault of the moment stopped can be finished later.
            shelf.drop(upload)
            raise
        shelf.drop(upload)
        return JSONResponse({"item": number, "sha256": artifact.sha256})

    return _answer(act)


@router.post("/incidents/{ref}/uploads/{upload_id}/drop")
def drop(posted: PostedDep, ref: str, upload_id: str) -> Response:
    """Delete what has arrived of an upload that the person gives up."""
    looking = posted.visit
    try:
        looking.store.uploads.drop(_upload(looking, ref, upload_id))
    except UnknownUploadError:
        problem = "That upload is finished or dropped already. Nothing was changed."
        return _page(looking, ref, problem=problem, status=NOT_FOUND)
    return RedirectResponse(f"/incidents/{ref.upper()}/upload?done=drop", status_code=303)


def _preserve(
    visit: Visit, ref: str, intake: Intake, *, size: int, chunks: Callable[[], Iterator[bytes]]
) -> tuple[int, ArtifactRef]:
    """Store a file and record it; the log is held only at the beginning and at the end."""
    store = visit.store
    with unit_of_work(store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        room = check_intake(tx, seen.incident, intake, size=size, actor=seen.person)
    stream = watched(chunks(), room=room, store=store, incident=seen.incident)
    artifact = store.artifacts.store(stream)
    with unit_of_work(store, now=visit.desk.clock()) as tx:
        seen = enter(tx, visit, ref)
        item = take_in(tx, seen.incident, artifact, intake, actor=seen.person)
        number = item.number
    return number, artifact


def _upload(visit: Visit, ref: str, upload_id: str) -> Upload:
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
    return visit.store.uploads.find(upload_id, owner=visit.visitor.slack_id, ref=seen.incident.ref)


def _answer(act: Callable[[], Response]) -> Response:
    """Run one step; a refusal becomes words that the script can show."""
    try:
        return act()
    except (UnknownIncidentError, UnknownUploadError) as error:
        return _refusal(str(error), NOT_FOUND)
    except (*EXPECTED, UploadError) as error:
        return _refusal(str(error), status_of(error))
    except ArtifactError as error:
        return _refusal(_store_problem(error), AWAY)


def _refusal(problem: str, status: int) -> JSONResponse:
    return JSONResponse({"problem": problem}, status)


def _store_problem(error: ArtifactError) -> str:
    del error
    return (
        "The evidence store doesn’t take the file just now; nothing was stored. Try it again in a "
        "minute; if it stays so, tell the people who run Tocsin."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunLine:
    """An upload that was begun and not finished; `arrived` and `size` in bytes."""

    id: str
    name: str
    arrived: int
    size: int
    kept_until: datetime


def _begun(session: Session, visit: Visit, seen: Seen) -> tuple[list[BegunLine], list[str]]:
    """List the person's own uploads here, and their other incidents in which there are some."""
    shelf = visit.store.uploads
    lines, elsewhere = [], set()
    for one in shelf.begun_by(visit.visitor.slack_id):
        if one.ref != seen.incident.ref:
            elsewhere.add(one.ref)
            continue
        lines.append(
            BegunLine(
                id=one.id,
                name=one.name,
                arrived=shelf.offset(one),
                size=one.size,
                kept_until=shelf.kept_until(one),
            )
        )
    theirs = [
        ref
        for ref in sorted(elsewhere)
        if (other := incident_by_ref(session, ref)) and is_member(session, other, seen.person)
    ]
    return lines, theirs


def _page(
    visit: Visit, ref: str, *, said: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        why_not = seen.why_not(Action.PRESERVE_EVIDENCE)
        begun, elsewhere = _begun(session, visit, seen)
        full, room = "", 0
        try:
            room = room_for(session, visit.store, seen.incident)
        except FileRefusedError as error:
            full = str(error)
    more: dict[str, Any] = {
        "ref": seen.incident.ref,
        "said": said,
        "problem": problem,
        "why_not": why_not or full,
        "room": room,
        "whole": MAX_WHOLE_BYTES,
        "forms": FORMS,
        "most": MAX_OPEN,
        "begun": begun,
        "elsewhere": elsewhere,
    }
    return page(visit, "upload.html.j2", zone=seen.zone, status=status, **more)
