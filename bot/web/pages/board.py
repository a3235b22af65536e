"""The jurisdiction board of an incident: as a page, as CSV, as PDF.

Reading it leaves no entry, on whichever paper: what stands in it follows from the log, whose head
each PDF names. What is shown of it is `board_view`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from bot.documents.board_csv import CsvLine, write_csv
from bot.documents.board_paper import BoardPaper, PaperQuestion, PaperRow, render_board
from bot.documents.timeline_svg import NARROW
from bot.domain.clocks import ClockState
from bot.domain.incident import Status
from bot.services.board import Board, BoardRow, read_board
from bot.services.calendar_feeds import feeds_of
from bot.services.log_head import LogHead, head_of
from bot.store.tables import Incident
from bot.store.unit_of_work import reading
from bot.web.pages.board_files import csv_lines, paper_of_board
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
from bot.web.pages.questions_view import asked
from bot.web.pages.render import page

SOONEST = 3
"""Of the duties that can't be told yet, so many are named with their deadline."""

router = APIRouter()
