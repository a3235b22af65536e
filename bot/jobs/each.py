"""Doing one thing to many incidents: each in a transaction of its own, none waits for another."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.jobs.parts import Parts
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx, unit_of_work

log = logging.getLogger("tocsin.jobs")


def each_incident(
    parts: Parts,
    now: datetime,
    ids: Iterable[int],
    act: Callable[[Tx, Incident], object],
    *,
    fault: str,
) -> None:
    """Act on each incident at `now` (wall, UTC).

    A fault in one is logged with the words of `fault`; its change is undone, and it is tried again
    at the next tick.
    """
    for incident_id in ids:
        try:
            with unit_of_work(parts.store, now=now) as tx:
                act(tx, tx.session.get_one(Incident, incident_id))
        except Exception:
            log.exception("incident %s: %s", incident_id, fault)
