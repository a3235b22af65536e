"""Whether a condition holds and why: yes, no, unknown (Kleene's strong logic), in plain words.

Decides which facts decided, how that is said, and which facts would still have to be known. The
answer itself is `truths`'s; how places contain each other is `places`'.
"""

from dataclasses import dataclass
from itertools import product
from typing import assert_never

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
    unique,
)
from bot.domain.fact_dictionary import spoken
from bot.domain.facts import Confidence, Facts, FactValue, value_of
from bot.domain.places import (
    PLACE_GROUPS,
    count_key,
    is_within,
    resident_bounds,
    resident_counts,
)
from bot.domain.truths import truth_of


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


def evaluate(condition: Condition, facts: Facts) -> Evaluation:
    """Answer a condition from the facts in force. A fact recorded as unknown counts as missing."""
    match condition:
        case AllOf(parts=parts):
            return _combine(parts, facts, decisive=Truth.NO)
        case AnyOf(parts=parts):
            return _combine(parts, facts, decisive=Truth.YES)
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


def _combine(parts: tuple[Condition, ...], facts: Facts, *, decisive: Truth) -> Evaluation:
    """Kleene: one decisive answer settles it; otherwise any unknown leaves it unknown.

    Only the parts that tell are put into words: the others have no say in the answer.
    """
    other = Truth.YES if decisive is Truth.NO else Truth.NO
    truths = [truth_of(part, facts) for part in parts]
    truth = next((t for t in (decisive, Truth.UNKNOWN) if t in truths), other)
    telling = [
        evaluate(part, facts) for part, found in zip(parts, truths, strict=True) if found is truth
    ]
    return Evaluation(
        truth=truth,
        reasons=unique(reason for result in telling for reason in result.reasons),
        facts=unique(fact for result in telling for fact in result.facts),
        questions=_questions(telling, any_is_enough=decisive is Truth.YES)
        if truth is Truth.UNKNOWN
        else (),
    )


def _questions(telling: list[Evaluation], *, any_is_enough: bool) -> tuple[tuple[str, ...], ...]:
    """Give the sets of facts that could settle it: one part's, or one of each part's together."""
    if any_is_enough:
        found = [question for result in telling for question in result.questions]
    else:
        asking = [result.questions for result in telling if result.questions]
        chosen = product(*asking) if asking else ()
        found = [unique(key for question in one for key in question) for one in chosen]
    return tuple(sorted(dict.fromkeys(found), key=len))


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
