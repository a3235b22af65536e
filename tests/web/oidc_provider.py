"""An OpenID Connect provider on loopback, as strict as a real one.

A code counts once, for one redirect address, and only with the PKCE verifier that fits its
challenge. `twist` lets a test have it lie, as an attacker or a broken provider would.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "tocsin-client"
CLIENT_SECRET = "tocsin-client-secret-x7"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A code that was given out, and what it is bound to."""

    challenge: str
    nonce: str
    redirect_uri: str
    claims: Json


@dataclass(kw_only=True)
class Twist:
    """How the next token differs from an honest one."""

    claims: Json = field(default_factory=dict)
    """Replaces claims; None takes one out."""
    header: Json = field(default_factory=dict)
    key: Any = None
    by_hand: Callable[[bytes], bytes] | None = None
    """Signs by hand, where no library would: the header says what it pretends to be."""
    no_id_token: bool = False


@dataclass
class OidcProvider:
    """The provider. `person` are the claims of who is signed in there; None: they press Cancel."""

    clock: Callable[[], datetime]
    url: str = ""
    redirect_uris: set[str] = field(default_factory=set)
    person: Json | None = None
    asks: bool = False
    down: bool = False
    names_itself: bool = False
    twist: Twist = field(default_factory=Twist)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    metadata: Json = field(default_factory=dict)
    codes: dict[str, Issued] = field(default_factory=dict)
    asked_for: list[Json] = field(default_factory=list)
    """Queries of /authorize."""
    token_requests: list[Json] = field(default_factory=list)
    given_out: list[str] = field(default_factory=list)
    """Every code and token, so that a test can look for them where they mustn't be."""
    key_requests: int = 0

    def reset(self) -> None:
        """Be honest again."""
        self.person, self.asks, self.down, self.names_itself = None, False, False, False
        self.twist, self.metadata = Twist(), {}
        for kept in (self.asked_for, self.token_requests, self.given_out):
            kept.clear()

    def app(self) -> FastAPI:
        """Return the provider as an application."""
        web = FastAPI()
        web.add_api_route("/.well-known/openid-configuration", self.discovery)
        web.add_api_route("/authorize", self.authorize)
        web.add_api_route("/token", self.token, methods=["POST"])
        web.add_api_route("/keys", self.keys)

        @web.middleware("http")
        async def down(request: Request, call_next: Any) -> Response:
            if self.down:
                return JSONResponse({"error": "temporarily_unavailable"}, 503)
            answer: Response = await call_next(request)
            return answer

        return web

    def discovery(self) -> Json:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            **self.metadata,
        }

    def keys(self) -> Json:
        self.key_requests += 1
        encryption = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
        return {
            "keys": [
                self.key.as_dict(private=False) | {"use": "sig"},
                encryption.as_dict(private=False),
                {"kty": "new", "kid": "not known yet"},
            ]
        }

    def authorize(self, request: Request) -> Response:
        """Check the request as the standard asks; then the person says yes or no."""
        asked = dict(request.query_params)
        self.asked_for.append(asked)
        if asked.get("client_id") != CLIENT_ID or asked["redirect_uri"] not in self.redirect_uris:
            return HTMLResponse("unknown client or redirect address", 400)
        right = (
            asked.get("response_type") == "code"
            and "openid" in asked.get("scope", "").split()
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and asked.get("nonce")
        )
        answer = {"state": asked.get("state", "")}
        if self.names_itself:
            answer["iss"] = self.url
        if not right:
            answer["error"] = "invalid_request"
        elif self.person is None:
            answer["error"] = "access_denied"
        else:
            answer["code"] = self._code(asked)
        back = f"{asked['redirect_uri']}?{urlencode(answer)}"
        if self.asks:
            head = '<!DOCTYPE html><title>Provider</title><link rel="icon" href="data:,">'
            return HTMLResponse(f'{head}<a href="{back.replace("&", "&amp;")}">Allow</a>')
        return RedirectResponse(back, 302)

    def _code(self, asked: Json) -> str:
        code = secrets.token_urlsafe(24)
        self.given_out.append(code)
        self.codes[code] = Issued(
            challenge=asked["code_challenge"],
            nonce=asked["nonce"],
            redirect_uri=asked["redirect_uri"],
            claims=dict(self.person or {}),
        )
        return code

    async def token(self, request: Request) -> JSONResponse:
        """Exchange a code, once."""
        form = {name: one[-1] for name, one in parse_qs((await request.body()).decode()).items()}
        self.token_requests.append(form)
        both = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        basic = request.headers.get("authorization") == f"Basic {both}"
        posted = form.get("client_id") == CLIENT_ID and form.get("client_secret") == CLIENT_SECRET
        if not (basic or posted):
            return JSONResponse({"error": "invalid_client"}, 401)
        issued = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        if (
            issued is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != issued.redirect_uri
            or half(hashlib.sha256(verifier.encode()).digest()) != issued.challenge
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(self._tokens(issued))

    def _tokens(self, issued: Issued) -> Json:
        access = secrets.token_urlsafe(24)
        made: Json = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        if not self.twist.no_id_token:
            made["id_token"] = self._id_token(issued, access)
        self.given_out += [access, made.get("id_token", access)]
        return made

    def _id_token(self, issued: Issued, access: str) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "provider-subject-41",
            "iat": now,
            "exp": now + 300,
            "nonce": issued.nonce,
            "at_hash": half(hashlib.sha256(access.encode()).digest()[:16]),
            **issued.claims,
            **self.twist.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid, **self.twist.header}
        if self.twist.by_hand:
            signed = f"{half(json.dumps(header).encode())}.{half(json.dumps(claims).encode())}"
            return f"{signed}.{half(self.twist.by_hand(signed.encode()))}"
        return jwt.encode(header, claims, self.twist.key or self.key, algorithms=["RS256"])

    def change_key(self, kid: str) -> None:
        """Sign with a new key from now on and publish only that."""
        self.key = RSAKey.generate_key(2048, {"kid": kid})

    def unsigned(self) -> Twist:
        """A token that says it needs no signature."""
        return Twist(header={"alg": "none"}, by_hand=lambda _: b"")

    def signed_with_public_key(self) -> Twist:
        """A token signed by HMAC with what everybody has: the public key's PEM as the secret."""
        pem = self.key.as_pem(private=False)
        return Twist(
            header={"alg": "HS256"},
            by_hand=lambda said: hmac.new(pem, said, hashlib.sha256).digest(),
        )


def half(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def honest(**more: Any) -> Twist:
    """A twist of claims only."""
    return replace(Twist(), claims=more)
