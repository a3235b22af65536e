"""Preserving evidence: a Slack message, a file, a seal. Exporting it is in `evidence_export`.

Bytes go into the artifact store first and into the log second, so that the log never names a file
that isn't there. Original names and texts stand behind commitments.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.evidence_errors import FileRefusedError
from bot.services.evidence_export import export, export_as
from bot.services.evidence_intake import MAX_TITLE, room_for
from bot.store.queries import evidence_item, evidence_items
from bot.store.tables import EvidenceItem, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx
from evidence_store.artifacts import ArtifactMissingError, ArtifactRef
from evidence_store.sealed_stream import SealedStreamError

__all__ = [
    "FileRefusedError",
    "collect_file",
    "export",
    "export_as",
    "file_collected",
    "file_refused",
    "find_item",
    "preserve_message",
    "record_download",
    "record_note",
    "seal_item",
]

HASH_CHUNK = 1 << 20
SALT_BYTES = 32


def preserve_message(
    tx: Tx, incident: Incident, message: Mapping[str, Any], *, channel: str, actor: Person
) -> EvidenceItem:
    """Keep a Slack message as it is delivered to us, and ask for the files that hang on it."""
    check_may(tx, incident, actor, Action.PRESERVE_EVIDENCE)
    ts = str(message.get("ts", ""))
    source = f"slack:{channel}/{ts}"
    for known in evidence_items(tx.session, incident):
        if known.source == source and known.kind == "message":
            raise IncidentError(f"This message is already preserved as E-{known.number}.")
    artifact = tx.store.artifacts.store([_salted(message)])
    text = " ".join(str(message.get("text") or "message without text").split())
    item = _insert(tx, incident, kind="message", title=text[:MAX_TITLE], source=source, actor=actor)
    item.state = "collected"
    item.sha256 = artifact.sha256
    item.size = artifact.size
    tx.session.add(item)
    tx.record(
        incident,
        "message.preserved",
        actor=actor.actor,
        data={
            "item": item.number,
            "channel": channel,
            "message_ts": ts,
            **tx.store.artifacts.stored_as(artifact.sha256),
        },
        pd={"title": item.title, "author": str(message.get("user", ""))},
        artifacts=[artifact],
    )
    for file in message.get("files") or []:
        # A file may hang on several messages; its bytes are kept once.
        if _kept(tx, incident, file) is None:
            collect_file(tx, incident, file, channel=channel, actor=actor)
    tx.enqueue("refresh_card", incident)
    return item


def _salted(message: Mapping[str, Any]) -> bytes:
    """Write a message as JSON beside a random salt.

    Its digest stays in the log when it is erased. The salt goes with the content, so that nobody
    can try out what a short message may have said (docs/adr/0014-digests-stay-after-erasing.md).
    """
    kept = {"message": message, "salt": secrets.token_hex(SALT_BYTES)}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _source_of(file: Mapping[str, Any]) -> str:
    return f"slack-file:{file.get('id')}"


def _kept(tx: Tx, incident: Incident, file: Mapping[str, Any]) -> EvidenceItem | None:
    """Return the item that this file already is, unless it couldn't be fetched."""
    for known in evidence_items(tx.session, incident):
        if known.source == _source_of(file) and known.state != "failed":
            return known
    return None


def collect_file(
    tx: Tx, incident: Incident, file: Mapping[str, Any], *, channel: str, actor: Person
) -> EvidenceItem:
    """Ask for a Slack file to be fetched; a file over the limit is refused before it starts."""
    check_may(tx, incident, actor, Action.PRESERVE_EVIDENCE)
    known = _kept(tx, incident, file)
    if known is not None:
        raise IncidentError(f"This file is already preserved as E-{known.number}.")
    room_for(tx.session, tx.store, incident, size=int(file.get("size") or 0))
    title = " ".join(str(file.get("name") or "file").split())[:MAX_TITLE]
    item = _insert(tx, incident, kind="file", title=title, source=_source_of(file), actor=actor)
    item.slack_file_id = str(file.get("id") or "")
    tx.session.add(item)
    tx.record(
        incident,
        "note.recorded",
        actor=actor.actor,
        data={"what": "file requested", "item": item.number, "channel": channel},
        pd={"title": title},
    )
    tx.enqueue("fetch_file", incident, item_id=item.id)
    return item


def _insert(
    tx: Tx, incident: Incident, *, kind: str, title: str, source: str, actor: Person
) -> EvidenceItem:
    item = EvidenceItem(
        incident_id=incident.id or 0,
        number=len(evidence_items(tx.session, incident)) + 1,
        kind=kind,
        title=title,
        source=source,
        state="fetching",
        collected_at=tx.now,
        collected_by=actor.id or 0,
    )
    tx.session.add(item)
    tx.session.flush()
    return item


def file_collected(tx: Tx, incident: Incident, item: EvidenceItem, artifact: ArtifactRef) -> None:
    """Record that the file's bytes are in the store under their digest."""
    tx.hold(incident)
    tx.session.refresh(item)
    if item.state == "collected":
        return
    collector = tx.session.get_one(Person, item.collected_by)
    item.state = "collected"
    item.problem = ""
    item.sha256 = artifact.sha256
    item.size = artifact.size
    item.collected_at = tx.now
    tx.session.add(item)
    tx.record(
        incident,
        "evidence.collected",
        actor=collector.actor,
        data={
            "item": item.number,
            "method": "slack api, streamed",
            "source": item.source,
            **tx.store.artifacts.stored_as(artifact.sha256),
        },
        pd={"title": item.title},
        artifacts=[artifact],
    )
    tx.enqueue("refresh_card", incident)
    key = f"{incident.ref}/evidence/{item.number}/collected"
    tx.enqueue("announce", incident, key=key, kind="evidence", detail={"item": item.number})


def file_refused(tx: Tx, incident: Incident, item: EvidenceItem, *, problem: str) -> None:
    """Record that the file couldn't be fetched, and tell the one who asked for it."""
    tx.hold(incident)
    tx.session.refresh(item)
    if item.state == "collected":
        return
    item.state = "failed"
    item.problem = problem
    tx.session.add(item)
    tx.record(
        incident,
        "note.recorded",
        actor=SYSTEM_ACTOR,
        data={"what": "file not collected", "item": item.number},
        pd={"problem": problem},
    )
    collector = tx.session.get_one(Person, item.collected_by)
    key = f"{incident.ref}/evidence/{item.number}/failed/{tx.now.isoformat()}"
    tx.enqueue(
        "tell",
        incident,
        key=key,
        slack_id=collector.slack_id,
        kind="evidence_failed",
        number=item.number,
    )


def seal_item(tx: Tx, incident: Incident, number: int, *, actor: Person) -> EvidenceItem:
    """Seal an item: read its bytes again, compare the digest, and record both.

    Raises `FileRefusedError` if the bytes are gone or aren't those that were recorded.
    """
    check_may(tx, incident, actor, Action.SEAL_EVIDENCE)
    item = find_item(tx, incident, number)
    if item.state != "collected":
        raise IncidentError(
            f"E-{number} isn't in the store yet ({item.state}); it can't be sealed."
        )
    if item.sealed_at is not None:
        raise IncidentError(f"E-{number} is already sealed.")
    try:
        found = _digest(tx, item.sha256)
    except ArtifactMissingError as error:
        raise FileRefusedError(
            f"E-{number} isn't in the evidence storage any more (SHA-256 {item.sha256[:16]}…). "
            f"Restore the storage from its backup, then seal it."
        ) from error
    except SealedStreamError as error:
        raise FileRefusedError(_changed(item, "it can't be decrypted")) from error
    if found != item.sha256:
        raise FileRefusedError(_changed(item, f"found {found[:16]}…"))
    item.sealed_at = tx.now
    item.sealed_by = actor.id
    tx.session.add(item)
    tx.record(
        incident,
        "evidence.sealed",
        actor=actor.actor,
        data={"item": number, "sha256": item.sha256, "size": item.size},
        artifacts=[ArtifactRef(sha256=item.sha256, size=item.size)],
    )
    tx.enqueue("refresh_card", incident)
    return item


def _changed(item: EvidenceItem, found: str) -> str:
    return (
        f"E-{item.number} doesn't match its digest any more: recorded {item.sha256[:16]}…, "
        f"{found}. Don't use it; tell the Commander and look at the storage."
    )


def find_item(tx: Tx, incident: Incident, number: int) -> EvidenceItem:
    """Return an item of the incident, or raise `IncidentError` with the range there is."""
    item = evidence_item(tx.session, incident, number)
    if item is None:
        count = len(evidence_items(tx.session, incident))
        known = f"it has E-1 to E-{count}" if count else "nothing is preserved yet"
        raise IncidentError(f"{incident.ref} has no E-{number}; {known}.")
    return item


def _digest(tx: Tx, sha256: str) -> str:
    hasher = hashlib.sha256()
    with tx.store.artifacts.open(sha256) as file:
        while chunk := file.read(HASH_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def record_note(tx: Tx, incident: Incident, text: str, *, actor: Person) -> None:
    """Add a person's note to the record."""
    check_may(tx, incident, actor, Action.ADD_NOTE)
    if not text.strip():
        raise IncidentError("The note is empty: `/incident timeline note what happened`.")
    tx.record(incident, "note.recorded", actor=actor.actor, pd={"note": text.strip()})


def record_download(tx: Tx, incident: Incident, item: EvidenceItem, *, actor: Person) -> None:
    """Record that somebody took a copy of an item: every access is part of the chain of custody."""
    check_may(tx, incident, actor, Action.READ)
    tx.record(
        incident,
        "evidence.accessed",
        actor=actor.actor,
        data={"item": item.number, "sha256": item.sha256},
    )
