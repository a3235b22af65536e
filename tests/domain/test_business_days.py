"""Which days are business days in each calendar; the days off are looked up by hand in the law."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.business_days import (
    EU_CALENDARS,
    add_business_days,
    calendar_exists,
    calendar_in,
    is_business_day,
    next_business_day,
)

CALENDARS = ["sec", "US", "US-ME", "US-CA", "US-VT", "BR", "japan", "target", "AU", "DE", "BE"]

DAYS = [
    # calendar, day, open?, why
    ("sec", "2026-07-03", False, "4 July 2026 is a Saturday: kept on Friday"),
    ("sec", "2026-04-03", True, "Good Friday closes the exchange, not the Commission"),
    ("sec", "2026-10-12", False, "Columbus Day"),
    ("sec", "2026-11-11", False, "Veterans Day"),
    ("sec", "2026-11-27", True, "the day after Thanksgiving"),
    ("sec", "2026-12-24", True, "only an executive order would close it"),
    ("sec", "2021-12-31", False, "New Year's Day 2022 is a Saturday: kept in the year before"),
    ("US", "2026-06-19", False, "Juneteenth"),
    ("US", "2025-01-20", False, "Martin Luther King's day, which was Inauguration Day too"),
    ("US-ME", "2026-04-20", False, "Patriots' Day"),
    ("US", "2026-04-20", True, "and none elsewhere"),
    ("BR", "2026-02-16", True, "Carnival Monday is no national holiday"),
    ("BR", "2026-02-17", True, "nor is Carnival Tuesday"),
    ("BR", "2026-06-04", True, "nor Corpus Christi"),
    ("BR", "2026-11-20", False, "Black Consciousness Day, national since 2024"),
    ("BR", "2026-04-21", False, "Tiradentes"),
    ("japan", "2026-12-28", True, "the last day before the closure"),
    ("japan", "2026-12-29", False, "closed to 3 January"),
    ("japan", "2027-01-01", False, "New Year's Day"),
    ("japan", "2028-01-03", False, "a Monday, still closed"),
    ("japan", "2028-01-04", True, "open again"),
    ("japan", "2026-05-06", False, "in the stead of Sunday 3 May"),
    ("target", "2026-04-03", False, "Good Friday"),
    ("target", "2026-04-06", False, "Easter Monday"),
    ("target", "2026-05-01", False, "1 May"),
    ("target", "2026-11-11", True, "nobody's holiday at the ECB"),
    ("BE", "2026-11-11", False, "Armistice"),
    ("DE", "2026-11-11", True, "no holiday in Germany"),
    ("DE", "2026-10-03", False, "a Saturday besides"),
    ("AU", "2026-01-26", False, "Australia Day"),
]


@pytest.mark.parametrize(
    ("calendar", "day", "is_open", "why"), DAYS, ids=[f"{row[0]} {row[1]}" for row in DAYS]
)
def test_open_or_closed(calendar: str, day: str, *, is_open: bool, why: str) -> None:
    assert is_business_day(date.fromisoformat(day), calendar) is is_open, why


@pytest.mark.parametrize("name", [*CALENDARS, "EU", "JP", "PR", "US-PR", "GU", "US-DC"])
def test_calendars_that_exist(name: str) -> None:
    assert calendar_exists(name)


@pytest.mark.parametrize("name", ["", "XX", "US-XX", "nyse", "us", "EU_EEA", "-CA"])
def test_calendars_that_do_not(name: str) -> None:
    assert not calendar_exists(name)


def test_the_eu_s_calendar_is_that_of_the_member_state_or_target() -> None:
    assert calendar_in("EU", "Europe/Berlin") == "DE"
    assert calendar_in("EU", "Asia/Nicosia") == "CY"
    assert calendar_in("EU", "America/New_York") == "target"
    assert calendar_in("US", "Europe/Berlin") == "US"
    assert len(set(EU_CALENDARS.values())) == 30, "27 member states and three of the EEA"
    assert all(calendar_exists(code) for code in EU_CALENDARS.values())


def test_the_first_business_day_after_one_is_counted_once() -> None:
    assert add_business_days(date(2026, 7, 2), 1, "sec") == date(2026, 7, 6)
    assert next_business_day(date(2026, 7, 3), "sec") == date(2026, 7, 6)
    assert next_business_day(date(2026, 7, 6), "sec") == date(2026, 7, 6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    start=st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    number=st.integers(1, 30),
    calendar=st.sampled_from(CALENDARS),
)
def test_between_start_and_end_there_are_exactly_that_many(
    start: date, number: int, calendar: str
) -> None:
    end = add_business_days(start, number, calendar)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_business_day(day, calendar) for day in between) == number
    assert is_business_day(end, calendar)
    assert add_business_days(start, number + 1, calendar) > end
