"""Signing in with a provider: the cookies, and which person a token names.

Decides what a browser keeps while somebody signs in and afterwards, and whom we let in: a person
who works in our Slack workspace, and nobody else. The token itself is checked in `oidc`; how long
a session lasts stands in `bot.services.web_sessions`.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError
from bot.delivery.slack_people import Account, account_by_email, account_by_id
from bot.services.people import learn_person
from bot.services.web_sessions import LONGEST, end_session, note_use, session_of, start_session
from bot.store.messages import claim_request
from bot.store.unit_of_work import Store, reading, unit_of_work
from bot.web.oidc import Provider, Secrets, SignInError, SignInProblem
from bot.web.people import NotSignedInError, Visitor

SLACK_PERSON_CLAIM = "https://slack.com/user_id"
SLACK_TEAM_CLAIM = "https://slack.com/team_id"
BY_EMAIL = "email"
BEGUN_FOR = timedelta(minutes=10)
"""How long somebody may take at the provider."""
SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
ASKS_BY_ITSELF = "/pulse"
"""Ends the paths that an open page asks for by itself; they don't count as use of a session."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """The provider, and how an account there becomes a person in our workspace."""

    provider: Provider
    slack: SlackGateway
    person_claim: str
    team: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A sign-in under way, as the browser keeps it in a signed cookie."""

    secrets: Secrets = field(repr=False)
    next: str


class ServerSessions:
    """Who looks, by a session that is kept in the database; the cookie holds its id only."""

    practice = False
    door = "/signin"

    def __init__(self, store: Store, sign_in: SignIn, *, secret_key: str, is_secure: bool) -> None:
        self.sign_in = sign_in
        self._store = store
        self._is_secure = is_secure
        self._signer = URLSafeSerializer(
            secret_key,
            salt="sign-in",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
        # A browser lets no other host, not even a neighbour under the same domain, set these.
        self.prefix = "__Host-" if is_secure else ""
        self.cookie = f"{self.prefix}tocsin_session"

    def visitor(self, request: Request, *, now: datetime) -> Visitor:
        """Return who looks at a page; raise `NotSignedInError` if nobody is signed in."""
        session_id = request.cookies.get(self.cookie, "")
        with reading(self._store) as session:
            found = session_of(session, session_id, now=now) if session_id else None
            if found is None:
                raise NotSignedInError
            slack_id, name = found.person.slack_id, found.person.name
        if found.unnoted and not request.url.path.endswith(ASKS_BY_ITSELF):
            with unit_of_work(self._store, now=now) as tx:
                note_use(tx, session_id)
        return Visitor(slack_id=slack_id, name=name or slack_id, csrf=_csrf_of(session_id))

    def begin(self, response: Response, *, next_path: str, now: datetime) -> Secrets:
        """Make the secrets of a sign-in and have the browser keep them.

        Each has a cookie of its own, so that several tabs may sign in at once.
        """
        made = Secrets(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
        )
        kept = [made.state, made.nonce, made.verifier, next_path, int(now.timestamp())]
        self._set(
            response, self._begun_cookie(made.state), str(self._signer.dumps(kept)), BEGUN_FOR
        )
        return made

    def begun(self, request: Request, state: str, *, now: datetime) -> Begun:
        """Return the sign-in that an answer belongs to; it counts once, and in its own browser."""
        try:
            kept = self._signer.loads(request.cookies.get(self._begun_cookie(state), ""))
        except BadSignature:
            raise SignInError(SignInProblem.NOT_BEGUN, "state") from None
        known, nonce, verifier, next_path, at = kept
        if not hmac.compare_digest(str(known).encode(), state.encode()):
            raise SignInError(SignInProblem.NOT_BEGUN, "state")
        begun_at = datetime.fromtimestamp(at, UTC)
        if not begun_at - timedelta(minutes=1) <= now < begun_at + BEGUN_FOR:
            raise SignInError(SignInProblem.NOT_BEGUN, "too late")
        if not claim_request(self._store, f"signin/{_sha256(state)}", now=now):
            raise SignInError(SignInProblem.NOT_BEGUN, "state used")
        found = Secrets(state=state, nonce=nonce, verifier=verifier)
        return Begun(secrets=found, next=next_path)

    def open(self, request: Request, response: Response, who: Account, *, now: datetime) -> None:
        """Begin a session under a new id, and end the one that this browser had."""
        with unit_of_work(self._store, now=now) as tx:
            end_session(tx, request.cookies.get(self.cookie, ""))
            person = learn_person(tx, who.slack_id, name=who.name, zone=who.zone)
            session_id = start_session(tx, person)
        self._set(response, self.cookie, session_id, LONGEST)

    def close(self, request: Request, response: Response, *, now: datetime) -> None:
        """End this browser's session."""
        with unit_of_work(self._store, now=now) as tx:
            end_session(tx, request.cookies.get(self.cookie, ""))
        self._drop(response, self.cookie)

    def forget(self, response: Response, state: str) -> None:
        """Drop the cookie of a sign-in that is over."""
        self._drop(response, self._begun_cookie(state))

    def _begun_cookie(self, state: str) -> str:
        return f"{self.prefix}tocsin_signin_{_sha256(state)[:12]}"

    def _set(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        # Lax: a link in Slack leads here from another site. Forms carry a token besides.
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(
            name, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )


def who_is(sign_in: SignIn, claims: Mapping[str, Any]) -> Account:
    """Return the account in our workspace that a token names.

    Raises `SignInError` if there is none: another workspace, an address that nobody confirmed, an
    account that was deactivated, or one that Slack doesn't know.
    """
    claim = sign_in.person_claim
    value = claims.get(claim)
    if claim == SLACK_PERSON_CLAIM and claims.get(SLACK_TEAM_CLAIM) != sign_in.team:
        raise SignInError(SignInProblem.OTHER_WORKSPACE)
    if not isinstance(value, str) or not value:
        raise SignInError(SignInProblem.MISCONFIGURED, "person claim")
    if claim == BY_EMAIL and claims.get("email_verified") is not True:
        raise SignInError(SignInProblem.EMAIL_UNCONFIRMED)
    if claim != BY_EMAIL and not SLACK_ID.fullmatch(value):
        raise SignInError(SignInProblem.UNKNOWN_PERSON, "not a Slack id")
    account = _ask_slack(sign_in, value)
    if account is None or not account.works:
        raise SignInError(SignInProblem.UNKNOWN_PERSON)
    if claim != SLACK_PERSON_CLAIM and sign_in.team not in account.teams:
        raise SignInError(SignInProblem.OTHER_WORKSPACE)
    return account


def _ask_slack(sign_in: SignIn, value: str) -> Account | None:
    find = account_by_email if sign_in.person_claim == BY_EMAIL else account_by_id
    try:
        return find(sign_in.slack, value)
    except SlackUnavailableError:
        raise SignInError(SignInProblem.UNREACHABLE, "slack") from None
    except SlackRefusedError as error:
        raise SignInError(SignInProblem.MISCONFIGURED, error.code) from None


def _csrf_of(session_id: str) -> str:
    """Derive the token of a session's forms; it tells nothing of the id."""
    made = hmac.new(session_id.encode(), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
