"""Our own targets: when they run, are met, are late, and what they wait for."""

from datetime import timedelta

import pytest
from obligation_kit import NOW

from bot.domain.clocks import ClockState
from bot.domain.containment_clocks import containment_reading
from bot.domain.playbook import DEFAULT_CLOCKS

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("met_after", "now_after", "state", "late", "reason"),
    [
        (None, 24 * HOUR, "running", False,
         "Runs from the opening of the incident until the incident is contained."),
        (None, 24 * HOUR + SECOND, "missed", False,
         "The target passed, and it isn't recorded that the incident is contained."),
        (23 * HOUR, 30 * HOUR, "met", False, "Containment met within the target."),
        (24 * HOUR, 30 * HOUR, "met", False, "Containment met within the target."),
        (25 * HOUR, 30 * HOUR, "met", True, "Containment met after the target."),
    ],
)  # fmt: skip
def test_containment(
    met_after: timedelta | None, now_after: timedelta, state: str, *, late: bool, reason: str
) -> None:
    found = containment_reading(
        DEFAULT_CLOCKS["containment"],
        started_at=NOW,
        met_at=NOW + met_after if met_after else None,
        now=NOW + now_after,
    )
    assert (found.state, found.met_late, found.reason) == (state, late, reason)
    assert found.due_at == NOW + 24 * HOUR


def test_containment_waits_for_its_start() -> None:
    found = containment_reading(DEFAULT_CLOCKS["triage"], started_at=None, met_at=None, now=NOW)
    assert (found.state, found.due_at) == (ClockState.WAITING, None)
    assert found.reason == "Waits for the opening of the incident to be recorded."
