"""Buttons: on the situation card, in lists, and on the App Home.

Pressing a button does what the command of the same meaning does; the answer goes to the person
alone. Slack wants an empty acknowledgement, so the answer is an ephemeral message.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt import Ack, App

from bot.blocks import custody, reminders
from bot.blocks.hot_wash import OPEN as OPEN_HOT_WASH
from bot.blocks.modals import contain_modal, fact_modal, open_modal, role_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.domain.incident import IncidentError, Status
from bot.domain.reminders import Snooze
from bot.listeners import (
    commands,
    evidence_commands,
    home,
    hot_wash,
    question_form,
    reminder_buttons,
)
from bot.listeners.desk import (
    EXPECTED,
    FAULT,
    Call,
    Desk,
    Reply,
    UsageError,
    at_its_time,
    find_incident,
    mark_exercise,
    no_slack,
    refuse,
    say,
    show_form,
)
from bot.services.situation import situation_of
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
        response_url=str(body.get("response_url") or ""),
        message=body.get("message") or {},
    )


def reply_to(desk: Desk, call: Call, reply: Reply, *, about: str = "") -> None:
    """Show a reply to the person alone: where they pressed, in the incident's channel, or by DM.

    `about` is what the button or form was about; it tells an exercise where the reply doesn't.
    """
    if not reply.text and not reply.blocks:
        return
    reply = mark_exercise(desk, call, reply, about=about)
    try:
        if call.response_url:
            desk.slack.answer(call.response_url, text=reply.text, blocks=reply.blocks)
        elif call.channel:
            desk.slack.whisper(call.channel, call.user, text=reply.text, blocks=reply.blocks)
        else:
            desk.slack.tell(call.user, text=reply.text, blocks=reply.blocks)
    except (SlackUnavailableError, SlackRefusedError) as error:
        log.warning("answer not shown: %s", error)


def _command(text: str) -> Press:
    """A button that is the same as typing a command in the incident."""

    def press(desk: Desk, call: Call, value: str) -> Reply:
        return commands.answer(desk, replace(call, text=text.format(ref=value)))

    return press


def _open_fact(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
    show_form(desk, call, fact_modal(incident.ref))
    return Reply(text="")


def _open_role(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
        situation = situation_of(session, incident, desk.store.rules)
    show_form(desk, call, role_modal(situation))
    return Reply(text="")


def _open_contain(desk: Desk, call: Call, value: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, value)
        call = at_its_time(session, incident, call)
    show_form(desk, call, contain_modal(incident.ref, call.now))
    return Reply(text="")


def _claim(desk: Desk, call: Call, value: str) -> Reply:
    ref, _, role = value.partition("|")
    return commands.answer(desk, replace(call, text=f"role {ref} claim {role}"))


def _task_done(desk: Desk, call: Call, value: str) -> Reply:
    ref, _, number = value.partition("|")
    return commands.answer(desk, replace(call, text=f"task {ref} done {number}"))


def _retry_channel(desk: Desk, call: Call, value: str) -> Reply:
    with unit_of_work(desk.store, now=call.now, delivery_key=call.delivery_key) as tx:
        incident = find_incident(tx.session, call, value)
        tx.enter(incident)
        if incident.channel_id is not None:
            return say(f"{incident.ref} has its channel: <#{incident.channel_id}>.")
        if incident.status == Status.CLOSED:
            raise IncidentError(f"{incident.ref} is closed; it gets no channel any more.")
        tx.enqueue("make_channel", incident, attempt=call.trigger_id)
        return say(f"Trying again to make the channel of {incident.ref}.")


def _home_open(desk: Desk, call: Call, _value: str) -> Reply:
    modal = open_modal(desk.store.rules.playbooks.values(), opener=call.user)
    show_form(desk, call, modal)
    return Reply(text="")


def _nothing(_desk: Desk, _call: Call, _value: str) -> Reply:
    """A link: Slack opens it and tells us all the same."""
    return Reply(text="")


def _unknown(_desk: Desk, _call: Call, _value: str) -> Reply:
    raise UsageError("This button is of an older version. `/incident help` shows what there is.")


BUTTONS: dict[str, Press] = {
    "open_fact": _open_fact,
    "open_role": _open_role,
    "mark_contained": _open_contain,
    "show_tasks": _command("task {ref}"),
    "show_clocks": _command("clock {ref}"),
    "show_clock_page": _command("clock {ref}"),
    "open_questions": question_form.ask,
    "open_web": _nothing,
    "home_open": _home_open,
    "retry_channel": _retry_channel,
    OPEN_HOT_WASH: hot_wash.ask,
    reminders.ACKNOWLEDGE: reminder_buttons.acknowledge,
    custody.RECEIVE: evidence_commands.receive_pressed,
    **{
        f"{reminders.SNOOZE}{choice}": partial(reminder_buttons.snooze, choice) for choice in Snooze
    },
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
        (found for pattern, found in PATTERNS if pattern.fullmatch(name)), _unknown
    )
    value = str(action.get("value", ""))
    reply = answered(lambda: handler(desk, call, value), what=name)
    if reply is None:
        return
    reply_to(desk, call, reply, about=value)
    if not call.channel:
        home.show(desk, call.user)


def answered(act: Callable[[], Reply], *, what: str) -> Reply | None:
    """Run what a person asked for after the acknowledgement: whatever happens, there is an answer.

    None means that this delivery was acted on before.
    """
    try:
        return act()
    except EXPECTED as error:
        return refuse(error)
    except DuplicateDeliveryError:
        return None
    except (SlackUnavailableError, SlackRefusedError) as error:
        return no_slack(error, "Try again, or type it: `/incident help`.")
    except Exception:
        log.exception("%s failed", what)
        return FAULT


def register(app: App, desk: Desk) -> None:
    """Attach the buttons to the Bolt app."""

    def on_button(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        press(desk, body)

    app.action(re.compile(r".+"))(on_button)
