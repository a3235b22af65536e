"""The workspace in a box as one JSON file, so that a restarted demo has its channels again.

Decides: what is kept (channels, messages, files' records, Home tabs) and what isn't (open modals,
triggers, faults: Slack forgets those too, or we want it to). The file is replaced atomically.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path

from bot.local_slack.workspace import Channel, Message, Workspace

FORMAT = 1


class UnreadableStateError(RuntimeError):
    """The saved state isn't what this version writes; the message names the file."""


def save(workspace: Workspace, path: Path) -> None:
    """Write the state beside `path` and move it into place; the caller holds the lock."""
    document = {
        "format": FORMAT,
        "counter": workspace.counter,
        "last_micros": workspace.last_micros,
        "channels": [asdict(channel) for channel in workspace.channels.values()],
        "files": workspace.files,
        "homes": workspace.homes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def load(workspace: Workspace, path: Path) -> bool:
    """Fill the workspace from `path`; return False if there is no such file.

    Raises UnreadableStateError if the file isn't a state of this format.
    """
    if not path.exists():
        return False
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise UnreadableStateError(
                f"{path}: format {document['format']}, expected {FORMAT}. "
                "Move the file away to begin with an empty workspace."
            )
        channels = {
            item["id"]: Channel(**{**item, "messages": [Message(**m) for m in item["messages"]]})
            for item in document["channels"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableStateError(
            f"{path}: not a saved practice workspace ({error}). "
            "Move the file away to begin with an empty workspace."
        ) from error
    workspace.channels = channels
    workspace.files = document["files"]
    workspace.homes = document["homes"]
    workspace.counter = document["counter"]
    workspace.last_micros = document["last_micros"]
    return True
