"""Short ways to write facts, instants, and the shipped obligations in tests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.content.obligations import load_obligations
from bot.domain.clocks import NO_RULINGS, ClockMark, Overruled, Rulings
from bot.domain.deadlines import Deadline, count, zone_for
from bot.domain.events import EVENTS, Instant, Known
from bot.domain.facts import Confidence, Fact, Facts, FactValue, parse_key
from bot.domain.obligations import Obligation
from bot.domain.regulatory_clocks import NO_OTHERS, Others, RegulatoryClock, regulatory_clock

PACK = Path(__file__).resolve().parents[2] / "playbooks" / "obligations"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

Values = Mapping[str, FactValue]

APPLIES = Rulings(overruled=Overruled(by="the test", reason="it is about counting", applies=True))
"""Lets a clock run without writing out the facts on which the duty turns."""


@cache
def shipped() -> dict[str, Obligation]:
    """Give the pack, loaded once; tests take it from the fixture `pack`."""
    return load_obligations(PACK)


def facts(values: Values, *, estimated: tuple[str, ...] = ()) -> Facts:
    """Record each value as confirmed, but for the keys that are `estimated`."""
    return {
        key: Fact(
            key=parse_key(key),
            value=value,
            confidence=Confidence.ESTIMATED if key in estimated else Confidence.CONFIRMED,
            source="test",
            as_of=NOW,
        )
        for key, value in values.items()
    }


def local(text: str, zone: str) -> datetime:
    """Read `2026-03-02 10:00` as wall-clock time of a zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def instant(text: str) -> Instant:
    """Read an ISO instant with its offset, in UTC, or an ISO date."""
    if "T" not in text:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC)


def known(
    events: Mapping[str, Instant],
    *,
    met: Mapping[str, Instant] | None = None,
    due: Mapping[str, datetime] | None = None,
) -> Known:
    """Say what happened by the names of events, as `due --event` does."""
    return Known(
        facts={EVENTS[name].fact: at for name, at in events.items()}, met=met or {}, due=due or {}
    )


def counted(
    obligation: Obligation,
    events: Mapping[str, Instant],
    *,
    met: Mapping[str, Instant] | None = None,
    due: Mapping[str, datetime] | None = None,
    zone: str = "",
) -> Deadline:
    """Count a deadline of which enough is known; in the obligation's own zone by default."""
    where = ZoneInfo(zone) if zone else zone_for(obligation, {})
    deadline = count(obligation, known=known(events, met=met, due=due), zone=where)
    assert deadline is not None, f"nothing starts {obligation.id}"
    return deadline


def clock_of(
    obligation: Obligation,
    values: Values,
    *,
    now: datetime = NOW,
    mark: ClockMark | None = None,
    rulings: Rulings = NO_RULINGS,
    others: Others = NO_OTHERS,
) -> RegulatoryClock:
    """Work out a clock from plain values."""
    return regulatory_clock(
        obligation, facts(values), now=now, mark=mark, rulings=rulings, others=others
    )
