"""The state of the workspace in a box: channels, members, messages, and who may see what.

Decides: ids, message timestamps, membership, visibility, and which events follow from a change.
Doesn't decide: HTTP, tokens and scopes (web_api.py), Block Kit limits (block_rules.py), modals
(views.py), delivery to the app (inbound.py). Messages are kept as the dictionaries Slack sends.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.local_slack.people import TEAM_ID, AppProfile, Person

Json = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = ("public", "private", "im", "mpim")


class ApiError(Exception):
    """A refusal in Slack's own words: `code` is the `error` field, `detail` goes beside it."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(kw_only=True, slots=True)
class Message:
    """A message as on the wire; `only_for` names the one reader of an ephemeral message."""

    wire: Json
    only_for: str | None = None


@dataclass(kw_only=True, slots=True)
class Channel:
    """A conversation; `kind` is one of KINDS, `created` is in seconds since 1970 (UTC)."""

    id: str
    name: str
    kind: str
    creator: str
    created: int
    members: list[str]
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    shared: bool = False
    """With another organisation, by Slack Connect."""
    messages: list[Message] = field(default_factory=list)
    pins: list[Json] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)


class Workspace:
    """Everything that Slack would remember; every public method expects `lock` to be held."""

    def __init__(
        self, *, people: Iterable[Person], app: AppProfile, clock: Callable[[], datetime]
    ) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.app = app
        self.people: dict[str, Person] = {p.id: p for p in people}
        self.people[app.bot_user_id] = app.as_person()
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.counter = 0
        self.last_micros = 0
        self.on_event: Callable[[Json], None] = lambda _event: None
        self.on_change: Callable[[], None] = lambda: None
        self._clock = clock

    # -- time and identity ------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time by the clock that was passed in, aware UTC."""
        return self._clock().astimezone(UTC)

    def unix(self) -> int:
        """Return now in whole seconds since 1970 (UTC)."""
        return int((self.now() - EPOCH) // timedelta(seconds=1))

    def next_ts(self) -> str:
        """Return a new timestamp in Slack's form, unique in the workspace and strictly rising.

        Slack uses the timestamp as the message's id, so it must rise even when the clock stands
        still or is set back.
        """
        micros = (self.now() - EPOCH) // timedelta(microseconds=100) * 100
        self.last_micros = max(micros, self.last_micros + 100)
        return f"{self.last_micros // 1_000_000}.{self.last_micros % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """Return a new id such as C0BOX00012."""
        self.counter += 1
        return f"{prefix}0BOX{self.counter:05d}"

    def touch(self) -> None:
        """Tell watchers and the snapshot that something has changed."""
        self.version += 1
        self.changed.notify_all()
        self.on_change()

    # -- finding ----------------------------------------------------------------------------

    def person(self, user_id: str) -> Person:
        """Return a member. Raises ApiError `user_not_found`."""
        if user_id not in self.people:
            raise ApiError("user_not_found")
        return self.people[user_id]

    def visible_channel(self, channel_id: str, *, to: str) -> Channel:
        """Return a channel that `to` may know of. Raises ApiError `channel_not_found`."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and to not in channel.members):
            raise ApiError("channel_not_found")
        return channel

    def member_channel(self, channel_id: str, *, member: str) -> Channel:
        """Return a channel that `member` is in. Raises ApiError also with `not_in_channel`."""
        channel = self.visible_channel(channel_id, to=member)
        if member not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def live_channel(self, channel_id: str, *, member: str) -> Channel:
        """Return a channel that can be written to. Raises ApiError also with `is_archived`."""
        channel = self.member_channel(channel_id, member=member)
        if channel.archived:
            raise ApiError("is_archived")
        return channel

    def message(self, channel: Channel, ts: str) -> Message:
        """Return one message that everyone in the channel sees, else `message_not_found`."""
        for message in reversed(channel.messages):
            if message.wire["ts"] == ts and message.only_for is None:
                return message
        raise ApiError("message_not_found")

    def direct_channel(self, users: Iterable[str]) -> Channel:
        """Return the direct conversation between these people, made if there was none."""
        members = sorted(set(users))
        for user in members:
            self.person(user)
        for channel in self.channels.values():
            if channel.kind in ("im", "mpim") and sorted(channel.members) == members:
                return channel
        group = len(members) > 2  # noqa: PLR2004  a direct message has two ends
        names = "--".join(self.people[u].name for u in members)
        channel = Channel(
            id=self.next_id("G" if group else "D"),
            name=f"mpdm-{names}-1" if group else "",
            kind="mpim" if group else "im",
            creator=members[0],
            created=self.unix(),
            members=members,
        )
        self.channels[channel.id] = channel
        self.touch()
        return channel

    # -- changing ---------------------------------------------------------------------------

    def create_channel(self, *, name: str, private: bool, creator: str) -> Channel:
        """Make a channel with its creator in it. Raises ApiError `name_taken`, without an id.

        Archived channels keep their names, as in Slack.
        """
        if any(c.name == name for c in self.channels.values() if c.kind in ("public", "private")):
            raise ApiError("name_taken")
        channel = Channel(
            id=self.next_id("C"),
            name=name,
            kind="private" if private else "public",
            creator=creator,
            created=self.unix(),
            members=[],
        )
        self.channels[channel.id] = channel
        self.join(channel, creator)
        return channel

    def join(self, channel: Channel, user: str, *, inviter: str | None = None) -> None:
        """Put a person into a channel, say so in it, and tell the app."""
        channel.members.append(user)
        extra = {"inviter": inviter} if inviter else {}
        self.say(channel, user, f"<@{user}> has joined the channel", "channel_join", **extra)
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": TEAM_ID,
            "event_ts": channel.messages[-1].wire["ts"],
            **extra,
        }
        self.on_event(event)

    def leave(self, channel: Channel, user: str) -> None:
        """Take a person out of a channel, say so in it, and tell the app."""
        self.say(channel, user, f"<@{user}> has left the channel", "channel_leave")
        channel.members.remove(user)
        self.on_event(
            {
                "type": "member_left_channel",
                "user": user,
                "channel": channel.id,
                "channel_type": "C" if channel.kind == "public" else "G",
                "team": TEAM_ID,
                "event_ts": channel.messages[-1].wire["ts"],
            }
        )

    def say(self, channel: Channel, user: str, text: str, subtype: str, **extra: Any) -> None:
        """Add one of Slack's own lines ("… has joined", "set the topic") to a channel."""
        wire = {
            "type": "message",
            "subtype": subtype,
            "user": user,
            "text": text,
            "ts": self.next_ts(),
            **extra,
        }
        channel.messages.append(Message(wire=wire))
        self.touch()

    def post(
        self, channel: Channel, *, user: str, content: Json, only_for: str | None = None
    ) -> Message:
        """Add a message; `content` holds text, blocks, attachments, metadata, thread_ts, files."""
        wire: Json = {"type": "message", "user": user, "ts": self.next_ts(), "team": TEAM_ID}
        if user == self.app.bot_user_id:
            wire |= {
                "bot_id": self.app.bot_id,
                "app_id": self.app.app_id,
                "bot_profile": {"id": self.app.bot_id, "name": self.app.name, "team_id": TEAM_ID},
            }
        wire |= {key: value for key, value in content.items() if value is not None}
        message = Message(wire=wire, only_for=only_for)
        channel.messages.append(message)
        if only_for is None:
            self._count_reply(channel, wire)
            self._announce(channel, wire)
        self.touch()
        return message

    def remove(self, channel: Channel, message: Message) -> None:
        """Take a message out of a channel, together with its pin."""
        channel.messages.remove(message)
        channel.pins = [p for p in channel.pins if p["ts"] != message.wire["ts"]]
        self.touch()

    def _count_reply(self, channel: Channel, wire: Json) -> None:
        thread = wire.get("thread_ts")
        if not thread or thread == wire["ts"]:
            return
        parent = next((m.wire for m in channel.messages if m.wire["ts"] == thread), None)
        if parent is None:
            return
        wire["parent_user_id"] = parent.get("user")
        users = parent.setdefault("reply_users", [])
        if wire["user"] not in users:
            users.append(wire["user"])
        parent["thread_ts"] = thread
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent["reply_users_count"] = len(users)
        parent["latest_reply"] = wire["ts"]

    def _announce(self, channel: Channel, wire: Json) -> None:
        kinds = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
        if self.app.bot_user_id in channel.members:
            self.on_event(
                {
                    **wire,
                    "channel": channel.id,
                    "channel_type": kinds[channel.kind],
                    "event_ts": wire["ts"],
                }
            )
