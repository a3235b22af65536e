"""`tocsin obligations diff OLD NEW`: what changed between two packs, in words for counsel.

Decides the layout only: what counts as a change, and its wording, is `domain.pack_diff`'s.
"""

import argparse
from collections.abc import Iterator
from typing import Any

from bot.cli.obligations_common import dump, entry, load_folder
from bot.domain.obligations import Obligation
from bot.domain.pack_diff import DutyChange, PackDiff, diff_packs
from bot.domain.rule_words import confidence_words, period_words


def diff(args: argparse.Namespace) -> str:
    """Compare two folders.

    Raises:
        ContentRootError: one of them isn't there.
        ContentError: one of them isn't sound.
    """
    found = diff_packs(load_folder(args.old), load_folder(args.new))
    if args.json:
        return dump(_json(found))
    return "".join(f"{line}\n" for line in _told(found))


def _told(found: PackDiff) -> Iterator[str]:
    if found.nothing:
        yield "Both packs say the same."
        return
    for title, duties in (("Added", found.added), ("Removed", found.removed)):
        if duties:
            yield f"{title}: {len(duties)}"
            yield from (_line(one, f"{_rule(one)}. {confidence_words(one)}.") for one in duties)
            yield ""
    if found.disabled:
        yield f"Disabled, no longer counted: {len(found.disabled)}"
        yield from (_line(one, one.disabled) for one in found.disabled)
        yield ""
    if found.enabled:
        yield f"Enabled, counted from now on: {len(found.enabled)}"
        yield from (_line(one, f"{_rule(one)}.") for one in found.enabled)
        yield ""
    if found.changed:
        yield f"Changed: {len(found.changed)}"
        for change in found.changed:
            yield from _changed(change)


def _line(one: Obligation, text: str) -> str:
    return entry(f"  {one.id}", text, width=26)


def _rule(one: Obligation) -> str:
    return f"{one.regime}, {one.citation}: {one.duty.rstrip('.')}; {period_words(one.period)}"


def _changed(change: DutyChange) -> Iterator[str]:
    yield f"  {change.new.id} ({change.new.regime}, {change.new.citation})"
    yield from (entry("    -", field.told, width=6) for field in change.fields)


def _json(found: PackDiff) -> dict[str, Any]:
    return {
        "added": [_named(one) for one in found.added],
        "removed": [_named(one) for one in found.removed],
        "disabled": [_named(one) for one in found.disabled],
        "enabled": [_named(one) for one in found.enabled],
        "changed": [
            {
                "id": change.new.id,
                "fields": [
                    {
                        "field": one.field,
                        "label": one.label,
                        "old": list(one.old),
                        "new": list(one.new),
                        "words": one.told,
                    }
                    for one in change.fields
                ],
            }
            for change in found.changed
        ],
    }


def _named(one: Obligation) -> dict[str, Any]:
    return {
        "id": one.id,
        "regime": one.regime,
        "citation": one.citation,
        "duty": one.duty,
        "disabled": one.disabled,
    }
