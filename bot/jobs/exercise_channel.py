"""Before anything of an exercise is posted: does its channel still belong to us alone?

Guests of the workspace are kept out of it: they see nothing of a run.

Slack lets a private channel be shared with another organisation while a run goes on. What is
played would then be read by people who don't know that it is play. So nothing is posted there; the
run is held, and the facilitator hears why and what to do.
"""

from collections.abc import Mapping
from typing import Any

from bot.blocks.exercise import guest_stays, shared_channel
from bot.blocks.words import Message, section
from bot.delivery.slack import SlackRefusedError
from bot.domain.incident import is_exercise_ref
from bot.jobs.parts import Parts
from bot.jobs.posting import post_once
from bot.services.exercise_outsiders import GUEST_REASON, keep_from_outsiders
from bot.services.people import left_channel
from bot.store.exercise_queries import run_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import reading, unit_of_work

_NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})
"""The bot was removed: posting fails in the same way, and that has its own path."""


def has_outsiders(parts: Parts, incident: Incident, channel: str) -> bool:
    """Tell whether this is an exercise whose channel others read; not knowing counts as yes."""
    if not is_exercise_ref(incident.ref):
        return False
    try:
        return parts.slack.is_shared(channel)
    except SlackRefusedError as error:
        return error.code not in _NOT_THERE


def hold_for_outsiders(parts: Parts, incident: Incident, arguments: Mapping[str, Any]) -> None:
    """Hold the run, keep back what wasn't posted, and tell the facilitator.

    Safe to repeat: a run is told of once for each time that it was held, and once an inject.
    """
    inject = str(arguments["detail"]["inject"]) if arguments["kind"] == "inject" else ""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        keep_from_outsiders(tx, tx.session.get_one(Incident, incident.id), news=arguments)
    message = shared_channel(incident.ref, inject, base_url=parts.base_url)
    _tell_facilitator(parts, incident, f"shared-channel/{incident.ref}/{inject}", message)


def hold_for_guest(parts: Parts, incident: Incident, slack_id: str, *, code: str) -> None:
    """Hold the run because a guest reads its channel, and tell the facilitator."""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        one = tx.session.get_one(Incident, incident.id)
        keep_from_outsiders(tx, one, reason=GUEST_REASON)
    message = guest_stays(incident.ref, slack_id, code, base_url=parts.base_url)
    _tell_facilitator(parts, incident, f"guest-stays/{incident.ref}/{slack_id}", message)


def shut_out(parts: Parts, incident: Incident, channel: str, slack_id: str) -> None:
    """Let a guest see nothing of an exercise: no page, no direct message; say so in its channel."""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        left_channel(tx, tx.session.get_one(Incident, incident.id), slack_id)
    text = (
        f"⚠️ <@{slack_id}> is a guest of this workspace and takes no part: an exercise stays among "
        f"your own people. Give the part to somebody else."
    )
    key = f"guest/{incident.ref}/{slack_id}"
    post_once(parts, channel=channel, key=key, text=text, blocks=[section(text)])


def _tell_facilitator(parts: Parts, incident: Incident, key: str, message: Message) -> None:
    """Tell once for each time that the run was held."""
    with reading(parts.store) as session:
        run = run_of(session, incident)
        if run is None:
            return
        leader = session.get_one(Person, run.facilitator_id).slack_id
        times_held = len(run.segments)
    text, blocks = message
    channel = parts.slack.direct_channel(leader)
    post_once(parts, channel=channel, key=f"{key}/{times_held}", text=text, blocks=blocks)
