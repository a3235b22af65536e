"""Custody of evidence: what is written down of an item, what vanishes first, who had it when.

Pure. Decides which fields there are, how they are checked, which source should have come first
(RFC 3227 §2.1), and how the steps of the log become spans in which one person held the item. Who
may do what is in `roles`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from bot.domain.incident import IncidentError

MAX_TEXT = 2_000
MAX_TITLE = 200
MAX_QUANTITY = 100_000


class CustodyError(IncidentError):
    """A statement about an item that can't be taken; `field` names where it was typed."""

    def __init__(self, message: str, *, field: str = "title") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A kind of source. `rank` 1 vanishes soonest; `example` helps to choose."""

    rank: int
    title: str
    example: str


VOLATILITY = (
    Source(rank=1, title="Registers and cache", example="CPU state of a running machine"),
    Source(rank=2, title="Memory and live state", example="RAM, processes, network connections"),
    Source(rank=3, title="Temporary files", example="swap, page file, temporary folders"),
    Source(rank=4, title="Disk", example="disk image, files, mailbox"),
    Source(rank=5, title="Remote logs", example="SIEM, cloud audit log, chat export"),
    Source(rank=6, title="Configuration and topology", example="network plan, firewall rules"),
    Source(rank=7, title="Archives", example="backups, tapes, paper"),
)
"""RFC 3227 §2.1, most volatile first: collect from the top down."""

SOURCES = MappingProxyType({one.rank: one for one in VOLATILITY})

FIELDS = MappingProxyType(
    {
        "description": "Description",
        "make": "Make",
        "model": "Model",
        "serial": "Serial number",
        "condition": "Condition",
        "seal": "Seal number",
        "location": "Where it was collected",
        "host": "Source machine",
        "path": "Source path",
        "method": "Method",
        "tool": "Tool and version",
        "command": "Command",
        "write_blocker": "Write blocker",
        "purpose": "Purpose",
        "legal_basis": "Legal basis",
        "storage": "Storage location",
    }
)
"""What is asked beside name, source, time and quantity. Free text: all of it behind commitments."""

CLOCK_SOURCES = MappingProxyType(
    {
        "unchecked": "not compared with any clock",
        "ntp": "synchronised with a time server",
        "checked": "compared by hand with a known clock",
    }
)


def check_fields(given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that were filled in, trimmed.

    Raises `CustodyError` for a field that there isn't, and for a text over 2,000 characters.
    """
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name not in FIELDS:
            raise CustodyError(f"There is no field “{name}”. There is: {', '.join(FIELDS)}.")
        text = value.replace("\r\n", "\n").strip()
        if len(text) > MAX_TEXT:
            raise CustodyError(
                f"{FIELDS[name]} has {len(text):,} characters; {MAX_TEXT:,} fit. "
                f"Keep the rest as a file and preserve that.",
                field=name,
            )
        if text:
            kept[name] = text
    return kept


def check_name(title: str) -> str:
    """Return an item's name in one line; raise `CustodyError` if it is empty or too long."""
    title = " ".join("".join(c for c in title if c.isprintable() or c.isspace()).split())
    if not title:
        raise CustodyError("Say what it is: “laptop of the finance desk”, “memory dump of web-3”.")
    if len(title) > MAX_TITLE:
        raise CustodyError(f"The name has {len(title)} characters; {MAX_TITLE} fit.")
    return title


def said(text: str, *, what: str, field: str = "note") -> str:
    """Return a text that must be there; raise `CustodyError` naming what is missing."""
    text = text.strip()
    if not text:
        raise CustodyError(f"Say {what}.", field=field)
    if len(text) > MAX_TEXT:
        raise CustodyError(f"The text has {len(text):,} characters; {MAX_TEXT:,} fit.", field=field)
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """An item as the order of volatility sees it. `host` empty: not known, or erased."""

    number: int
    rank: int
    host: str


def less_volatile_before(*, rank: int, host: str, before: Iterable[Collected]) -> list[int]:
    """Name the items that were collected earlier although they would have kept longer.

    Only of the same machine: the memory of one doesn't suffer from another's disk. Where either
    machine isn't named, they may be the same.
    """
    machine = host.strip().lower()
    return [
        one.number
        for one in before
        if one.rank > rank
        and (not machine or not one.host.strip() or one.host.strip().lower() == machine)
    ]


def order_warning(*, rank: int, numbers: Sequence[int]) -> str:
    """Say that something less volatile came first; empty if nothing did."""
    if not numbers:
        return ""
    items = ", ".join(f"E-{number}" for number in numbers)
    came = "was" if len(numbers) == 1 else "were"
    return (
        f"{items} {came} collected first, though “{SOURCES[rank].title}” vanishes sooner and may "
        f"have changed meanwhile. It stands in the log; write down why as a note."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One entry of the log about an item. `who` and `to` are actors; `to` is for transfers."""

    seq: int
    at: datetime
    event: str
    who: str
    data: Mapping[str, object]
    texts: Mapping[str, object]
    """What stands behind the commitments and isn't erased."""
    erased: tuple[str, ...]
    """Names of commitments whose text is erased."""
    leaf: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A time in which one person held the item; `until` is empty while they still do."""

    holder: str
    first: int
    """The seq of the entry with which it began: two steps may bear the same time."""
    since: datetime
    until: datetime | None
    ended: str = ""
    """How it ended: received, returned, disposed."""


BEGIN = frozenset({"evidence.collected", "message.preserved", "evidence.derived"})
_END = MappingProxyType({"evidence.returned": "returned", "evidence.disposed": "disposed"})


def spans(steps: Iterable[Step]) -> list[Span]:
    """Tell who held an item from when until when, from the steps of its log in their order.

    A transfer counts from the receipt on: until then, whoever released it answers for it.
    """
    found: list[Span] = []
    for step in steps:
        if step.event in BEGIN and not found:
            found.append(Span(holder=step.who, first=step.seq, since=step.at, until=None))
        elif step.event == "evidence.transferred" and step.data.get("step") == "received":
            _close(found, step.at, "received")
            found.append(Span(holder=step.who, first=step.seq, since=step.at, until=None))
        elif step.event in _END:
            _close(found, step.at, _END[step.event])
    return found


def _close(found: list[Span], at: datetime, ended: str) -> None:
    if found and found[-1].until is None:
        found[-1] = replace(found[-1], until=at, ended=ended)
