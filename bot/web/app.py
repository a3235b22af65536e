"""The web application: Slack's endpoint, health, and the pages.

Decides the headers that every answer carries and what happens to a visitor who isn't signed in.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from slack_bolt import App

from bot.clock import Clock
from bot.store.unit_of_work import Store
from bot.web.health import health_routes
from bot.web.people import PersonPicker, Sessions
from bot.web.slack import slack_routes

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Nothing is loaded from elsewhere, nothing of an incident is kept in a cache."""


def make_web(
    *,
    store: Store,
    bolt: App,
    clock: Clock,
    secret_key: str,
    signing_secret: str,
    picker: PersonPicker | None,
) -> FastAPI:
    """Make the application; without a `picker` there are no pages, only Slack and health."""
    web = FastAPI(title="Tocsin", docs_url=None, redoc_url=None, openapi_url=None)
    web.include_router(slack_routes(bolt, store, clock, signing_secret=signing_secret))
    web.include_router(health_routes(store))
    if picker is not None:
        sessions = Sessions(secret_key, picker)
        web.state.sessions = sessions

    @web.middleware("http")
    async def add_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return web
