"""The gateway to Slack's Web API: every call that leaves the house for Slack is made here.

Decides which failures are worth another try (`SlackUnavailableError`) and which are final
(`SlackRefusedError`). It keeps no state and knows no incident; repeating safely is the business
of `bot.jobs.posting`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.webhook import WebhookClient

METADATA_EVENT = "tocsin_message"
"""`event_type` of the message metadata that carries our idempotency key."""

_TRANSIENT = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
_SERVER_ERROR = 500
_TOO_MANY = 429
_OK = 200
_DEFAULT_WAIT_S = 2.0
MAX_PAGES = 20
QUICK_TIMEOUT_S = 2
"""Seconds for a call that a person waits for: Slack wants its own answer within three."""
TOPIC_LIMIT = 250


class Profile(NamedTuple):
    """What Slack says of a person: display name, IANA zone, and whether they are a guest."""

    name: str
    zone: str
    guest: bool


class SlackUnavailableError(Exception):
    """Slack doesn't answer or asks to wait; try again after `retry_after_s` seconds."""

    def __init__(self, reason: str, *, retry_after_s: float = _DEFAULT_WAIT_S) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class SlackRefusedError(Exception):
    """Slack answered no, and would again. `code` is Slack's own error code."""

    def __init__(self, code: str, method: str) -> None:
        super().__init__(f"Slack refused {method}: {code}")
        self.code = code
        self.method = method


class SlackGateway:
    """Calls of the Web API with our way of failing; made once by `bot.app`.

    `quick` is the client for calls that a person waits for; it gives up sooner. Both clients must
    be made without slack_sdk's own retries, which would post twice when only an answer was lost.
    """

    def __init__(self, client: WebClient, quick: WebClient | None = None) -> None:
        self.client = client
        self.quick = quick or client

    def call(self, method: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Call a WebClient method; raise one of this module's two errors if it fails."""
        name = getattr(method, "__name__", "call")
        try:
            return dict(method(**arguments).data)
        except SlackApiError as error:
            raise _judge(error, name) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise SlackUnavailableError(f"{name}: {type(error).__name__}") from error

    def make_private_channel(self, name: str) -> str:
        """Return the id of our private channel of this name, making it if it isn't there.

        `conversations.create` answers `name_taken` without an id, also when an earlier try of
        ours made the channel and the answer was lost; then it is found among our own channels.
        It is never made public.
        """
        try:
            made = self.call(self.client.conversations_create, name=name, is_private=True)
        except SlackRefusedError as error:
            if error.code != "name_taken":
                raise
            found = self._find_own_channel(name)
            if found is None:
                raise
            return found
        channel = made["channel"]
        if not channel.get("is_private"):
            raise SlackRefusedError("not_private", "conversations.create")
        return str(channel["id"])

    def _find_own_channel(self, name: str) -> str | None:
        """Find the private channel of this name that we made ourselves.

        A channel that somebody else made and brought the bot into would be a trap: its maker
        would read the incident.
        """
        me = str(self.who_am_i()["user_id"])
        cursor = ""
        for _ in range(MAX_PAGES):
            page = self.call(
                self.client.users_conversations,
                types="private_channel",
                exclude_archived=True,
                limit=200,
                cursor=cursor,
            )
            for channel in page["channels"]:
                ours = channel.get("creator") == me and channel.get("is_private")
                if channel["name"] == name and ours:
                    return str(channel["id"])
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    def invite(self, channel: str, slack_id: str) -> None:
        """Invite a person; being there already is success."""
        try:
            self.call(self.client.conversations_invite, channel=channel, users=slack_id)
        except SlackRefusedError as error:
            if error.code not in {"already_in_channel", "cant_invite_self"}:
                raise

    def remove(self, channel: str, slack_id: str) -> None:
        """Remove a person from a channel; not being there is success.

        https://docs.slack.dev/reference/methods/conversations.kick
        """
        try:
            self.call(self.client.conversations_kick, channel=channel, user=slack_id)
        except SlackRefusedError as error:
            if error.code != "not_in_channel":
                raise

    def set_topic(self, channel: str, topic: str) -> None:
        """Set the channel's topic (250 characters at most)."""
        self.call(self.client.conversations_setTopic, channel=channel, topic=topic[:TOPIC_LIMIT])

    def post(self, channel: str, *, key: str, text: str, blocks: Sequence[Block]) -> str:
        """Post a message that carries our key in its metadata; return its `ts`."""
        answer = self.call(
            self.client.chat_postMessage,
            channel=channel,
            text=text,
            blocks=[block.to_dict() for block in blocks],
            metadata={"event_type": METADATA_EVENT, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    def find_posted(self, channel: str, *, key: str, since: float) -> str | None:
        """Find a message with our key in the channel, posted after `since` (Unix seconds)."""
        cursor = ""
        for _ in range(MAX_PAGES):
            page = self.call(
                self.client.conversations_history,
                channel=channel,
                include_all_metadata=True,
                oldest=f"{since:.6f}",
                limit=200,
                cursor=cursor,
            )
            for message in page["messages"]:
                payload = message.get("metadata", {}).get("event_payload", {})
                if payload.get("key") == key:
                    return str(message["ts"])
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    def update(
        self, channel: str, ts: str, *, key: str, text: str, blocks: Sequence[Block]
    ) -> None:
        """Replace a message of ours."""
        self.call(
            self.client.chat_update,
            channel=channel,
            ts=ts,
            text=text,
            blocks=[block.to_dict() for block in blocks],
            metadata={"event_type": METADATA_EVENT, "event_payload": {"key": key}},
        )

    def reword(
        self, channel: str, ts: str, *, text: str, blocks: Sequence[Mapping[str, Any]]
    ) -> None:
        """Replace a message of ours as Slack gave it back; its key stays in its metadata.

        https://docs.slack.dev/reference/methods/chat.update: metadata not given is retained.
        """
        self.call(self.client.chat_update, channel=channel, ts=ts, text=text, blocks=list(blocks))

    def pin(self, channel: str, ts: str) -> None:
        """Pin a message; being pinned already is success."""
        try:
            self.call(self.client.pins_add, channel=channel, timestamp=ts)
        except SlackRefusedError as error:
            if error.code != "already_pinned":
                raise

    def bookmark(self, channel: str, *, title: str, link: str) -> None:
        """Put a link into the channel's bookmark bar unless one with this title is there."""
        known = self.call(self.client.bookmarks_list, channel_id=channel)
        if any(one["title"] == title for one in known["bookmarks"]):
            return
        self.call(
            self.client.bookmarks_add, channel_id=channel, title=title, type="link", link=link
        )

    def direct_channel(self, slack_id: str) -> str:
        """Return the id of the direct-message channel with a person."""
        answer = self.call(self.client.conversations_open, users=slack_id)
        return str(answer["channel"]["id"])

    def is_shared(self, channel: str) -> bool:
        """Tell whether people of another organisation or workspace read this channel too.

        https://docs.slack.dev/reference/objects/conversation-object
        """
        found = self.call(self.client.conversations_info, channel=channel)["channel"]
        names = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")
        return any(found.get(name) for name in names)

    def profile(self, slack_id: str) -> Profile:
        """Return who a person is.

        Guests are `is_restricted` (several channels) or `is_ultra_restricted` (one channel):
        https://docs.slack.dev/reference/objects/user-object
        """
        user = self.call(self.client.users_info, user=slack_id)["user"]
        profile = user.get("profile", {})
        name = user.get("real_name") or profile.get("display_name") or user.get("name") or slack_id
        guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
        return Profile(name=str(name), zone=str(user.get("tz") or "UTC"), guest=guest)

    def open_view(self, trigger_id: str, view: View) -> None:
        """Open a modal; the trigger lives for 3 seconds."""
        self.call(self.quick.views_open, trigger_id=trigger_id, view=view.to_dict())

    def publish_home(self, slack_id: str, view: View) -> None:
        """Show a person's App Home."""
        self.call(self.quick.views_publish, user_id=slack_id, view=view.to_dict())

    def answer(self, response_url: str, *, text: str, blocks: Sequence[Block]) -> None:
        """Answer a press or shortcut to the person alone, also where the bot isn't a member.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        hook = WebhookClient(response_url, timeout=QUICK_TIMEOUT_S, retry_handlers=[])
        try:
            answer = hook.send(
                text=text,
                blocks=[block.to_dict() for block in blocks],
                response_type="ephemeral",
                replace_original=False,
            )
        except (SlackClientError, OSError, HTTPException) as error:
            raise SlackUnavailableError(f"response_url: {type(error).__name__}") from error
        if answer.status_code == _TOO_MANY or answer.status_code >= _SERVER_ERROR:
            raise SlackUnavailableError(f"response_url: {answer.status_code}")
        if answer.status_code != _OK:
            raise SlackRefusedError(f"http_{answer.status_code}", "response_url")

    def whisper(self, channel: str, slack_id: str, *, text: str, blocks: Sequence[Block]) -> None:
        """Show a message to one person in a channel."""
        self.call(
            self.quick.chat_postEphemeral,
            channel=channel,
            user=slack_id,
            text=text,
            blocks=[block.to_dict() for block in blocks],
        )

    def tell(self, slack_id: str, *, text: str, blocks: Sequence[Block]) -> None:
        """Answer a person by direct message, without the care that announcements get."""
        opened = self.call(self.quick.conversations_open, users=slack_id)
        self.call(
            self.quick.chat_postMessage,
            channel=str(opened["channel"]["id"]),
            text=text,
            blocks=[block.to_dict() for block in blocks],
        )

    def message_at(self, channel: str, ts: str, *, thread_ts: str = "") -> dict[str, Any] | None:
        """Read one message back; `thread_ts` names the thread that it is an answer in."""
        page: dict[str, Any] = {"channel": channel, "latest": ts, "oldest": ts, "inclusive": True}
        if thread_ts and thread_ts != ts:
            found = self.call(self.quick.conversations_replies, ts=thread_ts, **page)
        else:
            found = self.call(self.quick.conversations_history, limit=1, **page)
        return next((one for one in found["messages"] if one["ts"] == ts), None)

    def file_info(self, file_id: str) -> dict[str, Any]:
        """Return what Slack knows of a file, its private address among it."""
        return dict(self.call(self.client.files_info, file=file_id)["file"])

    def who_am_i(self) -> dict[str, Any]:
        """Return Slack's answer to `auth.test`, for `tocsin doctor`."""
        return self.call(self.client.auth_test)


def _judge(error: SlackApiError, method: str) -> Exception:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    code = _code_of(response)
    if status == _TOO_MANY or code in {"ratelimited", "rate_limited"}:
        wait = seconds_of(response.headers.get("Retry-After"))
        return SlackUnavailableError(f"{method}: rate limited", retry_after_s=wait)
    if status >= _SERVER_ERROR or code in _TRANSIENT or (status == _OK and not code):
        return SlackUnavailableError(f"{method}: {code or status}")
    return SlackRefusedError(code or f"http_{status}", method)


def _code_of(response: Any) -> str:
    """Return Slack's code; slack_sdk puts a whole page there when a proxy answers instead."""
    data = response.data if hasattr(response, "data") else response
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    return code if re.fullmatch(r"[a-z0-9_]+", code) else ""


def seconds_of(header: str | None) -> float:
    """Return the seconds of a `Retry-After` header, and our default for one that isn't a number."""
    return float(header) if header and header.isdecimal() else _DEFAULT_WAIT_S
