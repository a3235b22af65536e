"""Thirty clocks don't make thirty messages: the digest, the night, and what comes at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from bot.services.acknowledgement import acknowledge
from bot.services.clock_marks import meet_clock
from bot.services.people import learn_person
from bot.store.reminder_queries import incidents_with_reminders_due
from bot.store.unit_of_work import reading
from tests.conftest import T0
from tests.kit import LENA, Case, who
from tests.services.reminder_kit import law, outcomes, quiet, reminders, tick, whom

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = datetime(2026, 12, 19, 22, 59, 59, tzinfo=UTC)
"""The end of 19 December in Berlin, the organisation's zone; T0 is 10:00 there, a month before."""


def go(case: Case, at: datetime) -> None:
    case.clock.now = at


@pytest.fixture
def thirty(case: Case) -> Case:
    quiet(case)
    law(case, *(MIDNIGHT - (30 - n) * timedelta(minutes=1) for n in range(30)))
    return case


def test_thirty_clocks_are_one_message_a_day(thirty: Case) -> None:
    """Fourteen days before the end of the 19th is the night to the 6th; at 09:00 it is told."""
    go(thirty, datetime(2026, 12, 6, 6, 0, tzinfo=UTC))
    assert tick(thirty) == [], "at 07:00 each would be told; the day has many, so they wait"
    go(thirty, datetime(2026, 12, 6, 7, 59, 59, tzinfo=UTC))
    assert tick(thirty) == []
    go(thirty, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    told = tick(thirty)
    assert [(one.kind, one.to) for one in told] == [("digest", ""), ("digest", LENA)]
    assert told[0].clocks == tuple(f"LAW-{n:02d}" for n in range(1, 31)), "the nearest first"
    assert told[0].detail["clocks"][0]["label"] == "13 d 14 h left"
    assert told[0].detail["late_s"] == 0
    assert tick(thirty) == []
    entries = [one for one in thirty.log() if one.event == "reminder.digest"]
    assert [len(one.data["clocks"]) for one in entries] == [30]
    assert "reminder.sent" not in thirty.events()


def test_over_the_whole_period_there_is_one_digest_for_each_scale(thirty: Case) -> None:
    """Every hour from the start to three days before the end."""
    digests, others = [], []
    while thirty.clock.now < MIDNIGHT - 73 * HOUR:
        told = tick(thirty)
        digests += [one for one in told if one.kind == "digest" and not one.to]
        others += [one for one in told if one.kind != "digest"]
        thirty.clock.move(hours=1)
    assert [len(one.clocks) for one in digests] == [30, 30]
    assert others == []


def test_four_clocks_are_told_one_by_one_in_the_morning(case: Case) -> None:
    quiet(case)
    keys = law(case, *[MIDNIGHT] * 4)
    go(case, datetime(2026, 12, 6, 6, 0, tzinfo=UTC))
    told = tick(case)
    assert whom(told) == [("reminder", to, (key,)) for key in keys for to in ("", LENA)]
    assert {one.detail["label"] for one in told} == {"13 d 16 h left"}
    go(case, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    assert tick(case) == []


def test_what_comes_later_on_the_day_is_in_the_digest_of_the_morning(case: Case) -> None:
    """Deadlines at 15:00 are reminded of at 15:00, but for many of one day at 09:00."""
    quiet(case)
    afternoon = datetime(2026, 12, 20, 14, 0, tzinfo=UTC)
    keys = law(case, *[afternoon] * 5)
    go(case, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    told = tick(case)
    assert whom(told) == [("digest", "", tuple(keys)), ("digest", LENA, tuple(keys))]
    go(case, datetime(2026, 12, 6, 14, 0, tzinfo=UTC))
    assert tick(case) == []


def test_few_of_an_afternoon_keep_their_hour(case: Case) -> None:
    quiet(case)
    (key,) = law(case, datetime(2026, 12, 20, 14, 0, tzinfo=UTC))
    go(case, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    assert tick(case) == []
    go(case, datetime(2026, 12, 6, 14, 0, tzinfo=UTC))
    told = tick(case)
    assert whom(told) == [("reminder", "", (key,)), ("reminder", LENA, (key,))]
    assert told[0].detail["late_s"] == 0
    assert told[0].detail["label"] == "14 d left"


def test_a_day_that_empties_before_nine_has_no_digest(case: Case) -> None:
    quiet(case)
    keys = law(case, *[MIDNIGHT] * 5)
    go(case, datetime(2026, 12, 6, 6, 0, tzinfo=UTC))
    assert tick(case) == []
    with case.work() as (tx, incident):
        meet_clock(tx, incident, keys[0], proof="R-1", actor=who(tx, LENA))
    go(case, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    told = tick(case)
    assert [one.kind for one in told] == ["reminder"] * 8
    assert told[0].detail["late_s"] == 0, "it was held on purpose"


def test_a_digest_that_an_outage_swallowed_says_that_it_is_late(thirty: Case) -> None:
    go(thirty, datetime(2026, 12, 6, 11, 0, tzinfo=UTC))
    told = tick(thirty)
    assert [one.kind for one in told] == ["digest", "digest"]
    assert told[0].detail["late_s"] == 3 * 3600
    assert tick(thirty) == []


def test_many_at_once_in_the_last_days_are_one_message_too(thirty: Case) -> None:
    go(thirty, MIDNIGHT - 24 * HOUR)
    told = tick(thirty)
    assert [(one.kind, one.to, len(one.clocks)) for one in told] == [
        ("reminders", "", 30),
        ("reminders", LENA, 30),
    ]
    assert thirty.events().count("reminder.sent") == 30, "the record has each"
    assert told[0].detail["snooze"] == ["1h", "4h", "tomorrow"]
    go(thirty, MIDNIGHT - 4 * HOUR)
    assert [one.detail["snooze"] for one in tick(thirty) if one.kind == "reminders"] == [[], []]


def test_deadlines_that_passed_aren_t_mixed_with_those_to_come(case: Case) -> None:
    quiet(case)
    passed = law(case, *[T0 + 24 * HOUR - timedelta(seconds=1)] * 5)
    ahead = law(case, *[T0 + 72 * HOUR] * 5, first=11)
    case.clock.move(hours=24)
    told = [(one.clocks, one.detail["clocks"][0]["label"]) for one in tick(case) if not one.to]
    assert told == [(tuple(passed), "breach"), (tuple(ahead), "48 h left")]
    assert {case.clock_row(key).state for key in passed} == {"missed"}


def test_our_own_targets_are_never_put_together(case: Case) -> None:
    case.clock.move(hours=80)
    assert {one.kind for one in tick(case)} == {"reminder"}


def test_the_night_is_that_of_the_responsible_person(case: Case) -> None:
    """Midnight in Berlin is 15:00 in Los Angeles, where Legal is."""
    quiet(case)
    with case.work() as (tx, _incident):
        learn_person(tx, LENA, name="Lena", zone="America/Los_Angeles")
    (key,) = law(case, MIDNIGHT)
    go(case, MIDNIGHT - 14 * DAY)
    told = tick(case)
    assert whom(told) == [("reminder", "", (key,)), ("reminder", LENA, (key,))]
    assert (told[0].detail["label"], told[0].detail["late_s"]) == ("14 d left", 0)


def test_whoever_travels_takes_their_night_along(case: Case) -> None:
    quiet(case)
    (key,) = law(case, MIDNIGHT)
    with case.work() as (tx, _incident):
        learn_person(tx, LENA, name="Lena", zone="America/Los_Angeles")
    go(case, datetime(2026, 12, 6, 6, 0, tzinfo=UTC))
    assert tick(case) == [], "07:00 in Berlin is 22:00 in Los Angeles"
    go(case, datetime(2026, 12, 6, 15, 0, tzinfo=UTC))
    told = tick(case)
    assert whom(told) == [("reminder", "", (key,)), ("reminder", LENA, (key,))]
    assert (told[0].detail["label"], told[0].detail["late_s"]) == ("13 d 7 h left", 0)


def test_in_the_last_two_days_the_night_is_no_reason(case: Case) -> None:
    quiet(case)
    (key,) = law(case, T0 + timedelta(days=4, hours=15))
    go(case, T0 + timedelta(days=2, hours=15))
    assert [one.detail["label"] for one in tick(case)] == ["48 h left"] * 2
    assert outcomes(case, key)[0] == ("2 d 18 h left", "superseded")


def test_a_met_clock_is_in_no_digest(thirty: Case) -> None:
    with thirty.work() as (tx, incident):
        meet_clock(tx, incident, "LAW-07", proof="R-1", actor=who(tx, LENA))
    go(thirty, datetime(2026, 12, 6, 8, 0, tzinfo=UTC))
    assert "LAW-07" not in tick(thirty)[0].clocks
    assert len(thirty.log()) > 0
    assert reminders(thirty, "LAW-07") == []


@pytest.mark.slow
def test_the_tick_reads_what_is_due_and_not_what_runs(case: Case) -> None:
    """As many statements with three hundred clocks as with ten, when one reminder is due."""
    quiet(case)
    law(case, T0 + 30 * HOUR)
    counts = []
    for first, more in ((100, 9), (200, 300)):
        law(case, *[T0 + 90 * DAY] * more, first=first)
        go(case, T0 + timedelta(hours=6 if first == 100 else 18))
        seen: list[str] = []

        def listen(_c: object, _cur: object, statement: str, *_more: object) -> None:
            seen.append(statement)  # noqa: B023 - removed before the next round

        with reading(case.store) as session:
            assert list(incidents_with_reminders_due(session, case.clock.now)) == [1]
        event.listen(case.store.engine, "before_cursor_execute", listen)
        assert len(tick(case)) == 2
        event.remove(case.store.engine, "before_cursor_execute", listen)
        with case.work() as (tx, incident):
            acknowledge(tx, incident, f"until:{tx.now.isoformat()}", actor=who(tx, LENA))
        counts.append(len(seen))
    assert counts[0] == counts[1]
