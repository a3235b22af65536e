"""What every listener needs: who asks, about which incident, and how an error becomes an answer.

A listener reads the clock once, turns Slack's payload into a request, runs one service in one
unit of work and renders the result. The rules themselves are in services and domain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from sqlmodel import Session

from bot.blocks.exercise import marked, marked_form
from bot.blocks.words import escape, sections
from bot.clock import Clock
from bot.content.yaml_source import nearest
from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError
from bot.documents.html import NoticeRenderError
from bot.domain.facts import FactError
from bot.domain.incident import REF, IncidentError, IncidentKind, names_exercise
from bot.domain.notices import NoticeStateError
from bot.domain.roles import NotAllowedError
from bot.services.access import UnknownIncidentError, no_such_incident, person_for
from bot.services.evidence import FileRefusedError
from bot.services.notices import NotApprovableError
from bot.services.people import joined_channel
from bot.services.personal_links import LinkSigner
from bot.store.exercise_queries import time_in
from bot.store.queries import (
    incident_by_channel,
    incident_by_ref,
    is_member,
    person_by_slack_id,
)
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Handed to all listeners once, by `bot.app`."""

    store: Store
    slack: SlackGateway
    clock: Clock
    base_url: str
    links: LinkSigner | None = None
    """Makes links for one person; None where nobody can sign in to the pages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One thing that a person did in Slack, read once."""

    user: str
    channel: str
    text: str
    trigger_id: str
    now: datetime
    response_url: str = ""
    """Where Slack takes an answer to the person alone; commands are answered in the ack."""
    message: Mapping[str, Any] = field(default_factory=dict)
    """The message whose button was pressed, as Slack sends it."""

    @property
    def delivery_key(self) -> str:
        """Names this delivery: Slack repeats it with the same trigger."""
        return f"trigger/{self.trigger_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the person alone sees."""

    text: str
    blocks: tuple[Block, ...] = ()


class UsageError(ValueError):
    """The words after `/incident` don't fit; the message shows the nearest right form."""


EXPECTED = (
    UsageError,
    IncidentError,
    FactError,
    NotAllowedError,
    NotApprovableError,
    NoticeRenderError,
    NoticeStateError,
    FileRefusedError,
    UnknownIncidentError,
)
"""Refusals that a person can do something about; everything else is a fault and is logged."""


def say(text: str, *blocks: Block) -> Reply:
    """Answer with text and, if given, blocks after it."""
    return Reply(text=text, blocks=(*sections(text.split("\n")), *blocks))


def mark_exercise(desk: Desk, call: Call, reply: Reply, *, about: str = "") -> Reply:
    """Mark an answer that is read in an exercise's channel, or that is about one by its words."""
    if not (reply.text or reply.blocks):
        return reply
    if not names_exercise(f"{about} {reply.text}"):
        with reading(desk.store) as session:
            here = incident_by_channel(session, call.channel)
        if here is None or here.kind != IncidentKind.EXERCISE:
            return reply
    text, blocks = marked(reply.text, reply.blocks)
    return Reply(text=text, blocks=tuple(blocks))


def show_form(desk: Desk, call: Call, view: View) -> None:
    """Open a form; one about an exercise bears the mark."""
    desk.slack.open_view(call.trigger_id, marked_form(view))


_MENTION = re.compile(r"&lt;@([UW][A-Z0-9]+)&gt;")


def refuse(error: Exception) -> Reply:
    """Turn an expected refusal into an answer.

    Refusals quote what the person typed, so all of it is escaped; mentions are put back.
    """
    return say("⚠️ " + _MENTION.sub(r"<@\1>", escape(str(error))))


def no_slack(error: SlackUnavailableError | SlackRefusedError, instead: str) -> Reply:
    """Say that Slack didn't do its part, without its internals, and what works all the same."""
    code = f" (`{error.code}`)" if isinstance(error, SlackRefusedError) else ""
    return say(f"⚠️ Slack didn't answer in time or refused{code}. {instead}")


FAULT = Reply(
    text="⚠️ Something broke on our side, and nothing was changed. Try again; if it stays, tell "
    "whoever runs Tocsin to look at its log."
)
"""The answer to a fault of ours; the log has the rest."""


def find_incident(session: Session, call: Call, ref: str = "") -> Incident:
    """Find the incident that is meant: the one named, else that of this channel.

    Raises `UnknownIncidentError` for one that the person may not know of, with the same words as
    for one that isn't there, and `UsageError` outside an incident's channel.
    """
    if ref:
        incident = incident_by_ref(session, ref)
        if incident is None or not _may_see(session, incident, call):
            raise UnknownIncidentError(no_such_incident(ref.upper()))
        return incident
    found = incident_by_channel(session, call.channel)
    if found is None:
        raise UsageError(
            "This isn't an incident's channel. Type it there, or add the reference: "
            "`/incident status INC-2026-0001`. `/incident list` shows yours."
        )
    return found


def _may_see(session: Session, incident: Incident, call: Call) -> bool:
    """Slack lets nobody type in a private channel who isn't in it."""
    if incident.channel_id and incident.channel_id == call.channel:
        return True
    person = person_by_slack_id(session, call.user)
    return person is not None and is_member(session, incident, person)


def split_ref(text: str) -> tuple[str, str]:
    """Take a reference off the front of the words: `INC-2026-0001 done 3`.

    Raises `UsageError` for a word that is meant as a reference and isn't one.
    """
    first, _, rest = text.strip().partition(" ")
    if REF.fullmatch(first.upper()):
        return first.upper(), rest.strip()
    if re.match(r"(?:inc|ex)[-_]?\d", first, re.IGNORECASE):
        raise UsageError(
            f"“{first}” isn't a reference: they look like INC-2026-0001. "
            f"`/incident list` shows yours."
        )
    return "", text.strip()


def acting(tx: Tx, call: Call, ref: str = "") -> tuple[Incident, Person]:
    """Return incident and person inside a transaction; whoever is in its channel is a member."""
    incident = find_incident(tx.session, call, ref)
    tx.enter(incident)
    person = person_for(tx, call.user)
    if incident.channel_id == call.channel:
        joined_channel(tx, incident, person)
    return incident, person


def at_its_time(session: Session, incident: Incident, call: Call) -> Call:
    """Return the call in the time of the incident: exercises have a clock of their own."""
    return replace(call, now=time_in(session, incident, call.now))


def change(desk: Desk, call: Call, verb: Callable[[Tx], Reply]) -> Reply:
    """Run one verb in one unit of work, at most once for this delivery."""
    with unit_of_work(desk.store, now=call.now, delivery_key=call.delivery_key) as tx:
        return verb(tx)


def look(desk: Desk, verb: Callable[[Session], Reply]) -> Reply:
    """Run something that only reads."""
    with reading(desk.store) as session:
        return verb(session)


def did_you_mean(word: str, options: list[str], usage: str) -> UsageError:
    """Build the usage error for a word that isn't known."""
    guess = nearest(word, options)
    hint = f" Did you mean `{usage.format(guess)}`?" if guess else ""
    known = ", ".join(f"`{one}`" for one in options)
    return UsageError(f"I don't know “{word}”.{hint} There is: {known}.")
