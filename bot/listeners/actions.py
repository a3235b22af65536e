"""Buttons: on the situation card, in lists, and on the App Home.

Pressing a button does what the command of the same meaning does; the answer goes to the person
alone. Slack wants an empty acknowledgement, so the answer is an ephemeral message.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.modals import contain_modal, fact_modal, open_modal, role_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.listeners import commands, home
from bot.listeners.desk import EXPECTED, Call, Desk, Reply, find_incident, refuse
from bot.services.situation import situation_of
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import DuplicateDeliveryError, reading, unit_of_work

log = logging.getLogger("tocsin.listeners")

Press = Callable[[Desk, Call, str], Reply]


def call_of(body: dict[str, Any], desk: Desk, text: str = "") -> Call:
    """Read who pressed what, where."""
    channel = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get(
        "channel_id", ""
    )
    return Call(
        user=str(body["user"]["id"]),
        channel=str(channel or ""),
        text=text,
        trigger_id=str(body.get("trigger_id", "")),
        now=desk.clock(),
    )


def reply_to(desk: Desk, call: Call, reply: Reply) -> None:
    """Show a reply to the person alone: in the channel, or by direct message from the Home tab."""
    if not reply.text and not reply.blocks:
        return
    blocks = [block.to_dict() for block in reply.blocks]
    client = desk.slack.client
    try:
        if call.channel:
            desk.slack.call(
                client.chat_postEphemeral,
                channel=call.channel,
                user=call.user,
                text=reply.text,
                blocks=blocks,
            )
        else:
            channel = desk.slack.direct_channel(call.user)
            desk.slack.call(
                client.chat_postMessage, channel=channel, text=reply.text, blocks=blocks
            )
    except (SlackUnavailableError, SlackRefusedError) as error:
        log.warning("answer not shown: %s", error)


def _command(text: str) -> Press:
    """A button that is the same as typing a command in the incident."""

    def press(desk: Desk, call: Call, value: str) -> Reply:
        return commands.answer(desk, _typed(call, text.format(ref=value)))

    return press


def _typed(call: Call, text: str) -> Call:
    return Call(
        user=call.user, channel=call.channel, text=text, trigger_id=call.trigger_id, now=call.now
    )


def _open_fact(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
    desk.slack.open_view(call.trigger_id, fact_modal(incident.ref))
    return Reply(text="")


def _open_role(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
        situation = situation_of(session, incident, desk.store.rules)
    desk.slack.open_view(call.trigger_id, role_modal(situation))
    return Reply(text="")


def _open_contain(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
    desk.slack.open_view(call.trigger_id, contain_modal(incident.ref, call.now))
    return Reply(text="")


def _claim(desk: Desk, call: Call, value: str) -> Reply:
    ref, _, role = value.partition("|")
    return commands.answer(desk, _typed(call, f"role {ref} claim {role}"))


def _task_done(desk: Desk, call: Call, value: str) -> Reply:
    ref, _, number = value.partition("|")
    return commands.answer(desk, _typed(call, f"task {ref} done {number}"))


def _retry_channel(desk: Desk, call: Call, value: str) -> Reply:
    with unit_of_work(desk.store, now=call.now, delivery_key=call.delivery_key) as tx:
        find_incident(tx.session, call, value)
        incident = incident_by_ref(tx.session, value)
        if incident is not None and incident.channel_id is None:
            tx.enqueue("make_channel", incident)
    return Reply(text=f"Trying again to make the channel of {value}.")


def _home_open(desk: Desk, call: Call, _value: str) -> Reply:
    modal = open_modal(desk.store.rules.playbooks.values(), opener=call.user)
    desk.slack.open_view(call.trigger_id, modal)
    return Reply(text="")


def _nothing(_desk: Desk, _call: Call, _value: str) -> Reply:
    return Reply(text="")


BUTTONS: dict[str, Press] = {
    "open_fact": _open_fact,
    "open_role": _open_role,
    "mark_contained": _open_contain,
    "show_tasks": _command("task {ref}"),
    "show_clocks": _command("clock {ref}"),
    "open_web": _nothing,
    "home_open": _home_open,
    "retry_channel": _retry_channel,
}
"""Buttons by action id; those whose id carries a role or number are matched by pattern below."""

PATTERNS: tuple[tuple[re.Pattern[str], Press], ...] = (
    (re.compile(r"claim_[a-z]+"), _claim),
    (re.compile(r"task_done_\d+"), _task_done),
)


def press(desk: Desk, body: dict[str, Any]) -> None:
    """Do what the pressed button says and show the answer."""
    action = body["actions"][0]
    call = call_of(body, desk)
    name = str(action["action_id"])
    handler = BUTTONS.get(name) or next(
        (found for pattern, found in PATTERNS if pattern.fullmatch(name)), _nothing
    )
    try:
        reply = handler(desk, call, str(action.get("value", "")))
    except EXPECTED as error:
        reply = refuse(error)
    except DuplicateDeliveryError:
        return
    except (SlackUnavailableError, SlackRefusedError) as error:
        reply = refuse(error)
    reply_to(desk, call, reply)
    if not call.channel:
        home.publish(desk, call.user)


def register(app: App, desk: Desk) -> None:
    """Attach the buttons to the Bolt app."""

    def on_button(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        press(desk, body)

    app.action(re.compile(r".+"))(on_button)
