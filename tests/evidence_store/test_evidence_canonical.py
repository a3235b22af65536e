"""The canonical form, held against the independent implementation of RFC 8785."""

import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_store import canonical, verify

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
NUMBERS = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)


def values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | NUMBERS | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    )


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(values(PLAIN_TEXT))
def test_encode_gives_the_bytes_of_rfc8785(value: Any) -> None:
    line = canonical.encode(value)
    assert line == rfc8785.dumps(value)
    assert canonical.decode(line) == value
    assert verify._decode(line, "here") == value


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(values(ANY_TEXT))
def test_encode_free_text_gives_the_bytes_of_rfc8785(value: Any) -> None:
    assert canonical.encode(value, free_text=True) == rfc8785.dumps(value)


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param({"a": [1, 1.0]}, "$.a[1]: floats", id="float"),
        pytest.param({"a": float("nan")}, "$.a: floats", id="nan"),
        pytest.param([2**53], "$[0]: integer is 2^53", id="big"),
        pytest.param([-(2**53)], "$[0]: integer is 2^53", id="big negative"),
        pytest.param({"a": "u\u0308"}, "$.a: string is not in Unicode NFC", id="nfd"),
        pytest.param({"a": "x\ny"}, "$.a: string holds the control character U+000A", id="newline"),
        pytest.param({"a": "\x7f"}, "$.a: string holds the control character U+007F", id="delete"),
        pytest.param({"a": "\ud800"}, "$.a: string holds half", id="surrogate"),
        pytest.param({"ä": 1}, "$: key '\\xe4' is not printable ASCII", id="key"),
        pytest.param({1: 1}, "$: key 1 is not printable ASCII", id="number key"),
        pytest.param({"a": b"x"}, "$.a: bytes has no place", id="bytes"),
        pytest.param(nested(33), "nested deeper than 32", id="depth"),
    ],
)
def test_encode_refuses_and_names_the_place(value: Any, words: str) -> None:
    with pytest.raises(canonical.CanonicalError) as caught:
        canonical.encode(value)
    assert words in str(caught.value)


BAD_LINES = [
    pytest.param(b'{"a":1,"a":2}', "json-duplicate-key", id="duplicate key"),
    pytest.param(b'{"a":1.0}', "json-number", id="float"),
    pytest.param(b'{"a":1e2}', "json-number", id="exponent"),
    pytest.param(b'{"a":NaN}', "json-number", id="nan"),
    pytest.param(b'{"a":-Infinity}', "json-number", id="infinity"),
    pytest.param(b'{"a":9007199254740992}', "json-number", id="2^53"),
    pytest.param(b'{"a":' + b"9" * 5000 + b"}", "json-number", id="5000 digits"),
    pytest.param(b'{"a":-0}', "json-not-canonical", id="minus zero"),
    pytest.param(b'{"a": 1}', "json-not-canonical", id="space"),
    pytest.param(b'{"b":1,"a":2}', "json-not-canonical", id="order"),
    pytest.param(b'{"\\u0061":1}', "json-not-canonical", id="escape"),
    pytest.param(b'{"a":"\\/"}', "json-not-canonical", id="escaped slash"),
    pytest.param(b'{"a":1}\r', "json-not-canonical", id="crlf"),
    pytest.param('{"ä":1}'.encode(), "json-not-canonical", id="key not ascii"),
    pytest.param(b'\xef\xbb\xbf{"a":1}', "json-syntax", id="byte order mark"),
    pytest.param(b'{"a":"\xff"}', "json-syntax", id="not utf-8"),
    pytest.param(b'{"a":"\\ud800"}', "json-syntax", id="surrogate"),
    pytest.param(b'{"a":1', "json-syntax", id="cut"),
    pytest.param(b"", "json-syntax", id="empty"),
    pytest.param(b"[" * 33 + b"]" * 33, "json-depth", id="33 levels"),
    pytest.param(b"[" * 30000 + b"]" * 30000, "json-depth", id="30000 levels"),
]


@pytest.mark.parametrize(("line", "code"), BAD_LINES)
def test_writer_and_verifier_refuse_the_same_lines(line: bytes, code: str) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.decode(line)
    with pytest.raises(verify.FailedError) as caught:
        verify._decode(line, "line 3")
    assert (caught.value.code, caught.value.place) == (code, "line 3")


def test_32_levels_are_accepted_by_both() -> None:
    line = canonical.encode(nested(32))
    assert line == json.dumps(nested(32)).encode()
    assert verify._decode(line, "here") == nested(32)
