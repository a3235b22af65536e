"""One person's hands: type a command, press a button, fill a modal, read a channel.

Decides: how plain Python values and names become actions. Doesn't decide: what an action does
(interactions.py). Tests, the told story and the page use the same actions.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.local_slack.args import Api
from bot.local_slack.inbound import Ack
from bot.local_slack.interactions import Desk, NothingOpenError, Submission
from bot.local_slack.workspace import Json

WAIT_SECONDS = 5.0


class NothingSeenError(LookupError):
    """A message that was waited for didn't come."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonDriver:
    """Acts as one person. Every action returns after the app has answered (or failed to)."""

    user_id: str
    desk: Desk
    api: Callable[[], Api]

    def slash(self, command: str, text: str = "", *, channel: str) -> Ack:
        """Type a slash command in a channel (by id). Raises ApiError if not in it."""
        return self.desk.slash(self.user_id, command, text, channel)

    def click(
        self,
        target: Json,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        typed: Mapping[str, Any] | None = None,
    ) -> Ack:
        """Press or choose something in a message (from `messages`), a modal or the Home tab.

        `value` is the choice for selects, dates and overflow menus; `typed` what the person has
        typed elsewhere in the modal. Raises UnknownInputError naming what there is.
        """
        if "ts" not in target:
            return self.desk.click_view(
                self.user_id,
                view_id=target["id"],
                action_id=action_id,
                block_id=block_id,
                value=value,
                typed=typed or {},
            )
        return self.desk.click_message(
            self.user_id,
            channel_id=target["channel"],
            ts=target["ts"],
            action_id=action_id,
            block_id=block_id,
            value=value,
        )

    def submit(
        self, view: Json | None = None, values: Mapping[str, Any] | None = None
    ) -> Submission:
        """Fill the modal (the top one by default) and submit it.

        `values` go by block id or action id; datetimes, dates, times, option values or visible
        texts, user and channel ids, lists of those. Raises NothingOpenError, UnknownInputError.
        """
        return self.desk.submit(self.user_id, (view or self.need_modal())["id"], values or {})

    def close(self, view: Json | None = None, *, clear: bool = False) -> Ack | None:
        """Cancel the modal (the top one by default)."""
        return self.desk.close(self.user_id, (view or self.need_modal())["id"], clear=clear)

    def shortcut(self, callback_id: str) -> Ack:
        """Run a global shortcut."""
        return self.desk.shortcut(self.user_id, callback_id)

    def message_shortcut(self, callback_id: str, *, channel: str, ts: str) -> Ack:
        """Run a message shortcut on one message."""
        return self.desk.message_shortcut(self.user_id, callback_id, channel, ts)

    def post(self, channel: str, text: str, *, thread_ts: str | None = None) -> Json:
        """Write a message and return it; `channel` is an id, or a person's id for a DM."""
        return self.desk.post(self.user_id, self._place(channel), text, thread_ts)

    def upload(
        self, channel: str, name: str, data: bytes, *, comment: str = "", size: int | None = None
    ) -> Json:
        """Upload a file into a channel and return the file object.

        `size` makes Slack claim another size in bytes than the file has.
        """
        return self.desk.upload(
            self.user_id, self._place(channel), name=name, data=data, comment=comment, size=size
        )

    def open_home(self, *, seconds: float = WAIT_SECONDS) -> Json | None:
        """Open the app's Home tab, wait until the app has published it anew, and return it.

        After `seconds` the tab is returned as it is: None if the app never published one.
        """
        before = (self.home() or {}).get("hash")
        self.desk.open_home(self.user_id)
        self._wait(lambda: (self.home() or {}).get("hash") != before, seconds)
        return self.home()

    def _place(self, channel: str) -> str:
        workspace = self.api().workspace
        with workspace.lock:
            if channel in workspace.people:
                return workspace.direct_channel([channel, self.user_id]).id
        return channel

    # -- what the person sees ---------------------------------------------------------------

    def modal(self) -> Json | None:
        """Return a copy of the modal on top, or None."""
        stack = self.modals()
        return stack[-1] if stack else None

    def need_modal(self) -> Json:
        """Return the modal on top. Raises NothingOpenError."""
        modal = self.modal()
        if modal is None:
            raise NothingOpenError(f"{self.user_id} has no modal open")
        return modal

    def wait_modal(self, *, title: str = "", seconds: float = WAIT_SECONDS) -> Json:
        """Wait for a modal (with this title) on top and return it. Raises NothingOpenError.

        Bolt answers first and opens modals afterwards, so a modal comes later than the answer.
        """

        def there() -> bool:
            modal = self.modal()
            return modal is not None and title in ("", modal["title"]["text"])

        if not self._wait(there, seconds):
            raise NothingOpenError(f"{self.user_id} has no modal {title!r} after {seconds} s")
        return self.need_modal()

    def wait_message(self, channel: str, containing: str, *, seconds: float = WAIT_SECONDS) -> Json:
        """Wait for a message whose text or blocks contain this, and return the newest such one.

        Raises NothingSeenError with the texts that are there.
        """
        found: list[Json] = []

        def there() -> bool:
            found[:] = [
                m for m in self.messages(channel) if containing in json.dumps(m, ensure_ascii=False)
            ]
            return bool(found)

        if not self._wait(there, seconds):
            texts = [m.get("text") for m in self.messages(channel)]
            raise NothingSeenError(f"{self.user_id} sees no {containing!r}; there are: {texts}")
        return found[-1]

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        workspace = self.api().workspace
        with workspace.changed:
            return workspace.changed.wait_for(condition, timeout=seconds)

    def modals(self) -> list[Json]:
        """Return copies of the open modals, the top one last."""
        api = self.api()
        with api.workspace.lock:
            return copy.deepcopy(api.views.stacks.get(self.user_id, []))

    def home(self) -> Json | None:
        """Return a copy of the Home tab as last published, or None."""
        workspace = self.api().workspace
        with workspace.lock:
            return copy.deepcopy(workspace.homes.get(self.user_id))

    def messages(self, channel: str) -> list[Json]:
        """Return a channel's messages as this person sees them, oldest first.

        Each has `channel`; ephemeral ones for this person have `is_ephemeral`. A channel that the
        person may not see raises ApiError `channel_not_found`.
        """
        workspace = self.api().workspace
        with workspace.lock:
            found = workspace.visible_channel(channel, to=self.user_id)
            return [
                {
                    **copy.deepcopy(m.wire),
                    "channel": found.id,
                    **({"is_ephemeral": True} if m.only_for else {}),
                }
                for m in found.messages
                if m.only_for in (None, self.user_id)
            ]

    def direct_messages(self, other: str | None = None) -> list[Json]:
        """Return the messages with another person; with the app by default."""
        workspace = self.api().workspace
        with workspace.lock:
            channel = workspace.direct_channel([self.user_id, other or workspace.app.bot_user_id])
        return self.messages(channel.id)

    def channels(self) -> dict[str, str]:
        """Return the channels this person is in: name -> id."""
        workspace = self.api().workspace
        with workspace.lock:
            return {
                c.name: c.id
                for c in workspace.channels.values()
                if c.name and self.user_id in c.members
            }

    def notices(self) -> list[str]:
        """Return the warnings Slack has shown this person, oldest first."""
        with self.api().workspace.lock:
            return [n["text"] for n in self.desk.notices.get(self.user_id, [])]
