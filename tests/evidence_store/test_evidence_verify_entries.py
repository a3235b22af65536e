"""The verifier against tampering with entries: order, links, form, time as text, JSON."""

from pathlib import Path

import pytest

from tests.evidence_store.evidence_forgery import (
    CHECKPOINTS,
    GENESIS,
    LAST,
    NOTE,
    Case,
    assert_found,
    both,
    changed,
    drop_checkpoints_after,
    line,
    on_lines,
    raw,
    renumbered_insert,
    resigned,
    swapped,
    write,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    SIGNER,
    edit,
    relink,
    sign,
)

CASES = [
    # Entries, by someone without the key.
    Case(name="edit", forge=changed(5, actor="U0EVE"), code="prev-mismatch", place=line(7)),
    Case(name="edit last", forge=changed(8, actor="U0EVE"), code="root-mismatch", place=LAST),
    Case(
        name="edit and relink",
        forge=on_lines(lambda ls: relink([edit(x, actor="U0EVE") for x in ls])),
        code="root-mismatch",
        place=CHECKPOINTS + "000000000001.txt",
    ),
    Case(
        name="edit the middle and relink",
        forge=on_lines(lambda ls: relink([*ls[:5], edit(ls[5], actor="U0EVE"), *ls[6:]])),
        code="root-mismatch",
        place=CHECKPOINTS + "000000000008.txt",
    ),
    Case(
        name="delete",
        forge=on_lines(lambda ls: ls[:4] + ls[5:]),
        code="seq-mismatch",
        place=line(5),
    ),
    Case(
        name="delete and relink",
        forge=on_lines(lambda ls: relink(ls[:4] + ls[5:])),
        code="root-mismatch",
        place=CHECKPOINTS + "000000000008.txt",
    ),
    Case(
        name="delete the last",
        forge=on_lines(lambda ls: ls[:-1]),
        code="checkpoint-beyond-log",
        place=LAST,
    ),
    Case(
        name="insert",
        forge=on_lines(lambda ls: [*ls[:4], edit(ls[4], actor="U0EVE"), *ls[4:]]),
        code="seq-mismatch",
        place=line(6),
    ),
    Case(
        name="insert and renumber",
        forge=on_lines(renumbered_insert),
        code="prev-mismatch",
        place=line(6),
    ),
    Case(
        name="insert and relink",
        forge=on_lines(lambda ls: relink([*ls[:4], ls[2], *ls[4:]])),
        code="root-mismatch",
        place=CHECKPOINTS + "000000000008.txt",
    ),
    Case(name="swap", forge=on_lines(swapped), code="seq-mismatch", place=line(5)),
    Case(
        name="swap and relink",
        forge=on_lines(lambda ls: relink(swapped(ls))),
        code="root-mismatch",
        place=CHECKPOINTS + "000000000008.txt",
    ),
    Case(
        name="duplicate seq",
        forge=on_lines(lambda ls: [*ls[:5], ls[4], *ls[5:]]),
        code="seq-mismatch",
        place=line(6),
    ),
    Case(
        name="unsigned tail",
        forge=on_lines(lambda ls: relink([*ls, ls[-1]])),
        code="unsigned-tail",
        place=ENTRIES,
    ),
    Case(
        name="unsigned tail, newest checkpoint dropped",
        forge=drop_checkpoints_after(8),
        code="unsigned-tail",
        place=ENTRIES,
    ),
    Case(
        name="cut in the middle of a line",
        forge=lambda b: (b / ENTRIES).write_bytes((b / ENTRIES).read_bytes()[:-3]),
        code="entry-truncated",
        place=line(9),
    ),
    Case(name="empty", forge=write(ENTRIES, b""), code="log-empty", place=ENTRIES),
    Case(
        name="entries removed",
        forge=lambda b: (b / ENTRIES).unlink(),
        code="bag-file-missing",
        place=ENTRIES,
    ),
    Case(
        name="entry of another log",
        forge=changed(4, log="halden-mutual/incident/INC-8"),
        code="entry-log",
        place=line(5),
    ),
    # Form, even when the holder of the key signs it.
    Case(name="field missing", forge=raw(0, lambda _: NOTE), code="entry-keys", place=line(1)),
    Case(name="field unknown", forge=changed(3, extra=1), code="entry-keys", place=line(4)),
    Case(name="not an object", forge=raw(3, lambda _: b"5"), code="entry-keys", place=line(4)),
    Case(name="version 2", forge=changed(3, v=2), code="entry-value", place=line(4)),
    Case(name="version true", forge=changed(3, v=True), code="entry-value", place=line(4)),
    Case(name="seq as string", forge=changed(3, seq="3"), code="entry-value", place=line(4)),
    Case(name="seq false", forge=changed(0, seq=False), code="entry-value", place=line(1)),
    Case(
        name="prev upper case", forge=changed(0, prev="A" * 64), code="entry-value", place=line(1)
    ),
    Case(name="empty data", forge=changed(3, data={}), code="entry-value", place=line(4)),
    Case(name="empty actor", forge=changed(3, actor=""), code="entry-value", place=line(4)),
    Case(name="pd name", forge=changed(3, pd={"A b": "0" * 64}), code="entry-value", place=line(4)),
    Case(name="pd value", forge=changed(3, pd={"a": "0" * 63}), code="entry-value", place=line(4)),
    Case(
        name="artifact upper case",
        forge=changed(4, artifacts=[{"sha256": "A" * 64, "size": 1}]),
        code="entry-value",
        place=line(5),
    ),
    Case(
        name="artifact with a name",
        forge=changed(4, artifacts=[{"sha256": "a" * 64, "size": 1, "name": "x"}]),
        code="entry-value",
        place=line(5),
    ),
    Case(
        name="unknown event",
        forge=resigned(lambda ls: [*ls[:5], edit(ls[5], event="fact.invented"), *ls[6:]]),
        code="entry-event-unknown",
        place=line(6),
    ),
    Case(
        name="second genesis",
        forge=resigned(lambda ls: [*ls[:5], ls[0], *ls[5:]]),
        code="genesis-repeated",
        place=line(6),
    ),
    Case(
        name="genesis removed",
        forge=resigned(lambda ls: ls[1:]),
        code="genesis-missing",
        place=line(1),
    ),
    Case(
        name="genesis without key",
        forge=changed(0, data=GENESIS),
        code="genesis-invalid",
        place=line(1),
    ),
    Case(
        name="genesis without lag",
        forge=changed(0, data=GENESIS | {"vkey": SIGNER.vkey, "max_lag_seconds": 0}),
        code="genesis-invalid",
        place=line(1),
    ),
    Case(
        name="genesis without authorities",
        forge=changed(0, data=GENESIS | {"vkey": SIGNER.vkey, "tsa": 1}),
        code="genesis-invalid",
        place=line(1),
    ),
    Case(
        name="genesis without hash",
        forge=changed(0, data={"x": 1}),
        code="genesis-invalid",
        place=line(1),
    ),
    Case(
        name="link broken but signed",
        forge=both(
            on_lines(lambda ls: [*ls[:-1], edit(ls[-1], prev="1" * 64)]),
            sign,
        ),
        code="prev-mismatch",
        place=line(9),
    ),
    # Time, as text.
    *(
        Case(name=f"time {ts}", forge=changed(5, ts=ts), code="entry-time", place=line(6))
        for ts in (
            "2026-11-21T10:00:00.000000+00:00",
            "2026-11-21T10:00:00Z",
            "2026-02-30T10:00:00.000000Z",
            "2026-11-21T10:00:60.000000Z",
            "10000-01-01T10:00:00.000000Z",
            "0000-01-01T10:00:00.000000Z",
            "2026-11-21 10:00:00.000000Z",
        )
    ),
    # JSON.
    Case(
        name="white space",
        forge=raw(4, lambda x: x.replace(b'":', b'": ', 1)),
        code="json-not-canonical",
        place=line(5),
    ),
    Case(name="crlf", forge=raw(4, lambda x: x + b"\r"), code="json-not-canonical", place=line(5)),
    Case(
        name="duplicate key",
        forge=raw(4, lambda x: x[:-1] + b',"v":1}'),
        code="json-duplicate-key",
        place=line(5),
    ),
    Case(
        name="float",
        forge=raw(5, lambda x: x.replace(b":1200", b":1200.0")),
        code="json-number",
        place=line(6),
    ),
    # In entries that the verifier passes at one look if nothing is odd about them.
    Case(
        name="log of one part, else plain",
        forge=changed(5, log="halden"),
        code="entry-value",
        place=line(6),
    ),
    Case(
        name="duplicate key in plain data",
        forge=raw(5, lambda x: x.replace(b'"value":1200', b'"value":1200,"value":1200')),
        code="json-duplicate-key",
        place=line(6),
    ),
    Case(
        name="keys of plain data out of order",
        forge=raw(
            5,
            lambda x: x.replace(
                b'"fact":"affected","value":1200', b'"value":1200,"fact":"affected"'
            ),
        ),
        code="json-not-canonical",
        place=line(6),
    ),
    Case(
        name="big integer in plain data",
        forge=raw(5, lambda x: x.replace(b":1200", b":9007199254740992")),
        code="json-number",
        place=line(6),
    ),
    Case(
        name="byte order mark",
        forge=raw(0, lambda x: b"\xef\xbb\xbf" + x),
        code="json-syntax",
        place=line(1),
    ),
    Case(
        name="blank line",
        forge=on_lines(lambda ls: [*ls[:3], b"", *ls[3:]]),
        code="json-syntax",
        place=line(4),
    ),
    Case(
        name="entry too long",
        forge=changed(4, data={"x": "y" * 65_535}),
        code="entry-too-long",
        place=line(5),
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)
