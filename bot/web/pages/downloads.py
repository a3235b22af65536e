"""Files that leave through the browser: evidence, the bundle, a notice's PDF.

Every one is an attachment under a name that we make, is never cached, and who took it stands in
the log before the first byte leaves. Names that people gave to files never reach the file system.
"""

import hashlib
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from bot.domain.incident import IncidentError, is_exercise_ref
from bot.domain.roles import Action, NotAllowedError
from bot.services.evidence import FileRefusedError, find_item, record_download
from bot.services.evidence_export import Exporting, may_export, record_export, write_bundle
from bot.services.notice_papers import Paper, paper_of
from bot.services.notices import record_notice_download
from bot.store.tables import EvidenceItem
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.custody_forms import custody_forms
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Visit, VisitDep, enter, find
from bot.web.pages.incident import incident_page
from bot.web.pages.notice import DeskState, notice_page
from bot.web.pages.notice_view import open_notice
from bot.web.pages.problems import status_of
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.artifacts import ArtifactMissingError, ArtifactRef
from evidence_store.bundle import BundleError

log = logging.getLogger("tocsin.web")

PIECE = 1 << 20
"""Bytes of an artifact that are decrypted and sent at a time."""

router = APIRouter()


def attachment(name: str) -> dict[str, str]:
    """Return the headers of a download; `name` is made of plain letters (RFC 6266).

    The name of what belongs to an exercise begins with that word.
    """
    if is_exercise_ref(name):
        name = f"EXERCISE-{name}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def plain_name(title: str) -> str:
    """Reduce a file's own name to letters, digits, dot, dash and underscore, 60 at most."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", title).strip("._")[-60:]


def evidence_name(ref: str, item: EvidenceItem) -> str:
    """Return the name under which an item is downloaded: `INC-2026-0001-E2-report.csv`."""
    if item.kind == "message":
        return f"{ref}-E{item.number}-message.json"
    return f"{ref}-E{item.number}-{plain_name(item.title) or 'file'}"


@router.get("/incidents/{ref}/evidence/{number}")
def evidence(visit: VisitDep, ref: str, number: int) -> Response:
    """Hand out an item as it lies in the store; the access becomes part of its custody."""
    try:
        with unit_of_work(visit.store, now=visit.wall) as tx:
            seen = enter(tx, visit, ref)
            item = find_item(tx, seen.incident, number)
            if item.state != "collected":
                raise IncidentError(f"E-{number} isn't in the store yet: it is {item.state}.")
            content = _stored(visit, item.sha256, what=f"E-{number}")
            record_download(tx, seen.incident, item, actor=seen.person)
            name = evidence_name(seen.incident.ref, item)
    except EXPECTED as error:
        return incident_page(visit, ref, problem=str(error), status=status_of(error))
    headers = attachment(name) | {"Content-Length": str(item.size)}
    return StreamingResponse(
        _pieces(content), media_type="application/octet-stream", headers=headers
    )


def _stored(visit: Visit, sha256: str, *, what: str) -> BinaryIO:
    """Open an artifact; refuse in words if it is gone or was erased."""
    try:
        return visit.store.artifacts.open(sha256)
    except ArtifactErasedError as error:
        raise FileRefusedError(f"{what} was erased; its bytes can’t be read any more.") from error
    except ArtifactMissingError as error:
        raise _gone(what, error) from error


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(PIECE):
            yield piece


def _gone(what: str, error: ArtifactMissingError) -> FileRefusedError:
    """Say that a file is lost; its digest goes to the log of those who can bring it back."""
    log.error("an artifact is not in the store: %s", error)
    return FileRefusedError(
        f"The file of {what} isn't in the evidence store any more. Tell the Commander and the "
        f"people who run Tocsin: it has to come back from the backup."
    )


@router.post("/incidents/{ref}/evidence/export")
def bundle(posted: PostedDep, ref: str) -> Response:
    """Write the evidence bundle and hand it out as one ZIP, stored without compression."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bundle-"))
    try:
        archive = _bundle(posted, ref, folder)
    except (*EXPECTED, BundleError) as error:
        shutil.rmtree(folder)
        return incident_page(posted.visit, ref, problem=_plain(error), status=status_of(error))
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        archive,
        media_type="application/zip",
        headers=attachment(archive.name),
        background=BackgroundTask(shutil.rmtree, folder),
    )


def _plain(error: Exception) -> str:
    if isinstance(error, BundleError):
        log.error("a bundle can't be written: %s", error)
        return (
            "The bundle can't be written: a file in the evidence store is missing or changed. "
            "Tell the Commander and the people who run Tocsin; nothing was exported."
        )
    return str(error)


def _bundle(posted: Posted, ref: str, folder: Path) -> Path:
    """Write the ZIP in a reading session, so that others can work meanwhile; then record it."""
    visit = posted.visit
    with unit_of_work(visit.store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        may_export(tx, seen.incident, actor=seen.person)
    with reading(visit.store) as session:
        work = Exporting(session=session, store=visit.store, now=visit.now)
        archive = folder / f"{seen.incident.ref}-bundle.zip"
        seen = find(session, visit, ref)
        by = seen.person.name or seen.person.slack_id
        made = write_bundle(
            work,
            seen.incident,
            archive,
            forms=lambda: custody_forms(work, seen.incident, by=by, zone=seen.zone),
        )
    with unit_of_work(visit.store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        may_export(tx, seen.incident, actor=seen.person)
        record_export(tx, seen.incident, made, actor=seen.person.actor)
    return archive


@router.get("/incidents/{ref}/notices/{number}/pdf")
def notice_pdf(visit: VisitDep, ref: str, number: int) -> Response:
    """Hand out a notice: the very file that was approved, else one that says DRAFT."""
    try:
        paper = _paper(visit, ref, number)
        taken = ArtifactRef(
            sha256=hashlib.sha256(paper.content).hexdigest(), size=len(paper.content)
        )
        with unit_of_work(visit.store, now=visit.wall) as tx:
            seen = enter(tx, visit, ref)
            record_notice_download(tx, seen.incident, number, pdf=taken, actor=seen.person)
    except EXPECTED as error:
        state = DeskState(problem=str(error))
        return notice_page(visit, ref, number, state=state, status=status_of(error))
    return Response(paper.content, media_type="application/pdf", headers=attachment(paper.name))


def _paper(visit: Visit, ref: str, number: int) -> Paper:
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        notice = open_notice(session, visit, seen, number).notice
        if refusal := seen.why_not(Action.DOWNLOAD_NOTICE):
            raise NotAllowedError(refusal)
        try:
            return paper_of(session, visit.store, seen.incident, notice)
        except ArtifactMissingError as error:
            raise _gone(f"N-{number}", error) from error
