"""Discloses single entries of a log, each with a proof that it stands in the signed whole.

Decides what goes along: the lines, their inclusion proofs (C2SP tlog-proof) to one checkpoint, and
of what stands behind them only what was asked for. The rest of the log stays unseen. Form:
docs/evidence-format.md, section 14; verify.py in the bag checks it.
"""

import base64
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, select

from evidence_store import bundle_papers, events, log, merkle, notes
from evidence_store.bundle import ArtifactSource, opening_line, write_artifact
from evidence_store.bundle_sinks import BundleError, Sink, open_sink
from evidence_store.tables import evidence_entry

_PROOF_HEAD = "c2sp.org/tlog-proof@v1"
_PAGE = 2000
_TEMPLATES = {
    "README-VERIFY.txt": "README-DISCLOSED.txt",
    "README-PRUEFEN.txt": "README-OFFENGELEGT.txt",
}


class NothingToDiscloseError(BundleError):
    """The log has no such entry, or the entry has no such personal value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disclosure:
    """What was disclosed. `size` and `root` (hex) are of the checkpoint that the proofs lead to."""

    path: Path
    origin: str
    seqs: tuple[int, ...]
    opened: tuple[str, ...]
    """Personal values that went along, as `<seq>/<name>`."""
    artifacts: int
    size: int
    root: str
    seal: str


def disclose(
    connection: Connection,
    *,
    origin: str,
    seqs: Collection[int],
    out: Path,
    now: datetime,
    vkey: str,
    opened: Collection[str] = (),
    artifacts: ArtifactSource | None = None,
    tokens: Mapping[int, bytes] | None = None,
    size: int | None = None,
) -> Disclosure:
    """Write the entries `seqs` with their proofs to `out` (a ZIP if so named, else a folder).

    `opened` names the personal values that go along, of each entry that has them; without names
    none does. With `artifacts` the files that the entries list go along. The proofs lead to the
    checkpoint of `size` (say, that of the reader's receipt); by default to the first one that has
    a time stamp in `tokens`, covers the entries and is signed by `vkey`, else to the latest.
    `now` is aware UTC.

    Raises:
        NothingToDiscloseError: when an entry or a personal value isn't there.
        BundleExistsError, BundleError: as for a bundle. UnknownLogError: when there is no such
            log, or no checkpoint of that size.
    """
    wanted = sorted(set(seqs))
    found = _entries(connection, origin=origin, seqs=wanted)
    last = wanted[-1]
    note = _note(connection, origin=origin, last=last, vkey=vkey, tokens=tokens, size=size)
    checkpoint, _ = notes.parse(note)
    if last >= checkpoint.size:
        raise NothingToDiscloseError(
            f"the checkpoint of {checkpoint.size} entries doesn't cover entry {last}"
        )
    openings = _openings(connection, found, names=opened)
    proofs = [_proof(connection, one, note=note, checkpoint=checkpoint) for one in found]
    token = (tokens or {}).get(checkpoint.size)
    with open_sink(out, now=now) as sink:
        for one, proof in zip(found, proofs, strict=True):
            name = f"data/disclosed/{one.seq:012d}"
            sink.write(f"{name}.json", [one.line + b"\n"])
            sink.write(f"{name}.tlog-proof", [proof])
        held = _write_artifacts(connection, sink, artifacts, found) if artifacts else 0
        if openings:
            sink.write("data/private/openings.jsonl", map(opening_line, openings))
        seal = _write_frame(sink, note=note, token=token, now=now, vkey=vkey, shown=len(found))
    return Disclosure(
        path=out,
        origin=origin,
        seqs=tuple(wanted),
        opened=tuple(f"{item.seq}/{item.name}" for item in openings),
        artifacts=held,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        seal=seal,
    )


def _write_frame(
    sink: Sink, *, note: bytes, token: bytes | None, now: datetime, vkey: str, shown: int
) -> str:
    """Write the checkpoint, its stamp, the key and the tag files; return the seal."""
    checkpoint, _ = notes.parse(note)
    name = f"data/log/checkpoints/{checkpoint.size:012d}"
    sink.write(f"{name}.txt", [note])
    if token is not None:
        sink.write(f"{name}.tsr", [token])
    keys = f"# For orientation only: take the key from outside this bundle.\n{vkey}\n"
    sink.write("data/trust-INFORMATIONAL/keys.txt", [keys.encode()])
    stamped = None if token is None else checkpoint.size
    return bundle_papers.write_tags(
        sink,
        checkpoint=checkpoint,
        now=now,
        description=f"disclosure of {shown} of {checkpoint.size} entries",
        readmes=bundle_papers.readmes(
            checkpoint, stamped=stamped, templates=_TEMPLATES, shown=str(shown)
        ),
    )


def inclusion_proof(connection: Connection, *, origin: str, seq: int, size: int) -> list[bytes]:
    """Return the audit path of entry `seq` in the tree of `size` entries (RFC 6962 2.1.1).

    Reads the leaf hashes once, in order; memory stays at a few hashes for each level of the tree.

    Raises:
        IndexError: unless 0 <= seq < size. NothingToDiscloseError: when the log has fewer entries.
    """
    if not 0 <= seq < size:
        raise IndexError(f"no leaf {seq} in a tree of {size}")
    ranges = _ranges(seq, size)
    roots: dict[tuple[int, int], bytes] = {}
    with closing(_leaves(connection, origin=origin, size=size)) as leaves:
        for start, end in sorted(ranges):
            if start == seq + 1:
                next(leaves, None)
            tree = merkle.CompactRange()
            for leaf in islice(leaves, end - start):
                tree = tree.append(leaf)
            if tree.size < end - start:
                raise NothingToDiscloseError(f"log {origin} has fewer than {size} entries")
            roots[(start, end)] = tree.root()
    return [roots[one] for one in ranges]


def _ranges(seq: int, size: int) -> list[tuple[int, int]]:
    """Return which entries each hash of the path covers, from the leaf's sibling upwards."""
    low, high, found = 0, size, list[tuple[int, int]]()
    while high - low > 1:
        split = low + (1 << (high - low - 1).bit_length() - 1)
        if seq < split:
            found.append((split, high))
            high = split
        else:
            found.append((low, split))
            low = split
    return found[::-1]


def _leaves(connection: Connection, *, origin: str, size: int) -> Generator[bytes]:
    table = evidence_entry
    query = select(table.c.leaf).where(table.c.origin == origin, table.c.seq < size)
    ordered = query.order_by(table.c.seq)
    with connection.execute(ordered, execution_options={"yield_per": _PAGE}) as rows:
        for row in rows:
            yield bytes(row.leaf)


def _openings(
    connection: Connection, found: Sequence[log.Entry], *, names: Collection[str]
) -> list[log.Opening]:
    openings = [
        item
        for one in found
        for item in log.openings(connection, origin=one.origin, seq=one.seq)
        if item.name in names
    ]
    if missing := sorted(set(names) - {item.name for item in openings}):
        known = ", ".join(sorted({name for one in found for name in one.pd})) or "none"
        raise NothingToDiscloseError(
            f"no value to disclose for {', '.join(missing)}: these entries have {known}; "
            "what was erased can't be disclosed"
        )
    return openings


def _entries(connection: Connection, *, origin: str, seqs: Sequence[int]) -> list[log.Entry]:
    found = [
        one
        for seq in seqs
        for one in log.entries(connection, origin=origin, after=seq - 1, limit=1)
        if one.seq == seq
    ]
    if not seqs or len(found) != len(seqs):
        missing = sorted(set(seqs) - {one.seq for one in found})
        names = ", ".join(map(str, missing)) or "(none was named)"
        raise NothingToDiscloseError(f"log {origin} has no entry {names}; entries count from 0")
    return found


def _note(
    connection: Connection,
    *,
    origin: str,
    last: int,
    vkey: str,
    tokens: Mapping[int, bytes] | None,
    size: int | None,
) -> bytes:
    if size is not None:
        return log.checkpoint(connection, origin=origin, size=size)
    key = notes.VerifyingKey.parse(vkey)
    for stamped in sorted(one for one in tokens or {} if one > last):
        note = log.checkpoint(connection, origin=origin, size=stamped)
        _, lines = notes.parse(note)
        if any((line.name, line.key_id) == (key.name, key.key_id) for line in lines):
            return note
    return log.checkpoint(connection, origin=origin)


def _proof(
    connection: Connection, one: log.Entry, *, note: bytes, checkpoint: notes.Checkpoint
) -> bytes:
    """Return the proof as C2SP tlog-proof, after a check that it holds."""
    path = inclusion_proof(connection, origin=one.origin, seq=one.seq, size=checkpoint.size)
    leaf = merkle.leaf_hash(one.line)
    if not merkle.verify_inclusion(
        leaf=leaf, index=one.seq, size=checkpoint.size, proof=path, root=checkpoint.root
    ):
        raise BundleError(
            f"log {one.origin}: the entries in the database don't give the signed root over "
            f"{checkpoint.size}; nothing was disclosed. Keep the database as it is and verify it"
        )
    hashes = [base64.b64encode(node).decode() for node in path]
    return "\n".join([_PROOF_HEAD, f"index {one.seq}", *hashes, "", ""]).encode() + note


def _write_artifacts(
    connection: Connection, sink: Sink, artifacts: ArtifactSource, found: Sequence[log.Entry]
) -> int:
    """Write what the entries list, but what was disposed of since; return how many."""
    refs = {ref.sha256: ref.size for one in found for ref in one.artifacts}
    disposals = log.entries(connection, origin=found[0].origin, only=[events.DISPOSED])
    gone = {ref.sha256 for one in disposals for ref in one.artifacts}
    kept = {one: size for one, size in refs.items() if one not in gone or artifacts.has(one)}
    for sha256, size in kept.items():
        write_artifact(sink, artifacts, sha256=sha256, size=size)
    return len(kept)
