"""The verifier against tampering with signatures, artifacts and personal data."""

from pathlib import Path

import pytest

from tests.evidence_store.evidence_forgery import (
    CHECKPOINTS,
    GENESIS,
    LAST,
    Case,
    artifact,
    assert_found,
    both,
    changed,
    cut_to,
    drop_checkpoints_after,
    known,
    line,
    on_lines,
    opened,
    other_note,
    raw,
    replaced,
    resigned,
    write,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    LETTER,
    MEMORY,
    OPENINGS,
    STRANGER,
    edit,
)

CASES = [
    # Checkpoints and keys.
    Case(
        name="no checkpoints",
        forge=drop_checkpoints_after(0),
        code="checkpoint-missing",
        place=CHECKPOINTS,
    ),
    Case(
        name="stranger's key of the same name",
        forge=resigned(lambda ls: ls, signer=STRANGER),
        code="signature-untrusted",
        place=LAST,
    ),
    Case(
        name="stranger's key, no key given",
        forge=resigned(lambda ls: ls, signer=STRANGER),
        code="signature-untrusted",
        place=LAST,
        options={"vkeys": []},
    ),
    Case(
        name="stranger's key, named in the first entry",
        forge=resigned(
            lambda ls: [edit(ls[0], data=GENESIS | {"vkey": STRANGER.vkey}), *ls[1:]],
            signer=STRANGER,
        ),
        code="signature-untrusted",
        place=LAST,
    ),
    Case(
        name="stranger's key, rotated in without the old key",
        forge=resigned(
            lambda ls: [*ls, edit(ls[5], event="key.rotated", data={"vkey": STRANGER.vkey})],
            signer=STRANGER,
        ),
        code="signature-untrusted",
        place=CHECKPOINTS + "000000000010.txt",
    ),
    Case(
        name="rotation to no key",
        forge=changed(5, event="key.rotated"),
        code="entry-value",
        place=line(6),
    ),
    Case(
        name="wrong key given",
        forge=lambda _: None,
        code="signature-untrusted",
        place=LAST,
        options={"vkeys": [STRANGER.vkey]},
    ),
    Case(name="bad signature", forge=other_note(flip=True), code="signature-bad", place=LAST),
    Case(
        name="bad signature, no key given",
        forge=other_note(flip=True),
        code="signature-bad",
        place=LAST,
        options={"vkeys": []},
    ),
    Case(
        name="bad signature beside a good one",
        forge=both(
            lambda b: (b / "x").write_bytes((b / LAST).read_bytes()),
            other_note(flip=True),
            lambda b: (b / LAST).write_bytes(
                (b / "x").read_bytes() + (b / LAST).read_bytes().splitlines(keepends=True)[-1]
            ),
            lambda b: (b / "x").unlink(),
        ),
        code="signature-bad",
        place=LAST,
    ),
    Case(
        name="another log's note",
        forge=other_note(origin="halden-mutual/incident/INC-8"),
        code="checkpoint-origin",
        place=LAST,
    ),
    Case(name="another root", forge=other_note(root=bytes(32)), code="root-mismatch", place=LAST),
    Case(name="another size", forge=other_note(size=8), code="checkpoint-size", place=LAST),
    Case(
        name="note malformed",
        forge=replaced(LAST, b"\n9\n", b"\n09\n"),
        code="note-malformed",
        place=LAST,
    ),
    Case(
        name="token without checkpoint",
        forge=write(CHECKPOINTS + "000000000002.tsr", b"x"),
        code="token-without-checkpoint",
        place=CHECKPOINTS + "000000000002.tsr",
    ),
    # A cut tail, where something is known from outside.
    Case(
        name="cut, minimum known",
        forge=cut_to(4),
        code="log-cut",
        place=ENTRIES,
        options={"min_size": 5},
    ),
    Case(
        name="cut, checkpoint known",
        forge=cut_to(4),
        code="log-cut",
        place=ENTRIES,
        options={"known_checkpoint": known(9)},
    ),
    Case(
        name="another history, checkpoint known",
        forge=lambda _: None,
        code="known-checkpoint-mismatch",
        place="known checkpoint",
        options={"known_checkpoint": known(5)},
    ),
    Case(
        name="receipt of another log",
        forge=lambda _: None,
        code="checkpoint-origin",
        place="known checkpoint",
        options={"known_checkpoint": known(5, origin="halden-mutual/incident/INC-8")},
    ),
    Case(
        name="receipt with a bad signature",
        forge=lambda _: None,
        code="signature-bad",
        place="known checkpoint",
        options={"known_checkpoint": known(5, flip=True)},
    ),
    Case(
        name="another log than asked for",
        forge=lambda _: None,
        code="origin-unexpected",
        place=ENTRIES,
        options={"origin": "halden-mutual/incident/INC-8"},
    ),
    # Artifacts.
    Case(
        name="artifact replaced",
        forge=lambda b: artifact(b, MEMORY).write_bytes(MEMORY[::-1]),
        code="artifact-digest",
        place="data/artifacts/memory",
    ),
    Case(
        name="artifact replaced, other size",
        forge=lambda b: artifact(b, MEMORY).write_bytes(b"short"),
        code="artifact-size",
        place="data/artifacts/memory",
    ),
    Case(
        name="artifact missing",
        forge=lambda b: artifact(b, MEMORY).unlink(),
        code="artifact-missing",
        place="data/artifacts/memory",
    ),
    Case(
        name="artifact planted",
        forge=write("data/artifacts/" + "a" * 64, b"planted"),
        code="artifact-extra",
        place="data/artifacts/" + "a" * 64,
    ),
    Case(
        name="artifact with another name",
        forge=write("data/artifacts/invoice.pdf", b"planted"),
        code="artifact-name",
        place="data/artifacts/invoice.pdf",
    ),
    Case(
        name="two sizes of one artifact",
        forge=lambda b: changed(5, artifacts=[{"sha256": artifact(b, LETTER).name, "size": 1}])(b),
        code="artifact-size",
        place=line(6),
    ),
    # Personal data.
    Case(
        name="value changed",
        forge=opened(0, value="C2"),
        code="opening-mismatch",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="salt changed",
        forge=opened(0, salt="0" * 64),
        code="opening-mismatch",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="short salt",
        forge=opened(0, salt="00"),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening with more",
        forge=opened(0, x=1),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening for no commitment",
        forge=opened(1, name="zzz"),
        code="opening-without-commitment",
        place=f"{OPENINGS} line 2",
    ),
    Case(
        name="opening for an entry without commitments",
        forge=opened(0, seq=2),
        code="opening-without-commitment",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening beyond the log",
        forge=opened(3, seq=99),
        code="opening-without-commitment",
        place=f"{OPENINGS} line 4",
    ),
    Case(
        name="opening doubled",
        forge=on_lines(lambda ls: [ls[0], *ls], OPENINGS),
        code="opening-order",
        place=f"{OPENINGS} line 2",
    ),
    Case(
        name="erased value is back",
        forge=on_lines(lambda ls: [edit(ls[0], seq=1, name="title"), *ls], OPENINGS),
        code="opening-erased",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening with white space",
        forge=raw(0, lambda x: x.replace(b":", b": ", 1), OPENINGS),
        code="json-not-canonical",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="erasure of nothing",
        forge=resigned(lambda ls: [*ls, edit(ls[6], data={"seq": 2, "names": ["x"]})]),
        code="erasure-unknown",
        place=line(10),
    ),
    Case(
        name="erasure of the future",
        forge=changed(6, data={"seq": 6, "names": ["reason"]}),
        code="erasure-unknown",
        place=line(7),
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)
