"""The master log: one per organisation, which remembers how far every other log had come.

Decides what it records and how a log is held against it. A log that is thrown away whole leaves no
gap in itself; here it does. Origin `<organisation>/master`; each entry `checkpoint.recorded` holds
the `size` and the `root` (base64, as in the checkpoint) of one `log`. When to record is the
caller's: at the opening of a log, at events of custody, at exports, and daily what changed since.

The master log is a log like the others: signed, exported and verified in the same way. Writers take
its lock after those of the logs that they record.
"""

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from evidence_store import events, log, notes, signing, writer
from evidence_store.entry import Draft, Entry
from evidence_store.errors import LogError
from evidence_store.tables import evidence_log


class MasterLogError(LogError):
    """A log and the master log tell two stories; the message says which and where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """One line of the master log: how far a log had come at `ts` (aware, UTC). `root` in bytes."""

    log: str
    size: int
    root: bytes
    ts: datetime


def master_origin(organisation: str) -> str:
    """Return the origin of the organisation's master log."""
    return f"{organisation}/master"


def record(
    connection: Connection,
    *,
    organisation: str,
    origins: Sequence[str],
    signer: signing.Signer,
    actor: str,
    now: datetime,
) -> list[Entry]:
    """Record the latest checkpoints of these logs; opens the master log if there is none.

    A log that didn't grow since it was last recorded is left out, so repeating writes nothing.
    `now` is aware and in UTC. Never commits: the record stands or falls with what it records.

    Raises:
        UnknownLogError: when one of the logs was never opened.
        WrongKeyError: when another key signs the master log since its last rotation.
    """
    drafts = []
    for origin in sorted(set(origins) - {master_origin(organisation)}):
        found, _ = notes.parse(log.checkpoint(connection, origin=origin))
        if found.size > _recorded_size(connection, origin):
            data = {"log": origin, "size": found.size, "root": _text(found.root)}
            drafts.append(Draft(event=events.CHECKPOINT_RECORDED, actor=actor, data=data))
            _mark(connection, origin, found.size)
    if not drafts:
        return []
    origin = master_origin(organisation)
    if writer.lock(connection, origin) is None:
        log.open_log(connection, origin=origin, actor=actor, signer=signer, now=now)
    return log.append(connection, origin=origin, drafts=drafts, signer=signer, now=now)


def unrecorded(connection: Connection, *, organisation: str) -> list[str]:
    """Return the logs of the organisation that grew since the master log recorded them."""
    table = evidence_log.c
    grown = select(table.origin).where(
        table.origin.startswith(f"{organisation}/", autoescape=True),
        table.origin != master_origin(organisation),
        table.size > table.recorded_size,
    )
    return list(connection.execute(grown.order_by(table.origin)).scalars())


def recorded(entries: Iterable[Entry]) -> list[Recorded]:
    """Read what a master log recorded, in order; its other entries are passed by."""
    return [
        Recorded(
            log=str(found.data["log"]),
            size=int(found.data["size"]),
            root=base64.b64decode(str(found.data["root"]), validate=True),
            ts=found.ts,
        )
        for found in entries
        if found.event == events.CHECKPOINT_RECORDED
    ]


def check(
    lines: Iterable[Recorded], *, origin: str, size: int, root_at: Callable[[int], bytes]
) -> int:
    """Hold a log against the master log; return how many of its recorded checkpoints it passes.

    `size` is that of the log at hand, `root_at` gives its tree hash at any size up to that. Zero
    means that the master log doesn't know the log, which proves nothing.

    Raises:
        MasterLogError: when the log is shorter than it was recorded, or differs from it.
    """
    passed = 0
    for line in lines:
        if line.log != origin:
            continue
        if line.size > size:
            raise MasterLogError(
                f"log {origin} has {size} entries, and the master log recorded {line.size} at "
                f"{line.ts:%Y-%m-%d %H:%M:%S} UTC: its end was cut off, or it is an older copy"
            )
        if root_at(line.size) != line.root:
            raise MasterLogError(
                f"log {origin} isn't the one that the master log recorded at "
                f"{line.ts:%Y-%m-%d %H:%M:%S} UTC: its first {line.size} entries differ"
            )
        passed += 1
    return passed


def vanished(connection: Connection, *, organisation: str) -> list[str]:
    """Return the logs that the master log names and the database doesn't hold any more."""
    lines = recorded(log.entries(connection, origin=master_origin(organisation)))
    named = {line.log for line in lines}
    there = set(connection.execute(select(evidence_log.c.origin)).scalars())
    return sorted(named - there)


def _recorded_size(connection: Connection, origin: str) -> int:
    query = select(evidence_log.c.recorded_size).where(evidence_log.c.origin == origin)
    return int(connection.execute(query).scalar_one())


def _mark(connection: Connection, origin: str, size: int) -> None:
    table = evidence_log.c
    where = update(evidence_log).where(table.origin == origin, table.recorded_size < size)
    connection.execute(where.values(recorded_size=size))


def _text(root: bytes) -> str:
    return base64.b64encode(root).decode()
