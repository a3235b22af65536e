"""Reminders as messages: one clock's, many at once, the day's digest, and what nobody answered.

Each has buttons: to acknowledge, and to snooze. Decides words and buttons only; which snoozes are
possible is worked out when the reminder fires. Commands name the incident, because many of these
messages come by direct message, where none is meant without its name.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.blocks.words import Message, context, escape, mention, plain, when_legal
from bot.domain.reminders import BREACH
from bot.domain.roles import Role
from bot.domain.situation import ClockView, Situation, words_for

ACTIONS = "reminder"
"""Block id of the buttons, by which an answered message is told from one that waits."""
ACKNOWLEDGE = "reminder_acknowledge"
SNOOZE = "reminder_snooze_"
LISTED = 15
_SNOOZES = {"1h": "Snooze 1 h", "4h": "Snooze 4 h", "tomorrow": "Until 07:00"}


def reminder(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Remind of one clock."""
    clock = next(one for one in situation.clocks if one.key == detail["clock"])
    label = str(detail["label"])
    due = f" · due {when_legal(clock.due_at)}" if clock.due_at else ""
    if label == BREACH:
        text = f"🚨 *Deadline passed* · {escape(clock.title)}{due}"
    else:
        text = f"⏰ *{label}* · {escape(clock.title)}{due}"
    text += _late(detail)
    text += f"\nMet? `/incident clock {situation.ref} met {clock.key} reference`"
    return plain(text, *_buttons(detail, situation))


def together(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Remind of many clocks at once."""
    count = len(detail["clocks"])
    passed = all(one["label"] == BREACH for one in detail["clocks"])
    text = f"🚨 *{count} deadlines passed*" if passed else f"⏰ *{count} clocks*"
    text += f" · {situation.ref}{_late(detail)}\n" + "\n".join(_lines(detail, situation))
    text += f"\nMet? `/incident clock {situation.ref} met ID reference`"
    return plain(text, *_buttons(detail, situation))


def digest(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Say once a day what many clocks with days left would say one by one."""
    count = len(detail["clocks"])
    text = f"🗓️ *Reminders of the day* · {count} clocks of {situation.ref}{_late(detail)}\n"
    text += "\n".join(_lines(detail, situation))
    return plain(text, *_buttons(detail, situation))


def escalation(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Tell the Commander, or a deputy, what nobody has acknowledged."""
    silent = words_for(timedelta(seconds=int(detail["silent_s"])))
    text = f"🔔 *Nobody has acknowledged this for {silent}* · {situation.ref}\n"
    text += "\n".join(_lines(detail, situation))
    owner = Role(str(detail["owner"]))
    holders = situation.roles.get(owner)
    if holders:
        who = ", ".join(mention(one) for one in holders)
        text += f"\n{owner.title()} is {who}. Reach them, or see to it; then press *Acknowledge*."
    else:
        assign = f"/incident role {situation.ref} assign {owner} @who"
        text += f"\nNobody is {owner.title()} yet: `{assign}`."
    if detail["step"] > 1:
        text += "\n_You are told as deputy, after the Commander._"
    elif not situation.deputies.get(owner):
        text += f"\n_No deputy is named:_ `/incident role {situation.ref} deputy {owner} @who`"
    return plain(text, *_buttons(detail, situation))


def _late(detail: Mapping[str, Any]) -> str:
    late = timedelta(seconds=int(detail["late_s"]))
    return f"\n_This reminder is {words_for(late)} late: Tocsin was down._" if late else ""


def _lines(detail: Mapping[str, Any], situation: Situation) -> list[str]:
    """List the clocks, which come with the nearest deadline first."""
    by_key = {clock.key: clock for clock in situation.clocks}
    told: Sequence[Mapping[str, Any]] = [one for one in detail["clocks"] if one["key"] in by_key]
    lines = [_line(by_key[str(one["key"])], str(one["label"])) for one in told[:LISTED]]
    if len(told) > LISTED:
        lines.append(f"… and {len(told) - LISTED} more: `/incident clock {situation.ref} all`")
    return lines


def _line(clock: ClockView, label: str) -> str:
    due = f" · due {when_legal(clock.due_at)}" if clock.due_at else ""
    passed = "🚨 deadline passed" if label == BREACH else label
    return f"• {escape(clock.title)} `{clock.key}` · *{passed}*{due}"


def _buttons(detail: Mapping[str, Any], situation: Situation) -> list[Block]:
    """Offer the answers; a job that an older version asked for has no token and gets none."""
    token = detail.get("token")
    if not token:
        return []
    value = f"{situation.ref}|{token}"
    buttons = [
        ButtonElement(text="Acknowledge", action_id=ACKNOWLEDGE, value=value, style="primary")
    ]
    buttons += [
        ButtonElement(text=_SNOOZES[choice], action_id=f"{SNOOZE}{choice}", value=value)
        for choice in detail.get("snooze", ())
    ]
    return [ActionsBlock(block_id=ACTIONS, elements=buttons)]


def without_buttons(blocks: Sequence[Mapping[str, Any]], words: str) -> list[dict[str, Any]]:
    """Put what somebody answered in the place of a message's buttons, in Slack's own form."""
    kept = [dict(one) for one in blocks if one.get("block_id") != ACTIONS]
    return [*kept, dict(context(words).to_dict())]
