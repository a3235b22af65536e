"""The JSON forms of an obligation, as `tocsin obligations list` and `show` print them.

Decides the keys, which are an interface that stays: one may come, none may go or change its sense.
"""

from typing import Any

from bot.domain.events import EVENTS
from bot.domain.obligations import Limit, Obligation, Period, Rollover, Tolling, Trigger
from bot.domain.rule_words import condition_words


def listed(one: Obligation) -> dict[str, Any]:
    """Give the JSON form that `list` prints of each duty."""
    return {
        "id": one.id,
        "type": one.type.value,
        "disabled": one.disabled,
        "duplicate_of": one.duplicate_of,
        "runs": one.runs,
        "own": one.origin.own,
        "jurisdiction": one.jurisdiction,
        "regime": one.regime,
        "citation": one.citation,
        "recipient": {"kind": one.recipient.kind.value, "name": one.recipient.name},
        "duty": one.duty,
        "trigger": [EVENTS[event].fact for event in one.trigger.events],
        "events": list(one.trigger.events),
        "period": {"number": one.period.number, "unit": one.period.unit.value},
        "zone": one.zone.name,
        "rule": one.counting,
        "effective_from": one.effective_from.isoformat() if one.effective_from else None,
        "effective_until": one.effective_until.isoformat() if one.effective_until else None,
        "confidence": one.confidence.value,
        "confirm_with_counsel": one.confirm_with_counsel,
        "verified_on": one.verified_on.isoformat(),
        "source": one.source,
        "file": one.origin.file,
        "sha256": one.origin.sha256,
    }


def shown(one: Obligation) -> dict[str, Any]:
    """Give the JSON form that `show` prints: the keys of `list`, and everything else."""
    return listed(one) | _counting(one) | _scope(one) | _doing(one)


def _counting(one: Obligation) -> dict[str, Any]:
    zone, extension = one.zone, one.extension
    return {
        "trigger_rule": _trigger(one.trigger),
        "period_rule": _period(one.period),
        "limits": [_limit(limit) for limit in one.limits],
        "zone_rule": {
            "name": zone.name,
            "rule": zone.rule,
            "fact": zone.fact,
            "prefixes": list(zone.prefixes),
        },
        "cutoff_local": f"{one.cutoff_local:%H:%M}" if one.cutoff_local else None,
        "must_arrive": one.must_arrive,
        "rollover": _rollover(one.rollover) if one.rollover else None,
        "lenient": one.lenient,
        "extension": {
            "number": extension.number,
            "unit": extension.unit.value,
            "condition": extension.condition,
        }
        if extension
        else None,
        "tolling": _tolling(one.tolling) if one.tolling else None,
    }


def _scope(one: Obligation) -> dict[str, Any]:
    return {
        "threshold": one.threshold,
        "applies_to": one.applies_to,
        "applies_if": condition_words(one.applies_if),
        "exemptions": [
            {
                "text": e.text,
                "citation": e.citation,
                "when": condition_words(e.when) if e.when else "",
            }
            for e in one.exemptions
        ],
    }


def _doing(one: Obligation) -> dict[str, Any]:
    contents = one.contents
    return {
        "role": one.role,
        "late_reasons": one.late_reasons,
        "follow_up": list(one.follow_up),
        "contents": {"items": list(contents.items), "checked": contents.checked}
        if contents
        else None,
        "mitigation": [
            {"months": m.months, "text": m.text, "citation": m.citation} for m in one.mitigation
        ],
        "portal": one.portal,
        "notices": list(one.notices),
        "caveats": list(one.caveats),
    }


def _rollover(rule: Rollover) -> dict[str, Any]:
    return {
        "calendar": rule.calendar,
        "at": f"{rule.at:%H:%M}" if rule.at else None,
        "unless": condition_words(rule.unless) if rule.unless else "",
        "lenient": rule.lenient,
        "words": rule.words,
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return {
        "events": list(trigger.events),
        "words": trigger.words,
        "pick": trigger.pick.value,
        "of": list(trigger.of),
        "caveat": trigger.caveat,
    }


def _period(period: Period) -> dict[str, Any]:
    return {
        "number": period.number,
        "unit": period.unit.value,
        "calendar": period.calendar,
        "relation": period.relation.value,
        "first_day_included": period.first_day_included,
        "from_year_end": period.from_year_end,
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "words": limit.words,
        "trigger": _trigger(limit.trigger) if limit.trigger else None,
        "period": _period(limit.period) if limit.period else None,
        "deadline_of": limit.deadline_of,
        "lapses": limit.lapses,
        "replaces": limit.replaces,
    }


def _tolling(tolling: Tolling) -> dict[str, Any]:
    after = _period(tolling.after) if tolling.after else None
    return {"text": tolling.text, "after": after}
