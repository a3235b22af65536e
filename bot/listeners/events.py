"""Events: the Home tab is opened, somebody joins or leaves an incident's channel."""

from typing import Any

from slack_bolt import App

from bot.domain.incident import IncidentKind
from bot.listeners import home
from bot.listeners.desk import Desk
from bot.services.access import person_for
from bot.services.people import joined_channel, left_channel
from bot.store.queries import incident_by_channel
from bot.store.unit_of_work import DuplicateDeliveryError, unit_of_work


def register(app: App, desk: Desk) -> None:
    """Attach the events to the Bolt app."""

    def on_home(event: dict[str, Any]) -> None:
        home.show(desk, str(event["user"]))

    def on_join(event: dict[str, Any], body: dict[str, Any]) -> None:
        key = f"event/{body.get('event_id', '')}"
        try:
            with unit_of_work(desk.store, now=desk.clock(), delivery_key=key) as tx:
                incident = incident_by_channel(tx.session, str(event["channel"]))
                if incident is None:
                    return
                if event["user"] == body_bot(body):
                    # Brought back after somebody had removed us: catch up with the card.
                    tx.enqueue("refresh_card", incident)
                else:
                    joined_channel(tx, incident, person_for(tx, str(event["user"])))
                    if incident.kind == IncidentKind.EXERCISE:
                        tx.enqueue("check_guest", incident, slack_id=str(event["user"]))
        except DuplicateDeliveryError:
            return

    def on_leave(event: dict[str, Any], body: dict[str, Any]) -> None:
        key = f"event/{body.get('event_id', '')}"
        try:
            with unit_of_work(desk.store, now=desk.clock(), delivery_key=key) as tx:
                incident = incident_by_channel(tx.session, str(event["channel"]))
                if incident is not None and event["user"] != body_bot(body):
                    left_channel(tx, incident, str(event["user"]))
        except DuplicateDeliveryError:
            return

    app.event("app_home_opened")(on_home)
    app.event("member_left_channel")(on_leave)
    app.event("member_joined_channel")(on_join)


def body_bot(body: dict[str, Any]) -> str:
    """Return the Slack user id of the bot itself, as the event envelope names it."""
    authorizations = body.get("authorizations") or [{}]
    return str(authorizations[0].get("user_id", ""))
