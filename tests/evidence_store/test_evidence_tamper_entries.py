"""More tampering with lines of the log: every way to write JSON twice, and honest oddities."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from evidence_store import merkle, tables, verify
from evidence_store.artifacts import FolderArtifacts
from evidence_store.bundle import export_bundle
from evidence_store.log import Draft
from tests.evidence_store.evidence_forgery import (
    GENESIS,
    LAST,
    Case,
    Lines,
    assert_found,
    changed,
    cut_to,
    line,
    on_lines,
    raw,
    resigned,
)
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    ORIGIN,
    SIGNER,
    T0,
    append,
    at,
    edit,
    open_story_log,
    read_lines,
    rebag,
    sign,
    write_lines,
)

NO_TIME: dict[str, Any] = {"verdict": "PARTIAL", "unchecked": ("no-trusted-time",)}
DEEP = 30_000


def list_erased(ls: Lines) -> Lines:
    hold = edit(ls[5], event="hold.placed", data={"hold": "HOLD-1"})
    return [*ls, hold, edit(ls[5], event="print_run.list_erased", data={"run": 1})]


def value(text: bytes) -> Callable[[bytes], bytes]:
    """Put other bytes in the place of the value 1200 of entry 5."""

    def change(good: bytes) -> bytes:
        assert b":1200" in good
        return good.replace(b":1200", b":" + text)

    return change


def json_case(name: str, text: bytes, code: str) -> Case:
    return Case(name=f"json: {name}", forge=raw(5, value(text)), code=code, place=line(6))


def other_order(good: bytes) -> bytes:
    item = json.loads(good)
    return json.dumps(dict(reversed(item.items())), separators=(",", ":")).encode()


def times_swapped(ls: Lines) -> Lines:
    one, two = json.loads(ls[4])["ts"], json.loads(ls[7])["ts"]
    return [*ls[:4], edit(ls[4], ts=two), *ls[5:7], edit(ls[7], ts=one), ls[8]]


def noted(text: object) -> Callable[[Path], None]:
    """Write a text into an entry, signed with the key."""
    return resigned(lambda ls: [*ls, edit(ls[5], data={"item": text})])


def nested(depth: int) -> object:
    inner: object = 0
    for _ in range(depth):
        inner = [inner]
    return inner


def form(name: str, code: str = "entry-value", number: int = 3, **keys: object) -> Case:
    return Case(
        name=f"form: {name}", forge=changed(number, **keys), code=code, place=line(number + 1)
    )


def later_steps_back(ls: Lines) -> Lines:
    early = [edit(ls[5], ts=f"2026-11-21T10:06:{59 - n:02d}.000000Z") for n in range(12)]
    return [*ls, edit(ls[5], ts="2026-11-21T10:07:00.000000Z"), *early]


def gap_signed(bundle: Path) -> None:
    """Leave number 5 out, link the rest, and sign it: a gap by who holds the key."""
    linked: list[bytes] = []
    for seq, item in enumerate(read_lines(bundle)):
        prev = merkle.leaf_hash(linked[-1]).hex() if linked else "0" * 64
        linked.append(edit(item, seq=seq + (seq >= 5), prev=prev))
    write_lines(bundle, linked)
    sign(bundle)


KEYED = GENESIS | {"vkey": SIGNER.vkey}

CASES = [
    json_case("float", b"1200.0", "json-number"),
    json_case("exponent", b"12e2", "json-number"),
    json_case("beyond every float", b"1e400", "json-number"),
    json_case("NaN", b"NaN", "json-number"),
    json_case("Infinity", b"-Infinity", "json-number"),
    json_case("2^53", b"9007199254740992", "json-number"),
    json_case("2^53 + 1", b"9007199254740993", "json-number"),
    json_case("5,000 digits", b"9" * 5000, "json-number"),
    json_case("minus zero", b"-0", "json-not-canonical"),
    json_case("leading zero", b"01200", "json-syntax"),
    json_case("escaped underscore", b'"a\\u005fb"', "json-not-canonical"),
    json_case("escaped slash", b'"a\\/b"', "json-not-canonical"),
    json_case("upper-case escape", b'"\\u001F"', "json-not-canonical"),
    json_case("lone surrogate", b'"\\ud800"', "json-syntax"),
    json_case("invalid UTF-8", b'"\xff"', "json-syntax"),
    json_case("surrogate in UTF-8", b'"\xed\xa0\x80"', "json-syntax"),
    json_case("overlong UTF-8", b'"\xc0\xaf"', "json-syntax"),
    json_case("raw control character", b'"\x01"', "json-syntax"),
    json_case("single quotes", b"'x'", "json-syntax"),
    json_case("trailing comma", b"[1,]", "json-syntax"),
    json_case("comment", b"1/**/", "json-syntax"),
    json_case("key not in ASCII", '{"ä":1}'.encode(), "json-not-canonical"),
    json_case("key with a control character", b'{"\\n":1}', "json-not-canonical"),
    json_case("a key twice, deep inside", b'{"a":1,"a":1}', "json-duplicate-key"),
    json_case("nested 32 deep", b"[" * 31 + b"]" * 31, "json-depth"),
    json_case("nested 30,000 deep", b"[" * DEEP + b"]" * DEEP, "json-depth"),
    json_case("objects nested too deep", b'{"a":' * 31 + b"0" + b"}" * 31, "json-depth"),
    Case(name="json: nested as deep as allowed", forge=noted(nested(30)), **NO_TIME),
    Case(name="json: many lists, none deep", forge=noted([[0]] * 40), **NO_TIME),
    Case(
        name="list of recipients erased under a legal hold",
        forge=resigned(list_erased),
        says=("is print_run.list_erased while a legal hold was in force",),
        warns=1,
        **NO_TIME,
    ),
    Case(
        name="json: key order", forge=raw(4, other_order), code="json-not-canonical", place=line(5)
    ),
    Case(
        name="json: two values in a line",
        forge=raw(4, lambda x: x + b"{}"),
        code="json-syntax",
        place=line(5),
    ),
    Case(name="json: largest integer", forge=noted(2**53 - 1), **NO_TIME),
    Case(name="json: smallest integer", forge=noted(1 - 2**53), **NO_TIME),
    Case(
        name="line of 70 kB",
        forge=raw(5, value(b'"' + b"y" * 70_000 + b'"')),
        code="entry-too-long",
        place=line(6),
    ),
    Case(
        name="line of 65,535 bytes",
        forge=resigned(lambda ls: [*ls, _filled(ls[5], 65_535)]),
        **NO_TIME,
    ),
    Case(
        name="line of 65,536 bytes",
        forge=resigned(lambda ls: [*ls, _filled(ls[5], 65_536)]),
        code="entry-too-long",
        place=line(10),
    ),
    # The bytes are the truth: what looks alike stays apart, and nothing is normalised.
    Case(name="text in another normal form", forge=noted("o\u0301k"), **NO_TIME),
    Case(name="item id with a Cyrillic letter", forge=noted("\u0410-1"), **NO_TIME),
    Case(
        name="text swapped for one that looks the same",
        forge=raw(5, value('"\u0410-1"'.encode())),
        code="prev-mismatch",
        place=line(7),
    ),
    Case(name="gap in the numbers, signed", forge=gap_signed, code="seq-mismatch", place=line(6)),
    # Form.
    form("seq 1.0 as text", seq="3"),
    form("seq negative", seq=-1),
    form("version as text", v="1"),
    form("log of one part", log="halden"),
    form("log empty", log=""),
    form("log too long", log="a/" + "b" * 200),
    form("log as number", log=5),
    form("event as number", event=5),
    form("actor as number", actor=5),
    form("actor too long", actor="U" * 201),
    form("prev as number", prev=5),
    form("prev too short", prev="0" * 63),
    form("data as list", data=[1]),
    form("pd as list", pd=["a"]),
    form("pd empty", pd={}),
    form("pd as number", pd={"a": 5}),
    form("artifacts empty", artifacts=[]),
    form("artifacts as object", artifacts={"a": 1}),
    form("artifact as text", artifacts=["x"]),
    form("artifact as list", artifacts=[["sha256", "size"]]),
    form("artifact digest as number", artifacts=[{"sha256": 5, "size": 1}]),
    form("artifact size as text", artifacts=[{"sha256": "a" * 64, "size": "1"}]),
    form("artifact size true", artifacts=[{"sha256": "a" * 64, "size": True}]),
    form("artifact size negative", artifacts=[{"sha256": "a" * 64, "size": -1}]),
    form("time as number", "entry-time", ts=5),
    form("time with a line end", "entry-time", ts="2026-11-21T10:00:00.000000Z\n"),
    form("first entry without data", "genesis-invalid", 0, data={"x": 1}),
    form("first entry: lag as text", "genesis-invalid", 0, data=KEYED | {"max_lag_seconds": "9"}),
    form("first entry: lag true", "genesis-invalid", 0, data=KEYED | {"max_lag_seconds": True}),
    form(
        "first entry: lag too long",
        "genesis-invalid",
        0,
        data=KEYED | {"max_lag_seconds": 10**9 + 1},
    ),
    form(
        "first entry: no profile",
        "genesis-invalid",
        0,
        data={k: v for k, v in KEYED.items() if k != "profile"},
    ),
    form(
        "first entry: no vocabulary",
        "genesis-invalid",
        0,
        data={k: v for k, v in KEYED.items() if k != "vocabulary"},
    ),
    *(
        Case(
            name=f"first entry: {key} {value!r}",
            forge=changed(0, data=KEYED | {key: value}),
            verdict="UNREADABLE",
            code="format-unsupported",
            place=line(1),
        )
        for key, value in (
            ("vocabulary", 4),
            ("vocabulary", True),
            ("profile", 2),
            ("hash", "sha-1"),
            ("hash", ["sha-256"]),
        )
    ),
    # Time of the system's own clock.
    Case(
        name="times of two entries swapped, without the key",
        forge=on_lines(times_swapped),
        code="prev-mismatch",
        place=line(6),
    ),
    Case(
        name="times of two entries swapped, with the key",
        forge=resigned(times_swapped),
        says=("the clock stepped back at entry 5",),
        warns=2,
        **NO_TIME,
    ),
    Case(
        name="clock steps back more often than is listed",
        forge=resigned(later_steps_back, settle=False),
        says=("the clock stepped back 12 times in all",),
        warns=11,
        **NO_TIME,
    ),
    # What is known from outside.
    Case(
        name="as long as it is known to be",
        silent=("nothing was recorded after",),
        options={"min_size": 9},
        **NO_TIME,
    ),
    Case(
        name="one longer than it is known to be",
        options={"min_size": 10},
        code="log-cut",
        place=ENTRIES,
    ),
    Case(
        name="the log that was asked for",
        options={"origin": "halden-mutual/incident/INC-7"},
        **NO_TIME,
    ),
    Case(
        name="tail cut with its newest checkpoints kept",
        forge=on_lines(lambda ls: ls[:4]),
        code="checkpoint-beyond-log",
        place=LAST.replace("9", "8"),
    ),
    Case(
        name="tail and checkpoints cut, size known",
        forge=cut_to(4),
        code="log-cut",
        place=ENTRIES,
        options={"min_size": 9},
    ),
]


def _filled(item: bytes, size: int) -> bytes:
    """Return the entry as 10th line of the log, filled up to so many bytes."""
    empty = len(edit(item, seq=9, data={"x": ""}))
    return edit(item, data={"x": "y" * (size - empty)})


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(exported: Path, tmp_path: Path, case: Case) -> None:
    assert_found(exported, tmp_path, case)


# --- Law: whatever is recorded honestly verifies, and no two entries can change places ----------

TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=20)
DRAFTS = st.lists(
    st.builds(
        Draft,
        event=st.sampled_from(["note.recorded", "fact.recorded", "incident.contained"]),
        actor=st.sampled_from(["U0ANA", "U0LENA"]),
        data=st.dictionaries(
            st.sampled_from("abc"), st.integers(1 - 2**53, 2**53 - 1), min_size=1, max_size=3
        ),
        pd=st.dictionaries(st.sampled_from("xyz"), TEXT, max_size=2),
    ),
    min_size=2,
    max_size=9,
)


@pytest.mark.slow
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drafts=DRAFTS, together=st.booleans(), data=st.data())
def test_any_honest_log_verifies_and_none_survives_a_swap(
    tmp_path_factory: pytest.TempPathFactory,
    drafts: list[Draft],
    together: bool,  # noqa: FBT001 - drawn
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.create_all(connection)
        open_story_log(connection)
        for number, batch in enumerate([drafts] if together else [[item] for item in drafts], 1):
            append(connection, *batch, now=at(number))
        export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=FolderArtifacts(folder / "artifacts", max_bytes=1_000),
            out=folder / "bundle",
            now=T0,
            vkey=SIGNER.vkey,
        )
    engine.dispose()
    report = verify.verify(folder / "bundle", vkeys=[SIGNER.vkey])
    assert (report.verdict, report.entries) == ("PARTIAL", 1 + len(drafts)), report.headline()
    assert [code for code, _ in report.unchecked] == ["no-trusted-time"]
    lines = read_lines(folder / "bundle")
    one = data.draw(st.integers(0, len(lines) - 2))
    lines[one], lines[one + 1] = lines[one + 1], lines[one]
    write_lines(folder / "bundle", lines)
    rebag(folder / "bundle")
    found = verify.verify(folder / "bundle", vkeys=[SIGNER.vkey])
    assert (found.verdict, found.code) == ("FAILED", "seq-mismatch")
