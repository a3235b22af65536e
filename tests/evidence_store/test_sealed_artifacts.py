"""Artifacts encrypted at rest: what lies in the folder, what harm is found, what erasing leaves."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, text

from evidence_store.artifact_keys import (
    ArtifactErasedError,
    MasterKey,
    keys_of,
)
from evidence_store.artifacts import (
    ArtifactError,
    ArtifactMissingError,
    ArtifactRef,
    ArtifactTooLargeError,
    FolderArtifacts,
)
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import (
    CHUNK_BYTES,
    HEADER,
    TAG_BYTES,
    SealedStreamError,
    encrypt,
    open_sealed,
    sealed_size,
)
from evidence_store.signing import KeyFileError

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))
CHUNKS = [b"claims ", b"of ", b"Jane Doe"]


@pytest.fixture
def sealed(sqlite: Engine, tmp_path: Path) -> SealedArtifacts:
    return made(sqlite, tmp_path)


def made(engine: Engine, folder: Path, *, secret: bytes = KEY) -> SealedArtifacts:
    inner = FolderArtifacts(folder / "sealed", max_bytes=sealed_size(1_000_000))
    return SealedArtifacts(inner, master=MasterKey(secret), engine=engine, max_bytes=1_000_000)


def kept(sealed: SealedArtifacts, engine: Engine, chunks: list[bytes]) -> ArtifactRef:
    ref = sealed.store(chunks)
    with engine.begin() as connection:
        sealed.keep(connection, [ref])
    sealed.settled([ref])
    return ref


def files(sealed: SealedArtifacts) -> list[Path]:
    return [one for one in Path(sealed.place).rglob("*") if one.is_file()]


def noise(size: int) -> bytes:
    """Bytes in which no two chunks are alike."""
    return hashlib.shake_256(b"noise").digest(size)


def read(sealed: SealedArtifacts, sha256: str) -> bytes:
    with sealed.open(sha256) as file:
        return file.read()


def test_the_form_is_the_one_that_is_documented() -> None:
    """Decrypted here without our reader: header, then chunks, the last one marked."""
    content = noise(CHUNK_BYTES + 5)
    stored = b"".join(encrypt([content], KEY))
    assert stored.startswith(b"evidence-sealed-1\n")
    cut = len(HEADER) + CHUNK_BYTES + TAG_BYTES
    cipher = AESGCM(KEY)
    first = cipher.decrypt(bytes(12), stored[len(HEADER) : cut], HEADER)
    second = cipher.decrypt(bytes(10) + b"\x01\x01", stored[cut:], HEADER)
    assert first + second == content


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_000])
@pytest.mark.parametrize("step", [1_000, CHUNK_BYTES, 150_000])
def test_every_size_comes_back_whatever_its_pieces_were(
    tmp_path: Path, size: int, step: int
) -> None:
    content = noise(size)
    pieces: Iterator[bytes] = (content[at : at + step] for at in range(0, size, step))
    stored = tmp_path / "stored"
    stored.write_bytes(b"".join(encrypt(pieces, KEY)))
    assert stored.stat().st_size == sealed_size(size)
    with open_sealed(stored.open("rb"), KEY) as file:
        assert file.read() == content


def _swap(data: bytes) -> bytes:
    one, two = len(HEADER), len(HEADER) + CHUNK_BYTES + TAG_BYTES
    end = two + CHUNK_BYTES + TAG_BYTES
    return data[:one] + data[two:end] + data[one:two] + data[end:]


HARM = {
    "a bit": lambda data: data[:90_000] + bytes([data[90_000] ^ 1]) + data[90_001:],
    "header": lambda data: b"E" + data[1:],
    "cut in a chunk": lambda data: data[:-1],
    "cut between chunks": lambda data: data[: len(HEADER) + CHUNK_BYTES + TAG_BYTES],
    "cut to the header": lambda data: data[: len(HEADER)],
    "chunks swapped": _swap,
    "a byte added": lambda data: data + b"x",
    "a chunk added": lambda data: data + data[-(TAG_BYTES + 10) :],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_is_found_when_it_is_read(tmp_path: Path, harm: str) -> None:
    stored = tmp_path / "stored"
    stored.write_bytes(HARM[harm](b"".join(encrypt([bytes(150_000)], KEY))))
    with pytest.raises(SealedStreamError), open_sealed(stored.open("rb"), KEY) as file:
        file.read()


def test_what_lies_in_the_folder_says_nothing(sealed: SealedArtifacts, sqlite: Engine) -> None:
    ref = kept(sealed, sqlite, CHUNKS)
    assert ref == ArtifactRef(sha256=hashlib.sha256(b"".join(CHUNKS)).hexdigest(), size=18)
    [lies] = files(sealed)
    assert lies.name == hashlib.sha256(lies.read_bytes()).hexdigest() != ref.sha256
    assert sealed.stored_as(ref.sha256) == {
        "stored_sha256": lies.name,
        "stored_size": lies.stat().st_size,
    }
    assert b"Jane" not in lies.read_bytes()
    assert read(sealed, ref.sha256) == b"".join(CHUNKS)


def test_each_artifact_has_a_key_of_its_own(sealed: SealedArtifacts, sqlite: Engine) -> None:
    kept(sealed, sqlite, [b"one"])
    kept(sealed, sqlite, [b"two"])
    with sqlite.connect() as connection:
        wrapped = connection.execute(text("SELECT wrapped FROM artifact_key")).scalars().all()
    assert len(set(wrapped)) == 2
    assert all(KEY not in one for one in wrapped)


def test_before_the_commit_only_this_process_can_read_it(
    sealed: SealedArtifacts, sqlite: Engine, tmp_path: Path
) -> None:
    ref = sealed.store(CHUNKS)
    assert read(sealed, ref.sha256) == b"".join(CHUNKS)
    after_a_crash = made(sqlite, tmp_path)
    assert not after_a_crash.has(ref.sha256)
    with pytest.raises(ArtifactMissingError):
        after_a_crash.open(ref.sha256)
    assert kept(after_a_crash, sqlite, CHUNKS) == ref
    assert read(after_a_crash, ref.sha256) == b"".join(CHUNKS)


def test_the_same_content_is_kept_once(sealed: SealedArtifacts, sqlite: Engine) -> None:
    kept(sealed, sqlite, CHUNKS)
    [first] = files(sealed)
    kept(sealed, sqlite, CHUNKS)
    assert files(sealed) == [first]


def test_storing_again_brings_back_what_was_lost(sealed: SealedArtifacts, sqlite: Engine) -> None:
    ref = kept(sealed, sqlite, CHUNKS)
    [lies] = files(sealed)
    lies.unlink()
    assert not sealed.has(ref.sha256)
    kept(sealed, sqlite, CHUNKS)
    assert files(sealed) == [lies]
    assert read(sealed, ref.sha256) == b"".join(CHUNKS)


def test_too_much_leaves_nothing(sealed: SealedArtifacts) -> None:
    with pytest.raises(ArtifactTooLargeError, match="larger than 1000000 bytes"):
        sealed.store(bytes(100_000) for _ in range(11))
    assert files(sealed) == []


def test_an_older_artifact_in_the_clear_still_opens(sealed: SealedArtifacts) -> None:
    old = sealed.inner.store(CHUNKS)
    assert sealed.has(old.sha256)
    assert read(sealed, old.sha256) == b"".join(CHUNKS)
    assert sealed.stored_as(old.sha256) == {}


@pytest.mark.parametrize("deleted", [True, False])
def test_an_erased_artifact_is_gone_also_where_its_bytes_must_stay(
    sealed: SealedArtifacts, sqlite: Engine, tmp_path: Path, *, deleted: bool
) -> None:
    ref = kept(sealed, sqlite, CHUNKS)
    [lies] = files(sealed)
    with sqlite.begin() as connection:
        left = sealed.erase(connection, ref, now=NOW)
    assert left == [lies.name]
    if deleted:
        assert sealed.delete(left[0])
        assert files(sealed) == []
    assert sealed.erased(ref.sha256)
    assert not sealed.has(ref.sha256)
    with pytest.raises(ArtifactErasedError, match="erased at 2026-11-20T09:00:00"):
        sealed.open(ref.sha256)
    with sqlite.begin() as connection, pytest.raises(ArtifactErasedError, match="already"):
        sealed.erase(connection, ref, now=NOW)
    with sqlite.connect() as connection:
        [row] = keys_of(connection, ref.sha256)
    assert row.wrapped is None
    again = made(sqlite, tmp_path)
    assert kept(again, sqlite, CHUNKS) == ref
    assert read(again, ref.sha256) == b"".join(CHUNKS)
    assert not again.erased(ref.sha256)


def test_an_erasure_that_is_rolled_back_never_was(sealed: SealedArtifacts, sqlite: Engine) -> None:
    ref = kept(sealed, sqlite, CHUNKS)
    with sqlite.connect() as connection:
        sealed.erase(connection, ref, now=NOW)
        connection.rollback()
    assert read(sealed, ref.sha256) == b"".join(CHUNKS)


def test_an_artifact_in_the_clear_is_erased_with_its_bytes(
    sealed: SealedArtifacts, sqlite: Engine
) -> None:
    old = sealed.inner.store(CHUNKS)
    with sqlite.begin() as connection:
        left = sealed.erase(connection, old, now=NOW)
    assert left == [old.sha256]
    sealed.delete(left[0])
    with pytest.raises(ArtifactErasedError):
        sealed.open(old.sha256)


def test_another_master_key_is_named(
    sealed: SealedArtifacts, sqlite: Engine, tmp_path: Path
) -> None:
    ref = kept(sealed, sqlite, CHUNKS)
    other = made(sqlite, tmp_path, secret=bytes(32))
    with pytest.raises(ArtifactError, match=f"needs master key {MasterKey(KEY).id}, and this one"):
        other.open(ref.sha256)


def test_a_row_put_in_another_s_place_is_found(sealed: SealedArtifacts, sqlite: Engine) -> None:
    one, two = kept(sealed, sqlite, [b"one"]), kept(sealed, sqlite, [b"two"])
    with sqlite.begin() as connection:
        connection.execute(
            text(
                "UPDATE artifact_key SET wrapped = "
                "(SELECT wrapped FROM artifact_key WHERE sha256 = :two) WHERE sha256 = :one"
            ),
            {"one": one.sha256, "two": two.sha256},
        )
    with pytest.raises(ArtifactError, match="was changed"):
        sealed.open(one.sha256)


def test_the_master_key_file(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.key"
    first = MasterKey.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKey.load_or_create(path).id == first.id
    assert [one.name for one in tmp_path.iterdir()] == ["artifacts.key"]
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        MasterKey.load_or_create(path)
    path.chmod(0o600)
    path.write_text("not a key")
    with pytest.raises(KeyFileError, match="isn't an artifact master key"):
        MasterKey.load_or_create(path)
