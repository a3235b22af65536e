"""Who looks at a page: a signed cookie names the person; without a login provider pages are shut.

The demo lets a person be picked, on loopback only. A login provider comes as another `Identity`.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "tocsin_person"
CSRF_FIELD = "csrf"


class NotSignedInError(Exception):
    """Nobody is signed in; the page to go to is `/who`."""


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


class Sessions:
    """Signs and reads the cookie."""

    def __init__(self, secret_key: str, picker: PersonPicker | None) -> None:
        self._signer = URLSafeSerializer(secret_key or secrets.token_urlsafe(32), salt="person")
        self.picker = picker

    def sign_in(self, slack_id: str) -> str:
        """Return the cookie's value for a person that may be picked; raise `KeyError` otherwise."""
        if self.picker is None:
            raise KeyError(slack_id)
        self.picker.people[slack_id]
        return str(self._signer.dumps({"id": slack_id, "csrf": secrets.token_urlsafe(16)}))

    def visitor(self, request: Request) -> Visitor:
        """Return who looks at the page; raise `NotSignedInError` if nobody is signed in."""
        try:
            kept = self._signer.loads(request.cookies.get(COOKIE, ""))
        except BadSignature as error:
            raise NotSignedInError from error
        people = self.picker.people if self.picker else {}
        slack_id = str(kept["id"])
        if slack_id not in people:
            raise NotSignedInError
        return Visitor(slack_id=slack_id, name=people[slack_id][0], csrf=str(kept["csrf"]))


def check_form(visitor: Visitor, form: Mapping[str, object]) -> None:
    """Raise `BadFormError` unless the form carries the visitor's token (constant-time compare)."""
    if not hmac.compare_digest(str(form.get(CSRF_FIELD, "")), visitor.csrf):
        raise BadFormError
