"""Where an instant lies in the picture of all deadlines: hours and months on one readable scale.

Decides three bands. What has passed is squeezed into a narrow one; the next seven days are drawn
true to time, so that hours can be told apart; what comes later is logarithmic, so that a month and
a year both have room. Draws nothing.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
NEAR_SHARE = 0.6
"""Of the width to the right of now: the next seven days."""
PAST_SHARE, NO_PAST_SHARE = 0.13, 0.03
_LATER_DAYS = (14, 30, 60, 90, 180, 365, 730, 1095, 1825, 3650)
_MONTH, _MONTHS_SHOWN = 30, 60
_TICK_GAP = 46
"""Least distance between two labels of the later band."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A line of the scale; `words` may stand under it in two rows."""

    x: float
    words: tuple[str, ...]
    weekend_until: float | None = None
    """For a day at the weekend: where its shading ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """Maps instants to x. Between `left` and `now_x` lies the past, from `later_x` on the later."""

    now: datetime
    zone: ZoneInfo
    left: float
    now_x: float
    later_x: float
    right: float
    past: timedelta
    latest: timedelta

    def x(self, at: datetime) -> float:
        """Say where an aware instant lies; what lies outside is drawn at the edge."""
        span = at - self.now
        if span < timedelta(0):
            share = min(1.0, -span / self.past)
            return self.now_x - share * (self.now_x - self.left)
        if span <= WEEK:
            return self.now_x + (span / WEEK) * (self.later_x - self.now_x)
        share = math.log(span / WEEK) / math.log(self.latest / WEEK)
        return self.later_x + min(1.0, share) * (self.right - self.later_x)

    def days(self) -> list[Tick]:
        """Give the midnights of the next seven days in the zone, those of weekends marked."""
        local = self.now.astimezone(self.zone)
        found = []
        for ahead in range(9):
            day = local.date() + timedelta(days=ahead)
            begins = datetime.combine(day, datetime.min.time(), tzinfo=self.zone)
            ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=self.zone)
            x = max(self.x(begins), self.now_x) if begins < self.now else self.x(begins)
            if begins - self.now > WEEK:
                break
            weekend = min(self.x(ends), self.later_x) if day.isoweekday() > 5 else None  # noqa: PLR2004
            words = (f"{day:%a}", f"{day.day}") if begins >= self.now else ()
            found.append(Tick(x=x, words=words, weekend_until=weekend))
        return found

    def later(self) -> list[Tick]:
        """Give lines at round distances after the seventh day, with the date of each."""
        found: list[Tick] = []
        before = self.later_x
        for days in _LATER_DAYS:
            at = self.now + timedelta(days=days)
            if timedelta(days=days) > self.latest:
                break
            x = self.x(at)
            if x - before < _TICK_GAP or self.right - x < _TICK_GAP / 3:
                continue
            day = at.astimezone(self.zone)
            date = f"{day.day} {day:%b}" if days < 300 else f"{day:%b %Y}"  # noqa: PLR2004
            found.append(Tick(x=x, words=(_ahead(days), date)))
            before = x
        return found


def _ahead(days: int) -> str:
    """Say a round distance: 3 weeks, 60 days, 6 months, 1 year."""
    if days < _MONTH:
        return f"{days // 7} weeks"
    if days < 2 * _MONTHS_SHOWN:
        return f"{days} days"
    if days < 365:  # noqa: PLR2004
        return f"{days // _MONTH} months"
    return "1 year" if days == 365 else f"{days // 365} years"  # noqa: PLR2004


def scale_for(
    instants: Iterable[datetime], *, now: datetime, zone: ZoneInfo, left: float, right: float
) -> Scale:
    """Make the scale on which all the instants can be told apart."""
    spans = [at - now for at in instants]
    past = max((-span for span in spans if span < timedelta(0)), default=timedelta(0))
    latest = max([*spans, timedelta(days=30)])
    share = PAST_SHARE if past else NO_PAST_SHARE
    now_x = left + share * (right - left)
    return Scale(
        now=now,
        zone=zone,
        left=left,
        now_x=now_x,
        later_x=now_x + NEAR_SHARE * (right - now_x),
        right=right,
        past=max(past * 1.15, timedelta(days=1)),
        latest=latest * 1.08,
    )
