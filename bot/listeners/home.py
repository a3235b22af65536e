"""App Home: a person's own tasks and the clocks that run out next."""

import logging

from bot.blocks.home import home_view
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.listeners.desk import Desk
from bot.services.situation import clock_view, task_view
from bot.store.queries import (
    incidents_of,
    next_clocks_for,
    open_tasks_for,
    person_by_slack_id,
)
from bot.store.tables import Incident
from bot.store.unit_of_work import reading

log = logging.getLogger("tocsin.listeners")


def show(desk: Desk, slack_id: str) -> None:
    """Show the Home tab as it stands now; if Slack doesn't take it, the next visit shows it."""
    with reading(desk.store) as session:
        person = person_by_slack_id(session, slack_id)
        tasks, clocks, incidents = [], [], []
        if person is not None:
            for row in open_tasks_for(session, person):
                ref = session.get_one(Incident, row.incident_id).ref
                tasks.append(task_view(row, {}, ref))
            clocks = [
                (clock_view(row), incident.ref, incident.title)
                for row, incident in next_clocks_for(session, person)
            ]
            incidents = [
                (one.ref, one.severity, one.title, one.channel_id)
                for one in incidents_of(session, person)
            ]
    try:
        desk.slack.publish_home(slack_id, home_view(tasks, clocks, incidents))
    except (SlackUnavailableError, SlackRefusedError) as error:
        log.warning("Home tab not shown: %s", error)
