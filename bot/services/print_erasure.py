"""Erasing the list of a print run: asked for by one person, confirmed by another one of Legal.

Decides when a list may be erased, and which of its files go: what was brought, who gets a letter,
what came back. A file that another run or an evidence item is made of stays until that one lets go
of it. The digests of the letters stay, so that a letter can still be verified. What can't be done
any more without the list is refused where it is done (`print_lists.check_list_kept`).
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.domain.custody import said
from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role
from bot.services.access import check_may
from bot.services.holds import check_no_hold
from bot.services.print_lists import check_list_kept, list_erased
from bot.services.print_runs import DONE, STOPPED, find_run, record_run
from bot.store.custody_queries import kept_under
from bot.store.notice_tables import NoticeRow, PrintRun
from bot.store.print_queries import forget_rows, runs_with
from bot.store.queries import holdings
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.artifacts import ArtifactRef

METHOD = "key destroyed"
UNDER_HOLD = "nothing may be erased or disposed of"


def why_not_erased(run: PrintRun) -> str:
    """Say why the list of a run can't be erased yet; empty if it can."""
    if run.state in {DONE, STOPPED}:
        return ""
    return (
        f"Print run {run.number} is {run.state}. Once its letters are made, or it is stopped, its "
        f"list can be erased."
    )


def ask_erasure(tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person) -> PrintRun:
    """Ask Legal whether the list of a run may be erased."""
    check_may(tx, incident, actor, Action.ASK_LIST_ERASURE)
    run = find_run(tx, incident, number)
    reason = said(reason, what="why the list isn't needed any more", field="reason")
    check_list_kept(run)
    if run.erasure.get("state") == "asked":
        raise IncidentError(f"Erasing the list of print run {number} is asked for; Legal answers.")
    _check_erasable(tx, incident, run)
    asked = {"state": "asked", "by": actor.id, "at": tx.now.isoformat(), "reason": reason}
    _note(tx, run, asked)
    record_run(
        tx,
        incident,
        run,
        "print_run.erasure_asked",
        actor=actor.actor,
        data={},
        pd={"reason": reason},
    )
    notice = tx.session.get_one(NoticeRow, run.notice_id)
    for slack_id in [p.slack_id for h, p in holdings(tx.session, incident) if h.role == Role.LEGAL]:
        tx.enqueue(
            "tell",
            incident,
            key=f"{incident.ref}/list-erasure/{number}/{tx.now.isoformat()}/{slack_id}",
            slack_id=slack_id,
            kind="list_erasure",
            number=number,
            notice=notice.number,
            reason=reason,
        )
    return run


def refuse_erasure(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> PrintRun:
    """Keep a list that somebody asked to have erased; it may be asked for again."""
    run = _asked(tx, incident, number, actor)
    reason = said(reason, what="the reason for your answer", field="reason")
    _answer(tx, run, "refused", actor)
    record_run(
        tx,
        incident,
        run,
        "print_run.erasure_refused",
        actor=actor.actor,
        data={},
        pd={"reason": reason},
    )
    return run


def erase_list(tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person) -> PrintRun:
    """Erase the list of a run: its keys are destroyed with the entry that says so.

    The bytes are deleted by jobs after the commit, where the store lets them go; without the keys
    nobody can read them anyway. Raises `IncidentError` for whoever asked, and under a legal hold.
    """
    run = _asked(tx, incident, number, actor)
    reason = said(reason, what="the reason for your answer", field="reason")
    _check_erasable(tx, incident, run)
    if run.erasure["by"] == actor.id:
        raise IncidentError(
            "You asked for this yourself, so somebody else has to confirm it. Hand Legal over: "
            "`/incident role handover legal @who note`. Or keep the list, and the Commander or "
            "Comms asks."
        )
    digests: dict[str, str] = {}
    kept: list[str] = []
    for what, ref in files_of(run):
        if _needed_elsewhere(tx, run, ref.sha256):
            kept.append(what)
            continue
        digests[f"{what}_sha256"] = ref.sha256
        for stored in _shred(tx, ref):
            tx.enqueue("delete_artifact", incident, stored_sha256=stored)
    _answer(tx, run, "erased", actor, kept=kept)
    forget_rows(tx.session, run)
    data: dict[str, Any] = {"method": METHOD, **digests, **({"kept": kept} if kept else {})}
    record_run(
        tx,
        incident,
        run,
        "print_run.list_erased",
        actor=actor.actor,
        data=data,
        pd={"reason": reason},
    )
    return run


def files_of(run: PrintRun) -> Sequence[tuple[str, ArtifactRef]]:
    """Return the files that a run keeps of its list, each with its word in the log."""
    made = {name: run.summary.get(name) for name in ("letters", "returned")}
    return [
        ("recipients", ArtifactRef(sha256=run.recipients_sha256, size=run.recipients_size)),
        *(
            (name, ArtifactRef(sha256=one["sha256"], size=one["size"]))
            for name, one in made.items()
            if one
        ),
    ]


def _needed_elsewhere(tx: Tx, run: PrintRun, sha256: str) -> bool:
    """Say whether another run that isn't erased, or an evidence item, is made of these bytes."""
    others = (one for one in runs_with(tx.session, sha256) if one.id != run.id)
    return any(not list_erased(one) for one in others) or bool(kept_under(tx.session, sha256))


def _shred(tx: Tx, ref: ArtifactRef) -> Sequence[str]:
    """Destroy a key; return what is left to be deleted: nothing if it was erased before."""
    with suppress(ArtifactErasedError):
        return tx.store.artifacts.erase(tx.session.connection(), ref, now=tx.now)
    return ()


def _asked(tx: Tx, incident: Incident, number: int, actor: Person) -> PrintRun:
    check_may(tx, incident, actor, Action.ERASE_LIST)
    run = find_run(tx, incident, number)
    check_list_kept(run)
    if run.erasure.get("state") != "asked":
        raise IncidentError(f"Nobody asks for the list of print run {number} to be erased.")
    return run


def _check_erasable(tx: Tx, incident: Incident, run: PrintRun) -> None:
    check_no_hold(tx.session, incident, what=UNDER_HOLD)
    if refusal := why_not_erased(run):
        raise IncidentError(refusal)


def _answer(tx: Tx, run: PrintRun, state: str, actor: Person, **more: Any) -> None:
    answer = {"state": state, "answered_by": actor.id, "answered_at": tx.now.isoformat()}
    _note(tx, run, {**run.erasure, **answer, **more})


def _note(tx: Tx, run: PrintRun, erasure: dict[str, Any]) -> None:
    # A new value: what is changed inside a JSON column isn't noticed.
    run.summary = {**run.summary, "erasure": erasure}
    tx.session.add(run)
