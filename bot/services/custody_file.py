"""An item's whole file: what was written down of it, every step of its custody, who had it when.

Reads the log and says nothing that isn't in it; where a text is erased, it says that it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.domain.custody import BEGIN, FIELDS, Span, Step, spans
from bot.domain.situation import PersonView
from bot.domain.timeline import describe
from bot.services.custody import custodian_id
from bot.services.holds import in_force
from bot.services.situation import person_view
from bot.store.custody_queries import derived_from, disposal_of, pending_transfer
from bot.store.queries import evidence_item, persons_of
from bot.store.tables import CustodyTransfer, Disposal, EvidenceItem, Incident, LegalHold, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Store, origin_of
from evidence_store.log import entries, openings


@dataclass(frozen=True, kw_only=True, slots=True)
class StepView:
    """One step as shown: `words` in a line, `leaf` the hash of its entry."""

    seq: int
    at: datetime
    event: str
    who: PersonView
    words: str
    leaf: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A span in which one person held the item, with the name as it is known today."""

    who: PersonView
    first: int
    """The seq of the entry with which the span began."""
    since: datetime
    until: datetime | None
    ended: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """One hand-over with its steps in the log: released, and then what came of it."""

    number: int
    giver: PersonView
    taker: PersonView
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFile:
    """Everything that is known of one item."""

    item: EvidenceItem
    custodian: PersonView
    custodian_id: int
    facts: Mapping[str, Any]
    """What stood open in the entry that began its custody: time, offset, quantity, digests."""
    fields: tuple[tuple[str, str], ...]
    """Label and text of what was written down; an erased text says so."""
    steps: tuple[StepView, ...]
    holders: tuple[Holder, ...]
    transfers: tuple[Transfer, ...]
    pending: CustodyTransfer | None
    receiver: PersonView | None
    disposal: Disposal | None
    retention: str
    """To which class of record it belongs, its basis, and how far that was checked."""
    holds: Sequence[LegalHold]
    parent: EvidenceItem | None
    children: Sequence[EvidenceItem]


def item_file(session: Session, store: Store, incident: Incident, number: int) -> ItemFile | None:
    """Read an item's file; None if the incident has no such item."""
    item = evidence_item(session, incident, number)
    if item is None:
        return None
    people = persons_of(session, incident)
    by_actor = {person.actor: person for person in people.values()}
    steps = steps_of(session, store, incident, number)
    begin = next((one for one in steps if one.event in BEGIN), None)
    pending = pending_transfer(session, item)
    return ItemFile(
        item=item,
        custodian=person_view(people.get(custodian_id(item))),
        custodian_id=custodian_id(item),
        facts=begin.data if begin else {},
        fields=_fields(begin),
        steps=tuple(_view(one, by_actor) for one in steps),
        holders=tuple(_holder(one, by_actor) for one in spans(steps)),
        transfers=tuple(_transfers(steps, number, by_actor)),
        pending=pending,
        receiver=person_view(people.get(pending.to_id)) if pending else None,
        disposal=disposal_of(session, item),
        retention=_class_words(store, item.retention),
        holds=in_force(session, incident),
        parent=session.get(EvidenceItem, item.parent_id) if item.parent_id else None,
        children=derived_from(session, item),
    )


def _class_words(store: Store, retention: str) -> str:
    """Say what the policy says of a class of record, or that it isn't in it any more."""
    if not retention:
        return ""
    known = store.rules.retention.get(retention)
    return known.told() if known else f"{retention}: not in playbooks/retention.yaml any more."


def steps_of(session: Session, store: Store, incident: Incident, number: int) -> list[Step]:
    """Read from the log what happened to one item, oldest first."""
    origin = origin_of(store, incident.ref)
    connection = session.connection()
    found = []
    for entry in entries(connection, origin=origin):
        if entry.data.get("item") != number and entry.data.get("parent") != number:
            continue
        texts = {
            one.name: one.decoded() for one in openings(connection, origin=origin, seq=entry.seq)
        }
        found.append(
            Step(
                seq=entry.seq,
                at=entry.ts,
                event=entry.event,
                who=entry.actor,
                data=entry.data,
                texts=texts,
                erased=tuple(sorted(set(entry.pd) - set(texts))),
                leaf=entry.leaf,
            )
        )
    return found


def _fields(begin: Step | None) -> tuple[tuple[str, str], ...]:
    if begin is None:
        return ()
    told = [(name, label) for name, label in FIELDS.items()]
    found = []
    source = ("source", "Where it comes from")
    for name, label in [*told, source, ("note", "How it was made"), ("author", "Written by")]:
        if begin.texts.get(name):
            found.append((label, str(begin.texts[name])))
        elif name in begin.erased:
            found.append((label, "(erased)"))
    if "method" in begin.data:
        found.append(("Method", str(begin.data["method"])))
    return tuple(found)


def _view(step: Step, by_actor: Mapping[str, Person]) -> StepView:
    return StepView(
        seq=step.seq,
        at=step.at,
        event=step.event,
        who=_person(step.who, by_actor),
        words=describe(step.event, step.data, step.texts),
        leaf=step.leaf,
    )


def _holder(span: Span, by_actor: Mapping[str, Person]) -> Holder:
    return Holder(
        who=_person(span.holder, by_actor),
        first=span.first,
        since=span.since,
        until=span.until,
        ended=span.ended,
    )


def _transfers(
    steps: Sequence[Step], number: int, by_actor: Mapping[str, Person]
) -> Iterator[Transfer]:
    found: dict[int, list[Step]] = {}
    for step in steps:
        if step.event == "evidence.transferred" and step.data.get("item") == number:
            found.setdefault(int(str(step.data["transfer"])), []).append(step)
    for key, own in found.items():
        yield Transfer(
            number=key,
            giver=_person(str(own[0].data["from"]), by_actor),
            taker=_person(str(own[0].data["to"]), by_actor),
            steps=tuple(own),
        )


def _person(actor: str, by_actor: Mapping[str, Person]) -> PersonView:
    if actor == SYSTEM_ACTOR:
        return PersonView(slack_id="", name="Tocsin")
    known = by_actor.get(actor)
    return person_view(known) if known else PersonView(slack_id="", name=actor)
