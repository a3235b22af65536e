"""When reminders are planned, and which fire after an outage."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obligation_kit import NOW

from bot.domain.clocks import ClockKind
from bot.domain.reminders import BREACH, ReminderPoint, due_points, plan

LAW, OURS = ClockKind.REGULATORY, ClockKind.CONTAINMENT
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def planned(period: timedelta, kind: ClockKind = LAW) -> tuple[ReminderPoint, ...]:
    return plan(kind, started_at=NOW, due_at=NOW + period)


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        (20 * MINUTE, ["10 min left"]),
        (30 * MINUTE, ["15 min left"]),
        (HOUR, ["30 min left", "15 min left"]),
        (4 * HOUR, ["2 h left", "1 h left", "15 min left"]),
        (24 * HOUR, ["12 h left", "4 h left", "1 h left"]),
        (72 * HOUR, ["48 h left", "24 h left", "12 h left", "4 h left", "1 h left"]),
        (30 * HOUR, ["24 h left", "12 h left", "4 h left", "1 h left"]),
        (6 * DAY, ["3 d left", "48 h left", "24 h left", "4 h left"]),
        (30 * DAY, ["14 d left", "7 d left", "3 d left", "48 h left", "24 h left", "4 h left"]),
        (60 * DAY, ["14 d left", "7 d left", "3 d left", "48 h left", "24 h left", "4 h left"]),
        (-HOUR, []),
    ],
)
def test_points_suit_the_remaining_time(period: timedelta, labels: list[str]) -> None:
    assert [point.label for point in planned(period)] == [*labels, BREACH]


def test_points_stand_at_their_time() -> None:
    points = {point.label: point.at for point in planned(72 * HOUR)}
    assert points["48 h left"] == NOW + 24 * HOUR
    assert points["1 h left"] == NOW + 71 * HOUR
    assert points[BREACH] == NOW + 72 * HOUR + timedelta(seconds=1), "at due_at it isn't too late"


def test_without_a_number_the_law_nudges_for_three_days() -> None:
    points = plan(LAW, started_at=NOW, due_at=None)
    assert [(point.label, point.at - NOW) for point in points] == [
        ("24 h without notice", DAY),
        ("48 h without notice", 2 * DAY),
        ("3 d without notice", 3 * DAY),
    ]
    assert plan(OURS, started_at=NOW, due_at=None) == ()


def test_nothing_is_due_before_the_first_point() -> None:
    found = due_points(planned(72 * HOUR), set(), NOW + 24 * HOUR - timedelta(seconds=1))
    assert (found.fire, found.superseded) == (None, ())


def test_a_point_fires_at_its_time_and_not_again() -> None:
    points = planned(72 * HOUR)
    found = due_points(points, set(), NOW + 24 * HOUR)
    assert found.fire is not None
    assert (found.fire.point, found.fire.late_by, found.fire.is_late) == (
        points[0],
        timedelta(0),
        False,
    )
    assert due_points(points, {points[0]}, NOW + 30 * HOUR).fire is None


@pytest.mark.parametrize(
    ("late_by", "late"), [(2 * MINUTE, False), (2 * MINUTE + timedelta(seconds=1), True)]
)
def test_late_is_said_from_two_minutes_on(late_by: timedelta, *, late: bool) -> None:
    found = due_points(planned(72 * HOUR), set(), NOW + 24 * HOUR + late_by)
    assert found.fire is not None
    assert (found.fire.late_by, found.fire.is_late) == (late_by, late)


def test_after_an_outage_only_the_latest_fires() -> None:
    points = planned(72 * HOUR)
    found = due_points(points, {points[0]}, NOW + 69 * HOUR)
    assert found.fire is not None
    assert (found.fire.point.label, found.fire.late_by) == ("4 h left", HOUR)
    assert [point.label for point in found.superseded] == ["24 h left", "12 h left"]


def test_an_outage_over_the_deadline_fires_the_breach_alone() -> None:
    found = due_points(planned(72 * HOUR), set(), NOW + 80 * HOUR)
    assert found.fire is not None
    assert found.fire.point.label == BREACH
    assert len(found.superseded) == 5


def test_a_point_before_one_that_fired_is_superseded() -> None:
    points = planned(72 * HOUR)
    found = due_points(points, {points[2]}, NOW + 61 * HOUR)
    assert found.fire is None
    assert found.superseded == points[:2]


@pytest.mark.slow
@settings(max_examples=40)
@given(
    period=st.timedeltas(min_value=MINUTE, max_value=90 * DAY),
    ticks=st.lists(st.timedeltas(min_value=timedelta(0), max_value=100 * DAY), max_size=8),
)
def test_nothing_fires_twice_and_the_end_is_always_told(
    period: timedelta, ticks: list[timedelta]
) -> None:
    points = planned(period)
    done: set[ReminderPoint] = set()
    fired = []
    for tick in [*sorted(ticks), 101 * DAY]:
        found = due_points(points, done, NOW + tick)
        if found.fire:
            fired.append(found.fire.point)
            done.add(found.fire.point)
        done.update(found.superseded)
    assert len(set(fired)) == len(fired)
    assert fired[-1].label == BREACH
    assert done == set(points)
