"""How one clock is said: its line, and what stands beside it, in every list and on the card.

Decides words only. A soft limit, an embargo and a rule of our own are named as such, and a rule of
medium or low confidence never stands without “confirm with counsel”.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.blocks.words import cut, escape, left_words, when, when_legal
from bot.domain.clocks import ClockKind
from bot.domain.obligations import ObligationType
from bot.domain.situation import ClockView, Situation

TYPE_WORDS = {
    ObligationType.SOFT_LIMIT: "soft limit: the authority's guidance, not the statute",
    ObligationType.ASSESSMENT_LIMIT: "limit on our own assessment",
    ObligationType.EMBARGO: "embargo: nobody may be told before",
}
"""What is said of rules that aren't ordinary deadlines."""

_MARKS = {"met": "✅", "waived": "➖", "tolled": "⏸️", "missed": "🚨", "waiting": "❔"}


def clock_line(clock: ClockView) -> str:
    """One clock in one line: what it is, and by when."""
    title = f"*{escape(clock.title)}*"
    if clock.state == "running":
        return _running(clock, title)
    mark = _MARKS.get(clock.state, "▫️")
    if clock.state == "missed":
        due = f", was due {when_legal(clock.due_at)}" if clock.due_at else ""
        return f"{mark} {title}: *overdue*{due}"
    if clock.state == "waiting" and clock.would_be_due_at:
        return f"{mark} {title}: if it applies, due {when_legal(clock.would_be_due_at)}"
    if clock.state == "waiting":
        waits = ", ".join(f"`{key}`" for key in clock.missing[:4]) or "another duty"
        return f"{mark} {title}: waits for {waits}"
    if clock.state == "tolled":
        due = f"; before that it was due {when_legal(clock.due_at)}" if clock.due_at else ""
        return f"{mark} {title}: held for law enforcement{due}"
    if clock.state == "met" and clock.met_at:
        late = ", *late*" if clock.met_late else ""
        return f"{mark} {title}: met {when_legal(clock.met_at)}{late}"
    return f"{mark} {title}: {clock.state.replace('_', ' ')}"


def _running(clock: ClockView, title: str) -> str:
    if clock.not_before:
        return f"🤐 {title}: nobody may be told before {when_legal(clock.not_before)}"
    if clock.due_at:
        return f"⏳ {title}: due {when_legal(clock.due_at)}"
    return f"⏳ {title}: without undue delay, the law gives no number"


def clock_notes(clock: ClockView) -> str:
    """What must stand beside a clock of law: citation, kind of rule, whose rule, how sure."""
    notes = [f"_{escape(cut(clock.citation, 160))}_"] if clock.citation else []
    if clock.type in TYPE_WORDS:
        notes.append(TYPE_WORDS[ObligationType(clock.type)])
    if clock.own_rule:
        notes.append("own rule")
    if clock.confirm_with_counsel:
        notes.append("*confirm with counsel*")
    return " · ".join(notes)


def clock_entry(clock: ClockView, now: datetime) -> str:
    """One clock in a list: its line with id and time left, its notes, and why it stands so."""
    first = f"{clock_line(clock)}  `{clock.key}`"
    if clock.due_at and clock.state in {"running", "missed"}:
        first += f" · *{left_words(clock.due_at, now)}*"
    lines = [first]
    notes = clock_notes(clock)
    if notes:
        lines.append(f"      {notes}")
    if clock.state not in {"running", "missed"} or clock.kind != "regulatory":
        lines.append(f"      {escape(cut(clock.reason, 200))}")
    return "\n".join(lines)


def targets_line(situation: Situation) -> str:
    """Our own targets in one line, beside the deadlines of law; empty if none is open."""
    told = []
    for clock in situation.clocks_in("missed", "running"):
        if clock.kind == ClockKind.CONTAINMENT and clock.due_at:
            passed = clock.state == "missed"
            said = f"🚨 {escape(clock.title)} *overdue*" if passed else escape(clock.title)
            told.append(f"{said} {when(clock.due_at)}")
    return f"🎯 *Our own targets:* {' · '.join(told)}" if told else ""


def legal(clocks: Iterable[ClockView]) -> list[ClockView]:
    """Keep the clocks of law, and of our own rules and contracts."""
    return [clock for clock in clocks if clock.kind == ClockKind.REGULATORY]
