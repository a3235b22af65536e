"""Answer about one duty: whether it applies and why, how it is counted, and all that the law wants.

Works for every duty of the pack, with a clock or without. Decides order and words; everything said
comes from the pack, the facts and what people ruled.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.blocks.clock_lists import COUNSEL, PAGE_LIMIT, QUESTIONS_BUTTON
from bot.blocks.clock_words import TYPE_WORDS, clock_line
from bot.blocks.words import (
    SECTION_LIMIT,
    context,
    cut,
    cut_markup,
    escape,
    header,
    left_words,
    sections,
    when,
    when_legal,
)
from bot.domain.applicability import Verdict
from bot.domain.obligations import Obligation, ObligationType
from bot.domain.place_names import place_name
from bot.domain.questions import question_label
from bot.domain.situation import ClockView, DutyView, RulingView

_VERDICTS = {
    Verdict.APPLIES: "applies",
    Verdict.DOES_NOT_APPLY: "doesn't apply",
    Verdict.CANNOT_TELL: "can't be told yet",
}
LISTED = 12
"""Items of a list that are shown; the rest is counted."""


def duty_blocks(duty: DutyView, now: datetime) -> list[Block]:
    """Show one duty of the pack in full."""
    one = duty.obligation
    parts = [
        _standing(duty, now),
        _why(duty),
        _counting(duty),
        _course(duty),
        _law(one),
        _source(one),
    ]
    blocks: list[Block] = [header(f"{one.id} · {one.regime}")]
    for part in _kept(parts):
        blocks += sections(part)
    if duty.verdict.verdict is Verdict.CANNOT_TELL and one.runs:
        button = ButtonElement(
            text="Answer questions", action_id=QUESTIONS_BUTTON, value=duty.ref, style="primary"
        )
        blocks.append(ActionsBlock(block_id="clocks", elements=[button]))
    return [*blocks, context(COUNSEL)]


def containment_blocks(clock: ClockView, now: datetime) -> list[Block]:
    """Show one of our own targets."""
    lines = [clock_line(clock) + _left(clock.due_at, clock.state, now)]
    lines.append(f"_Why:_ {escape(cut(clock.reason, 1000))}")
    if clock.proof:
        lines.append(f"_Note:_ {escape(cut(clock.proof, 1000))}")
    lines.append("It is our own target from the playbook, not a duty of law.")
    return [header(f"{clock.key} · our own target"), *sections(lines)]


def _kept(parts: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Keep to what a message takes; the longest duty of the pack is well below it."""
    left = PAGE_LIMIT
    for part in parts:
        kept = []
        for line in part:
            if left > 0:
                kept.append(cut_markup(line, min(left, SECTION_LIMIT)))
            left -= len(line)
        if kept:
            yield kept


def _left(due_at: datetime | None, state: str, now: datetime) -> str:
    live = due_at is not None and state in {"running", "missed"}
    return f" · *{left_words(due_at, now)}*" if live and due_at else ""


def _standing(duty: DutyView, now: datetime) -> list[str]:
    """Say what is to be done, to whom, and where it stands."""
    one = duty.obligation
    whom = f"To {escape(one.recipient.name)} · {escape(place_name(one.jurisdiction))}"
    lines = [f"*{escape(one.duty)}*", f"{whom} · _{escape(one.citation)}_"]
    notes = [TYPE_WORDS[one.type].split(":")[0]] if one.type in TYPE_WORDS else []
    notes += ["own rule"] if one.origin.own else []
    notes += ["*confirm with counsel*"] if one.confirm_with_counsel else []
    if notes:
        lines.append(" · ".join(notes))
    if duty.clock:
        lines.append(clock_line(duty.clock) + _left(duty.clock.due_at, duty.clock.state, now))
        if duty.clock.proof:
            lines.append(f"_{duty.clock.state.title()}:_ {escape(cut(duty.clock.proof, 500))}")
        if duty.clock.lateness:
            lines.append(f"_Why it was late:_ {escape(cut(duty.clock.lateness, 500))}")
    else:
        lines.append(_without_clock(duty))
    return lines


def _without_clock(duty: DutyView) -> str:
    one = duty.obligation
    if one.disabled:
        return f"▫️ It never runs here: {escape(one.disabled)}"
    if one.duplicate_of:
        return f"▫️ It is the same duty as `{one.duplicate_of}`, which is the one that runs."
    if one.type is ObligationType.SIGNPOST:
        return "▫️ It points to other rules and has no deadline of its own."
    told = f"No clock: it {_VERDICTS[duty.verdict.verdict]}."
    would_be = duty.counted.would_be_due_at if duty.counted else None
    return f"❔ {told} If it applies, due {when_legal(would_be)}." if would_be else f"▫️ {told}"


def _why(duty: DutyView) -> list[str]:
    """Say why it applies or doesn't, from which facts, and what is still missing."""
    verdict = duty.verdict
    reasons = [escape(cut(one, 400)) for one in verdict.reasons]
    lines = [f"*Why: it {_VERDICTS[verdict.verdict]}*", *_bullets(reasons)]
    if duty.facts:
        told = [
            f"`{one.key}` {escape(cut(one.value, 120))} ({one.confidence})" for one in duty.facts
        ]
        lines.append(f"_From the facts:_ {' · '.join(told[:LISTED])}")
    if verdict.verdict is Verdict.CANNOT_TELL:
        first = [f"`{key}` {escape(question_label(key))}" for key in verdict.missing]
        lines += ["_Still to be answered:_", *_bullets(first)]
    elif duty.clock and duty.clock.state == "waiting":
        waits = [f"`{key}` {escape(question_label(key))}" for key in duty.clock.missing]
        lines += ["_Waits for:_", *_bullets(waits)]
    if verdict.open_exemptions:
        lines += ["_Exempt if:_", *_bullets(escape(one) for one in verdict.open_exemptions)]
    return lines


def _counting(duty: DutyView) -> list[str]:
    """Say how the deadline is counted, and every other reading of it."""
    one, counted = duty.obligation, duty.counted
    lines = [f"*How it is counted*\n{escape(one.counting)}"]
    lines.append(f"_Starts with:_ {escape(one.trigger.words)} · _Period:_ {one.period}")
    lines.append(f"_Zone:_ {counted.zone if counted else one.zone.name}. {escape(one.zone.rule)}")
    if counted and counted.trigger_at:
        by = f"`{counted.trigger_key}`" if counted.trigger_key else "the event"
        lines.append(f"_Counted from:_ {by}, {when_legal(counted.trigger_at)}")
    if counted and counted.lenient_due_at:
        lines.append(
            f"_A more lenient reading:_ {when_legal(counted.lenient_due_at)}. "
            f"{escape(counted.lenient_words)} Alarms follow the strict one."
        )
    if one.extension:
        until = counted.extended_due_at if counted else None
        by = f" until {when_legal(until)}" if until else ""
        lines.append(
            f"_Extension:_{by} {escape(one.extension.condition)} "
            f"(`/incident clock extend {one.id} because …`)"
        )
    if one.tolling:
        lines.append(f"_Delay for law enforcement:_ {escape(one.tolling.text)}")
    caveats = duty.counted.caveats if duty.counted else one.caveats
    return [*lines, *(f"⚠️ {escape(one)}" for one in caveats)]


def _course(duty: DutyView) -> list[str]:
    """Tell what counsel ruled, oldest first, with who and why."""
    return (
        ["*What was ruled*", *_bullets(_ruling(one) for one in duty.rulings)]
        if duty.rulings
        else []
    )


def _ruling(act: RulingView) -> str:
    if act.kind == "overruled":
        said = []
        if act.withdrawn:
            said.append("the ruling was withdrawn")
        if act.applies is not None:
            said.append("it applies" if act.applies else "it doesn't apply")
        if act.due_at:
            said.append(f"due {when_legal(act.due_at)}")
        what = " and ".join(said)
    elif act.kind == "tolled":
        cleared = f", cleared {when_legal(act.cleared_at)}" if act.cleared_at else ""
        what = f"held for law enforcement on E-{act.evidence}{cleared}"
    else:
        what = "the extension was taken up"
    return f"{when(act.at)} {escape(act.by)}: {what}. {escape(cut(act.reason, 400))}"


def _law(one: Obligation) -> list[str]:
    """Say what the notice must contain, and what else the law wants."""
    lines: list[str] = []
    if one.threshold:
        lines.append(f"_From:_ {escape(one.threshold)}")
    if one.applies_to:
        lines.append(f"_For:_ {escape(one.applies_to)}")
    if one.contents:
        lines += ["*The notice says*", *_bullets(escape(item) for item in one.contents.items)]
        lines.append(f"_This list:_ {escape(one.contents.checked)}")
    lines += [
        f"🛡️ *{m.months} months* {escape(m.text)} (_{escape(m.citation)}_)" for m in one.mitigation
    ]
    if one.portal:
        lines.append(f"_Where:_ {escape(one.portal)}")
    if one.late_reasons:
        lines.append(f"_If it is late:_ {escape(one.late_reasons)}")
    lines += [f"_Then:_ {escape(text)}" for text in one.follow_up]
    return lines


def _source(one: Obligation) -> list[str]:
    doubt = " · *confirm with counsel*" if one.confirm_with_counsel else ""
    where = f"our own rule, {one.origin.file}" if one.origin.own else one.origin.file
    return [
        f"*Source* {escape(one.source)}",
        f"Checked {one.verified_on} · confidence {one.confidence.value}{doubt} · {escape(where)}",
    ]


def _bullets(lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    yield from (f"• {line}" for line in listed[:LISTED])
    if len(listed) > LISTED:
        yield f"… and {len(listed) - LISTED} more"
