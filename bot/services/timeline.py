"""The timeline: the evidence log read back, with names and texts where they aren't erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.domain.situation import PersonView
from bot.domain.timeline import describe, is_routine
from bot.services.situation import PROFILE_SOURCE, person_view
from bot.store.queries import persons_of
from bot.store.tables import Incident
from bot.store.unit_of_work import SYSTEM_ACTOR, Store, origin_of
from evidence_store.log import Entry, entries, openings


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One entry as shown; `leaf` is its hash in the log."""

    seq: int
    ts: datetime
    event: str
    words: str
    who: PersonView
    leaf: str


def timeline_of(
    session: Session, store: Store, incident: Incident, *, routine: bool = False
) -> list[TimelineEntry]:
    """Read the whole record of an incident, oldest first; `routine` adds the bookkeeping."""
    origin = origin_of(store, incident.ref)
    connection = session.connection()
    texts: dict[int, dict[str, Any]] = {}
    for opening in openings(connection, origin=origin):
        texts.setdefault(opening.seq, {})[opening.name] = opening.decoded()
    people = {person.actor: person for person in persons_of(session, incident).values()}
    system = PersonView(slack_id="", name="Tocsin")
    return [
        TimelineEntry(
            seq=entry.seq,
            ts=entry.ts,
            event=entry.event,
            words=describe(entry.event, entry.data, texts.get(entry.seq, {})),
            who=system if entry.actor == SYSTEM_ACTOR else person_view(people.get(entry.actor)),
            leaf=entry.leaf,
        )
        for entry in entries(connection, origin=origin)
        if routine or not _is_routine(entry, texts.get(entry.seq, {}))
    ]


def _is_routine(entry: Entry, texts: Mapping[str, Any]) -> bool:
    """What every incident starts with, our own profile, isn't news either."""
    return is_routine(entry.event) or (
        entry.event == "fact.recorded" and texts.get("source") == PROFILE_SOURCE
    )
