"""Broken and running uploads: what counts as arrived, what is refused, what lies on the disk."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.uploads import (
    MAX_OPEN,
    PIECE_BYTES,
    UnknownUploadError,
    Upload,
    UploadError,
    UploadShelf,
)
from evidence_store.artifact_keys import MasterKey

NOW = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
FILE = hashlib.shake_256(b"file").digest(PIECE_BYTES + 300)


@pytest.fixture
def shelf(tmp_path: Path) -> UploadShelf:
    return UploadShelf(tmp_path / "uploads", master=MasterKey(bytes(32)))


def begun(shelf: UploadShelf, *, owner: str = "U0ANA", now: datetime = NOW) -> Upload:
    return shelf.start(
        owner=owner,
        ref="INC-2026-0001",
        name="Jane Doe.eml",
        source="mailbox",
        form="",
        size=len(FILE),
        now=now,
    )


def again(shelf: UploadShelf) -> UploadShelf:
    """The shelf as the next process finds it."""
    return UploadShelf(shelf.root, master=MasterKey(bytes(32)))


def test_pieces_become_the_file_also_after_a_restart(shelf: UploadShelf) -> None:
    upload = begun(shelf)
    assert shelf.put(upload, offset=0, piece=FILE[:PIECE_BYTES]) == PIECE_BYTES
    shelf = again(shelf)
    found = shelf.find(upload.id, owner="U0ANA", ref="INC-2026-0001")
    assert (found, shelf.offset(found)) == (upload, PIECE_BYTES)
    with pytest.raises(UploadError, match="hasn't arrived in whole"):
        b"".join(shelf.chunks(found))
    assert shelf.put(found, offset=PIECE_BYTES, piece=FILE[PIECE_BYTES:]) == len(FILE)
    assert b"".join(shelf.chunks(found)) == FILE
    shelf.drop(found)
    assert list(shelf.root.iterdir()) == []


def test_a_piece_sent_twice_is_kept_once(shelf: UploadShelf) -> None:
    upload = begun(shelf)
    shelf.put(upload, offset=0, piece=FILE[:PIECE_BYTES])
    assert shelf.put(upload, offset=0, piece=bytes(PIECE_BYTES)) == PIECE_BYTES
    shelf.put(upload, offset=PIECE_BYTES, piece=FILE[PIECE_BYTES:])
    assert b"".join(shelf.chunks(upload)) == FILE


@pytest.mark.parametrize(
    ("offset", "size", "words"),
    [
        (PIECE_BYTES, 300, "goes on at byte 0"),
        (0, 300, "cut wrongly"),
        (0, PIECE_BYTES + 300, "cut wrongly"),
        (1, PIECE_BYTES, "cut wrongly"),
        (2 * PIECE_BYTES, 0, "cut wrongly"),
        (-PIECE_BYTES, PIECE_BYTES, "cut wrongly"),
    ],
)
def test_a_piece_that_doesn_t_fit_is_refused(
    shelf: UploadShelf, offset: int, size: int, words: str
) -> None:
    upload = begun(shelf)
    with pytest.raises(UploadError, match=words):
        shelf.put(upload, offset=offset, piece=bytes(size))
    assert shelf.offset(upload) == 0


def test_an_empty_file_is_a_file(shelf: UploadShelf) -> None:
    upload = shelf.start(owner="U", ref="R", name="n", source="", form="", size=0, now=NOW)
    assert b"".join(shelf.chunks(upload)) == b""


def test_nothing_lies_in_the_clear_and_harm_is_found(shelf: UploadShelf) -> None:
    upload = begun(shelf)
    shelf.put(upload, offset=0, piece=FILE[:PIECE_BYTES])
    shelf.put(upload, offset=PIECE_BYTES, piece=FILE[PIECE_BYTES:])
    files = [one for one in shelf.root.rglob("*") if one.is_file()]
    assert sorted(one.name for one in files) == ["0", "1", "about"]
    for one in files:
        assert b"Jane" not in one.read_bytes()
        assert FILE[-100:] not in one.read_bytes()
    piece = shelf.root / upload.id / "1"
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    with pytest.raises(UploadError, match="was changed"):
        b"".join(shelf.chunks(upload))


@pytest.mark.parametrize("changed", [{"owner": "U0EVE"}, {"ref": "INC-2026-0002"}])
def test_it_is_found_by_who_began_it_only(shelf: UploadShelf, changed: dict[str, str]) -> None:
    upload = begun(shelf)
    other = replace(upload, **changed)
    with pytest.raises(UnknownUploadError):
        shelf.find(upload.id, owner=other.owner, ref=other.ref)


@pytest.mark.parametrize("name", ["", "..", "../x", "0" * 31, "0" * 32, "A" * 32])
def test_only_our_own_ids_reach_the_disk(shelf: UploadShelf, name: str) -> None:
    with pytest.raises(UnknownUploadError):
        shelf.find(name, owner="U0ANA", ref="INC-2026-0001")


def test_too_many_are_refused_and_old_ones_dropped(shelf: UploadShelf) -> None:
    for _ in range(MAX_OPEN):
        begun(shelf)
    with pytest.raises(UploadError, match="begun 5 uploads"):
        begun(shelf)
    begun(shelf, owner="U0FARID")
    begun(shelf, now=datetime.now(UTC) + timedelta(hours=49))  # noqa: TID251 - files carry it
    assert len(list(shelf.root.iterdir())) == 1
