"""People as they are typed into a form of a page: by name, as `@name`, or by Slack member ID.

Decides who is meant, and the words when nobody or several are. Slack is asked about those whom
Tocsin doesn't know yet; nothing is kept here.
"""

import re
from collections.abc import Mapping

from bot.content.yaml_source import nearest
from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError
from bot.delivery.slack_people import account_by_id
from bot.domain.incident import IncidentError

_ID = re.compile(r"(?:.*\()?<?@?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?\)?")
"""A Slack member ID alone, as Slack writes a mention, or after the name as `choices` offers it."""
HOW = "Choose a name from the list, or paste the Slack member ID from the person’s profile."


class UnknownPersonError(IncidentError):
    """What was typed names nobody, or several; the message says what to type instead."""


def choices(known: Mapping[str, str]) -> list[str]:
    """List what can be typed for each person: the name, with the ID where two have the same."""
    names = list(known.values())
    return [f"{one} ({key})" if names.count(one) > 1 else one for key, one in known.items()]


def find_person(text: str, known: Mapping[str, str], slack: SlackGateway | None) -> str:
    """Return the Slack user id of whom a text means; `known` is Slack user id → name.

    A part of a name is enough if it fits one person only. Raises `UnknownPersonError`.
    """
    match = _ID.fullmatch(text.strip())
    if match is not None:
        return match[1] if match[1] in known else _asked(match[1], slack)
    word = " ".join(text.strip().removeprefix("@").casefold().split())
    exact = [key for key, name in known.items() if name.casefold() == word]
    found = exact or [key for key, name in known.items() if word in name.casefold().split()]
    if len(found) == 1:
        return found[0]
    if found:
        who = ", ".join(f"{known[key]} ({key})" for key in found[:5])
        raise UnknownPersonError(f"“{text}” fits several people: {who}. Write which one.")
    near = nearest(word, [name.casefold() for name in known.values()])
    guess = next((name for name in known.values() if name.casefold() == near), "")
    hint = f"Did you mean {guess}? " if guess else ""
    raise UnknownPersonError(f"I know nobody called “{text}”. {hint}{HOW}")


def _asked(slack_id: str, slack: SlackGateway | None) -> str:
    """Ask Slack whether somebody works here under this ID."""
    try:
        account = account_by_id(slack, slack_id) if slack else None
    except (SlackUnavailableError, SlackRefusedError) as error:
        raise UnknownPersonError(
            f"Slack didn’t say who {slack_id} is. Try again, or choose a name from the list."
        ) from error
    if account is None or not account.works:
        raise UnknownPersonError(f"Nobody in this workspace has the ID {slack_id}. {HOW}")
    return account.slack_id
