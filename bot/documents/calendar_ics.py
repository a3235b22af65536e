"""Deadlines as an iCalendar feed (RFC 5545), as calendar programs subscribe to it.

Decides what a calendar is told: the clock's id, the incident's reference, the citation, the instant
and a link. No title, no name, nothing of what happened, and no alarm of its own: reminding is
Tocsin's. The same deadlines give the same bytes, so that a reader can ask whether anything changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(minutes=15)
"""How often a reader should ask again; some keep to it."""

if TYPE_CHECKING:
    from icalendar import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDeadline:
    """One deadline as a calendar shows it. Instants are aware."""

    uid: str
    """Stays with the deadline wherever it moves (without the part after the @)."""
    key: str
    ref: str
    citation: str
    at: datetime
    embargo: bool
    """Whether `at` is the earliest and not the latest time."""
    cancelled: bool
    """Met, waived, or not applicable any more."""
    held: bool
    """Whether law enforcement asked to delay; the deadline may move."""
    turn: int
    """How often it has changed."""
    changed_at: datetime


def write_calendar(deadlines: Iterable[CalendarDeadline], *, name: str, base_url: str) -> bytes:
    """Write the feed; `base_url` is where Tocsin's pages stand, without a slash at its end."""
    from icalendar import Calendar  # noqa: PLC0415 - takes memory, and few processes write feeds

    calendar = Calendar()
    calendar.add("prodid", "-//Tocsin//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for one in sorted(deadlines, key=lambda each: (each.at, each.ref, each.key)):
        calendar.add_component(_event(one, base_url))
    return bytes(calendar.to_ical())


def _event(one: CalendarDeadline, base_url: str) -> "Event":
    from icalendar import Event  # noqa: PLC0415 - as above

    link = f"{base_url}/incidents/{one.ref}/clocks/{one.key}"
    word = "Tell nobody before" if one.embargo else "Deadline"
    event = Event()
    event.add("uid", f"{one.uid}@tocsin")
    # Of a published event DTSTAMP is when it was last revised (RFC 5545, 3.8.7.2).
    event.add("dtstamp", one.changed_at.astimezone(UTC))
    event.add("last-modified", one.changed_at.astimezone(UTC))
    event.add("sequence", one.turn)
    # An instant without an end: it takes no time (RFC 5545, 3.6.1).
    event.add("dtstart", one.at.astimezone(UTC))
    event.add("summary", f"{word} {one.key} ({one.ref})")
    event.add("description", f"{one.citation}\n{link}" if one.citation else link)
    event.add("url", link)
    event.add("class", "CONFIDENTIAL")
    event.add("transp", "TRANSPARENT")
    status = "CANCELLED" if one.cancelled else "TENTATIVE" if one.held else "CONFIRMED"
    event.add("status", status)
    return event
