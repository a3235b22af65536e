"""Who looks at a page: what every way to sign in has in common, and the demo's choice of a person.

Without any way to sign in pages are shut. The demo lets a person be picked, on loopback only;
`sign_in` is the way in earnest.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "tocsin_person"
PICK_COOKIE = "tocsin_pick"
"""Before anybody is signed in: the token that the picker's form must repeat."""
CSRF_FIELD = "csrf"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class NotSignedInError(Exception):
    """Nobody is signed in; the page to go to is the door of the way to sign in."""


class PagesShutError(Exception):
    """There is no way to sign in, so that nobody may see a page."""


class BadFormError(Exception):
    """A form without our token: sent from another site, or from an old page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonPicker:
    """The people that may be picked in the demo: Slack id → name and job."""

    people: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who looks at the page, and the token that their forms must carry."""

    slack_id: str
    name: str
    csrf: str
    job: str = ""


class Identity(Protocol):
    """A way to sign in."""

    @property
    def practice(self) -> bool:
        """Whether this is a demo, where anybody may be anybody."""

    @property
    def door(self) -> str:
        """Where people sign in."""

    def visitor(self, request: Request, *, now: datetime) -> Visitor:
        """Return who looks at a page.

        Raises `PagesShutError` if there is no way to sign in, `NotSignedInError` if nobody is.
        """


class Sessions:
    """The demo's way: signs and reads a cookie that names the person; shut without a picker."""

    door = "/who"

    def __init__(self, secret_key: str, picker: PersonPicker | None) -> None:
        self._signer = URLSafeSerializer(secret_key or secrets.token_urlsafe(32), salt="person")
        self.picker = picker

    @property
    def practice(self) -> bool:
        """Whether a person may be picked."""
        return self.picker is not None

    def sign_in(self, slack_id: str) -> str:
        """Return the cookie's value for a person that may be picked; raise `KeyError` otherwise."""
        if self.picker is None:
            raise KeyError(slack_id)
        self.picker.people[slack_id]
        return str(self._signer.dumps({"id": slack_id, "csrf": secrets.token_urlsafe(16)}))

    def visitor(self, request: Request, *, now: datetime) -> Visitor:  # noqa: ARG002 - Identity's
        """Return who looks at the page.

        Raises `PagesShutError` if there is no way to sign in, `NotSignedInError` if nobody is.
        """
        if self.picker is None:
            raise PagesShutError
        try:
            kept = self._signer.loads(request.cookies.get(COOKIE, ""))
        except BadSignature as error:
            raise NotSignedInError from error
        slack_id = str(kept["id"])
        if slack_id not in self.picker.people:
            raise NotSignedInError
        name, job = self.picker.people[slack_id]
        return Visitor(slack_id=slack_id, name=name, csrf=str(kept["csrf"]), job=job)


def check_form(visitor: Visitor, form: Mapping[str, object]) -> None:
    """Raise `BadFormError` unless the form carries the visitor's token (constant-time compare)."""
    check_token(visitor.csrf, str(form.get(CSRF_FIELD, "")))


def check_token(expected: str, given: str) -> None:
    """Raise `BadFormError` unless the form's token is the one that was handed out."""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise BadFormError


def is_loopback_host(header: str) -> bool:
    """Tell whether a Host header names this computer.

    A page of another site can have its name resolve to 127.0.0.1 (DNS rebinding) and then read
    what is served there; the Host header still carries that site's name.
    """
    try:
        host = urlsplit(f"//{header}").hostname
    except ValueError:
        return False
    return host in LOOPBACK_HOSTS


def local_path(address: str) -> str:
    r"""Return the address if it is a path of our own, else the start page.

    Browsers read `//elsewhere` and `/\elsewhere` as another host, and drop control characters.
    """
    plain = all(32 < ord(one) < 127 for one in address)  # noqa: PLR2004 - printable ASCII
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if plain and ours else "/"
