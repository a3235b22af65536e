"""Verifies logs where they live: in the database, with the verifier that travels in bundles.

Decides how the database is laid before the verifier (as the files of a bundle, streamed), and that
its columns fit the entries. Judges nothing else itself: rules and reasons are verify's. Reads up to
the state at the start; what is appended meanwhile is left for the next time. Holds no transaction
open, so that a long check stops nobody from writing.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Connection, Engine, Row, func, select

from evidence_store import entry, log, merkle, verify
from evidence_store.bundle import ArtifactSource, opening_line, sparse_sizes
from evidence_store.sealed_stream import SealedStreamError
from evidence_store.tables import (
    evidence_checkpoint,
    evidence_entry,
    evidence_log,
    evidence_opening,
    evidence_token,
)

_PAGE = 1000
_CHUNK = 1 << 20


class _Chunks(io.RawIOBase):
    """Chunks of bytes as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


class LiveLog:
    """One log of the database as the files that a bundle would hold."""

    def __init__(self, engine: Engine, origin: str) -> None:
        self._engine, self._origin = engine, origin
        self.files: dict[str, int] = {}
        self._small: dict[str, bytes] = {}
        table = evidence_entry
        with engine.connect() as connection:
            query = select(evidence_log).where(evidence_log.c.origin == origin)
            self.head = connection.execute(query).one_or_none()
            mine = select(func.count(), func.max(table.c.seq), func.sum(func.length(table.c.line)))
            count, last, octets = connection.execute(mine.where(table.c.origin == origin)).one()
            self.end = -1 if last is None else int(last)
            self.files[verify.ENTRIES] = int(octets or 0) + int(count)
            self.files[verify.OPENINGS] = 0
            tokens = select(evidence_token.c.size, evidence_token.c.reply)
            tokens = tokens.where(evidence_token.c.origin == origin)
            for size, reply in connection.execute(tokens):
                self._add(f"{verify.CHECKPOINTS}{size:012d}.tsr", bytes(reply))
            sizes = self._sizes(connection)
            for size in sizes | {int(name[-16:-4]) for name in self._small}:
                note = select(evidence_checkpoint.c.note).where(
                    evidence_checkpoint.c.origin == origin, evidence_checkpoint.c.size == size
                )
                if (data := connection.execute(note).scalar()) is not None:
                    self._add(f"{verify.CHECKPOINTS}{size:012d}.txt", bytes(data))

    def open(self, name: str) -> BinaryIO:
        """Open one of `files`."""
        if name in self._small:
            return io.BytesIO(self._small[name])
        chunks = self._lines() if name == verify.ENTRIES else self._openings()
        return cast("BinaryIO", io.BufferedReader(_Chunks(chunks), _CHUNK))

    def close(self) -> None:
        """Nothing stays open."""

    def _add(self, name: str, data: bytes) -> None:
        self._small[name], self.files[name] = data, len(data)

    def _sizes(self, connection: Connection) -> set[int]:
        """Choose checkpoints as a bundle does: some, the last, and the first after a rotation."""
        sizes = log.checkpoint_sizes(connection, origin=self._origin)
        found = log.entries(connection, origin=self._origin, only=["key.rotated"])
        rotations = [one.seq for one in found]

        def first_from(least: int) -> int | None:
            return next((size for size in sizes if size >= least), None)

        rotated = {first_from(seq + 1) for seq in rotations} - {None}
        return {*sparse_sizes(first_from), *sizes[-1:], *(size for size in rotated if size)}

    def _lines(self) -> Iterator[bytes]:
        table, after = evidence_entry, -1
        page = select(table).where(table.c.origin == self._origin, table.c.seq <= self.end)
        while True:
            with self._engine.connect() as connection:
                query = page.where(table.c.seq > after).order_by(table.c.seq).limit(_PAGE)
                rows = connection.execute(query).all()
            for row in rows:
                line = bytes(row.line)
                _check_columns(row, line)
                after = row.seq
                yield line + b"\n"
            if len(rows) < _PAGE:
                return

    def _openings(self) -> Iterator[bytes]:
        table = evidence_opening
        for low in range(0, self.end + 1, _PAGE):
            query = select(table).where(
                table.c.origin == self._origin,
                table.c.seq.between(low, min(low + _PAGE - 1, self.end)),
            )
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
            for row in sorted(rows, key=lambda row: (row.seq, row.name)):
                salt, value = bytes(row.salt), bytes(row.value)
                yield opening_line(
                    entry.Opening(seq=row.seq, name=row.name, salt=salt, value=value)
                )


def _check_columns(row: Row[tuple[object, ...]], line: bytes) -> None:
    place = f"evidence_entry seq {row.seq}"
    if bytes(row.leaf) != hashlib.sha256(b"\x00" + line).digest():
        raise verify.FailedError("database-mismatch", place, "leaf")
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return  # The verifier names what is wrong with the line.
    if isinstance(said, dict):
        for name in ("seq", "event", "ts"):
            if said.get(name) != getattr(row, name):
                raise verify.FailedError("database-mismatch", place, name)


def verify_live(
    engine: Engine,
    *,
    origin: str,
    artifacts: ArtifactSource,
    vkeys: Sequence[str] = (),
    known_checkpoint: bytes | None = None,
    tsa_ca: Path | None = None,
    strict: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> verify.Report:
    """Verify the log of `origin` in the database, and its artifacts where they are stored.

    The arguments are those of `verify.verify`. Never raises for what it finds: that is in the
    report.
    """
    report = verify.Report()
    if progress is not None:
        report.progress = progress
    with verify.judging(report, ascii(origin)):
        known = None if known_checkpoint is None else verify.argument_note(known_checkpoint)
        trusted = [verify.argument_key(text) for text in vkeys]
        outside = verify.Outside(trusted, known=known, tsa_ca=tsa_ca, origin=origin, strict=strict)
        with closing(LiveLog(engine, origin)) as source:
            if source.end < 0:
                least = 1 if known is None else known.size
                raise verify.FailedError(
                    "log-cut", ascii(origin), f"0 entries, known to have {least}"
                )

            def payload(found: verify.Log) -> dict[str, str]:
                _check_head(source, found)
                return _present(source, found, artifacts, report)

            verify.verify_log(source, outside, report, payload)
    return report


def _check_head(source: LiveLog, found: verify.Log) -> None:
    """Hold the row from which the next entry would be written against the entries."""
    head = source.head
    if head is None:
        raise verify.FailedError("database-mismatch", "evidence_log", "no row")
    if (head.size, bytes(head.head).hex()) != (found.size, found.prev):
        raise verify.FailedError("database-mismatch", "evidence_log", "size or head")
    tree = merkle.CompactRange.from_bytes(bytes(head.compact_range), size=head.size)
    if tree.root() != found.root():
        raise verify.FailedError("database-mismatch", "evidence_log", "compact_range")


def _present(
    source: LiveLog, found: verify.Log, artifacts: ArtifactSource, report: verify.Report
) -> dict[str, str]:
    """Read every stored artifact of the log; return the digests of what is really there."""
    digests: dict[str, str] = {}
    for sha256, (size, _) in sorted(found.artifacts.items()):
        if not artifacts.has(sha256):
            continue
        name = verify.ARTIFACTS + sha256
        digest, done = hashlib.sha256(), 0
        try:
            with artifacts.open(sha256) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    done += len(chunk)
                    report.progress(name, done, size)
        except SealedStreamError as error:
            raise verify.FailedError("artifact-digest", name, str(error)) from error
        source.files[name], digests[name] = done, digest.hexdigest()
    return digests


def origins(engine: Engine) -> list[str]:
    """Return the origins of all logs in the database."""
    with engine.connect() as connection:
        written = connection.execute(select(evidence_entry.c.origin).distinct()).scalars().all()
        opened = connection.execute(select(evidence_log.c.origin)).scalars().all()
    return sorted({*written, *opened})
