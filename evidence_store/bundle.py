"""Writes one log as an evidence bundle: a BagIt bag (RFC 8493) that verifies without us.

Decides which entries, checkpoints, time stamps, artifacts and papers go along. Judges nothing:
what a bundle proves is said by verify, which travels inside it. How files come to rest is in
bundle_sinks, words and manifests in bundle_papers. Layout and rules: docs/evidence-format.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import Connection, func, select

from evidence_store import bundle_papers, canonical, case_uco, events, log, notes
from evidence_store.bundle_sinks import (
    BundleError,
    BundleExistsError,
    Sink,
    check_free,
    chunks_of,
    is_zip,
    open_sink,
)
from evidence_store.sealed_stream import SealedStreamError
from evidence_store.tables import evidence_checkpoint

__all__ = [
    "ArtifactSource",
    "BundleContents",
    "BundleError",
    "BundleExistsError",
    "BundleSummary",
    "check_free",
    "export_bundle",
    "is_zip",
    "sparse_sizes",
]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_FOLDERS = {"log", "artifacts", "private", "documents", "trust-informational"}
_CASE = "case.jsonld"


class ArtifactSource(Protocol):
    """What an export needs of an artifact store."""

    def has(self, sha256: str) -> bool:
        """Say whether the artifact is stored."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open the artifact for reading."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleContents:
    """What a bundle holds of the log, for papers that speak of it."""

    checkpoint: notes.Checkpoint
    note: bytes
    """The signed checkpoint over all entries of the bundle, as a C2SP note."""
    vkeys: tuple[str, ...]
    artifacts: Mapping[str, int]
    """Digest → size in bytes, in the order of the log."""
    stamped: tuple[int, ...]
    """Sizes whose checkpoints lie beside a time stamp, ascending."""
    redacted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleSummary:
    """What was exported. `root` is hex; `seal` is the SHA-256 of tagmanifest-sha256.txt."""

    path: Path
    origin: str
    entries: int
    root: str
    artifacts: int
    payload_bytes: int
    redacted: bool
    seal: str


@dataclass(slots=True)
class _Seen:
    """What the entries told while they streamed by. Grows with files and keys, not entries."""

    artifacts: dict[str, int] = field(default_factory=dict)
    vkeys: list[str] = field(default_factory=list)
    rotations: list[int] = field(default_factory=list)


def export_bundle(
    connection: Connection,
    *,
    origin: str,
    artifacts: ArtifactSource,
    out: Path,
    now: datetime,
    vkey: str,
    redact: bool = False,
    documents: Mapping[str, bytes] | None = None,
    papers: Callable[[BundleContents], Mapping[str, bytes]] | None = None,
    tokens: Mapping[int, bytes] | None = None,
    trust: Mapping[str, bytes] | None = None,
) -> BundleSummary:
    """Write the log of `origin` to `out` (a ZIP if so named, else a folder); return what it holds.

    With `redact` the openings (personal data and free text) are left out; artifacts, documents and
    papers are the caller's to choose. `documents` lie in data/documents, `papers` directly in
    data/; they are asked for once everything that they may speak of is known. `tokens` are
    RFC 3161 replies over the checkpoints of those sizes. `trust` lies beside the keys, for
    orientation. The bundle appears whole or not at all; memory doesn't grow with the entries.

    Raises:
        BundleExistsError: when there is something at `out`.
        BundleError: when an artifact is missing or changed, or a file has an unsafe name.
        UnknownLogError: when there is no such log.
    """
    for name in [*(documents or {}), *(trust or {})]:
        _check_name(name)
    note = log.checkpoint(connection, origin=origin)
    final, _ = notes.parse(note)
    stamped = {size: token for size, token in (tokens or {}).items() if size <= final.size}
    with open_sink(out, now=now) as sink:
        seen = _write_entries(connection, sink, checkpoint=final)
        _write_checkpoints(connection, sink, checkpoint=final, seen=seen, tokens=stamped)
        for sha256, size in seen.artifacts.items():
            write_artifact(sink, artifacts, sha256=sha256, size=size)
        if not redact:
            sink.write("data/private/openings.jsonl", _opening_lines(connection, checkpoint=final))
        for name, content in (documents or {}).items():
            sink.write(f"data/documents/{name}", [content])
        contents = _contents(note, seen, vkey=vkey, stamped=stamped, redact=redact)
        _write_papers(sink, papers(contents) if papers else {})
        sink.write(f"data/{_CASE}", case_uco.document(connection, checkpoint=final))
        _write_trust(sink, contents.vkeys, trust or {})
        payload = sum(sink.sizes.values())
        seal = bundle_papers.write_tags(
            sink,
            checkpoint=final,
            now=now,
            description=f"{'redacted' if redact else 'complete'} evidence bundle",
            readmes=bundle_papers.readmes(final, stamped=max(stamped, default=None)),
        )
    return BundleSummary(
        path=out,
        origin=origin,
        entries=final.size,
        root=final.root.hex(),
        artifacts=len(seen.artifacts),
        payload_bytes=payload,
        redacted=redact,
        seal=seal,
    )


def _contents(
    note: bytes, seen: _Seen, *, vkey: str, stamped: Mapping[int, bytes], redact: bool
) -> BundleContents:
    return BundleContents(
        checkpoint=notes.parse(note)[0],
        note=note,
        vkeys=tuple(dict.fromkeys([*seen.vkeys, vkey])),
        artifacts=seen.artifacts,
        stamped=tuple(sorted(stamped)),
        redacted=redact,
    )


def sparse_sizes(first_from: Callable[[int], int | None]) -> list[int]:
    """Choose the checkpoints that any bundle carries: the first at or above each power of two.

    `first_from` gives the smallest size that is at least its argument, or None. The chosen ones
    let a reader hold an old receipt against a file; a verifier can compute the root at any size.
    """
    chosen: list[int] = []
    size = first_from(1)
    while size is not None:
        chosen.append(size)
        size = first_from(1 << size.bit_length())
    return chosen


def _write_entries(connection: Connection, sink: Sink, *, checkpoint: notes.Checkpoint) -> _Seen:
    seen = _Seen()

    def lines() -> Iterator[bytes]:
        for found in log.entries(connection, origin=checkpoint.origin, limit=checkpoint.size):
            if found.event in (events.GENESIS, events.KEY_ROTATED):
                seen.vkeys.append(str(found.data["vkey"]))
            if found.event == events.KEY_ROTATED:
                seen.rotations.append(found.seq)
            for ref in found.artifacts:
                # The last entry that lists an artifact decides whether it is still held.
                if found.event == events.DISPOSED:
                    seen.artifacts.pop(ref.sha256, None)
                else:
                    seen.artifacts[ref.sha256] = ref.size
            yield found.line + b"\n"

    sink.write("data/log/entries.jsonl", lines())
    return seen


def _write_checkpoints(
    connection: Connection,
    sink: Sink,
    *,
    checkpoint: notes.Checkpoint,
    seen: _Seen,
    tokens: Mapping[int, bytes],
) -> None:
    """Write the checkpoints that are needed: some, the last, and those of rotations and stamps."""
    origin = checkpoint.origin
    size = evidence_checkpoint.c.size

    def first_from(least: int) -> int | None:
        query = select(func.min(size)).where(evidence_checkpoint.c.origin == origin)
        found = connection.execute(query.where(size.between(least, checkpoint.size))).scalar()
        return None if found is None else int(found)

    rotated = [first_from(seq + 1) for seq in seen.rotations]
    sizes = {*sparse_sizes(first_from), checkpoint.size, *tokens}
    for one in sorted(sizes | {found for found in rotated if found is not None}):
        name = f"data/log/checkpoints/{one:012d}"
        sink.write(f"{name}.txt", [log.checkpoint(connection, origin=origin, size=one)])
        if one in tokens:
            sink.write(f"{name}.tsr", [tokens[one]])


def write_artifact(sink: Sink, artifacts: ArtifactSource, *, sha256: str, size: int) -> None:
    """Copy one artifact into a bag, and make sure that it is what the log names.

    Raises:
        BundleError: when it is missing or was changed.
    """
    if not artifacts.has(sha256):
        raise BundleError(
            f"artifact {sha256} ({size} bytes) is in the log but not in the artifact store; "
            "restore it from the backup before exporting"
        )
    name = f"data/artifacts/{sha256}"
    changed = BundleError(
        f"artifact {sha256} in the artifact store was changed since it was stored; "
        "keep the file, restore the original from the backup, and record the finding"
    )
    try:
        with artifacts.open(sha256) as file:
            sink.write(name, chunks_of(file), size=size)
    except SealedStreamError as error:
        raise changed from error
    if (sink.digests[name], sink.sizes[name]) != (sha256, size):
        raise changed


def _opening_lines(connection: Connection, *, checkpoint: notes.Checkpoint) -> Iterator[bytes]:
    for item in log.openings(connection, origin=checkpoint.origin):
        if item.seq < checkpoint.size:
            yield opening_line(item)


def opening_line(item: log.Opening) -> bytes:
    """Return an opening as a line of openings.jsonl."""
    body = {"seq": item.seq, "name": item.name, "salt": item.salt.hex(), "value": item.decoded()}
    return canonical.encode(body, free_text=True) + b"\n"


def _write_papers(sink: Sink, papers: Mapping[str, bytes]) -> None:
    for name, content in papers.items():
        _check_name(name)
        if name.lower() in {*_FOLDERS, _CASE}:
            raise BundleError(f"document name {name!a} is taken by the bundle itself")
        sink.write(f"data/{name}", [content])


def _write_trust(sink: Sink, vkeys: tuple[str, ...], trust: Mapping[str, bytes]) -> None:
    keys = "".join(f"{one}\n" for one in vkeys)
    text = f"# For orientation only: take the key from outside this bundle.\n{keys}"
    sink.write("data/trust-INFORMATIONAL/keys.txt", [text.encode()])
    for name, content in trust.items():
        sink.write(f"data/trust-INFORMATIONAL/{name}", [content])


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BundleError(f"document name {name!a}: use letters, digits, dot, dash, underscore")
