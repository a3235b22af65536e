"""Erasing the content of an item: its key is destroyed, then its bytes are deleted.

Decides what stands in the way (a legal hold, also one of another incident that keeps the same
content) and what is recorded. Whether it may be asked for is the disposal's question. The title
and other words about the item are personal data of the log and are erased there.
"""

from sqlmodel import col, select

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.evidence import find_item
from bot.store.tables import EvidenceItem, Incident, LegalHold, Person
from bot.store.unit_of_work import Tx
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.artifacts import ArtifactRef

METHOD = "key destroyed"


def erase_artifact(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> EvidenceItem:
    """Destroy an item's content for good, in every incident that keeps it, and record that.

    The bytes are deleted by a job after the commit, where the store lets them go; without the key
    nobody can read them anyway. `reason` stands behind a commitment.

    Raises `IncidentError` under a legal hold, or if there is nothing left to erase.
    """
    check_may(tx, incident, actor, Action.APPROVE_DISPOSAL)
    item = find_item(tx, incident, number)
    if not reason.strip():
        raise IncidentError(f"Say why E-{number} is to be erased; nothing was erased.")
    if item.state != "collected":
        raise IncidentError(f"E-{number} has no content in the store ({item.state}).")
    erase_content(tx, item, reason=reason.strip(), actor=actor.actor)
    return item


def erase_content(tx: Tx, item: EvidenceItem, *, reason: str, actor: str) -> None:
    """Destroy the content of an item; for a disposal that was approved, and for `erase_artifact`.

    Records `evidence.disposed` in each incident that keeps the same content. Raises as
    `erase_artifact` does; then nothing was changed.
    """
    same = tx.session.exec(
        select(EvidenceItem).where(
            EvidenceItem.sha256 == item.sha256, EvidenceItem.state == "collected"
        )
    ).all()
    owners = {one.incident_id: tx.session.get_one(Incident, one.incident_id) for one in same}
    for owner in (owners[key] for key in sorted(owners)):
        tx.hold(owner)
    _check_no_hold(tx, item, sorted(owners))
    ref = ArtifactRef(sha256=item.sha256, size=item.size)
    try:
        left = tx.store.artifacts.erase(tx.session.connection(), ref, now=tx.now)
    except ArtifactErasedError as error:
        raise IncidentError(f"The content of E-{item.number} is erased already.") from error
    for one in same:
        one.state = "disposed"
        one.disposed_at = tx.now
        tx.session.add(one)
        tx.record(
            owners[one.incident_id],
            "evidence.disposed",
            actor=actor,
            data={"item": one.number, "method": METHOD, "sha256": one.sha256},
            pd={"reason": reason},
            artifacts=[ref],
        )
        tx.enqueue("refresh_card", owners[one.incident_id])
    for stored in left:
        tx.enqueue("delete_artifact", owners[item.incident_id], stored_sha256=stored)


def _check_no_hold(tx: Tx, item: EvidenceItem, incidents: list[int]) -> None:
    holds = tx.session.exec(
        select(LegalHold).where(
            col(LegalHold.incident_id).in_(incidents), col(LegalHold.released_at).is_(None)
        )
    ).all()
    if any(hold.incident_id == item.incident_id for hold in holds):
        raise IncidentError(
            f"A legal hold is in force, so E-{item.number} must be kept. Legal releases the hold "
            f"first; nothing was erased."
        )
    if holds:
        raise IncidentError(
            f"Another incident keeps the same file as E-{item.number} under a legal hold. Ask "
            f"Legal; nothing was erased."
        )
