"""Conditions over facts, as a law asks for them: what they are, not whether they hold.

The set of operators is closed; what a law asks for stands in its YAML file. Whether a condition
holds is `truths`'s, and why is `evaluation`'s.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.facts import FactValue


class Truth(StrEnum):
    """Answer to a condition."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """The part doesn't hold."""

    part: "Condition"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactIs:
    """The fact's value is one of these."""

    fact: str
    one_of: tuple[FactValue, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactAtLeast:
    """The count is at least this number."""

    fact: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainsAny:
    """The fact lists at least one of the options.

    Otherwise, if it lists one of `unsure_if`, the answer is unknown and counsel's to give: the law
    names kinds that the dictionary doesn't, or what is recorded looks incomplete (`unsure_note`).
    """

    fact: str
    options: tuple[str, ...]
    unsure_if: tuple[str, ...] = ()
    unsure_note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """The fact is recorded with a value. Never unknown: not recorded is a plain no."""

    fact: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalData:
    """Personal data is involved: someone said so, or said which kinds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidentsAtLeast:
    """At least so many residents of a place or group of places are affected."""

    place: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidentsOfAnyPart:
    """At least so many residents of any one part (state) of a country are affected."""

    place: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EstablishedIn:
    """The organisation is established in the place or group of places."""

    place: str


Condition = (
    AllOf
    | AnyOf
    | Not
    | FactIs
    | FactAtLeast
    | ContainsAny
    | Recorded
    | PersonalData
    | ResidentsAtLeast
    | ResidentsOfAnyPart
    | EstablishedIn
)


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """Drop repeats and keep the order."""
    return tuple(dict.fromkeys(items))


def leaves(condition: Condition) -> Iterator[Condition]:
    """Walk through the parts that ask about facts themselves."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def names_asked(condition: Condition) -> frozenset[str]:
    """Name the facts that can change a condition's answer, without their jurisdiction."""
    names: set[str] = set()
    for leaf in leaves(condition):
        match leaf:
            case PersonalData():
                names |= {"personal_data_involved", "data_elements"}
            case ResidentsAtLeast() | ResidentsOfAnyPart():
                names |= {"residents", "affected_total"}
            case EstablishedIn():
                names.add("established_in")
            case FactIs() | FactAtLeast() | ContainsAny() | Recorded():
                names.add(leaf.fact.partition(":")[0])
    return frozenset(names)
