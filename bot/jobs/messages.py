"""Jobs that tell people: into the incident's own channel, or to a member directly.

No other destination exists here, so no word of an incident can be posted elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from bot.blocks.messages import announcement, direct_message
from bot.jobs.channel import channel_of, incident_by_id
from bot.jobs.parts import Parts
from bot.jobs.posting import post_once
from bot.services.situation import situation_of
from bot.store.queries import members_of
from bot.store.unit_of_work import reading


def announce(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Post a change into the incident's channel, once."""
    incident = incident_by_id(parts, arguments)
    channel = channel_of(incident)
    if channel is None:
        return
    with reading(parts.store) as session:
        situation = situation_of(session, incident, parts.store.rules)
    text, blocks = announcement(
        str(arguments["kind"]), arguments["detail"], situation, base_url=parts.base_url
    )
    post_once(parts, channel=channel, key=str(arguments["key"]), text=text, blocks=blocks)


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
