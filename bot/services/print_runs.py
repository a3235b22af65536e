"""Print runs: a checked list, a proof that counsel approves, letters, and their hand-over.

Decides who may do what in which order, and what of it stands in the log: numbers, counts and
digests, never a name. A run belongs to one approved and released version of a notice and ends where
that approval ends. How a list is checked is `print_lists`, how letters are made `documents`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.documents.print_letters import Made
from bot.domain.incident import IncidentError
from bot.domain.notices import Audience, NoticeState, NoticeTemplate
from bot.domain.recipient_routes import Kin, Letters
from bot.domain.recipients import posted_from
from bot.domain.roles import Action
from bot.domain.rulebook import Rulebook
from bot.services.access import check_may
from bot.services.notice_versions import record_notice
from bot.services.notices import find_notice
from bot.services.print_lists import CheckedList, check_list_kept, list_erased
from bot.store.notice_tables import NoticeRow, NoticeVersion, PrintedLetter, PrintRun
from bot.store.print_queries import (
    next_run_number,
    printed_letters,
    printed_rows,
    printed_so_far,
    run_of,
    runs_of,
)
from bot.store.queries import notice_versions
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

CHECKED, PROOFED, PRINTING, DONE, STOPPED = "checked", "proofed", "printing", "done", "stopped"
_KIN_OF_US = Kin(minors="us_minor_guardian", estates="us_estate_representative")
"""Templates for guardians and representatives; so far there are such for the United States."""
MAX_FILE_NAME = 120


class LettersDifferError(ValueError):
    """A letter came out with other bytes than before: what was checked isn't what is printed."""


def letters_for(rules: Rulebook, template: NoticeTemplate) -> Letters:
    """Gather where people belong who need another letter than this one, from the templates."""
    templates = rules.notices
    kin = Kin()
    if any(duty.startswith("US-") for duty in template.obligations):
        kin = Kin(
            minors=_KIN_OF_US.minors if _KIN_OF_US.minors in templates else "",
            estates=_KIN_OF_US.estates if _KIN_OF_US.estates in templates else "",
        )
    source = template.translation_of.id if template.translation_of else template.id
    same_text = {
        one.language.partition("-")[0]: one.id
        for one in templates.values()
        if one.id == source or (one.translation_of and one.translation_of.id == source)
    }
    return Letters(
        id=template.id,
        kin=kin,
        instead={one.id: one.states.instead for one in templates.values() if one.states.instead},
        translations=same_text,
        by_state=bool(template.states.states),
        extra_lines=1 if template.id in {kin.minors, kin.estates} else 0,
    )


def home_of(rules: Rulebook, template: NoticeTemplate) -> str:
    """Return the country from which the letters are posted, as its ISO code; empty if unclear."""
    address = str(rules.organisation.get("organisation_address", ""))
    return posted_from(address, us_letter=template.page_size == "letter")


def why_no_run(notice: NoticeRow, template: NoticeTemplate | None) -> str:
    """Say why no letters can be printed of a notice as it stands; empty if they can."""
    if template is None or template.audience is not Audience.PERSON:
        return f"N-{notice.number} isn’t a letter to people; nothing is printed of it in numbers."
    if notice.state not in {NoticeState.APPROVED, NoticeState.SENT}:
        return f"N-{notice.number} is {notice.state}. Once it is approved, letters can be printed."
    if notice.state == NoticeState.APPROVED and notice.released_by is None:
        return (
            f"N-{notice.number} needs a second person first: the Commander or Comms reads it and "
            f"releases it."
        )
    return ""


def find_run(tx: Tx, incident: Incident, number: int) -> PrintRun:
    """Return a print run of the incident, or raise `IncidentError`."""
    run = run_of(tx.session, incident, number)
    if run is None:
        raise IncidentError(f"{incident.ref} has no print run {number}.")
    return run


def check_receivable(tx: Tx, incident: Incident, number: int, *, actor: Person) -> NoticeRow:
    """Raise unless the person may bring a list of recipients for this notice now."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    notice = find_notice(tx, incident, number)
    refusal = why_no_run(notice, tx.rules.notices.get(notice.template_id))
    if refusal:
        raise IncidentError(refusal)
    return notice


def _check_new(tx: Tx, notice: NoticeRow, checked: CheckedList) -> None:
    for other in runs_of(tx.session, notice):
        same = (other.version, other.recipients_sha256)
        wanted = (notice.approved_version, checked.source.sha256)
        if same == wanted and not list_erased(other):
            raise IncidentError(
                f"This very file is print run {other.number} already; nothing was added."
            )
    if any(tx.store.artifacts.erased(one.sha256) for one in checked.refs):
        raise IncidentError(
            "This very list was erased just now. Bring it again; nothing was added."
        )


def add_run(
    tx: Tx,
    incident: Incident,
    number: int,
    *,
    checked: CheckedList,
    file_name: str,
    actor: Person,
) -> PrintRun:
    """Record a checked list as a print run of the notice's approved version.

    Its files' keys are kept with it; the caller lets go of them after the commit
    (`artifacts.settled`). Raises `IncidentError` for a list that a run of this version has already.
    """
    notice = check_receivable(tx, incident, number, actor=actor)
    _check_new(tx, notice, checked)
    plain = "".join(one if one.isprintable() else " " for one in file_name)
    run = PrintRun(
        incident_id=incident.id or 0,
        notice_id=notice.id or 0,
        version=notice.approved_version or notice.version,
        number=next_run_number(tx.session, incident),
        state=CHECKED,
        file_name=" ".join(plain.split())[:MAX_FILE_NAME],
        recipients_sha256=checked.source.sha256,
        recipients_size=checked.source.size,
        rows_total=checked.total,
        rows_good=checked.good,
        rows_bad=checked.total - checked.good,
        summary=dict(checked.summary),
        asked_by=actor.id or 0,
        asked_at=tx.now,
    )
    tx.session.add(run)
    tx.session.flush()
    tx.store.artifacts.keep(tx.session.connection(), checked.refs)
    record_run(
        tx,
        incident,
        run,
        "print_run.checked",
        actor=actor.actor,
        data={
            "rows": run.rows_total,
            "good": run.rows_good,
            "returned": run.rows_bad,
            "recipients_sha256": run.recipients_sha256,
            "letters_sha256": checked.letters.sha256,
        },
        pd={"file": run.file_name},
    )
    return run


def note_proof(
    tx: Tx, incident: Incident, number: int, *, sha256: str, letters: int, actor: Person
) -> PrintRun:
    """Record who took the proof pack, and its digest, which an approval binds."""
    run = note_taken(tx, incident, number, sha256=sha256, what="proof", actor=actor)
    run.summary = {**run.summary, "proof": {"sha256": sha256, "letters": letters}}
    tx.session.add(run)
    return run


def note_taken(
    tx: Tx, incident: Incident, number: int, *, sha256: str, what: str, actor: Person
) -> PrintRun:
    """Record who took a file with recipients in it: `what` is `proof` or `returned rows`."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    run = find_run(tx, incident, number)
    check_list_kept(run)
    notice = tx.session.get_one(NoticeRow, run.notice_id)
    data = {"pdf_sha256": sha256, "state": what, "run": run.number}
    record_notice(tx, incident, notice, "notice.downloaded", actor=actor.actor, data=data)
    return run


def approve_proof(
    tx: Tx, incident: Incident, number: int, *, proof_sha256: str, actor: Person
) -> PrintRun:
    """Approve the proof pack: the letters may be printed so.

    Counsel does it, and neither who wrote the version nor who brought the list. Raises
    `IncidentError` for them, and if another pack was made since.
    """
    check_may(tx, incident, actor, Action.APPROVE_PROOF)
    run = find_run(tx, incident, number)
    check_state(run, CHECKED)
    _check_still_approved(tx, run)
    proof = run.summary.get("proof")
    if not proof:
        raise IncidentError("Download the proof pack and read it first; then approve it.")
    if proof["sha256"] != proof_sha256:
        raise IncidentError("Another proof pack was made since. Read that one, then approve it.")
    if actor.id in {run.asked_by, _version_of(tx, run).author_id}:
        raise IncidentError(
            "Who wrote the letter, or brought the list, can’t approve its proof: ask another "
            "person who holds the role Legal."
        )
    run.state, run.proof_by, run.proof_at = PROOFED, actor.id, tx.now
    tx.session.add(run)
    data = {"proof_sha256": proof_sha256, "proofs": proof["letters"]}
    record_run(tx, incident, run, "print_run.proof_approved", actor=actor.actor, data=data)
    return run


def start_run(tx: Tx, incident: Incident, number: int, *, actor: Person) -> PrintRun:
    """Have the letters made, or go on where a run was stopped."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    run = find_run(tx, incident, number)
    if run.state == STOPPED and run.proof_at is None:
        raise IncidentError(f"Print run {number} was given up before its proof was approved.")
    check_list_kept(run)
    if run.erasure.get("state") == "asked":
        raise IncidentError("Somebody asked for this list to be erased. Legal answers first.")
    check_state(run, PROOFED, STOPPED)
    _check_still_approved(tx, run)
    if not run.rows_good:
        raise IncidentError("No row of the list gets a letter. Mend the list and bring it again.")
    made, _, _ = printed_so_far(tx.session, run)
    run.state, run.problem = PRINTING, ""
    run.summary = {**run.summary, "begun_at": tx.now.isoformat(), "begun_with": made}
    tx.session.add(run)
    record_run(
        tx,
        incident,
        run,
        "print_run.started",
        actor=actor.actor,
        data={"letters": run.rows_good, "made": made},
    )
    tx.enqueue("print_run", incident, run_id=run.id)
    return run


def stop_run(tx: Tx, incident: Incident, number: int, *, actor: Person) -> PrintRun:
    """Stop a run at its next letters; it can go on later. Before its start it is given up."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    run = find_run(tx, incident, number)
    check_state(run, CHECKED, PROOFED, PRINTING)
    _stop(tx, incident, run, problem="", actor=actor.actor, why="a person")
    return run


def stop_broken(tx: Tx, incident: Incident, run: PrintRun, *, problem: str, why: str) -> None:
    """Stop a run that can't go on: `problem` for people, `why` in a word for the log."""
    if run.state == PRINTING:
        _stop(tx, incident, run, problem=problem, actor=SYSTEM_ACTOR, why=why)


def _stop(tx: Tx, incident: Incident, run: PrintRun, *, problem: str, actor: str, why: str) -> None:
    made, _, _ = printed_so_far(tx.session, run)
    run.state, run.problem = STOPPED, problem
    tx.session.add(run)
    data = {"letters": run.rows_good, "made": made, "why": why}
    record_run(tx, incident, run, "print_run.stopped", actor=actor, data=data)


def keep_letters(tx: Tx, run: PrintRun, made: Sequence[Made]) -> None:
    """Keep the digests of some letters; those that are kept already must be the same.

    Raises `LettersDifferError` if one isn't.
    """
    known = printed_rows(tx.session, run, [one.row for one in made])
    check_same(known, made)
    tx.session.add_all(
        PrintedLetter(
            run_id=run.id or 0,
            row=one.row,
            row_sha256=one.row_sha256,
            pdf_sha256=one.pdf_sha256,
            pages=one.pages,
        )
        for one in made
        if one.row not in known
    )


def check_same(known: Mapping[int, PrintedLetter], made: Sequence[Made]) -> None:
    """Raise `LettersDifferError` if a letter that was made before came out otherwise now."""
    for one in made:
        before = known.get(one.row)
        same = before is None or (before.row_sha256, before.pdf_sha256) == (
            one.row_sha256,
            one.pdf_sha256,
        )
        if not same:
            raise LettersDifferError(
                f"The letter of row {one.row} came out with other bytes than before. Fonts, "
                f"libraries, letterhead or home zone were changed since. Put them back, or stop "
                f"this run and bring the list again."
            )


def finish_run(tx: Tx, incident: Incident, run: PrintRun) -> None:
    """Record that every letter is made: counts, and one digest over all of them."""
    made, pages, _ = printed_so_far(tx.session, run)
    total = letters_digest(tx, run)
    run.state, run.finished_at, run.problem = DONE, tx.now, ""
    run.summary = {**run.summary, "pages": pages, "total_sha256": total}
    tx.session.add(run)
    record_run(
        tx,
        incident,
        run,
        "print_run.finished",
        actor=SYSTEM_ACTOR,
        data={"letters": made, "pages": pages, "total_sha256": total},
    )


def letters_digest(tx: Tx, run: PrintRun) -> str:
    """Hash all letters: SHA-256 over `row,sha256` lines, each with a line feed, by row."""
    digest = hashlib.sha256()
    for one in printed_letters(tx.session, run):
        digest.update(f"{one.row},{one.pdf_sha256}\n".encode())
    return digest.hexdigest()


def hand_over(
    tx: Tx, incident: Incident, number: int, *, what: Mapping[str, Any], actor: Person
) -> PrintRun:
    """Record what of a finished run somebody took away: `what` holds counts and digests."""
    check_may(tx, incident, actor, Action.PRINT_LETTERS)
    run = find_run(tx, incident, number)
    check_state(run, DONE)
    if "part" in what:
        check_list_kept(run)
    record_run(tx, incident, run, "print_run.handed_over", actor=actor.actor, data=what)
    return run


def is_current(tx: Tx, run: PrintRun) -> bool:
    """Say whether the version of the run is still the approved one."""
    notice = tx.session.get_one(NoticeRow, run.notice_id)
    alive = notice.state in {NoticeState.APPROVED, NoticeState.SENT}
    return alive and notice.approved_version == run.version


def _check_still_approved(tx: Tx, run: PrintRun) -> None:
    if not is_current(tx, run):
        raise IncidentError(
            f"Version {run.version} isn’t the approved one any more, so nothing is printed of it. "
            f"Have the notice approved and released again, then bring the list again."
        )


def _version_of(tx: Tx, run: PrintRun) -> NoticeVersion:
    notice = tx.session.get_one(NoticeRow, run.notice_id)
    versions = notice_versions(tx.session, notice)
    return next(one for one in versions if one.version == run.version)


def check_state(run: PrintRun, *states: str) -> None:
    """Raise `IncidentError` unless the run is in one of these states."""
    if run.state not in states:
        raise IncidentError(f"Print run {run.number} is {run.state}; this can’t be done now.")


def record_run(
    tx: Tx,
    incident: Incident,
    run: PrintRun,
    what: str,
    *,
    actor: str,
    data: Mapping[str, Any],
    pd: Mapping[str, str] | None = None,
) -> None:
    """Record a step of a run: `data` holds counts and digests, words of people are `pd`."""
    notice = tx.session.get_one(NoticeRow, run.notice_id)
    base = {"run": run.number, "notice": notice.number, "version": run.version}
    tx.record(incident, what, actor=actor, data={**base, **data}, pd=pd)
