"""Names that people type (@ana, #general) as the ids that Slack puts in their place.

Decides: which words are mentions. Doesn't decide: how mentions are shown (page/).
"""

import re

from bot.local_slack.workspace import Workspace


def with_ids(workspace: Workspace, text: str) -> str:
    """Return text with @name and #channel as <@U…|name> and <#C…|name>.

    This is what "Escape channels, users, and links sent to your app" does to slash commands.
    Source: https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    people = {p.name: p.id for p in workspace.people.values()}
    channels = {c.name: c.id for c in workspace.channels.values() if c.name}

    def person(found: re.Match[str]) -> str:
        name = found[1]
        return f"<@{people[name]}|{name}>" if name in people else found[0]

    def channel(found: re.Match[str]) -> str:
        name = found[1]
        return f"<#{channels[name]}|{name}>" if name in channels else found[0]

    text = re.sub(r"(?<![\w<])@([a-z0-9._-]+)", person, text)
    return re.sub(r"(?<![\w<&])#([a-z0-9_-]+)", channel, text)


def typed_message(workspace: Workspace, text: str) -> str:
    """Return what Slack stores for a typed message: & < > escaped, mentions as bare ids.

    Source: https://docs.slack.dev/messaging/formatting-message-text (escaping)
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(<[@#]\w+)\|[^>]*>", r"\1>", with_ids(workspace, escaped))
