"""The quick look at an entry's line: it lets nothing pass that the closer look would stop."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_store import canonical, entry, verify
from tests.evidence_store.evidence_kit import ORIGIN, T0

HEX = "0123456789abcdef" * 4
KEYS = st.sampled_from(["a", "b", "A", "é", "", '"', "\x7f", "\\", "a b", "x}", "event"])
TEXTS = st.text(alphabet='aZ019 ,:.{}[]"\\/\x00\n\x7fé\N{EM DASH}', max_size=6)
NUMBERS = st.integers(-(2**60), 2**60) | st.sampled_from([0, 2**53 - 1, 2**53, -(2**53), 10**20])
VALUES = st.none() | st.booleans() | NUMBERS | st.floats() | TEXTS
NESTED = VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(KEYS, VALUES, max_size=2)
PIECES = st.sampled_from(
    rb'| |}|{|"|,|0|-|1e3|1.0|NaN|A|"a":1,|"data":{"a":1},|,"v":1|{"a":1,"a":1}|\u0061'.split(b"|")
) | st.binary(max_size=3)


def line_of(**changes: object) -> bytes:
    """Return the line of a good entry with some keys changed, sorted and compact."""
    body: dict[str, object] = {
        "v": 1,
        "log": ORIGIN,
        "seq": 7,
        "prev": HEX,
        "ts": "2026-11-21T10:00:00.000000Z",
        "event": "note.recorded",
        "actor": "U0ANA",
        "data": {"a": 1, "text": "so"},
        "pd": {"text": HEX},
    }
    text = json.dumps(body | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def agrees(line: bytes) -> bool:
    """Say whether the quick look let the line pass; if so, the closer look must, too."""
    quick = verify._plain_entry(line)
    if quick is None:
        return False
    closer = verify._decode(line, "here")
    verify._check_form(closer, "here")
    assert quick == closer
    assert [type(value) for value in quick.values()] == [type(closer[key]) for key in quick]
    return True


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYS, NESTED, max_size=3), st.booleans())
def test_odd_data_is_looked_at_closely(data: dict[str, object], as_pd: bool) -> None:  # noqa: FBT001 - drawn
    agrees(line_of(pd=data) if as_pd else line_of(data=data))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["v", "log", "seq", "prev", "ts", "event", "actor", "more"]), NESTED)
def test_odd_values_are_looked_at_closely(key: str, value: object) -> None:
    agrees(line_of(**{key: value}))


@settings(max_examples=800, deadline=None)
@given(st.integers(0, 400), st.integers(0, 12), PIECES)
def test_a_change_anywhere_is_looked_at_closely(at: int, cut: int, piece: bytes) -> None:
    line = line_of()
    agrees(line[:at] + piece + line[at + cut :])


@pytest.mark.parametrize(
    "line",
    [
        line_of(),
        line_of(data={"n": -1, "yes": True, "none": None}),
        line_of(seq=0, pd={"a": HEX, "b_2": HEX}),
        line_of(event="incident.opened", ts="2026-99-99T10:00:00.000000Z"),
    ],
)
def test_ordinary_entries_need_no_closer_look(line: bytes) -> None:
    assert agrees(line)


def test_what_we_write_needs_no_closer_look() -> None:
    draft = entry.Draft(event="role.assigned", actor="U0ANA", data={"role": "legal"}, pd={"a": 1})
    behind = entry.openings_of(draft, seq=3, salts=[bytes(32)])
    made = entry.build(draft, origin=ORIGIN, seq=3, prev=HEX, now=T0, openings=behind)
    assert verify._plain_entry(made.line) == canonical.decode(made.line)


@pytest.mark.parametrize(
    "line",
    [
        line_of(event="note.invented"),
        line_of(log="one-part"),
        line_of(data={"a": 2**53}),
        line_of(data={"a": 1.5}),
        line_of(data={"a": [1]}),
        line_of().replace(b'"a":1', b'"a":1,"a":1'),
        line_of().replace(b'"a":1,', b'"z":1,'),
        line_of().replace(b'{"text"', b'{"text":"' + HEX.encode() + b'","text"'),
    ],
)
def test_doubtful_entries_are_looked_at_closely(line: bytes) -> None:
    assert verify._plain_entry(line) is None
