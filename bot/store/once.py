"""Rows of which there may be only one, made by whoever comes first: people and counters.

Two PostgreSQL transactions can miss the same row at the same time and both try to make it. The
second waits for the first at the unique key, and takes the first one's row then. On SQLite
writers come one after another, and this costs a savepoint.
"""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.store.queries import person_by_slack_id
from bot.store.row import Row
from bot.store.tables import Counter, Person


def person_once(session: Session, slack_id: str, *, new_actor: Callable[[], str]) -> Person:
    """Return the person with this Slack user id, made with `new_actor()` on first sight."""
    found = person_by_slack_id(session, slack_id)
    if found is None:
        _try_to_add(session, Person(actor=new_actor(), slack_id=slack_id))
        found = person_by_slack_id(session, slack_id)
    if found is None:
        raise LookupError(f"{slack_id} was neither found nor made; try again")
    return found


def next_value(session: Session, name: str) -> int:
    """Count on; the counter is locked until the transaction ends, so that no number is lost."""
    if session.get(Counter, name) is None:
        _try_to_add(session, Counter(name=name, value=0))
    counter = session.get_one(Counter, name, with_for_update=True, populate_existing=True)
    counter.value += 1
    session.add(counter)
    return counter.value


def _try_to_add(session: Session, row: Row) -> None:
    """Insert in a savepoint; leave it to the caller to read what is there when it fails."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return
