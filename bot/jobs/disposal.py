"""Disposal: asking Legal when a time to be kept is over, and destroying what Legal approved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.jobs.each import each_incident
from bot.jobs.parts import Parts
from bot.services.retention import ask_what_is_due
from bot.services.retention import dispose as dispose_item
from bot.store.custody_queries import incidents_with_items_due
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work


def dispose(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Destroy an item; repeating it, or a hold placed meanwhile, changes nothing."""
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        incident = tx.session.get_one(Incident, int(arguments["incident_id"]))
        dispose_item(tx, incident, int(arguments["number"]))


def ask_about_disposals(parts: Parts, now: datetime) -> None:
    """Ask Legal of each incident about the items whose time to be kept is over at `now`."""
    with reading(parts.store) as session:
        due = list(incidents_with_items_due(session, now))
    each_incident(parts, now, due, ask_what_is_due, fault="nobody was asked about its items")
