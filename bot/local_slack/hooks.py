"""Response URLs: the addresses an app may answer to after a command or a click.

Decides: how long and how often they work, and what an answer changes. Doesn't decide: who gets one
(interactions.py).
Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
(5 uses within 30 minutes; ephemeral unless response_type says otherwise).
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.local_slack.api_messages import content_of, replace_content
from bot.local_slack.args import Api, Args
from bot.local_slack.workspace import ApiError, Channel, Json, Message

USES = 5
LIFETIME_SECONDS = 30 * 60.0


@dataclass(kw_only=True, slots=True)
class Hook:
    """One response URL; `message_ts` is the message whose button was pressed, if there was one."""

    user: str
    channel: str
    issued: float
    message_ts: str = ""
    uses: int = 0


class Hooks:
    """All response URLs that were given out; callers hold the workspace's lock."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._hooks: dict[str, Hook] = {}

    def issue(self, api: Api, *, user: str, channel: str, message_ts: str = "") -> str:
        """Return a fresh response URL."""
        serial = api.workspace.next_id("R").lower()
        self._hooks[serial] = Hook(
            user=user, channel=channel, issued=self._stopwatch(), message_ts=message_ts
        )
        return f"{api.base_url}/hooks/{serial}"

    def answer(self, api: Api, serial: str, body: Json) -> None:
        """Take an app's answer. Raises ApiError `invalid_url`, `used_url` or `expired_url`."""
        hook = self._hooks.get(serial)
        if hook is None:
            raise ApiError("invalid_url")
        if hook.uses >= USES:
            raise ApiError("used_url")
        if self._stopwatch() - hook.issued > LIFETIME_SECONDS:
            raise ApiError("expired_url")
        hook.uses += 1
        respond(api, hook, body)


def respond(api: Api, hook: Hook, body: Json) -> None:
    """Show an answer to a command or click: new, in place of the original, or delete that.

    Raises ApiError as chat.postMessage does (`no_text`, `invalid_blocks`, …).
    """
    channel = api.workspace.channels[hook.channel]
    original = _original(channel, hook.message_ts)
    args = Args(body)
    if args.flag("delete_original"):
        if original is not None:
            api.workspace.remove(channel, original)
        return
    content = content_of(api, args)
    if args.flag("replace_original") and original is not None:
        replace_content(api, original, content, args)
        return
    if args.text("thread_ts"):
        content["thread_ts"] = args.text("thread_ts")
    visible = args.text("response_type") == "in_channel"
    api.workspace.post(
        channel, user=api.me, content=content, only_for=None if visible else hook.user
    )


def _original(channel: Channel, ts: str) -> Message | None:
    return next((m for m in channel.messages if ts and m.wire["ts"] == ts), None)
