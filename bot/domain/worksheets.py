"""Worksheets for authorities' web forms: what to type into which field, in the form's own order.

Pure. Many authorities take a notice only through a form that can't be saved, so that a person
copies field by field. Decides the value of each field from the facts, how long it may be, and what
the form lets one say of what isn't known yet. It files nothing; `Filing` records that a person did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.fact_dictionary import FACT_TYPES, spoken
from bot.domain.facts import Facts, FactValue
from bot.domain.notice_checks import subjects_of
from bot.domain.notices import NoticeSource


class FieldState(StrEnum):
    """What a person does with a field."""

    READY = "ready"
    UNKNOWN = "unknown"
    """Recorded as unknown, and the form takes that: type the words given."""
    MISSING = "missing"
    """Nobody has recorded it yet."""
    BY_HAND = "by_hand"
    """No fact answers it: whoever files decides."""
    TOO_LONG = "too_long"


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetField:
    """One field of a form. `facts` answer it together, a line each.

    `words` says our choices in the form's own words. `limit` is in characters, 0 where the form
    has none that we know of. `unknown` is what the form takes for what isn't known yet.
    """

    label: str
    facts: tuple[str, ...] = ()
    words: Mapping[str, str]
    limit: int = 0
    unknown: str = ""
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetSection:
    """One page or part of a form."""

    title: str
    fields: tuple[SheetField, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Worksheet:
    """One authority's form. `address` is as its source gives it; whoever files verifies it."""

    portal: str
    address: str
    can_be_saved: bool
    public: bool
    notes: tuple[str, ...]
    sources: tuple[NoticeSource, ...]
    sections: tuple[SheetSection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledField:
    """A field with what to type. `missing` names the facts that are to be recorded first."""

    field: SheetField
    state: FieldState
    value: str
    missing: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Characters of the value, as a form counts them."""
        return len(self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledSection:
    """A part of a form with what to type."""

    title: str
    fields: tuple[FilledField, ...]


def fill(
    sheet: Worksheet, facts: Facts, *, zone: ZoneInfo, overrides: Mapping[str, str]
) -> tuple[FilledSection, ...]:
    """Fill a worksheet from the facts; times are said in `zone`.

    `overrides` are counsel's own words for text facts in this notice.
    """
    return tuple(
        FilledSection(
            title=section.title,
            fields=tuple(_fill(one, facts, zone, overrides) for one in section.fields),
        )
        for section in sheet.sections
    )


def open_fields(filled: tuple[FilledSection, ...]) -> int:
    """Count the fields that can't be typed yet: missing or too long."""
    stuck = {FieldState.MISSING, FieldState.TOO_LONG}
    return sum(one.state in stuck and one.field.required for part in filled for one in part.fields)


def _fill(
    field: SheetField, facts: Facts, zone: ZoneInfo, overrides: Mapping[str, str]
) -> FilledField:
    if not field.facts:
        return FilledField(field=field, state=FieldState.BY_HAND, value="")
    lines, missing = [], []
    unknown = False
    for name in field.facts:
        keys = subjects_of(name, facts)
        if name in overrides:
            lines.append(overrides[name])
        elif not keys:
            missing.append(name)
        for key in keys if name not in overrides else ():
            value = facts[key].value
            if value is None:
                unknown = True
                continue
            lines.append(_line(key, value, field.words, zone))
    value = "\n".join(lines)
    if not value and unknown and field.unknown:
        return FilledField(field=field, state=FieldState.UNKNOWN, value=field.unknown)
    if not value:
        return FilledField(
            field=field, state=FieldState.MISSING, value="", missing=tuple(missing or field.facts)
        )
    too_long = bool(field.limit) and len(value) > field.limit
    state = FieldState.TOO_LONG if too_long else FieldState.READY
    return FilledField(field=field, state=state, value=value, missing=tuple(missing))


def _line(key: str, value: FactValue, words: Mapping[str, str], zone: ZoneInfo) -> str:
    said = _said(value, words, zone)
    _, _, place = key.partition(":")
    return f"{place}: {said}" if place else said


def _said(value: FactValue, words: Mapping[str, str], zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        plain = "yes" if value else "no"
        return words.get(plain, plain.capitalize())
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "; ".join(words.get(one, spoken(one)) for one in value)
    text = str(value)
    return words.get(text, text)


def unknown_facts(sheet: Worksheet) -> tuple[str, ...]:
    """Name what a worksheet asks for and the dictionary doesn't know."""
    asked = [name for part in sheet.sections for one in part.fields for name in one.facts]
    return tuple(name for name in dict.fromkeys(asked) if name not in FACT_TYPES)
