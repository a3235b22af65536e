"""The print runs of a notice: lists of recipients, proofs, letters, hand-over.

Decides what the page shows of a run. Taking a list in is `print_run_lists`'s, files that leave are
`print_run_files`'s, what may be done is decided in `services.print_runs`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from bot.domain.incident import IncidentError
from bot.domain.place_names import place_name
from bot.domain.recipients import REASONS
from bot.domain.roles import Action
from bot.domain.situation import words_for
from bot.services import print_runs
from bot.services.holds import why_held
from bot.services.print_erasure import UNDER_HOLD, why_not_erased
from bot.services.print_papers import PART, parts_of
from bot.services.print_runs import CHECKED, DONE, PRINTING, PROOFED, STOPPED, why_no_run
from bot.services.printer_list import Comparison
from bot.services.situation import person_view
from bot.store.notice_tables import PrintRun
from bot.store.print_queries import printed_so_far, run_of, runs_of
from bot.store.tables import Person
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, Visit, VisitDep, change, find
from bot.web.pages.notice_view import NoticeFile, open_notice
from bot.web.pages.problems import status_of
from bot.web.pages.render import page

DONE_WORDS = {
    "approved": "The proof is approved and stands in the log. The letters can be made now.",
    "started": "Letters are being made. You can leave this page; it goes on without you.",
    "stopped": "Stopped. What was made is kept; nothing is made twice.",
    "erasure-asked": "Legal is asked whether the list may be erased.",
    "erasure-refused": "The list is kept.",
    "erased": "The list is erased. What was printed can still be verified.",
}
"""What the page says after a step; the address carries only the word."""
FILE_WORDS = {
    "recipients": "the list that was brought",
    "letters": "the rows that get a letter",
    "returned": "the rows that came back",
}
NEARLY = 20
"""So many letters at least, before we say how long it will take."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Who did something with a run, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """A print run as the page shows it."""

    row: PrintRun
    by: str
    approved_by: str
    made: int
    pages: int
    current: bool
    parts: int
    left: str
    """How long it will take still, in words; empty if that can't be said."""
    compared: Told | None
    """When the printer's list was compared last, and by whom."""
    erasure_asked: Told | None
    """When erasing the list was asked for, and by whom; also if it was answered since."""
    erasure_answered: Told | None
    why_not_erased: str

    @property
    def summary(self) -> Mapping[str, Any]:
        """What was counted when the list was checked."""
        return self.row.summary

    @property
    def erasure(self) -> str:
        """How far erasing the list is: empty, asked, refused or erased."""
        return str(self.row.erasure.get("state", ""))

    @property
    def kept(self) -> list[str]:
        """Which files stayed when the list was erased, in words."""
        return [FILE_WORDS[one] for one in self.row.erasure.get("kept", ())]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why rows came back, in words, with how many."""
        found = self.summary.get("reasons", {})
        return [(REASONS[code], n) for code, n in found.items() if code != "other_letter"]

    @property
    def shown(self) -> list[tuple[int, str]]:
        """The first rows that came back, each with its reasons in words."""
        return [
            (row, "; ".join(REASONS[code] for code in codes))
            for row, codes in self.summary.get("shown", [])
        ]

    @property
    def places(self) -> list[tuple[str, int]]:
        """How many letters go to people of which place."""
        return [(place_name(code), n) for code, n in self.summary.get("places", {}).items()]

    @property
    def done_share(self) -> int:
        """Per mille of the letters that are made."""
        return 1000 * self.made // self.row.rows_good if self.row.rows_good else 0


@router.get("/incidents/{ref}/notices/{number}/print")
def show(visit: VisitDep, ref: str, number: int, done: str = "", item: int = 0) -> HTMLResponse:
    """Show the notice's print runs; `item` is the run that was just brought."""
    said = f"The list is checked: print run {item}." if item else DONE_WORDS.get(done, "")
    return print_page(visit, ref, number, said=said)


def print_page(
    visit: Visit,
    ref: str,
    number: int,
    *,
    said: str = "",
    problem: str = "",
    comparison: tuple[int, Comparison] | None = None,
    typed: tuple[str, int, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with the page; with a refusal at its top, or the printer's list compared.

    `typed` is what was written in a form that was refused: the form, the run, the words.
    """
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
        runs = [
            run_view(session, file, one, now=visit.now) for one in runs_of(session, file.notice)
        ]
        held = why_held(session, seen.incident, what=UNDER_HOLD)
    titles = {one.id: one.recipient_name for one in visit.store.rules.notices.values()}
    return page(
        visit,
        "print_run.html.j2",
        zone=seen.zone,
        status=status,
        said=said,
        problem=problem,
        comparison=comparison,
        typed=typed,
        held=held,
        ref=seen.incident.ref,
        notice=file.notice,
        live=seen.incident.kind == "live",
        why_no_run=why_no_run(file.notice, file.template),
        why_not_print=seen.why_not(Action.PRINT_LETTERS),
        why_not_approve=seen.why_not(Action.APPROVE_PROOF),
        why_not_ask=seen.why_not(Action.ASK_LIST_ERASURE),
        why_not_erase=seen.why_not(Action.ERASE_LIST),
        runs=runs,
        titles=titles,
        room=visit.store.artifacts.max_bytes,
        per_part=PART,
        me=seen.person.id,
        CHECKED=CHECKED,
        PROOFED=PROOFED,
        PRINTING=PRINTING,
        DONE=DONE,
        STOPPED=STOPPED,
    )


def run_view(session: Session, file: NoticeFile, run: PrintRun, *, now: datetime) -> RunView:
    """Gather what the page shows of one run."""
    made, pages, _ = printed_so_far(session, run)
    approver = session.get(Person, run.proof_by) if run.proof_by else None
    return RunView(
        row=run,
        by=person_view(session.get(Person, run.asked_by)).name,
        approved_by=person_view(approver).name if approver else "",
        made=made,
        pages=pages,
        current=file.notice.approved_version == run.version,
        parts=parts_of(run),
        left=_left(run, made, now),
        compared=_told(session, run.summary.get("compared") or {}, "by", "at"),
        erasure_asked=_told(session, run.erasure, "by", "at"),
        erasure_answered=_told(session, run.erasure, "answered_by", "answered_at"),
        why_not_erased=why_not_erased(run),
    )


def _told(session: Session, kept: Mapping[str, Any], by: str, at: str) -> Told | None:
    if not kept.get(at):
        return None
    person = person_view(session.get(Person, kept[by]))
    return Told(by=person.name, at=datetime.fromisoformat(kept[at]))


def _left(run: PrintRun, made: int, now: datetime) -> str:
    """Say how long the rest will take, from how long this start's letters took."""
    begun = run.summary.get("begun_at")
    fresh = made - int(run.summary.get("begun_with", 0))
    if run.state != PRINTING or not begun or fresh < NEARLY:
        return ""
    each = (now - datetime.fromisoformat(begun)).total_seconds() / fresh
    return words_for(timedelta(seconds=max(60, each * (run.rows_good - made))))


@router.get("/incidents/{ref}/notices/{number}/print/{run}/progress")
def progress(visit: VisitDep, ref: str, number: int, run: int) -> Response:
    """Answer the page's own asking how far a run is; when it has ended, the page is loaded anew."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
        row = run_of(session, seen.incident, run)
        if row is None:
            raise IncidentError(f"{seen.incident.ref} has no print run {run}.")
        view = run_view(session, file, row, now=visit.now)
    answer = page(visit, "print_progress.html.j2", zone=seen.zone, run=view)
    if row.state != PRINTING:
        answer.headers["HX-Refresh"] = "true"
    return answer


def act(
    posted: Posted, ref: str, number: int, verb: Callable[[Tx, Seen], object], *, done: str
) -> Response:
    """Take a step and go back to the page, or show why not."""
    try:
        change(posted, ref, verb)
    except EXPECTED as error:
        return print_page(posted.visit, ref, number, problem=str(error), status=status_of(error))
    return RedirectResponse(f"/incidents/{ref.upper()}/notices/{number}/print?done={done}", 303)


@router.post("/incidents/{ref}/notices/{number}/print/{run}/approve")
def approve(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Approve the proof pack that was read: the form carries its digest."""
    read = posted.text("proof_sha256")
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: print_runs.approve_proof(
            tx, seen.incident, run, proof_sha256=read, actor=seen.person
        ),
        done="approved",
    )


@router.post("/incidents/{ref}/notices/{number}/print/{run}/start")
def start(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Have the letters made, or go on."""
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: print_runs.start_run(tx, seen.incident, run, actor=seen.person),
        done="started",
    )


@router.post("/incidents/{ref}/notices/{number}/print/{run}/stop")
def stop(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Stop at the next letters, or give up a run that hasn't begun."""
    return act(
        posted,
        ref,
        number,
        lambda tx, seen: print_runs.stop_run(tx, seen.incident, run, actor=seen.person),
        done="stopped",
    )
