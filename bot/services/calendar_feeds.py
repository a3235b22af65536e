"""Calendar feeds: a secret address under which a person's calendar program reads deadlines.

Decides who may have one, what is recorded of it, what is in it, and when it stops: once revoked,
and for an incident as soon as the person may not see it any more. Only the digest of the secret is
stored. How a feed is written is `bot.documents.calendar_ics`'s.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.documents.calendar_ics import CalendarDeadline
from bot.domain.clocks import ClockKind, ClockState
from bot.domain.incident import IncidentError
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.services.board import instant_of
from bot.store.feed_queries import feed_by_digest, feeds_by_person, refs_of
from bot.store.queries import clocks_of, incidents_of, is_member
from bot.store.tables import CalendarFeed, ClockRow, Incident, Person
from bot.store.unit_of_work import Store, Tx, origin_of
from evidence_store.log import entries

SECRET_BYTES = 32
"""256 bits: nobody guesses an address."""
MAX_INCIDENTS = 500
MAX_LIVE = 20
"""Feeds that a person may have at once; each is an address that can leak."""

_MOVING = (
    "clock.started",
    "clock.waiting",
    "clock.due_changed",
    "clock.met",
    "clock.missed",
    "clock.not_applicable",
    "clock.waived",
    "clock.tolled",
    "clock.extended",
    "clock.resumed",
    "clock.overruled",
)
"""Entries after which a calendar has to take a deadline anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFeed:
    """A feed just made. The secret is nowhere else; it is shown once and forgotten."""

    number: int
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedView:
    """A feed as its owner sees it; `ref` is empty for the feed of all their incidents."""

    number: int
    ref: str
    made_at: datetime
    revoked_at: datetime | None


def make_feed(tx: Tx, person: Person, incident: Incident | None = None) -> NewFeed:
    """Make a feed of one incident, or of all that the person may see.

    It is recorded in the incident's log; that of all incidents in the log of each open one.

    Raises:
        IncidentError: the person has too many feeds.
    """
    incidents = (
        [incident] if incident else list(incidents_of(tx.session, person, limit=MAX_INCIDENTS))
    )
    for one in incidents:
        check_may(tx, one, person, Action.READ)
    live = [feed for feed in feeds_by_person(tx.session, person) if feed.revoked_at is None]
    if len(live) >= MAX_LIVE:
        raise IncidentError(f"You have {MAX_LIVE} feeds already. Revoke one that you don't use.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = CalendarFeed(
        incident_id=incident.id if incident else None,
        person_id=person.id or 0,
        secret_sha256=digest_of(secret),
        made_at=tx.now,
    )
    tx.session.add(feed)
    tx.session.flush()
    _record(tx, "calendar.feed_made", feed, incidents, person)
    return NewFeed(number=feed.id or 0, secret=secret)


def revoke_feed(tx: Tx, person: Person, number: int) -> CalendarFeed:
    """End a feed of the person's own; calendars get nothing from its address any more.

    Raises:
        IncidentError: the person has no such feed, or it is revoked already.
    """
    feed = next((one for one in feeds_by_person(tx.session, person) if one.id == number), None)
    if feed is None:
        raise IncidentError(f"You have no calendar feed {number}.")
    if feed.revoked_at is not None:
        raise IncidentError(f"Your calendar feed {number} is revoked already.")
    feed.revoked_at = tx.now
    tx.session.add(feed)
    _record(tx, "calendar.feed_revoked", feed, _incidents(tx.session, feed, person), person)
    return feed


def feeds_of(session: Session, person: Person, incident: Incident | None = None) -> list[FeedView]:
    """List the person's feeds, the newest first: of one incident, or every one of them."""
    found = [
        feed
        for feed in feeds_by_person(session, person)
        if incident is None or feed.incident_id == incident.id
    ]
    ids = [one.incident_id for one in found if one.incident_id is not None]
    refs = refs_of(session, ids)
    return [
        FeedView(
            number=feed.id or 0,
            ref=refs.get(feed.incident_id or 0, ""),
            made_at=feed.made_at,
            revoked_at=feed.revoked_at,
        )
        for feed in found
    ]


def feed_by_secret(session: Session, secret: str) -> tuple[CalendarFeed, Person] | None:
    """Find the live feed of a secret; None for one that is unknown, revoked or nobody's."""
    digest = digest_of(secret)
    found = feed_by_digest(session, digest)
    if found is None:
        return None
    feed, person = found
    if not hmac.compare_digest(feed.secret_sha256, digest) or feed.revoked_at is not None:
        return None
    return feed, person


def digest_of(secret: str) -> str:
    """Give the SHA-256 of a secret, in hexadecimal digits: what is stored of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def deadlines_of(
    session: Session, store: Store, feed: CalendarFeed, person: Person
) -> list[CalendarDeadline] | None:
    """Read what stands in a feed: the deadlines of incidents that the person may see now.

    None if the feed is of one incident, and the person isn't its member any more.
    """
    incidents = _incidents(session, feed, person)
    if feed.incident_id is not None and not incidents:
        return None
    return [one for incident in incidents for one in _deadlines(session, store, incident)]


def _incidents(session: Session, feed: CalendarFeed, person: Person) -> list[Incident]:
    if feed.incident_id is None:
        return list(incidents_of(session, person, limit=MAX_INCIDENTS))
    incident = session.get(Incident, feed.incident_id)
    return [incident] if incident and is_member(session, incident, person) else []


def _deadlines(session: Session, store: Store, incident: Incident) -> Iterator[CalendarDeadline]:
    rows = [
        row
        for row in clocks_of(session, incident)
        if row.kind == ClockKind.REGULATORY and _at(row) is not None
    ]
    if not rows:
        return
    origin = origin_of(store, incident.ref)
    turns: dict[str, list[datetime]] = {}
    for entry in entries(session.connection(), origin=origin, only=_MOVING):
        turns.setdefault(str(entry.data.get("clock")), []).append(entry.ts)
    for row in rows:
        at = _at(row)
        if at is None:
            continue
        when = turns.get(row.key) or [incident.opened_at]
        yield CalendarDeadline(
            uid=hashlib.sha256(f"{origin}#{row.key}".encode()).hexdigest()[:32],
            key=row.key,
            ref=incident.ref,
            citation=str(row.detail.get("citation", "")),
            at=at,
            embargo=row.due_at is None,
            cancelled=row.state in _OVER,
            held=row.state == ClockState.TOLLED,
            turn=len(when) - 1,
            changed_at=max(when),
        )


_OVER = {ClockState.MET, ClockState.WAIVED, ClockState.NOT_APPLICABLE}


def _at(row: ClockRow) -> datetime | None:
    """Give the instant that a calendar shows: the deadline, or the end of an embargo."""
    return row.due_at or instant_of(row.detail, "not_before")


def _record(
    tx: Tx, event: str, feed: CalendarFeed, incidents: Iterable[Incident], person: Person
) -> None:
    scope = "person" if feed.incident_id is None else "incident"
    for one in incidents:
        tx.record(one, event, actor=person.actor, data={"feed": feed.id, "of": scope})
