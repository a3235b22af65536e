"""Artifacts encrypted at rest: callers see content and its digest, the store below sees neither.

Decides when a key is made, kept and destroyed. The form of the bytes is in `sealed_stream`, the
keys are in `artifact_keys`, and where the bytes lie is another `ArtifactStore`'s.

Order. `store` puts the encrypted bytes to rest and holds their key in memory; `keep` writes the key
in the transaction that logs the artifact; `settled` lets go of it after the commit. A crash before
the commit leaves bytes that nobody can read, and never an entry without its artifact.
Artifacts that an older version stored in the clear are read as they are.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection, Engine

from evidence_store.artifact_keys import (
    ArtifactErasedError,
    MasterKey,
    StoredArtifact,
    add_key,
    destroy_key,
    keys_of,
    living_key,
)
from evidence_store.artifacts import (
    ArtifactMissingError,
    ArtifactRef,
    ArtifactStore,
    check_digest,
    too_large,
)
from evidence_store.entry import format_ts
from evidence_store.sealed_stream import CHUNK_BYTES, KEY_BYTES, encrypt, open_sealed

_READ = 16 * CHUNK_BYTES
_HASHED_ASIDE_BYTES = 4 * CHUNK_BYTES  # below, handing over takes longer than hashing


class SealedArtifacts:
    """An `ArtifactStore` that encrypts each artifact under a key of its own.

    `max_bytes` is the largest content; the store below must take `sealed_size(max_bytes)`.
    """

    def __init__(
        self, inner: ArtifactStore, *, master: MasterKey, engine: Engine, max_bytes: int
    ) -> None:
        self.inner = inner
        self.max_bytes = max_bytes
        self._master = master
        self._engine = engine
        self._waiting: dict[str, StoredArtifact] = {}

    @property
    def place(self) -> str:
        """Where the encrypted bytes lie."""
        return self.inner.place

    def store(self, chunks: Iterable[bytes]) -> ArtifactRef:
        """Encrypt and store a stream; return digest and size of its content.

        The same content is kept once. The artifact can be read at once by this process, and by all
        others after `keep` and the commit.

        Raises:
            ArtifactTooLargeError: above `max_bytes`; nothing is left behind.
        """
        key = secrets.token_bytes(KEY_BYTES)
        tally = _Tally(self.max_bytes)
        stored = self.inner.store(encrypt(tally.watch(chunks), key))
        ref = ArtifactRef(sha256=tally.digest.hexdigest(), size=tally.size)
        wrapped = self._master.wrap(key, ref=ref, stored=stored)
        made = StoredArtifact(
            ref=ref,
            stored=stored,
            master_id=self._master.id,
            wrapped=wrapped,
            version_id=stored.version_id,
        )
        known = self._find(ref.sha256)
        if known is None:
            self._waiting[ref.sha256] = made
        else:
            self._have_once(known, made)
        return ref

    def keep(self, connection: Connection, refs: Iterable[ArtifactRef]) -> None:
        """Write the keys of artifacts just stored, in the transaction that logs them."""
        for ref in refs:
            if made := self._waiting.get(ref.sha256):
                add_key(connection, made)

    def settled(self, refs: Iterable[ArtifactRef]) -> None:
        """Let go of keys whose transaction has committed."""
        for ref in refs:
            self._waiting.pop(ref.sha256, None)

    def has(self, sha256: str) -> bool:
        """Say whether the artifact is stored and its key exists."""
        found = self._find(check_digest(sha256))
        return self._lies(found) if found else self.inner.has(sha256)

    def erased(self, sha256: str) -> bool:
        """Say whether the artifact's key was destroyed, and none was made since."""
        return bool(self._rows(check_digest(sha256))) and self._find(sha256) is None

    def open(self, sha256: str, *, version_id: str | None = None) -> BinaryIO:
        """Open the content for reading, decrypted as it is read.

        Reading raises `SealedStreamError` where the stored bytes were changed. `version_id` is
        ignored: the version that was recorded is read.

        Raises:
            ArtifactMissingError: when it isn't in the store.
            ArtifactErasedError: when its key was destroyed.
        """
        del version_id
        found = self._find(check_digest(sha256))
        if found is not None:
            key = self._master.unwrap(found)
            return open_sealed(
                self.inner.open(found.stored.sha256, version_id=found.version_id), key
            )
        try:
            return self.inner.open(sha256)
        except ArtifactMissingError:
            if rows := self._rows(sha256):
                raise ArtifactErasedError(
                    f"artifact {sha256} was erased at {rows[-1].erased_ts}: its key is destroyed"
                ) from None
            raise

    def delete(self, sha256: str) -> bool:
        """Delete bytes by the digest under which they lie below; False if they must be kept."""
        return self.inner.delete(sha256)

    def stored_as(self, sha256: str) -> dict[str, Any]:
        """Return what an entry says of the encrypted bytes; empty for an artifact in the clear.

        `stored_sha256` and `stored_size` (bytes) let anybody check the store without any key;
        `stored_version` is the store's own name for them, where it gives one.
        """
        found = self._find(check_digest(sha256))
        if found is None:
            return {}
        said: dict[str, Any] = {
            "stored_sha256": found.stored.sha256,
            "stored_size": found.stored.size,
        }
        return said | ({"stored_version": found.version_id} if found.version_id else {})

    def erase(self, connection: Connection, ref: ArtifactRef, *, now: datetime) -> Sequence[str]:
        """Destroy the key in the caller's transaction; return the digests of what is left behind.

        The caller logs it, and after the commit asks `delete` for each digest. For an artifact in
        the clear there is no key: its bytes are what must be deleted.

        Raises:
            ArtifactErasedError: when it was erased before.
        """
        found = living_key(connection, ref.sha256)
        if found is not None:
            destroy_key(connection, found, now=now)
            return [found.stored.sha256]
        if any(row.wrapped is None for row in keys_of(connection, ref.sha256)):
            raise ArtifactErasedError(f"artifact {ref.sha256} is erased already")
        gone = StoredArtifact(
            ref=ref, stored=ref, master_id="", wrapped=None, erased_ts=format_ts(now)
        )
        add_key(connection, gone)
        return [ref.sha256]

    def _lies(self, found: StoredArtifact) -> bool:
        return self.inner.has(found.stored.sha256, version_id=found.version_id)

    def _find(self, sha256: str) -> StoredArtifact | None:
        rows = self._rows(sha256)
        living = next((row for row in rows if row.wrapped is not None), None)
        return living or self._waiting.get(sha256)

    def _rows(self, sha256: str) -> list[StoredArtifact]:
        with self._engine.connect() as connection:
            return keys_of(connection, sha256)

    def _have_once(self, known: StoredArtifact, made: StoredArtifact) -> None:
        """Let go of a second copy; if the first was lost from the store, bring it back."""
        if known.stored == made.stored:
            return
        if not self._lies(known):
            # The same content under the same key gives the same bytes, hence the digest on record.
            with open_sealed(
                self.inner.open(made.stored.sha256, version_id=made.version_id),
                self._master.unwrap(made),
            ) as content:
                again = self.inner.store(encrypt(_pieces(content), self._master.unwrap(known)))
            if known.ref.sha256 in self._waiting:
                self._waiting[known.ref.sha256] = replace(known, version_id=again.version_id)
        self.inner.delete(made.stored.sha256)


class _Tally:
    """Hashes and counts what flows by, and stops it above the limit.

    Large chunks are hashed in a thread of their own while they are encrypted (both let other
    threads run), one at a time, so that no more than one waits in memory.
    """

    def __init__(self, max_bytes: int) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self._max_bytes = max_bytes

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="artifact-hash") as aside:
            hashed: Future[None] | None = None
            for chunk in chunks:
                self.size += len(chunk)
                if self.size > self._max_bytes:
                    raise too_large(self._max_bytes)
                if hashed is not None:
                    hashed.result()
                    hashed = None
                if len(chunk) >= _HASHED_ASIDE_BYTES:
                    hashed = aside.submit(self.digest.update, chunk)
                else:
                    self.digest.update(chunk)
                yield chunk
            if hashed is not None:
                hashed.result()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_READ):
        yield piece
