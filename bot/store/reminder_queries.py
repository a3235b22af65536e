"""Reading reminders: what is due, what was told, what waits for an acknowledgement.

The tick asks all of them, so each is answered by an index and costs with what is due, never with
the number of clocks.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import ClockRow, Incident, ReminderRow

Reminded = Sequence[tuple[ReminderRow, ClockRow]]


def incidents_with_reminders_due(session: Session, now: datetime) -> Sequence[int]:
    """List the ids of live incidents in which a reminder is to be fired or escalated at `now`.

    An exercise has a time of its own: `has_reminders_due` is asked of each that goes on.
    """
    exercises = set(session.exec(select(ExerciseRun.incident_id)).all())
    due = (
        select(ReminderRow.incident_id)
        .where(col(ReminderRow.fired_at).is_(None), ReminderRow.at <= now)
        .distinct()
    )
    silent = select(ReminderRow.incident_id).where(col(ReminderRow.escalate_at) <= now).distinct()
    return sorted({*session.exec(due).all(), *session.exec(silent).all()} - exercises)


def has_reminders_due(session: Session, incident_id: int, now: datetime) -> bool:
    """Tell whether a reminder of one incident is to be fired or escalated at its time `now`."""
    of_it = ReminderRow.incident_id == incident_id
    due = (col(ReminderRow.fired_at).is_(None)) & (col(ReminderRow.at) <= now)
    silent = col(ReminderRow.escalate_at) <= now
    query = select(ReminderRow.id).where(of_it, due | silent).limit(1)
    return session.exec(query).first() is not None


def reminders_of(session: Session, clock: ClockRow) -> Sequence[ReminderRow]:
    """List a clock's planned and fired reminders in time order."""
    return reminders_of_clocks(session, [clock.id or 0])


def reminders_of_clocks(session: Session, clock_ids: Collection[int]) -> Sequence[ReminderRow]:
    """List the planned and fired reminders of some clocks in time order."""
    query = (
        select(ReminderRow)
        .where(col(ReminderRow.clock_id).in_(clock_ids))
        .order_by(col(ReminderRow.at), col(ReminderRow.id))
    )
    return session.exec(query).all()


def clocks_with_reminders_due(
    session: Session, incident: Incident, now: datetime
) -> Sequence[ClockRow]:
    """List the clocks of which a reminder is to be fired at `now`."""
    due = select(ReminderRow.clock_id).where(
        ReminderRow.incident_id == incident.id,
        col(ReminderRow.fired_at).is_(None),
        ReminderRow.at <= now,
    )
    query = (
        select(ClockRow)
        .where(col(ClockRow.id).in_(due))
        .order_by(col(ClockRow.due_at).is_(None), col(ClockRow.due_at), col(ClockRow.id))
    )
    return session.exec(query).all()


def reminders_between(
    session: Session, incident: Incident, after: datetime, before: datetime
) -> Reminded:
    """List what is planned after one instant and before another, with its clock."""
    query = (
        select(ReminderRow, ClockRow)
        .join(ClockRow, col(ClockRow.id) == col(ReminderRow.clock_id))
        .where(
            ReminderRow.incident_id == incident.id,
            col(ReminderRow.fired_at).is_(None),
            ReminderRow.at > after,
            ReminderRow.at < before,
        )
        .order_by(col(ReminderRow.at), col(ReminderRow.id))
    )
    return session.exec(query).all()


def unanswered(session: Session, incident: Incident, now: datetime) -> Reminded:
    """List what nobody has acknowledged in time, with its clock, the nearest deadline first."""
    query = (
        select(ReminderRow, ClockRow)
        .join(ClockRow, col(ClockRow.id) == col(ReminderRow.clock_id))
        .where(ReminderRow.incident_id == incident.id, col(ReminderRow.escalate_at) <= now)
        .order_by(col(ClockRow.due_at), col(ClockRow.id))
    )
    return session.exec(query).all()


def told_by_ids(
    session: Session, incident: Incident, ids: Collection[int]
) -> Sequence[ReminderRow]:
    """List those of the reminders with these row ids that were told in the incident."""
    query = select(ReminderRow).where(
        ReminderRow.incident_id == incident.id,
        col(ReminderRow.id).in_(ids),
        col(ReminderRow.fired_at).is_not(None),
    )
    return session.exec(query).all()


def told_until(session: Session, incident: Incident, until: datetime) -> Sequence[ReminderRow]:
    """List what was told in the incident up to an instant."""
    query = select(ReminderRow).where(
        ReminderRow.incident_id == incident.id,
        col(ReminderRow.fired_at) <= until,
        col(ReminderRow.outcome).in_(["fired", "together", "digest"]),
    )
    return session.exec(query).all()


def clocks_by_id(session: Session, clock_ids: Collection[int]) -> dict[int, ClockRow]:
    """Return clocks by row id, the nearest deadline first."""
    query = (
        select(ClockRow)
        .where(col(ClockRow.id).in_(clock_ids))
        .order_by(col(ClockRow.due_at).is_(None), col(ClockRow.due_at), col(ClockRow.id))
    )
    return {row.id or 0: row for row in session.exec(query).all()}
