"""The head of an incident's evidence log: what a paper names, so that it can be checked later."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.store.tables import Incident
from bot.store.unit_of_work import Store, origin_of
from evidence_store import log, notes


@dataclass(frozen=True, kw_only=True, slots=True)
class LogHead:
    """How many entries the log held at its last signed checkpoint, and their root hash (hex).

    `keys` are name and id (hex) of the keys that signed it, as in `halden+1a2b3c4d`.
    """

    size: int
    root: str
    keys: tuple[str, ...]


def head_of(session: Session, store: Store, incident: Incident) -> LogHead:
    """Read the log's head.

    Raises:
        UnknownLogError: the incident has no log, which never happens to one that was opened.
    """
    note = log.checkpoint(session.connection(), origin=origin_of(store, incident.ref))
    checkpoint, signatures = notes.parse(note)
    keys = tuple(f"{one.name}+{one.key_id.hex()}" for one in signatures)
    return LogHead(size=checkpoint.size, root=checkpoint.root.hex(), keys=keys)
