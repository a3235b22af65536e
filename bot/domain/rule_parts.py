"""An obligation taken apart: each part of its rule with a label and its text in plain words.

Decides which parts there are and in which order a rule is read. The terminal shows them, the
reference page prints them, and the comparison of two packs compares them. The wording of each is
`rule_words`'s.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from bot.domain.obligations import Obligation
from bot.domain.rule_words import (
    OWN,
    TYPE_WORDS,
    condition_words,
    exemption_words,
    extension_words,
    limit_words,
    mitigation_words,
    period_words,
    rollover_words,
    tolling_words,
    trigger_words,
    zone_words,
)

Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePart:
    """One part of a rule. `read` gives its texts; none: the rule says nothing about it."""

    field: str
    label: str
    read: Callable[[Obligation], Words]


def _part(field: str, label: str, read: Callable[[Obligation], Words | str]) -> RulePart:
    def texts(obligation: Obligation) -> Words:
        found = read(obligation)
        return found if isinstance(found, tuple) else (found,) if found else ()

    return RulePart(field=field, label=label, read=texts)


def _date(day: date | None) -> str:
    return day.isoformat() if day else ""


def _time(at: time | None) -> str:
    return f"{at:%H:%M} local time" if at else ""


RULE_PARTS = (
    _part("disabled", "Doesn't run", lambda one: one.disabled),
    _part("type", "Kind of rule", lambda one: TYPE_WORDS[one.type]),
    _part("duplicate_of", "Runs instead", lambda one: one.duplicate_of),
    _part("own", "Written by", lambda one: f"us: {OWN}" if one.origin.own else ""),
    _part("duty", "Duty", lambda one: one.duty),
    _part("jurisdiction", "Jurisdiction", lambda one: one.jurisdiction),
    _part("regime", "Regime", lambda one: one.regime),
    _part("citation", "Citation", lambda one: one.citation),
    _part(
        "recipient",
        "Told to",
        lambda one: f"{one.recipient.name} ({one.recipient.kind.replace('_', ' ')})",
    ),
    _part("trigger", "Starts with", lambda one: trigger_words(one.trigger)),
    _part("period", "Period", lambda one: period_words(one.period)),
    _part("limits", "Not later than", lambda one: tuple(limit_words(x) for x in one.limits)),
    _part("counting", "Counted", lambda one: one.counting),
    _part("cutoff_local", "Cut-off", lambda one: _time(one.cutoff_local)),
    _part(
        "must_arrive",
        "Arrival",
        lambda one: "it must have been received by then" if one.must_arrive else "",
    ),
    _part("zone", "Zone", lambda one: zone_words(one.zone)),
    _part("rollover", "Day off", lambda one: rollover_words(one.rollover) if one.rollover else ""),
    _part(
        "lenient",
        "Lenient",
        lambda one: "the reading of Regulation 1182/71 is shown beside it" if one.lenient else "",
    ),
    _part(
        "extension",
        "Extension",
        lambda one: extension_words(one.extension) if one.extension else "",
    ),
    _part("tolling", "Delay", lambda one: tolling_words(one.tolling) if one.tolling else ""),
    _part("threshold", "Threshold", lambda one: one.threshold),
    _part("applies_to", "Binds", lambda one: one.applies_to),
    _part("applies_if", "Applies if", lambda one: condition_words(one.applies_if)),
    _part("exemptions", "Exempt if", lambda one: tuple(exemption_words(x) for x in one.exemptions)),
    _part("late_reasons", "If late", lambda one: one.late_reasons),
    _part("follow_up", "Then", lambda one: one.follow_up),
    _part("contents", "Must say", lambda one: one.contents.items if one.contents else ()),
    _part(
        "contents_checked", "How checked", lambda one: one.contents.checked if one.contents else ""
    ),
    _part("mitigation", "Service", lambda one: tuple(mitigation_words(x) for x in one.mitigation)),
    _part("portal", "Portal", lambda one: one.portal),
    _part("notices", "Templates", lambda one: one.notices),
    _part("role", "Responsible", lambda one: one.role),
    _part("effective_from", "In force from", lambda one: _date(one.effective_from)),
    _part("effective_until", "In force until", lambda one: _date(one.effective_until)),
    _part("source", "Source", lambda one: one.source),
    _part("confidence", "Confidence", lambda one: one.confidence.value),
    _part("verified_on", "Checked on", lambda one: _date(one.verified_on)),
    _part("caveats", "Note", lambda one: one.caveats),
)
"""Every part of a rule, in the order in which a rule is read."""
