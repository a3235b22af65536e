"""Shortcuts: “Preserve as evidence” on a message, “Open incident” from anywhere."""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.modals import open_modal, pick_incident_modal
from bot.delivery.slack import SlackRefusedError
from bot.listeners.actions import answered, call_of, reply_to
from bot.listeners.desk import Call, Desk, Reply, acting, say, show_form
from bot.services import evidence
from bot.store.queries import incident_by_channel, incidents_of, person_by_slack_id
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work

PRESERVE = "preserve_evidence"
OPEN = "open_incident_shortcut"
METADATA_LIMIT = 3000
"""Characters of a view's private_metadata."""


def _files_words(count: int) -> str:
    return "Its file is" if count == 1 else f"Its {count} files are"


def preserve(
    desk: Desk, call: Call, *, ref: str, channel: str, message: Mapping[str, Any], key: str
) -> Reply:
    """Preserve a message as Slack handed it to us."""
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, ref)
        item = evidence.preserve_message(tx, incident, message, channel=channel, actor=actor)
        files = len(message.get("files") or [])
        more = f" {_files_words(files)} being fetched and hashed." if files else ""
        return say(
            f"🗄️ Preserved as *E-{item.number}* of {incident.ref}: SHA-256 `{item.sha256}`.{more}"
        )


def kept_words(channel: str, message: Mapping[str, Any]) -> str:
    """Return what the form carries: the message itself if it fits, else where to read it again."""
    place = {"channel": channel, "ts": message["ts"], "thread": message.get("thread_ts", "")}
    whole = json.dumps({**place, "message": message})
    return whole if len(whole) <= METADATA_LIMIT else json.dumps(place)


def kept_message(desk: Desk, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the message that a form was opened on; raise `FileRefusedError` if it can't be read.

    A message that the form carried is Slack's own copy; it is there also in direct messages and
    channels that the bot isn't in.
    """
    if "message" in kept:
        return dict(kept["message"])
    try:
        found = desk.slack.message_at(kept["channel"], kept["ts"], thread_ts=kept["thread"])
    except SlackRefusedError:
        found = None
    if found is None:
        raise evidence.FileRefusedError(
            "Slack doesn't let me read that message, and it is too long to be carried here. "
            "Forward it to the incident's channel and preserve it there."
        )
    return found


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

    def act() -> Reply:
        here = _incident_here(desk, call)
        if here is None:
            return _ask(desk, call, message)
        return preserve(
            desk,
            call,
            ref=here.ref,
            channel=call.channel,
            message=message,
            key=call.delivery_key,
        )

    reply = answered(act, what="preserve")
    if reply is not None:
        reply_to(desk, call, reply)


def _ask(desk: Desk, call: Call, message: dict[str, Any]) -> Reply:
    choices = _choices(desk, call)
    if not choices:
        return say("You are in no open incident. Open one first: `/incident open`.")
    kept = kept_words(call.channel, message)
    show_form(desk, call, pick_incident_modal(choices, payload=kept))
    return Reply(text="")


def _open_form(desk: Desk, call: Call) -> Reply:
    modal = open_modal(desk.store.rules.playbooks.values(), opener=call.user)
    show_form(desk, call, modal)
    return Reply(text="")


def register(app: App, desk: Desk) -> None:
    """Attach the shortcuts to the Bolt app."""

    def on_message_shortcut(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        on_preserve(desk, body)

    def on_open(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        call = call_of(body, desk)
        reply = answered(lambda: _open_form(desk, call), what="open shortcut")
        if reply is not None:
            reply_to(desk, call, reply)

    app.message_shortcut(PRESERVE)(on_message_shortcut)
    app.global_shortcut(OPEN)(on_open)
