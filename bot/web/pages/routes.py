"""All routes of the pages."""

from fastapi import APIRouter

from bot.web.pages import (
    assets,
    board,
    clock,
    clock_acts,
    downloads,
    evidence_acts,
    evidence_item,
    exercise,
    exercise_acts,
    exercise_files,
    exercise_papers,
    exercise_start,
    feeds,
    incident,
    incident_acts,
    incidents,
    legal_desk,
    links,
    notice,
    notice_acts,
    notice_review,
    print_run,
    print_run_erasure,
    print_run_files,
    print_run_lists,
    questions,
    signin,
    uploads,
    verify,
    who,
    worksheet,
)

PAGES = (
    assets,
    who,
    signin,
    links,
    incidents,
    incident,
    incident_acts,
    board,
    clock,
    clock_acts,
    questions,
    feeds,
    exercise,
    exercise_acts,
    exercise_files,
    exercise_papers,
    exercise_start,
    legal_desk,
    notice,
    notice_acts,
    notice_review,
    worksheet,
    print_run_files,
    print_run_lists,
    print_run_erasure,
    print_run,
    verify,
    downloads,
    evidence_item,
    evidence_acts,
    uploads,
)


def page_routes() -> APIRouter:
    """Gather the routes of every page."""
    router = APIRouter()
    for module in PAGES:
        router.include_router(module.router)
    return router
