"""Whether duties apply, without saying why: for looking at the whole pack at every fact.

Decides the same as `applicability.assess` (a test holds the two together) and gives no reasons,
which makes it some ten times faster. Whoever shows an answer to a person uses `assess`.
"""

from collections.abc import Callable
from typing import Any

from bot.domain.applicability import Verdict
from bot.domain.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ContainsAny,
    FactAtLeast,
    FactIs,
    Not,
    PersonalData,
    Recorded,
    Truth,
    evaluate,
)
from bot.domain.facts import Facts, value_of
from bot.domain.obligations import Obligation

_OPPOSITE = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}
_VERDICTS = {
    Truth.YES: Verdict.APPLIES,
    Truth.NO: Verdict.DOES_NOT_APPLY,
    Truth.UNKNOWN: Verdict.CANNOT_TELL,
}


def verdict_of(obligation: Obligation, facts: Facts) -> Verdict:
    """Give the verdict of `assess` alone."""
    scope = truth_of(obligation.applies_if, facts)
    if scope is not Truth.NO and any(
        truth_of(one.when, facts) is Truth.YES for one in obligation.exemptions if one.when
    ):
        return Verdict.DOES_NOT_APPLY
    return _VERDICTS[scope]


def truth_of(condition: Condition, facts: Facts) -> Truth:
    """Give the truth of `evaluate` alone, and stop at the first part that decides."""
    answer = _ANSWERS.get(type(condition))
    return answer(condition, facts) if answer else evaluate(condition, facts).truth


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


_ANSWERS: dict[type, Callable[[Any, Facts], Truth]] = {
    AllOf: _all_of,
    AnyOf: _any_of,
    Not: lambda condition, facts: _OPPOSITE[truth_of(condition.part, facts)],
    FactIs: _fact_is,
    FactAtLeast: _fact_at_least,
    ContainsAny: _contains_any,
    PersonalData: _personal_data,
    Recorded: lambda condition, facts: (
        Truth.NO if value_of(facts, condition.fact) is None else Truth.YES
    ),
}
