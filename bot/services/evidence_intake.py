"""Taking files in that don't come from Slack, and how much an incident may hold.

Decides the limits, before and during the stream, and what is recorded of a file that was uploaded
or added on the command line: an e-mail, a log export, an image. Files from Slack are in `evidence`.
Bytes go into the artifact store first; `take_in` then records them in one transaction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlmodel import Session

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.evidence_errors import FileRefusedError
from bot.store.queries import evidence_items
from bot.store.tables import EvidenceItem, Incident, Person
from bot.store.unit_of_work import Store, Tx
from evidence_store.artifacts import ArtifactRef

MAX_TITLE = 200
MAX_SOURCE = 500
FORMS = {"file": "file", "email": "e-mail", "log": "log export"}
"""What a file is, as the log names it, and in words."""
_FORM_OF_SUFFIX = {
    ".eml": "email",
    ".msg": "email",
    ".mbox": "email",
    ".log": "log",
    ".evtx": "log",
    ".jsonl": "log",
    ".pcap": "log",
}
_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """What is known of a file before its bytes arrive.

    `name` is its own name and only ever text. `method` is how it came, in our words; `source`
    where it was, in those of whoever brings it. `form` is a key of FORMS; empty is told by the
    name's ending.
    """

    name: str
    method: str
    source: str = ""
    form: str = ""


def used_bytes(session: Session, incident: Incident) -> int:
    """Return how many bytes of content the incident keeps; the same content counts once."""
    kept = {
        item.sha256: item.size
        for item in evidence_items(session, incident)
        if item.sha256 and item.state == "collected"
    }
    return sum(kept.values())


def room_for(session: Session, store: Store, incident: Incident, *, size: int = 0) -> int:
    """Return how many bytes one more file of this incident may have.

    Raises `FileRefusedError` if a file of `size` bytes is too large, or the incident is full.
    """
    limit = store.artifacts.max_bytes
    if size > limit:
        raise FileRefusedError(
            f"The file has {megabytes(size)}, and at most {megabytes(limit)} are taken. Keep it "
            f"where it is, and record where it lies and its SHA-256 as a note: `/incident timeline "
            f"note …`."
        )
    left = store.incident_bytes - used_bytes(session, incident)
    if left <= 0 or size > left:
        raise FileRefusedError(_full(store, incident, left))
    return min(limit, left)


def watched(
    chunks: Iterable[bytes], *, room: int, store: Store, incident: Incident
) -> Iterator[bytes]:
    """Let a stream through until there is no room for it; then raise `FileRefusedError`."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        # Above the limit of one file the store itself refuses, with its own words.
        if room < size <= store.artifacts.max_bytes:
            raise FileRefusedError(_full(store, incident, room))
        yield chunk


def take_in(
    tx: Tx, incident: Incident, artifact: ArtifactRef, intake: Intake, *, actor: Person
) -> EvidenceItem:
    """Record a file whose bytes are in the artifact store as evidence of the incident.

    Raises `IncidentError` if the very same content is preserved already, `FileRefusedError` if
    there is no room left by now.
    """
    check_intake(tx, incident, intake, size=artifact.size, actor=actor)
    for known in evidence_items(tx.session, incident):
        if known.sha256 == artifact.sha256 and known.state == "collected":
            raise IncidentError(
                f"This file is already preserved as E-{known.number}: it has the same SHA-256, "
                f"{artifact.sha256[:16]}…. Nothing was added."
            )
    item = EvidenceItem(
        incident_id=incident.id or 0,
        number=len(evidence_items(tx.session, incident)) + 1,
        kind="file",
        title=title_of(intake.name),
        source=intake.method,
        state="collected",
        sha256=artifact.sha256,
        size=artifact.size,
        collected_at=tx.now,
        collected_by=actor.id or 0,
    )
    tx.session.add(item)
    tx.session.flush()
    said = {"title": item.title} | ({"source": intake.source} if intake.source else {})
    tx.record(
        incident,
        "evidence.collected",
        actor=actor.actor,
        data={
            "item": item.number,
            "method": intake.method,
            "form": form_of(intake),
            **tx.store.artifacts.stored_as(artifact.sha256),
        },
        pd=said,
        artifacts=[artifact],
    )
    tx.enqueue("refresh_card", incident)
    key = f"{incident.ref}/evidence/{item.number}/collected"
    tx.enqueue("announce", incident, key=key, kind="evidence", detail={"item": item.number})
    return item


def check_intake(tx: Tx, incident: Incident, intake: Intake, *, size: int, actor: Person) -> int:
    """Raise unless the person may bring this file now; return how many bytes it may have."""
    check_may(tx, incident, actor, Action.PRESERVE_EVIDENCE)
    if not title_of(intake.name):
        raise FileRefusedError("The file has no name. Give it one and add it again.")
    if intake.form and intake.form not in FORMS:
        raise FileRefusedError(f"“{intake.form}” is no kind of file: use {', '.join(FORMS)}.")
    if len(intake.source) > MAX_SOURCE:
        raise FileRefusedError(
            f"Say in at most {MAX_SOURCE} characters where the file comes from; it has "
            f"{len(intake.source)}."
        )
    return room_for(tx.session, tx.store, incident, size=size)


def title_of(name: str) -> str:
    """Return a file's own name as one line of at most 200 characters; it is never a path."""
    plain = "".join(one if one.isprintable() else " " for one in name)
    return " ".join(plain.split())[:MAX_TITLE]


def form_of(intake: Intake) -> str:
    """Return what the file is: as it was said, else by the ending of its name."""
    return intake.form or _FORM_OF_SUFFIX.get(PurePosixPath(intake.name.lower()).suffix, "file")


def megabytes(size: int) -> str:
    """Say a size in megabytes (powers of ten)."""
    return f"{size / _MEGABYTE:,.0f} MB"


def _full(store: Store, incident: Incident, left: int) -> str:
    return (
        f"{incident.ref} may hold {megabytes(store.incident_bytes)} of files, and "
        f"{megabytes(max(0, left))} are left. Nothing was stored. The people who run Tocsin can "
        f"raise TOCSIN_MAX_INCIDENT_GB; until then keep the file where it is."
    )
