"""Short ways to write facts, instants, and the shipped obligations in tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.content.obligations import load_obligations
from bot.domain.facts import Confidence, Fact, Facts, FactValue, parse_key
from bot.domain.obligations import Obligation

PACK = Path(__file__).resolve().parents[2] / "playbooks" / "obligations"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


_SHIPPED = load_obligations(PACK)


def shipped() -> dict[str, Obligation]:
    """Give the pack, loaded once when tests are collected."""
    return _SHIPPED


def facts(values: Mapping[str, FactValue], *, estimated: tuple[str, ...] = ()) -> Facts:
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
