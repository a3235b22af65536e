"""Files that leave through the browser: evidence, the bundle, a notice's PDF.

Every one is an attachment under a name that we make, is never cached, and who took it stands in
the log before the first byte leaves. Names that people gave to files never reach the file system.
"""

import hashlib
import logging
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, NotAllowedError
from bot.services.evidence import FileRefusedError, export_as, find_item, record_download
from bot.services.notice_papers import Paper, paper_of
from bot.services.notices import record_notice_download
from bot.store.tables import EvidenceItem
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Visit, VisitDep, find
from bot.web.pages.incident import incident_page
from bot.web.pages.notice import DeskState, notice_page
from bot.web.pages.notice_view import open_notice
from bot.web.pages.problems import status_of
from evidence_store.artifacts import ArtifactMissingError, ArtifactRef
from evidence_store.bundle import BundleError

log = logging.getLogger("tocsin.web")

router = APIRouter()


def attachment(name: str) -> dict[str, str]:
    """Return the headers of a download; `name` is made of plain letters (RFC 6266)."""
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
        with unit_of_work(visit.store, now=visit.now) as tx:
            seen = find(tx.session, visit, ref)
            item = find_item(tx, seen.incident, number)
            if item.state != "collected":
                raise IncidentError(f"E-{number} isn't in the store yet: it is {item.state}.")
            path = _stored(visit, item.sha256, what=f"E-{number}")
            record_download(tx, seen.incident, item, actor=seen.person)
            name = evidence_name(seen.incident.ref, item)
    except EXPECTED as error:
        return incident_page(visit, ref, problem=str(error), status=status_of(error))
    return FileResponse(path, media_type="application/octet-stream", headers=attachment(name))


def _stored(visit: Visit, sha256: str, *, what: str) -> Path:
    """Return where an artifact lies; refuse in words if it is gone."""
    if not visit.store.artifacts.has(sha256):
        raise _gone(what, ArtifactMissingError(sha256))
    return visit.store.artifacts.path(sha256)


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
    visit = posted.visit
    with unit_of_work(visit.store, now=visit.now) as tx:
        seen = find(tx.session, visit, ref)
        out = folder / f"{seen.incident.ref}-bundle"
        export_as(tx, seen.incident, out, actor=seen.person)
        archive = folder / f"{seen.incident.ref}-bundle.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(out.rglob("*")):
                if file.is_file():
                    packed.write(file, file.relative_to(folder))
    return archive


@router.get("/incidents/{ref}/notices/{number}/pdf")
def notice_pdf(visit: VisitDep, ref: str, number: int) -> Response:
    """Hand out a notice: the very file that was approved, else one that says DRAFT."""
    try:
        paper = _paper(visit, ref, number)
        taken = ArtifactRef(
            sha256=hashlib.sha256(paper.content).hexdigest(), size=len(paper.content)
        )
        with unit_of_work(visit.store, now=visit.now) as tx:
            seen = find(tx.session, visit, ref)
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
