"""The steps of a notice: gaps, wording, review, changes, approval, sent, met, withdrawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.domain.facts import FactError
from bot.domain.incident import IncidentError
from bot.domain.letterhead import House
from bot.domain.notices import NoticeState
from bot.domain.redline import Redline
from bot.domain.roles import Action, NotAllowedError
from bot.services.facts import record_facts
from bot.services.notice_duties import meet_by_notice
from bot.services.notices import (
    NotApprovableError,
    Prepared,
    approve_notice,
    mark_sent,
    marking_of,
    prepare_notice,
    request_changes,
    reword_notice,
    submit_notice,
    withdraw_notice,
)
from bot.services.redlines import compare_versions
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change, find
from bot.web.pages.fact_forms import read_facts, typed_in
from bot.web.pages.notice import DeskState, gap_fields, notice_page
from bot.web.pages.notice_view import NoticeFile, open_notice, wording_fields
from bot.web.pages.problems import status_of

UNPROCESSABLE = 422

router = APIRouter()


class StalePageError(IncidentError):
    """The page that was read shows an older version; `read` is that version, 0 if it is none."""

    def __init__(self, file: NoticeFile, read_sha256: str) -> None:
        known = {one.content_sha256: one.version for one in file.versions}
        self.read = known.get(read_sha256, 0)
        what = "What changed stands below. " if self.read else ""
        super().__init__(
            f"N-{file.notice.number} has changed since you opened it. {what}Read version "
            f"{file.latest.version}, shown here, then approve."
        )


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
        return refused(posted, ref, number, error, state=DeskState(form=form))
    return _back(ref, number, done="fact")


@router.post("/incidents/{ref}/notices/{number}/wording")
def reword(posted: PostedDep, ref: str, number: int) -> Response:
    """Give text facts other words in this notice only."""
    file = _open(posted, ref, number)
    wording = {one.key: posted.text(f"words:{one.key}") for one in wording_fields(file)}
    return act(
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
    return act(
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
    return act(
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
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: mark_sent(tx, seen.incident, number, proof=proof, actor=seen.person),
        done="sent",
        state=DeskState(proof=proof),
    )


@router.post("/incidents/{ref}/notices/{number}/meets")
def meets(posted: PostedDep, ref: str, number: int) -> Response:
    """Mark a clock as met, with the notice that was sent as the proof."""
    key, why_late = posted.text("clock"), posted.text("why_late")
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: meet_by_notice(
            tx, seen.incident, number, key, why_late=why_late, actor=seen.person
        ),
        done="met",
        state=DeskState(clock=key, why_late=why_late),
    )


@router.post("/incidents/{ref}/notices/{number}/withdraw")
def withdraw(posted: PostedDep, ref: str, number: int) -> Response:
    """Give the notice up."""
    reason = posted.text("reason")
    return act(
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
        prepared = _prepare(
            file,
            read_sha256=posted.text("content_sha256"),
            now=visit.now,
            house=visit.store.house,
        )
        pdf = visit.store.artifacts.store([prepared.pdf])
        change(
            posted,
            ref,
            lambda tx, seen: approve_notice(
                tx, seen.incident, number, prepared=prepared, pdf=pdf, actor=seen.person
            ),
        )
    except EXPECTED as error:
        return refused(posted, ref, number, error)
    return _back(ref, number, done="approved")


def _prepare(file: NoticeFile, *, read_sha256: str, now: datetime, house: House) -> Prepared:
    """Render the file to approve; refuse before that what can't be approved anyway."""
    if refusal := file.seen.why_not(Action.APPROVE_NOTICE):
        raise NotAllowedError(refusal)
    if read_sha256 != file.latest.content_sha256:
        raise StalePageError(file, read_sha256)
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
        marking=marking_of(file.notice, file.seen.incident, state=NoticeState.APPROVED),
        on=now,
        house=house,
    )


def _open(posted: Posted, ref: str, number: int) -> NoticeFile:
    with reading(posted.visit.store) as session:
        seen = find(session, posted.visit, ref)
        return open_notice(session, posted.visit, seen, number)


def act(
    posted: Posted,
    ref: str,
    number: int,
    verb: Callable[[Tx, Seen], object],
    *,
    done: str,
    state: DeskState | None = None,
    place: str = "",
) -> Response:
    """Take a step and go back to the page; a refusal keeps what was typed."""
    try:
        change(posted, ref, verb)
    except EXPECTED as error:
        return refused(posted, ref, number, error, state=state)
    return _back(ref, number, done=done, place=place)


def refused(
    posted: Posted, ref: str, number: int, error: Exception, *, state: DeskState | None = None
) -> Response:
    """Answer with the notice's page and the reason at its top; what was typed stays."""
    reasons = error.reasons if isinstance(error, NotApprovableError) else ()
    words = "This notice can't be approved yet." if reasons else str(error)
    state = replace(state or DeskState(), problem=words, reasons=reasons)
    if isinstance(error, StalePageError) and error.read:
        state = replace(state, changed=_since(posted, ref, number, error.read))
    return notice_page(posted.visit, ref, number, state=state, status=status_of(error))


def _since(posted: Posted, ref: str, number: int, read: int) -> Redline:
    """Compare the version that was read with the newest."""
    visit = posted.visit
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
        return compare_versions(
            session,
            visit.store,
            seen.incident,
            file.notice,
            before=read,
            after=file.latest.version,
        ).redline


def _back(ref: str, number: int, *, done: str, place: str = "") -> RedirectResponse:
    address = f"/incidents/{ref.upper()}/notices/{number}?done={done}"
    address += f"#{place}" if place else ""
    return RedirectResponse(address, status_code=303)
