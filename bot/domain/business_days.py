"""Which days are business days, by calendar, and how they are added up.

Decides nothing about the law: which calendar a duty is counted in stands in its file.
Holidays come from the `holidays` package; weekends are Saturday and Sunday in every calendar here.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from holidays.registry import COUNTRIES

_MODULES = MappingProxyType({names[1]: (module, names[0]) for module, names in COUNTRIES.items()})
"""Module and class by ISO code. The class itself is imported, not `holidays.country_holidays`:
that imports every country at its first call, which would be in the middle of someone's request."""

EU_CALENDARS = MappingProxyType(
    {
        "Europe/Amsterdam": "NL", "Europe/Athens": "GR", "Europe/Berlin": "DE",
        "Europe/Bratislava": "SK", "Europe/Brussels": "BE", "Europe/Bucharest": "RO",
        "Europe/Budapest": "HU", "Europe/Copenhagen": "DK", "Europe/Dublin": "IE",
        "Europe/Helsinki": "FI", "Europe/Lisbon": "PT", "Europe/Ljubljana": "SI",
        "Europe/Luxembourg": "LU", "Europe/Madrid": "ES", "Europe/Malta": "MT",
        "Europe/Oslo": "NO", "Europe/Paris": "FR", "Europe/Prague": "CZ", "Europe/Riga": "LV",
        "Europe/Rome": "IT", "Europe/Sofia": "BG", "Europe/Stockholm": "SE",
        "Europe/Tallinn": "EE", "Europe/Vaduz": "LI", "Europe/Vienna": "AT",
        "Europe/Vilnius": "LT", "Europe/Warsaw": "PL", "Europe/Zagreb": "HR",
        "Asia/Nicosia": "CY", "Atlantic/Reykjavik": "IS",
    }
)  # fmt: skip
"""Member state by the zone of its authority, for Regulation (EEC, Euratom) 1182/71 Art. 2(1)."""

_SATURDAY = 5


def _sec(year: int) -> Iterable[date]:
    """Days on which the U.S. Securities and Exchange Commission is closed: federal holidays.

    Form 8-K, General Instruction B.1. They aren't the stock exchange's: the Commission is open on
    Good Friday and closed on Columbus Day and Veterans Day.
    """
    return _country("US")(year)


def _japan(year: int) -> Iterable[date]:
    """National holidays and the closure of public offices from 29 December to 3 January.

    Act on Holidays of Administrative Organs (Act No. 91 of 1988), Art. 1.
    """
    closed = [date(year, 1, day) for day in (2, 3)] + [date(year, 12, day) for day in (29, 30, 31)]
    return {*_country("JP")(year), date(year, 1, 1), *closed}


def _target(year: int) -> Iterable[date]:
    """Closing days of the TARGET system: ECB long-term calendar."""
    found: Any = import_module("holidays.financial.european_central_bank")
    return list(found.EuropeanCentralBank(years=year))


_SPECIAL: dict[str, Callable[[int], Iterable[date]]] = {
    "sec": _sec,
    "japan": _japan,
    "target": _target,
}


def _country(code: str) -> Callable[[int], Iterable[date]]:
    country, _, part = code.partition("-")
    module, name = _MODULES[country]
    found: Any = getattr(import_module(f"holidays.countries.{module}"), name)
    return lambda year: list(found(years=year, observed=True, subdiv=part or None))


def calendar_exists(name: str) -> bool:
    """Say whether days can be counted in a calendar of that name."""
    if name in _SPECIAL or name == "EU":
        return True
    country, _, part = name.partition("-")
    if country not in _MODULES:
        return False
    module, title = _MODULES[country]
    found: Any = getattr(import_module(f"holidays.countries.{module}"), title)
    return not part or part in found.subdivisions


def calendar_in(name: str, zone: str) -> str:
    """Resolve `EU` to the member state of the zone, or to TARGET where the zone tells none."""
    return EU_CALENDARS.get(zone, "target") if name == "EU" else name


@cache
def holidays_in(calendar: str, year: int) -> frozenset[date]:
    """Give the calendar's days off of one year, with those observed on a neighbouring weekday.

    `calendar` is `sec`, `japan`, `target`, or an ISO 3166 code such as BR or US-IA. Days declared
    off by executive order alone aren't known beforehand and aren't here, nor is Inauguration Day:
    counting them as business days gives the earlier, safer deadline.
    """
    if calendar in _SPECIAL:
        return frozenset(_SPECIAL[calendar](year))
    return frozenset(_country(calendar)(year))


def is_business_day(day: date, calendar: str) -> bool:
    """Say whether the day is neither a Saturday, a Sunday nor a day off in the calendar."""
    return day.weekday() < _SATURDAY and day not in holidays_in(calendar, day.year)


def next_business_day(day: date, calendar: str) -> date:
    """Give the day itself if it is a business day, else the first one after it."""
    while not is_business_day(day, calendar):
        day += timedelta(days=1)
    return day


def add_business_days(start: date, number: int, calendar: str) -> date:
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
