"""Buttons of a reminder: acknowledge it, or snooze its clocks.

What was answered takes the place of the buttons in the message that was pressed, for all who read
it; the same reminder elsewhere keeps its buttons and says, when pressed, who was first.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.blocks.reminders import without_buttons
from bot.blocks.words import escape, when
from bot.domain.reminders import Snooze
from bot.listeners.desk import Call, Desk, Reply, acting, change, say
from bot.services import acknowledgement
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx

CLOCKS_NAMED = 5


def acknowledge(desk: Desk, call: Call, value: str) -> Reply:
    """Record that the person takes note; nobody else is told then."""
    ref, _, token = value.partition("|")

    def verb(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        done = acknowledgement.acknowledge(tx, incident, token, actor=actor)
        if done.clocks:
            _mark(tx, incident, call, f"Acknowledged by <@{call.user}> {when(call.now)}")
            return say(f"👀 Noted for {_named(done.clocks)}. Nobody else is told of it now.")
        who = f"<@{done.before.slack_id}>" if done.before else "somebody"
        at = f" {when(done.before_at)}" if done.before_at else ""
        _mark(tx, incident, call, f"Acknowledged by {who}{at}")
        return say(f"👀 This was acknowledged before, by {who}{at}.")

    return change(desk, call, verb)


def snooze(choice: Snooze, desk: Desk, call: Call, value: str) -> Reply:
    """Silence the reminders for a while; the answer says until when exactly."""
    ref, _, token = value.partition("|")

    def verb(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        ends = acknowledgement.snooze(tx, incident, token, choice, actor=actor)
        first = min(ends.values())
        _mark(tx, incident, call, f"Snoozed until {when(first)} by <@{call.user}>")
        return say(
            "\n".join(
                [
                    *(
                        f"😴 {_named(keys)}: quiet until {when(until)}."
                        for until, keys in _by(ends)
                    ),
                    "The last reminder before a deadline always comes.",
                ]
            )
        )

    return change(desk, call, verb)


def _by(ends: dict[str, datetime]) -> list[tuple[datetime, list[str]]]:
    """Group the clocks by the instant until which they are quiet."""
    return [
        (until, [key for key, end in ends.items() if end == until])
        for until in sorted(set(ends.values()))
    ]


def _named(keys: Sequence[str]) -> str:
    shown = ", ".join(f"`{escape(key)}`" for key in keys[:CLOCKS_NAMED])
    more = len(keys) - CLOCKS_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _mark(tx: Tx, incident: Incident, call: Call, words: str) -> None:
    """Have the answer put in the place of the buttons that were pressed."""
    blocks = call.message.get("blocks") or []
    if blocks and call.message.get("ts") and call.channel:
        tx.enqueue(
            "reword",
            incident,
            channel=call.channel,
            ts=str(call.message["ts"]),
            text=str(call.message.get("text", "")),
            blocks=without_buttons(blocks, f"👀 {words}"),
        )
