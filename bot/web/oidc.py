"""The provider that people sign in with: OpenID Connect, by Authlib.

Decides where a browser is sent, what of the answer is believed, and how each failure is named. An
ID token counts only if it is signed by a key of the provider's, by an asymmetric method, and if
issuer, audience, times and nonce are ours (OpenID Connect Core 1.0, section 3.1.3.7). Which person
a token names is decided in `sign_in`, what stands on the pages in `pages.signin`.
"""

import logging
import re
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

BACK = "/signin/back"
"""Where the provider sends people back to, under our own address."""
SLACK_ISSUER = "https://slack.com"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with a private key. `none` and HS256 are not among them: their key would be no secret."""
TIMEOUT = httpx.Timeout(5.0)
KEPT = timedelta(hours=1)
"""How long addresses and keys are believed; a key that was taken back is gone after this."""
ASK_AGAIN = timedelta(minutes=1)
"""A key that we don't know makes us ask for the keys again, but not more often than this."""
LEEWAY_S = 60
"""By how much the provider's clock and ours may differ."""
PAUSE = timedelta(seconds=5)
"""Who comes so shortly after a failure gets the same answer, without waiting for it again."""
MAX_ANSWER = 1 << 20
USED = frozenset({"invalid_grant", "invalid_code", "code_already_used"})
"""A code that counts no more; the last two are Slack's own words for it."""
_FAILED = (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError)


class SignInProblem(StrEnum):
    """Why somebody isn't signed in; `pages.signin` has the words."""

    NOT_BEGUN = "not_begun"
    CANCELLED = "cancelled"
    UNREACHABLE = "unreachable"
    MISCONFIGURED = "misconfigured"
    NOT_BELIEVED = "not_believed"
    CLOCKS_DIFFER = "clocks_differ"
    OTHER_WORKSPACE = "other_workspace"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    UNKNOWN_PERSON = "unknown_person"


class SignInError(Exception):
    """Somebody isn't signed in. `detail` is for the log: a code of ours or of the standard."""

    def __init__(self, problem: SignInProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderConfig:
    """What is agreed with the provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scope: str = "openid"
    team: str = ""
    """Only Slack understands it: the workspace that it should offer."""

    @property
    def is_slack(self) -> bool:
        """Whether this is Sign in with Slack itself."""
        return self.issuer == SLACK_ISSUER

    @property
    def pkce(self) -> bool:
        """Whether the code is bound to the browser by PKCE (RFC 7636) too.

        Not with Slack: there PKCE is a switch that makes an app a public client for good
        (https://docs.slack.dev/authentication/using-pkce), and ours is a confidential one with a
        bot token. The code stays bound by our secret, by `state` and by the nonce, which RFC 9700
        section 2.1.1 allows instead.
        """
        return not self.is_slack

    @property
    def name(self) -> str:
        """How the provider is called on a page."""
        return "Slack" if self.is_slack else urlsplit(self.issuer).hostname or self.issuer


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """What ties an answer to the browser that began: made new for every sign-in."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    metadata: Mapping[str, Any]
    keys: KeySet
    read_at: datetime

    @property
    def issuer(self) -> str:
        """The issuer as it writes itself: some end in a slash."""
        return str(self.metadata["issuer"])


class Provider:
    """A provider, with its addresses and keys kept for a while. Safe to use from threads."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._failed: tuple[datetime, SignInError] | None = None

    def address(self, secrets: Secrets, *, now: datetime) -> str:
        """Return the address that the browser is sent to."""
        known = self._ask(now)
        more = {"team": self.config.team} if self.config.is_slack and self.config.team else {}
        with self._http() as http:
            url, _ = self._client(http).create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=secrets.state,
                nonce=secrets.nonce,
                code_verifier=secrets.verifier if self.config.pkce else None,
                **more,
            )
        return str(url)

    def check_sender(self, iss: str, *, now: datetime) -> None:
        """Refuse an answer that names another provider, or none where it has to (RFC 9207)."""
        known = self._ask(now)
        named = bool(known.metadata.get("authorization_response_iss_parameter_supported"))
        if iss != known.issuer and (iss or named):
            raise SignInError(SignInProblem.NOT_BELIEVED, "iss")

    def claims(self, code: str, secrets: Secrets, *, now: datetime) -> Mapping[str, Any]:
        """Exchange a code for the claims about a person; raise `SignInError` if they don't hold."""
        known = self._ask(now)
        token = self._exchange(code, secrets, known)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise SignInError(SignInProblem.NOT_BELIEVED, "no id_token")
        try:
            found = self._signed(id_token, now)
            checked = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": known.issuer},
                    "aud": {"essential": True, "value": self.config.client_id},
                    "nonce": {"essential": True, "value": secrets.nonce},
                },
                {
                    "client_id": self.config.client_id,
                    "nonce": secrets.nonce,
                    "access_token": token.get("access_token"),
                },
            )
            checked.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        except ExpiredTokenError:
            raise SignInError(SignInProblem.CLOCKS_DIFFER, "exp") from None
        except ClaimError as error:
            late = error.claim in {"iat", "nbf"}
            problem = SignInProblem.CLOCKS_DIFFER if late else SignInProblem.NOT_BELIEVED
            raise SignInError(problem, error.claim) from None
        except (JoseError, ValueError, TypeError) as error:
            raise SignInError(SignInProblem.NOT_BELIEVED, type(error).__name__) from None
        return dict(checked)

    def check(self, *, now: datetime) -> None:
        """Ask the provider for addresses and keys; raise `SignInError` if they can't be used."""
        self._ask(now)

    def _client(self, http: httpx.Client) -> OAuth2Client:
        return OAuth2Client(
            http,
            client_id=self.config.client_id,
            client_secret=self.config.client_secret,
            scope=self.config.scope,
            redirect_uri=self.config.redirect_uri,
            code_challenge_method="S256" if self.config.pkce else None,
        )

    def _exchange(self, code: str, secrets: Secrets, known: _Known) -> Mapping[str, Any]:
        # RFC 8414: what isn't listed is client_secret_basic.
        methods = known.metadata.get("token_endpoint_auth_methods_supported", [])
        basic = not methods or "client_secret_basic" in methods
        ours = httpx.BasicAuth(self.config.client_id, self.config.client_secret)
        form = {} if basic else {"client_id": self.config.client_id}
        if not basic:
            form["client_secret"] = self.config.client_secret
        if self.config.pkce:
            form["code_verifier"] = secrets.verifier
        url = known.metadata["token_endpoint"]
        try:
            with self._http() as http:
                auth = ours if basic else httpx.Auth()
                return dict(self._client(http).fetch_token(url, code=code, auth=auth, **form))
        except OAuth2Error as error:
            problem = (
                SignInProblem.NOT_BEGUN if error.error in USED else SignInProblem.MISCONFIGURED
            )
            raise SignInError(problem, plain_code(error.error)) from None
        except _FAILED as error:
            raise SignInError(SignInProblem.UNREACHABLE, type(error).__name__) from None

    def _signed(self, id_token: str, now: datetime) -> jwt.Token:
        """Check the signature; a key that we don't know may be new, so the keys are read again."""
        known = self._ask(now)
        rules = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, known.keys, registry=rules)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self._ask(now, again=True).keys, registry=rules)

    def _ask(self, now: datetime, *, again: bool = False) -> _Known:
        with self._lock:
            known = self._known
            lasts = ASK_AGAIN if again else KEPT
            # A clock that was put back makes them stale too.
            if known is not None and timedelta(0) <= now - known.read_at < lasts:
                return known
            if self._failed is not None and now < self._failed[0] + PAUSE:
                raise SignInError(self._failed[1].problem, self._failed[1].detail)
            try:
                self._known = known = self._read(now)
            except SignInError as error:
                self._failed = (now, error)
                raise
            return known

    def _read(self, now: datetime) -> _Known:
        try:
            with self._http() as http:
                metadata = _json(http, f"{self.config.issuer}/.well-known/openid-configuration")
                # Section 4.3 of OpenID Connect Discovery: else another provider could speak for it.
                if str(metadata["issuer"]).rstrip("/") != self.config.issuer:
                    raise SignInError(SignInProblem.MISCONFIGURED, "issuer")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    self._check_address(str(metadata[name]))
                keys = _signing_keys(_json(http, metadata["jwks_uri"])["keys"])
        except _FAILED as error:
            raise SignInError(SignInProblem.UNREACHABLE, type(error).__name__) from None
        return _Known(metadata=metadata, keys=keys, read_at=now)

    def _check_address(self, url: str) -> None:
        if urlsplit(url).scheme != urlsplit(self.config.issuer).scheme:
            raise SignInError(SignInProblem.MISCONFIGURED, "not https")

    def _http(self) -> httpx.Client:
        # At INFO httpx writes every address into the log.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        return httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=_tls())


def _signing_keys(keys: list[dict[str, Any]]) -> KeySet:
    """Keep the public keys for signatures that we can read; a provider may publish others too."""
    kept = []
    for one in keys:
        if one.get("use", "sig") != "sig" or one.get("kty") not in {"RSA", "EC"}:
            continue
        try:
            kept.append(KeySet.import_key_set({"keys": [one]}).keys[0])
        except (JoseError, ValueError):
            continue
    if not kept:
        raise SignInError(SignInProblem.MISCONFIGURED, "no keys")
    return KeySet(kept)


def _json(http: httpx.Client, url: str) -> dict[str, Any]:
    with http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        answer.raise_for_status()
        body = b""
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > MAX_ANSWER:
                raise ValueError("the answer is too large")
    found = httpx.Response(200, content=body).json()
    if not isinstance(found, dict):
        raise TypeError("the answer isn't an object")
    return found


def plain_code(code: object) -> str:
    """Reduce what a provider calls an error to a word that may stand in a log."""
    return re.sub(r"[^a-z_]", "", str(code).lower())[:40] or "unnamed"


@cache
def _tls() -> ssl.SSLContext:
    """Load the certificates once: it takes longer than a sign-in."""
    return httpx.create_ssl_context()
