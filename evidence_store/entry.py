"""What an evidence entry is: its values, and the one line of bytes that stands for it.

Decides keys, formats and limits of an entry (docs/evidence-format.md) and how personal data hides
behind a commitment. Pure: no database, no clock, no key. Ordering and storage are in log.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evidence_store import canonical, merkle
from evidence_store.artifacts import ArtifactRef
from evidence_store.events import check_event

FORMAT_VERSION = 1
MAX_ENTRY_BYTES = 65_535
MAX_VALUE_BYTES = 262_144
SALT_BYTES = 32
GENESIS_PREV = "0" * 64
_COMMITMENT_PREFIX = b"pd1\x00"
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MAX_TEXT = 200


class EntryError(ValueError):
    """An entry can't be written as asked; the message names the entry and the place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What a caller wants recorded; the log adds number, time and links.

    `data` holds no personal data and no free text: those go into `pd` (name → value), of which
    the entry shows a commitment only. Names in `pd` are lower-case words (a-z, 0-9, underscore).
    """

    event: str
    actor: str
    data: Mapping[str, Any] | None = None
    pd: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Sequence[ArtifactRef] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One recorded entry. `line` is the truth; every other field is read from it."""

    origin: str
    seq: int
    ts: datetime
    event: str
    actor: str
    data: Mapping[str, Any]
    pd: Mapping[str, str]
    artifacts: tuple[ArtifactRef, ...]
    prev: str
    leaf: str
    line: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Salt and canonical value behind one commitment; erasing it erases the personal data."""

    seq: int
    name: str
    salt: bytes
    value: bytes

    def decoded(self) -> Any:
        """Return the value."""
        return canonical.decode(self.value)


def check_origin(origin: str) -> None:
    """Raise EntryError unless `origin` may name a log, as in `halden/incident/INC-7`."""
    if len(origin) > _MAX_TEXT or not _ORIGIN.fullmatch(origin):
        raise EntryError(
            f"log origin {origin!a} must look like organisation/incident/id, with letters, digits, "
            f"dot, dash and underscore, at most {_MAX_TEXT} characters"
        )


def format_ts(now: datetime) -> str:
    """Return an aware time as `YYYY-MM-DDTHH:MM:SS.ffffffZ` in UTC.

    Raises:
        EntryError: for a naive time.
    """
    if now.tzinfo is None:
        raise EntryError("the time of an entry must be aware (UTC), not naive")
    return now.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def commitment(value: bytes, *, salt: bytes) -> str:
    """Return hex SHA-256("pd1" 0x00 ‖ salt ‖ canonical value)."""
    return hashlib.sha256(_COMMITMENT_PREFIX + salt + value).hexdigest()


def openings_of(draft: Draft, *, seq: int, salts: Sequence[bytes]) -> list[Opening]:
    """Return one opening per personal value, in name order; `salts` gives 32 bytes for each."""
    for name in draft.pd:
        if not _NAME.fullmatch(name):
            raise EntryError(
                f"{draft.event}: personal data name {name!a} must be a lower-case word"
            )
    return [
        Opening(seq=seq, name=name, salt=salt, value=_value(draft, name))
        for name, salt in zip(sorted(draft.pd), salts, strict=True)
    ]


def build(
    draft: Draft, *, origin: str, seq: int, prev: str, now: datetime, openings: Sequence[Opening]
) -> Entry:
    """Return the entry for a draft.

    Raises:
        EntryError: when a field is malformed or the line exceeds 65,535 bytes.
        UnknownEventError: when the event isn't in the vocabulary.
    """
    check_event(draft.event)
    check_origin(origin)
    if not 0 < len(draft.actor) <= _MAX_TEXT:
        raise EntryError(f"{draft.event}: actor must be an id of 1 to {_MAX_TEXT} characters")
    body: dict[str, Any] = {
        "v": FORMAT_VERSION,
        "log": origin,
        "seq": seq,
        "prev": prev,
        "ts": format_ts(now),
        "event": draft.event,
        "actor": draft.actor,
    }
    if draft.data:
        body["data"] = dict(draft.data)
    if openings:
        body["pd"] = {item.name: commitment(item.value, salt=item.salt) for item in openings}
    if draft.artifacts:
        body["artifacts"] = [{"sha256": ref.sha256, "size": ref.size} for ref in draft.artifacts]
    line = _line(draft, body)
    # Through JSON and back without the checks of `read`: the bytes are our own, just made.
    return _entry(json.loads(line), line)


def read(line: bytes) -> Entry:
    """Return the entry that `line` stands for.

    Raises:
        CanonicalError: when the bytes aren't canonical.
    """
    return _entry(canonical.decode(line), line)


def _entry(body: dict[str, Any], line: bytes) -> Entry:
    return Entry(
        origin=body["log"],
        seq=body["seq"],
        ts=datetime.fromisoformat(body["ts"]),
        event=body["event"],
        actor=body["actor"],
        data=body.get("data", {}),
        pd=body.get("pd", {}),
        artifacts=tuple(ArtifactRef(**item) for item in body.get("artifacts", ())),
        prev=body["prev"],
        leaf=merkle.leaf_hash(line).hex(),
        line=line,
    )


def _line(draft: Draft, body: dict[str, Any]) -> bytes:
    try:
        line = canonical.encode(body)
    except canonical.CanonicalError as error:
        raise EntryError(f"{draft.event}: {error}") from error
    if len(line) > MAX_ENTRY_BYTES:
        raise EntryError(
            f"{draft.event}: the entry has {len(line)} bytes, at most {MAX_ENTRY_BYTES}; "
            "store long content as an artifact and name it here"
        )
    return line


def _value(draft: Draft, name: str) -> bytes:
    try:
        # Inside a list, because a line of openings.jsonl holds it one level down.
        value = canonical.encode([draft.pd[name]], free_text=True)[1:-1]
    except canonical.CanonicalError as error:
        raise EntryError(f"{draft.event}: personal data {name}: {error}") from error
    if len(value) > MAX_VALUE_BYTES:
        raise EntryError(
            f"{draft.event}: personal data {name} has {len(value)} bytes, at most "
            f"{MAX_VALUE_BYTES}; store it as an artifact"
        )
    return value
