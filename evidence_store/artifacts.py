"""Files kept as evidence, each stored under its own SHA-256.

Decides what a store of artifacts can do, and how bytes come to rest in a folder: streamed, hashed
on the way, synced, then renamed, so that a file under a digest is always whole. A crash leaves at
most a temporary file, never half an artifact. Another place for them is in `artifacts_s3`,
encryption in `sealed_artifacts`. What an artifact means, and who held it, is in the log.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

LEFT_FOR_S = 48 * 3600
"""Seconds after which a temporary file that nobody writes to any more is deleted."""
_WRITE_BYTES = 1 << 20  # at a time; pieces that end within a page cost the system twice the work
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArtifactError(ValueError):
    """An artifact can't be stored or named like this."""


class ArtifactTooLargeError(ArtifactError):
    """The content is larger than the store accepts; nothing was kept."""


class ArtifactMissingError(ArtifactError):
    """No artifact is stored under this digest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactRef:
    """An artifact as entries name it: SHA-256 in lower-case hex, and size in bytes.

    `version_id` is the name that a store of versions (S3) gave to the bytes just stored.
    """

    sha256: str
    size: int
    version_id: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse what isn't a digest or a size."""
        check_digest(self.sha256)
        if self.size < 0:
            raise ArtifactError(f"artifact {self.sha256}: negative size {self.size}")


def check_digest(sha256: str) -> str:
    """Return `sha256` if it is 64 lower-case hex digits, else raise ArtifactError."""
    if not _DIGEST.fullmatch(sha256):
        raise ArtifactError(f"{sha256[:80]!a} is not a SHA-256 in lower-case hex")
    return sha256


def too_large(max_bytes: int) -> ArtifactTooLargeError:
    """Return the error for content above the limit of a store, in bytes."""
    return ArtifactTooLargeError(
        f"the file is larger than {max_bytes} bytes; nothing was stored. "
        "Copy it to evidence storage by hand and record its SHA-256"
    )


class ArtifactStore(Protocol):
    """Where artifacts lie. Every name is a digest of what is stored under it."""

    @property
    def max_bytes(self) -> int:
        """Largest artifact that is taken, in bytes."""

    @property
    def place(self) -> str:
        """Where they lie, in words for those who run the store; no secrets."""

    def store(self, chunks: Iterable[bytes]) -> ArtifactRef:
        """Store a stream whole or not at all; raises `ArtifactTooLargeError`, `ArtifactError`."""

    def has(self, sha256: str, *, version_id: str | None = None) -> bool:
        """Say whether the artifact is stored."""

    def open(self, sha256: str, *, version_id: str | None = None) -> BinaryIO:
        """Open the artifact for reading; raises `ArtifactMissingError`."""

    def delete(self, sha256: str) -> bool:
        """Delete the bytes; False if the store must keep them. Nothing happens if they're gone."""


class FolderArtifacts:
    """A folder of artifacts: `<root>/<first two hex digits>/<sha256>`."""

    def __init__(self, root: Path, *, max_bytes: int) -> None:
        self.root = root
        self.max_bytes = max_bytes

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.root)

    def store(self, chunks: Iterable[bytes]) -> ArtifactRef:
        """Store a stream and return its digest and size; the same bytes are kept once.

        Raises:
            ArtifactTooLargeError: above `max_bytes`. Then, and on any other error (also one of
                the stream itself), nothing is left behind.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self._sweep()
        descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=self.root)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb", _WRITE_BYTES) as file:
                ref = self._copy(chunks, file)
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            self._settle(temporary, ref)
        finally:
            temporary.unlink(missing_ok=True)
        return ref

    def path(self, sha256: str) -> Path:
        """Return where the artifact of this digest lies, or would lie.

        Raises:
            ArtifactError: for anything but a digest; no other name ever reaches the file system.
        """
        return self.root / check_digest(sha256)[:2] / sha256

    def has(self, sha256: str, *, version_id: str | None = None) -> bool:
        """Say whether the artifact is stored; a folder has no versions."""
        del version_id
        return self.path(sha256).is_file()

    def open(self, sha256: str, *, version_id: str | None = None) -> BinaryIO:
        """Open the artifact for reading; a folder has no versions, so `version_id` is ignored.

        Raises:
            ArtifactMissingError: when there is none.
        """
        del version_id
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise ArtifactMissingError(
                f"artifact {sha256} is not in {self.root}; restore it from the backup"
            ) from error

    def delete(self, sha256: str) -> bool:
        """Delete the artifact; the name is gone for good when this returns."""
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
        return True

    def _sweep(self) -> None:
        """Delete what processes that were killed left behind: untouched for longer than 48 hours.

        Compared with a file that is made now, so that only the file system's clock counts.
        """
        left = list(self.root.glob(".incoming-*"))
        if not left:
            return
        with tempfile.NamedTemporaryFile(prefix=".now-", dir=self.root) as fresh:
            oldest = os.fstat(fresh.fileno()).st_mtime - LEFT_FOR_S
        for one in left:
            with suppress(FileNotFoundError):
                if one.stat().st_mtime < oldest:
                    one.unlink()

    def _copy(self, chunks: Iterable[bytes], file: BinaryIO) -> ArtifactRef:
        digest = hashlib.sha256()
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > self.max_bytes:
                raise too_large(self.max_bytes)
            digest.update(chunk)
            file.write(chunk)
        return ArtifactRef(sha256=digest.hexdigest(), size=size)

    def _settle(self, temporary: Path, ref: ArtifactRef) -> None:
        target = self.path(ref.sha256)
        target.parent.mkdir(exist_ok=True)
        temporary.rename(target)
        sync_folder(target.parent)
        sync_folder(self.root)


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable (fsync of the directory)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
