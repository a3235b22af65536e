"""What anybody may learn of a paper of ours: whether it is genuine, and whether it still counts.

Decides what a stranger is told: the status, the reference and version that stand on the paper, and
the day of approval. Never to whom it goes, what it says, or that a draft exists: what nobody
approved is unknown. Reads only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from bot.documents.footer import VERIFY_DIGITS
from bot.documents.html import SHORT_HASH
from bot.domain.notices import NoticeState
from bot.services.notices import LIVE_INCIDENT
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.print_queries import approved_versions, version_of_letter
from bot.store.tables import Incident

DIGEST_DIGITS = 64
MIN_DIGITS = min(SHORT_HASH, VERIFY_DIGITS)


class Status(StrEnum):
    """What we say of a paper."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXERCISE = "exercise"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The answer. Of what isn't known there is nothing but the status."""

    status: Status
    ref: str = ""
    version: int = 0
    approved_at: datetime | None = None
    """UTC; only of what is approved at present."""
    by_file: bool = False
    """Whether the very file was recognised, rather than only the number on it."""
    is_letter: bool = False
    """Whether it is one letter of a print run."""


UNKNOWN = Verification(status=Status.UNKNOWN)


def clean_code(text: str) -> str:
    """Take out of what somebody typed or scanned the hexadecimal code; empty if there is none.

    Spaces, dashes, and the address before it are no fault.
    """
    last = text.strip().rstrip("/").rpartition("/")[2]
    plain = re.sub(r"[\s.…-]+", "", last).casefold()
    fits = MIN_DIGITS <= len(plain) <= DIGEST_DIGITS
    return plain if fits and re.fullmatch(r"[0-9a-f]+", plain) else ""


def verify_code(session: Session, code: str) -> Verification:
    """Say what a code on a paper stands for: a file's SHA-256, or how a content hash begins."""
    if not code:
        return UNKNOWN
    if len(code) == DIGEST_DIGITS:
        found = verify_file(session, code)
        if found.status is not Status.UNKNOWN:
            return found
    return _best(session, approved_versions(session, content=code))


def verify_file(session: Session, sha256: str) -> Verification:
    """Say what the file with this SHA-256 is: an approved notice, or one of its letters."""
    found = _best(session, approved_versions(session, pdf_sha256=sha256), by_file=True)
    if found.status is not Status.UNKNOWN:
        return found
    version = version_of_letter(session, sha256)
    return _answer(session, version, by_file=True, is_letter=True) if version else UNKNOWN


def _best(
    session: Session, versions: Sequence[NoticeVersion], *, by_file: bool = False
) -> Verification:
    """Of several versions with one content the one that still counts; else the newest."""
    answers = [_answer(session, one, by_file=by_file) for one in versions]
    current = (one for one in answers if one.status is Status.CURRENT)
    return next(current, answers[0] if answers else UNKNOWN)


def _answer(
    session: Session, version: NoticeVersion, *, by_file: bool, is_letter: bool = False
) -> Verification:
    notice = session.get_one(NoticeRow, version.notice_id)
    incident = session.get_one(Incident, version.incident_id)
    counts = notice.approved_version == version.version
    return Verification(
        status=_status(notice, incident, counts=counts),
        ref=f"{incident.ref} / N-{notice.number}",
        version=version.version,
        approved_at=notice.approved_at if counts else None,
        by_file=by_file,
        is_letter=is_letter,
    )


def _status(notice: NoticeRow, incident: Incident, *, counts: bool) -> Status:
    if incident.kind != LIVE_INCIDENT:
        return Status.EXERCISE
    if notice.state == NoticeState.WITHDRAWN:
        return Status.WITHDRAWN
    if counts and notice.state in {NoticeState.APPROVED, NoticeState.SENT}:
        return Status.CURRENT
    return Status.SUPERSEDED
