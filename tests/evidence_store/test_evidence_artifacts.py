"""Files under their digest: whole or not there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence_store.artifacts import (
    ArtifactError,
    ArtifactMissingError,
    ArtifactRef,
    ArtifactTooLargeError,
    FolderArtifacts,
)


def everything(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_store_keeps_the_bytes_under_their_digest(artifacts: FolderArtifacts) -> None:
    digest = hashlib.sha256(b"one two").hexdigest()
    ref = artifacts.store([b"one ", b"", b"two"])
    assert ref == ArtifactRef(sha256=digest, size=7)
    assert artifacts.path(digest) == artifacts.root / digest[:2] / digest
    with artifacts.open(digest) as file:
        assert file.read() == b"one two"


def test_the_same_bytes_are_kept_once(artifacts: FolderArtifacts) -> None:
    assert artifacts.store([b"same"]) == artifacts.store(iter([b"sa", b"me"]))
    assert len(everything(artifacts.root)) == 1


def test_an_empty_file_is_an_artifact(artifacts: FolderArtifacts) -> None:
    ref = artifacts.store([])
    assert ref.size == 0
    assert artifacts.has(ref.sha256)


def test_the_limit_itself_is_accepted_and_one_more_byte_leaves_nothing(tmp_path: Path) -> None:
    small = FolderArtifacts(tmp_path, max_bytes=10)
    assert small.store([b"x" * 10]).size == 10
    with pytest.raises(ArtifactTooLargeError, match="larger than 10 bytes"):
        small.store([b"y" * 6, b"y" * 5])
    assert len(everything(tmp_path)) == 1


def test_a_stream_that_breaks_leaves_nothing(artifacts: FolderArtifacts) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        artifacts.store(broken())
    assert everything(artifacts.root) == []


@pytest.mark.parametrize("name", ["", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_digests_are_names(artifacts: FolderArtifacts, name: str) -> None:
    for use in (artifacts.path, artifacts.has, artifacts.open):
        with pytest.raises(ArtifactError, match="not a SHA-256"):
            use(name)
    with pytest.raises(ArtifactError, match="not a SHA-256"):
        ArtifactRef(sha256=name, size=1)


def test_open_of_a_missing_artifact_says_so(artifacts: FolderArtifacts) -> None:
    assert not artifacts.has("0" * 64)
    with pytest.raises(ArtifactMissingError, match="restore it from the backup"):
        artifacts.open("0" * 64)
