"""Reads what people ruled about a clock from its row.

The row keeps every act, oldest first; the newest of each kind counts. Making a ruling, and who may,
is `clock_rulings`'s.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.clocks import NO_RULINGS, Extended, Hold, Overruled, Rulings
from bot.store.tables import ClockRow


def rulings_of(row: ClockRow | None) -> Rulings:
    """Give what is ruled about a clock now; a clock that isn't there yet has no rulings."""
    if row is None or not row.rulings:
        return NO_RULINGS
    newest = {str(act["kind"]): act for act in row.rulings}
    overruled, extended, hold = (newest.get(kind) for kind in ("overruled", "extended", "tolled"))
    return Rulings(
        overruled=_overruled(overruled) if overruled and not overruled.get("withdrawn") else None,
        extended=Extended(by=extended["by"], reason=extended["reason"]) if extended else None,
        hold=_hold(hold) if hold else None,
    )


def _overruled(act: Mapping[str, Any]) -> Overruled:
    return Overruled(
        by=act["by"],
        reason=act["reason"],
        applies=act.get("applies"),
        due_at=_at(act.get("due_at")),
    )


def _hold(act: Mapping[str, Any]) -> Hold:
    return Hold(
        since=datetime.fromisoformat(act["at"]),
        by=act["by"],
        reason=act["reason"],
        evidence=act["evidence"],
        cleared_at=_at(act.get("cleared_at")),
    )


def _at(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
