"""Conditions over facts, with three answers: yes, no, unknown (Kleene's strong logic).

Decides the truth of a condition, says in plain words which facts decided it, and which facts would
still have to be known. The set of operators is closed; what a law asks for stands in its YAML file.
How places contain each other is `places`'.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import assert_never

from bot.domain.fact_dictionary import spoken
from bot.domain.facts import Confidence, Facts, FactValue, value_of
from bot.domain.places import (
    PLACE_GROUPS,
    count_key,
    is_within,
    resident_bounds,
    resident_counts,
)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """A condition's answer.

    `reasons` are clauses without a full stop. `facts` are the keys that decided. `questions` are
    the sets of facts that could settle an unknown answer, the shortest set first.
    """

    truth: Truth
    reasons: tuple[str, ...]
    facts: tuple[str, ...] = ()
    questions: tuple[tuple[str, ...], ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Every fact that is asked for, those of the shortest set first."""
        return unique(key for question in self.questions for key in question)


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


def evaluate(condition: Condition, facts: Facts) -> Evaluation:
    """Answer a condition from the facts in force. A fact recorded as unknown counts as missing."""
    match condition:
        case AllOf(parts=parts):
            return _combine([evaluate(part, facts) for part in parts], decisive=Truth.NO)
        case AnyOf(parts=parts):
            return _combine([evaluate(part, facts) for part in parts], decisive=Truth.YES)
        case Not(part=part):
            return _negate(evaluate(part, facts))
        case PersonalData():
            return _personal_data(facts)
        case ResidentsAtLeast():
            return _residents(condition, facts)
        case ResidentsOfAnyPart():
            return _residents_of_any_part(condition, facts)
        case EstablishedIn(place=place):
            return _established(place, facts)
        case _:
            return _about_fact(condition, facts)


def _about_fact(
    condition: FactIs | FactAtLeast | ContainsAny | Recorded, facts: Facts
) -> Evaluation:
    match condition:
        case FactIs():
            return _fact_is(condition, facts)
        case FactAtLeast():
            return _fact_at_least(condition, facts)
        case ContainsAny():
            return _contains_any(condition, facts)
        case Recorded(fact=key):
            truth = _truth(value_of(facts, key) is not None)
            told = "is" if truth is Truth.YES else "isn't"
            return Evaluation(
                truth=truth, reasons=(f"{spoken(key)} {told} recorded",), facts=(key,)
            )
        case _:
            assert_never(condition)


def _truth(holds: bool) -> Truth:  # noqa: FBT001 - one argument, and its name says it
    return Truth.YES if holds else Truth.NO


def _combine(results: list[Evaluation], *, decisive: Truth) -> Evaluation:
    """Kleene: one decisive answer settles it; otherwise any unknown leaves it unknown."""
    other = Truth.YES if decisive is Truth.NO else Truth.NO
    truths = {result.truth for result in results}
    truth = next((t for t in (decisive, Truth.UNKNOWN) if t in truths), other)
    telling = [result for result in results if result.truth is truth]
    questions: list[tuple[str, ...]] = []
    if truth is Truth.UNKNOWN and decisive is Truth.YES:  # any: one of them is enough
        questions = [question for result in telling for question in result.questions]
    elif truth is Truth.UNKNOWN:  # all: each of them has to be known
        asking = [result.questions for result in telling if result.questions]
        if asking:
            questions = [unique(k for q in chosen for k in q) for chosen in product(*asking)]
    return Evaluation(
        truth=truth,
        reasons=unique(reason for result in telling for reason in result.reasons),
        facts=unique(fact for result in telling for fact in result.facts),
        questions=tuple(sorted(dict.fromkeys(questions), key=len)),
    )


def _negate(result: Evaluation) -> Evaluation:
    opposite = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}
    return Evaluation(
        truth=opposite[result.truth],
        reasons=result.reasons,
        facts=result.facts,
        questions=result.questions,
    )


def _said(value: FactValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(spoken(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else spoken(str(value))


def _unsure_note(facts: Facts, key: str) -> str:
    fact = facts.get(key)
    return " (estimated)" if fact and fact.confidence is Confidence.ESTIMATED else ""


def _unknown(key: str, reason: str) -> Evaluation:
    return Evaluation(truth=Truth.UNKNOWN, reasons=(reason,), questions=((key,),))


def _fact_is(condition: FactIs, facts: Facts) -> Evaluation:
    key = condition.fact
    value = value_of(facts, key)
    if value is None:
        return _unknown(key, f"{spoken(key)} isn't recorded")
    return Evaluation(
        truth=_truth(value in condition.one_of),
        reasons=(f"{spoken(key)}: {_said(value)}{_unsure_note(facts, key)}",),
        facts=(key,),
    )


def _fact_at_least(condition: FactAtLeast, facts: Facts) -> Evaluation:
    key = condition.fact
    value = value_of(facts, key)
    if not isinstance(value, int):
        return _unknown(key, f"{spoken(key)} isn't recorded")
    enough = value >= condition.number
    reason = f"{spoken(key)}: {value:,}{_unsure_note(facts, key)}"
    if not enough:
        reason += f", fewer than {condition.number:,}"
    return Evaluation(truth=_truth(enough), reasons=(reason,), facts=(key,))


def _contains_any(condition: ContainsAny, facts: Facts) -> Evaluation:
    key = condition.fact
    value = value_of(facts, key)
    if not isinstance(value, tuple):
        return _unknown(key, f"{spoken(key)} aren't recorded")
    found = tuple(option for option in condition.options if option in value)
    unsure = tuple(option for option in condition.unsure_if if option in value)
    if found:
        reason = f"{spoken(key)} include {_said(found)}{_unsure_note(facts, key)}"
        return Evaluation(truth=Truth.YES, reasons=(reason,), facts=(key,))
    if unsure:
        note = f" {condition.unsure_note}" if condition.unsure_note else ""
        return _unknown(
            key, f"{spoken(key)} include {_said(unsure)}{note}: counsel has to say if that counts"
        )
    wanted = _said(condition.options).replace(", ", " or ")
    reason = f"{spoken(key)} don't include {wanted}{_unsure_note(facts, key)}"
    return Evaluation(truth=Truth.NO, reasons=(reason,), facts=(key,))


def _personal_data(facts: Facts) -> Evaluation:
    """Recorded kinds outweigh a recorded “no”: a clock too many is safer than one too few."""
    kinds = value_of(facts, "data_elements")
    if isinstance(kinds, tuple) and kinds:
        reason = f"personal data is involved ({_said(kinds)})"
        return Evaluation(truth=Truth.YES, reasons=(reason,), facts=("data_elements",))
    key = "personal_data_involved"
    value = value_of(facts, key)
    if value is None:
        return _unknown(key, "whether personal data is involved isn't recorded")
    reason = "personal data is involved" if value else "no personal data is involved"
    return Evaluation(truth=_truth(bool(value)), reasons=(reason,), facts=(key,))


def _residents(condition: ResidentsAtLeast, facts: Facts) -> Evaluation:
    place, number = condition.place, condition.number
    key = count_key(place)
    name = PLACE_GROUPS[place].name if place in PLACE_GROUPS else place
    bounds = resident_bounds(place, facts)
    about = "".join({_unsure_note(facts, used) for used in bounds.facts})
    if bounds.low >= number:
        people = "1 resident" if bounds.low == 1 else f"{bounds.low:,} residents"
        verb = "is" if bounds.low == 1 else "are"
        reason = f"{people} of {name} {verb} affected{about}"
        return Evaluation(truth=Truth.YES, reasons=(reason,), facts=bounds.facts)
    if bounds.high is not None and bounds.high < number:
        counted = f"{bounds.high:,}" if bounds.high else "no"
        reason = f"{counted} residents of {name} are affected{about}"
        if bounds.high:
            reason += f", fewer than {number:,}"
        return Evaluation(truth=Truth.NO, reasons=(reason,), facts=bounds.facts)
    return _unknown(key, f"how many residents of {name} are affected isn't recorded")


def _residents_of_any_part(condition: ResidentsOfAnyPart, facts: Facts) -> Evaluation:
    """One count is enough for yes; no only where the whole country has fewer people than that."""
    place, number = condition.place, condition.number
    parts = {
        code: value
        for code, value in resident_counts(facts).items()
        if is_within(code, place) and code != place
    }
    largest = max(parts, key=lambda code: parts[code], default="")
    if largest and parts[largest] >= number:
        reason = f"{parts[largest]:,} residents of {largest} are affected"
        return Evaluation(truth=Truth.YES, reasons=(reason,), facts=(f"residents:{largest}",))
    bounds = resident_bounds(place, facts)
    rest = None if bounds.high is None else bounds.high - sum(parts.values())
    if rest is not None and rest < number:  # nor can a part that nobody has counted reach it
        reason = f"fewer than {number:,} residents of any part of {place} are affected"
        return Evaluation(truth=Truth.NO, reasons=(reason,), facts=bounds.facts)
    reason = f"how many residents of each part of {place} are affected isn't recorded"
    return _unknown(count_key(place), reason)


def _established(place: str, facts: Facts) -> Evaluation:
    name = PLACE_GROUPS[place].name if place in PLACE_GROUPS else place
    value = value_of(facts, "established_in")
    if not isinstance(value, tuple):
        return _unknown("established_in", "where the organisation is established isn't recorded")
    here = [code for code in value if is_within(code, place)]
    if here:
        reason = f"the organisation is established in {', '.join(here)}"
        return Evaluation(truth=Truth.YES, reasons=(reason,), facts=("established_in",))
    reason = f"the organisation isn't established in {name}"
    return Evaluation(truth=Truth.NO, reasons=(reason,), facts=("established_in",))
