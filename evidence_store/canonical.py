"""Canonical JSON: the one byte form in which an evidence entry is hashed, stored and exported.

Decides what a value may hold (RFC 8785 with a restricted profile: no floats, ASCII keys, integers
below 2^53, at most 32 levels) and turns it into bytes and back. Doesn't know what an entry is.
Inside this profile the standard library's sorted, compact JSON gives exactly RFC 8785's bytes;
the tests hold it against an independent implementation.
"""

import json
import unicodedata
from typing import Any

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32


class CanonicalError(ValueError):
    """A value or a line is outside the canonical profile; the message names the place."""


def encode(value: Any, *, free_text: bool = False) -> bytes:
    """Return the RFC 8785 bytes of `value`.

    With `free_text` strings may hold control characters and text that isn't NFC: a preserved
    message must keep its line breaks. That is for values behind a commitment, which never stand
    in an entry line; entry lines are written without it.

    Raises:
        CanonicalError: for a float, an integer of 2^53 or more, a key that isn't ASCII, a string
            that isn't NFC or holds a control character, deep nesting, or another type.
    """
    if not _is_plain(value, depth=0):
        _check(value, "$", depth=0, free_text=free_text)
    return _dump(value)


def decode(line: bytes) -> Any:
    """Return the value of one canonical line (without its newline).

    Raises:
        CanonicalError: for anything that isn't the canonical bytes of a value: duplicate keys,
            floats, NaN, big integers, other white space, key order or escapes, a byte order mark.
    """
    try:
        value = json.loads(
            line.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_small_integer,
        )
        if not _is_plain(value, depth=0):
            _check(value, "$", depth=0, free_text=True)
    except CanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"line is not JSON in UTF-8: {error}") from error
    if _dump(value) != line:
        raise CanonicalError("line is JSON, but not in its canonical form (RFC 8785)")
    return value


# Made once: `json.dumps` with options builds an encoder at each call.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def _dump(value: Any) -> bytes:
    return _ENCODER.encode(value).encode("utf-8")


def _is_plain(value: Any, *, depth: int) -> bool:
    """Say quickly whether a value is beyond doubt, as nearly all are; else `_check` decides."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii() and value.isprintable())
    if kind is int:
        return bool(-MAX_INTEGER <= value <= MAX_INTEGER)
    if kind is dict and depth < MAX_DEPTH:
        for key, item in value.items():
            if not (type(key) is str and key.isascii() and key.isprintable()):
                return False
            if not _is_plain(item, depth=depth + 1):
                return False
        return True
    if kind in (list, tuple) and depth < MAX_DEPTH:
        return all(_is_plain(item, depth=depth + 1) for item in value)
    return value is None or kind is bool


def _check(value: Any, place: str, *, depth: int, free_text: bool) -> None:
    if isinstance(value, str):
        _check_string(value, place, free_text=free_text)
    elif isinstance(value, dict):
        for key in value:
            _check_key(key, place)
        _check_items({f".{key}": item for key, item in value.items()}, place, depth, free_text)
    elif isinstance(value, list | tuple):
        _check_items({f"[{i}]": item for i, item in enumerate(value)}, place, depth, free_text)
    elif isinstance(value, float):
        raise CanonicalError(f"{place}: floats are refused; use an integer of a smaller unit")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise CanonicalError(f"{place}: integer is 2^53 or more; write it as a string")
    elif value is not None:
        raise CanonicalError(f"{place}: {type(value).__name__} has no place in JSON")


def _check_items(items: dict[str, Any], place: str, depth: int, free_text: bool) -> None:  # noqa: FBT001 - private
    if depth == MAX_DEPTH:
        raise CanonicalError(f"{place}: nested deeper than {MAX_DEPTH} levels")
    for step, item in items.items():
        _check(item, place + step, depth=depth + 1, free_text=free_text)


def _check_key(key: Any, place: str) -> None:
    if not isinstance(key, str) or not key.isascii() or not key.isprintable():
        raise CanonicalError(f"{place}: key {key!a} is not printable ASCII")


def _check_string(value: str, place: str, *, free_text: bool) -> None:
    # Almost every string is plain ASCII; nothing below can be wrong with it.
    if value.isascii() and (free_text or value.isprintable()):
        return
    # Lone surrogates have no UTF-8 form, so not even free text may hold one.
    if any(unicodedata.category(char) == "Cs" for char in value):
        raise CanonicalError(f"{place}: string holds half of a surrogate pair")
    if free_text:
        return
    if not unicodedata.is_normalized("NFC", value):
        raise CanonicalError(f"{place}: string is not in Unicode NFC; normalise it first")
    for char in value:
        if unicodedata.category(char) == "Cc":
            raise CanonicalError(f"{place}: string holds the control character U+{ord(char):04X}")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise CanonicalError("line has a key twice in one object")
    return value


def _refuse_number(text: str) -> None:
    raise CanonicalError(f"line holds the number {text[:40]}, which is not an integer")


def _small_integer(text: str) -> int:
    # The length first: turning 5,000 digits into an int is itself an attack.
    if len(text) > len(str(-MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise CanonicalError(f"line holds an integer of 2^53 or more: {text[:40]}")
    return int(text)
