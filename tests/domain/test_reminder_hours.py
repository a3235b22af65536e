"""Nights, digests, silence and snoozes: when a reminder waits, and for whom."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obligation_kit import NOW

from bot.domain.clocks import ClockKind
from bot.domain.reminders import (
    BREACH,
    MANY,
    LongReminder,
    ReminderPoint,
    Snooze,
    after_night,
    digest_hour,
    digest_of,
    escalation_wait,
    first_look,
    is_long,
    next_day,
    plan,
    snooze_end,
    snoozed_until,
)

LAW, OURS = ClockKind.REGULATORY, ClockKind.CONTAINMENT
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
BERLIN, SACRAMENTO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles")
ZONES = [BERLIN, SACRAMENTO, ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Kolkata"), ZoneInfo("UTC")]


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """An instant from its local time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def moved(local: str, *, left: timedelta = 10 * DAY, zone: ZoneInfo = BERLIN) -> str:
    """The local time to which a reminder at a local time is moved."""
    point = ReminderPoint(label="10 d left", at=at(local, zone))
    found = after_night(point, due_at=point.at + left, zone=zone)
    return found.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("local", "told"),
    [
        ("2026-11-19 21:59:59", "2026-11-19 21:59"),
        ("2026-11-19 22:00:00", "2026-11-20 07:00"),
        ("2026-11-19 23:59:59", "2026-11-20 07:00"),
        ("2026-11-20 00:00:00", "2026-11-20 07:00"),
        ("2026-11-20 06:59:59", "2026-11-20 07:00"),
        ("2026-11-20 07:00:00", "2026-11-20 07:00"),
        ("2026-12-31 23:00:00", "2027-01-01 07:00"),
        # The night in which Berlin puts its clocks forward, and the one in which it puts them back.
        ("2026-03-28 23:30:00", "2026-03-29 07:00"),
        ("2026-03-29 03:30:00", "2026-03-29 07:00"),
        ("2026-10-25 02:30:00", "2026-10-25 07:00"),
    ],
)
def test_a_reminder_in_the_night_waits_for_the_morning(local: str, told: str) -> None:
    assert moved(local) == told


def test_the_night_is_as_long_as_the_clocks_make_it() -> None:
    spring = ReminderPoint(label="x", at=at("2026-03-28 22:00"))
    autumn = ReminderPoint(label="x", at=at("2026-10-24 22:00"))
    due = NOW + 400 * DAY
    assert after_night(spring, due_at=due, zone=BERLIN).at - spring.at == 8 * HOUR
    assert after_night(autumn, due_at=due, zone=BERLIN).at - autumn.at == 10 * HOUR


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (2 * DAY + SECOND, "2026-11-20 07:00"),
        (2 * DAY, "2026-11-20 02:00"),
        (4 * HOUR, "2026-11-20 02:00"),
    ],
)
def test_the_last_two_days_have_no_quiet_hours(left: timedelta, told: str) -> None:
    assert moved("2026-11-20 02:00", left=left) == told


def test_what_is_moved_says_how_much_is_left_then() -> None:
    point = ReminderPoint(label="7 d left", at=at("2026-11-19 23:00"))
    assert after_night(point, due_at=point.at + 7 * DAY, zone=BERLIN).label == "6 d 16 h left"
    assert after_night(point, due_at=point.at + 7 * DAY, zone=SACRAMENTO) == point, "14:00 there"


def test_a_breach_and_a_clock_without_a_number_know_no_night() -> None:
    night = at("2026-11-20 02:00")
    breach = ReminderPoint(label=BREACH, at=night)
    nudge = ReminderPoint(label="24 h without notice", at=night)
    assert after_night(breach, due_at=night - SECOND, zone=BERLIN) == breach
    assert after_night(nudge, due_at=None, zone=BERLIN) == nudge


@given(
    period=st.timedeltas(min_value=MINUTE, max_value=200 * DAY),
    start=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    zone=st.sampled_from(ZONES),
)
@settings(max_examples=60, deadline=None)
def test_quiet_hours_keep_the_order_and_never_reach_the_last_day(
    period: timedelta, start: datetime, zone: ZoneInfo
) -> None:
    started = start.replace(tzinfo=UTC)
    due = started + period
    points = plan(LAW, started_at=started, due_at=due)
    told = [after_night(point, due_at=due, zone=zone) for point in points]
    assert [one.at for one in told] == sorted(one.at for one in told)
    for point, after in zip(points, told, strict=True):
        assert timedelta(0) <= after.at - point.at <= 10 * HOUR
        assert after_night(after, due_at=due, zone=zone) == after, "the morning isn't night"
        if due - point.at <= 2 * DAY:
            assert after == point
        elif due - after.at > 2 * DAY:
            assert 7 <= after.at.astimezone(zone).hour < 22
    assert told[-1].label == BREACH


# -- the digest -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "left", "long"),
    [(LAW, 3 * DAY + SECOND, True), (LAW, 3 * DAY, False), (OURS, 30 * DAY, False)],
)
def test_a_digest_is_for_the_laws_days_and_weeks(
    kind: ClockKind, left: timedelta, *, long: bool
) -> None:
    assert is_long(kind, at=NOW, due_at=NOW + left) is long
    assert is_long(kind, at=NOW, due_at=None) is False


@pytest.mark.parametrize(
    ("point", "now", "look"),
    [
        ("2026-11-20 07:00", "2026-11-19 10:00", "2026-11-20 07:00"),
        ("2026-11-20 15:00", "2026-11-19 10:00", "2026-11-20 09:00"),
        ("2026-11-20 15:00", "2026-11-20 09:00", "2026-11-20 15:00"),
    ],
)
def test_the_tick_looks_at_the_digests_hour_unless_it_has_passed(
    point: str, now: str, look: str
) -> None:
    planned = at(point)
    found = first_look(LAW, at=planned, due_at=planned + 9 * DAY, now=at(now), zone=BERLIN)
    assert found == at(look)
    assert first_look(LAW, at=planned, due_at=planned + DAY, now=at(now), zone=BERLIN) == planned


def test_the_day_is_that_of_the_zone() -> None:
    instant = at("2026-11-19 23:30")
    assert digest_hour(instant, BERLIN) == at("2026-11-19 09:00")
    assert next_day(instant, BERLIN) == at("2026-11-20 00:00")
    assert digest_hour(instant, ZoneInfo("Asia/Tokyo")) == at(
        "2026-11-20 09:00", ZoneInfo("Asia/Tokyo")
    )
    assert next_day(at("2026-10-25 00:00"), BERLIN) - at("2026-10-25 00:00") == 25 * HOUR


def many(count: int, local: str, *, first: int = 1) -> list[LongReminder]:
    return [LongReminder(clock=first + one, at=at(local)) for one in range(count)]


def test_up_to_four_are_told_one_by_one_and_more_are_one_digest() -> None:
    nine = at("2026-11-20 09:00")
    few, more = many(MANY, "2026-11-20 09:00"), many(MANY + 1, "2026-11-20 09:00")
    assert digest_of(few, [], now=nine, zone=BERLIN).alone == tuple(few)
    choice = digest_of(more, [], now=nine, zone=BERLIN)
    assert (choice.digest, choice.alone, choice.hold) == (tuple(more), (), ())


def test_what_is_due_before_nine_waits_for_the_digest_of_its_day() -> None:
    early, later = many(2, "2026-11-20 07:00"), many(3, "2026-11-20 09:00", first=10)
    seven = at("2026-11-20 07:00")
    assert digest_of(early, later, now=seven, zone=BERLIN).hold == tuple(early)
    assert digest_of(early, later[:2], now=seven, zone=BERLIN).alone == tuple(early)


def test_what_comes_later_on_the_day_is_told_with_it() -> None:
    due, later = many(3, "2026-11-20 09:00"), many(2, "2026-11-20 15:00", first=10)
    choice = digest_of(due, later, now=at("2026-11-20 09:00"), zone=BERLIN)
    assert choice.digest == (*due, *later)


def test_yesterdays_digest_isn_t_mixed_with_the_day_that_begins() -> None:
    lost, early = many(5, "2026-11-19 09:00"), many(1, "2026-11-20 01:00", first=20)
    later = many(9, "2026-11-20 09:00", first=30)
    choice = digest_of([*lost, *early], later, now=at("2026-11-20 03:00"), zone=BERLIN)
    assert (choice.digest, choice.hold, choice.alone) == (tuple(lost), tuple(early), ())


@given(
    hours=st.lists(st.integers(min_value=-40, max_value=20), max_size=12),
    ahead=st.integers(min_value=0, max_value=8),
    now=st.integers(min_value=0, max_value=47),
)
@settings(max_examples=60, deadline=None)
def test_every_reminder_has_one_fate(hours: list[int], ahead: int, now: int) -> None:
    instant = at("2026-11-20 00:00") + now * HOUR
    due = [
        LongReminder(clock=number, at=instant - abs(hour) * HOUR)
        for number, hour in enumerate(hours)
    ]
    later = [LongReminder(clock=100 + one, at=instant + MINUTE) for one in range(ahead)]
    choice = digest_of(due, later, now=instant, zone=BERLIN)
    fates = [*choice.digest, *choice.hold, *choice.alone]
    assert len(fates) == len(set(fates))
    assert set(due) <= set(fates)
    assert not choice.digest or len(choice.digest) > MANY


# -- silence --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "left", "minutes"),
    [
        (LAW, 72 * HOUR + SECOND, None),
        (LAW, 72 * HOUR, 15),
        (LAW, 4 * HOUR + SECOND, 15),
        (LAW, 4 * HOUR, 10),
        (LAW, -DAY, 10),
        (OURS, 24 * HOUR + SECOND, None),
        (OURS, 24 * HOUR, 15),
        (OURS, HOUR, 10),
    ],
)
def test_silence_is_borne_the_shorter_the_nearer_the_deadline(
    kind: ClockKind, left: timedelta, minutes: int | None
) -> None:
    found = escalation_wait(kind, label="x", due_at=NOW + left, now=NOW)
    assert found == (timedelta(minutes=minutes) if minutes else None)


def test_without_a_number_nobody_else_is_told_and_a_breach_always_is() -> None:
    assert escalation_wait(LAW, label="24 h without notice", due_at=None, now=NOW) is None
    assert escalation_wait(OURS, label=BREACH, due_at=NOW - SECOND, now=NOW) == 10 * MINUTE


# -- snoozes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "now", "end"),
    [
        (Snooze.HOUR, "2026-11-20 22:30", "2026-11-20 23:30"),
        (Snooze.FOUR_HOURS, "2026-11-20 22:30", "2026-11-21 02:30"),
        (Snooze.TOMORROW, "2026-11-20 22:30", "2026-11-21 07:00"),
        (Snooze.TOMORROW, "2026-11-20 07:00", "2026-11-21 07:00"),
        (Snooze.TOMORROW, "2026-11-20 03:00", "2026-11-20 07:00"),
        (Snooze.TOMORROW, "2026-10-24 20:00", "2026-10-25 07:00"),
    ],
)
def test_a_snooze_ends_where_the_person_thinks(choice: Snooze, now: str, end: str) -> None:
    assert snooze_end(choice, at(now), BERLIN) == at(end)


def test_a_snooze_ends_at_the_last_reminder_before_the_deadline() -> None:
    points = plan(LAW, started_at=NOW, due_at=NOW + 72 * HOUR)
    last = NOW + 71 * HOUR
    assert snoozed_until(NOW + HOUR, points) == NOW + HOUR
    assert snoozed_until(last, points) == last
    assert snoozed_until(last + SECOND, points) == last
    assert snoozed_until(NOW + HOUR, points[-1:]) is None, "the deadline is never snoozed"
    assert snoozed_until(NOW + HOUR, []) is None


def test_a_quarter_and_a_year_have_a_month_ahead() -> None:
    labels = [point.label for point in plan(LAW, started_at=NOW, due_at=NOW + 90 * DAY)]
    assert labels[:2] == ["30 d left", "14 d left"]
