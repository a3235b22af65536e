"""Counting one period from one instant: hours, days, business days, months, years.

Decides the arithmetic alone. Rules: hours are elapsed time, whatever the calendar or the wall clock
does. Days are counted from the local date in the recipient's zone, which itself isn't counted
(Reg. (EEC, Euratom) 1182/71 Art. 3(1), and the default for U.S. state statutes); months and years
end on the same date, or on the month's last day (Art. 3(2)(c)), always from the original date. The
last day ends at 23:59:59 or at the recipient's cut-off and never rolls over a weekend by itself.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from bot.domain.business_days import add_business_days, calendar_in
from bot.domain.events import Instant
from bot.domain.obligations import Period, Relation, Unit

LAST_SECOND = time(23, 59, 59)
"""End of a day: a duty done within that second is done on that day."""


class DeadlineError(ValueError):
    """A deadline that can't be counted; the message says what to give instead."""


@cache
def read_zone(name: str) -> ZoneInfo:
    """Find an IANA time zone; raise `DeadlineError` if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of zones, an odd path
        raise DeadlineError(
            f"There is no time zone “{name}”: write one such as Europe/Berlin."
        ) from error


def check_instant(at: Instant) -> None:
    """Refuse a time without offset with a `DeadlineError` that says what to write."""
    if isinstance(at, datetime) and at.tzinfo is None:
        shown = at.isoformat()
        raise DeadlineError(f"{shown} has no offset: write {shown}Z or {shown}+01:00.")


def end_of_period(
    period: Period, start: Instant, zone: ZoneInfo, *, cutoff: time | None = None
) -> datetime | None:
    """Give the last instant of a period, aware UTC; None if it has no number and no event.

    Args:
        period: the number, its unit, and how it lies to the event.
        start: the event: an aware instant, or a local date where the hour is unknown.
        zone: the recipient's; days are counted in it.
        cutoff: local time on the last day after which it counts as the next day.

    Raises:
        DeadlineError: the instant has no offset, a date was given for a period in hours, or the
            result lies outside the calendar.
    """
    check_instant(start)
    try:
        if period.relation is not Relation.AFTER:
            return _at_event(period, start, zone)
        if period.number is None:
            return None
        if period.unit is Unit.HOURS:
            return _hours(period.number, start)
        return end_of_day(last_day(period, start, zone), zone, cutoff)
    except (OverflowError, ValueError) as error:
        if isinstance(error, DeadlineError):
            raise
        raise DeadlineError(
            f"{start.isoformat()} lies at the end of the calendar: check the year."
        ) from error


def last_day(period: Period, start: Instant, zone: ZoneInfo) -> date:
    """Give the last day of a period that isn't counted in hours, in the recipient's zone."""
    day = local_date(start, zone)
    if period.from_year_end:
        day = date(day.year, 12, 31)
    if period.first_day_included:
        day -= timedelta(days=1)
    return _COUNTERS[period.unit](day, period, zone)


def local_date(at: Instant, zone: ZoneInfo) -> date:
    """Give the date on which something happened where the recipient is."""
    return at.astimezone(zone).date() if isinstance(at, datetime) else at


def end_of_day(day: date, zone: ZoneInfo, at: time | None = None) -> datetime:
    """Give the last second of a local day (or its cut-off) as aware UTC."""
    return datetime.combine(day, at or LAST_SECOND, tzinfo=zone).astimezone(UTC)


def _at_event(period: Period, start: Instant, zone: ZoneInfo) -> datetime:
    """Together with the event, or strictly before it: then one second earlier is the last."""
    before = period.relation is Relation.BEFORE
    if isinstance(start, datetime):
        return start.astimezone(UTC) - timedelta(seconds=1 if before else 0)
    return end_of_day(start - timedelta(days=1) if before else start, zone)


def _hours(number: int, start: Instant) -> datetime:
    if not isinstance(start, datetime):
        raise DeadlineError(
            f"A period in hours needs the time of day: write {start.isoformat()}T10:00:00Z."
        )
    # UTC first: adding to local time would follow the wall clock over a change of daylight saving.
    return start.astimezone(UTC) + timedelta(hours=number)


def _number(period: Period) -> int:
    if period.number is None:
        raise DeadlineError(f"A period in {period.unit} needs a number.")
    return period.number


def _calendar_days(day: date, period: Period, _zone: ZoneInfo) -> date:
    return day + timedelta(days=_number(period))


def _business_days(day: date, period: Period, zone: ZoneInfo) -> date:
    if not period.calendar:
        raise DeadlineError("A period in business days needs a calendar.")
    return add_business_days(day, _number(period), calendar_in(period.calendar, zone.key))


def _months(day: date, period: Period, _zone: ZoneInfo) -> date:
    return day + relativedelta(months=_number(period))


def _years(day: date, period: Period, _zone: ZoneInfo) -> date:
    return day + relativedelta(years=_number(period))


def _no_days(_day: date, period: Period, _zone: ZoneInfo) -> date:
    raise DeadlineError(f"A period in {period.unit} has no last day.")


_COUNTERS: dict[Unit, Callable[[date, Period, ZoneInfo], date]] = {
    Unit.CALENDAR_DAYS: _calendar_days,
    Unit.BUSINESS_DAYS: _business_days,
    Unit.MONTHS: _months,
    Unit.YEARS: _years,
    Unit.HOURS: _no_days,
    Unit.NONE: _no_days,
}
