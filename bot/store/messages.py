"""The book of our own Slack messages and of deliveries seen: what makes repeats harmless.

Small transactions of their own: the mark "about to post" must be there even if the post fails.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bot.store.engine import writing_session
from bot.store.tables import InboundDelivery, SlackMessage
from bot.store.unit_of_work import Store, reading


def posted(store: Store, key: str) -> SlackMessage | None:
    """Return what is known of the message with this key; without `ts` it was only tried."""
    with reading(store) as session:
        return session.get(SlackMessage, key)


def first_try(store: Store, key: str, *, channel: str, now: datetime) -> None:
    """Write down that we are about to post, unless that stands there already."""
    with writing_session(store.engine) as session:
        if session.get(SlackMessage, key) is None:
            session.add(SlackMessage(key=key, channel=channel, tried_at=now))
            session.commit()


def note_posted(store: Store, key: str, *, ts: str, digest: str) -> None:
    """Write down where the message stands."""
    with writing_session(store.engine) as session:
        note_posted_with(session, key, ts=ts, digest=digest)
        session.commit()


def note_posted_with(session: Session, key: str, *, ts: str, digest: str) -> None:
    """Write down where the message stands, in the transaction that records it."""
    message = session.get_one(SlackMessage, key)
    message.ts = ts
    message.digest = digest
    session.add(message)


def note_updated(store: Store, key: str, *, digest: str) -> None:
    """Write down what the message says now."""
    with writing_session(store.engine) as session:
        message = session.get_one(SlackMessage, key)
        message.digest = digest
        session.add(message)
        session.commit()


def forget_deliveries(store: Store, *, now: datetime, older_than: timedelta) -> None:
    """Delete delivery keys that Slack can't repeat any more."""
    with writing_session(store.engine) as session:
        session.execute(
            delete(InboundDelivery).where(col(InboundDelivery.seen_at) < now - older_than)
        )
        session.commit()


def claim_request(store: Store, key: str, *, now: datetime) -> bool:
    """Take a signed request once; False if it was taken before."""
    with writing_session(store.engine) as session:
        session.add(InboundDelivery(key=key, seen_at=now))
        try:
            session.commit()
        except IntegrityError:
            return False
    return True
