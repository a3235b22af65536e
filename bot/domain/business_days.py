"""Which days are business days, by calendar, and how they are added up.

Decides nothing about the law: which calendar a duty is counted in stands in its file.
Holidays come from the `holidays` package; weekends are Saturday and Sunday in every calendar here.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

# The class itself, not `holidays.country_holidays`: that imports every country at its first call,
# which would be in the middle of someone's request.
from holidays.countries.united_states import UnitedStates

_SATURDAY = 5


class BusinessCalendar(StrEnum):
    """Whose days off count."""

    SEC = "sec"
    """Days on which the U.S. Securities and Exchange Commission is open: Form 8-K, General
    Instruction B.1. It closes on federal holidays, which aren't the stock exchange's holidays:
    open on Good Friday, closed on Columbus Day and Veterans Day."""


_DAYS_OFF: dict[BusinessCalendar, Callable[..., Iterable[date]]] = {
    BusinessCalendar.SEC: UnitedStates,
}


@cache
def holidays_in(calendar: BusinessCalendar, year: int) -> frozenset[date]:
    """Give the calendar's days off of one year, with those observed on a neighbouring weekday.

    Days declared off by executive order alone aren't known beforehand and aren't here, nor is
    Inauguration Day: counting them as business days gives the earlier, safer deadline.
    """
    return frozenset(_DAYS_OFF[calendar](years=year, observed=True))


def is_business_day(day: date, calendar: BusinessCalendar) -> bool:
    """Say whether the day is neither a Saturday, a Sunday nor a day off in the calendar."""
    return day.weekday() < _SATURDAY and day not in holidays_in(calendar, day.year)


def add_business_days(start: date, number: int, calendar: BusinessCalendar) -> date:
    """Give the `number`-th business day after `start`, which itself is never counted.

    Form 8-K General Instruction B.1 comes to the same: after an event on a day off the period
    begins to run on, and includes, the first business day thereafter.
    """
    day = start
    counted = 0
    while counted < number:
        day += timedelta(days=1)
        counted += is_business_day(day, calendar)
    return day
