"""Shortcuts: “Preserve as evidence” on a message, “Open incident” from anywhere."""

import json
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.modals import open_modal, pick_incident_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.listeners.actions import call_of, reply_to
from bot.listeners.desk import EXPECTED, Call, Desk, Reply, acting, refuse, say
from bot.services import evidence
from bot.store.queries import incident_by_channel, incidents_of, person_by_slack_id
from bot.store.tables import Incident
from bot.store.unit_of_work import DuplicateDeliveryError, reading, unit_of_work

PRESERVE = "preserve_evidence"
OPEN = "open_incident_shortcut"


def preserve(
    desk: Desk, call: Call, *, ref: str, channel: str, ts: str, key: str, message: Any = None
) -> Reply:
    """Preserve a message: as Slack handed it to us, or read back where only its place is known."""
    if message is None:
        message = _read_back(desk, channel, ts)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, ref)
        item = evidence.preserve_message(tx, incident, message, channel=channel, actor=actor)
        files = len(message.get("files") or [])
        more = f" Its {files} file(s) are being fetched and hashed." if files else ""
        return say(
            f"🗄️ Preserved as *E-{item.number}* of {incident.ref}: SHA-256 `{item.sha256}`.{more}"
        )


def _read_back(desk: Desk, channel: str, ts: str) -> dict[str, Any]:
    page = desk.slack.call(
        desk.slack.client.conversations_history,
        channel=channel,
        latest=ts,
        oldest=ts,
        inclusive=True,
        limit=1,
    )
    if not page["messages"]:
        raise evidence.FileRefusedError(
            "Slack doesn't show me that message. Invite Tocsin to its channel and try again."
        )
    return dict(page["messages"][0])


def _choices(desk: Desk, call: Call) -> list[tuple[str, str]]:
    with reading(desk.store) as session:
        person = person_by_slack_id(session, call.user)
        found = incidents_of(session, person) if person else []
        return [(one.ref, one.title) for one in found]


def _incident_here(desk: Desk, call: Call) -> Incident | None:
    with reading(desk.store) as session:
        return incident_by_channel(session, call.channel)


def on_preserve(desk: Desk, body: dict[str, Any]) -> None:
    """Preserve at once inside an incident's channel, otherwise ask for which incident."""
    call = call_of(body, desk)
    message = body["message"]
    here = _incident_here(desk, call)
    try:
        if here is not None:
            reply = preserve(
                desk,
                call,
                ref=here.ref,
                channel=call.channel,
                ts=str(message["ts"]),
                key=call.delivery_key,
                message=message,
            )
        else:
            reply = _ask(desk, call, message)
    except EXPECTED as error:
        reply = refuse(error)
    except DuplicateDeliveryError:
        return
    except (SlackUnavailableError, SlackRefusedError) as error:
        reply = refuse(error)
    reply_to(desk, call, reply)


def _ask(desk: Desk, call: Call, message: dict[str, Any]) -> Reply:
    choices = _choices(desk, call)
    if not choices:
        return say("You are in no open incident. Open one first: `/incident open`.")
    kept = json.dumps({"channel": call.channel, "ts": message["ts"]})
    desk.slack.open_view(call.trigger_id, pick_incident_modal(choices, payload=kept))
    return Reply(text="")


def register(app: App, desk: Desk) -> None:
    """Attach the shortcuts to the Bolt app."""

    def on_message_shortcut(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        on_preserve(desk, body)

    def on_open(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        call = call_of(body, desk)
        modal = open_modal(desk.store.rules.playbooks.values(), opener=call.user)
        try:
            desk.slack.open_view(call.trigger_id, modal)
        except (SlackUnavailableError, SlackRefusedError) as error:
            reply_to(desk, call, refuse(error))

    app.message_shortcut(PRESERVE)(on_message_shortcut)
    app.global_shortcut(OPEN)(on_open)
