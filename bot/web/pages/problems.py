"""Refusals and faults as pages: what happened, and what to do about it.

Decides the status and the words of every answer that isn't a page, and where a person can go on
from there. An incident that isn't there and one that isn't the visitor's give the very same page;
only a member is led to the incident and told whom to ask in it. A fault says nothing of its inside.
"""

from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from bot.domain.roles import CORE_ROLES, NotAllowedError
from bot.services.access import UnknownIncidentError, zone_of
from bot.services.situation import person_view
from bot.store.queries import holdings, person_by_slack_id
from bot.store.unit_of_work import reading
from bot.web.pages.desk import EXPECTED, Visit, find, visit
from bot.web.pages.render import bare_page, page
from bot.web.people import BadFormError, NotSignedInError, PagesShutError, local_path

FORBIDDEN, NOT_FOUND = 403, 404
MACHINE_PATHS = ("/slack/", "/healthz", "/readyz", "/metrics")
"""What programs call; they get no pages."""


def status_of(error: Exception) -> int:
    """Return the status of a refusal: 403 where a role is lacking, else 409."""
    return FORBIDDEN if isinstance(error, NotAllowedError) else 409


def fault_page() -> HTMLResponse:
    """Answer for something that went wrong in Tocsin itself; it asks the store for nothing."""
    return _bare(
        500,
        "Something went wrong in Tocsin",
        "Nothing was changed. Try it once more; if it happens again, tell the people who run "
        "Tocsin the time at which it happened. The clocks and reminders go on meanwhile, and "
        "`/incident` in Slack works independently of these pages.",
    )


def problem_page(looking: Visit, ref: str, status: int, title: str, message: str) -> HTMLResponse:
    """Answer somebody who is signed in: with where to go on and, in their incident, whom to ask."""
    with reading(looking.store) as session:
        zone = zone_of(looking.store.rules, person_by_slack_id(session, looking.visitor.slack_id))
        more: dict[str, object] = {"helpers": []}
        try:
            seen = find(session, looking, ref)
        except UnknownIncidentError:
            pass  # not theirs, or not there: the page says nothing of it
        else:
            more["ref"] = seen.incident.ref
            if status == FORBIDDEN:
                held = holdings(session, seen.incident)
                more["helpers"] = [
                    (role.title(), person_view(person).name)
                    for role in CORE_ROLES
                    for holding, person in held
                    if holding.role == role and person.id != seen.person.id
                ]
    return page(
        looking, "problem.html.j2", zone=zone, status=status, title=title, message=message, **more
    )


def _problem(request: Request, status: int, title: str, message: str) -> HTMLResponse:
    try:
        looking = visit(request)
    except (NotSignedInError, PagesShutError):
        return _bare(status, title, message)
    return problem_page(looking, str(request.path_params.get("ref", "")), status, title, message)


def _bare(status: int, title: str, message: str) -> HTMLResponse:
    return bare_page("problem.html.j2", practice=False, status=status, title=title, message=message)


def register_problems(web: FastAPI) -> None:
    """Attach the answers to the application."""
    web.add_exception_handler(NotSignedInError, _not_signed_in)
    web.add_exception_handler(PagesShutError, _shut)
    web.add_exception_handler(BadFormError, _bad_form)
    web.add_exception_handler(UnknownIncidentError, _unknown)
    web.add_exception_handler(RequestValidationError, _unknown)
    web.add_exception_handler(HTTPException, _http)
    for kind in EXPECTED:
        web.add_exception_handler(kind, _refused)


def _not_signed_in(request: Request, _error: Exception) -> Response:
    sessions = request.app.state.desk.sessions
    if request.headers.get("HX-Request"):
        # A part of an open page: the whole page has to go to the door, not this part of it.
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        door = f"{sessions.door}?next={quote(local_path(page.path))}"
        return Response(headers={"HX-Redirect": door})
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        door = f"{sessions.door}?next={quote(request.url.path + query)}"
        return RedirectResponse(door, status_code=303)
    if sessions.practice:
        return RedirectResponse(sessions.door, status_code=303)
    return _bare(
        401,
        "You aren't signed in any more",
        "Nothing was changed. If you wrote something, go back in your browser and copy it first. "
        "Then sign in and send it again.",
    )


def _shut(_request: Request, _error: Exception) -> Response:
    return _bare(
        FORBIDDEN,
        "Sign-in isn't set up; pages are shut",
        "Nobody can see a page until the people who run Tocsin set up a way to sign in: `tocsin "
        "doctor` tells them how. Everything works in Slack: type `/incident help` there.",
    )


def _bad_form(request: Request, _error: Exception) -> Response:
    return _problem(
        request,
        FORBIDDEN,
        "This form can't be accepted",
        "It comes from an old page, from another site, or from before you switched person. "
        "Nothing was changed. Open the page again and send the form from there.",
    )


def _unknown(request: Request, _error: Exception) -> Response:
    return _problem(
        request,
        NOT_FOUND,
        "There is no such page for you",
        "Either it doesn't exist, or it belongs to an incident whose member you aren't. Your "
        "incidents are on the first page. To see another one, ask its Commander to invite you to "
        "its channel in Slack.",
    )


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if request.url.path.startswith(MACHINE_PATHS):
        return JSONResponse({"detail": "not found" if status == NOT_FOUND else "refused"}, status)
    if status == NOT_FOUND:
        return _unknown(request, error)
    return _problem(
        request,
        status,
        "This can't be done here",
        "Go back to your incidents and try it from there.",
    )


def _refused(request: Request, error: Exception) -> Response:
    return _problem(
        request, status_of(error), "This can't be done", f"{error} Nothing was changed."
    )
