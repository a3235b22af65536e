"""How entries get into the database: lock, link, store, sign, move the head.

Decides what one append writes and in which order, and which key signs it. What may be appended,
and everything that reads, is in log; rotation of keys is in rotation. Never commits.

The head row (`evidence_log`) holds all that an append needs: size, last leaf, the tree's right
edge, and the key that signs since the last rotation. It is derived from the entries and could be
rebuilt from them.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from evidence_store import driver, entry, merkle, notes, signing
from evidence_store.entry import Draft, Entry, Opening
from evidence_store.errors import ConcurrentAppendError, UnknownLogError, WrongKeyError
from evidence_store.tables import evidence_entry, evidence_log


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where a log stands: `vkey` signs it now, `leaf` is the hash of its last entry."""

    size: int
    leaf: bytes
    tree: merkle.CompactRange
    vkey: str


_EVERY_LOG = int.from_bytes(hashlib.sha256(b"evidence-logs").digest()[:8], "big", signed=True)


def lock(connection: Connection, origin: str) -> Head | None:
    """Keep other writers of this log out until the transaction ends; return where the log stands.

    None if there is no such log. PostgreSQL: an advisory lock per log, and a share of one for all
    logs, which a rotation takes alone. SQLite: the database's one write lock.
    """
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(b"evidence-log\x00" + origin.encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        head = _head(connection, driver.LOCK_ONE_AND_READ, origin, _EVERY_LOG, number)
        if head is not None:
            return head
        driver.read(connection, driver.LOCK_ONE, (_EVERY_LOG, number))
        return head_of(connection, origin)
    return _head(connection, driver.LOCK_AND_READ, origin)


def head_of(connection: Connection, origin: str) -> Head | None:
    """Return where the log stands, for one who holds its lock; None if there is no such log."""
    return _head(connection, driver.READ, origin)


def _head(connection: Connection, sql: str, origin: str, *locks: int) -> Head | None:
    rows = driver.read(connection, sql, (*locks, origin))
    if not rows:
        return None
    size, leaf, edge, vkey = rows[0]
    tree = merkle.CompactRange.from_bytes(bytes(edge), size=size)
    return Head(
        size=size, leaf=bytes(leaf), tree=tree, vkey=vkey or _first_vkey(connection, origin)
    )


def lock_all(connection: Connection) -> None:
    """Keep the writers of every log out until the transaction ends."""
    if connection.dialect.name == "postgresql":
        driver.read(connection, driver.LOCK_ALL, (_EVERY_LOG,))
    else:
        driver.read(connection, driver.LOCK_AND_READ, ("",))


def start(connection: Connection, *, origin: str, vkey: str, now: datetime) -> Head:
    """Make the row of a new log, which has no entry yet."""
    head = Head(
        size=0, leaf=bytes.fromhex(entry.GENESIS_PREV), tree=merkle.CompactRange(), vkey=vkey
    )
    connection.execute(
        insert(evidence_log).values(
            origin=origin,
            size=0,
            head=head.leaf,
            compact_range=b"",
            created_ts=entry.format_ts(now),
            vkey=vkey,
        )
    )
    return head


def write(
    connection: Connection,
    *,
    origin: str,
    head: Head | None,
    drafts: Sequence[Draft],
    signer: signing.Signer,
    now: datetime,
    successor: signing.Signer | None = None,
) -> list[Entry]:
    """Append the drafts after `head` with a checkpoint signed over the last.

    With `successor` both sign the checkpoint, and from then on `successor` alone may.

    Raises:
        UnknownLogError: when `head` is None.
        WrongKeyError: when another key signs this log since its last rotation.
        EntryError: when a draft is malformed; ConcurrentAppendError: when nobody held the lock.
    """
    if head is None:
        raise UnknownLogError(f"no log of origin {origin!a} was opened")
    signing.settle(signer, head.vkey)
    if signer.vkey != head.vkey:
        raise WrongKeyError(_wrong_key(origin, held=signer.vkey, needed=head.vkey))
    tree, prev = head.tree, head.leaf.hex()
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
    signers = [signer] if successor is None else [signer, successor]
    edge = (tree.size, bytes.fromhex(prev), tree.to_bytes(), signers[-1].vkey)
    moved = driver.write(
        connection,
        [
            *_rows(origin, written, hidden),
            _checkpoint(origin, tree, signers),
            (driver.MOVE, (*edge, origin, head.size)),
        ],
    )
    if moved != 1:
        raise ConcurrentAppendError(f"log {origin}: someone appended at the same time; try again")
    return written


def _rows(
    origin: str, written: Sequence[Entry], hidden: Sequence[Opening]
) -> Iterator[driver.Statement]:
    for made in written:
        stamp = entry.format_ts(made.ts)
        row = (origin, made.seq, bytes.fromhex(made.leaf), made.line, made.event, stamp)
        yield driver.INSERT_ENTRY, row
    for item in hidden:
        yield driver.INSERT_OPENING, (origin, item.seq, item.name, item.salt, item.value)


def _checkpoint(
    origin: str, tree: merkle.CompactRange, signers: Sequence[signing.Signer]
) -> driver.Statement:
    checkpoint = notes.Checkpoint(origin=origin, size=tree.size, root=tree.root())
    message = checkpoint.text()
    note = notes.note(checkpoint, [signing.signature(signer, message) for signer in signers])
    return driver.INSERT_CHECKPOINT, (origin, tree.size, note)


def _first_vkey(connection: Connection, origin: str) -> str:
    """Return the key that the log named when it was opened (rows from before rotations)."""
    first = select(evidence_entry.c.line).where(
        evidence_entry.c.origin == origin, evidence_entry.c.seq == 0
    )
    line = connection.execute(first).scalar_one()
    return str(entry.read(bytes(line)).data["vkey"])


def _wrong_key(origin: str, *, held: str, needed: str) -> str:
    ours, theirs = (notes.VerifyingKey.parse(vkey).key_id.hex() for vkey in (held, needed))
    return (
        f"log {origin} is signed with key {theirs}, and this process holds key {ours}. If the key "
        f"was rotated, put its file in place and start again. If the database was restored from a "
        f"backup older than the rotation, open a new log that names this one"
    )
