"""Who somebody is in the workspace: asked at sign-in, by Slack user id or by e-mail address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.delivery.slack import SlackGateway, SlackRefusedError

_NOBODY = frozenset({"users_not_found", "user_not_found", "user_not_visible"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A person's account. `teams` are the workspaces that it belongs to: in Enterprise several."""

    slack_id: str
    name: str
    zone: str
    teams: frozenset[str]
    works: bool
    """Neither deactivated nor a bot's."""


def account_by_id(slack: SlackGateway, slack_id: str) -> Account | None:
    """Find an account by its Slack user id, None if there is none.

    https://docs.slack.dev/reference/methods/users.info
    """
    return _find(slack, slack.client.users_info, user=slack_id)


def account_by_email(slack: SlackGateway, email: str) -> Account | None:
    """Find an account by its e-mail address, None if there is none. Needs `users:read.email`.

    https://docs.slack.dev/reference/methods/users.lookupByEmail
    """
    return _find(slack, slack.client.users_lookupByEmail, email=email)


def _find(slack: SlackGateway, method: Any, **arguments: str) -> Account | None:
    try:
        return _read(slack.call(method, **arguments)["user"])
    except SlackRefusedError as error:
        if error.code in _NOBODY:
            return None
        raise


def _read(user: Mapping[str, Any]) -> Account:
    profile = user.get("profile", {})
    name = user.get("real_name") or profile.get("display_name") or user.get("name") or user["id"]
    enterprise = user.get("enterprise_user", {}).get("teams", [])
    return Account(
        slack_id=str(user["id"]),
        name=str(name),
        zone=str(user.get("tz") or "UTC"),
        teams=frozenset([str(user.get("team_id", "")), *map(str, enterprise)]),
        works=not (user.get("deleted") or user.get("is_bot")),
    )
