"""Rows of which there may be only one, made by whoever comes first: people, counters, editions.

Two PostgreSQL transactions can miss the same row at the same time and both try to make it. The
second waits for the first at the unique key, and takes the first one's row then. On SQLite
writers come one after another, and this costs a savepoint.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.domain.notices import NoticeTemplate
from bot.store.notice_tables import TemplateEdition
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


def edition_once(session: Session, template: NoticeTemplate, *, now: datetime) -> None:
    """Keep the texts of a template, unless this edition is kept already."""
    if session.get(TemplateEdition, template.sha256) is None:
        edition = TemplateEdition(
            sha256=template.sha256,
            template_id=template.id,
            files=dict(template.texts),
            first_used_at=now,
        )
        _try_to_add(session, edition)


def _try_to_add(session: Session, row: Row) -> None:
    """Insert in a savepoint; leave it to the caller to read what is there when it fails."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return
