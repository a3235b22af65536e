"""Jobs about the bytes of evidence: fetched from Slack into the store, and deleted from it."""

from collections.abc import Mapping
from typing import Any

from bot.delivery.slack import SlackRefusedError
from bot.delivery.slack_files import download
from bot.jobs.channel import incident_by_id
from bot.jobs.parts import Parts
from bot.services.evidence import file_collected, file_refused
from bot.services.evidence_errors import FileRefusedError
from bot.services.evidence_intake import room_for, watched
from bot.store.tables import EvidenceItem
from bot.store.unit_of_work import reading, unit_of_work
from evidence_store.artifacts import ArtifactTooLargeError

_REMEDY = {
    "login_page": "Slack sent its login page: the app lacks the scope files:read, or isn't in the "
    "channel where the file is. Add it and preserve the message again.",
    "missing_scope": "The Slack app lacks the scope files:read. A workspace admin adds it; then "
    "preserve the message again.",
    "file_not_found": "Slack doesn't show me the file: it was deleted, or lies in a channel that I "
    "am not in. Share it into the incident's channel and preserve it there.",
    "http_404": "Slack doesn't have the file any more.",
    "file_deleted": "The file was deleted in Slack before it could be fetched.",
    "foreign_host": "The file lies outside Slack: download it by hand and upload it here.",
}


def fetch_file(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Fetch the file of an evidence item; what Slack refuses is recorded on the item."""
    incident = incident_by_id(parts, arguments)
    with reading(parts.store) as session:
        item = session.get_one(EvidenceItem, int(arguments["item_id"]))
    if item.state != "fetching":
        return
    try:
        with reading(parts.store) as session:
            room = room_for(session, parts.store, incident)
        info = parts.slack.file_info(item.slack_file_id)
        url = str(info.get("url_private_download") or info.get("url_private") or "")
        page = int(info.get("size") or 0) if info.get("mimetype") == "text/html" else None
        with download(
            url, token=parts.bot_token, hosts=parts.file_hosts, page_bytes=page
        ) as chunks:
            artifact = parts.store.artifacts.store(
                watched(chunks, room=room, store=parts.store, incident=incident)
            )
    except SlackRefusedError as error:
        problem = _REMEDY.get(error.code, f"Slack refused the file: {error.code}.")
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            file_refused(tx, incident, tx.session.get_one(EvidenceItem, item.id), problem=problem)
        return
    except (ArtifactTooLargeError, FileRefusedError) as error:
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            row = tx.session.get_one(EvidenceItem, item.id)
            file_refused(tx, incident, row, problem=str(error))
        return
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        file_collected(tx, incident, tx.session.get_one(EvidenceItem, item.id), artifact)


def delete_artifact(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Delete the bytes of an erased artifact; a store under a lock keeps them, unreadable."""
    parts.store.artifacts.delete(str(arguments["stored_sha256"]))
