"""What Slack tells us of people and channels: names, zones, who joined, what was made.

Called by jobs and event listeners with answers from Slack; decides only what is kept.
"""

from bot.services.access import person_for
from bot.services.incidents import add_member
from bot.store.queries import remove_member
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


def learn_person(tx: Tx, slack_id: str, *, name: str, zone: str) -> Person:
    """Keep a person's display name and IANA time zone."""
    person = person_for(tx, slack_id)
    person.name = name
    person.zone = zone
    person.learned_at = tx.now
    tx.session.add(person)
    return person


def joined_channel(tx: Tx, incident: Incident, person: Person) -> bool:
    """Somebody was invited to the private channel and joined: they may see the incident."""
    return add_member(tx, incident, person)


def left_channel(tx: Tx, incident: Incident, slack_id: str) -> bool:
    """Somebody left the private channel or was removed: they no longer see the incident.

    A role that they hold stays theirs on paper, so that everybody sees that it has to be handed
    over; without the channel they can't use it.
    """
    person = person_for(tx, slack_id)
    tx.hold(incident)
    if not remove_member(tx.session, incident, person):
        return False
    tx.record(incident, "incident.member_left", actor=person.actor)
    tx.enqueue("refresh_card", incident)
    return True


def channel_made(tx: Tx, incident: Incident, *, channel_id: str) -> None:
    """Record that the private channel exists."""
    tx.hold(incident)
    if incident.channel_id == channel_id:
        return
    incident.channel_id = channel_id
    incident.channel_error = ""
    tx.session.add(incident)
    tx.record(incident, "incident.channel_ready", actor=SYSTEM_ACTOR, data={"channel": channel_id})


def channel_failed(tx: Tx, incident: Incident, *, error: str) -> None:
    """Record that Slack refuses a private channel; the incident goes on without one."""
    tx.hold(incident)
    if incident.channel_error == error:
        return
    incident.channel_error = error
    tx.session.add(incident)
    tx.record(incident, "incident.channel_failed", actor=SYSTEM_ACTOR, data={"error": error})
