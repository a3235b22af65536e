"""Web API methods about messages: chat.*, history and replies, pins, bookmarks, reactions.

Source: https://docs.slack.dev/reference/methods (one page per method), with Slack's own errors.
"""

import json
from typing import Any

from bot.local_slack.args import Api, Args, Entry, page
from bot.local_slack.block_rules import message_findings
from bot.local_slack.views import name_blocks
from bot.local_slack.workspace import ApiError, Channel, Json, Message

TEXT_LENGTH = 40_000
METADATA_BYTES = 16_384


def content_of(api: Api, args: Args) -> Json:
    """Return text, blocks, attachments and metadata of a call, checked as Slack checks them.

    Raises ApiError `no_text`, `msg_too_long`, `invalid_blocks_format`, `invalid_blocks` (with
    response_metadata.messages), `invalid_metadata_format`, `metadata_too_large`.
    """
    text = args.text("text")
    blocks = args.json("blocks", error="invalid_blocks_format")
    attachments = args.json("attachments", error="invalid_attachments")
    if not text and not blocks and not attachments:
        raise ApiError("no_text")
    if len(text) > TEXT_LENGTH:
        raise ApiError("msg_too_long")
    if blocks is not None:
        _accept(message_findings(blocks))
        blocks = name_blocks(api.workspace, blocks)
    for attachment in attachments or []:
        if attachment.get("blocks"):
            _accept(message_findings(attachment["blocks"]))
            attachment["blocks"] = name_blocks(api.workspace, attachment["blocks"])
    return {
        "text": text,
        "blocks": blocks or None,
        "attachments": attachments or None,
        "metadata": _metadata(args),
    }


def _accept(findings: list[str]) -> None:
    if findings:
        raise ApiError(
            "invalid_blocks",
            errors=findings,
            response_metadata={"messages": [f"[ERROR] {f}" for f in findings]},
        )


def _metadata(args: Args) -> Json | None:
    value = args.json("metadata", error="invalid_metadata_format")
    if value is None:
        return None
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("event_type"), str)
        or not isinstance(value.get("event_payload"), dict)
    ):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(value).encode()) > METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return value


def _target(api: Api, args: Args) -> Channel:
    """Return where to post: a channel id, a #name, or a person's id (their direct message)."""
    wanted = args.required("channel")
    workspace = api.workspace
    if wanted in workspace.people:
        return workspace.direct_channel([wanted, api.me])
    named = [c for c in workspace.channels.values() if c.name and c.name == wanted.lstrip("#")]
    return workspace.live_channel(named[0].id if named else wanted, member=api.me)


def _post(api: Api, args: Args) -> Json:
    channel = _target(api, args)
    content = content_of(api, args)
    thread = args.text("thread_ts")
    if thread:
        content["thread_ts"] = thread
        if args.flag("reply_broadcast"):
            content["subtype"] = "thread_broadcast"
    message = api.workspace.post(channel, user=api.me, content=content)
    return {"channel": channel.id, "ts": message.wire["ts"], "message": message.wire}


def _ephemeral(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    user = args.required("user")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    content = content_of(api, args)
    if args.text("thread_ts"):
        content["thread_ts"] = args.text("thread_ts")
    message = api.workspace.post(channel, user=api.me, content=content, only_for=user)
    return {"message_ts": message.wire["ts"]}


def _update(api: Api, args: Args) -> Json:
    channel = api.workspace.visible_channel(args.required("channel"), to=api.me)
    if channel.archived:
        raise ApiError("is_archived")
    message = api.workspace.message(channel, args.required("ts"))
    if message.wire.get("user") != api.me or message.wire.get("subtype") == "channel_join":
        raise ApiError("cant_update_message")
    content = content_of(api, args)
    replace_content(api, message, content, args)
    return {
        "channel": channel.id,
        "ts": message.wire["ts"],
        "text": message.wire["text"],
        "message": message.wire,
    }


def replace_content(api: Api, message: Message, content: Json, args: Args) -> None:
    """Put new content into a message; text alone removes the blocks, as chat.update does."""
    wire = message.wire
    wire["text"] = content["text"]
    for name in ("blocks", "attachments"):
        if name in args or content["text"]:
            wire.pop(name, None)
        if content[name] is not None:
            wire[name] = content[name]
    if content["metadata"] is not None:
        wire["metadata"] = content["metadata"]
    if content["blocks"] is None:
        wire["edited"] = {"user": api.me, "ts": api.workspace.next_ts()}
    api.workspace.touch()


def _delete(api: Api, args: Args) -> Json:
    channel = api.workspace.visible_channel(args.required("channel"), to=api.me)
    message = api.workspace.message(channel, args.required("ts"))
    if message.wire.get("user") != api.me:
        raise ApiError("cant_delete_message")
    api.workspace.remove(channel, message)
    return {"channel": channel.id, "ts": message.wire["ts"]}


def permalink(api: Api, channel: Channel, ts: str) -> str:
    """Return the address of one message."""
    return f"{api.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"


def _permalink(api: Api, args: Args) -> Json:
    channel = api.visible(args)
    ts = args.required("message_ts")
    api.workspace.message(channel, ts)
    return {"channel": channel.id, "permalink": permalink(api, channel, ts)}


def _wire(message: Message, *, metadata: bool) -> Json:
    hidden = () if metadata else ("metadata",)
    return {k: v for k, v in message.wire.items() if k not in hidden}


def _between(messages: list[Message], args: Args) -> list[Message]:
    oldest = args.text("oldest") or "0"
    latest = args.text("latest") or "9" * 12
    inclusive = args.flag("inclusive")

    def inside(ts: str) -> bool:
        low, at, high = float(oldest), float(ts), float(latest)
        return low <= at <= high if inclusive else low < at < high

    return [m for m in messages if m.only_for is None and inside(m.wire["ts"])]


def _history(api: Api, args: Args) -> Json:
    channel = api.workspace.member_channel(args.required("channel"), member=api.me)
    shown = [
        m
        for m in _between(channel.messages, args)
        if m.wire.get("thread_ts") in (None, m.wire["ts"])
        or m.wire.get("subtype") == "thread_broadcast"
    ]
    return _listed(list(reversed(shown)), args)


def _replies(api: Api, args: Args) -> Json:
    channel = api.workspace.member_channel(args.required("channel"), member=api.me)
    ts = args.required("ts")
    if not any(m.wire["ts"] == ts and m.only_for is None for m in channel.messages):
        raise ApiError("thread_not_found")
    thread = [
        m
        for m in _between(channel.messages, args)
        if m.wire["ts"] == ts or m.wire.get("thread_ts") == ts
    ]
    return _listed(thread, args)


def _listed(messages: list[Message], args: Args) -> Json:
    metadata = args.flag("include_all_metadata")
    listed = page([_wire(m, metadata=metadata) for m in messages], args, "messages")
    more = bool(listed["response_metadata"]["next_cursor"])
    return {**listed, "has_more": more, "pin_count": 0}


# -- pins ---------------------------------------------------------------------------------------


def _pin(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    pin_message(api, channel, args.text("timestamp"), api.me)
    return {}


def pin_message(api: Api, channel: Channel, ts: str, user: str) -> None:
    """Pin a message. Raises ApiError `no_item_specified`, `message_not_found`, `already_pinned`."""
    if not ts:
        raise ApiError("no_item_specified")
    message = api.workspace.message(channel, ts)
    if any(p["ts"] == ts for p in channel.pins):
        raise ApiError("already_pinned")
    channel.pins.append({"ts": ts, "created": api.workspace.unix(), "created_by": user})
    message.wire["pinned_to"] = [channel.id]
    api.workspace.touch()


def _unpin(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    unpin_message(api, channel, args.text("timestamp"))
    return {}


def unpin_message(api: Api, channel: Channel, ts: str) -> None:
    """Take a pin away. Raises ApiError `no_pin`."""
    if not any(p["ts"] == ts for p in channel.pins):
        raise ApiError("no_pin")
    channel.pins = [p for p in channel.pins if p["ts"] != ts]
    api.workspace.message(channel, ts).wire.pop("pinned_to", None)
    api.workspace.touch()


def _pins(api: Api, args: Args) -> Json:
    channel = api.workspace.member_channel(args.required("channel"), member=api.me)
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created": pin["created"],
            "created_by": pin["created_by"],
            "message": {
                **_wire(api.workspace.message(channel, pin["ts"]), metadata=False),
                "permalink": permalink(api, channel, pin["ts"]),
            },
        }
        for pin in reversed(channel.pins)
    ]
    return {"items": items}


# -- bookmarks ----------------------------------------------------------------------------------


def _bookmark_channel(api: Api, args: Args) -> Channel:
    return api.workspace.live_channel(args.required("channel_id"), member=api.me)


def _link(args: Args) -> str:
    link = args.text("link")
    if not link.startswith(("https://", "http://")):
        raise ApiError("invalid_link")
    return link


def _add_bookmark(api: Api, args: Args) -> Json:
    channel = _bookmark_channel(api, args)
    if args.required("type") != "link":
        raise ApiError("invalid_bookmark_type")
    bookmark: dict[str, Any] = {
        "id": api.workspace.next_id("Bk"),
        "channel_id": channel.id,
        "title": args.required("title"),
        "link": _link(args),
        "emoji": args.text("emoji"),
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": api.workspace.unix(),
        "date_updated": 0,
        "rank": str(len(channel.bookmarks)),
        "last_updated_by_user_id": api.me,
        "app_id": api.workspace.app.app_id,
    }
    channel.bookmarks.append(bookmark)
    api.workspace.touch()
    return {"bookmark": bookmark}


def _bookmarks(api: Api, args: Args) -> Json:
    channel = api.workspace.member_channel(args.required("channel_id"), member=api.me)
    return {"bookmarks": channel.bookmarks}


def _bookmark(channel: Channel, args: Args) -> Json:
    for bookmark in channel.bookmarks:
        if bookmark["id"] == args.required("bookmark_id"):
            return bookmark
    raise ApiError("not_found")


def _edit_bookmark(api: Api, args: Args) -> Json:
    bookmark = _bookmark(_bookmark_channel(api, args), args)
    if "link" in args:
        bookmark["link"] = _link(args)
    for name in ("title", "emoji"):
        if name in args:
            bookmark[name] = args.text(name)
    bookmark["date_updated"] = api.workspace.unix()
    api.workspace.touch()
    return {"bookmark": bookmark}


def _remove_bookmark(api: Api, args: Args) -> Json:
    channel = _bookmark_channel(api, args)
    channel.bookmarks.remove(_bookmark(channel, args))
    api.workspace.touch()
    return {}


# -- reactions ----------------------------------------------------------------------------------


def _react(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    message = api.workspace.message(channel, args.required("timestamp"))
    reactions = message.wire.setdefault("reactions", [])
    name = args.required("name")
    reaction = next((r for r in reactions if r["name"] == name), None)
    if reaction is None:
        reaction = {"name": name, "users": [], "count": 0}
        reactions.append(reaction)
    if api.me in reaction["users"]:
        raise ApiError("already_reacted")
    reaction["users"].append(api.me)
    reaction["count"] += 1
    api.workspace.touch()
    return {}


METHODS: dict[str, Entry] = {
    "chat.postMessage": Entry(run=_post, scope="chat:write"),
    "chat.postEphemeral": Entry(run=_ephemeral, scope="chat:write"),
    "chat.update": Entry(run=_update, scope="chat:write"),
    "chat.delete": Entry(run=_delete, scope="chat:write"),
    "chat.getPermalink": Entry(run=_permalink),
    "conversations.history": Entry(run=_history, family="history"),
    "conversations.replies": Entry(run=_replies, family="history"),
    "pins.add": Entry(run=_pin, scope="pins:write"),
    "pins.remove": Entry(run=_unpin, scope="pins:write"),
    "pins.list": Entry(run=_pins, scope="pins:read"),
    "bookmarks.add": Entry(run=_add_bookmark, scope="bookmarks:write"),
    "bookmarks.edit": Entry(run=_edit_bookmark, scope="bookmarks:write"),
    "bookmarks.remove": Entry(run=_remove_bookmark, scope="bookmarks:write"),
    "bookmarks.list": Entry(run=_bookmarks, scope="bookmarks:read"),
    "reactions.add": Entry(run=_react, scope="reactions:write"),
}
