"""`tocsin obligations list` and `show`: the pack as it is, for people and as JSON.

Decides which duties are listed and how a rule is laid out. The words are `domain.rule_parts`'s, the
JSON forms `obligations_json`'s.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn

from bot.cli.obligations_common import UsageError, dump, entry, find_obligation
from bot.cli.obligations_json import listed, shown
from bot.content.yaml_source import suggest
from bot.domain.conditions import Condition
from bot.domain.obligations import Obligation, ObligationType, RecipientKind
from bot.domain.places import PLACE_GROUPS, is_within
from bot.domain.rule_parts import RULE_PARTS
from bot.domain.rule_words import (
    COUNSEL,
    OWN,
    condition_lines,
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
