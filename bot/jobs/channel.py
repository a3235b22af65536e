"""Jobs that make the incident's channel and keep its situation card current."""

from collections.abc import Mapping
from typing import Any

from bot.blocks.card import card_blocks, card_text
from bot.blocks.messages import tasks_blocks
from bot.delivery.slack import SlackRefusedError
from bot.jobs.parts import NotYetError, Parts
from bot.jobs.posting import post_once, post_or_update
from bot.services.people import channel_failed, channel_made, learn_person
from bot.services.situation import situation_of
from bot.store.queries import members_of
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work


def incident_by_id(parts: Parts, arguments: Mapping[str, Any]) -> Incident:
    """Return the incident that a job is about."""
    with reading(parts.store) as session:
        return session.get_one(Incident, int(arguments["incident_id"]))


def channel_of(incident: Incident) -> str | None:
    """Return the incident's channel; None when Slack refuses one; raise while it isn't there."""
    if incident.channel_id:
        return incident.channel_id
    if incident.channel_error:
        return None
    raise NotYetError


def make_channel(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Make the private channel, bring the members in, post and pin the card, post the tasks.

    If Slack refuses a private channel, the incident stays without one and says so; a public
    channel is never made.
    """
    incident = incident_by_id(parts, arguments)
    channel = incident.channel_id
    if channel is None:
        try:
            channel = parts.slack.make_private_channel(incident.channel_name)
        except SlackRefusedError as error:
            _tell_failure(parts, incident, error.code)
            return
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            channel_made(tx, tx.session.get_one(Incident, incident.id), channel_id=channel)
    with reading(parts.store) as session:
        people = [person.slack_id for person in members_of(session, incident)]
    for slack_id in people:
        parts.slack.invite(channel, slack_id)
    parts.slack.set_topic(
        channel, f"{incident.ref} · {incident.severity} · {incident.title} · confidential"
    )
    refresh_card(parts, arguments)
    post_once(parts, channel=channel, **_tasks_message(parts, incident))
    parts.slack.bookmark(
        channel, title="Notices and evidence", link=f"{parts.base_url}/incidents/{incident.ref}"
    )
    for slack_id in people:
        _learn(parts, slack_id)


def _tell_failure(parts: Parts, incident: Incident, code: str) -> None:
    """Say it to the opener alone, without a word of what the incident is about."""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        channel_failed(tx, tx.session.get_one(Incident, incident.id), error=code)
        opener = members_of(tx.session, incident)[0].slack_id
    text = (
        f"{incident.ref} is open and its clocks run, but Slack refused to make a private channel "
        f"(`{code}`). No channel was made. Ask a workspace admin to let Tocsin make private "
        f"channels, then type `/incident status {incident.ref}` and press *Try the channel again*."
    )
    post_once(
        parts,
        channel=parts.slack.direct_channel(opener),
        key=f"channel-failed/{incident.ref}/{code}",
        text=text,
        blocks=[],
    )


def _tasks_message(parts: Parts, incident: Incident) -> dict[str, Any]:
    with reading(parts.store) as session:
        situation = situation_of(session, incident, parts.store.rules)
    playbook = parts.store.rules.playbooks.get(incident.playbook_id)
    return {
        "key": f"tasks/{incident.ref}",
        "text": f"Tasks of {incident.ref}",
        "blocks": tasks_blocks(situation, partners=playbook.partners if playbook else ()),
    }


def refresh_card(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Bring the pinned situation card up to date."""
    incident = incident_by_id(parts, arguments)
    channel = channel_of(incident)
    if channel is None:
        return
    with reading(parts.store) as session:
        situation = situation_of(session, incident, parts.store.rules)
    ts = post_or_update(
        parts,
        channel=channel,
        key=f"card/{incident.ref}",
        text=card_text(situation),
        blocks=card_blocks(situation, base_url=parts.base_url),
    )
    parts.slack.pin(channel, ts)


def invite(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Bring a person into the channel; while it isn't made yet, `make_channel` will."""
    incident = incident_by_id(parts, arguments)
    if incident.channel_id is None:
        return
    parts.slack.invite(incident.channel_id, str(arguments["slack_id"]))
    _learn(parts, str(arguments["slack_id"]))


def _learn(parts: Parts, slack_id: str) -> None:
    name, zone = parts.slack.profile(slack_id)
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        learn_person(tx, slack_id, name=name, zone=zone)
