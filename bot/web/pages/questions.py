"""The questions that settle most duties: asked on one page, recorded in one go."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.domain.facts import FactError
from bot.domain.incident import Status
from bot.domain.roles import Action
from bot.services.board import read_board
from bot.services.facts import record_facts
from bot.store.queries import facts_of
from bot.store.unit_of_work import reading
from bot.web.pages.desk import EXPECTED, PostedDep, Visit, VisitDep, change, find
from bot.web.pages.problems import status_of
from bot.web.pages.questions_view import (
    FIRST,
    QuestionForm,
    question_form,
    read_answers,
    refused,
)
from bot.web.pages.render import page

UNPROCESSABLE = 422

DONE = {"answers": "Recorded. Every duty was judged again; these questions are left."}

router = APIRouter()


@router.get("/incidents/{ref}/questions")
def show(visit: VisitDep, ref: str, done: str = "") -> HTMLResponse:
    """Show the questions to a member of the incident."""
    return questions_page(visit, ref, said=DONE.get(done, ""))


def questions_page(
    visit: Visit,
    ref: str,
    *,
    asked: QuestionForm | None = None,
    said: str = "",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Answer with the form; `asked` is one that was sent, with what is wrong in it."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        board = read_board(session, visit.store.rules, seen.incident, now=visit.now)
        facts = facts_of(session, seen.incident)
    return page(
        visit,
        "questions.html.j2",
        zone=seen.zone,
        status=status,
        ref=seen.incident.ref,
        closed=seen.incident.status == Status.CLOSED,
        asked=asked or question_form(board, facts),
        first=FIRST,
        undecided=len(board.open_duties),
        counsel=[one for one in board.open_questions if one.answered and one.duties],
        said=said,
        problem=problem,
        why_not=seen.why_not(Action.RECORD_FACT),
    )


@router.post("/incidents/{ref}/questions")
def answer(posted: PostedDep, ref: str) -> Response:
    """Record every answer that was given, or none of them."""
    visit = posted.visit
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        board = read_board(session, visit.store.rules, seen.incident, now=visit.now)
        facts = facts_of(session, seen.incident)
    read, new = read_answers(question_form(board, facts), posted, zone=seen.zone)
    if read.wrong or not new:
        return questions_page(visit, ref, asked=read, status=UNPROCESSABLE)
    try:
        change(posted, ref, lambda tx, one: record_facts(tx, one.incident, new, actor=one.person))
    except FactError as error:
        return questions_page(visit, ref, asked=refused(read, error), status=UNPROCESSABLE)
    except EXPECTED as error:
        return questions_page(visit, ref, asked=read, problem=str(error), status=status_of(error))
    address = f"/incidents/{seen.incident.ref}/questions?done=answers"
    return RedirectResponse(address, status_code=303)
