"""An hour after ENDEX the facilitator is told that the after-action report is there.

Decides when, and what the report still lacks. The hour is for the hot wash: people answer while
they remember. The message is `bot.blocks.exercise`'s.
"""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.services.after_action import draft_report
from bot.services.after_action_lock import unconfirmed
from bot.store.exercise_queries import parts_in, run_of
from bot.store.exercise_tables import ExerciseRun, FeedbackGiven
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


def incidents_with_report_due(session: Session, now: datetime) -> list[int]:
    """List the exercises whose facilitator is to be told at `now` (wall)."""
    query = select(ExerciseRun.incident_id).where(col(ExerciseRun.report_due_at) <= now)
    return sorted(session.exec(query).all())


def tell_of_report(tx: Tx, incident: Incident) -> None:
    """Tell the facilitator once, if it is time."""
    tx.hold(incident)
    run = run_of(tx.session, incident)
    if run is None or run.report_due_at is None or run.report_due_at > tx.wall:
        return
    run.report_due_at = None
    tx.session.add(run)
    facilitator = tx.session.get_one(Person, run.facilitator_id)
    data = {"what": "report", "to": facilitator.actor}
    tx.record(incident, "reminder.sent", actor=SYSTEM_ACTOR, data=data)
    answered = select(func.count()).where(FeedbackGiven.run_id == run.id)
    tx.enqueue(
        "tell",
        incident,
        key=f"{incident.ref}/report",
        slack_id=facilitator.slack_id,
        kind="report_is_there",
        unconfirmed=unconfirmed(draft_report(tx, incident, run)),
        answered=tx.session.exec(answered).one(),
        asked=len(parts_in(tx.session, run)),
    )
