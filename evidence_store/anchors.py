"""Time stamps of logs in the database: which are kept, and which are due.

Decides how soon an entry asks for outside time. Asks nobody itself: see timestamps; whoever does
says what came of it. One token is kept for a checkpoint, never replaced. Never commits, like log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from evidence_store import writer
from evidence_store.entry import format_ts
from evidence_store.tables import evidence_anchoring, evidence_token
from evidence_store.timestamps import Token

_AT_ONCE = """
log.opened incident.opened incident.closed message.preserved
evidence.collected evidence.sealed evidence.transferred evidence.copied evidence.analysed
evidence.derived evidence.returned evidence.disposed hold.placed hold.released
notice.approved notice.sent personal_data.erased key.rotated bundle.exported
"""
AT_ONCE = frozenset(_AT_ONCE.split())
"""Events whose time may be asked for in court: stamped as soon as an authority answers."""
ABOUT_TIME = frozenset(("log.anchored", "log.anchor_failed"))
"""Events that tell of stamps and ask for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptToken:
    """What is remembered of a token without its bytes."""

    size: int
    sha256: str
    gen_time: datetime
    authority: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchoring:
    """How it stands with the time stamps of one log; times in UTC."""

    origin: str
    due_at: datetime | None
    missing_since: datetime | None
    """When the first try of the present outage failed; None while stamps come."""
    told_at: datetime | None
    """When the log last recorded that outage."""
    failures: int


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def due_after(
    events: Iterable[tuple[str, datetime]], *, now: datetime, within: timedelta
) -> datetime | None:
    """Return when to stamp a log at the latest, given its unstamped entries (event, `ts`).

    `now` if one of AT_ONCE is among them, else `within` after the first; None if nothing is to be
    stamped.
    """
    asking = [(event, ts) for event, ts in events if event not in ABOUT_TIME]
    if any(event in AT_ONCE for event, _ in asking):
        return now
    return min(ts for _, ts in asking) + within if asking else None


def schedule(connection: Connection, *, origin: str, due: datetime) -> None:
    """Have the log stamped at `due` or earlier: an earlier time that is set already stays."""
    table = evidence_anchoring
    made = _insert(connection)(table).values(origin=origin, due_ts=format_ts(due), failures=0)
    connection.execute(
        made.on_conflict_do_update(
            index_elements=[table.c.origin],
            set_={"due_ts": made.excluded.due_ts},
            where=table.c.due_ts.is_(None) | (table.c.due_ts > made.excluded.due_ts),
        )
    )


def due(connection: Connection, *, now: datetime, limit: int) -> Sequence[str]:
    """Return the origins that are due at `now`, longest waiting first; read by an index."""
    table = evidence_anchoring
    query = select(table.c.origin).where(table.c.due_ts <= format_ts(now))
    return connection.execute(query.order_by(table.c.due_ts).limit(limit)).scalars().all()


def claim(connection: Connection, *, origin: str, now: datetime, until: datetime) -> bool:
    """Take a due log until `until`, so that no other process does; False if one has."""
    table = evidence_anchoring
    moved = connection.execute(
        update(table)
        .where(table.c.origin == origin, table.c.due_ts <= format_ts(now))
        .values(due_ts=format_ts(until))
    )
    return moved.rowcount == 1


def keep(connection: Connection, *, origin: str, size: int, token: Token) -> bool:
    """Keep the token of the checkpoint of `size`; False, and nothing done, if it has one."""
    writer.lock(connection, origin)
    table = evidence_token
    same = select(table.c.size).where(table.c.origin == origin, table.c.size == size)
    if connection.execute(same).scalar() is not None:
        return False
    connection.execute(
        insert(table).values(
            origin=origin,
            size=size,
            reply=token.reply,
            sha256=token.sha256,
            gen_ts=format_ts(token.gen_time),
            authority=token.authority,
        )
    )
    return True


def settle(connection: Connection, *, origin: str, due: datetime | None) -> None:
    """Remember that stamps come again, and when the next is due; None for not at all."""
    _set(connection, origin, due_ts=_text(due), missing_since_ts=None, told_ts=None, failures=0)


def fail(
    connection: Connection,
    *,
    origin: str,
    retry: datetime,
    missing_since: datetime,
    told: datetime,
    failures: int,
) -> None:
    """Remember that no authority gave a stamp, and when to try again."""
    _set(
        connection,
        origin,
        due_ts=format_ts(retry),
        missing_since_ts=format_ts(missing_since),
        told_ts=format_ts(told),
        failures=failures,
    )


def state(connection: Connection, *, origin: str) -> Anchoring | None:
    """Return how it stands with a log; None if it was never due."""
    table = evidence_anchoring
    row = connection.execute(select(table).where(table.c.origin == origin)).one_or_none()
    return None if row is None else _anchoring(row)


def outages(connection: Connection) -> list[Anchoring]:
    """Return the logs for which no stamp could be had lately, longest first."""
    table = evidence_anchoring
    query = select(table).where(table.c.missing_since_ts.is_not(None))
    return [_anchoring(row) for row in connection.execute(query.order_by(table.c.missing_since_ts))]


def last(connection: Connection, *, origin: str) -> KeptToken | None:
    """Return the token over the most entries."""
    table = evidence_token
    columns = (table.c.size, table.c.sha256, table.c.gen_ts, table.c.authority)
    query = select(*columns).where(table.c.origin == origin).order_by(table.c.size.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    gen_time = datetime.fromisoformat(row.gen_ts)
    return KeptToken(size=row.size, sha256=row.sha256, gen_time=gen_time, authority=row.authority)


def tokens(connection: Connection, *, origin: str) -> Mapping[int, bytes]:
    """Return every token of a log, by the size of its checkpoint, as a bundle takes them."""
    table = evidence_token
    query = select(table.c.size, table.c.reply).where(table.c.origin == origin)
    rows = connection.execute(query.order_by(table.c.size))
    return {row.size: bytes(row.reply) for row in rows}


def _set(connection: Connection, origin: str, **values: Any) -> None:
    made = _insert(connection)(evidence_anchoring).values(origin=origin, **values)
    connection.execute(made.on_conflict_do_update(index_elements=["origin"], set_=values))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else format_ts(moment)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _anchoring(row: Row[Any]) -> Anchoring:
    return Anchoring(
        origin=row.origin,
        due_at=_time(row.due_ts),
        missing_since=_time(row.missing_since_ts),
        told_at=_time(row.told_ts),
        failures=row.failures,
    )
