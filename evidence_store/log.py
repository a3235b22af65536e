"""The append-only evidence log in the database.

Decides the order of entries, and signs a checkpoint for every append in the same transaction.
Never commits: state, entries and checkpoint stand or fall together with the caller's transaction.
Entry form is in entry, signatures in notes and signing.

Transactions. PostgreSQL: READ COMMITTED; an advisory lock per log is held until the transaction
ends. SQLite: begin with BEGIN IMMEDIATE (WAL, synchronous=FULL, foreign keys and secure_delete
on); a transaction that has only read before may be refused the write lock ("database is locked")
if another one wrote meanwhile. On both, primary key and unique leaf are the backstop: a lost race
is an error, never a fork.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from evidence_store import entry, events, merkle, notes, signing
from evidence_store.artifacts import ArtifactRef
from evidence_store.entry import Draft, Entry, Opening
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
    "append",
    "checkpoint",
    "checkpoint_sizes",
    "entries",
    "erase_personal_data",
    "open_log",
    "openings",
]

PROFILE_VERSION = 1
HASH_NAME = "sha-256"
DEFAULT_MAX_LAG = timedelta(hours=24)
_PAGE = 500
_RESERVED = ("vkey", "hash", "profile", "vocabulary", "max_lag_seconds", "tsa")


class LogError(Exception):
    """The log can't do what was asked; nothing was written."""


class LogExistsError(LogError):
    """A log of this origin is already open."""


class UnknownLogError(LogError):
    """No log of this origin was opened."""


class ConcurrentAppendError(LogError):
    """Another transaction appended to the log at the same time; roll back and try again."""


class NothingToEraseError(LogError):
    """The entry has no such personal data, or it is erased already."""


class LegalHoldError(LogError):
    """A legal hold is in force, so nothing may be erased."""


def open_log(
    connection: Connection,
    *,
    origin: str,
    actor: str,
    signer: signing.Signer,
    now: datetime,
    max_lag: timedelta = DEFAULT_MAX_LAG,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Open a log with its first entry, `log.opened`, and return that entry.

    `data` is added to the entry and should name the tool and its version. `max_lag` is how long
    after recording an entry may wait for its time stamp before the verifier calls it late.

    Raises:
        LogExistsError: when the origin is in use. A log is never opened twice; after a restore
            from an old backup open one of another origin that names the old in `data`.
    """
    entry.check_origin(origin)
    extra = dict(data or {})
    if taken := sorted(set(extra) & set(_RESERVED)):
        raise LogError(f"log.opened: {', '.join(taken)} are set by the log itself")
    _lock(connection, origin)
    if _head(connection, origin) is not None:
        raise LogExistsError(f"a log of origin {origin} is already open")
    opened = {
        "vkey": signer.vkey,
        "hash": HASH_NAME,
        "profile": PROFILE_VERSION,
        "vocabulary": events.VOCABULARY_VERSION,
        "max_lag_seconds": int(max_lag.total_seconds()),
        "tsa": [],
    }
    connection.execute(
        insert(evidence_log).values(
            origin=origin,
            size=0,
            head=bytes.fromhex(entry.GENESIS_PREV),
            compact_range=b"",
            created_ts=entry.format_ts(now),
        )
    )
    draft = Draft(event=events.GENESIS, actor=actor, data=opened | extra)
    return _append(connection, origin=origin, drafts=[draft], signer=signer, now=now)[0]


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
        EntryError: when a draft is malformed or too long; UnknownEventError for an unknown word.
        ConcurrentAppendError: when the transaction wasn't isolated as the module asks.
    """
    if not drafts:
        raise LogError("append needs at least one draft")
    if any(draft.event == events.GENESIS for draft in drafts):
        raise LogError(f"{events.GENESIS} is the first entry and stands nowhere else")
    _lock(connection, origin)
    return _append(connection, origin=origin, drafts=drafts, signer=signer, now=now)


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
    _lock(connection, origin)
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
    return _append(connection, origin=origin, drafts=[draft], signer=signer, now=now)[0]


def _append(
    connection: Connection,
    *,
    origin: str,
    drafts: Sequence[Draft],
    signer: signing.Signer,
    now: datetime,
) -> list[Entry]:
    head = _head(connection, origin)
    if head is None:
        raise UnknownLogError(f"no log of origin {origin!a} was opened")
    tree = merkle.CompactRange.from_bytes(bytes(head.compact_range), size=head.size)
    prev = bytes(head.head).hex()
    written: list[Entry] = []
    hidden: list[Opening] = []
    for draft in drafts:
        salts = [secrets.token_bytes(entry.SALT_BYTES) for _ in draft.pd]
        behind = entry.openings_of(draft, seq=tree.size, salts=salts)
        made = entry.build(draft, origin=origin, seq=tree.size, prev=prev, now=now, openings=behind)
        tree = tree.append(bytes.fromhex(made.leaf))
        prev = made.leaf
        written.append(made)
        hidden.extend(behind)
    _store(connection, origin=origin, written=written, hidden=hidden)
    _sign(connection, origin=origin, tree=tree, signer=signer)
    moved = connection.execute(
        update(evidence_log)
        .where(evidence_log.c.origin == origin, evidence_log.c.size == head.size)
        .values(size=tree.size, head=bytes.fromhex(prev), compact_range=tree.to_bytes())
    )
    if moved.rowcount != 1:
        raise ConcurrentAppendError(f"log {origin}: someone appended at the same time; try again")
    return written


def _store(
    connection: Connection, *, origin: str, written: list[Entry], hidden: list[Opening]
) -> None:
    rows = [
        {
            "origin": origin,
            "seq": made.seq,
            "leaf": bytes.fromhex(made.leaf),
            "line": made.line,
            "event": made.event,
            "ts": entry.format_ts(made.ts),
        }
        for made in written
    ]
    connection.execute(insert(evidence_entry), rows)
    if hidden:
        values = [
            {"origin": origin, "seq": o.seq, "name": o.name, "salt": o.salt, "value": o.value}
            for o in hidden
        ]
        connection.execute(insert(evidence_opening), values)


def _sign(
    connection: Connection, *, origin: str, tree: merkle.CompactRange, signer: signing.Signer
) -> None:
    signed = notes.Checkpoint(origin=origin, size=tree.size, root=tree.root())
    key = notes.VerifyingKey.parse(signer.vkey)
    line = notes.Signature(name=key.name, key_id=key.key_id, signature=signer.sign(signed.text()))
    note = notes.note(signed, [line])
    connection.execute(insert(evidence_checkpoint).values(origin=origin, size=tree.size, note=note))


def _head(connection: Connection, origin: str) -> Row[Any] | None:
    query = select(evidence_log).where(evidence_log.c.origin == origin)
    return connection.execute(query).one_or_none()


def _lock(connection: Connection, origin: str) -> None:
    """Serialise writers of one log until the caller's transaction ends."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(b"evidence-log\x00" + origin.encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
    else:
        # A write that changes nothing takes SQLite's write lock before anything is read, so a
        # transaction that was begun deferred is safe too.
        table = evidence_log
        connection.execute(update(table).where(table.c.origin == origin).values(size=table.c.size))


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
