"""Modals and the triggers that open them.

Decides: who has which modals open, when a trigger is spent, ids and hashes of views. Doesn't
decide: Block Kit limits (block_rules.py), what a submission answers (inbound.py).
Source: https://docs.slack.dev/surfaces/modals (trigger_id lives 3 seconds, at most 3 views deep).
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from bot.local_slack.block_rules import view_findings
from bot.local_slack.people import TEAM_ID
from bot.local_slack.workspace import ApiError, Json, Workspace

TRIGGER_SECONDS = 3.0
DEPTH = 3


@dataclass(kw_only=True, slots=True)
class Trigger:
    """A trigger_id: for whom, issued when (stopwatch seconds), and whether it was used."""

    user: str
    issued: float
    spent: bool = False


class Views:
    """The open modals of each person, bottom first; callers hold the workspace's lock."""

    def __init__(self, workspace: Workspace, stopwatch: Callable[[], float]) -> None:
        self._workspace = workspace
        self._stopwatch = stopwatch
        self._triggers: dict[str, Trigger] = {}
        self.stacks: dict[str, list[Json]] = {}
        # What was typed into a view so far: view id -> block id -> action id -> state.
        self.inputs: dict[str, dict[str, Json]] = {}

    def issue_trigger(self, user: str) -> str:
        """Return a trigger_id that opens one modal within three seconds."""
        serial = self._workspace.next_id("T")
        trigger_id = f"{self._workspace.unix()}.{serial[-5:]}.{serial.lower()}"
        self._triggers[trigger_id] = Trigger(user=user, issued=self._stopwatch())
        return trigger_id

    def spend_trigger(self, trigger_id: str) -> str:
        """Return whose trigger it is and use it up.

        Raises ApiError `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.spent:
            raise ApiError("exchanged_trigger_id")
        if self._stopwatch() - trigger.issued > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        trigger.spent = True
        return trigger.user

    def check(self, view: Json, *, kind: str) -> None:
        """Refuse a view that Slack would refuse, with ApiError `invalid_arguments`."""
        findings = view_findings(view)
        if not findings and view.get("type") != kind:
            findings = [f"must be one of: {kind} [json-pointer:/view/type]"]
        if findings:
            raise ApiError(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] {f}" for f in findings]},
            )

    def open(self, user: str, view: Json) -> Json:
        """Open a first modal for a person; a modal already open is replaced."""
        self.stacks[user] = [self._dress(view, previous=None)]
        self._workspace.touch()
        return self.stacks[user][-1]

    def push(self, user: str, view: Json) -> Json:
        """Lay a modal on top of the open ones. Raises ApiError `push_limit_reached`."""
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= DEPTH:
            raise ApiError("push_limit_reached")
        stack.append(self._dress(view, previous=stack[-1] if stack else None))
        self._workspace.touch()
        return stack[-1]

    def update(self, current: Json, view: Json) -> Json:
        """Replace the content of an open modal; its id stays, its hash changes."""
        fresh = self._dress(view, previous=None)
        for name in ("id", "root_view_id", "previous_view_id"):
            fresh[name] = current[name]
        user = self.owner(current["id"])
        stack = self.stacks[user]
        stack[stack.index(current)] = fresh
        self._forget_removed_inputs(fresh)
        self._workspace.touch()
        return fresh

    def publish(self, user: str, view: Json) -> Json:
        """Set a person's Home tab."""
        fresh = self._dress(view, previous=None)
        self._workspace.homes[user] = fresh
        self._workspace.touch()
        return fresh

    def close(self, user: str, view_id: str) -> None:
        """Take one modal (and what lies on it) away."""
        stack = self.stacks.get(user, [])
        for index, view in enumerate(stack):
            if view["id"] == view_id:
                del stack[index:]
                break
        self._workspace.touch()

    def clear(self, user: str) -> None:
        """Take all modals of a person away."""
        self.stacks[user] = []
        self._workspace.touch()

    def find(self, *, view_id: str = "", external_id: str = "") -> Json:
        """Return an open modal by id or external id. Raises ApiError `not_found`."""
        for stack in self.stacks.values():
            for view in stack:
                if view_id and view["id"] == view_id:
                    return view
                if external_id and view["external_id"] == external_id:
                    return view
        raise ApiError("not_found")

    def owner(self, view_id: str) -> str:
        """Return who has this modal open. Raises ApiError `not_found`."""
        for user, stack in self.stacks.items():
            if any(view["id"] == view_id for view in stack):
                return user
        raise ApiError("not_found")

    def new_hash(self) -> str:
        """Return a fresh view hash."""
        serial = self._workspace.next_id("H")
        return f"{self._workspace.unix()}.{serial[-8:]}"

    def _dress(self, view: Json, *, previous: Json | None) -> Json:
        serial = self._workspace.next_id("V")
        app = self._workspace.app
        return {
            "id": serial,
            "team_id": TEAM_ID,
            "type": view["type"],
            "title": view.get("title"),
            "submit": view.get("submit"),
            "close": view.get("close"),
            "blocks": name_blocks(self._workspace, view["blocks"]),
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
            "external_id": view.get("external_id", ""),
            "state": {"values": {}},
            "hash": self.new_hash(),
            "clear_on_close": bool(view.get("clear_on_close", False)),
            "notify_on_close": bool(view.get("notify_on_close", False)),
            "submit_disabled": bool(view.get("submit_disabled", False)),
            "root_view_id": previous["root_view_id"] if previous else serial,
            "previous_view_id": previous["id"] if previous else None,
            "app_id": app.app_id,
            "app_installed_team_id": TEAM_ID,
            "bot_id": app.bot_id,
        }

    def _forget_removed_inputs(self, view: Json) -> None:
        """Keep what was typed where block id and action id stay, as Slack does."""
        kept = {b["block_id"] for b in view["blocks"]}
        typed = self.inputs.get(view["id"], {})
        self.inputs[view["id"]] = {k: v for k, v in typed.items() if k in kept}


def name_blocks(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Return the blocks with ids where the app gave none, as Slack adds them."""
    named: list[Json] = copy.deepcopy(blocks)
    for block in named:
        if not block.get("block_id"):
            block["block_id"] = workspace.next_id("b")[-6:]
        elements = list(block.get("elements") or []) if block.get("type") == "actions" else []
        elements += [e for e in (block.get("accessory"), block.get("element")) if e]
        for element in elements:
            if element.get("type") != "image" and not element.get("action_id"):
                element["action_id"] = workspace.next_id("a")[-6:]
    return named
