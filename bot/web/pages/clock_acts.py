"""What Legal does on a clock's page: met, waived, overruled, extended, held, cleared.

Reads the forms; who may, and what each act needs, is asked by the services, whose refusals come
back beside the form with everything that was typed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from bot.domain.facts import FactError, read_instant
from bot.services.clock_marks import meet_clock, waive_clock
from bot.services.clock_rulings import clear_clock, extend_clock, overrule_clock, toll_clock
from bot.store.unit_of_work import Tx
from bot.web.pages.clock import ActState, clock_page
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change
from bot.web.pages.problems import status_of

UNPROCESSABLE = 422
TYPED = ("proof", "at", "why_late", "reason", "answer", "due", "evidence")
"""What the forms ask for."""

router = APIRouter()

Act = Callable[[Tx, Seen, str, Posted], object]


def _meet(tx: Tx, seen: Seen, key: str, posted: Posted) -> object:
    at = posted.text("at")
    return meet_clock(
        tx,
        seen.incident,
        key,
        proof=posted.text("proof"),
        actor=seen.person,
        at=read_instant(at, now=tx.now, zone=seen.zone) if at else None,
        why_late=posted.text("why_late"),
    )


def _waive(tx: Tx, seen: Seen, key: str, posted: Posted) -> object:
    return waive_clock(tx, seen.incident, key, reason=posted.text("reason"), actor=seen.person)


def _overrule(tx: Tx, seen: Seen, key: str, posted: Posted) -> object:
    answer, due = posted.text("answer"), posted.text("due")
    if answer not in {"yes", "no", "withdraw", ""}:
        raise FactError("Choose whether the duty applies.")
    if not answer and not due:
        raise FactError("Choose whether the duty applies, or write another deadline, or both.")
    if answer == "withdraw" and due:
        raise FactError("You withdraw the ruling and set a deadline: keep one of the two.")
    return overrule_clock(
        tx,
        seen.incident,
        key,
        reason=posted.text("reason"),
        actor=seen.person,
        applies={"yes": True, "no": False}.get(answer),
        due_at=_deadline(due, now=tx.now, zone=seen.zone) if due else None,
    )


def _deadline(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Read a deadline; a time alone would mean one that has passed."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        raise FactError(f"“{text}” has no date: write the deadline as 2026-03-02 17:00.")
    return read_instant(text, now=now, zone=zone)


def _extend(tx: Tx, seen: Seen, key: str, posted: Posted) -> object:
    return extend_clock(tx, seen.incident, key, reason=posted.text("reason"), actor=seen.person)


def _toll(tx: Tx, seen: Seen, key: str, posted: Posted) -> object:
    number = posted.text("evidence").upper().removeprefix("E-")
    if not number.isdecimal():
        raise FactError("Choose the evidence that holds the request of law enforcement.")
    return toll_clock(
        tx,
        seen.incident,
        key,
        evidence=int(number),
        reason=posted.text("reason"),
        actor=seen.person,
    )


def _clear(tx: Tx, seen: Seen, key: str, _posted: Posted) -> object:
    return clear_clock(tx, seen.incident, key, actor=seen.person)


ACTS: Mapping[str, Act] = {
    "meet": _meet,
    "waive": _waive,
    "overrule": _overrule,
    "extend": _extend,
    "toll": _toll,
    "clear": _clear,
}


@router.post("/incidents/{ref}/clocks/{key}/{act}")
def act_on_clock(posted: PostedDep, ref: str, key: str, act: str) -> Response:
    """Run one act on a clock and go back to its page; a refusal keeps what was typed."""
    verb = ACTS.get(act)
    if verb is None:
        raise HTTPException(404)
    try:
        change(posted, ref, lambda tx, seen: verb(tx, seen, key, posted))
    except EXPECTED as error:
        status = UNPROCESSABLE if isinstance(error, FactError) else status_of(error)
        typed = {one: posted.text(one) for one in TYPED}
        state = ActState(act=act, problem=str(error), typed=typed)
        return clock_page(posted.visit, ref, key, state=state, status=status)
    address = f"/incidents/{ref.upper()}/clocks/{key}?done={act}"
    return RedirectResponse(address, status_code=303)
