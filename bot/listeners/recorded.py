"""The answer to recorded facts: what was understood, and what followed from it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.blocks.words import cut, escape, when_legal
from bot.domain.facts import value_in_words
from bot.listeners.fact_phrases import StatedFact
from bot.services.clocks import ClockNews

NEWS_SHOWN = 10
"""Clocks that the answer names; of the rest their number is told."""
FACTS_SHOWN = 20


def recorded_words(
    stated: Sequence[StatedFact], news: Sequence[ClockNews], *, zone: str, cannot_tell: int
) -> str:
    """Say back what was understood, in UTC too, and what followed from it, the nearest first."""
    lines = [f"✅ Recorded (times read as {zone}):"]
    for one in stated[:FACTS_SHOWN]:
        shown = value_in_words(one.key, one.value)
        lines.append(f"• `{one.key}` *{escape(shown)}* ({one.confidence})")
    if len(stated) > FACTS_SHOWN:
        lines.append(f"… and {len(stated) - FACTS_SHOWN} more: `/incident fact list`")
    far = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(news, key=lambda one: (one.due_at or far, one.key))
    lines += [_changed(one) for one in ordered[:NEWS_SHOWN]] or ["_No clock changed._"]
    if len(ordered) > NEWS_SHOWN:
        lines.append(f"… and {len(ordered) - NEWS_SHOWN} more: `/incident clock all`")
    if cannot_tell:
        lines.append(f"❔ {cannot_tell} duties can't be told yet: `/incident clock questions`")
    return "\n".join(lines)


def _changed(one: ClockNews) -> str:
    due = f", due {when_legal(one.due_at)}" if one.due_at else ""
    kind = one.kind.value.replace("_", " ")
    reason = escape(cut(one.reason, 300))
    return f"⏳ *{escape(one.title)}* `{one.key}`: {kind}{due}\n      {reason}"
