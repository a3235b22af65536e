"""Jobs that tell people: into the incident's own channel, or to a member directly.

No other destination exists here, so no word of an incident can be posted elsewhere. Where the
channel can't be used, the Commander gets the news by direct message, so that none is lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from bot.blocks.messages import announcement, direct_message
from bot.blocks.words import context
from bot.delivery.slack import SlackRefusedError
from bot.domain.roles import Role
from bot.domain.situation import Situation
from bot.jobs.channel import incident_by_id, ready_channel
from bot.jobs.exercise_channel import has_outsiders, hold_for_outsiders
from bot.jobs.parts import Parts
from bot.jobs.posting import post_once
from bot.services.situation import situation_of
from bot.store.queries import members_of
from bot.store.tables import Incident
from bot.store.unit_of_work import reading

_OUTSIDE = frozenset({"not_in_channel", "channel_not_found"})
"""What Slack answers when the bot was removed from a private channel."""


def announce(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Post a change into the incident's channel, once; to the Commander if there is no channel."""
    channel = ready_channel(parts, arguments)
    incident = incident_by_id(parts, arguments)
    if channel is not None and has_outsiders(parts, incident, channel):
        hold_for_outsiders(parts, incident, arguments)
        return
    with reading(parts.store) as session:
        situation = situation_of(session, incident, parts.store.rules)
    text, blocks = announcement(
        str(arguments["kind"]), arguments["detail"], situation, base_url=parts.base_url
    )
    if arguments.get("was_kept"):
        blocks = [*blocks, context("This waited while the channel wasn’t ours alone.")]
    key = str(arguments["key"])
    if channel is not None:
        try:
            post_once(parts, channel=channel, key=key, text=text, blocks=blocks)
        except SlackRefusedError as error:
            why = f"Slack didn't take this in the channel of {incident.ref} (`{error.code}`)."
            if error.code in _OUTSIDE:
                why += " Invite me there again: `/invite @Tocsin`."
        else:
            return
    else:
        why = f"{incident.ref} has no channel, so its news comes to you."
    _to_commander(parts, incident, situation, key=key, text=text, blocks=[*blocks, context(why)])


def _to_commander(
    parts: Parts,
    incident: Incident,
    situation: Situation,
    *,
    key: str,
    text: str,
    blocks: Sequence[Block],
) -> None:
    with reading(parts.store) as session:
        opener = members_of(session, incident)[0].slack_id
    commanders = [one.slack_id for one in situation.roles.get(Role.COMMANDER, ()) if one.slack_id]
    channel = parts.slack.direct_channel((commanders or [opener])[0])
    post_once(parts, channel=channel, key=f"{key}/commander", text=text, blocks=blocks)


def tell(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Tell one member something by direct message, once; nobody else is ever told."""
    incident = incident_by_id(parts, arguments)
    slack_id = str(arguments["slack_id"])
    with reading(parts.store) as session:
        members = {person.slack_id for person in members_of(session, incident)}
        situation = situation_of(session, incident, parts.store.rules)
    if slack_id not in members:
        return
    text, blocks = direct_message(
        str(arguments["kind"]), arguments, situation, base_url=parts.base_url
    )
    channel = parts.slack.direct_channel(slack_id)
    post_once(parts, channel=channel, key=str(arguments["key"]), text=text, blocks=blocks)


def reword(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Replace a message of ours, where a button of it was pressed; repeating changes nothing."""
    parts.slack.reword(
        str(arguments["channel"]),
        str(arguments["ts"]),
        text=str(arguments["text"]),
        blocks=arguments["blocks"],
    )
