"""Exercise time: each act as a row, and the laws that hold whatever is done in which order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.exercise_clock import (
    ExerciseClock,
    ExerciseClockError,
    factor_for,
    from_json,
    to_json,
)

W0 = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
X0 = datetime(2026, 3, 2, 14, 10, tzinfo=UTC)


def at(**span: float) -> datetime:
    return W0 + timedelta(**span)


def started(factor: int = 48) -> ExerciseClock:
    return ExerciseClock.start(wall=W0, ex=X0, factor=factor)


def test_three_days_pass_in_ninety_minutes() -> None:
    clock = started(factor_for(timedelta(hours=72), timedelta(minutes=90)))
    assert clock.factor == 48
    assert clock.ex(at(minutes=90)) == X0 + timedelta(hours=72)
    assert clock.wall(X0 + timedelta(hours=72)) == at(minutes=90)


def test_before_the_start_it_stands_still() -> None:
    assert started().ex(at(minutes=-5)) == X0


def test_a_hold_stops_it_and_it_goes_on_where_it_was() -> None:
    clock = started(60).hold(at(minutes=10))
    assert clock.held
    assert clock.ex(at(minutes=40)) == X0 + timedelta(hours=10)
    assert clock.wall(X0 + timedelta(hours=11)) is None, "nobody knows when it goes on"
    clock = clock.resume(at(minutes=40))
    assert clock.ex(at(minutes=41)) == X0 + timedelta(hours=11)
    assert clock.wall(X0 + timedelta(hours=11)) == at(minutes=41)


def test_a_hold_in_the_very_first_moment_keeps_the_pace() -> None:
    assert started(12).hold(W0).resume(at(hours=1)).factor == 12


def test_a_jump_brings_what_lies_between_at_once() -> None:
    clock = started(60).jump(at(minutes=10), to=X0 + timedelta(hours=30))
    assert clock.wall(X0 + timedelta(hours=20)) == at(minutes=10)
    assert clock.ex(at(minutes=11)) == X0 + timedelta(hours=31)


def test_a_jump_in_a_hold_stays_held() -> None:
    clock = started().hold(at(minutes=1)).jump(at(minutes=2), to=X0 + timedelta(days=1))
    assert clock.held
    assert clock.ex(at(minutes=9)) == X0 + timedelta(days=1)


@pytest.mark.parametrize("factor", [0, -1, 3_601, 10_000])
def test_a_pace_out_of_range_is_refused(factor: int) -> None:
    with pytest.raises(ExerciseClockError, match="out of range"):
        started(factor)


def test_it_never_goes_back() -> None:
    with pytest.raises(ExerciseClockError, match="only goes forward"):
        started().jump(at(minutes=1), to=X0)
    with pytest.raises(ExerciseClockError, match="went back"):
        started().hold(at(minutes=-1))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "resume", "pace", "jump"]),
        st.integers(0, 10_000_000_000),
        st.integers(1, 3_600),
    ),
    max_size=8,
)


def played(acts: list[tuple[str, int, int]]) -> tuple[ExerciseClock, datetime]:
    """A clock after some acts, each so many microseconds after the one before."""
    clock, now = started(), W0
    for act, microseconds, number in acts:
        now += timedelta(microseconds=microseconds)
        if act == "hold":
            clock = clock.hold(now)
        elif act == "resume":
            clock = clock.resume(now)
        elif act == "pace":
            clock = clock.pace(now, number)
        else:
            clock = clock.jump(now, to=clock.ex(now) + timedelta(minutes=number))
    return clock, now


@given(ACTS, st.integers(0, 10_000_000_000), st.integers(0, 10_000_000_000))
def test_later_on_the_wall_is_never_earlier_in_the_exercise(
    acts: list[tuple[str, int, int]], one: int, other: int
) -> None:
    clock, _now = played(acts)
    early, late = sorted((one, other))
    assert clock.ex(at(microseconds=early)) <= clock.ex(at(microseconds=late))


@given(ACTS, st.integers(0, 100_000_000_000))
def test_the_moment_found_for_a_time_is_the_first_at_which_it_has_come(
    acts: list[tuple[str, int, int]], microseconds: int
) -> None:
    clock, _now = played(acts)
    wanted = X0 + timedelta(microseconds=microseconds)
    found = clock.wall(wanted)
    if found is None:
        assert clock.held
        return
    assert clock.ex(found) >= wanted
    assert found == W0 or clock.ex(found - timedelta(microseconds=1)) < wanted


@given(ACTS)
def test_what_is_stored_is_the_same_clock(acts: list[tuple[str, int, int]]) -> None:
    clock, now = played(acts)
    again = from_json(to_json(clock))
    assert again == clock
    assert again.ex(now + timedelta(hours=1)) == clock.ex(now + timedelta(hours=1))


def test_a_hold_is_nobody_s_time() -> None:
    clock = started().hold(at(minutes=10)).resume(at(minutes=40))
    assert [clock.worked(at(minutes=one)) for one in (-1, 5, 10, 25, 40, 45)] == [
        at(minutes=-1),
        at(minutes=5),
        at(minutes=10),
        at(minutes=10),
        at(minutes=10),
        at(minutes=15),
    ]
