"""The worksheet of a notice: an authority's form field by field, and the record of submission."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.domain.facts import FactError, parse_key, read_value
from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.domain.worksheets import open_fields
from bot.services.filings import filled_sheet, record_filing
from bot.services.notices import is_released
from bot.store.notice_queries import filings_of
from bot.store.queries import evidence_items
from bot.store.unit_of_work import Tx, reading
from bot.web.pages.desk import EXPECTED, PostedDep, Seen, Visit, VisitDep, change, find
from bot.web.pages.notice_view import open_notice
from bot.web.pages.problems import status_of
from bot.web.pages.render import page

router = APIRouter()


@router.get("/incidents/{ref}/notices/{number}/worksheet")
def show(visit: VisitDep, ref: str, number: int) -> HTMLResponse:
    """Show the form of the authority with what to type into each field."""
    return worksheet_page(visit, ref, number)


def worksheet_page(
    visit: Visit,
    ref: str,
    number: int,
    *,
    problem: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with the worksheet, and with a refusal at its top if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        file = open_notice(session, visit, seen, number)
        filings = filings_of(session, file.notice)
        items = [one for one in evidence_items(session, seen.incident) if one.state == "collected"]
    sheet = visit.store.rules.worksheets.get(file.notice.template_id)
    filled = filled_sheet(visit.store.rules, file.notice, file.latest, file.facts)
    return page(
        visit,
        "worksheet.html.j2",
        zone=seen.zone,
        status=404 if sheet is None else status,
        problem=problem,
        typed=typed or {},
        ref=seen.incident.ref,
        notice=file.notice,
        sheet=sheet,
        filled=filled,
        open_count=open_fields(filled),
        filings=filings,
        items=items,
        released=is_released(file.notice, sender=seen.person),
        why_not=seen.why_not(Action.SEND_NOTICE),
    )


@router.post("/incidents/{ref}/notices/{number}/filings")
def file_it(posted: PostedDep, ref: str, number: int) -> Response:
    """Record that the notice was handed in."""
    typed = {name: posted.text(name) for name in ("reference", "at", "screenshot", "note")}

    def verb(tx: Tx, seen: Seen) -> None:
        at = tx.now
        if typed["at"]:
            found = read_value(parse_key("aware_at"), typed["at"], now=tx.now, zone=seen.zone)
            if not isinstance(found, datetime):
                raise IncidentError("Give a time such as 2026-03-02 10:00, or leave it empty.")
            at = found
        picture = typed["screenshot"].upper().removeprefix("E-")
        if picture and not picture.isdecimal():
            raise IncidentError("Choose the screenshot from the evidence, or leave it empty.")
        record_filing(
            tx,
            seen.incident,
            number,
            reference=typed["reference"],
            at=at,
            screenshot=int(picture) if picture else None,
            note=typed["note"],
            actor=seen.person,
        )

    try:
        change(posted, ref, verb)
    except (*EXPECTED, FactError) as error:
        return worksheet_page(
            posted.visit, ref, number, problem=str(error), typed=typed, status=status_of(error)
        )
    return RedirectResponse(f"/incidents/{ref.upper()}/notices/{number}?done=sent", 303)
