"""Outside time for the evidence logs: what the log says of stamps and outages, and what comes next.

Decides which checkpoint is to be stamped, how long to wait after a failure and how often an outage
goes on record. Asks no authority: `bot.jobs.anchor` does, and hands over what came of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlmodel import Session

from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import STAMP_WITHIN, SYSTEM_ACTOR, Store, Tx, origin_of
from evidence_store import anchors, log, notes
from evidence_store.entry import format_ts
from evidence_store.timestamps import Token

LEASE = timedelta(minutes=10)
"""How long a log is left to the process that took it on before another may."""
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
TELL_AGAIN = timedelta(hours=4)
"""An outage goes into the log when it begins, and then once in this time while it lasts."""
BATCH = 100

Problem = Mapping[str, str]
"""`authority` (address without secrets) and `problem` (a code of `TimestampError`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unstamped:
    """A checkpoint to be stamped: the exact bytes of its note, and the entries it covers."""

    size: int
    note: bytes


def any_due(session: Session, *, now: datetime) -> bool:
    """Say whether a log is due."""
    return bool(anchors.due(session.connection(), now=now, limit=1))


def claim_due(tx: Tx) -> list[str]:
    """Take on the logs that are due, for a while, so that no other process asks for them too."""
    connection = tx.session.connection()
    until = tx.now + LEASE
    return [
        origin
        for origin in sorted(anchors.due(connection, now=tx.now, limit=BATCH))
        if anchors.claim(connection, origin=origin, now=tx.now, until=until)
    ]


def unstamped(session: Session, store: Store, origin: str, *, now: datetime) -> Unstamped | None:
    """Return the last checkpoint of a log; None if it needs no stamp now.

    It needs one if entries that ask for it came after the last stamp, or, while the incident is
    open, if that stamp is `STAMP_WITHIN` old: a log that is silent shows that nothing happened.
    """
    connection = session.connection()
    last = anchors.last(connection, origin=origin)
    if last is not None:
        due = _next_due(session, store, origin, stamped=last.size, gen_time=last.gen_time, now=now)
        since = log.entries(connection, origin=origin, after=last.size - 1)
        if all(one.event in anchors.ABOUT_TIME for one in since) and (due is None or due > now):
            return None
    note = log.checkpoint(connection, origin=origin)
    checkpoint, _ = notes.parse(note)
    return Unstamped(size=checkpoint.size, note=note)


def record_nothing_due(tx: Tx, origin: str) -> None:
    """Put a log off until it next needs a stamp; there was nothing to do."""
    connection = tx.session.connection()
    last = anchors.last(connection, origin=origin)
    if last is None:
        return
    due = _next_due(
        tx.session, tx.store, origin, stamped=last.size, gen_time=last.gen_time, now=tx.now
    )
    anchors.settle(connection, origin=origin, due=due)


def record_token(tx: Tx, origin: str, size: int, token: Token) -> bool:
    """Keep a verified token and say so in the log; False if somebody else was first."""
    incident = _held(tx, origin)
    connection = tx.session.connection()
    if not anchors.keep(connection, origin=origin, size=size, token=token):
        return False
    before = anchors.state(connection, origin=origin)
    data = {
        "size": size,
        "sha256": token.sha256,
        "gen_time": format_ts(token.gen_time),
        "authority": token.authority,
    }
    missing = before.missing_since if before else None
    if missing is not None:
        data["missing_since"] = format_ts(missing)
    due = _next_due(tx.session, tx.store, origin, stamped=size, gen_time=token.gen_time, now=tx.now)
    anchors.settle(connection, origin=origin, due=due)
    _record(tx, incident, origin, "log.anchored", data, refresh=missing is not None)
    return True


def record_failure(tx: Tx, origin: str, size: int, problems: Sequence[Problem]) -> None:
    """Remember that no authority gave a good stamp; the log says so once an outage, then rarely."""
    incident = _held(tx, origin)
    if unstamped(tx.session, tx.store, origin, now=tx.now) is None:
        return  # Another process had it stamped meanwhile.
    connection = tx.session.connection()
    before = anchors.state(connection, origin=origin)
    failures = (before.failures if before else 0) + 1
    since = (before.missing_since if before else None) or tx.now
    told = before.told_at if before else None
    tell = told is None or tx.now - told >= TELL_AGAIN
    anchors.fail(
        connection,
        origin=origin,
        retry=tx.now + min(FIRST_RETRY * 2 ** min(failures - 1, 10), LONGEST_RETRY),
        missing_since=since,
        told=tx.now if tell else told or tx.now,
        failures=failures,
    )
    if tell:
        data = {
            "size": size,
            "since": format_ts(since),
            "tries": failures,
            "problems": [dict(problem) for problem in problems],
        }
        _record(tx, incident, origin, "log.anchor_failed", data, refresh=told is None)


def missing_since(session: Session, ref: str) -> datetime | None:
    """Return since when no stamp could be had for an incident's log; None if all is well."""
    for outage in anchors.outages(session.connection()):
        if outage.origin.endswith(f"/incident/{ref}"):
            return outage.missing_since
    return None


def _next_due(
    session: Session,
    store: Store,
    origin: str,
    *,
    stamped: int,
    gen_time: datetime,
    now: datetime,
) -> datetime | None:
    """Say when a log needs its next stamp, the last being over `stamped` entries."""
    after = log.entries(session.connection(), origin=origin, after=stamped - 1)
    events = [(one.event, one.ts) for one in after]
    due = anchors.due_after(events, now=now, within=STAMP_WITHIN)
    if due is not None:
        return due
    incident = _incident(session, store, origin)
    if incident is not None and incident.closed_at is not None:
        return None
    return gen_time + STAMP_WITHIN


def _incident(session: Session, store: Store, origin: str) -> Incident | None:
    """Return the incident whose log it is; None for a log that belongs to none."""
    prefix = origin_of(store, "")
    ref = origin.removeprefix(prefix) if origin.startswith(prefix) else ""
    return incident_by_ref(session, ref) if ref else None


def _held(tx: Tx, origin: str) -> Incident | None:
    incident = _incident(tx.session, tx.store, origin)
    if incident is not None:
        tx.hold(incident)
    return incident


def _record(
    tx: Tx,
    incident: Incident | None,
    origin: str,
    event: str,
    data: Mapping[str, object],
    *,
    refresh: bool,
) -> None:
    if incident is None:
        _append(tx.session.connection(), tx, origin, event, data)
        return
    tx.record(incident, event, actor=SYSTEM_ACTOR, data=data)
    if refresh:
        tx.enqueue("refresh_card", incident)


def _append(
    connection: Connection, tx: Tx, origin: str, event: str, data: Mapping[str, object]
) -> None:
    draft = log.Draft(event=event, actor=SYSTEM_ACTOR, data=data)
    log.append(connection, origin=origin, drafts=[draft], signer=tx.store.signer, now=tx.now)
