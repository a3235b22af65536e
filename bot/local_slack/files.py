"""Files of the workspace in a box: what Slack tells about them, and their bytes.

Decides: file objects, the upload in two steps, who may fetch. Doesn't decide: HTTP (server.py).
A file is never public; without the bot token its address answers with a login page, as Slack's.
"""

import mimetypes
from pathlib import Path
from typing import Any

from bot.local_slack.workspace import ApiError, Channel, Json, Message, Workspace

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in to Halden Mutual | Slack</title></head>"
    "<body><h1>Sign in to Halden Mutual</h1><p>You need to sign in to see this page.</p>"
    "</body></html>"
)


class FileShelf:
    """The bytes of uploaded files, in memory or in a folder beside the saved state."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._bytes: dict[str, bytes] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, file_id: str, data: bytes) -> None:
        """Keep the bytes of one file under its id."""
        if self._folder is None:
            self._bytes[file_id] = data
        else:
            (self._folder / file_id).write_bytes(data)

    def get(self, file_id: str) -> bytes:
        """Return the bytes of one file. Raises ApiError `file_not_found`."""
        if self._folder is None:
            if file_id not in self._bytes:
                raise ApiError("file_not_found")
            return self._bytes[file_id]
        path = self._folder / Path(file_id).name
        if not path.is_file():
            raise ApiError("file_not_found")
        return path.read_bytes()

    def forget(self, file_id: str) -> None:
        """Drop the bytes of a deleted file."""
        self._bytes.pop(file_id, None)
        if self._folder is not None:
            (self._folder / Path(file_id).name).unlink(missing_ok=True)


def new_file(workspace: Workspace, *, user: str, name: str, size: int) -> Json:
    """Register a file that is about to be uploaded and return its record."""
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = name.rpartition(".")[2].lower() if "." in name else "binary"
    record: Json = {
        "id": workspace.next_id("F"),
        "created": workspace.unix(),
        "timestamp": workspace.unix(),
        "name": name,
        "title": name,
        "mimetype": mimetype,
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": user,
        "size": size,
        "mode": "hosted",
        "complete": False,
        "channels": [],
        "shares": [],
    }
    workspace.files[record["id"]] = record
    return record


def file_wire(workspace: Workspace, record: Json, base_url: str) -> Json:
    """Return the file object as Slack sends it, with private addresses only."""
    homes: dict[str, list[str]] = {"public": [], "private": [], "im": [], "mpim": []}
    for channel_id in record["channels"]:
        homes[workspace.channels[channel_id].kind].append(channel_id)
    shares: dict[str, dict[str, list[Json]]] = {}
    for share in record["shares"]:
        side = "public" if workspace.channels[share["channel"]].kind == "public" else "private"
        shares.setdefault(side, {}).setdefault(share["channel"], []).append({"ts": share["ts"]})
    path = f"{base_url}/files-pri/T0DEMO-{record['id']}"
    return {
        **{k: v for k, v in record.items() if k not in ("complete", "channels", "shares")},
        "editable": False,
        "is_external": False,
        "external_type": "",
        "is_public": bool(homes["public"]),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{path}/{_slug(record['name'])}",
        "url_private_download": f"{path}/download/{_slug(record['name'])}",
        "permalink": f"{base_url}/files/{record['user']}/{record['id']}/{_slug(record['name'])}",
        "channels": homes["public"],
        "groups": homes["private"] + homes["mpim"],
        "ims": homes["im"],
        "shares": shares,
        "has_rich_preview": False,
        "file_access": "visible",
    }


def _slug(name: str) -> str:
    kept = "".join(c.lower() if c.isalnum() or c in "._-" else "_" for c in name)
    return kept.encode("ascii", "replace").decode().replace("?", "_") or "file"


def visible_file(workspace: Workspace, file_id: str, *, to: str) -> Json:
    """Return a file's record if `to` uploaded it or is where it was shared.

    Raises ApiError `file_not_found` otherwise.
    """
    record = workspace.files.get(file_id)
    if record is None or not record["complete"]:
        raise ApiError("file_not_found")
    channels = (workspace.channels[c] for c in record["channels"])
    if record["user"] != to and not any(c.kind == "public" or to in c.members for c in channels):
        raise ApiError("file_not_found")
    return record


def share_file(
    workspace: Workspace,
    record: Json,
    *,
    channel: Channel,
    user: str,
    base_url: str,
    **extra: Any,
) -> Message:
    """Post a file into a channel as Slack does, and tell the app."""
    record["complete"] = True
    if channel.id not in record["channels"]:
        record["channels"].append(channel.id)
    content = {
        "subtype": "file_share",
        "upload": True,
        "display_as_bot": False,
        "files": [file_wire(workspace, record, base_url)],
        **extra,
    }
    message = workspace.post(channel, user=user, content=content)
    record["shares"].append({"channel": channel.id, "ts": message.wire["ts"]})
    if workspace.app.bot_user_id in channel.members:
        workspace.on_event(
            {
                "type": "file_shared",
                "file_id": record["id"],
                "user_id": user,
                "file": {"id": record["id"]},
                "channel_id": channel.id,
                "event_ts": message.wire["ts"],
            }
        )
    return message
