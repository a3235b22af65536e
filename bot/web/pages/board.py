"""The jurisdiction board of an incident: as a page, as CSV, as PDF.

Reading it leaves no entry, on whichever paper: what stands in it follows from the log, whose head
each PDF names. What is shown of it is `board_view`'s and `board_files`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from bot.documents.board_paper import render_board
from bot.documents.spreadsheet import CONTENT_TYPE, write_csv
from bot.documents.timeline_svg import NARROW
from bot.domain.clocks import ClockState
from bot.domain.incident import Status
from bot.services.board import Board, BoardRow, OpenDuty, read_board
from bot.services.calendar_feeds import feeds_of
from bot.services.log_head import head_of
from bot.store.unit_of_work import reading
from bot.web.pages.board_files import HEAD, csv_lines, paper_of_board
from bot.web.pages.board_view import (
    RECIPIENTS,
    BoardQuery,
    best_questions,
    by_reason,
    columns,
    narrowed,
    options,
    read_query,
    timeline,
)
from bot.web.pages.desk import Seen, Visit, VisitDep, find
from bot.web.pages.downloads import attachment
from bot.web.pages.render import page

SOONEST = 3
"""Of the duties that can't be told yet, so many are named with their deadline."""

DONE = {"answers": "Recorded. Every duty was judged again; the board shows what follows."}

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardState:
    """What is said at the top of the board, and a feed's address that is shown once."""

    said: str = ""
    problem: str = ""
    new_address: str = ""


def asked_of_board(
    to: str = "",
    state: str = "",
    place: str = "",
    sort: str = "",
    dir: str = "",  # noqa: A002
) -> BoardQuery:
    """Read the filters and the order from the address."""
    return read_query(to=to, state=state, place=place, sort=sort, order=dir)


QueryDep = Annotated[BoardQuery, Depends(asked_of_board)]


@router.get("/incidents/{ref}/board")
def show(visit: VisitDep, ref: str, query: QueryDep, done: str = "") -> HTMLResponse:
    """Show the board to a member of the incident."""
    return board_page(visit, ref, query=query, state=BoardState(said=DONE.get(done, "")))


def board_page(
    visit: Visit,
    ref: str,
    *,
    query: BoardQuery | None = None,
    state: BoardState | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with the board, and with a refusal at its top if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        whole = read_board(session, visit.store.rules, seen.incident, now=visit.now)
        feeds = feeds_of(session, seen.person, seen.incident)
    state, query = state or BoardState(), query or BoardQuery()
    return page(
        visit,
        "board.html.j2",
        zone=seen.zone,
        status=status,
        said=state.said,
        problem=state.problem,
        new_address=state.new_address,
        feeds=feeds,
        make_feed=f"/incidents/{seen.incident.ref}/calendar",
        now=visit.now,
        query=query,
        **_context(seen, whole, query, visit),
    )


def _context(seen: Seen, whole: Board, query: BoardQuery, visit: Visit) -> Mapping[str, object]:
    ref = seen.incident.ref
    board = narrowed(whole, query)
    title = f"Deadlines of {ref}"
    return {
        "ref": ref,
        "incident_title": seen.incident.title,
        "closed": seen.incident.status == Status.CLOSED,
        "board": board,
        "in_all": len(whole.rows),
        "tally": {state.value: whole.in_state(state) for state in ClockState},
        "next_up": _next(whole),
        "undecided": len(board.open_duties),
        "soonest": _soonest(board),
        "best": best_questions(whole),
        "heads": columns(query, f"/incidents/{ref}/board"),
        "choices": options(whole, query),
        "recipient": lambda kind: RECIPIENTS.get(kind, kind),
        "ruled_out": by_reason(board.not_applying),
        "wide": timeline(board.rows, now=visit.now, zone=seen.zone, title=title),
        "narrow": timeline(board.rows, now=visit.now, zone=seen.zone, title=title, layout=NARROW),
    }


def _next(board: Board) -> BoardRow | None:
    """Give the clock that presses most: one that is overdue, else the next to end."""
    return next((row for row in board.rows if row.open and row.due_at), None)


def _soonest(board: Board) -> list[OpenDuty]:
    return [one for one in board.open_duties if one.would_be_due_at][:SOONEST]


@router.get("/incidents/{ref}/board.csv")
def as_csv(visit: VisitDep, ref: str, query: QueryDep) -> Response:
    """Hand out the board as a table, with the filters of the address."""
    with reading(visit.store) as session:
        seen, board = _read(session, visit, ref, query)
    body = write_csv(HEAD, csv_lines(board))
    name = f"{seen.incident.ref}-board{_part(query)}.csv"
    return Response(body, media_type=CONTENT_TYPE, headers=attachment(name))


@router.get("/incidents/{ref}/board.pdf")
def as_pdf(visit: VisitDep, ref: str, query: QueryDep) -> Response:
    """Hand out the board on paper, with the filters of the address."""
    rules = visit.store.rules
    with reading(visit.store) as session:
        seen, board = _read(session, visit, ref, query)
        head = head_of(session, visit.store, seen.incident)
    paper = paper_of_board(
        board,
        query,
        ref=seen.incident.ref,
        title=seen.incident.title,
        organisation=str(rules.organisation.get("organisation_name", "")),
        head=head,
        by=seen.person.name or seen.person.slack_id,
        now=visit.now,
        zone=seen.zone,
    )
    # The fonts lie beside the notices.
    assets = next(iter(rules.notices.values())).folder.parent / "base"
    name = f"{seen.incident.ref}-board{_part(query)}.pdf"
    body = render_board(paper, assets=assets)
    return Response(body, media_type="application/pdf", headers=attachment(name))


def _read(session: Session, visit: Visit, ref: str, query: BoardQuery) -> tuple[Seen, Board]:
    seen = find(session, visit, ref)
    board = read_board(session, visit.store.rules, seen.incident, now=visit.now)
    return seen, narrowed(board, query)


def _part(query: BoardQuery) -> str:
    """Say in the file's name that lines are left out."""
    return "-filtered" if query.filtered else ""
