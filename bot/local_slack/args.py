"""The arguments of a Web API call, and what a method gets to work with.

Decides: how form fields, query and JSON become one set of arguments, and Slack's errors for bad
ones. Doesn't decide: what a method does (api_*.py).
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.local_slack.files import FileShelf
from bot.local_slack.views import Views
from bot.local_slack.workspace import ApiError, Channel, Json, Workspace

MAX_PAGE = 1000


class Args:
    """The arguments of one call; form fields carry JSON as text, JSON bodies carry it plainly."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values: Json = {k: v for k, v in values.items() if v is not None and k != "token"}

    def __contains__(self, name: str) -> bool:
        """Return whether the caller gave this argument."""
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else str(value)

    def required(self, name: str) -> str:
        """Return an argument that must be given. Raises ApiError `invalid_arguments`."""
        if not self.text(name):
            raise ApiError(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a true/false argument; slack_sdk sends 1 and 0 in forms."""
        if name not in self.values:
            return default
        return str(self.values[name]).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return a whole number. Raises ApiError `invalid_arguments`."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError) as error:
            raise ApiError("invalid_arguments") from error

    def json(self, name: str, *, error: str = "invalid_arguments") -> Any:
        """Return a structured argument, or None if it wasn't given. Raises ApiError `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as problem:
            raise ApiError(error) from problem

    def words(self, name: str) -> list[str]:
        """Return a comma-separated or JSON list as a list of non-empty words."""
        value = self.values.get(name, "")
        if isinstance(value, str) and value.startswith("["):
            value = self.json(name)
        if isinstance(value, str):
            value = value.split(",")
        return [str(word).strip() for word in value if str(word).strip()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """What a method works with: the state, and the app's bot user who is calling."""

    workspace: Workspace
    views: Views
    shelf: FileShelf
    base_url: str
    socket_url: str = ""

    @property
    def me(self) -> str:
        """Return the id of the bot user."""
        return self.workspace.app.bot_user_id

    def visible(self, args: Args) -> Channel:
        """Return the channel named by the call, if the bot may know of it."""
        return self.workspace.visible_channel(args.required("channel"), to=self.me)


Method = Callable[[Api, Args], Json]

SCOPE_BY_KIND = {
    "read": {"public": "channels:read", "private": "groups:read", "im": "im:read"},
    "history": {"public": "channels:history", "private": "groups:history", "im": "im:history"},
    "manage": {"public": "channels:manage", "private": "groups:write", "im": "im:write"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A method with the scope it needs; `family` means: which scope depends on the channel."""

    run: Method
    scope: str = ""
    family: str = ""


def page(items: Sequence[Json], args: Args, name: str, *, default: int = 100) -> Json:
    """Return one page of a list with Slack's cursor. Raises `invalid_limit`, `invalid_cursor`."""
    limit = args.number("limit", default) or default
    if limit < 1 or limit > MAX_PAGE:
        raise ApiError("invalid_limit")
    start = _offset(args.text("cursor"))
    rest = start + limit < len(items)
    cursor = base64.b64encode(f"offset:{start + limit}".encode()).decode() if rest else ""
    return {name: list(items[start : start + limit]), "response_metadata": {"next_cursor": cursor}}


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("offset:"))
    except (ValueError, binascii.Error) as error:
        raise ApiError("invalid_cursor") from error
