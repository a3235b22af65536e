"""What Slack sends to an app, field by field.

Decides: the shape of slash commands, interaction payloads and event envelopes. Doesn't decide: when
they are sent (interactions.py) or how (inbound.py).
Source: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api.
"""

from typing import Any

from bot.local_slack.block_rules import elements_of
from bot.local_slack.forms import UnknownInputError, options_of, state_of
from bot.local_slack.people import TEAM_ID, AppProfile, Person
from bot.local_slack.workspace import Channel, Json

DOMAIN = "halden-mutual"
VERIFICATION_TOKEN = "unused-verification-token"  # noqa: S105  obsolete in Slack, no secret


def channel_label(channel: Channel) -> str:
    """Return the channel's name as payloads tell it: the name of a private channel is hidden."""
    if channel.kind == "public":
        return channel.name
    return "directmessage" if channel.kind == "im" else "privategroup"


def _common(kind: str, person: Person, app: AppProfile) -> Json:
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": TEAM_ID,
        },
        "api_app_id": app.app_id,
        "token": VERIFICATION_TOKEN,
    }


def slash_command(
    *,
    app: AppProfile,
    person: Person,
    channel: Channel,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> dict[str, str]:
    """Return the form fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_label(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def shortcut(
    *, app: AppProfile, person: Person, callback_id: str, trigger_id: str, action_ts: str
) -> Json:
    """Return the payload of a global shortcut."""
    return {
        **_common("shortcut", person, app),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
    }


def message_shortcut(
    *,
    app: AppProfile,
    person: Person,
    callback_id: str,
    trigger_id: str,
    action_ts: str,
    channel: Channel,
    message: Json,
    response_url: str,
) -> Json:
    """Return the payload of a message shortcut."""
    return {
        **_common("message_action", person, app),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
        "response_url": response_url,
        "channel": {"id": channel.id, "name": channel_label(channel)},
        "message_ts": message["ts"],
        "message": message,
    }


def message_actions(
    *,
    app: AppProfile,
    person: Person,
    channel: Channel,
    message: Json,
    ephemeral: bool,
    values: Json,
    action: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return block_actions from a message; of an ephemeral one Slack doesn't send the message."""
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    payload = {
        **_common("block_actions", person, app),
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": channel_label(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    if not ephemeral:
        payload["message"] = message
    return payload


def view_actions(
    *, app: AppProfile, person: Person, view: Json, action: Json, trigger_id: str
) -> Json:
    """Return block_actions from a modal or Home tab; `view` carries its state."""
    return {
        **_common("block_actions", person, app),
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": trigger_id,
        "view": view,
        "actions": [action],
    }


def view_submission(
    *,
    app: AppProfile,
    person: Person,
    view: Json,
    trigger_id: str,
    response_urls: list[Json],
) -> Json:
    """Return a submitted modal; `view` carries its state."""
    return {
        **_common("view_submission", person, app),
        "trigger_id": trigger_id,
        "view": view,
        "response_urls": response_urls,
    }


def view_closed(*, app: AppProfile, person: Person, view: Json, is_cleared: bool) -> Json:
    """Return a modal that was cancelled."""
    return {**_common("view_closed", person, app), "view": view, "is_cleared": is_cleared}


def event_envelope(*, app: AppProfile, event: Json, event_id: str, event_time: int) -> Json:
    """Return the outer envelope of an event; `event_time` is in seconds since 1970 (UTC)."""
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM_ID,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time,
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def find_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """Return block and element with this action id. Raises UnknownInputError naming the others."""
    known = []
    for block in blocks:
        for element in elements_of(block):
            known.append(f"{block['block_id']}/{element.get('action_id')}")
            if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
                return block, element
    raise UnknownInputError(f"nothing to click with {action_id!r}; there are: {', '.join(known)}")


def action_of(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """Return one entry of `actions`: what was clicked, or chosen, or typed."""
    action: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": action_ts,
    }
    if element["type"] == "button":
        return action | {k: element[k] for k in ("text", "value", "style", "url") if k in element}
    if element["type"] == "overflow":
        chosen = [o for o in options_of(element) if value in (o["value"], o["text"]["text"])]
        if not chosen:
            raise UnknownInputError(f"no option {value!r} in {element['action_id']}")
        return action | {"selected_option": chosen[0]}
    return action | state_of(element, value)


def blocks_of(wire: Json) -> list[Json]:
    """Return a message's blocks together with those inside its attachments."""
    blocks = list(wire.get("blocks") or [])
    for attachment in wire.get("attachments") or []:
        blocks += attachment.get("blocks") or []
    return blocks
