"""The job that has evidence logs stamped by a time stamp authority outside (RFC 3161).

Asks the authorities in their order and takes the first good stamp. A stamp is bought outside any
transaction and recorded in one: a crash in between costs a stamp and nothing else, and of two
processes that ask for the same checkpoint the second finds it done. What is recorded, and when the
next try is due, is decided in `bot.services.anchoring`.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.jobs.parts import Parts
from bot.services import anchoring
from bot.store.outbox import Job
from bot.store.unit_of_work import Store, reading, unit_of_work
from evidence_store import timestamps
from evidence_store.timestamps import Authorities, TimestampError, Token

log = logging.getLogger("tocsin.jobs")

LANE = "anchor"
"""All stamps run in one lane: an authority that hangs must not hold up the incidents' jobs."""
CLOCK_TOLERANCE = timedelta(seconds=30)
"""Half of the skew that verifiers allow. A stamp further off than this would make every bundle
fail, for a reason that is ours to mend: the clock."""


def ask_for_due(store: Store, now: datetime) -> None:
    """Queue a job for the logs that are due; costs one look at an index if none is."""
    if store.authorities is None:
        return
    with reading(store) as session:
        if not anchoring.any_due(session, now=now):
            return
    with unit_of_work(store, now=now) as tx:
        if origins := anchoring.claim_due(tx):
            tx.jobs.append(Job(name="anchor", arguments={"origins": origins}, lane=LANE))


def anchor(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Have each of the logs stamped; an authority that is away is asked once, not for each."""
    away: dict[str, str] = {}
    for origin in arguments["origins"]:
        anchor_log(parts.store, parts.clock, str(origin), away=away)


def anchor_log(
    store: Store, clock: Clock, origin: str, *, away: dict[str, str] | None = None
) -> bool:
    """Have one log stamped now if it needs it; True if its time is certain afterwards.

    `away` (address → problem) are authorities not to be asked; those that don't answer are added.
    """
    if store.authorities is None:
        return False
    with reading(store) as session:
        found = anchoring.unstamped(session, store, origin, now=clock())
    if found is None:
        with unit_of_work(store, now=clock()) as tx:
            anchoring.record_nothing_due(tx, origin)
        return True
    token, problems = _ask(found.note, store.authorities, clock, {} if away is None else away)
    with unit_of_work(store, now=clock()) as tx:
        if token is None:
            anchoring.record_failure(tx, origin, found.size, problems)
        else:
            anchoring.record_token(tx, origin, found.size, token)
    return token is not None


def _ask(
    note: bytes, authorities: Authorities, clock: Clock, away: dict[str, str]
) -> tuple[Token | None, list[dict[str, str]]]:
    problems: list[dict[str, str]] = []
    for url in authorities.urls:
        name = timestamps.public_name(url)
        problem = away.get(url)
        if problem is None:
            try:
                token = timestamps.request(url, note, authorities=authorities)
                if abs(token.gen_time - clock()) <= CLOCK_TOLERANCE:
                    return token, []
                problem = "clock-differs"
            except TimestampError as error:
                problem = error.code
                if error.away:
                    away[url] = problem
                log.warning("no time stamp: %s", error)
        problems.append({"authority": name, "problem": problem})
    return None, problems
