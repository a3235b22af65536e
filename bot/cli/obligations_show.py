"""`tocsin obligations list` and `show`: the pack as it is, for people and as JSON.

Decides which parts of a rule each shows. The words are `domain.rule_parts`'s. The JSON keys are an
interface that stays.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bot.cli.obligations_common import UsageError, dump, entry, find_obligation
from bot.content.yaml_source import suggest
from bot.domain.conditions import Condition
from bot.domain.events import EVENTS
from bot.domain.obligations import (
    Limit,
    Obligation,
    ObligationType,
    Period,
    RecipientKind,
    Tolling,
    Trigger,
)
from bot.domain.places import PLACE_GROUPS, is_within
from bot.domain.rule_parts import RULE_PARTS
from bot.domain.rule_words import (
    COUNSEL,
    OWN,
    condition_lines,
    condition_words,
    confidence_words,
)


def listing(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> str:
    """List the duties that pass the filters; raise `UsageError` for a filter that fits nothing."""
    chosen = list(_filtered(args, obligations))
    if args.json:
        return dump([listed(one) for one in chosen])
    rows = [(one.id, str(one.period), one.recipient.name, _marks(one)) for one in chosen]
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    return "".join(
        f"{name:<{wide[0]}}  {period:<{wide[1]}}  {recipient}{marks}\n"
        for name, period, recipient, marks in rows
    )


def show(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> str:
    """Show everything about one duty."""
    one = find_obligation(args.id, obligations)
    if args.json:
        return dump(shown(one))
    return "".join(f"{line}\n" for line in _told(one))


def _filtered(
    args: argparse.Namespace, obligations: Mapping[str, Obligation]
) -> Sequence[Obligation]:
    chosen = list(obligations.values())
    if args.jurisdiction:
        chosen = _in_place(args.jurisdiction.upper(), chosen)
    if args.regime:
        found = [one for one in chosen if args.regime.casefold() in one.regime.casefold()]
        chosen = found or _none("regime", args.regime, (one.regime for one in chosen))
    if args.recipient:
        found = [one for one in chosen if _told_to(one, args.recipient.casefold())]
        chosen = found or _none("recipient", args.recipient, RecipientKind)
    return chosen


def _in_place(code: str, chosen: list[Obligation]) -> list[Obligation]:
    """Keep the duties of a place and of its parts, and for a member state the EU's."""
    eu = PLACE_GROUPS["EU_EEA"]
    codes = {code, eu.code} if code in eu.countries else {code}
    found = [one for one in chosen if any(is_within(one.jurisdiction, c) for c in codes)]
    return found or _none("jurisdiction", code, {one.jurisdiction for one in chosen})


def _told_to(one: Obligation, word: str) -> bool:
    return word == one.recipient.kind or word in one.recipient.name.casefold()


def _none(what: str, word: str, options: Iterable[str]) -> NoReturn:
    raise UsageError(f"No obligation here has the {what} “{word}”: {suggest(word, options)}")


def _marks(one: Obligation) -> str:
    """Say in brackets what sets a rule apart from an ordinary, well-checked deadline."""
    marks = [f"disabled: {one.disabled.rstrip('.')}"] if one.disabled else []
    if one.type is not ObligationType.DEADLINE:
        marks.append(one.type.value.replace("_", " "))
    if one.duplicate_of:
        marks.append(f"see {one.duplicate_of}")
    marks += [OWN] if one.origin.own else []
    marks += [COUNSEL] if one.confirm_with_counsel else []
    return f"  [{'; '.join(marks)}]" if marks else ""


def _told(one: Obligation) -> Iterator[str]:
    yield f"{one.id}: {one.duty}"
    yield ""
    for part in RULE_PARTS:
        usual = part.field == "type" and one.type is ObligationType.DEADLINE
        if usual or part.field in {"duty", "confidence", "verified_on"}:
            continue
        texts = (_tree(one.applies_if),) if part.field == "applies_if" else part.read(one)
        yield from (entry(part.label, text) for text in texts)
    yield entry("Confidence", confidence_words(one))
    yield entry("File", f"{one.origin.file} ({'own rules' if one.origin.own else 'pack'})")


def _tree(condition: Condition) -> str:
    lines = list(condition_lines(condition))
    if len(lines) == 1:
        return lines[0][1]
    return "\n".join(f"{'  ' * depth}- {text}" if depth else text for depth, text in lines)


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
    roll, extension = one.rollover, one.extension
    return listed(one) | {
        "role": one.role,
        "trigger_rule": _trigger(one.trigger),
        "period_rule": _period(one.period),
        "limits": [_limit(limit) for limit in one.limits],
        "zone_rule": {
            "name": one.zone.name,
            "rule": one.zone.rule,
            "fact": one.zone.fact,
            "prefixes": list(one.zone.prefixes),
        },
        "cutoff_local": f"{one.cutoff_local:%H:%M}" if one.cutoff_local else None,
        "must_arrive": one.must_arrive,
        "rollover": {
            "calendar": roll.calendar,
            "at": f"{roll.at:%H:%M}" if roll.at else None,
            "unless": condition_words(roll.unless) if roll.unless else "",
            "lenient": roll.lenient,
            "words": roll.words,
        }
        if roll
        else None,
        "lenient": one.lenient,
        "extension": {
            "number": extension.number,
            "unit": extension.unit.value,
            "condition": extension.condition,
        }
        if extension
        else None,
        "tolling": _tolling(one.tolling) if one.tolling else None,
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
        "late_reasons": one.late_reasons,
        "follow_up": list(one.follow_up),
        "contents": {"items": list(one.contents.items), "checked": one.contents.checked}
        if one.contents
        else None,
        "mitigation": [
            {"months": m.months, "text": m.text, "citation": m.citation} for m in one.mitigation
        ],
        "portal": one.portal,
        "notices": list(one.notices),
        "caveats": list(one.caveats),
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
