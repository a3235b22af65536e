"""Custody in Slack: an item with its chain, the message to a receiver, holds and disposals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.blocks.words import Message, context, cut, escape, mention, plain, sections, when
from bot.domain.situation import PersonView, Situation

ACTIONS = "custody"
"""Block id of the buttons, by which an answered message is told from one that waits."""
RECEIVE = "custody_receive"
STEPS_SHOWN = 15
USAGE = (
    "`/incident evidence transfer {n} @who`, `copy {n} for whom`, `analyse {n} what`, "
    "`derive {n} name: how`, `return {n} to whom`, `seal {n}`"
)


def item_blocks(
    *,
    head: str,
    holder: PersonView,
    waits_for: PersonView | None,
    steps: Sequence[tuple[datetime, PersonView, str]],
    number: int,
    link: str,
) -> list[Block]:
    """Show an item, who holds it, and the newest steps of its custody."""
    lines = [head, f"Held by {mention(holder)}"]
    if waits_for is not None:
        lines[-1] += f", on its way to {mention(waits_for)}"
    shown = list(steps)[-STEPS_SHOWN:]
    if len(steps) > len(shown):
        lines.append(f"… {len(steps) - len(shown)} earlier steps: <{link}|on its page>")
    lines += [f"{when(at)} {mention(who)}: {escape(cut(words, 200))}" for at, who, words in shown]
    return [
        *sections(lines),
        context(f"<{link}|All of it, picture and custody form> · {USAGE.format(n=number)}"),
    ]


def for_receiver(arguments: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Tell somebody that an item was released to them; it is theirs when they say so."""
    number = arguments["number"]
    item = next(one for one in situation.evidence if one.number == number)
    link = f"{base_url}/incidents/{situation.ref}/evidence/{number}/item"
    text = (
        f"📦 <@{arguments['by']}> releases *<{link}|E-{number} {escape(cut(item.title, 80))}>* of "
        f"{situation.ref} to you.\n"
        f"Press the button when you hold it and have compared number, seal and condition; from "
        f"then on you answer for it. If something is wrong: "
        f"`/incident evidence {situation.ref} refuse {number} why`"
    )
    button = ButtonElement(
        text="I have received it",
        action_id=RECEIVE,
        value=f"{situation.ref}|{number}",
        style="primary",
    )
    return plain(text, ActionsBlock(block_id=ACTIONS, elements=[button]))


def answered(shown: Sequence[Mapping[str, Any]], words: str) -> list[dict[str, Any]]:
    """Put the receiver's answer in the place of a message's button, in Slack's own form."""
    kept = [dict(one) for one in shown if one.get("block_id") != ACTIONS]
    return [*kept, dict(context(words).to_dict())]


def disposal(arguments: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Ask Legal whether an item may be destroyed."""
    number = arguments["number"]
    item = next(one for one in situation.evidence if one.number == number)
    link = f"{base_url}/incidents/{situation.ref}/evidence/{number}/item"
    here = f"/incident evidence {situation.ref}"
    return plain(
        f"🗑️ May *<{link}|E-{number} {escape(cut(item.title, 80))}>* of {situation.ref} be "
        f"destroyed? {escape(str(arguments['reason']))}\n"
        f"`{here} approve {number} why` destroys it for good; `{here} decline {number} why` "
        f"keeps it. A legal hold stops it: `{here} hold why`"
    )


def list_erasure(arguments: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Ask Legal whether the list of a print run may be erased."""
    number = arguments["number"]
    link = f"{base_url}/incidents/{situation.ref}/notices/{arguments['notice']}/print"
    return plain(
        f"🗑️ May the list of *<{link}|print run {number}>* of {situation.ref} be erased? "
        f"{escape(str(arguments['reason']))}\nErase it for good, or keep it, on that page."
    )


def hold(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Say that a legal hold was placed or released."""
    name = f"H-{detail['number']}"
    if detail["what"] == "hold.placed":
        return plain(
            f"⚖️ *Legal hold {name}* on {situation.ref}, by <@{detail['by']}>: nothing of it may "
            f"be deleted, changed or thrown away, here or anywhere else, until it is released."
        )
    return plain(f"⚖️ Legal hold {name} on {situation.ref} is released, by <@{detail['by']}>.")
