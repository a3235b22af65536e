"""What leaves an exercise as a file: the after-action report as PDF and JSON, papers of injects.

Each name begins with EXERCISE; each page of a PDF bears the mark.
"""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from bot.documents.after_action_paper import render_after_action, share
from bot.domain.translations import language_name
from bot.services.access import UnknownIncidentError, zone_of
from bot.services.after_action_lock import report_json, report_of
from bot.services.after_action_trend import capability_trend
from bot.services.exercise_programme import held_runs, programme
from bot.store.exercise_queries import run_of
from bot.store.queries import person_by_slack_id
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.pages.desk import VisitDep, enter
from bot.web.pages.downloads import attachment
from bot.web.pages.render import page

router = APIRouter()


@router.get("/incidents/{ref}/exercise/report.json")
def report_as_json(visit: VisitDep, ref: str) -> Response:
    """Hand out the report as data."""
    with unit_of_work(visit.store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        content = report_json(report_of(tx, seen.incident))
    name = f"EXERCISE-{seen.incident.ref}-after-action.json"
    return Response(content, media_type="application/json", headers=attachment(name))


@router.get("/incidents/{ref}/exercise/report.pdf")
def report_as_pdf(visit: VisitDep, ref: str) -> Response:
    """Hand out the report as PDF: a draft until it is final."""
    with unit_of_work(visit.store, now=visit.wall) as tx:
        seen = enter(tx, visit, ref)
        report = report_of(tx, seen.incident)
        run = run_of(tx.session, seen.incident)
    if run is None:
        raise UnknownIncidentError(f"{ref} is no exercise.")
    assets = next(iter(visit.store.rules.notices.values())).folder.parent / "base"
    final = run.locked_at is not None
    pdf = render_after_action(report, assets=assets, zone=seen.zone, final=final)
    name = f"EXERCISE-{seen.incident.ref}-after-action{'' if final else '-DRAFT'}.pdf"
    return Response(pdf, media_type="application/pdf", headers=attachment(name))


@router.get("/exercises")
def show_programme(visit: VisitDep) -> HTMLResponse:
    """Show the programme: what is due, what was held, and the proof of it."""
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
        zone = zone_of(visit.store.rules, person)
        due, held = programme(session, now=visit.wall), held_runs(session)
        trend = capability_trend(session)
    return page(
        visit,
        "exercises.html.j2",
        zone=zone,
        due=due,
        held=held,
        trend=trend,
        capabilities=sorted({name for run in trend for name in run.scores}),
        share=share,
        scenarios=tuple(visit.store.rules.scenarios.values()),
        language=language_name,
    )
