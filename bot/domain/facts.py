"""What may be recorded about an incident: the fact dictionary, and how a value is read and shown.

Decides which facts exist, of what type, and how text typed by a person becomes a value.
It doesn't decide what follows from a fact (`applicability`, `clocks`) and stores nothing.
`docs/facts.md` is written from this dictionary and a test keeps the two equal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil import parser as date_parser

from bot.domain.fact_dictionary import FACT_TYPES, spoken
from bot.domain.fact_types import FactKind, FactType

FactValue = str | int | bool | datetime | date | tuple[str, ...] | None
"""The Python value of a fact: its shape follows from the fact's `FactKind`; None is `unknown`."""

JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
"""ISO 3166-1 alpha-2 code, or an ISO 3166-2 code of a part: DE, US-CA."""

MAX_TEXT = 8_000
MAX_COUNT = 10_000_000_000


class Confidence(StrEnum):
    """How sure the person is who records a fact."""

    CONFIRMED = "confirmed"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


class FactError(ValueError):
    """A fact that can't be recorded; the message says which one and what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactKey:
    """Name of a fact and, where it is counted per place, the place: `residents:US-CA`."""

    name: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.subject}" if self.subject else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One recorded fact. A correction is another, later `Fact` with the same key."""

    key: FactKey
    value: FactValue
    confidence: Confidence
    source: str
    as_of: datetime


Facts = Mapping[str, Fact]
"""The facts in force, by the text form of their key."""


def fact_type(key: FactKey) -> FactType:
    """Return the dictionary entry for a key; raise `FactError` with the nearest names if none."""
    found = FACT_TYPES.get(key.name)
    if found is None:
        near = get_close_matches(key.name, FACT_TYPES, n=1, cutoff=0.6)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise FactError(
            f"There is no fact “{key.name}”.{hint} `/incident fact help` shows all of them."
        )
    if found.per_jurisdiction and not JURISDICTION.fullmatch(key.subject):
        raise FactError(
            f"“{key.name}” is counted per place: write {key.name}:US-CA (ISO 3166 code) and the "
            f"number."
        )
    if not found.per_jurisdiction and key.subject:
        raise FactError(f"“{key.name}” isn't counted per place: leave out “:{key.subject}”.")
    return found


@lru_cache(maxsize=4096)
def parse_key(text: str) -> FactKey:
    """Read `aware_at` or `residents:US-CA`; raise `FactError` for anything else."""
    name, _, subject = text.strip().partition(":")
    key = FactKey(name=name.strip().lower().replace("-", "_"), subject=subject.strip().upper())
    fact_type(key)
    return key


def read_value(key: FactKey, text: str, *, now: datetime, zone: ZoneInfo) -> FactValue:
    """Turn what a person typed into the fact's value.

    A clock time without a date means its latest past occurrence in `zone`, the writer's own.
    Raises `FactError` that names the fact, what was read, and the form to write.
    """
    kind = fact_type(key).kind
    text = text.strip()
    if text.lower() in {"unknown", "not known", "?"}:
        return None
    if kind is FactKind.INSTANT:
        return read_instant(text, now=now, zone=zone)
    if kind is FactKind.DATE:
        return _read_date(key, text)
    if kind is FactKind.COUNT:
        return _read_count(key, text)
    if kind is FactKind.YES_NO:
        return _read_yes_no(key, text)
    if kind in {FactKind.CHOICE, FactKind.CHOICES}:
        return _read_choices(key, text)
    return check_value(key, text)


_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?\s*(?P<half>am|pm)?"
_ZONE = r"(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
_INSTANT = re.compile(
    rf"(?:(?P<day>\d{{4}}-\d{{2}}-\d{{2}}|today|yesterday)[ t,]*(?:at\s+)?)?{_CLOCK}\s*{_ZONE}",
    re.IGNORECASE,
)
_TIME_HELP = "write 2026-03-02 10:00, 2026-03-02T10:00Z, yesterday 18:30 or 10:00"


def read_instant(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Read a point in time; a bare clock time is its latest past occurrence in `zone`.

    Only forms that mean the same to everybody are taken: 02.03. and 03/02 are refused, and so are
    abbreviated zones such as EST, which name several.
    """
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise FactError(f"“{text.strip()}” isn't a time that is clear: {_TIME_HELP}.")
    place = UTC if match["zone"] else zone
    local_now = now.astimezone(place)
    word = (match["day"] or "").lower()
    day = local_now.date()
    try:
        if word not in {"", "today", "yesterday"}:
            day = date.fromisoformat(word)
        rest = match.group()[len(match["day"] or "") :].strip(" tT,").removeprefix("at").strip()
        clock = date_parser.parse(rest, default=datetime.combine(day, time.min))
    except (ValueError, OverflowError) as error:
        raise FactError(f"“{text.strip()}” isn't a time that exists: {_TIME_HELP}.") from error
    moment = clock if clock.tzinfo else clock.replace(tzinfo=place)
    if word == "yesterday" or (not word and moment > now):
        moment -= timedelta(days=1)
    return moment.astimezone(UTC)


def _read_date(key: FactKey, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FactError(f"“{text}” isn't a date for {key}: write 2026-03-02.") from error


_GROUPING = r"[,.'\u2019 \u00a0\u202f]"
"""What people put between thousands: comma, dot, apostrophe or (narrow, no-break) space."""


def _read_count(key: FactKey, text: str) -> int:
    grouped = re.fullmatch(rf"\d+|\d{{1,3}}({_GROUPING})\d{{3}}(?:\1\d{{3}})*", text, re.ASCII)
    digits = re.sub(r"\D", "", text) if grouped else ""
    if not digits or int(digits) > MAX_COUNT:
        raise FactError(f"“{text}” isn't a count for {key}: write a whole number such as 1200.")
    return int(digits)


def _read_yes_no(key: FactKey, text: str) -> bool:
    word = text.lower()
    if word in {"yes", "y", "true"}:
        return True
    if word in {"no", "n", "false"}:
        return False
    raise FactError(f"“{text}” isn't an answer for {key}: write yes, no or unknown.")


def _read_choices(key: FactKey, text: str) -> FactValue:
    spec = fact_type(key)
    parts = [part.strip().replace(" ", "_") for part in re.split(r"[,;]", text)]
    parts = [part.lower() if spec.choices else part.upper() for part in parts]
    chosen = tuple(sorted({part for part in parts if part}))
    if spec.may_be_none and chosen in {("none",), ("none_of_them",)}:
        chosen = ()
    if spec.kind is FactKind.CHOICE and len(chosen) != 1:
        raise FactError(f"{key} takes one answer: {', '.join(spec.choices)}.")
    return check_value(key, chosen if spec.kind is FactKind.CHOICES else chosen[0])


def check_value(key: FactKey, value: FactValue) -> FactValue:
    """Return the value if its type and limits are right for the key, or raise `FactError`."""
    spec = fact_type(key)
    if value is None:
        return None
    if spec.kind in {FactKind.CHOICE, FactKind.CHOICES}:
        chosen = value if isinstance(value, tuple) else (value,)
        wrong = [str(one) for one in chosen if not _is_choice(spec, str(one))]
        if wrong or (not chosen and not spec.may_be_none):
            raise FactError(
                f"“{', '.join(wrong) or value}” isn't one of the choices for {key}: "
                f"{', '.join(spec.choices)}."
            )
        return value
    if not _shape_fits(spec.kind, value):
        raise FactError(f"“{value}” doesn't fit {key}: {spec.example} would.")
    return value


def _is_choice(spec: FactType, word: str) -> bool:
    """An entry without listed choices takes ISO 3166 codes (`established_in`)."""
    return word in spec.choices if spec.choices else JURISDICTION.fullmatch(word) is not None


def _shape_fits(kind: FactKind, value: FactValue) -> bool:
    if kind is FactKind.TEXT:
        return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and is_plain(value)
    if kind is FactKind.INSTANT:
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind is FactKind.DATE:
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind is FactKind.COUNT:
        return type(value) is int and 0 <= value <= MAX_COUNT
    return isinstance(value, bool)


def is_plain(text: str) -> bool:
    """Tell whether a text can be stored, hashed and printed: no NUL, no half surrogate pairs."""
    return _NOT_PLAIN.search(text) is None


_NOT_PLAIN = re.compile("[\x00\ud800-\udfff]")


def to_json(value: FactValue) -> str | int | bool | list[str] | None:
    """Return the form that is stored and logged: instants as `YYYY-MM-DDTHH:MM:SSZ`."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


def from_json(key: FactKey, stored: object) -> FactValue:
    """Read what `to_json` wrote, or what a facts file says; raise `FactError` where it can't."""
    kind = fact_type(key).kind
    if kind is FactKind.INSTANT and isinstance(stored, str | datetime):
        return _aware(key, stored)
    if kind is FactKind.DATE and isinstance(stored, str):
        return _read_date(key, stored)
    if kind is FactKind.CHOICES and isinstance(stored, list | str):
        several = stored if isinstance(stored, list) else [stored]
        return check_value(key, tuple(sorted(str(one) for one in several)))
    if isinstance(stored, str | bool | int | datetime | date) or stored is None:
        return check_value(key, stored)
    raise FactError(f"“{stored}” doesn't fit {key}: {fact_type(key).example} would.")


def _aware(key: FactKey, stored: str | datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    except ValueError as error:
        raise FactError(f"“{stored}” doesn't fit {key}: write 2026-03-02T09:00:00Z.") from error
    if moment.tzinfo is None:
        raise FactError(f"{key} needs a time zone: write 2026-03-02T09:00:00Z.")
    return moment.astimezone(UTC)


def value_of(facts: Facts, key: str) -> FactValue:
    """Return the value in force for a key, or None if it isn't recorded or is unknown."""
    fact = facts.get(key)
    return None if fact is None else fact.value


def value_in_words(key: FactKey, value: FactValue) -> str:
    """Say a fact's value plainly, instants in UTC."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, tuple):
        return ", ".join(spoken(one) for one in value) or "none of them"
    text = str(value)
    return spoken(text) if FACT_TYPES[key.name].choices else text
