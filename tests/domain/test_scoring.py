"""Scores and suggested ratings, each limit at its place and a step beside it."""

from datetime import timedelta

import pytest

from bot.domain.roles import Role
from bot.domain.scenario import Expectation, Window
from bot.domain.scoring import (
    Rating,
    Result,
    ResultState,
    average,
    by_role,
    must_be_discussed,
    suggest,
    timeliness,
)

WINDOW = Window(target=timedelta(minutes=10), limit=timedelta(minutes=30))


@pytest.mark.parametrize(
    ("minutes", "score"),
    [
        (-5.0, 1000),  # done before it was asked
        (0.0, 1000),
        (10.0, 1000),
        (10.02, 999),
        (20.0, 500),
        (29.98, 1),
        (30.0, 0),
        (99.0, 0),
    ],
)
def test_full_marks_until_the_target_none_from_the_limit(minutes: float, score: int) -> None:
    assert timeliness(WINDOW, timedelta(minutes=minutes)) == score


@pytest.mark.parametrize(
    ("score", "missed", "harmed", "rating"),
    [
        (None, False, False, None),
        (1000, False, False, Rating.P),
        (900, False, False, Rating.P),
        (899, False, False, Rating.S),
        (750, False, False, Rating.S),
        (749, False, False, Rating.M),
        (0, False, False, Rating.M),
        (1000, True, False, Rating.U),  # a critical step that nobody took
        (1000, False, True, Rating.M),  # done, but harm was done elsewhere
        (0, True, True, Rating.U),
    ],
)
def test_a_rating_is_suggested(
    *, score: int | None, missed: bool, harmed: bool, rating: Rating | None
) -> None:
    assert suggest(score, critical_missed=missed, harmed=harmed) == rating


def result(score: int | None, *, weight: int = 1, by: Role | None = Role.LEGAL) -> Result:
    expectation = Expectation(
        id="E1",
        inject="I1",
        objective="O1",
        text="t",
        by=by,
        window=WINDOW,
        match=None,
        weight=weight,
    )
    return Result(expectation=expectation, state=ResultState.MET, score=score)


def test_weights_count() -> None:
    assert average([result(1000, weight=3), result(0)]) == 750
    assert average([]) is None


def test_roles_are_averaged_and_what_wasn_t_judged_counts_nowhere() -> None:
    results = [
        result(1000),
        result(500),
        result(None),
        result(0, by=Role.COMMS),
        result(1, by=None),
    ]
    assert by_role(results) == {Role.COMMS: 0, Role.LEGAL: 750}


@pytest.mark.parametrize(
    ("ratings", "talk"),
    [
        ([], False),
        ([Rating.P], False),
        ([Rating.P, Rating.S], False),
        ([Rating.P, Rating.M], True),
        ([Rating.S, Rating.M, Rating.U], True),
    ],
)
def test_raters_who_are_two_steps_apart_have_to_talk(*, ratings: list[Rating], talk: bool) -> None:
    assert must_be_discussed(ratings) is talk
