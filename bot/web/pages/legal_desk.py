"""The legal desk: every notice of the visitor's incidents, by deadline, and duties without one."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from bot.services.access import zone_of
from bot.services.legal_desk import DeskLine, LegalDesk, read_legal_desk
from bot.store.queries import person_by_slack_id
from bot.store.unit_of_work import reading
from bot.web.pages.desk import VisitDep
from bot.web.pages.render import page

SHOWN = {"open": "To do", "mine": "Mine", "review": "In review", "done": "Done", "all": "All"}
"""What can be picked above the list."""

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}

router = APIRouter()


@router.get("/desk")
def show(visit: VisitDep, show: Annotated[str, Query()] = "open") -> HTMLResponse:
    """Show the visitor's desk."""
    picked = show if show in SHOWN else "open"
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
        zone = zone_of(visit.store.rules, person)
        desk = LegalDesk(lines=(), unserved=())
        if person is not None:
            desk = read_legal_desk(session, visit.store.rules, person, now=visit.now)
    return page(
        visit,
        "legal_desk.html.j2",
        zone=zone,
        lines=[one for one in desk.lines if _is_shown(one, picked)],
        counts={key: sum(_is_shown(one, key) for one in desk.lines) for key in SHOWN},
        unserved=desk.unserved,
        picked=picked,
        shown=SHOWN,
        languages=LANGUAGES,
    )


def _is_shown(line: DeskLine, picked: str) -> bool:
    return {
        "open": line.live,
        "mine": line.mine and line.live,
        "review": line.state == "in_review",
        "done": not line.live,
        "all": True,
    }[picked]
