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
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, check_allowed
from bot.services.evidence import FileRefusedError, export, find_item, record_download
from bot.services.notices import marking_of, prepare_notice, record_notice_download
from bot.store.tables import EvidenceItem, NoticeRow, NoticeVersion
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Visit, VisitDep, find
from bot.web.pages.incident import incident_page
from bot.web.pages.notice_view import FINAL, NoticeFile, open_notice
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


def notice_name(ref: str, notice: NoticeRow, version: NoticeVersion) -> str:
    """Return the name of a notice's PDF: `INC-2026-0001-N1-v2-DRAFT.pdf`; no mark if approved."""
    mark = "" if notice.state in FINAL else "-DRAFT"
    return f"{ref}-N{notice.number}-v{version.version}{mark}.pdf"


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
    path = visit.store.artifacts.path(sha256)
    if not path.is_file():
        log.error("artifact %s is not in the store", sha256)
        raise FileRefusedError(
            f"The file of {what} isn't in the evidence store any more. Tell the Commander and the "
            f"people who run Tocsin: it has to come back from the backup."
        ) from ArtifactMissingError(sha256)
    return path


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
        # A closed incident is exported too: that is when counsel asks for it.
        check_allowed(Action.EXPORT_EVIDENCE, seen.roles)
        out = folder / f"{seen.incident.ref}-bundle"
        export(tx, seen.incident, out, actor=seen.person.actor)
        archive = folder / f"{seen.incident.ref}-bundle.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(out.rglob("*")):
                if file.is_file():
                    packed.write(file, file.relative_to(folder))
    return archive


@router.get("/incidents/{ref}/notices/{number}/pdf")
def notice_pdf(visit: VisitDep, ref: str, number: int) -> Response:
    """Hand out a notice: the very file that was approved, else one that says DRAFT."""
    with reading(visit.store) as session:
        file = open_notice(session, visit, find(session, visit, ref), number)
    check_allowed(Action.DOWNLOAD_NOTICE, file.seen.roles)
    content = _approved(visit, file) if file.notice.state in FINAL else _draft(file)
    digest = hashlib.sha256(content).hexdigest()
    with unit_of_work(visit.store, now=visit.now) as tx:
        seen = find(tx.session, visit, ref)
        taken = ArtifactRef(sha256=digest, size=len(content))
        record_notice_download(tx, seen.incident, number, pdf=taken, actor=seen.person)
    name = notice_name(file.seen.incident.ref, file.notice, file.latest)
    return Response(content, media_type="application/pdf", headers=attachment(quote(name)))


def _approved(visit: Visit, file: NoticeFile) -> bytes:
    approved = next(one for one in file.versions if one.version == file.notice.approved_version)
    path = _stored(visit, approved.pdf_sha256, what=f"N-{file.notice.number}")
    return path.read_bytes()


def _draft(file: NoticeFile) -> bytes:
    return prepare_notice(
        file.need_template(),
        file.facts,
        file.notice,
        file.latest,
        ref=file.seen.incident.ref,
        marking=marking_of(file.notice),
        on=file.latest.made_at,
    ).pdf
