"""Sessions of the pages: begun at sign-in, looked up at every page, ended at sign-out.

Decides how long one lasts. Who may begin one is decided by `bot.web.sign_in`. A session says who
looks and nothing else: what they may see is asked anew for each incident.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.store.session_tables import WebSession
from bot.store.tables import Person
from bot.store.unit_of_work import Tx

IDLE = timedelta(hours=8)
"""A session ends when nobody used it for so long."""
LONGEST = timedelta(hours=24)
"""A session ends so long after the sign-in, however much it is used."""
SEEN_AGAIN = timedelta(minutes=1)
"""Use is written down at most once in this time, so that reading a page seldom writes."""
KEPT = timedelta(days=30)
"""How long rows of ended sessions stay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A session that holds. `unnoted`: its last use was written down a while ago."""

    person: Person
    unnoted: bool


def start_session(tx: Tx, person: Person) -> str:
    """Begin a session and return its id, which only the person's browser keeps."""
    tx.session.flush()
    tx.session.execute(delete(WebSession).where(col(WebSession.started_at) < tx.now - KEPT))
    session_id = secrets.token_urlsafe(32)
    row = WebSession(
        id_sha256=_digest(session_id),
        person_id=person.id or 0,
        started_at=tx.now,
        last_seen_at=tx.now,
    )
    tx.session.add(row)
    return session_id


def end_session(tx: Tx, session_id: str) -> None:
    """End a session; one that has ended or never was stays so."""
    row = tx.session.get(WebSession, _digest(session_id))
    if row is not None and row.ended_at is None:
        row.ended_at = tx.now
        tx.session.add(row)


def end_sessions(tx: Tx, slack_id: str = "") -> int:
    """End the sessions of a person, or without one everybody's; return how many there were.

    Those that ran out by themselves are counted too.
    """
    open_ones = select(WebSession).where(col(WebSession.ended_at).is_(None))
    if slack_id:
        open_ones = open_ones.join(Person, col(Person.id) == WebSession.person_id).where(
            Person.slack_id == slack_id
        )
    rows = tx.session.exec(open_ones).all()
    for row in rows:
        row.ended_at = tx.now
        tx.session.add(row)
    return len(rows)


def session_of(session: Session, session_id: str, *, now: datetime) -> Found | None:
    """Return whose session this is, None if there is none or it has ended by `now`."""
    row = session.get(WebSession, _digest(session_id))
    if row is None or row.ended_at is not None:
        return None
    if now >= row.started_at + LONGEST or now >= row.last_seen_at + IDLE:
        return None
    person = session.get_one(Person, row.person_id)
    return Found(person=person, unnoted=now >= row.last_seen_at + SEEN_AGAIN)


def note_use(tx: Tx, session_id: str) -> None:
    """Write down that a session is in use."""
    row = tx.session.get(WebSession, _digest(session_id))
    if row is not None and row.last_seen_at < tx.now:
        row.last_seen_at = tx.now
        tx.session.add(row)


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
