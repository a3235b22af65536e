"""Writes one log as an evidence bundle: a BagIt folder (RFC 8493) that verifies without us.

Decides the layout and which checkpoints go along. Judges nothing: what a bundle proves is said by
verify, which travels inside it. Layout and rules: docs/evidence-format.md.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection

from evidence_store import canonical, events, log, notes
from evidence_store.artifacts import FolderArtifacts, sync_folder

_CHUNK = 1 << 20
_DOCUMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class BundleError(Exception):
    """The bundle can't be written; nothing was left at its place."""


class BundleExistsError(BundleError):
    """There is something at the place of the bundle."""


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
class _Writer:
    """Writes files below one folder and remembers their digests."""

    root: Path
    digests: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with target.open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        self.digests[name], self.sizes[name] = digest.hexdigest(), size


def export_bundle(
    connection: Connection,
    *,
    origin: str,
    artifacts: FolderArtifacts,
    out: Path,
    now: datetime,
    vkey: str,
    redact: bool = False,
    documents: Mapping[str, bytes] | None = None,
) -> BundleSummary:
    """Write the log of `origin` to the folder `out` and return what was written.

    With `redact` the openings (personal data and free text) are left out; artifacts and documents
    are the caller's to choose. The bundle appears whole or not at all.

    Raises:
        BundleExistsError: when `out` exists and isn't an empty folder.
        BundleError: when an artifact is missing or changed, or a document has an unsafe name.
        UnknownLogError: when there is no such log.
    """
    check_free(out)
    for name in documents or {}:
        if not _DOCUMENT.fullmatch(name):
            raise BundleError(f"document name {name!a}: use letters, digits, dot, dash, underscore")
    final, _ = notes.parse(log.checkpoint(connection, origin=origin))
    out.parent.mkdir(parents=True, exist_ok=True)
    # A sibling, because a rename is atomic only inside one file system.
    staging = out.with_name(f".{out.name}.{os.urandom(6).hex()}.partial")
    writer = _Writer(staging)
    try:
        kept = _write_log(connection, writer, checkpoint=final)
        _write_artifacts(writer, artifacts, kept)
        if not redact:
            lines = _opening_lines(connection, checkpoint=final)
            writer.write("data/private/openings.jsonl", lines)
        for name, content in (documents or {}).items():
            writer.write(f"data/documents/{name}", [content])
        keys = f"# For orientation only: take the key from outside this bundle.\n{vkey}\n"
        writer.write("data/trust-INFORMATIONAL/keys.txt", [keys.encode()])
        payload = dict(writer.sizes)
        seal = _write_tags(writer, checkpoint=final, now=now, redact=redact)
        staging.rename(out)
        sync_folder(out.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return BundleSummary(
        path=out,
        origin=origin,
        entries=final.size,
        root=final.root.hex(),
        artifacts=len(kept),
        payload_bytes=sum(payload.values()),
        redacted=redact,
        seal=seal,
    )


def check_free(out: Path) -> None:
    """Raise `BundleExistsError` when `out` exists and isn't an empty folder."""
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise BundleExistsError(f"{out} exists; choose a new folder, bundles are never overwritten")


def sparse_sizes(sizes: Sequence[int]) -> list[int]:
    """Choose the checkpoints that a bundle carries: the first at or above each power of two.

    The last is always among them, so that no entry is unsigned. The others let a reader hold an
    old receipt against a file; the verifier can compute the root at any size anyway.
    """
    chosen: list[int] = []
    for size in sizes:
        if not chosen or size.bit_length() > chosen[-1].bit_length():
            chosen.append(size)
    return sorted({*chosen, *sizes[-1:]})


def _write_log(
    connection: Connection, writer: _Writer, *, checkpoint: notes.Checkpoint
) -> dict[str, int]:
    """Write entries and checkpoints; return the artifacts (digest → size) that must go along."""
    origin, kept = checkpoint.origin, dict[str, int]()

    def lines() -> Iterator[bytes]:
        for found in log.entries(connection, origin=origin, limit=checkpoint.size):
            for ref in found.artifacts:
                # The last entry that lists an artifact decides whether it is still held.
                if found.event == events.DISPOSED:
                    kept.pop(ref.sha256, None)
                else:
                    kept[ref.sha256] = ref.size
            yield found.line + b"\n"

    writer.write("data/log/entries.jsonl", lines())
    sizes = log.checkpoint_sizes(connection, origin=origin)
    for size in sparse_sizes([size for size in sizes if size <= checkpoint.size]):
        note = log.checkpoint(connection, origin=origin, size=size)
        writer.write(f"data/log/checkpoints/{size:012d}.txt", [note])
    return kept


def _write_artifacts(writer: _Writer, artifacts: FolderArtifacts, kept: dict[str, int]) -> None:
    for sha256, size in kept.items():
        if not artifacts.has(sha256):
            raise BundleError(
                f"artifact {sha256} ({size} bytes) is in the log but not in {artifacts.root}; "
                "restore it from the backup before exporting"
            )
        name = f"data/artifacts/{sha256}"
        with artifacts.open(sha256) as file:
            writer.write(name, iter(lambda: file.read(_CHUNK), b""))
        if (writer.digests[name], writer.sizes[name]) != (sha256, size):
            raise BundleError(
                f"artifact {sha256} in {artifacts.root} was changed since it was stored; "
                "keep the file, restore the original from the backup, and record the finding"
            )


def _opening_lines(connection: Connection, *, checkpoint: notes.Checkpoint) -> Iterator[bytes]:
    for item in log.openings(connection, origin=checkpoint.origin):
        if item.seq < checkpoint.size:
            body = {"seq": item.seq, "name": item.name, "salt": item.salt.hex()}
            body["value"] = item.decoded()
            yield canonical.encode(body, free_text=True) + b"\n"


def _write_tags(
    writer: _Writer, *, checkpoint: notes.Checkpoint, now: datetime, redact: bool
) -> str:
    payload = sorted(writer.digests)
    oxum = f"{sum(writer.sizes.values())}.{len(payload)}"
    info = (
        f"Bag-Software-Agent: evidence_store\nBagging-Date: {now:%Y-%m-%d}\n"
        f"External-Identifier: {checkpoint.origin}\n"
        f"Internal-Sender-Description: {'redacted' if redact else 'complete'} evidence bundle\n"
        f"Payload-Oxum: {oxum}\n"
    )
    writer.write("bagit.txt", [_DECLARATION])
    writer.write("bag-info.txt", [info.encode()])
    writer.write("manifest-sha256.txt", [_manifest(writer, payload)])
    writer.write("README-VERIFY.txt", [_readme(checkpoint).encode()])
    writer.write(
        "verify.py", [resources.files("evidence_store").joinpath("verify.py").read_bytes()]
    )
    tags = sorted(set(writer.digests) - set(payload))
    writer.write("tagmanifest-sha256.txt", [_manifest(writer, tags)])
    return writer.digests["tagmanifest-sha256.txt"]


def _manifest(writer: _Writer, names: Sequence[str]) -> bytes:
    return "".join(f"{writer.digests[name]}  {name}\n" for name in names).encode()


def _readme(checkpoint: notes.Checkpoint) -> str:
    template = resources.files("evidence_store").joinpath("README-VERIFY.txt").read_text("utf-8")
    return template.format(
        origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root.hex()
    )
