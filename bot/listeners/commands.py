"""`/incident`: splits off the sub-command, runs it, and answers the person alone.

Every answer goes back in the acknowledgement itself, within Slack's three seconds and without
another call. What a sub-command does is in the modules beside this one.
"""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.lists import help_blocks
from bot.listeners import (
    clock_commands,
    evidence_commands,
    exercise_commands,
    fact_commands,
    incident_commands,
    notice_commands,
    work_commands,
)
from bot.listeners.desk import (
    EXPECTED,
    FAULT,
    Call,
    Desk,
    Reply,
    did_you_mean,
    mark_exercise,
    refuse,
)
from bot.store.unit_of_work import DuplicateDeliveryError

log = logging.getLogger("tocsin.listeners")

COMMAND = "/incident"
Handler = Callable[[Desk, Call, str], Reply]


def _help(_desk: Desk, _call: Call, _rest: str) -> Reply:
    return Reply(text="What Tocsin does for you", blocks=tuple(help_blocks()))


SUBCOMMANDS: dict[str, Handler] = {
    "open": incident_commands.open_,
    "status": incident_commands.status,
    "list": incident_commands.list_,
    "contain": incident_commands.contain,
    "close": incident_commands.close,
    "role": work_commands.role,
    "task": work_commands.task,
    "timeline": work_commands.timeline,
    "evidence": evidence_commands.evidence,
    "fact": fact_commands.fact,
    "clock": clock_commands.clock,
    "notice": notice_commands.notice,
    "exercise": exercise_commands.exercise,
    "help": _help,
}


def answer(desk: Desk, call: Call) -> Reply:
    """Run the sub-command; expected refusals become answers, faults are raised."""
    word, _, rest = call.text.strip().partition(" ")
    handler = SUBCOMMANDS.get(word.lower() or "help")
    try:
        if handler is None:
            raise did_you_mean(word, list(SUBCOMMANDS), COMMAND + " {}")
        return mark_exercise(desk, call, handler(desk, call, rest.strip()))
    except EXPECTED as error:
        return mark_exercise(desk, call, refuse(error))


def as_typed(text: str) -> str:
    """Undo Slack's escaping of & < >; mentions stay as `<@U123|name>`.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def register(app: App, desk: Desk) -> None:
    """Attach the slash command to the Bolt app."""

    def on_incident(ack: Ack, body: dict[str, Any]) -> None:
        call = Call(
            user=str(body["user_id"]),
            channel=str(body["channel_id"]),
            text=as_typed(str(body.get("text", ""))),
            trigger_id=str(body.get("trigger_id", "")),
            now=desk.clock(),
        )
        try:
            reply = answer(desk, call)
        except DuplicateDeliveryError:
            ack()
            return
        except Exception:
            log.exception("/incident failed")
            reply = FAULT
        if reply.text or reply.blocks:
            ack(response_type="ephemeral", text=reply.text, blocks=list(reply.blocks))
        else:
            ack()

    app.command(COMMAND)(on_incident)
