"""LocalSlack: the workspace in a box, put together.

Decides: what belongs to one box, and how its parts know of each other. Doesn't decide: anything a
part decides. See server.py for serving it and driver.py for acting as a person.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.local_slack import payloads, snapshot, web_api
from bot.local_slack.args import Api
from bot.local_slack.driver import PersonDriver
from bot.local_slack.faults import Faults
from bot.local_slack.files import FileShelf, file_wire
from bot.local_slack.hooks import Hooks
from bot.local_slack.inbound import ACK_SECONDS, EVENT_RETRIES, Inbound
from bot.local_slack.interactions import SLACKBOT, Desk
from bot.local_slack.people import DEMO_PEOPLE, AppProfile, Person
from bot.local_slack.socket_mode import SocketMode
from bot.local_slack.views import Views
from bot.local_slack.workspace import Channel, Json, Workspace

DEFAULT_EVENTS = frozenset(
    {
        "app_home_opened",
        "member_joined_channel",
        "member_left_channel",
        "file_shared",
        "channel_archive",
        "group_archive",
    }
)
DEFAULT_CHANNELS = ("general", "security")


class LocalSlack:
    """A Slack workspace on loopback, with its people, its one app, and its faults.

    Args:
        people: the members; the demo's cast by default.
        app: the installed app with its commands and shortcuts.
        request_url: where the app takes commands, interactions and events; may come later by
            `point_at`.
        signing_secret, bot_token: shared with the app.
        app_token: lets the app connect by Socket Mode; then deliveries go over the socket, and by
            HTTP only while no socket is connected.
        scopes: scopes of the bot token; None grants all.
        events: event types the app subscribed to ("message.groups" style for messages).
        clock: the time of messages, aware; tests move it.
        signing_clock: the time in signatures; `clock` by default. Bolt compares it with the system
            clock, so pass the real time here when `clock` is moved.
        stopwatch: seconds that only rise, for trigger_id (3 s) and response_url (30 min).
        state_path: a JSON file that keeps the workspace; its files lie in a folder beside it.
        channels: public channels that exist at first, with everyone and the app in them.
        ack_seconds: how long the app may take to answer.
        event_retries: seconds before each repetition of an event that failed.
        escape: whether @name and #channel in commands become ids.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        signing_secret: str,
        bot_token: str,
        people: Iterable[Person] = DEMO_PEOPLE,
        app: AppProfile | None = None,
        request_url: str = "",
        app_token: str = "",
        scopes: frozenset[str] | None = None,
        events: frozenset[str] = DEFAULT_EVENTS,
        signing_clock: Callable[[], datetime] | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
        state_path: Path | None = None,
        channels: tuple[str, ...] = DEFAULT_CHANNELS,
        ack_seconds: float = ACK_SECONDS,
        event_retries: tuple[float, ...] = EVENT_RETRIES,
        escape: bool = True,
    ) -> None:
        self.app = app or AppProfile()
        self.workspace = Workspace(people=people, app=self.app, clock=clock)
        self.views = Views(self.workspace, stopwatch)
        self.faults = Faults()
        self.tokens = web_api.Tokens(bot=bot_token, app=app_token, scopes=scopes)
        self.events = events
        self.calls: list[web_api.Call] = []
        self.base_url = ""
        self.socket_mode = SocketMode(self.app.app_id) if app_token else None
        self.inbound = Inbound(
            signing_secret=signing_secret,
            faults=self.faults,
            clock=signing_clock or clock,
            ack_seconds=ack_seconds,
            event_retries=event_retries,
        )
        if self.socket_mode is not None:
            self.inbound.socket = self.socket_mode.deliver
        self.hooks = Hooks(stopwatch)
        self.desk = Desk(api=self.api, hooks=self.hooks, inbound=self.inbound, escape=escape)
        self.shelf = FileShelf(
            state_path.with_name(state_path.name + ".files") if state_path else None
        )
        self.point_at(request_url)
        self._begin(state_path, channels)
        self.workspace.on_event = self._emit

    def _begin(self, state_path: Path | None, channels: tuple[str, ...]) -> None:
        """Take up the saved workspace, or begin with the first channels; then save changes."""
        workspace = self.workspace
        workspace.people[SLACKBOT] = Person(
            id=SLACKBOT, name="slackbot", real_name="Slackbot", title="", tz="UTC", is_bot=True
        )
        with workspace.lock:
            if state_path is None or not snapshot.load(workspace, state_path):
                for name in channels:
                    self._first_channel(name)
            if state_path is not None:
                workspace.on_change = lambda: snapshot.save(workspace, state_path)

    def _first_channel(self, name: str) -> None:
        members = [p.id for p in self.workspace.people.values() if p.id != SLACKBOT]
        channel = Channel(
            id=self.workspace.next_id("C"),
            name=name,
            kind="public",
            creator=members[0],
            created=self.workspace.unix(),
            members=members,
        )
        self.workspace.channels[channel.id] = channel

    # -- for the server ---------------------------------------------------------------------

    def serve_at(self, base_url: str) -> None:
        """Learn the own address, and correct it in the files of a workspace taken up again."""
        with self.workspace.lock:
            self.base_url = base_url
            for channel in self.workspace.channels.values():
                for message in channel.messages:
                    for shared in message.wire.get("files", []):
                        record = self.workspace.files[shared["id"]]
                        shared |= {
                            key: value
                            for key, value in file_wire(self.workspace, record, base_url).items()
                            if key in ("url_private", "url_private_download", "permalink")
                        }

    def api(self) -> Api:
        """Return what Web API methods work with."""
        return Api(
            workspace=self.workspace,
            views=self.views,
            shelf=self.shelf,
            base_url=self.base_url,
            socket_url=self.socket_mode.url if self.socket_mode else "",
        )

    def call(self, method: str, values: Mapping[str, Any], token: str) -> web_api.Answer:
        """Run one Web API call, with the fault that waits for it, and record it in `calls`."""
        fault = self.faults.take(method)
        with self.workspace.lock:
            answer, record = web_api.call(
                self.api(), method, values, token=token, tokens=self.tokens, fault=fault
            )
            self.calls.append(record)
        return answer

    def _emit(self, event: Json) -> None:
        kind = str(event["type"])
        if kind == "message":
            place = {"channel": "channels", "group": "groups"}.get(
                event["channel_type"], event["channel_type"]
            )
            kind = f"message.{place}"
        if kind not in self.events:
            return
        workspace = self.workspace
        with workspace.lock:
            envelope = payloads.event_envelope(
                app=self.app,
                event=event,
                event_id=workspace.next_id("Ev"),
                event_time=workspace.unix(),
            )
        self.inbound.event(envelope)

    # -- for tests, the demo and the page ---------------------------------------------------

    def point_at(self, request_url: str) -> None:
        """Send commands, interactions and events to this address. Raises NotLoopbackError."""
        self.inbound.point_at(request_url)

    def person(self, user_id: str) -> PersonDriver:
        """Return the hands of one person. Raises ApiError `user_not_found`."""
        with self.workspace.lock:
            self.workspace.person(user_id)
        return PersonDriver(user_id=user_id, desk=self.desk, api=self.api)

    def channel_id(self, name: str) -> str:
        """Return the id of a channel by its name. Raises KeyError naming those that exist."""
        with self.workspace.lock:
            for channel in self.workspace.channels.values():
                if channel.name == name:
                    return channel.id
            names = ", ".join(c.name for c in self.workspace.channels.values() if c.name)
        raise KeyError(f"no channel {name!r}; there are: {names}")

    def settle(self, seconds: float = 5.0) -> bool:
        """Wait until all events have been delivered; return False if that took too long."""
        return self.inbound.settle(seconds)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Wait until `condition` holds, looking whenever the workspace changes."""
        with self.workspace.changed:
            return self.workspace.changed.wait_for(condition, timeout=seconds)

    def close(self) -> None:
        """Stop delivering and close the socket."""
        self.inbound.close()
        if self.socket_mode is not None:
            self.socket_mode.stop()
            self.socket_mode = None
            self.inbound.socket = None
