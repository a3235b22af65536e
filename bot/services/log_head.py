"""The head of an incident's evidence log: what a paper names, so that it can be checked later."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.store.tables import Incident
from bot.store.unit_of_work import Store, origin_of
from evidence_store import log, notes


@dataclass(frozen=True, kw_only=True, slots=True)
class LogHead:
    """How many entries the log held at its last signed checkpoint, and their root hash (hex)."""

    size: int
    root: str


def head_of(session: Session, store: Store, incident: Incident) -> LogHead:
    """Read the log's head.

    Raises:
        UnknownLogError: the incident has no log, which never happens to one that was opened.
    """
    note = log.checkpoint(session.connection(), origin=origin_of(store, incident.ref))
    checkpoint, _signatures = notes.parse(note)
    return LogHead(size=checkpoint.size, root=checkpoint.root.hex())
