"""“Who are you?”: the demo's choice of a person, on loopback only."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.web.pages.desk import PageDesk, read_form
from bot.web.pages.render import bare_page
from bot.web.people import (
    COOKIE,
    CSRF_FIELD,
    PICK_COOKIE,
    BadFormError,
    NotSignedInError,
    PagesShutError,
    PersonPicker,
    Sessions,
    check_token,
    local_path,
)

router = APIRouter()


@router.get("/who")
def ask(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the parameter's name
    """Show the people that may be picked."""
    desk: PageDesk = request.app.state.desk
    sessions = _picked(desk)
    people = _picker(sessions).people
    try:
        present = sessions.visitor(request, now=desk.clock()).slack_id
    except NotSignedInError:
        present = ""
    token = request.cookies.get(PICK_COOKIE) or secrets.token_urlsafe(16)
    response = bare_page(
        "who.html.j2",
        practice=True,
        people=[(slack_id, name, job) for slack_id, (name, job) in people.items()],
        present=present,
        next=local_path(next),
        token=token,
    )
    _set(response, PICK_COOKIE, token)
    return response


@router.post("/who")
def pick(request: Request, form: Annotated[dict[str, list[str]], Depends(read_form)]) -> Response:
    """Sign the picked person in and go where they wanted to go."""
    desk: PageDesk = request.app.state.desk
    sessions = _picked(desk)
    _picker(sessions)
    given = {name: values[-1] for name, values in form.items()}
    check_token(request.cookies.get(PICK_COOKIE, ""), given.get(CSRF_FIELD, ""))
    try:
        cookie = sessions.sign_in(given.get("person", ""))
    except KeyError as error:
        raise BadFormError from error
    response = RedirectResponse(local_path(given.get("next", "/")), status_code=303)
    _set(response, COOKIE, cookie)
    response.delete_cookie(PICK_COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _picked(desk: PageDesk) -> Sessions:
    """Return the demo's way to sign in; where there is a real one, this page isn't there."""
    if not isinstance(desk.sessions, Sessions):
        raise HTTPException(status_code=404)
    return desk.sessions


def _picker(sessions: Sessions) -> PersonPicker:
    if sessions.picker is None:
        raise PagesShutError
    return sessions.picker


def _set(response: Response, name: str, value: str) -> None:
    """Set a cookie that scripts can't read and other sites can't send.

    Not `Secure`: the picker exists on loopback only, where there is no TLS.
    """
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict")
