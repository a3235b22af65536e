"""More tampering with notes, forks, artifacts and personal data, and honest variants of them."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence_store import merkle
from tests.evidence_store.evidence_forgery import (
    GENESIS,
    LAST,
    Case,
    Lines,
    artifact,
    assert_found,
    both,
    changed,
    cut_to,
    line,
    on_lines,
    opened,
    other_note,
    resigned,
    write,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    LETTER,
    MEMORY,
    OPENINGS,
    ORIGIN,
    SIGNER,
    STRANGER,
    b64,
    edit,
    read_lines,
)

NO_TIME: dict[str, Any] = {"verdict": "PARTIAL", "unchecked": ("no-trusted-time",)}
DASH = "\u2014".encode()


def on_note(change: Callable[[bytes], bytes], name: str = LAST) -> Callable[[Path], None]:
    def forge(bundle: Path) -> None:
        good = (bundle / name).read_bytes()
        (bundle / name).write_bytes(change(good))
        assert (bundle / name).read_bytes() != good

    return forge


def malformed(name: str, change: Callable[[bytes], bytes]) -> Case:
    return Case(name=f"note: {name}", forge=on_note(change), code="note-malformed", place=LAST)


def lines_of(note: bytes, count: int) -> bytes:
    return note + note.splitlines(keepends=True)[-1] * count


def unpadded_root(note: bytes) -> bytes:
    """Set the unused low bits of the root's base64: the same bytes, written otherwise."""
    origin, size, root, rest = note.split(b"\n", 3)
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = letters[letters.index(root[42:43]) | 1]
    return b"\n".join([origin, size, root[:42] + bytes([other]) + b"=", rest])


def our_id(note: bytes) -> bytes:
    """Sign with another key, and write our name and key id before the signature."""
    text = note.partition(b"\n\n")[0] + b"\n"
    signature = SIGNER.verifying_key.key_id + STRANGER.sign(text)
    name = SIGNER.verifying_key.name.encode()
    return text + b"\n" + DASH + b" " + name + b" " + b64(signature).encode() + b"\n"


def added(note: bytes) -> bytes:
    """Add a line of a key that nobody knows, of a length that isn't Ed25519's."""
    return note + DASH + b" witness.example " + b64(bytes(100)).encode() + b"\n"


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def listing(content: bytes) -> dict[str, Any]:
    return {"artifacts": [{"sha256": digest_of(content), "size": len(content)}]}


def swap_artifacts(bundle: Path) -> None:
    memory, letter = artifact(bundle, MEMORY), artifact(bundle, LETTER)
    memory.write_bytes(LETTER)
    letter.write_bytes(MEMORY)


def flip_bit(bundle: Path) -> None:
    data = bytearray(MEMORY)
    data[100] ^= 1
    artifact(bundle, MEMORY).write_bytes(bytes(data))


def disposed(ls: Lines) -> Lines:
    return [*ls, edit(ls[5], event="evidence.disposed", data={"item": "1"}, **listing(MEMORY))]


def with_content(content: bytes) -> Callable[[Path], None]:
    """Collect one more artifact, honestly."""
    return both(
        resigned(lambda ls: [*ls, edit(ls[4], **listing(content))]),
        write("data/artifacts/" + digest_of(content), content),
    )


def hard_link(bundle: Path) -> None:
    path = artifact(bundle, MEMORY)
    os.link(path, bundle.parent / "same-file")


def held(ls: Lines) -> Lines:
    hold = edit(ls[5], event="hold.placed", data={"hold": "HOLD-1"})
    free = edit(ls[5], event="hold.released", data={"hold": "HOLD-1"})
    return [*ls, free, *disposed([*ls, hold])[-2:]]


def _released(ls: Lines) -> Lines:
    hold = edit(ls[5], event="hold.placed", data={"hold": "HOLD-1"})
    free = edit(ls[5], event="hold.released", data={"hold": "HOLD-1"})
    return [hold, edit(ls[5]), free, disposed(ls)[-1]]


def other_leaves(bundle: Path) -> None:
    """Sign, with the key, a tree over hashes that the chain doesn't link by."""
    plain = [hashlib.sha256(item).digest() for item in read_lines(bundle)]
    other_note(root=merkle.tree_root(plain))(bundle)


def rotation(ls: Lines) -> Lines:
    return [*ls, edit(ls[5], event="key.rotated", data={"vkey": SIGNER.vkey.replace("+", " ", 1)})]


def genesis_key(vkey: object) -> Callable[[Path], None]:
    return changed(0, data=GENESIS | {"vkey": vkey})


def key_text(name: str, public: bytes, *, algorithm: int = 1, key_id: str = "") -> str:
    """Write a verifying key whose parts fit each other, however wrong they are."""
    digest = hashlib.sha256(name.encode() + b"\n\x01" + public).hexdigest()[:8]
    return f"{name}+{key_id or digest}+{b64(bytes([algorithm]) + public)}"


PUBLIC = SIGNER.verifying_key.key
WRONG_KEYS = {
    "two parts": SIGNER.vkey.rpartition("+")[0],
    "a space in the name": key_text("halden mutual", PUBLIC),
    "no name": key_text("", PUBLIC),
    "another key id": key_text("halden", PUBLIC, key_id="00000000"),
    "another algorithm": key_text("halden", PUBLIC, algorithm=2),
    "short": key_text("halden", PUBLIC[:31]),
    "not base64": "halden+00000000+!",
    "a number": 5,
}

CASES = [
    # Notes.
    malformed("100 signatures", lambda n: lines_of(n, 99)),
    malformed("17 signatures", lambda n: lines_of(n, 16)),
    malformed("100 kB", lambda n: lines_of(n, 1000)),
    malformed("control character", lambda n: n.replace(b"INC-7", b"INC-7\t", 1)),
    malformed("not UTF-8", lambda n: n.replace(b"INC-7", b"INC-\xff", 1)),
    malformed("leading zero", lambda n: n.replace(b"\n9\n", b"\n09\n")),
    malformed("size 0", lambda n: n.replace(b"\n9\n", b"\n0\n")),
    malformed("extension line", lambda n: n.replace(b"\n\n", b"\nextension\n\n", 1)),
    malformed("root in other base64", unpadded_root),
    malformed("root too short", lambda n: b"x/y\n9\nAAAA\n\n" + n.partition(b"\n\n")[2]),
    malformed("no origin", lambda n: n.replace(ORIGIN.encode(), b"", 1)),
    malformed("no final newline", lambda n: n[:-1]),
    malformed("three lines and no more", lambda n: n.partition(b"\n\n")[0]),
    malformed("no signature", lambda n: n.partition(b"\n\n")[0] + b"\n"),
    malformed("hyphen for the dash", lambda n: n.replace(DASH, b"-")),
    malformed("signature of nothing", lambda n: n.partition(DASH)[0] + DASH + b" x AAAAAA==\n"),
    malformed("name with a plus", lambda n: n.replace(DASH + b" h", DASH + b" +h")),
    Case(
        name="note: our key id on another key",
        forge=on_note(our_id),
        code="signature-bad",
        place=LAST,
    ),
    Case(name="note: a line of an unknown key is ignored", forge=on_note(added), **NO_TIME),
    # Verifying keys in the log.
    *(
        Case(
            name=f"key in the first entry: {name}",
            forge=genesis_key(key),
            code="genesis-invalid",
            place=line(1),
        )
        for name, key in WRONG_KEYS.items()
    ),
    Case(name="key rotated to none", forge=resigned(rotation), code="entry-value", place=line(10)),
    # Forks: by who holds the key.
    Case(
        name="fork: another history of the same size, no receipt (limit)",
        forge=resigned(lambda ls: [*ls[:-1], edit(ls[-1], actor="U0EVE")]),
        says=("that nothing was recorded after entry 8",),
        **NO_TIME,
    ),
    Case(
        name="fork: another history of the same size, receipt held",
        forge=resigned(lambda ls: [*ls[:-1], edit(ls[-1], actor="U0EVE")]),
        code="known-checkpoint-mismatch",
        place="known checkpoint",
        receipt=9,
    ),
    Case(
        name="fork: tree over other hashes than the chain's, signed",
        forge=other_leaves,
        code="root-mismatch",
        place=LAST,
    ),
    Case(
        name="fork: numbers used again after a restore, receipt held",
        forge=resigned(lambda ls: [*ls[:4], *(edit(ls[5], data={"n": n}) for n in range(6))]),
        code="known-checkpoint-mismatch",
        place="known checkpoint",
        receipt=9,
    ),
    Case(
        name="receipt held, and nothing changed",
        receipt=9,
        silent=("nothing was recorded after",),
        **NO_TIME,
    ),
    Case(name="an older receipt held, and nothing changed", receipt=5, **NO_TIME),
    Case(name="cut, and a receipt held", forge=cut_to(4), code="log-cut", place=ENTRIES, receipt=9),
    Case(name="cut, and an older receipt held (limit)", forge=cut_to(4), receipt=3, **NO_TIME),
    Case(
        name="cut: newest checkpoints dropped, nothing known (limit)",
        forge=cut_to(4),
        says=("that nothing was recorded after entry 3",),
        **NO_TIME,
    ),
    # Artifacts.
    Case(
        name="artifact replaced and renamed",
        forge=both(
            lambda b: artifact(b, MEMORY).unlink(),
            write("data/artifacts/" + digest_of(b"evil"), b"evil"),
        ),
        code="artifact-extra",
        place="data/artifacts/" + digest_of(b"evil"),
    ),
    Case(
        name="artifacts swapped",
        forge=swap_artifacts,
        code="artifact-size",
        place="data/artifacts/" + min(digest_of(MEMORY), digest_of(LETTER)),
    ),
    Case(
        name="artifact: one bit",
        forge=flip_bit,
        code="artifact-digest",
        place="data/artifacts/memory",
    ),
    Case(
        name="artifact: size lie by who holds the key",
        forge=resigned(
            lambda ls: [
                *ls[:4],
                edit(ls[4], artifacts=[{"sha256": digest_of(MEMORY), "size": 1}]),
                *ls[5:],
            ]
        ),
        code="artifact-size",
        place="data/artifacts/memory",
    ),
    Case(
        name="artifact: name in upper case",
        forge=lambda b: artifact(b, MEMORY).rename(
            b / "data/artifacts" / digest_of(MEMORY).upper()
        ),
        code="artifact-name",
        place="data/artifacts/" + digest_of(MEMORY).upper(),
    ),
    Case(
        name="artifact missing, disposal on record",
        forge=both(resigned(disposed), lambda b: artifact(b, MEMORY).unlink()),
        says=("1 artifacts were disposed of, as the log records",),
        silent=("legal hold",),
        warns=1,
        **NO_TIME,
    ),
    Case(
        name="artifact listed again after its disposal",
        forge=both(
            resigned(lambda ls: [*disposed(ls), edit(ls[5], **listing(MEMORY))]),
            lambda b: artifact(b, MEMORY).unlink(),
        ),
        code="artifact-missing",
        place="data/artifacts/memory",
    ),
    Case(name="artifact logged twice", forge=resigned(lambda ls: [*ls, edit(ls[4])]), **NO_TIME),
    Case(name="artifact of 0 bytes", forge=with_content(b""), **NO_TIME),
    Case(name="artifact hard-linked elsewhere", forge=hard_link, **NO_TIME),
    Case(
        name="disposal under a legal hold",
        forge=resigned(held),
        says=("entry 11 is evidence.disposed while a legal hold was in force",),
        warns=1,
        **NO_TIME,
    ),
    Case(
        name="erasure under a legal hold",
        forge=resigned(
            lambda ls: [*ls[:5], edit(ls[5], event="hold.placed", data={"hold": "1"}), *ls[6:]]
        ),
        says=("entry 6 is personal_data.erased while a legal hold was in force",),
        warns=1,
        **NO_TIME,
    ),
    Case(
        name="disposal after the hold was released, and other entries under it",
        forge=resigned(lambda ls: [*ls, *_released(ls)]),
        silent=("legal hold",),
        **NO_TIME,
    ),
    # Personal data.
    Case(
        name="value in another normal form",
        forge=opened(2, value="o\u0301k"),
        code="opening-mismatch",
        place=f"{OPENINGS} line 3",
    ),
    Case(
        name="opening: seq as text",
        forge=opened(0, seq="3"),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening: name as number",
        forge=opened(0, name=5),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening: not an object",
        forge=on_lines(lambda _: [b"5"], OPENINGS),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening too long",
        forge=on_lines(lambda ls: [edit(ls[0], value="y" * (1 << 20))], OPENINGS),
        code="opening-malformed",
        place=f"{OPENINGS} line 1",
    ),
    Case(
        name="opening for an entry that has none, between others",
        forge=opened(1, seq=4),
        code="opening-without-commitment",
        place=f"{OPENINGS} line 2",
    ),
    Case(
        name="openings removed",
        forge=lambda b: (b / OPENINGS).unlink(),
        says=("0 of 5 personal values are disclosed",),
        **NO_TIME,
    ),
    *(
        Case(
            name=f"erasure: {name}",
            forge=changed(6, data=data),
            code="erasure-unknown",
            place=line(7),
        )
        for name, data in {
            "no seq": {"names": ["x"]},
            "seq -1": {"seq": -1, "names": ["x"]},
            "seq true": {"seq": True, "names": ["x"]},
            "no names": {"seq": 1, "names": []},
            "names of numbers": {"seq": 1, "names": [5]},
        }.items()
    ),
    Case(
        name="erasure of a name that isn't there, by who holds the key",
        forge=resigned(
            lambda ls: [*ls[:6], edit(ls[6], data={"seq": 1, "names": ["title", "x"]}), *ls[7:]]
        ),
        code="erasure-unknown",
        place=line(7),
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)
