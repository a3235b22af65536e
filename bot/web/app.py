"""The web application: Slack's endpoint, health, and the pages.

Decides the headers that every answer carries, which Host headers are answered, and that a fault
says nothing of itself to the outside. How people sign in is in `sign_in`; what a visitor sees who
isn't signed in is in `pages.problems`.
"""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from slack_bolt import App

from bot.clock import Clock
from bot.delivery.slack import SlackGateway
from bot.services.personal_links import LinkSigner
from bot.store.unit_of_work import Store
from bot.web.health import health_routes
from bot.web.pages.desk import PageDesk
from bot.web.pages.problems import fault_page, register_problems
from bot.web.pages.routes import page_routes
from bot.web.people import Identity, PersonPicker, Sessions, is_loopback_host
from bot.web.sign_in import ServerSessions, SignIn
from bot.web.slack import slack_routes

log = logging.getLogger("tocsin.web")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
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
    base_url: str = "",
    sign_in: SignIn | None = None,
    slack: SlackGateway | None = None,
) -> FastAPI:
    """Make the application; without `picker` and `sign_in` every page says that it is shut.

    `base_url` is the address under which people reach the pages: it stands in calendar feeds.

    With a picker anybody who reaches a page can be anybody, so that only requests to a loopback
    Host are answered at all. Raises `ValueError` if there is a way to sign in besides.
    """
    if picker is not None and sign_in is not None:
        raise ValueError("people are picked or sign in, not both")
    sessions: Identity = Sessions(secret_key, picker)
    if sign_in is not None:
        is_secure = base_url.startswith("https://")
        sessions = ServerSessions(store, sign_in, secret_key=secret_key, is_secure=is_secure)
    web = FastAPI(title="Tocsin", docs_url=None, redoc_url=None, openapi_url=None)
    web.state.desk = PageDesk(
        store=store,
        clock=clock,
        sessions=sessions,
        links=LinkSigner(secret_key),
        base_url=base_url,
        slack=slack,
    )
    web.include_router(slack_routes(bolt, store, clock, signing_secret=signing_secret))
    web.include_router(health_routes(store))
    web.include_router(page_routes())
    register_problems(web)

    @web.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if picker is not None and not is_loopback_host(request.headers.get("host", "")):
            response: Response = PlainTextResponse(
                "Practice pages answer on this computer only, as 127.0.0.1 or localhost.", 403
            )
        else:
            response = await _answer(request, call_next)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return web


async def _answer(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        return await call_next(request)
    except Exception:
        # Without path or form: both can name people. The trace says where it happened.
        log.exception("a request failed")
        return fault_page()
