"""Reading for pages that show many: a few questions about many incidents at once, who is known."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.domain.roles import Role
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import ClockRow, Incident, Person, RoleHolding


def next_due_of(session: Session, incident_ids: Collection[int]) -> dict[int, datetime]:
    """Return each incident's nearest deadline among the clocks that run."""
    query = (
        select(ClockRow.incident_id, func.min(ClockRow.due_at))
        .where(
            col(ClockRow.incident_id).in_(incident_ids),
            ClockRow.state == "running",
            col(ClockRow.due_at).is_not(None),
        )
        .group_by(col(ClockRow.incident_id))
    )
    found = session.exec(query).all()
    return {incident_id: due_at for incident_id, due_at in found if due_at is not None}


def overdue_of(session: Session, incident_ids: Collection[int]) -> dict[int, int]:
    """Return for each incident how many clocks have passed their deadline unmet."""
    query = (
        select(ClockRow.incident_id, func.count())
        .where(col(ClockRow.incident_id).in_(incident_ids), ClockRow.state == "missed")
        .group_by(col(ClockRow.incident_id))
    )
    return dict(session.exec(query).all())


def roles_of(
    session: Session, person: Person, incident_ids: Collection[int]
) -> dict[int, list[Role]]:
    """Return the roles that the person holds in each incident at present."""
    query = (
        select(RoleHolding.incident_id, RoleHolding.role)
        .where(
            col(RoleHolding.incident_id).in_(incident_ids),
            RoleHolding.person_id == person.id,
            col(RoleHolding.until_at).is_(None),
            col(RoleHolding.deputy).is_(False),
        )
        .order_by(col(RoleHolding.id))
    )
    found: dict[int, list[Role]] = {}
    for incident_id, role in session.exec(query).all():
        found.setdefault(incident_id, []).append(Role(role))
    return found


def known_people(session: Session) -> dict[str, str]:
    """Name everybody whom Tocsin knows by name: Slack user id → name, in the order of names."""
    query = select(Person.slack_id, Person.name).where(Person.name != "").order_by(Person.name)
    return dict(session.exec(query).all())


def last_run_by(session: Session, facilitator: Person) -> str:
    """Return the reference of the exercise that a person started last; empty if there is none."""
    query = (
        select(Incident.ref)
        .join(ExerciseRun, col(ExerciseRun.incident_id) == col(Incident.id))
        .where(ExerciseRun.facilitator_id == facilitator.id)
        .order_by(col(ExerciseRun.id).desc())
        .limit(1)
    )
    return session.exec(query).first() or ""
