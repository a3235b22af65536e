"""Whether a condition holds, without a word: yes, no, unknown (Kleene's strong logic).

Decides the same as `evaluation.evaluate` (a test holds the two together) and stops at the first
part that settles it. How places contain each other is `places`'.
"""

from collections.abc import Callable
from typing import Any

from bot.domain.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ContainsAny,
    EstablishedIn,
    FactAtLeast,
    FactIs,
    Not,
    PersonalData,
    Recorded,
    ResidentsAtLeast,
    ResidentsOfAnyPart,
    Truth,
)
from bot.domain.facts import Facts, value_of
from bot.domain.places import is_within, resident_bounds, resident_counts

_OPPOSITE = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}


def truth_of(condition: Condition, facts: Facts) -> Truth:
    """Answer a condition from the facts in force. A fact recorded as unknown counts as missing."""
    return _ANSWERS[type(condition)](condition, facts)


def _all_of(condition: AllOf, facts: Facts) -> Truth:
    found = Truth.YES
    for part in condition.parts:
        truth = truth_of(part, facts)
        if truth is Truth.NO:
            return truth
        if truth is Truth.UNKNOWN:
            found = truth
    return found


def _any_of(condition: AnyOf, facts: Facts) -> Truth:
    found = Truth.NO
    for part in condition.parts:
        truth = truth_of(part, facts)
        if truth is Truth.YES:
            return truth
        if truth is Truth.UNKNOWN:
            found = truth
    return found


def _fact_is(condition: FactIs, facts: Facts) -> Truth:
    value = value_of(facts, condition.fact)
    if value is None:
        return Truth.UNKNOWN
    return Truth.YES if value in condition.one_of else Truth.NO


def _fact_at_least(condition: FactAtLeast, facts: Facts) -> Truth:
    value = value_of(facts, condition.fact)
    if not isinstance(value, int):
        return Truth.UNKNOWN
    return Truth.YES if value >= condition.number else Truth.NO


def _contains_any(condition: ContainsAny, facts: Facts) -> Truth:
    value = value_of(facts, condition.fact)
    if not isinstance(value, tuple):
        return Truth.UNKNOWN
    if any(option in value for option in condition.options):
        return Truth.YES
    unsure = any(option in value for option in condition.unsure_if)
    return Truth.UNKNOWN if unsure else Truth.NO


def _personal_data(_condition: PersonalData, facts: Facts) -> Truth:
    if value_of(facts, "data_elements"):
        return Truth.YES
    value = value_of(facts, "personal_data_involved")
    if value is None:
        return Truth.UNKNOWN
    return Truth.YES if value else Truth.NO


def _residents(condition: ResidentsAtLeast, facts: Facts) -> Truth:
    bounds = resident_bounds(condition.place, facts)
    if bounds.low >= condition.number:
        return Truth.YES
    ruled_out = bounds.high is not None and bounds.high < condition.number
    return Truth.NO if ruled_out else Truth.UNKNOWN


def _residents_of_any_part(condition: ResidentsOfAnyPart, facts: Facts) -> Truth:
    place, number = condition.place, condition.number
    parts = [
        count
        for code, count in resident_counts(facts).items()
        if is_within(code, place) and code != place
    ]
    if any(count >= number for count in parts):
        return Truth.YES
    high = resident_bounds(place, facts).high
    return Truth.NO if high is not None and high - sum(parts) < number else Truth.UNKNOWN


def _established(condition: EstablishedIn, facts: Facts) -> Truth:
    value = value_of(facts, "established_in")
    if not isinstance(value, tuple):
        return Truth.UNKNOWN
    return Truth.YES if any(is_within(code, condition.place) for code in value) else Truth.NO


_ANSWERS: dict[type, Callable[[Any, Facts], Truth]] = {
    AllOf: _all_of,
    AnyOf: _any_of,
    Not: lambda condition, facts: _OPPOSITE[truth_of(condition.part, facts)],
    FactIs: _fact_is,
    FactAtLeast: _fact_at_least,
    ContainsAny: _contains_any,
    PersonalData: _personal_data,
    ResidentsAtLeast: _residents,
    ResidentsOfAnyPart: _residents_of_any_part,
    EstablishedIn: _established,
    Recorded: lambda condition, facts: (
        Truth.NO if value_of(facts, condition.fact) is None else Truth.YES
    ),
}
