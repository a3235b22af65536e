"""The append-only evidence log in the database.

Decides what may be appended, erased and read; every append has a signed checkpoint in the same
transaction. Never commits: state, entries and checkpoint stand or fall together with the caller's
transaction. Entry form is in entry, signatures in notes and signing, the writing itself in writer.

Transactions. PostgreSQL: READ COMMITTED; an advisory lock per log is held until the transaction
ends. SQLite: begin with BEGIN IMMEDIATE (WAL, synchronous=FULL, foreign keys and secure_delete
on); a transaction that has only read before may be refused the write lock ("database is locked")
if another one wrote meanwhile. On both, primary key and unique leaf are the backstop: a lost race
is an error, never a fork.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Any

from sqlalchemy import Connection, delete, select

from evidence_store import entry, events, signing, writer
from evidence_store.artifacts import ArtifactRef
from evidence_store.entry import Draft, Entry, Opening
from evidence_store.errors import (
    ConcurrentAppendError,
    LegalHoldError,
    LogError,
    LogExistsError,
    NothingToEraseError,
    UnknownLogError,
    WrongKeyError,
)
from evidence_store.tables import (
    evidence_checkpoint,
    evidence_entry,
    evidence_log,
    evidence_opening,
)

__all__ = [
    "DEFAULT_MAX_LAG",
    "ArtifactRef",
    "ConcurrentAppendError",
    "Draft",
    "Entry",
    "LegalHoldError",
    "LogError",
    "LogExistsError",
    "NothingToEraseError",
    "Opening",
    "UnknownLogError",
    "WrongKeyError",
    "append",
    "checkpoint",
    "checkpoint_sizes",
    "entries",
    "erase_personal_data",
    "log_size",
    "open_log",
    "openings",
]

PROFILE_VERSION = 1
HASH_NAME = "sha-256"
DEFAULT_MAX_LAG = timedelta(hours=24)
_PAGE = 500
_RESERVED = ("vkey", "hash", "profile", "vocabulary", "max_lag_seconds", "tsa")


def open_log(
    connection: Connection,
    *,
    origin: str,
    actor: str,
    signer: signing.Signer,
    now: datetime,
    max_lag: timedelta = DEFAULT_MAX_LAG,
    tsa: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Open a log with its first entry, `log.opened`, and return that entry.

    `data` is added to the entry and should name the tool and its version. `max_lag` is how long
    after recording an entry may wait for its time stamp before the verifier calls it late. `tsa`
    names the authorities that are meant to give it.

    Raises:
        LogExistsError: when the origin is in use. A log is never opened twice; after a restore
            from an old backup open one of another origin that names the old in `data`.
    """
    entry.check_origin(origin)
    extra = dict(data or {})
    if taken := sorted(set(extra) & set(_RESERVED)):
        raise LogError(f"log.opened: {', '.join(taken)} are set by the log itself")
    if writer.lock(connection, origin) is not None:
        raise LogExistsError(f"a log of origin {origin} is already open")
    opened = {
        "vkey": signer.vkey,
        "hash": HASH_NAME,
        "profile": PROFILE_VERSION,
        "vocabulary": events.VOCABULARY_VERSION,
        "max_lag_seconds": int(max_lag.total_seconds()),
        "tsa": list(tsa),
    }
    head = writer.start(connection, origin=origin, vkey=signer.vkey, now=now)
    draft = Draft(event=events.GENESIS, actor=actor, data=opened | extra)
    return writer.write(
        connection, origin=origin, head=head, drafts=[draft], signer=signer, now=now
    )[0]


def append(
    connection: Connection,
    *,
    origin: str,
    drafts: Sequence[Draft],
    signer: signing.Signer,
    now: datetime,
) -> list[Entry]:
    """Append one entry per draft, in order, with a checkpoint signed over the last.

    `now` (aware UTC) is written as it is, even if the clock stepped back: the verifier warns of a
    backward step, and a log that corrects its clock would hide it.

    Raises:
        UnknownLogError: when the log wasn't opened.
        WrongKeyError: when another key signs this log since its last rotation.
        EntryError: when a draft is malformed or too long; UnknownEventError for an unknown word.
        ConcurrentAppendError: when the transaction wasn't isolated as the module asks.
    """
    if not drafts:
        raise LogError("append needs at least one draft")
    if any(draft.event == events.GENESIS for draft in drafts):
        raise LogError(f"{events.GENESIS} is the first entry and stands nowhere else")
    if any(draft.event == events.KEY_ROTATED for draft in drafts):
        raise LogError(f"{events.KEY_ROTATED} is written by evidence_store.rotation alone")
    head = writer.lock(connection, origin)
    return writer.write(connection, origin=origin, head=head, drafts=drafts, signer=signer, now=now)


def entries(
    connection: Connection,
    *,
    origin: str,
    after: int = -1,
    limit: int | None = None,
    only: Collection[str] = (),
) -> Iterator[Entry]:
    """Yield the entries with `seq` above `after`, in order, at most `limit`; reads in pages.

    `only` are the events to read; without them all are read.
    """
    table = evidence_entry
    for done in count(0, _PAGE):
        size = _PAGE if limit is None else min(_PAGE, limit - done)
        if size <= 0:
            return
        page = select(table.c.line).where(table.c.origin == origin, table.c.seq > after)
        if only:
            page = page.where(table.c.event.in_(only))
        lines = connection.execute(page.order_by(table.c.seq).limit(size)).scalars().all()
        for line in lines:
            found = entry.read(bytes(line))
            after = found.seq
            yield found
        if len(lines) < size:
            return


def checkpoint(connection: Connection, *, origin: str, size: int | None = None) -> bytes:
    """Return the signed note over the first `size` entries, the latest by default.

    Raises:
        UnknownLogError: when there is none.
    """
    table = evidence_checkpoint
    query = select(table.c.note).where(table.c.origin == origin)
    if size is not None:
        query = query.where(table.c.size == size)
    note = connection.execute(query.order_by(table.c.size.desc()).limit(1)).scalar()
    if note is None:
        raise UnknownLogError(
            f"log {origin} has no checkpoint" + (f" of size {size}" if size else "")
        )
    return bytes(note)


def checkpoint_sizes(connection: Connection, *, origin: str) -> list[int]:
    """Return the sizes at which checkpoints were signed, ascending."""
    table = evidence_checkpoint
    query = select(table.c.size).where(table.c.origin == origin).order_by(table.c.size)
    return list(connection.execute(query).scalars())


def log_size(connection: Connection, *, origin: str) -> int:
    """Return how many entries a log has; 0 if it wasn't opened."""
    table = evidence_log
    size = connection.execute(select(table.c.size).where(table.c.origin == origin)).scalar()
    return int(size or 0)


def openings(connection: Connection, *, origin: str, seq: int | None = None) -> Iterator[Opening]:
    """Yield what stands behind the commitments and isn't erased, by seq and name."""
    table = evidence_opening
    query = select(table).where(table.c.origin == origin).order_by(table.c.seq)
    if seq is not None:
        query = query.where(table.c.seq == seq)
    rows = connection.execute(query, execution_options={"yield_per": _PAGE})
    for _, of_entry in groupby(rows, key=lambda row: row.seq):
        # By code point in Python, because PostgreSQL's collation may order names otherwise.
        for row in sorted(of_entry, key=lambda row: row.name):
            yield Opening(seq=row.seq, name=row.name, salt=bytes(row.salt), value=bytes(row.value))


def erase_personal_data(
    connection: Connection,
    *,
    origin: str,
    seq: int,
    names: Sequence[str],
    actor: str,
    signer: signing.Signer,
    now: datetime,
    reason: str,
) -> Entry:
    """Delete value and salt of the named personal data, and record that in the same transaction.

    The commitments stay in the entry, so the chain still verifies. `reason` is free text and goes
    behind a commitment itself. Backups and the database's own log files are the operator's.

    Raises:
        LegalHoldError: while a hold is in force. NothingToEraseError: when a name isn't there.
    """
    head = writer.lock(connection, origin)
    if holds := _holds(connection, origin=origin):
        raise LegalHoldError(
            f"log {origin}: legal hold {', '.join(holds)} is in force; release it before erasing"
        )
    found = {item.name for item in openings(connection, origin=origin, seq=seq)}
    if not names or not found.issuperset(names):
        missing = ", ".join(sorted(set(names) - found)) or "no names"
        raise NothingToEraseError(f"log {origin}, entry {seq}: nothing to erase for {missing}")
    table = evidence_opening
    connection.execute(
        delete(table).where(
            table.c.origin == origin, table.c.seq == seq, table.c.name.in_(list(names))
        )
    )
    draft = Draft(
        event=events.ERASED,
        actor=actor,
        data={"seq": seq, "names": sorted(set(names))},
        pd={"reason": reason},
    )
    return writer.write(
        connection, origin=origin, head=head, drafts=[draft], signer=signer, now=now
    )[0]


def _holds(connection: Connection, *, origin: str) -> list[str]:
    """Return the ids (`data.hold`) of holds that were placed and not released."""
    table = evidence_entry
    query = (
        select(table.c.line)
        .where(table.c.origin == origin)
        .where(table.c.event.in_([events.HOLD_PLACED, events.HOLD_RELEASED]))
        .order_by(table.c.seq)
    )
    held: dict[str, bool] = {}
    for line in connection.execute(query).scalars():
        found = entry.read(bytes(line))
        held[str(found.data.get("hold", "unnamed"))] = found.event == events.HOLD_PLACED
    return [name for name, placed in held.items() if placed]
