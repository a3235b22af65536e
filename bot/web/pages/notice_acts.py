"""The steps of a notice: fill a gap, reword, submit, ask for changes, approve, sent, withdraw."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.documents.html import Marking
from bot.domain.facts import FactError
from bot.domain.incident import IncidentError
from bot.domain.roles import Action, NotAllowedError
from bot.services.facts import record_facts
from bot.services.notices import (
    NotApprovableError,
    Prepared,
    approve_notice,
    mark_sent,
    prepare_notice,
    request_changes,
    reword_notice,
    submit_notice,
    withdraw_notice,
)
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change, find
from bot.web.pages.fact_forms import read_facts, typed_in
from bot.web.pages.notice import DeskState, gap_fields, notice_page
from bot.web.pages.notice_view import NoticeFile, open_notice, wording_fields
from bot.web.pages.problems import status_of

UNPROCESSABLE = 422

router = APIRouter()


@router.post("/incidents/{ref}/notices/{number}/facts")
def fill_gaps(posted: PostedDep, ref: str, number: int) -> Response:
    """Record the missing facts that were filled in; the rest may wait."""
    file = _open(posted, ref, number)
    now = posted.visit.now
    fields = [typed_in(one, posted) for one in gap_fields(file, now=now)]
    form, new = read_facts(posted, fields, zone=file.seen.zone)
    if not form.wrong and not new:
        form = replace(form, problem="Nothing is filled in: answer at least one question.")
    if form.wrong:
        state = DeskState(form=form)
        return notice_page(posted.visit, ref, number, state=state, status=UNPROCESSABLE)
    try:
        change(
            posted, ref, lambda tx, seen: record_facts(tx, seen.incident, new, actor=seen.person)
        )
    except FactError as error:
        state = DeskState(form=replace(form, problem=str(error)))
        return notice_page(posted.visit, ref, number, state=state, status=UNPROCESSABLE)
    except EXPECTED as error:
        return _refused(posted, ref, number, error, state=DeskState(form=form))
    return _back(ref, number, done="fact")


@router.post("/incidents/{ref}/notices/{number}/wording")
def reword(posted: PostedDep, ref: str, number: int) -> Response:
    """Give text facts other words in this notice only."""
    file = _open(posted, ref, number)
    wording = {one.key: posted.text(f"words:{one.key}") for one in wording_fields(file)}
    return _act(
        posted,
        ref,
        number,
        lambda tx, seen: reword_notice(tx, seen.incident, number, wording, actor=seen.person),
        done="reworded",
        state=DeskState(wording=wording),
    )


@router.post("/incidents/{ref}/notices/{number}/submit")
def submit(posted: PostedDep, ref: str, number: int) -> Response:
    """Hand the draft to Legal."""
    return _act(
        posted,
        ref,
        number,
        lambda tx, seen: submit_notice(tx, seen.incident, number, actor=seen.person),
        done="submitted",
    )


@router.post("/incidents/{ref}/notices/{number}/changes")
def ask_for_changes(posted: PostedDep, ref: str, number: int) -> Response:
    """Send the notice back to its draft, with what has to change."""
    comment = posted.text("comment")
    return _act(
        posted,
        ref,
        number,
        lambda tx, seen: request_changes(
            tx, seen.incident, number, comment=comment, actor=seen.person
        ),
        done="changes",
        state=DeskState(comment=comment),
    )


@router.post("/incidents/{ref}/notices/{number}/sent")
def sent(posted: PostedDep, ref: str, number: int) -> Response:
    """Record that a person sent or filed the approved notice."""
    proof = posted.text("proof")
    return _act(
        posted,
        ref,
        number,
        lambda tx, seen: mark_sent(tx, seen.incident, number, proof=proof, actor=seen.person),
        done="sent",
        state=DeskState(proof=proof),
    )


@router.post("/incidents/{ref}/notices/{number}/withdraw")
def withdraw(posted: PostedDep, ref: str, number: int) -> Response:
    """Give the notice up."""
    reason = posted.text("reason")
    return _act(
        posted,
        ref,
        number,
        lambda tx, seen: withdraw_notice(
            tx, seen.incident, number, reason=reason, actor=seen.person
        ),
        done="withdrawn",
        state=DeskState(reason=reason),
    )


@router.post("/incidents/{ref}/notices/{number}/approve")
def approve(posted: PostedDep, ref: str, number: int) -> Response:
    """Approve the version that the person has read, and store its PDF.

    The form carries the content hash of that version: what nobody has read is never approved.
    """
    visit = posted.visit
    try:
        file = _open(posted, ref, number)
        prepared = _prepare(file, read_sha256=posted.text("content_sha256"), now=visit.now)
        pdf = visit.store.artifacts.store([prepared.pdf])
        change(
            posted,
            ref,
            lambda tx, seen: approve_notice(
                tx, seen.incident, number, prepared=prepared, pdf=pdf, actor=seen.person
            ),
        )
    except EXPECTED as error:
        return _refused(posted, ref, number, error)
    return _back(ref, number, done="approved")


def _prepare(file: NoticeFile, *, read_sha256: str, now: datetime) -> Prepared:
    """Render the file to approve; refuse before that what can't be approved anyway."""
    if refusal := file.seen.why_not(Action.APPROVE_NOTICE):
        raise NotAllowedError(refusal)
    if read_sha256 != file.latest.content_sha256:
        raise IncidentError(
            f"N-{file.notice.number} has changed since you opened it. Read version "
            f"{file.latest.version}, shown here, then approve."
        )
    text = file.render(now=now).text
    obstacles = file.obstacles(text, approver=file.seen.person.actor, now=now)
    if obstacles:
        raise NotApprovableError(tuple(one.reason for one in obstacles))
    return prepare_notice(
        file.need_template(),
        file.facts,
        file.notice,
        file.latest,
        ref=file.seen.incident.ref,
        marking=Marking.APPROVED,
        on=now,
    )


def _open(posted: Posted, ref: str, number: int) -> NoticeFile:
    with reading(posted.visit.store) as session:
        seen = find(session, posted.visit, ref)
        return open_notice(session, posted.visit, seen, number)


def _act(
    posted: Posted,
    ref: str,
    number: int,
    verb: Callable[[Tx, Seen], object],
    *,
    done: str,
    state: DeskState | None = None,
) -> Response:
    """Take a step and go back to the page; a refusal keeps what was typed."""
    try:
        change(posted, ref, verb)
    except EXPECTED as error:
        return _refused(posted, ref, number, error, state=state)
    return _back(ref, number, done=done)


def _refused(
    posted: Posted, ref: str, number: int, error: Exception, *, state: DeskState | None = None
) -> Response:
    reasons = error.reasons if isinstance(error, NotApprovableError) else ()
    words = "This notice can't be approved yet." if reasons else str(error)
    state = replace(state or DeskState(), problem=words, reasons=reasons)
    return notice_page(posted.visit, ref, number, state=state, status=status_of(error))


def _back(ref: str, number: int, *, done: str) -> RedirectResponse:
    address = f"/incidents/{ref.upper()}/notices/{number}?done={done}"
    return RedirectResponse(address, status_code=303)
