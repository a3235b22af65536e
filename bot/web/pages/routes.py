"""All routes of the pages."""

from fastapi import APIRouter

from bot.web.pages import (
    assets,
    downloads,
    incident,
    incident_acts,
    incidents,
    notice,
    notice_acts,
    who,
)


def page_routes() -> APIRouter:
    """Gather the routes of every page."""
    router = APIRouter()
    for module in (assets, who, incidents, incident, incident_acts, notice, notice_acts, downloads):
        router.include_router(module.router)
    return router
