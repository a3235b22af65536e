"""Signing in and out: where one is sent, what comes back, and the words for every failure.

Decides what stands on these pages. What is believed of the provider's answer is in `bot.web.oidc`,
whom we let in in `bot.web.sign_in`.
"""

import logging
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.web.oidc import BACK, SignInError, SignInProblem, plain_code
from bot.web.pages.desk import PageDesk, PostedDep
from bot.web.pages.render import bare_page
from bot.web.people import NotSignedInError, PagesShutError, local_path
from bot.web.sign_in import ServerSessions, who_is

log = logging.getLogger("tocsin.sign_in")
router = APIRouter()

MEANWHILE = "Until then everything works in Slack: type `/incident help` there."
TELL = "tell the people who run Tocsin; `tocsin doctor` says more to them."


@dataclass(frozen=True, slots=True)
class Words:
    """Status, title and what to do."""

    status: int
    title: str
    message: str


WORDS: dict[SignInProblem, Words] = {
    SignInProblem.NOT_BEGUN: Words(
        400,
        "Please sign in once more",
        "This sign-in was begun in another browser, took longer than ten minutes, or was used "
        "before. Nobody was signed in.",
    ),
    SignInProblem.CANCELLED: Words(
        403,
        "You aren't signed in",
        "The sign-in at {provider} was cancelled there. If that was a slip, sign in again.",
    ),
    SignInProblem.UNREACHABLE: Words(
        503,
        "{provider} doesn't answer",
        f"Nobody was signed in. Try again in a minute; if it stays, {TELL} {MEANWHILE}",
    ),
    SignInProblem.MISCONFIGURED: Words(
        502,
        "{provider} and Tocsin don't understand each other",
        f"Nobody was signed in, and trying again won't help: a setting is wrong. Please {TELL} "
        f"{MEANWHILE}",
    ),
    SignInProblem.NOT_BELIEVED: Words(
        403,
        "This sign-in can't be trusted",
        f"What came back doesn't prove that it is from {{provider}} and meant for Tocsin. Nobody "
        f"was signed in. Sign in again; if it stays, {TELL}",
    ),
    SignInProblem.CLOCKS_DIFFER: Words(
        403,
        "Two clocks differ",
        f"By Tocsin's clock, what {{provider}} sent has expired or isn't valid yet. Sign in again; "
        f"if it stays, {TELL} The machine's clock must be right (NTP).",
    ),
    SignInProblem.OTHER_WORKSPACE: Words(
        403,
        "That is another workspace",
        "Tocsin lets in members of one Slack workspace only, and this account isn't one of them. "
        "Sign in again and choose the workspace in which you work on incidents.",
    ),
    SignInProblem.EMAIL_UNCONFIRMED: Words(
        403,
        "Your e-mail address isn't confirmed",
        "{provider} doesn't vouch for your address, so that Tocsin can't tell who you are in "
        "Slack. Confirm it at {provider}, then sign in again.",
    ),
    SignInProblem.UNKNOWN_PERSON: Words(
        403,
        "You aren't known in Slack",
        "No working account in the Slack workspace belongs to who you signed in as. Sign in again "
        "with the account that you use at work, or ask the people who run Slack.",
    ),
}
"""What stands on the page of each problem."""


@router.get("/signin")
def ask(request: Request, next: str = "/", out: str = "") -> Response:  # noqa: A002 - the parameter's name
    """Offer the way to sign in; whoever is signed in goes on."""
    desk: PageDesk = request.app.state.desk
    sessions = _real(desk)
    path = local_path(next)
    try:
        sessions.visitor(request, now=desk.clock())
    except NotSignedInError:
        name = sessions.sign_in.provider.config.name
        return _page(
            title="You are signed out" if out else "Sign in",
            message=f"Tocsin shows an incident to its members only, so it has to know who you are. "
            f"You confirm it at {name} and come back here.",
            button=f"Sign in with {name}",
            next_path=path,
        )
    return RedirectResponse(path, status_code=303)


@router.get("/signin/start")
def start(request: Request, next: str = "/") -> Response:  # noqa: A002 - the parameter's name
    """Send the browser to the provider."""
    desk: PageDesk = request.app.state.desk
    sessions, now, path = _real(desk), desk.clock(), local_path(next)
    response = RedirectResponse("/signin", status_code=303)
    made = sessions.begin(response, next_path=path, now=now)
    try:
        response.headers["Location"] = sessions.sign_in.provider.address(made, now=now)
    except SignInError as error:
        return _problem(sessions, error, path)
    return response


@router.get(BACK)
def back(
    request: Request, state: str = "", code: str = "", error: str = "", iss: str = ""
) -> Response:
    """Take the provider's answer and sign the person in."""
    desk: PageDesk = request.app.state.desk
    sessions, now, path = _real(desk), desk.clock(), "/"
    provider = sessions.sign_in.provider
    try:
        begun = sessions.begun(request, state, now=now)
        path = begun.next
        provider.check_sender(iss, now=now)
        if error or not code:
            raise _refused(error)
        account = who_is(sessions.sign_in, provider.claims(code, begun.secrets, now=now))
    except SignInError as refused:
        response: Response = _problem(sessions, refused, path)
    else:
        response = RedirectResponse(path, status_code=303)
        sessions.open(request, response, account, now=now)
    sessions.forget(response, state)
    return response


@router.post("/signout")
def leave(request: Request, posted: PostedDep) -> Response:
    """End the session; the account at the provider stays signed in there."""
    response = RedirectResponse("/signin?out=1", status_code=303)
    _real(posted.visit.desk).close(request, response, now=posted.visit.wall)
    return response


def _refused(error: str) -> SignInError:
    """Name what the provider says instead of a code (RFC 6749, section 4.1.2.1)."""
    kinds = {
        "access_denied": SignInProblem.CANCELLED,
        "server_error": SignInProblem.UNREACHABLE,
        "temporarily_unavailable": SignInProblem.UNREACHABLE,
    }
    return SignInError(kinds.get(error, SignInProblem.MISCONFIGURED), plain_code(error))


def _real(desk: PageDesk) -> ServerSessions:
    """Return the way to sign in; in a demo there is none, and these pages aren't there."""
    if isinstance(desk.sessions, ServerSessions):
        return desk.sessions
    if desk.sessions.practice:
        raise HTTPException(status_code=404)
    raise PagesShutError


def _problem(sessions: ServerSessions, error: SignInError, path: str) -> HTMLResponse:
    # Without name, address or token: the kind, and a code of ours or of the standard.
    log.warning("nobody was signed in: %s (%s)", error.problem.value, error.detail or "-")
    words = WORDS[error.problem]
    name = sessions.sign_in.provider.config.name
    return _page(
        title=words.title.format(provider=name),
        message=words.message.format(provider=name),
        button="Sign in again",
        next_path=path,
        status=words.status,
    )


def _page(
    *, title: str, message: str, button: str, next_path: str, status: int = 200
) -> HTMLResponse:
    return bare_page(
        "signin.html.j2",
        practice=False,
        status=status,
        title=title,
        message=message,
        button=button,
        start=f"/signin/start?next={quote(next_path, safe='/')}",
    )
