"""Links to a download that are meant for one person and for a quarter of an hour.

Decides what a link says and whether it still counts. It opens nothing by itself: the person has to
be signed in, and what they may take is asked when they take it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.notice_access import check_readable
from bot.services.notices import find_notice
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

GOOD_FOR = timedelta(minutes=15)
NOTICE = "notice"
"""The PDF of a notice; the only kind there is."""


class LinkExpiredError(IncidentError):
    """The link was good once."""


class BadLinkError(Exception):
    """The link isn't one of ours, or something in it was changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalLink:
    """What may be fetched, and by whom: `actor` is the person's pseudonym in the log."""

    kind: str
    ref: str
    number: int
    actor: str


class LinkSigner:
    """Makes and reads links with the secret key; without one they end with the process."""

    def __init__(self, secret_key: str) -> None:
        self._signer = URLSafeSerializer(
            secret_key or secrets.token_urlsafe(32),
            salt="personal-link",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def token(self, link: PersonalLink, *, now: datetime) -> str:
        """Return the last part of the link's address."""
        until = int((now + GOOD_FOR).timestamp())
        return str(self._signer.dumps([link.kind, link.ref, link.number, link.actor, until]))

    def read(self, token: str, *, now: datetime) -> PersonalLink:
        """Return what a link is for.

        Raises `BadLinkError` for one that we didn't sign, `LinkExpiredError` after its time.
        """
        try:
            kind, ref, number, actor, until = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError) as error:
            raise BadLinkError from error
        if now.timestamp() >= until:
            raise LinkExpiredError(
                f"This link was good for {words_of(GOOD_FOR)} and has expired. Type "
                f"`/incident notice link {number}` in the incident's channel for a new one."
            )
        return PersonalLink(kind=kind, ref=ref, number=number, actor=actor)


def link_to_notice(tx: Tx, incident: Incident, number: int, *, actor: Person) -> PersonalLink:
    """Return a link to a notice's PDF for somebody who may take it now."""
    check_may(tx, incident, actor, Action.DOWNLOAD_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    return PersonalLink(kind=NOTICE, ref=incident.ref, number=number, actor=actor.actor)


def words_of(span: timedelta) -> str:
    """Say a span in minutes."""
    return f"{int(span.total_seconds() // 60)} minutes"
