"""Reading: transfers, holds and disposals of an incident's evidence items."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.store.tables import CustodyTransfer, Disposal, EvidenceItem, Incident, LegalHold

OPEN_DISPOSALS = ("asked", "approved")


def pending_transfer(session: Session, item: EvidenceItem) -> CustodyTransfer | None:
    """Find the transfer that waits for its receiver."""
    query = select(CustodyTransfer).where(
        CustodyTransfer.item_id == item.id, CustodyTransfer.state == "pending"
    )
    return session.exec(query).first()


def transfers_of(session: Session, item: EvidenceItem) -> Sequence[CustodyTransfer]:
    """List an item's transfers, oldest first."""
    query = (
        select(CustodyTransfer)
        .where(CustodyTransfer.item_id == item.id)
        .order_by(col(CustodyTransfer.number))
    )
    return session.exec(query).all()


def holds_of(session: Session, incident: Incident) -> Sequence[LegalHold]:
    """List the incident's legal holds, released ones too, oldest first."""
    query = (
        select(LegalHold)
        .where(LegalHold.incident_id == incident.id)
        .order_by(col(LegalHold.number))
    )
    return session.exec(query).all()


def disposal_of(session: Session, item: EvidenceItem) -> Disposal | None:
    """Find the question about an item's disposal that is open: asked, or approved and not done."""
    query = select(Disposal).where(
        Disposal.item_id == item.id, col(Disposal.state).in_(OPEN_DISPOSALS)
    )
    return session.exec(query).first()


def derived_from(session: Session, item: EvidenceItem) -> Sequence[EvidenceItem]:
    """List the items that were made from this one."""
    query = (
        select(EvidenceItem)
        .where(EvidenceItem.parent_id == item.id)
        .order_by(col(EvidenceItem.number))
    )
    return session.exec(query).all()


def kept_under(session: Session, sha256: str) -> Sequence[EvidenceItem]:
    """List the items of all incidents whose bytes these are and that aren't disposed of.

    They stay as they are until the transaction ends: of two that are disposed of at once, in two
    incidents, the second sees that it is the last.
    """
    query = (
        select(EvidenceItem)
        .where(EvidenceItem.sha256 == sha256, EvidenceItem.state == "collected")
        .order_by(col(EvidenceItem.id))
        .with_for_update()
    )
    return session.exec(query).all()


def incidents_with_items_due(session: Session, now: datetime) -> Sequence[int]:
    """List the incidents with items whose time to be kept is over at `now`, and no question yet.

    Those under a legal hold are left out: nobody is asked about what must be kept.
    """
    asked = select(Disposal.item_id).where(col(Disposal.state).in_(OPEN_DISPOSALS))
    held = select(LegalHold.incident_id).where(col(LegalHold.released_at).is_(None))
    query = (
        select(EvidenceItem.incident_id)
        .where(
            col(EvidenceItem.keep_until) <= now,
            col(EvidenceItem.state).in_(("collected", "recorded")),
            col(EvidenceItem.id).not_in(asked),
            col(EvidenceItem.incident_id).not_in(held),
        )
        .distinct()
        .order_by(col(EvidenceItem.incident_id))
    )
    return session.exec(query).all()
