"""What happens when a person does something: what the app hears, and what its answer changes.

Decides: commands, clicks, submissions, shortcuts, posts and uploads of one person, and what Slack
shows when the app fails. Doesn't decide: payload shapes (payloads.py), delivery (inbound.py).
The workspace's lock is never held while the app is asked, because the app calls back meanwhile.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.local_slack import payloads
from bot.local_slack.args import Api
from bot.local_slack.files import new_file, share_file
from bot.local_slack.forms import client_errors, state_values, typed_values
from bot.local_slack.hooks import Hook, Hooks, respond
from bot.local_slack.inbound import TIMED_OUT, Ack, Inbound
from bot.local_slack.mentions import typed_message, with_ids
from bot.local_slack.workspace import ApiError, Channel, Json, Message, Workspace

SLACKBOT = "USLACKBOT"
TROUBLE = "We had some trouble connecting. Try again?"
TOO_SLOW = "Operation timed out. Apps need to respond within 3 seconds."


class NothingOpenError(LookupError):
    """A modal was to be filled or closed, but the person has none open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What became of a submitted modal.

    `errors` go by block id, whether Slack's client or the app found them; `notice` is the line that
    Slack shows when the app failed; `ack` is None when the app was never asked.
    """

    ack: Ack | None
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the app took the modal."""
        return not self.errors and not self.notice


class Desk:
    """The actions of people; each method takes the acting person's id first."""

    def __init__(
        self, *, api: Callable[[], Api], hooks: Hooks, inbound: Inbound, escape: bool
    ) -> None:
        self._api = api
        self._hooks = hooks
        self._inbound = inbound
        self._escape = escape
        self.notices: dict[str, list[Json]] = {}

    @property
    def _workspace(self) -> Workspace:
        return self._api().workspace

    # -- commands and shortcuts -------------------------------------------------------------

    def slash(self, user: str, command: str, text: str, channel_id: str) -> Ack:
        """Send a slash command and show the answer, or Slack's words when there is none."""
        api = self._api()
        with api.workspace.lock:
            channel = api.workspace.member_channel(channel_id, member=user)
            if not any(c.name == command for c in api.workspace.app.commands):
                self._whisper(channel, user, f"`{command}` is not a valid command.")
                return Ack(status=None, body="", failure="invalid_command")
            fields = payloads.slash_command(
                app=api.workspace.app,
                person=api.workspace.person(user),
                channel=channel,
                command=command,
                text=with_ids(api.workspace, text) if self._escape else text,
                trigger_id=api.views.issue_trigger(user),
                response_url=self._hooks.issue(api, user=user, channel=channel.id),
            )
        ack = self._inbound.command(fields)
        with api.workspace.lock:
            self._show_answer(channel, user, command, ack)
        return ack

    def _show_answer(self, channel: Channel, user: str, command: str, ack: Ack) -> None:
        if ack.failure:
            self._whisper(channel, user, f'{command} failed with the error "{ack.failure}"')
            return
        if not ack.body.strip():
            return
        try:
            body = ack.json() or {"text": ack.body}
            respond(self._api(), Hook(user=user, channel=channel.id, issued=0), body)
        except (ApiError, ValueError):
            said = f'{command} failed with the error "invalid_command_response"'
            self._whisper(channel, user, said)

    def _whisper(self, channel: Channel, user: str, text: str) -> None:
        workspace = self._workspace
        workspace.post(channel, user=SLACKBOT, content={"text": text}, only_for=user)

    def shortcut(self, user: str, callback_id: str) -> Ack:
        """Send a global shortcut."""
        api = self._api()
        with api.workspace.lock:
            payload = payloads.shortcut(
                app=api.workspace.app,
                person=api.workspace.person(user),
                callback_id=callback_id,
                trigger_id=api.views.issue_trigger(user),
                action_ts=api.workspace.next_ts(),
            )
        return self._noticed(user, self._inbound.interaction(payload))

    def message_shortcut(self, user: str, callback_id: str, channel_id: str, ts: str) -> Ack:
        """Send a message shortcut about one message."""
        api = self._api()
        with api.workspace.lock:
            channel = api.workspace.member_channel(channel_id, member=user)
            message = api.workspace.message(channel, ts)
            payload = payloads.message_shortcut(
                app=api.workspace.app,
                person=api.workspace.person(user),
                callback_id=callback_id,
                trigger_id=api.views.issue_trigger(user),
                action_ts=api.workspace.next_ts(),
                channel=channel,
                message=copy.deepcopy(message.wire),
                response_url=self._hooks.issue(api, user=user, channel=channel.id, message_ts=ts),
            )
        return self._noticed(user, self._inbound.interaction(payload))

    def _noticed(self, user: str, ack: Ack) -> Ack:
        if ack.failure:
            said = TOO_SLOW
            if ack.failure != TIMED_OUT:
                said = f"This app responded with Status Code {ack.status}."
                said = said if ack.status is not None else "This app is not reachable."
            self.notice(user, said)
        return ack

    def notice(self, user: str, text: str) -> None:
        """Show a person one of Slack's own warnings."""
        with self._workspace.lock:
            serial = self._workspace.next_id("N")
            self.notices.setdefault(user, []).append({"id": serial, "text": text})
            self._workspace.touch()

    # -- clicks -----------------------------------------------------------------------------

    def click_message(
        self,
        user: str,
        *,
        channel_id: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
    ) -> Ack:
        """Press a button or choose an option in a message."""
        api = self._api()
        with api.workspace.lock:
            channel = api.workspace.visible_channel(channel_id, to=user)
            message = self._shown(channel, ts, user)
            blocks = payloads.blocks_of(message.wire)
            block, element = payloads.find_element(blocks, action_id, block_id)
            action = payloads.action_of(block, element, value, api.workspace.next_ts())
            self._remember(ts, block, element, value)
            payload = payloads.message_actions(
                app=api.workspace.app,
                person=api.workspace.person(user),
                channel=channel,
                message=copy.deepcopy(message.wire),
                ephemeral=message.only_for is not None,
                values=state_values(blocks, api.views.inputs.get(ts, {})),
                action=action,
                trigger_id=api.views.issue_trigger(user),
                response_url=self._hooks.issue(api, user=user, channel=channel.id, message_ts=ts),
            )
        return self._noticed(user, self._inbound.interaction(payload))

    def _shown(self, channel: Channel, ts: str, user: str) -> Message:
        for message in channel.messages:
            if message.wire["ts"] == ts and message.only_for in (None, user):
                return message
        raise ApiError("message_not_found")

    def click_view(
        self,
        user: str,
        *,
        view_id: str,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        typed: Mapping[str, Any],
    ) -> Ack:
        """Press a button or choose an option in a modal or on the Home tab."""
        api = self._api()
        with api.workspace.lock:
            view = self._open_view(user, view_id)
            self._type(view, typed)
            block, element = payloads.find_element(view["blocks"], action_id, block_id)
            action = payloads.action_of(block, element, value, api.workspace.next_ts())
            self._remember(view["id"], block, element, value)
            payload = payloads.view_actions(
                app=api.workspace.app,
                person=api.workspace.person(user),
                view=self._with_state(view),
                action=action,
                trigger_id=api.views.issue_trigger(user),
            )
        return self._noticed(user, self._inbound.interaction(payload))

    def _open_view(self, user: str, view_id: str) -> Json:
        home = self._workspace.homes.get(user)
        if home is not None and home["id"] == view_id:
            return home
        for view in self._api().views.stacks.get(user, []):
            if view["id"] == view_id:
                return view
        raise NothingOpenError(f"{user} has no view {view_id} open")

    def _type(self, view: Json, values: Mapping[str, Any]) -> None:
        held = self._api().views.inputs.setdefault(view["id"], {})
        for block_id, actions in typed_values(view["blocks"], values).items():
            held.setdefault(block_id, {}).update(actions)

    def _remember(self, key: str, block: Json, element: Json, value: Any) -> None:
        if element["type"] in ("button", "overflow") or value is None:
            return
        held = self._api().views.inputs.setdefault(key, {})
        values = {element["action_id"]: value}
        for block_id, actions in typed_values([block], values).items():
            held.setdefault(block_id, {}).update(actions)

    def _with_state(self, view: Json) -> Json:
        held = self._api().views.inputs.get(view["id"], {})
        shown = copy.deepcopy(view)
        shown["state"] = {"values": state_values(view["blocks"], held)}
        return shown

    # -- modals -----------------------------------------------------------------------------

    def submit(self, user: str, view_id: str, values: Mapping[str, Any]) -> Submission:
        """Fill and submit a modal, and do what the app's answer says."""
        api = self._api()
        with api.workspace.lock:
            view = self._open_view(user, view_id)
            self._type(view, values)
            shown = self._with_state(view)
            errors = client_errors(view["blocks"], shown["state"]["values"])
            if errors:
                return Submission(ack=None, errors=errors)
            payload = payloads.view_submission(
                app=api.workspace.app,
                person=api.workspace.person(user),
                view=shown,
                trigger_id=api.views.issue_trigger(user),
                response_urls=self._response_urls(user, shown),
            )
        ack = self._inbound.interaction(payload)
        if ack.failure:
            return Submission(ack=ack, notice=TROUBLE)
        with api.workspace.lock:
            return self._obey(user, view_id, ack)

    def _response_urls(self, user: str, view: Json) -> list[Json]:
        urls = []
        for block in view["blocks"]:
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            state = view["state"]["values"][block["block_id"]][element["action_id"]]
            channel = state.get("selected_conversation") or state.get("selected_channel")
            if channel:
                url = self._hooks.issue(self._api(), user=user, channel=channel)
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel,
                        "response_url": url,
                    }
                )
        return urls

    def _obey(self, user: str, view_id: str, ack: Ack) -> Submission:
        """Do what the app answered: close, clear, show errors, update or push."""
        views = self._api().views
        try:
            body = ack.json()
            what = body.get("response_action")
            if what == "errors":
                return self._field_errors(user, view_id, ack, body)
            if what == "clear":
                views.clear(user)
            elif what == "update":
                views.check(body.get("view", {}), kind="modal")
                views.update(self._open_view(user, view_id), body["view"])
            elif what == "push":
                views.check(body.get("view", {}), kind="modal")
                views.push(user, body["view"])
            elif what is None:
                views.close(user, view_id)
            else:
                return Submission(ack=ack, notice=TROUBLE)
        except (ApiError, ValueError):
            return Submission(ack=ack, notice=TROUBLE)
        return Submission(ack=ack)

    def _field_errors(self, user: str, view_id: str, ack: Ack, body: Json) -> Submission:
        """Return field errors; like Slack, refuse an answer that names no input block."""
        errors = dict(body.get("errors") or {})
        view = self._open_view(user, view_id)
        inputs = {b["block_id"] for b in view["blocks"] if b["type"] == "input"}
        if not errors or not set(errors) <= inputs:
            return Submission(ack=ack, notice=TROUBLE)
        return Submission(ack=ack, errors=errors)

    def close(self, user: str, view_id: str, *, clear: bool) -> Ack | None:
        """Cancel a modal; the app hears of it only if the view asked with notify_on_close."""
        api = self._api()
        with api.workspace.lock:
            view = self._open_view(user, view_id)
            cleared = clear or view["clear_on_close"]
            payload = payloads.view_closed(
                app=api.workspace.app,
                person=api.workspace.person(user),
                view=self._with_state(view),
                is_cleared=cleared,
            )
            if cleared:
                api.views.clear(user)
            else:
                api.views.close(user, view_id)
        return self._inbound.interaction(payload) if view["notify_on_close"] else None

    def open_home(self, user: str) -> None:
        """Open the app's Home tab, which the app hears as an event."""
        workspace = self._workspace
        with workspace.lock:
            channel = workspace.direct_channel([user, workspace.app.bot_user_id])
            home = workspace.homes.get(user)
            event: Json = {
                "type": "app_home_opened",
                "user": user,
                "channel": channel.id,
                "tab": "home",
                "event_ts": workspace.next_ts(),
            }
            if home is not None:
                event["view"] = copy.deepcopy(home)
            workspace.on_event(event)

    # -- writing ----------------------------------------------------------------------------

    def post(self, user: str, channel_id: str, text: str, thread_ts: str | None) -> Json:
        """Write a message; Slack's client escapes & < > and turns @name into a mention."""
        workspace = self._workspace
        with workspace.lock:
            channel = workspace.live_channel(channel_id, member=user)
            content = {"text": typed_message(workspace, text), "thread_ts": thread_ts}
            return workspace.post(channel, user=user, content=content).wire

    def upload(
        self,
        user: str,
        channel_id: str,
        *,
        name: str,
        data: bytes,
        comment: str,
        size: int | None = None,
    ) -> Json:
        """Upload a file and return it as files.info gives it; `size` (bytes) may be a claim."""
        api = self._api()
        with api.workspace.lock:
            channel = api.workspace.live_channel(channel_id, member=user)
            record = new_file(
                api.workspace, user=user, name=name, size=len(data) if size is None else size
            )
            api.shelf.put(record["id"], data)
            message = share_file(
                api.workspace,
                record,
                channel=channel,
                user=user,
                base_url=api.base_url,
                text=comment,
            )
            found: Json = message.wire["files"][0]
            return found
