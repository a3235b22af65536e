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
    feeds,
    incident,
    incident_acts,
    incidents,
    legal_desk,
    links,
    notice,
    notice_acts,
    notice_review,
    questions,
    signin,
    uploads,
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
    legal_desk,
    notice,
    notice_acts,
    notice_review,
    worksheet,
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
