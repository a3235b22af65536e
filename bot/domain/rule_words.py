"""An obligation's rule in plain words, for people who check law and don't read YAML or Python.

Decides the wording of conditions, triggers, periods, limits and reliefs, so that the terminal, the
reference pages and the comparison of two packs all say the same. Counts and judges nothing.
"""

from collections.abc import Iterable, Iterator

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
)
from bot.domain.events import EVENTS
from bot.domain.fact_dictionary import FACT_TYPES, spoken
from bot.domain.facts import FactValue
from bot.domain.obligations import (
    Exemption,
    Extension,
    Limit,
    Mitigation,
    Obligation,
    ObligationType,
    Period,
    Pick,
    Relation,
    Rollover,
    Tolling,
    Trigger,
    Unit,
    ZoneRule,
)
from bot.domain.place_names import place_name
from bot.domain.places import PLACE_GROUPS

COUNSEL = "confirm with counsel"
"""Said wherever a rule is shown whose research isn't of high confidence."""

OWN = "own rule"
"""Said wherever a rule is shown that the organisation wrote itself."""

TYPE_WORDS = {
    ObligationType.DEADLINE: "deadline",
    ObligationType.SOFT_LIMIT: "soft limit: the authority's guidance gives the number, not the law",
    ObligationType.ASSESSMENT_LIMIT: "limit on our own assessment, before any duty to notify",
    ObligationType.EMBARGO: "embargo: the earliest time at which anyone may be told",
    ObligationType.SIGNPOST: "signpost: points to other rules; nothing is counted",
    ObligationType.DUPLICATE: "the same duty as another, which is the one that runs",
}

CALENDAR_WORDS = {
    "sec": "days on which the SEC is open",
    "japan": "Japan's, with the closure of public offices from 29 December to 3 January",
    "target": "of the TARGET payment system",
    "EU": "of the member state whose zone counts, else of the TARGET payment system",
}

Line = tuple[int, str]
"""How deep a line stands in a list within a list, and what it says."""


def condition_lines(condition: Condition, depth: int = 0) -> Iterator[Line]:
    """Write a condition as a list: a line for each part, parts of parts one step deeper."""
    match condition:
        case AllOf() | AnyOf():
            yield depth, "all of:" if isinstance(condition, AllOf) else "at least one of:"
            for part in _flat(condition):
                yield from condition_lines(part, depth + 1)
        case Not(part=part):
            yield depth, "not:"
            yield from condition_lines(part, depth + 1)
        case _:
            yield depth, _leaf_words(condition)


def condition_words(condition: Condition) -> str:
    """Write a condition as one sentence without a full stop."""
    match condition:
        case AllOf() | AnyOf():
            word = "; and " if isinstance(condition, AllOf) else "; or "
            return word.join(_grouped(part) for part in _flat(condition))
        case Not(part=part):
            return f"not the case that {_grouped(part)}"
        case _:
            return _leaf_words(condition)


def _flat(condition: AllOf | AnyOf) -> Iterator[Condition]:
    """Give the parts; a part of the same kind (a shared definition) gives its own."""
    for part in condition.parts:
        if isinstance(part, AllOf | AnyOf) and type(part) is type(condition):
            yield from _flat(part)
        else:
            yield part


def _grouped(condition: Condition) -> str:
    words = condition_words(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _leaf_words(leaf: Condition) -> str:
    match leaf:
        case PersonalData():
            return "personal data is involved"
        case ResidentsAtLeast(place=place, number=number):
            return f"{_people(number)} of {_place(place)} affected"
        case ResidentsOfAnyPart(place=place, number=number):
            return f"{_people(number)} of any one state or part of {_place(place)} affected"
        case EstablishedIn(place=place):
            return f"the organisation is established in {_place(place)}"
        case FactAtLeast(fact=fact, number=number):
            return f"{spoken(fact)} is at least {number:,}"
        case Recorded(fact=fact):
            return f"“{FACT_TYPES[fact].label}” has an answer"
        case FactIs(fact=fact, one_of=values):
            if isinstance(values[0], bool):
                return f"“{FACT_TYPES[fact].label}” is answered {_said(values[0])}"
            return f"{spoken(fact)} is {_either(values)}"
        case ContainsAny():
            return _contains_words(leaf)
        case _:
            raise TypeError(f"{leaf!r} has parts of its own")


def _contains_words(leaf: ContainsAny) -> str:
    words = f"{spoken(leaf.fact)} include {_either(leaf.options)}"
    if leaf.unsure_if:
        note = f" {leaf.unsure_note}" if leaf.unsure_note else ""
        words += f" (if only {_either(leaf.unsure_if)}{note}: counsel has to say)"
    return words


def _people(number: int) -> str:
    return "at least one resident" if number == 1 else f"at least {number:,} residents"


def _place(place: str) -> str:
    return PLACE_GROUPS[place].name if place in PLACE_GROUPS else place_name(place)


def _said(value: FactValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return spoken(str(value))


def _either(values: Iterable[FactValue]) -> str:
    *others, last = [_said(one) for one in values]
    return f"{', '.join(others)} or {last}" if others else last


def trigger_words(trigger: Trigger) -> str:
    """Say which event starts or bounds a period, in the statute's words and in ours."""
    facts = [f"{event} ({EVENTS[event].fact})" for event in trigger.events]
    words = f"{trigger.words}: {', '.join(facts)}"
    if len(facts) > 1:
        words += f", the {trigger.pick} of them"
    elif trigger.pick is Pick.LATEST:
        words += ", the latest time that it happened"
    if trigger.of:
        words += f"; it happens when {' or '.join(trigger.of)} is met"
    return words + (f". {trigger.caveat}" if trigger.caveat else "")


def period_words(period: Period) -> str:
    """Say how long a period is and how it lies to its event."""
    if period.relation is Relation.BEFORE:
        return "none of its own: done strictly before the event"
    if period.relation is Relation.NOT_LATER_THAN:
        return "none of its own: done together with the event, or earlier"
    words = str(period)
    if period.unit is Unit.BUSINESS_DAYS:
        words += f" (calendar: {calendar_words(period.calendar)})"
    if period.first_day_included:
        words += ", the day of the event being day 1"
    return words


def calendar_words(calendar: str) -> str:
    """Say whose days off a calendar leaves out."""
    return CALENDAR_WORDS.get(calendar, f"{place_name(calendar)} ({calendar})")


def limit_words(limit: Limit) -> str:
    """Say what else bounds a deadline."""
    words = limit.words.rstrip(".")
    if limit.deadline_of:
        return f"{words} (the deadline of {limit.deadline_of})"
    if limit.trigger and limit.period:
        words += f" ({period_words(limit.period)}; event: {trigger_words(limit.trigger)})"
    if limit.lapses:
        words += "; doesn't count if it ended before the main event"
    if limit.replaces:
        words += "; counts alone if the main period ended before its event"
    return words


def zone_words(zone: ZoneRule) -> str:
    """Say whose local time counts."""
    words = f"{zone.name}. {zone.rule}"
    if zone.fact:
        words += f" (from {zone.fact}, if it begins with {' or '.join(zone.prefixes)})"
    return words


def rollover_words(rule: Rollover) -> str:
    """Say what happens when the last day isn't a business day."""
    until = f"{rule.at:%H:%M} of" if rule.at else "the end of"
    words = (
        f"if the last day isn't a business day ({calendar_words(rule.calendar)}), until {until} "
        f"the next one. {rule.words}"
    )
    if rule.unless:
        words += f" Not if {condition_words(rule.unless)}."
    return ("Shown only, alarms don't follow it: " if rule.lenient else "") + words


def extension_words(extension: Extension) -> str:
    """Say how much more time the law offers, on which condition."""
    more = str(Period(number=extension.number, unit=extension.unit))
    return f"{more} more {extension.condition}"


def tolling_words(tolling: Tolling) -> str:
    """Say whether law enforcement may delay, and what runs after its clearance."""
    after = "no number is given for the time after clearance"
    if tolling.after:
        after = f"after clearance {period_words(tolling.after)} remain"
    return f"{tolling.text.rstrip('.')}; {after}"


def exemption_words(exemption: Exemption) -> str:
    """Say what exempts, and whether facts or only counsel can show it."""
    cited = f" ({exemption.citation})" if exemption.citation else ""
    if exemption.when is None:
        return f"{exemption.text}{cited}: counsel decides; no fact does"
    return f"{exemption.text}{cited}: once the facts show that {condition_words(exemption.when)}"


def mitigation_words(service: Mitigation) -> str:
    """Say which service people must be offered, and for how long."""
    return f"{service.months} months: {service.text} ({service.citation})"


def confidence_words(obligation: Obligation) -> str:
    """Say how well the rule was checked, with the request to counsel where it is due."""
    words = f"{obligation.confidence} confidence, checked on {obligation.verified_on}"
    return f"{words}: {COUNSEL}" if obligation.confirm_with_counsel else words


def status_words(obligation: Obligation) -> str:
    """Say whether the rule runs, and if not, why."""
    words = TYPE_WORDS[obligation.type]
    if obligation.type is ObligationType.DUPLICATE:
        words = f"the same duty as {obligation.duplicate_of}, which is the one that runs"
    if obligation.disabled:
        words = f"disabled: {obligation.disabled.rstrip('.')} ({words})"
    return f"{words}; {OWN}" if obligation.origin.own else words


def in_force_words(obligation: Obligation) -> str:
    """Say from when and until when the rule counts."""
    begun = f"from {obligation.effective_from}" if obligation.effective_from else "no date known"
    return f"{begun} until {obligation.effective_until}" if obligation.effective_until else begun
