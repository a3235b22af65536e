"""Erasing the content of an item: its key is destroyed, then its bytes are deleted.

Decides what is recorded. Whether it may be done is asked before, in `retention`: one person asks,
another one of Legal approves, no legal hold is in force, and nothing else is made of these bytes.
There is no other way here, also for a data subject's request. The title and other words about the
item are personal data of the log and are erased there.
"""

from bot.domain.incident import IncidentError
from bot.store.tables import EvidenceItem, Incident
from bot.store.unit_of_work import Tx
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.artifacts import ArtifactRef

METHOD = "key destroyed"


def erase_content(
    tx: Tx, incident: Incident, item: EvidenceItem, *, reason: str, actor: str
) -> None:
    """Destroy the content of an item whose disposal was approved, and record that.

    The bytes are deleted by a job after the commit, where the store lets them go; without the key
    nobody can read them anyway. `reason` stands behind a commitment; `actor` is who approved.

    Raises `IncidentError` if the content is erased already; then nothing was changed.
    """
    ref = ArtifactRef(sha256=item.sha256, size=item.size)
    try:
        left = tx.store.artifacts.erase(tx.session.connection(), ref, now=tx.now)
    except ArtifactErasedError as error:
        raise IncidentError(f"The content of E-{item.number} is erased already.") from error
    item.state, item.disposed_at = "disposed", tx.now
    tx.session.add(item)
    tx.record(
        incident,
        "evidence.disposed",
        actor=actor,
        data={"item": item.number, "method": METHOD, "sha256": item.sha256},
        pd={"reason": reason},
        artifacts=[ref],
    )
    tx.enqueue("refresh_card", incident)
    for stored in left:
        tx.enqueue("delete_artifact", incident, stored_sha256=stored)
