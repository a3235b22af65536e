"""Papers of injects as files: for those who take part, once the inject was delivered.

What is still to come can't be guessed: for players there is no such paper before its inject. The
facilitator may look at every one.
"""

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.documents.inject_papers import PaperAbout, render_inject_paper
from bot.services.access import UnknownIncidentError
from bot.services.exercises import scenario_of
from bot.store.exercise_queries import injects_of, part_of, run_of
from bot.store.exercise_tables import ExerciseRun, InjectRun
from bot.store.unit_of_work import reading
from bot.web.pages.desk import Seen, VisitDep, find
from bot.web.pages.downloads import attachment
from bot.web.pages.exercise_view import HANDS

router = APIRouter()


@router.get("/incidents/{ref}/exercise/papers/{inject_id}/{name}")
def inject_paper(visit: VisitDep, ref: str, inject_id: str, name: str) -> Response:
    """Hand out one paper as PDF; the same paper gives the same bytes."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
        run = run_of(session, seen.incident)
        row = _row_for(session, seen, run, inject_id) if run else None
        papers = row.content.get("attachments", ()) if row else ()
        paper = next((one for one in papers if one["name"] == name), None)
        if run is None or row is None or paper is None:
            raise UnknownIncidentError(f"There is no paper “{name}” here.")
        about = PaperAbout(
            ref=seen.incident.ref,
            inject_id=row.inject_id,
            name=name,
            at=row.delivered_ex or row.planned_ex or run.starts_ex,
            zone=seen.zone,
            language=scenario_of(run).language,
        )
    assets = next(iter(visit.store.rules.notices.values())).folder.parent / "base"
    pdf = render_inject_paper(paper["template"], paper["values"], about, assets=assets)
    headers = attachment(about.file_name)
    return Response(pdf, media_type="application/pdf", headers=headers)


def _row_for(session: Session, seen: Seen, run: ExerciseRun, inject_id: str) -> InjectRun | None:
    """Return an inject that the visitor may know of; None for any other."""
    rows = {one.inject_id: one for one in injects_of(session, run)}
    row = rows.get(inject_id.upper())
    part = part_of(session, run, seen.person)
    if row is None or row.delivered_at is not None:
        return row
    return row if part is not None and part.part == HANDS else None
