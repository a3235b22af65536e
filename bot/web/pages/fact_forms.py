"""Facts typed into pages: which input a fact gets, and how what was typed becomes a value.

The dictionary decides names, kinds and choices; `bot.domain.facts.read_value` reads. Here it is
decided only how a form asks, and that what was typed stays in the form when it can't be taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactGroup, FactKind, FactType
from bot.domain.facts import (
    Confidence,
    FactError,
    FactKey,
    FactValue,
    fact_type,
    parse_key,
    read_value,
)
from bot.services.facts import NewFact
from bot.web.pages.desk import Posted

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactField:
    """One fact in a form. `slot` makes the names of its inputs; `typed` is what stands in them."""

    slot: str
    name: str
    question: str
    kind: str
    example: str
    choices: tuple[str, ...] = ()
    per_place: bool = False
    where: str = ""
    typed: tuple[str, ...] = ()
    place: str = ""
    unknown: bool = False
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactForm:
    """The form that records facts, with what was typed and what is wrong with it."""

    fields: tuple[FactField, ...] = ()
    confidence: str = Confidence.CONFIRMED
    source: str = ""
    problem: str = ""
    source_problem: str = ""

    @property
    def wrong(self) -> bool:
        """Whether anything in it can't be taken."""
        return bool(self.problem or self.source_problem or any(one.problem for one in self.fields))


def field_for(name: str, *, slot: str = "", place: str = "", where: str = "") -> FactField:
    """Make an empty field for a fact of the dictionary; any other name gives a plain text."""
    spec = FACT_TYPES.get(name)
    if spec is None:
        return FactField(slot=slot, name="", question="Value", kind="text", example="")
    return FactField(
        slot=slot or name,
        name=name,
        question=spec.label,
        kind=spec.kind.value,
        example=spec.example,
        choices=_choices(spec),
        per_place=spec.per_jurisdiction,
        place=place,
        where=where,
    )


def _choices(spec: FactType) -> tuple[str, ...]:
    if spec.kind is FactKind.YES_NO:
        return ("yes", "no")
    return (*spec.choices, "none") if spec.may_be_none else spec.choices


def fact_menu() -> list[tuple[str, list[tuple[str, str]]]]:
    """List all facts by group, as (group, [(name, question)]), in the dictionary's order."""
    return [
        (group.value, [(one.name, one.label) for one in FACT_TYPES.values() if one.group is group])
        for group in FactGroup
    ]


def typed_in(field: FactField, posted: Posted) -> FactField:
    """Put into a field what was typed."""
    values = [one.strip() for one in posted.fields.get(f"value:{field.slot}", [])]
    return replace(
        field,
        typed=tuple(one for one in values if one),
        place=posted.text(f"place:{field.slot}") or field.place,
        unknown=bool(posted.text(f"unknown:{field.slot}")),
    )


def read_one_fact(posted: Posted, *, zone: ZoneInfo) -> tuple[FactForm, list[NewFact]]:
    """Read the form that records any one fact; its confidence may be `unknown`."""
    confidence = posted.text("confidence") or Confidence.CONFIRMED.value
    field = typed_in(field_for(posted.text("fact"), slot="one"), posted)
    if not field.name:
        return FactForm(fields=(field,), problem="Choose what you want to record."), []
    field = replace(field, unknown=confidence == UNKNOWN)
    form, new = read_facts(posted, [field], zone=zone)
    if not form.wrong and not new:
        field = replace(field, problem="Write a value, or choose “unknown” as the confidence.")
        form = replace(form, fields=(field,))
    return form, new


def read_facts(
    posted: Posted, fields: Iterable[FactField], *, zone: ZoneInfo
) -> tuple[FactForm, list[NewFact]]:
    """Read all fields that were filled in; nothing is taken while any of them is wrong."""
    source = posted.text("source")
    confidence = posted.text("confidence") or Confidence.CONFIRMED.value
    kept: list[FactField] = []
    values: dict[FactKey, FactValue] = {}
    for field in fields:
        try:
            values |= _read(field, posted, zone=zone)
            kept.append(field)
        except FactError as error:
            kept.append(replace(field, problem=str(error)))
    form = FactForm(
        fields=tuple(kept),
        confidence=confidence,
        source=source,
        problem="" if confidence in set(Confidence) else "Choose how sure we are.",
        source_problem="" if source else "Say how you know it: a person, a log, a report.",
    )
    if form.wrong:
        return form, []
    known = Confidence(confidence)
    return form, [
        NewFact(key=key, value=value, source=source, confidence=known)
        for key, value in values.items()
    ]


def _read(field: FactField, posted: Posted, *, zone: ZoneInfo) -> dict[FactKey, FactValue]:
    """Read one field: empty if nothing was filled in."""
    text = ", ".join(field.typed)
    if field.unknown and text:
        raise FactError("You wrote a value and said that it isn't known: keep one of the two.")
    if not text and not field.unknown:
        return {}
    if field.per_place and not field.place:
        raise FactError("Name the place too, as its ISO 3166 code: US-CA for California, DE.")
    key = parse_key(f"{field.name}:{field.place}" if field.per_place else field.name)
    fact_type(key)
    if field.unknown:
        return {key: None}
    return {key: read_value(key, text, now=posted.visit.now, zone=zone)}
