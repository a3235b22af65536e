"""Custody of evidence: collect, hand over with two acknowledgements, copy, analyse, derive, return.

Decides who holds an item and what of it stands open in the log: numbers, times, digests, ids.
Everything that somebody wrote goes behind commitments. Holds and disposal are in `holds` and
`retention`; what is read back is in `custody_file`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.domain.custody import (
    CLOCK_SOURCES,
    MAX_QUANTITY,
    SOURCES,
    Collected,
    CustodyError,
    check_fields,
    check_name,
    less_volatile_before,
    order_warning,
    said,
)
from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.evidence import find_item
from bot.services.retention import keep_until
from bot.store.custody_queries import pending_transfer, transfers_of
from bot.store.queries import evidence_items, is_member
from bot.store.tables import CustodyTransfer, EvidenceItem, Incident, Person
from bot.store.unit_of_work import Tx, origin_of
from evidence_store.artifacts import ArtifactError, check_digest
from evidence_store.log import entries, openings

GONE = frozenset({"returned", "disposed"})
"""States in which nothing can be done with an item any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collect:
    """An item to be taken into custody whose bytes, if it has any, aren't handed in here.

    `at` is when it was collected, as the person says, in UTC; `offset` what their clock showed
    beside UTC, as `+01:00`. `sha256` is the digest of bytes that are kept elsewhere.
    """

    title: str
    rank: int
    at: datetime
    offset: str = "+00:00"
    clock_source: str = "unchecked"
    quantity: int = 1
    sha256: str = ""
    retention: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What came of collecting: the item, and a warning if something less volatile came first."""

    item: EvidenceItem
    warning: str


def collect_item(tx: Tx, incident: Incident, request: Collect, *, actor: Person) -> Taken:
    """Take an item into custody: the actor holds it from now on."""
    check_may(tx, incident, actor, Action.PRESERVE_EVIDENCE)
    title, fields = check_name(request.title), check_fields(request.fields)
    data = _checked(tx, request)
    before = less_volatile_before(
        rank=request.rank, host=fields.get("host", ""), before=_collected(tx, incident)
    )
    item = _new_item(tx, incident, request, title=title, actor=actor)
    if before:
        data["after_less_volatile"] = before
    tx.record(
        incident,
        "evidence.collected",
        actor=actor.actor,
        data={"item": item.number, **data},
        pd={"title": title, **fields},
    )
    tx.enqueue("refresh_card", incident)
    return Taken(item=item, warning=order_warning(rank=request.rank, numbers=before))


def _checked(tx: Tx, request: Collect) -> dict[str, Any]:
    """Return what of the request stands open in the log; raise `CustodyError` for what is wrong."""
    if request.rank not in SOURCES:
        raise CustodyError("Choose what kind of source it is.", field="rank")
    if request.at > tx.now:
        raise CustodyError("That lies in the future. When was it collected?", field="at")
    if request.clock_source not in CLOCK_SOURCES:
        raise CustodyError("Say how far the clock can be trusted.", field="clock_source")
    if not 1 <= request.quantity <= MAX_QUANTITY:
        raise CustodyError("Give the quantity as a whole number, 1 or more.", field="quantity")
    data: dict[str, Any] = {
        "occurred_at": request.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "offset": request.offset,
        "clock_source": request.clock_source,
        "volatility": request.rank,
        "quantity": request.quantity,
    }
    if request.sha256:
        try:
            data["stated_sha256"] = check_digest(request.sha256.strip().lower())
        except ArtifactError as error:
            raise CustodyError(
                "A SHA-256 has 64 digits 0–9 and a–f. `sha256sum FILE` prints it.", field="sha256"
            ) from error
    if request.retention:
        data["retention"] = request.retention
    return data


def _new_item(
    tx: Tx,
    incident: Incident,
    request: Collect,
    *,
    title: str,
    actor: Person,
    parent: EvidenceItem | None = None,
) -> EvidenceItem:
    item = EvidenceItem(
        incident_id=incident.id or 0,
        number=len(evidence_items(tx.session, incident)) + 1,
        kind="object",
        title=title,
        source="",
        state="recorded",
        collected_at=request.at,
        collected_by=actor.id or 0,
        custodian_id=actor.id,
        volatility=request.rank,
        parent_id=parent.id if parent else None,
        retention=request.retention,
        keep_until=keep_until(tx.rules, request.retention, collected_at=request.at),
    )
    tx.session.add(item)
    tx.session.flush()
    return item


def _collected(tx: Tx, incident: Incident) -> list[Collected]:
    """List what is in custody with its kind of source, and its machine where that isn't erased."""
    connection, origin = tx.session.connection(), origin_of(tx.store, incident.ref)
    ranks = {one.number: one.volatility for one in evidence_items(tx.session, incident)}
    found = []
    for entry in entries(connection, origin=origin, only={"evidence.collected"}):
        rank = ranks.get(int(entry.data.get("item", 0)))
        if rank is None:
            continue
        behind = {
            one.name: one.decoded() for one in openings(connection, origin=origin, seq=entry.seq)
        }
        number = int(entry.data["item"])
        found.append(Collected(number=number, rank=rank, host=str(behind.get("host", ""))))
    return found


def custodian_id(item: EvidenceItem) -> int:
    """Return who answers for an item: whoever holds it, at first whoever collected it."""
    return item.custodian_id or item.collected_by


def _in_custody(tx: Tx, incident: Incident, number: int) -> EvidenceItem:
    item = find_item(tx, incident, number)
    if item.state in GONE:
        raise IncidentError(f"E-{number} was {item.state}; nothing more can be done with it.")
    if item.state not in {"collected", "recorded"}:
        raise IncidentError(f"E-{number} isn't in custody yet: it is {item.state}.")
    return item


def _check_holder(
    tx: Tx, incident: Incident, item: EvidenceItem, *, actor: Person, action: Action
) -> None:
    """Let the custodian do it, and whom the table names."""
    if actor.id == custodian_id(item) and is_member(tx.session, incident, actor):
        tx.hold(incident)
        return
    check_may(tx, incident, actor, action)


def release_item(
    tx: Tx, incident: Incident, number: int, to: Person, *, note: str, actor: Person
) -> CustodyTransfer:
    """Release an item to another member; it changes hands when they say that they have it."""
    check_may(tx, incident, actor, Action.READ)
    item = _in_custody(tx, incident, number)
    _check_holder(tx, incident, item, actor=actor, action=Action.MOVE_EVIDENCE)
    holder = tx.session.get_one(Person, custodian_id(item))
    if not is_member(tx.session, incident, to):
        raise IncidentError(
            f"<@{to.slack_id}> isn't in {incident.ref}. Invite them to its channel first; "
            f"whoever leaves the company's circle gets the item by `/incident evidence return`."
        )
    if to.id == holder.id:
        raise IncidentError(f"E-{number} is <@{to.slack_id}>'s already.")
    if pending_transfer(tx.session, item) is not None:
        raise IncidentError(
            f"E-{number} is on its way already and waits for its receiver. Whoever released it "
            f"may take it back: `/incident evidence withdraw {number}`."
        )
    row = CustodyTransfer(
        incident_id=incident.id or 0,
        item_id=item.id or 0,
        number=len(transfers_of(tx.session, item)) + 1,
        from_id=holder.id or 0,
        to_id=to.id or 0,
        state="pending",
        released_at=tx.now,
    )
    tx.session.add(row)
    _record_transfer(tx, incident, item, row, step="released", note=note, actor=actor)
    tx.enqueue(
        "tell",
        incident,
        key=f"{incident.ref}/evidence/{number}/transfer/{row.number}",
        slack_id=to.slack_id,
        kind="custody",
        number=number,
        by=actor.slack_id,
    )
    return row


def receive_item(
    tx: Tx, incident: Incident, number: int, *, note: str, actor: Person
) -> EvidenceItem:
    """Say that the item has arrived: from now on the receiver answers for it."""
    item, row = _waiting(tx, incident, number, actor=actor)
    row.state, row.answered_at = "received", tx.now
    item.custodian_id = actor.id
    tx.session.add(row)
    tx.session.add(item)
    _record_transfer(tx, incident, item, row, step="received", note=note, actor=actor)
    return item


def refuse_item(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> EvidenceItem:
    """Refuse an item that was released to the actor: it stays with whoever released it."""
    item, row = _waiting(tx, incident, number, actor=actor)
    reason = said(reason, what="why you don't take it: what is wrong, or what is missing")
    row.state, row.answered_at = "refused", tx.now
    tx.session.add(row)
    _record_transfer(tx, incident, item, row, step="refused", note=reason, actor=actor)
    return item


def withdraw_transfer(
    tx: Tx, incident: Incident, number: int, *, note: str, actor: Person
) -> EvidenceItem:
    """Take back a release that nobody has answered."""
    check_may(tx, incident, actor, Action.READ)
    item = _in_custody(tx, incident, number)
    _check_holder(tx, incident, item, actor=actor, action=Action.MOVE_EVIDENCE)
    row = pending_transfer(tx.session, item)
    if row is None:
        raise IncidentError(f"E-{number} isn't on its way to anybody.")
    row.state, row.answered_at = "withdrawn", tx.now
    tx.session.add(row)
    _record_transfer(tx, incident, item, row, step="withdrawn", note=note, actor=actor)
    return item


def _waiting(
    tx: Tx, incident: Incident, number: int, *, actor: Person
) -> tuple[EvidenceItem, CustodyTransfer]:
    check_may(tx, incident, actor, Action.READ)
    item = _in_custody(tx, incident, number)
    row = pending_transfer(tx.session, item)
    if row is None:
        raise IncidentError(f"E-{number} isn't on its way to anybody.")
    if row.to_id != actor.id:
        to = tx.session.get_one(Person, row.to_id)
        raise IncidentError(f"E-{number} was released to <@{to.slack_id}>: only they can answer.")
    return item, row


def _record_transfer(
    tx: Tx,
    incident: Incident,
    item: EvidenceItem,
    row: CustodyTransfer,
    *,
    step: str,
    note: str,
    actor: Person,
) -> None:
    giver = tx.session.get_one(Person, row.from_id)
    taker = tx.session.get_one(Person, row.to_id)
    note = said(note, what="what is to be said") if note.strip() else ""
    tx.record(
        incident,
        "evidence.transferred",
        actor=actor.actor,
        data={
            "item": item.number,
            "transfer": row.number,
            "step": step,
            "from": giver.actor,
            "to": taker.actor,
        },
        pd={"note": note} if note else None,
    )


def record_copy(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> None:
    """Record that a copy was made: for whom, onto what, with which tool."""
    item = _worked_on(tx, incident, number, actor=actor)
    note = said(note, what="for whom the copy is, on what, and with which tool it was made")
    data: dict[str, Any] = {"item": number}
    if item.sha256:
        data["sha256"] = item.sha256
    tx.record(incident, "evidence.copied", actor=actor.actor, data=data, pd={"note": note})


def record_analysis(tx: Tx, incident: Incident, number: int, *, note: str, actor: Person) -> None:
    """Record that an item was examined: on which copy, with which tool, with what result."""
    _worked_on(tx, incident, number, actor=actor)
    note = said(note, what="what was examined, with which tool, and what came of it")
    tx.record(
        incident, "evidence.analysed", actor=actor.actor, data={"item": number}, pd={"note": note}
    )


def derive_item(
    tx: Tx, incident: Incident, number: int, *, title: str, note: str, actor: Person
) -> EvidenceItem:
    """Record an item that was made from another: an image of a disk, a file out of an image."""
    parent = _worked_on(tx, incident, number, actor=actor)
    title = check_name(title)
    note = said(note, what="how it was made: tool, version, command")
    request = Collect(
        title=title,
        rank=parent.volatility or 4,
        at=tx.now,
        retention=parent.retention,
    )
    item = _new_item(tx, incident, request, title=title, actor=actor, parent=parent)
    tx.record(
        incident,
        "evidence.derived",
        actor=actor.actor,
        data={"item": item.number, "parent": number},
        pd={"title": title, "note": note},
    )
    tx.enqueue("refresh_card", incident)
    return item


def return_item(
    tx: Tx, incident: Incident, number: int, *, note: str, actor: Person
) -> EvidenceItem:
    """Give a thing back to whom it belongs; our custody of it ends.

    Bytes in the evidence store can't be given back: they are copied, or disposed of.
    """
    check_may(tx, incident, actor, Action.READ)
    item = _in_custody(tx, incident, number)
    _check_holder(tx, incident, item, actor=actor, action=Action.MOVE_EVIDENCE)
    if item.state != "recorded":
        raise IncidentError(
            f"E-{number} lies in the evidence store: hand out a copy of it, and record that with "
            f"`/incident evidence copy {number} for whom`."
        )
    if pending_transfer(tx.session, item) is not None:
        raise IncidentError(f"E-{number} is on its way to somebody: they answer first.")
    note = said(note, what="to whom it was given back, where, and in which condition")
    item.state = "returned"
    tx.session.add(item)
    tx.record(
        incident, "evidence.returned", actor=actor.actor, data={"item": number}, pd={"note": note}
    )
    tx.enqueue("refresh_card", incident)
    return item


def _worked_on(tx: Tx, incident: Incident, number: int, *, actor: Person) -> EvidenceItem:
    check_may(tx, incident, actor, Action.READ)
    item = _in_custody(tx, incident, number)
    _check_holder(tx, incident, item, actor=actor, action=Action.WORK_ON_EVIDENCE)
    return item
