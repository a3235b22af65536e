"""Reading calendar feeds: by the digest of their secret, and those of one person."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from bot.store.tables import CalendarFeed, Incident, Person


def feed_by_digest(session: Session, digest: str) -> tuple[CalendarFeed, Person] | None:
    """Find a feed and its owner by the SHA-256 of its secret, revoked or not."""
    query = (
        select(CalendarFeed, Person)
        .join(Person, col(Person.id) == col(CalendarFeed.person_id))
        .where(CalendarFeed.secret_sha256 == digest)
    )
    return session.exec(query).first()


def feeds_by_person(session: Session, person: Person) -> Sequence[CalendarFeed]:
    """List all feeds that a person ever made, the newest first."""
    query = (
        select(CalendarFeed)
        .where(CalendarFeed.person_id == person.id)
        .order_by(col(CalendarFeed.id).desc())
    )
    return session.exec(query).all()


def refs_of(session: Session, incident_ids: Collection[int]) -> dict[int, str]:
    """Return the references of incidents by their row ids."""
    query = select(Incident.id, Incident.ref).where(col(Incident.id).in_(incident_ids))
    return {number: ref for number, ref in session.exec(query).all() if number is not None}
