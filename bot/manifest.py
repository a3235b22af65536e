"""The Slack app manifest: what Tocsin asks of a workspace, and nothing more.

Every scope stands with its reason. Least privilege: no public channels, no history of channels
that the app isn't in, nothing on a person's behalf: with Sign in with Slack Tocsin learns who
somebody is, once, and keeps no token of theirs. https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

from bot.listeners.commands import COMMAND
from bot.listeners.shortcuts import OPEN, PRESERVE
from bot.web.oidc import BACK

BOT_SCOPES = {
    "commands": "the /incident command and the shortcuts",
    "chat:write": "post the situation card and reminders",
    "groups:write": "make the private channel and invite its members",
    "groups:read": "find the private channel again after a crash",
    "groups:history": "read back our own posts; preserve messages as evidence",
    "im:write": "remind people directly",
    "im:history": "read back our own direct messages after a crash",
    "users:read": "names and time zones",
    "files:read": "fetch files that are preserved as evidence, with the bot token",
    "files:write": "hand a notice's PDF to the person who asked, in their direct messages",
    "pins:write": "pin the situation card",
    "bookmarks:read": "see whether the bookmark is there",
    "bookmarks:write": "the bookmark to notices and evidence",
}
"""Scope → why."""

EMAIL_SCOPES = {"users:read.email": "find who signed in by e-mail address (another provider only)"}
"""Asked for only where people sign in elsewhere and are recognised by their address."""
SIGN_IN_SCOPES = {"openid": "Sign in with Slack on Tocsin's pages: who somebody is, no more"}
"""User scopes: https://docs.slack.dev/authentication/sign-in-with-slack."""

BOT_EVENTS = ("app_home_opened", "member_joined_channel", "member_left_channel")
"""Events that Tocsin listens to: the Home tab, who joins an incident's channel and who leaves."""


SHORTCUTS = (
    {
        "name": "Preserve as evidence",
        "type": "message",
        "callback_id": PRESERVE,
        "description": "Copy and hash this message and its files",
    },
    {
        "name": "Open incident",
        "type": "global",
        "callback_id": OPEN,
        "description": "Open an incident from a playbook",
    },
)


def _oauth(base_url: str, *, with_slack: bool, by_email: bool) -> dict[str, Any]:
    """Return scopes and, for Sign in with Slack, where people come back to: Slack wants HTTPS."""
    bot = [*BOT_SCOPES, *(EMAIL_SCOPES if by_email else ())]
    made: dict[str, Any] = {"scopes": {"bot": sorted(bot)}}
    if with_slack and base_url.startswith("https://"):
        made["redirect_urls"] = [f"{base_url}{BACK}"]
        made["scopes"]["user"] = sorted(SIGN_IN_SCOPES)
    return made


def manifest(
    *, base_url: str, socket_mode: bool, with_slack: bool = True, by_email: bool = False
) -> dict[str, Any]:
    """Return the manifest; with Socket Mode no address of ours is needed for Slack's requests.

    `with_slack`: people sign in with Slack; `by_email`: elsewhere, and are found by address.
    """
    url = f"{base_url}/slack/events"
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Open and run an incident",
        "usage_hint": "open | status | fact | clock | notice | help",
        "should_escape": True,
    }
    interactivity: dict[str, Any] = {"is_enabled": True}
    events: dict[str, Any] = {"bot_events": list(BOT_EVENTS)}
    if not socket_mode:
        command["url"] = url
        interactivity["request_url"] = url
        events["request_url"] = url
    return {
        "display_information": {
            "name": "Tocsin",
            "description": "Incident response: clocks, chain of custody, notices",
            "background_color": "#8c2f39",
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Tocsin", "always_online": True},
            "shortcuts": [dict(one) for one in SHORTCUTS],
            "slash_commands": [command],
        },
        "oauth_config": _oauth(base_url, with_slack=with_slack, by_email=by_email),
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
