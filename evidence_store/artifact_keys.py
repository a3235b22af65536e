"""Keys of encrypted artifacts: a random one each, wrapped by the master key.

Decides the table `artifact_key`, how a key is wrapped, and what erasing one means. The master key
is a file (mode 0600) beside the evidence key. A row's key can be destroyed, never changed: then
nobody can read the artifact any more, also where its bytes can't be deleted (Object Lock).

A wrapped key is nonce (12 bytes) ‖ AES-256-GCM(master key, nonce, data key, associated data), the
associated data being "artifact-key-1", NUL, and the digests of the clear and the encrypted content
in hex, so that a row can't be put in another's place.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from evidence_store.artifacts import ArtifactError, ArtifactRef, sync_folder
from evidence_store.entry import format_ts
from evidence_store.signing import KeyFileError
from evidence_store.tables import metadata

KEY_BYTES = 32
_NONCE_BYTES = 12
_DIGEST_LENGTH = 64
_PRIVATE = 0o077
_COUNT = BigInteger().with_variant(Integer(), "sqlite")

artifact_key = Table(
    "artifact_key",
    metadata,
    Column("stored_sha256", String(_DIGEST_LENGTH), primary_key=True),
    Column("stored_size", _COUNT, nullable=False),
    Column("sha256", String(_DIGEST_LENGTH), nullable=False),
    Column("size", _COUNT, nullable=False),
    Column("master_id", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=True),
    Column("erased_ts", String(27), nullable=True),
    Column("version_id", String(1024), nullable=True),
    # One content has one living key; those that were erased before stay as a record.
    Index(
        "ix_artifact_key_living",
        "sha256",
        unique=True,
        sqlite_where=text("wrapped IS NOT NULL"),
        postgresql_where=text("wrapped IS NOT NULL"),
    ),
    Index("ix_artifact_key_sha256", "sha256"),
)


class ArtifactErasedError(ArtifactError):
    """The artifact's key was destroyed; nobody can read it any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredArtifact:
    """An encrypted artifact: its content's digest, and digest and size of what lies in the store.

    `version_id` is the store's own name for the bytes, where it gives one (S3). `wrapped` is None
    once the key is destroyed; then `erased_ts` says when, in UTC.
    """

    ref: ArtifactRef
    stored: ArtifactRef
    master_id: str
    wrapped: bytes | None
    version_id: str | None = None
    erased_ts: str | None = None


class MasterKey:
    """Wraps and unwraps the keys of artifacts."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyFileError(f"an artifact master key has {KEY_BYTES} bytes, not {len(secret)}")
        self._secret = secret
        self._cipher = AESGCM(secret)
        self.id = hashlib.sha256(b"artifact-master-key\x00" + secret).hexdigest()[:16]

    @classmethod
    def load_or_create(cls, path: Path) -> "MasterKey":
        """Read the key file, or make one with a random key, readable by its owner only.

        Raises:
            KeyFileError: when others can read the file, or it holds something else.
        """
        if not path.exists():
            _create(path)
        if path.stat().st_mode & _PRIVATE:
            raise KeyFileError(f"{path} can be read by others; run: chmod 600 {path}")
        try:
            secret = bytes.fromhex(path.read_text("ascii").strip())
        except ValueError as error:
            raise KeyFileError(
                f"{path} isn't an artifact master key; restore it from the backup"
            ) from error
        return cls(secret)

    def derive(self, label: str) -> bytes:
        """Return a key of 32 bytes for another use, told apart by its label (HKDF, RFC 5869)."""
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode())
        return kdf.derive(self._secret)

    def wrap(self, key: bytes, *, ref: ArtifactRef, stored: ArtifactRef) -> bytes:
        """Return the artifact's key encrypted, and bound to the artifact's two digests."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, _bound(ref, stored))

    def unwrap(self, row: StoredArtifact) -> bytes:
        """Return the artifact's key.

        Raises:
            ArtifactErasedError: when it was destroyed.
            ArtifactError: when this isn't the master key that wrapped it, or the row was changed.
        """
        if row.wrapped is None:
            raise ArtifactErasedError(
                f"artifact {row.ref.sha256} was erased at {row.erased_ts}: its key is destroyed"
            )
        nonce, sealed = row.wrapped[:_NONCE_BYTES], row.wrapped[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, sealed, _bound(row.ref, row.stored))
        except InvalidTag as error:
            why = (
                "its row in artifact_key was changed"
                if row.master_id == self.id
                else f"it needs master key {row.master_id}, and this one is {self.id}"
            )
            raise ArtifactError(
                f"the key of artifact {row.ref.sha256} can't be opened: {why}; "
                "restore it from the backup"
            ) from error


def add_key(connection: Connection, row: StoredArtifact) -> bool:
    """Keep the key of a new artifact; False if the content has a living key already."""
    # Two may store the same content at once; the index decides, and the second keeps the first's.
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(artifact_key).values(
        stored_sha256=row.stored.sha256,
        stored_size=row.stored.size,
        sha256=row.ref.sha256,
        size=row.ref.size,
        master_id=row.master_id,
        wrapped=row.wrapped,
        version_id=row.version_id,
        erased_ts=row.erased_ts,
    )
    return bool(connection.execute(statement.on_conflict_do_nothing()).rowcount)


def living_key(connection: Connection, sha256: str) -> StoredArtifact | None:
    """Return the artifact of this content whose key still exists, or None."""
    rows = keys_of(connection, sha256)
    return next((row for row in rows if row.wrapped is not None), None)


def keys_of(connection: Connection, sha256: str) -> list[StoredArtifact]:
    """Return every artifact that ever held this content, destroyed ones too."""
    table = artifact_key
    query = select(table).where(table.c.sha256 == sha256).order_by(table.c.stored_sha256)
    return [
        StoredArtifact(
            ref=ArtifactRef(sha256=row.sha256, size=row.size),
            stored=ArtifactRef(sha256=row.stored_sha256, size=row.stored_size),
            master_id=row.master_id,
            wrapped=None if row.wrapped is None else bytes(row.wrapped),
            version_id=row.version_id,
            erased_ts=row.erased_ts,
        )
        for row in connection.execute(query)
    ]


def destroy_key(connection: Connection, row: StoredArtifact, *, now: datetime) -> None:
    """Destroy the artifact's key, in the caller's transaction, and write down when."""
    table = artifact_key
    connection.execute(
        update(table)
        .where(table.c.stored_sha256 == row.stored.sha256)
        .values(wrapped=None, erased_ts=format_ts(now))
    )


def _bound(ref: ArtifactRef, stored: ArtifactRef) -> bytes:
    return b"\x00".join((b"artifact-key-1", ref.sha256.encode(), stored.sha256.encode()))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where the name is taken: of two processes that start at once one makes it.
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
