"""The worked examples of the reference notes, one second before, at, and after each deadline.

`golden_deadlines.json` holds them by their number there, events as ISO instants or dates. Where
the notes give a lenient or an extended deadline too, it is held as well.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from obligation_kit import APPLIES, SECOND, clock_of, instant

from bot.domain.clocks import ClockState
from bot.domain.deadlines import is_overdue
from bot.domain.events import EVENTS
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation

GOLDEN = json.loads(Path(__file__).with_name("golden_deadlines.json").read_text("utf-8"))
Row = Mapping[str, Any]


def values_of(row: Row) -> dict[str, FactValue]:
    told = {key: tuple(value) for key, value in row.get("facts", {}).items()}
    return {**told, **{EVENTS[name].fact: instant(at) for name, at in row["events"].items()}}


def optional(row: Row, name: str) -> datetime | None:
    return datetime.fromisoformat(row[name]) if name in row else None


@pytest.mark.parametrize("row", GOLDEN, ids=[f"{one['n']} {one['id']}" for one in GOLDEN])
def test_worked_example(row: Row, pack: Mapping[str, Obligation]) -> None:
    due_at = datetime.fromisoformat(row["due_at"])
    clocks = [
        clock_of(pack[row["id"]], values_of(row), now=due_at + offset, rulings=APPLIES)
        for offset in (-SECOND, 0 * SECOND, SECOND)
    ]
    assert [clock.due_at for clock in clocks] == [due_at] * 3, row["why"]
    assert [clock.state for clock in clocks] == [
        ClockState.RUNNING,
        ClockState.RUNNING,
        ClockState.MISSED,
    ]
    assert [is_overdue(due_at, due_at + s * SECOND) for s in (-1, 0, 1)] == [False, False, True]
    if "lenient_due_at" in row:
        assert clocks[0].lenient_due_at == optional(row, "lenient_due_at")
        assert clocks[0].lenient_words
    assert clocks[0].extended_due_at == optional(row, "extended_due_at")


def test_all_worked_examples_are_there() -> None:
    """The notes number them 1, 3, 5 … 51; some are about two duties or several days."""
    assert sorted({row["n"] for row in GOLDEN}) == list(range(1, 52, 2))


def test_a_credit_institution_has_no_relief_over_the_weekend(
    pack: Mapping[str, Obligation],
) -> None:
    (row,) = [one for one in GOLDEN if one["n"] == 17]
    bank = clock_of(pack[row["id"]], values_of(row), rulings=APPLIES)
    assert (bank.lenient_due_at, bank.lenient_words) == (None, "")
