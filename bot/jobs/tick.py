"""The tick: fires and escalates due reminders of all incidents and forgets old delivery keys.

Scheduled by DBOS, once per interval across all processes. Reads everything from tables, so a
process that was down catches up: the latest reminder fires once and says that it is late.
"""

import logging
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.jobs.anchor import ask_for_due
from bot.jobs.disposal import ask_about_disposals
from bot.jobs.each import each_incident
from bot.jobs.exercise_tick import tick_exercises
from bot.jobs.master import record_grown_logs
from bot.jobs.parts import Parts
from bot.services.after_action_due import incidents_with_report_due, tell_of_report
from bot.services.corrective_actions import incidents_with_actions_due, remind_of_actions
from bot.services.escalation import escalate
from bot.services.reminders import fire_reminders
from bot.store.engine import fold_log
from bot.store.exercise_queries import clock_in, runs_going
from bot.store.messages import forget_deliveries
from bot.store.reminder_queries import has_reminders_due, incidents_with_reminders_due
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx, reading

log = logging.getLogger("tocsin.jobs")

KEEP_DELIVERIES = timedelta(days=2)
"""Slack repeats for an hour at most; two days is far on the safe side."""


def tick(parts: Parts, now: datetime) -> None:
    """Fire what is due at `now`, each incident in a transaction of its own.

    It costs with what is due, not with how many clocks run. A fault in one incident is logged and
    tried again at the next tick; the others don't wait.
    """
    with reading(parts.store) as session:
        due = [*incidents_with_reminders_due(session, now), *_exercises_due(session, now)]
    each_incident(parts, now, due, _remind, fault="reminders not fired")
    tick_exercises(parts, now, every=True)
    _tell_of_reports(parts, now)
    try:
        ask_for_due(parts.store, now)
    except Exception:
        log.exception("time stamps not asked for")
    fold_log(parts.store.engine)
    if now.minute == 0:
        try:
            record_grown_logs(parts.store, now)
        except Exception:
            log.exception("master log not brought up to date")
        ask_about_disposals(parts, now)
        _remind_of_actions(parts, now)
        forget_deliveries(parts.store, now=now, older_than=KEEP_DELIVERIES)


def _exercises_due(session: Session, now: datetime) -> list[int]:
    """List the exercises in whose own time a reminder is due."""
    return [
        run.incident_id
        for run in runs_going(session)
        if has_reminders_due(session, run.incident_id, clock_in(run).ex(now))
    ]


def _remind(tx: Tx, incident: Incident) -> None:
    tx.enter(incident)
    fire_reminders(tx, incident)
    escalate(tx, incident)


def _tell_of_reports(parts: Parts, now: datetime) -> None:
    with reading(parts.store) as session:
        due = incidents_with_report_due(session, now)
    each_incident(parts, now, due, tell_of_report, fault="facilitator not told of the report")


def _remind_of_actions(parts: Parts, now: datetime) -> None:
    with reading(parts.store) as session:
        due = incidents_with_actions_due(session, now.date())
    each_incident(parts, now, due, remind_of_actions, fault="owners of actions not reminded")
