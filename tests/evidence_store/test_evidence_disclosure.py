"""Single entries with their proofs: what is shown, what stays unseen, what a forger can't do."""

import base64
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from evidence_store import disclosure, log, merkle, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.bundle_sinks import BundleError, BundleExistsError
from evidence_store.log import Draft
from tests.evidence_store.evidence_forgery import both, replaced, write
from tests.evidence_store.evidence_kit import (
    LETTER,
    MEMORY,
    OPENINGS,
    ORIGIN,
    SIGNER,
    STRANGER,
    T0,
    append,
    at,
    edit,
    open_story_log,
    rebag,
    signed_note,
    write_story,
)

NINE = "data/log/checkpoints/000000000009.txt"
FOUR = "data/disclosed/000000000004"


@pytest.fixture
def written(sqlite: Engine, artifacts: FolderArtifacts) -> Engine:
    with sqlite.begin() as connection:
        write_story(connection, artifacts)
    return sqlite


def disclosed(engine: Engine, out: Path, *seqs: int, **how: Any) -> disclosure.Disclosure:
    with engine.connect() as connection:
        return disclosure.disclose(
            connection, origin=ORIGIN, seqs=seqs, out=out, now=T0, vkey=SIGNER.vkey, **how
        )


def check(out: Path, **how: Any) -> verify.Report:
    return verify.verify(out, **{"vkeys": [SIGNER.vkey]} | how)


@pytest.mark.parametrize("form", ["out", "out.zip"])
def test_every_entry_can_be_shown_alone(written: Engine, tmp_path: Path, form: str) -> None:
    for seq in range(9):
        made = disclosed(written, tmp_path / str(seq) / form, seq)
        report = check(made.path)
        assert (report.verdict, [code for code, _ in report.unchecked]) == (
            "PARTIAL",
            ["no-trusted-time"],
        )
        assert (report.disclosed, report.entries, report.root) == (1, 9, made.root)
        assert (made.seqs, made.size, made.opened, made.artifacts) == ((seq,), 9, (), 0)
        assert any("the other 8 entries" in one for one in report.not_proven)


def test_nothing_else_of_the_log_goes_along(written: Engine, tmp_path: Path) -> None:
    made = disclosed(written, tmp_path / "out", 4)
    names = sorted(str(one.relative_to(made.path)) for one in made.path.rglob("*") if one.is_file())
    assert [name for name in names if name.startswith("data/")] == [
        f"{FOUR}.json",
        f"{FOUR}.tlog-proof",
        NINE,
        "data/trust-INFORMATIONAL/keys.txt",
    ]
    text = "".join((made.path / name).read_text("utf-8") for name in names if name != "verify.py")
    assert "evidence.collected" in text
    assert not any(word in text for word in ("fact.recorded", "message.preserved", "two hosts"))


def test_values_and_files_go_along_when_asked_for(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    made = disclosed(written, tmp_path / "out", 3, 4, opened=["text"], artifacts=artifacts)
    assert (made.opened, made.artifacts) == (("3/text",), 2)
    report = check(made.path)
    assert "2 of 2 artifacts and 1 of 2 personal values of these entries" in report.checked[-1]
    held = sorted(one.read_bytes() for one in (made.path / "data/artifacts").iterdir())
    assert held == sorted([LETTER, MEMORY])
    assert "two hosts" in (made.path / OPENINGS).read_text()
    assert '"channel"' not in (made.path / OPENINGS).read_text()


@pytest.mark.parametrize(
    ("seqs", "opened", "words"),
    [
        ((9,), (), "no entry 9"),
        ((-1,), (), "no entry -1"),
        ((), (), "none was named"),
        ((1,), ("title",), "what was erased can't be disclosed"),
        ((3,), ("nothing",), "these entries have channel, text"),
    ],
)
def test_what_is_not_there_is_refused(
    written: Engine, tmp_path: Path, seqs: tuple[int, ...], opened: tuple[str, ...], words: str
) -> None:
    with pytest.raises(disclosure.NothingToDiscloseError, match=words):
        disclosed(written, tmp_path / "sub" / "out", *seqs, opened=opened)
    assert not (tmp_path / "sub" / "out").exists()


def test_what_is_there_is_never_overwritten(written: Engine, tmp_path: Path) -> None:
    (tmp_path / "out.zip").write_bytes(b"mine")
    with pytest.raises(BundleExistsError, match="never overwritten"):
        disclosed(written, tmp_path / "out.zip", 1)
    assert (tmp_path / "out.zip").read_bytes() == b"mine"


def test_a_disposed_artifact_is_left_out_a_lost_one_stops(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    ref = artifacts.store([MEMORY])
    artifacts.path(ref.sha256).unlink()
    with pytest.raises(BundleError, match="restore it from the backup"):
        disclosed(written, tmp_path / "lost", 4, artifacts=artifacts)
    gone = Draft(event="evidence.disposed", actor="U0FARID", artifacts=[ref])
    with written.begin() as connection:
        append(connection, gone, now=at(9))
    made = disclosed(written, tmp_path / "out", 4, artifacts=artifacts)
    assert (made.artifacts, check(made.path).verdict) == (0, "PARTIAL")


def test_the_proofs_lead_to_the_readers_checkpoint_or_the_first_stamped_one(
    written: Engine, tmp_path: Path
) -> None:
    made = disclosed(written, tmp_path / "a", 4, size=7)
    assert (made.size, check(made.path).entries) == (7, 7)
    made = disclosed(written, tmp_path / "b", 4, tokens={4: b"x", 8: b"x", 9: b"x"})
    assert made.size == 8
    assert (made.path / "data/log/checkpoints/000000000008.tsr").read_bytes() == b"x"
    with pytest.raises(disclosure.NothingToDiscloseError, match="of 4 entries doesn't cover"):
        disclosed(written, tmp_path / "c", 4, size=4)
    with pytest.raises(log.UnknownLogError):
        disclosed(written, tmp_path / "d", 4, size=5)


def test_a_receipt_is_compared(written: Engine, tmp_path: Path) -> None:
    out = disclosed(written, tmp_path / "out", 4).path
    with written.connect() as connection:
        nine = log.checkpoint(connection, origin=ORIGIN, size=9)
        eight = log.checkpoint(connection, origin=ORIGIN, size=8)
    assert [code for code, _ in check(out, known_checkpoint=nine).unchecked] == ["no-trusted-time"]
    assert [code for code, _ in check(out, known_checkpoint=eight).unchecked] == [
        "known-checkpoint-elsewhere",
        "no-trusted-time",
    ]
    other = signed_note(SIGNER, size=9, root=bytes(32))
    assert check(out, known_checkpoint=other).code == "known-checkpoint-mismatch"
    strange = signed_note(SIGNER, size=9, root=bytes(32), origin="halden-mutual/incident/INC-8")
    assert check(out, known_checkpoint=strange).code == "checkpoint-origin"
    forged = signed_note(SIGNER, size=9, root=bytes(32), flip=True)
    assert check(out, known_checkpoint=forged).code == "signature-bad"
    assert check(out, min_size=9).verdict == "PARTIAL"
    assert check(out, min_size=10).code == "log-cut"
    assert check(out, origin="halden-mutual/incident/INC-8").code == "origin-unexpected"


def test_the_key_must_come_from_outside(written: Engine, tmp_path: Path) -> None:
    out = disclosed(written, tmp_path / "out", 4).path
    report = verify.verify(out)
    assert (report.verdict, report.code) == ("SELF_CONSISTENT", "no-outside-key")
    assert check(out, vkeys=[STRANGER.vkey]).code == "signature-untrusted"


def changed_file(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def forge(out: Path) -> None:
        (out / name).write_bytes(change((out / name).read_bytes()))

    return forge


def moved(old: str, new: str) -> Callable[[Path], Any]:
    return lambda out: shutil.move(out / old, out / new)


def four(**changes: Any) -> Callable[[Path], None]:
    """Change what entry 4 says."""
    return changed_file(f"{FOUR}.json", lambda data: edit(data[:-1], **changes) + b"\n")


def hashes(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    """Change the lines of the proof of entry 4 between its index and the checkpoint."""

    def forge(data: bytes) -> bytes:
        head, _, note = data.partition(b"\n\n")
        lines = head.split(b"\n")
        return b"\n".join([*lines[:2], *change(lines[2:])]) + b"\n\n" + note

    return changed_file(f"{FOUR}.tlog-proof", forge)


ARTIFACT = "data/artifacts/0e0daae501dae7bbcdd9381c4faec3b23f2b2b4bb7d25b9b794fe96e56262651"

Forgery = tuple[str, Callable[[Path], Any], str, str]
FORGERIES: list[Forgery] = [
    ("entry edited", four(actor="U0EVE"), "proof-invalid", f"{FOUR}.tlog-proof"),
    ("entry of another number", four(seq=5), "seq-mismatch", f"{FOUR}.json"),
    (
        "entry of another log",
        four(log="halden-mutual/incident/INC-8"),
        "entry-log",
        f"{FOUR}.json",
    ),
    ("unknown event", four(event="evidence.lost"), "entry-event-unknown", f"{FOUR}.json"),
    ("white space", replaced(f"{FOUR}.json", b":", b": "), "json-not-canonical", f"{FOUR}.json"),
    ("no line end", replaced(f"{FOUR}.json", b"\n", b""), "entry-truncated", f"{FOUR}.json"),
    (
        "renumbered with its proof",
        both(
            moved(f"{FOUR}.json", "data/disclosed/000000000005.json"),
            moved(f"{FOUR}.tlog-proof", "data/disclosed/000000000005.tlog-proof"),
        ),
        "seq-mismatch",
        "data/disclosed/000000000005.json",
    ),
    ("proof cut", hashes(lambda all_: all_[:-1]), "proof-invalid", f"{FOUR}.tlog-proof"),
    (
        "proof too long",
        hashes(lambda all_: [*all_, all_[0]]),
        "proof-invalid",
        f"{FOUR}.tlog-proof",
    ),
    ("proof swapped", hashes(lambda all_: all_[::-1]), "proof-invalid", f"{FOUR}.tlog-proof"),
    ("short hash", hashes(lambda all_: [b"AA==", *all_]), "proof-malformed", f"{FOUR}.tlog-proof"),
    (
        "another index",
        replaced(f"{FOUR}.tlog-proof", b"index 4", b"index 5"),
        "proof-malformed",
        f"{FOUR}.tlog-proof",
    ),
    (
        "another form",
        replaced(f"{FOUR}.tlog-proof", b"@v1", b"@v2"),
        "proof-malformed",
        f"{FOUR}.tlog-proof",
    ),
    (
        "another checkpoint in the proof",
        replaced(f"{FOUR}.tlog-proof", b"INC-7", b"INC-8"),
        "proof-malformed",
        f"{FOUR}.tlog-proof",
    ),
    (
        "proof missing",
        lambda out: (out / f"{FOUR}.tlog-proof").unlink(),
        "bag-file-missing",
        f"{FOUR}.tlog-proof",
    ),
    (
        "entry missing",
        lambda out: (out / f"{FOUR}.json").unlink(),
        "proof-without-entry",
        f"{FOUR}.tlog-proof",
    ),
    (
        "an odd file",
        write("data/disclosed/more.txt", b"x"),
        "bag-file-extra",
        "data/disclosed/more.txt",
    ),
    (
        "no checkpoint",
        lambda out: (out / NINE).unlink(),
        "checkpoint-missing",
        "data/log/checkpoints/",
    ),
    (
        "two checkpoints",
        write("data/log/checkpoints/000000000003.txt", signed_note(SIGNER, size=3, root=bytes(32))),
        "proof-malformed",
        "data/log/checkpoints/",
    ),
    (
        "signature bad",
        write(NINE, signed_note(SIGNER, size=9, root=bytes(32), flip=True)),
        "signature-bad",
        NINE,
    ),
    (
        "signed by a stranger",
        write(NINE, signed_note(STRANGER, size=9, root=bytes(32))),
        "signature-untrusted",
        NINE,
    ),
    ("artifact replaced", write(ARTIFACT, LETTER[::-1]), "artifact-digest", ARTIFACT),
    ("artifact longer", write(ARTIFACT, LETTER + b"x"), "artifact-size", ARTIFACT),
    (
        "artifact planted",
        write("data/artifacts/" + "0" * 64, b"x"),
        "artifact-extra",
        "data/artifacts/" + "0" * 64,
    ),
    (
        "value changed",
        replaced(OPENINGS, b"two hosts", b"ten hosts"),
        "opening-mismatch",
        f"{OPENINGS} line 1",
    ),
    (
        "value of an entry that isn't shown",
        replaced(OPENINGS, b'"seq":3', b'"seq":1'),
        "opening-without-commitment",
        f"{OPENINGS} line 1",
    ),
]


@pytest.mark.parametrize("case", FORGERIES, ids=[one[0] for one in FORGERIES])
def test_a_forgery_is_named(
    written: Engine, artifacts: FolderArtifacts, tmp_path: Path, case: Forgery
) -> None:
    _, forge, code, place = case
    out = disclosed(written, tmp_path / "out", 3, 4, opened=["text"], artifacts=artifacts).path
    forge(out)
    rebag(out)
    report = check(out)
    assert (report.verdict, report.code, report.place) == ("FAILED", code, place), report.detail


def test_neighbours_must_be_linked(sqlite: Engine, tmp_path: Path) -> None:
    """Who holds the key could sign a tree over lines that don't link; a pair of them shows it."""
    with sqlite.begin() as connection:
        open_story_log(connection)
        append(connection, *[Draft(event="note.recorded", actor="U0ANA")] * 2, now=at(1))
    out = disclosed(sqlite, tmp_path / "out", 0, 1, 2).path
    names = [out / f"data/disclosed/{seq:012d}" for seq in range(3)]
    lines = [name.with_suffix(".json").read_bytes()[:-1] for name in names]
    lines[2] = edit(lines[2], prev="1" * 64)
    leaves = [merkle.leaf_hash(one) for one in lines]
    note = signed_note(SIGNER, size=3, root=merkle.tree_root(leaves))
    (out / "data/log/checkpoints/000000000003.txt").write_bytes(note)
    for seq, name in enumerate(names):
        name.with_suffix(".json").write_bytes(lines[seq] + b"\n")
        path = [base64.b64encode(one) for one in merkle.inclusion_proof(leaves, index=seq)]
        head = [b"c2sp.org/tlog-proof@v1", b"index %d" % seq, *path, b"", b""]
        name.with_suffix(".tlog-proof").write_bytes(b"\n".join(head) + note)
    rebag(out)
    report = check(out)
    assert (report.code, report.place) == ("prev-mismatch", "data/disclosed/000000000002.json")


def test_a_proof_from_the_database_is_that_of_the_tree(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        append(connection, *[Draft(event="note.recorded", actor="U0ANA")] * 21, now=at(1))
        leaves = [bytes.fromhex(one.leaf) for one in log.entries(connection, origin=ORIGIN)]
        for size in (1, 2, 3, 7, 8, 9, 22):
            for seq in range(size):
                found = disclosure.inclusion_proof(connection, origin=ORIGIN, seq=seq, size=size)
                assert found == merkle.inclusion_proof(leaves[:size], index=seq), (seq, size)
        with pytest.raises(disclosure.NothingToDiscloseError, match="fewer than 23"):
            disclosure.inclusion_proof(connection, origin=ORIGIN, seq=0, size=23)
        with pytest.raises(IndexError):
            disclosure.inclusion_proof(connection, origin=ORIGIN, seq=3, size=3)


def test_a_database_that_was_changed_discloses_nothing(written: Engine, tmp_path: Path) -> None:
    with written.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER evidence_entry_no_update")
        connection.exec_driver_sql("UPDATE evidence_entry SET leaf = zeroblob(32) WHERE seq = 2")
    with pytest.raises(BundleError, match="don't give the signed root"):
        disclosed(written, tmp_path / "out", 4)
    assert not (tmp_path / "out").exists()
