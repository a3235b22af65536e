"""Erasing the list of a print run: one person asks on its page, another one of Legal answers there.

Reads the forms. Who may, and when, is asked by `services.print_erasure`, whose refusals come back
with what was typed.
"""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from bot.domain.incident import IncidentError
from bot.services.notice_access import check_readable
from bot.services.notices import find_notice
from bot.services.print_erasure import ask_erasure, erase_list, refuse_erasure
from bot.services.print_runs import find_run
from bot.store.notice_tables import PrintRun
from bot.store.unit_of_work import Tx
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change
from bot.web.pages.print_run import print_page
from bot.web.pages.problems import status_of

HOME = "/incidents/{ref}/notices/{number}/print/{run}/erasure"

router = APIRouter()


@router.post(HOME + "/ask")
def ask(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Ask Legal whether the list may be erased."""
    return _act(posted, ref, number, run, form="ask", verb=ask_erasure, done="erasure-asked")


@router.post(HOME + "/confirm")
def confirm(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Erase the list, as Legal and not as who asked."""
    return _act(posted, ref, number, run, form="confirm", verb=erase_list, done="erased")


@router.post(HOME + "/refuse")
def refuse(posted: PostedDep, ref: str, number: int, run: int) -> Response:
    """Keep the list."""
    return _act(
        posted, ref, number, run, form="refuse", verb=refuse_erasure, done="erasure-refused"
    )


def _act(
    posted: Posted,
    ref: str,
    number: int,
    run: int,
    *,
    form: str,
    verb: Callable[..., PrintRun],
    done: str,
) -> Response:
    reason = posted.text("reason")

    def step(tx: Tx, seen: Seen) -> None:
        notice = find_notice(tx, seen.incident, number)
        check_readable(tx, seen.incident, notice, actor=seen.person)
        if find_run(tx, seen.incident, run).notice_id != notice.id:
            raise IncidentError(f"N-{number} has no print run {run}.")
        verb(tx, seen.incident, run, reason=reason, actor=seen.person)

    try:
        change(posted, ref, step)
    except EXPECTED as error:
        typed = (form, run, reason)
        status = status_of(error)
        return print_page(posted.visit, ref, number, problem=str(error), typed=typed, status=status)
    home = f"/incidents/{ref.upper()}/notices/{number}/print"
    return RedirectResponse(f"{home}?done={done}#run-{run}", 303)
