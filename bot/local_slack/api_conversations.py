"""Web API methods about channels: conversations.* and users.conversations.

Source: https://docs.slack.dev/reference/methods (one page per method), with Slack's own errors.
"""

import re

from bot.local_slack.args import Api, Args, Entry, page
from bot.local_slack.people import TEAM_ID
from bot.local_slack.workspace import ApiError, Channel, Json

NAME_LENGTH = 80
TEXT_LENGTH = 250
TYPE_KINDS = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}


def channel_wire(api: Api, channel: Channel) -> Json:
    """Return a channel as conversations.info does."""
    wire: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_org_shared": False,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "context_team_id": TEAM_ID,
        "updated": channel.created * 1000,
        "unlinked": 0,
    }
    if channel.kind == "im":
        others = [m for m in channel.members if m != api.me]
        return {**wire, "user": others[0] if others else api.me}
    return {
        **wire,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": channel.name == "general",
        "creator": channel.creator,
        "is_member": api.me in channel.members,
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": 0},
        "previous_names": [],
        "num_members": len(channel.members),
    }


def check_name(name: str) -> None:
    """Refuse a channel name as conversations.create does. Raises ApiError `invalid_name…`."""
    if not name:
        raise ApiError("invalid_name_required")
    if len(name) > NAME_LENGTH:
        raise ApiError("invalid_name_maxlength")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise ApiError("invalid_name_specials")
    if not re.search(r"[a-z0-9]", name):
        raise ApiError("invalid_name_punctuation")


def _create(api: Api, args: Args) -> Json:
    name = args.text("name")
    check_name(name)
    channel = api.workspace.create_channel(
        name=name, private=args.flag("is_private"), creator=api.me
    )
    return {"channel": channel_wire(api, channel)}


def _info(api: Api, args: Args) -> Json:
    return {"channel": channel_wire(api, api.visible(args))}


def _wanted(api: Api, args: Args, user: str) -> list[Channel]:
    types = args.words("types") or ["public_channel"]
    if any(t not in TYPE_KINDS for t in types):
        raise ApiError("invalid_types")
    kinds = {TYPE_KINDS[t] for t in types}
    return [
        c
        for c in api.workspace.channels.values()
        if c.kind in kinds
        and not (args.flag("exclude_archived") and c.archived)
        and (c.kind == "public" or user in c.members)
    ]


def _list(api: Api, args: Args) -> Json:
    return page([channel_wire(api, c) for c in _wanted(api, args, api.me)], args, "channels")


def _of_user(api: Api, args: Args) -> Json:
    user = args.text("user") or api.me
    api.workspace.person(user)
    channels = [channel_wire(api, c) for c in _wanted(api, args, api.me) if user in c.members]
    return page(channels, args, "channels")


def _invite(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    users = args.words("users")
    if not users:
        raise ApiError("no_user")
    problems = [
        {"user": user, "ok": False, "error": code}
        for user in users
        if (code := _invite_problem(api, channel, user))
    ]
    if problems and not (args.flag("force") and len(problems) < len(users)):
        raise ApiError(str(problems[0]["error"]), errors=problems)
    refused = {p["user"] for p in problems}
    for user in users:
        if user not in refused:
            api.workspace.join(channel, user, inviter=api.me)
    return {"channel": channel_wire(api, channel)}


def _invite_problem(api: Api, channel: Channel, user: str) -> str:
    if user not in api.workspace.people:
        return "user_not_found"
    if user == api.me:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    return ""


def _kick(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    user = args.required("user")
    if user == api.me:
        raise ApiError("cant_kick_self")
    api.workspace.person(user)
    if user not in channel.members:
        raise ApiError("not_in_channel")
    api.workspace.leave(channel, user)
    return {"errors": {}}


def _join(api: Api, args: Args) -> Json:
    channel = api.visible(args)
    if channel.archived:
        raise ApiError("is_archived")
    if channel.kind != "public":
        raise ApiError("method_not_supported_for_channel_type")
    if api.me in channel.members:
        return {"channel": channel_wire(api, channel), "warning": "already_in_channel"}
    api.workspace.join(channel, api.me)
    return {"channel": channel_wire(api, channel)}


def _leave(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    api.workspace.leave(channel, api.me)
    return {}


def _members(api: Api, args: Args) -> Json:
    channel = api.visible(args)
    listed = page([{"id": m} for m in channel.members], args, "members")
    return {**listed, "members": [m["id"] for m in listed["members"]]}


def _topic(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    text = args.text("topic")
    if len(text) > TEXT_LENGTH:
        raise ApiError("too_long")
    channel.topic = text
    subtype = "channel_topic" if channel.kind == "public" else "group_topic"
    api.workspace.say(channel, api.me, f"set the channel topic: {text}", subtype, topic=text)
    return {"channel": channel_wire(api, channel)}


def _purpose(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    text = args.text("purpose")
    if len(text) > TEXT_LENGTH:
        raise ApiError("too_long")
    channel.purpose = text
    subtype = "channel_purpose" if channel.kind == "public" else "group_purpose"
    said = f"set the channel description: {text}"
    api.workspace.say(channel, api.me, said, subtype, purpose=text)
    return {"purpose": text, "channel": channel_wire(api, channel)}


def _archive(api: Api, args: Args) -> Json:
    channel = api.workspace.member_channel(args.required("channel"), member=api.me)
    if channel.archived:
        raise ApiError("already_archived")
    if channel.name == "general":
        raise ApiError("cant_archive_general")
    side = "channel" if channel.kind == "public" else "group"
    api.workspace.say(channel, api.me, "archived the channel", f"{side}_archive")
    channel.archived = True
    api.workspace.on_event({"type": f"{side}_archive", "channel": channel.id, "user": api.me})
    return {}


def _unarchive(api: Api, args: Args) -> Json:
    channel = api.visible(args)
    if not channel.archived:
        raise ApiError("not_archived")
    channel.archived = False
    side = "channel" if channel.kind == "public" else "group"
    api.workspace.say(channel, api.me, "un-archived the channel", f"{side}_unarchive")
    return {}


def _rename(api: Api, args: Args) -> Json:
    channel = api.workspace.live_channel(args.required("channel"), member=api.me)
    name = args.text("name")
    check_name(name)
    others = (c for c in api.workspace.channels.values() if c is not channel)
    if any(c.name == name for c in others):
        raise ApiError("name_taken")
    channel.name = name
    subtype = "channel_name" if channel.kind == "public" else "group_name"
    api.workspace.say(channel, api.me, f'renamed the channel to "{name}"', subtype, name=name)
    return {"channel": channel_wire(api, channel)}


def _open(api: Api, args: Args) -> Json:
    if args.text("channel"):
        channel = api.visible(args)
    else:
        users = args.words("users")
        if not users:
            raise ApiError("users_list_not_supplied")
        channel = api.workspace.direct_channel([*users, api.me])
    wire = channel_wire(api, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": wire}


METHODS: dict[str, Entry] = {
    "conversations.create": Entry(run=_create, family="manage"),
    "conversations.info": Entry(run=_info, family="read"),
    "conversations.list": Entry(run=_list, family="read"),
    "users.conversations": Entry(run=_of_user, family="read"),
    "conversations.invite": Entry(run=_invite, family="manage"),
    "conversations.kick": Entry(run=_kick, family="manage"),
    "conversations.join": Entry(run=_join, scope="channels:join"),
    "conversations.leave": Entry(run=_leave, family="manage"),
    "conversations.members": Entry(run=_members, family="read"),
    "conversations.setTopic": Entry(run=_topic, family="manage"),
    "conversations.setPurpose": Entry(run=_purpose, family="manage"),
    "conversations.archive": Entry(run=_archive, family="manage"),
    "conversations.unarchive": Entry(run=_unarchive, family="manage"),
    "conversations.rename": Entry(run=_rename, family="manage"),
    "conversations.open": Entry(run=_open, scope="im:write"),
}
