"""Jobs that make the incident's channel and keep its situation card current."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.blocks.card import card_blocks, card_text
from bot.blocks.exercise import MARK
from bot.blocks.messages import tasks_blocks
from bot.blocks.words import escape, section
from bot.delivery.slack import SlackRefusedError
from bot.domain.incident import is_exercise_ref
from bot.jobs.exercise_channel import has_outsiders, hold_for_guest, shut_out
from bot.jobs.parts import Parts
from bot.jobs.posting import post_once, post_or_update
from bot.services.people import channel_failed, channel_made, learn_person
from bot.services.situation import situation_of
from bot.store.messages import first_try, note_posted, posted
from bot.store.queries import members_of
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work


def incident_by_id(parts: Parts, arguments: Mapping[str, Any]) -> Incident:
    """Return the incident that a job is about."""
    with reading(parts.store) as session:
        return session.get_one(Incident, int(arguments["incident_id"]))


def ready_channel(parts: Parts, arguments: Mapping[str, Any]) -> str | None:
    """Return the incident's channel, making it first; None if Slack refused a private one.

    Opening an incident asks for other jobs before it asks for the channel, so whichever comes
    first makes it: nothing waits in vain, and the channel is there sooner.
    """
    incident = incident_by_id(parts, arguments)
    if incident.channel_id is None and not incident.channel_error:
        make_channel(parts, arguments)
        incident = incident_by_id(parts, arguments)
    return incident.channel_id


def make_channel(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Make the private channel, bring the members in, post and pin the card, post the tasks.

    If Slack refuses a private channel, the incident stays without one and says so; a public
    channel is never made. Each step may be repeated; the tasks come last and mark the end.
    `attempt` in the arguments names a later try that a person asked for.
    """
    incident = incident_by_id(parts, arguments)
    if _is_done(parts, incident):
        return
    channel = incident.channel_id
    attempt = str(arguments.get("attempt", ""))
    if channel is None:
        if incident.channel_error and not attempt:
            # Refused before: it isn't asked again, but a kill may have come before it was told.
            _tell_failure(parts, incident, incident.channel_error, attempt="")
            return
        try:
            channel = parts.slack.make_private_channel(incident.channel_name)
        except SlackRefusedError as error:
            _tell_failure(parts, incident, error.code, attempt=attempt)
            return
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            channel_made(tx, tx.session.get_one(Incident, incident.id), channel_id=channel)
    with reading(parts.store) as session:
        people = [person.slack_id for person in members_of(session, incident)]
    _furnish(parts, incident, channel, people)
    refresh_card(parts, arguments)
    post_once(parts, channel=channel, **_tasks_message(parts, incident))


def _is_done(parts: Parts, incident: Incident) -> bool:
    tasks = posted(parts.store, _tasks_key(incident))
    return tasks is not None and bool(tasks.ts)


def _furnish(parts: Parts, incident: Incident, channel: str, people: Sequence[str]) -> None:
    """Bring in people, topic and bookmark; what Slack refuses of it is said and doesn't stop us."""
    refused = [
        problem for one in people if (problem := _invite_and_learn(parts, incident, channel, one))
    ]
    mark = f"{MARK} · " if is_exercise_ref(incident.ref) else ""
    tab = "EXERCISE · " if mark else ""
    topic = f"{mark}{incident.ref} · confidential · {escape(incident.title)}"
    link = f"{parts.base_url}/incidents/{incident.ref}"
    for step in (
        lambda: parts.slack.set_topic(channel, topic),
        lambda: parts.slack.bookmark(channel, title=f"{tab}Notices and evidence", link=link),
    ):
        refused += _tried(step)
    if refused:
        text = "⚠️ Slack refused a part of setting up this channel:\n" + "\n".join(refused)
        post_once(
            parts,
            channel=channel,
            key=f"channel-partly/{incident.ref}",
            text=text,
            blocks=[section(text)],
        )


def _tried(step: Callable[[], None]) -> list[str]:
    try:
        step()
    except SlackRefusedError as error:
        return [f"• `{error.method}`: `{error.code}`. Ask a workspace admin to look at the app."]
    return []


def _invite_and_learn(parts: Parts, incident: Incident, channel: str, slack_id: str) -> str:
    """Invite a person and keep their name and zone; return what Slack refused, or nothing.

    Guests aren't brought into an exercise: it stays among the organisation's own people.
    """
    try:
        if is_exercise_ref(incident.ref) and parts.slack.profile(slack_id).guest:
            shut_out(parts, incident, channel, slack_id)
            return ""
        parts.slack.invite(channel, slack_id)
        name, zone, _guest = parts.slack.profile(slack_id)
    except SlackRefusedError as error:
        return f"• <@{slack_id}> isn't here yet (`{error.code}`): invite them by hand."
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        learn_person(tx, slack_id, name=name, zone=zone)
    return ""


def _tell_failure(parts: Parts, incident: Incident, code: str, *, attempt: str) -> None:
    """Say it to the opener alone, without a word of what the incident is about."""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        channel_failed(tx, tx.session.get_one(Incident, incident.id), error=code)
        opener = members_of(tx.session, incident)[0].slack_id
    text = (
        f"⚠️ *{incident.ref} is open and its clocks run*, but Slack refused to make a private "
        f"channel (`{code}`). None was made, and never a public one.\n{_remedy(code)} Then type "
        f"`/incident status {incident.ref}` and press *Try the channel again*. Until then its news "
        f"reaches the Commander here."
    )
    post_once(
        parts,
        channel=parts.slack.direct_channel(opener),
        key=f"channel-failed/{incident.ref}/{code}/{attempt}",
        text=text,
        blocks=[section(text)],
    )


def _remedy(code: str) -> str:
    if code == "name_taken":
        return "A channel of the same name is there already: rename or archive that one."
    return "Ask a workspace admin to let Tocsin make private channels."


def _tasks_key(incident: Incident) -> str:
    return f"tasks/{incident.ref}"


def _tasks_message(parts: Parts, incident: Incident) -> dict[str, Any]:
    with reading(parts.store) as session:
        situation = situation_of(session, incident, parts.store.rules)
    playbook = parts.store.rules.playbooks.get(incident.playbook_id)
    return {
        "key": _tasks_key(incident),
        "text": f"Tasks of {incident.ref}",
        "blocks": tasks_blocks(situation, partners=playbook.partners if playbook else ()),
    }


def refresh_card(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Bring the pinned situation card up to date."""
    channel = ready_channel(parts, arguments)
    if channel is None:
        return
    incident = incident_by_id(parts, arguments)
    if has_outsiders(parts, incident, channel):
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
    _pin_once(parts, channel, ts)


def _pin_once(parts: Parts, channel: str, ts: str) -> None:
    """Pin the card when it is new; Slack takes about twenty pins a minute, not one per change."""
    key = f"pin/{channel}/{ts}"
    known = posted(parts.store, key)
    if known is not None and known.ts:
        return
    first_try(parts.store, key, channel=channel, now=parts.clock())
    parts.slack.pin(channel, ts)
    note_posted(parts.store, key, ts=ts, digest="")


def invite(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Bring a person into the channel."""
    channel = ready_channel(parts, arguments)
    if channel is None:
        return
    incident = incident_by_id(parts, arguments)
    slack_id = str(arguments["slack_id"])
    problem = _invite_and_learn(parts, incident, channel, slack_id)
    if problem:
        post_once(
            parts,
            channel=channel,
            key=f"invite-refused/{incident.ref}/{slack_id}",
            text=problem,
            blocks=[section(problem)],
        )


def check_guest(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Take a guest out again whom somebody invited into an exercise's channel by hand.

    Where Slack doesn't let us, the run stands still until the facilitator has done it.
    """
    channel = ready_channel(parts, arguments)
    slack_id = str(arguments["slack_id"])
    if channel is None or not parts.slack.profile(slack_id).guest:
        return
    incident = incident_by_id(parts, arguments)
    try:
        parts.slack.remove(channel, slack_id)
    except SlackRefusedError as error:
        hold_for_guest(parts, incident, slack_id, code=error.code)
    shut_out(parts, incident, channel, slack_id)
