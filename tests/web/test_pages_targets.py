"""Time to detect, contain and recover against their targets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.facts import Confidence, Fact, parse_key
from bot.domain.situation import ClockView, PersonView, Situation
from bot.web.pages.situation_view import clock_groups, targets_of

OPENED = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def target_clock(key: str, within: timedelta) -> ClockView:
    return ClockView(
        key=key,
        title=key,
        kind="containment",
        state="running",
        started_at=OPENED,
        due_at=OPENED + within,
        zone="UTC",
        reason="",
    )


SITUATION = Situation(
    ref="INC-2026-0001",
    title="t",
    kind="live",
    severity="SEV2",
    status="open",
    playbook="p",
    opened_at=OPENED,
    opened_by=PersonView(slack_id="U0ANA", name="Ana"),
    detected_at=None,
    contained_at=None,
    recovered_at=None,
    closed_at=None,
    channel_id=None,
    channel_error="",
    roles={},
    clocks=(
        target_clock("triage", hours(1)),
        target_clock("containment", hours(24)),
        target_clock("recovery", hours(72)),
    ),
    tasks=(),
    facts=(),
    notices=(),
)


def at(name: str, moment: datetime) -> dict[str, Fact]:
    fact = Fact(
        key=parse_key(name),
        value=moment,
        confidence=Confidence.CONFIRMED,
        source="test",
        as_of=OPENED,
    )
    return {name: fact}


@pytest.mark.parametrize(
    ("took", "state", "percent"),
    [
        (hours(0.5), "in_time", 50),
        (hours(1), "in_time", 100),  # exactly the target is in time
        (hours(1) + timedelta(seconds=1), "late", 100),
    ],
)
def test_detection_is_measured_from_the_beginning(
    took: timedelta, state: str, percent: int
) -> None:
    facts = at("breach_started_at", OPENED - took) | at("aware_at", OPENED)
    detect = targets_of(SITUATION, facts, OPENED)[0]
    assert (detect.took, detect.state, detect.percent) == (took, state, percent)


@pytest.mark.parametrize("known", ["breach_started_at", "aware_at"])
def test_detection_asks_for_what_is_missing(known: str) -> None:
    detect = targets_of(SITUATION, at(known, OPENED), OPENED)[0]
    lacking = {"breach_started_at", "aware_at"} - {known}
    assert (detect.state, set(detect.missing), detect.target) == ("unknown", lacking, hours(1))


@pytest.mark.parametrize(
    ("contained", "now", "state", "took", "used"),
    [
        (None, hours(6), "running", None, hours(6)),
        (None, hours(24), "running", None, hours(24)),
        (None, hours(25), "overdue", None, hours(25)),
        (hours(24), hours(30), "in_time", hours(24), None),
        (hours(25), hours(30), "late", hours(25), None),
    ],
)
def test_containment_counts_from_the_opening(
    contained: timedelta | None,
    now: timedelta,
    state: str,
    took: timedelta | None,
    used: timedelta | None,
) -> None:
    end = OPENED + contained if contained else None
    situation = replace(SITUATION, contained_at=end)
    contain = targets_of(situation, {}, OPENED + now)[1]
    assert (contain.state, contain.took, contain.used) == (state, took, used)


def test_a_closed_incident_waits_for_nothing() -> None:
    situation = replace(SITUATION, closed_at=OPENED + hours(2), recovered_at=OPENED + hours(1))
    _, contain, recover = targets_of(situation, {}, OPENED + hours(99))
    assert (contain.state, contain.percent) == ("never", 0)
    assert (recover.state, recover.took) == ("in_time", hours(1))


def test_without_a_clock_there_is_no_target() -> None:
    situation = replace(SITUATION, clocks=(), contained_at=OPENED + hours(3))
    contain = targets_of(situation, {}, OPENED + hours(4))[1]
    assert (contain.state, contain.took, contain.target) == ("measured", hours(3), None)


def test_overdue_clocks_stand_first_and_those_without_a_deadline_last() -> None:
    base = target_clock("a", hours(5))
    clocks = [
        replace(base, key="none", due_at=None),
        base,
        replace(base, key="near", due_at=OPENED + hours(1)),
        replace(base, key="over", state="missed"),
        replace(base, key="waits", state="waiting"),
        replace(base, key="gone", state="not_applicable"),
        replace(base, key="waived", state="waived"),
    ]
    groups = clock_groups(clocks)
    assert [one.key for one in groups.live] == ["over", "near", "a", "none"]
    assert [one.key for one in groups.waiting] == ["waits"]
    assert [one.key for one in groups.done] == ["waived"]
    assert [one.key for one in groups.not_applicable] == ["gone"]
