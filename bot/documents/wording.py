"""What one language must bring along to be a language of notices: dates, counts, choices, labels.

Decides how dates, times, counts and lists are put together from a language's words. The words
themselves are in `bot.documents.wordings`, one file a language; a further language is one more
`Wording`. It doesn't decide which facts a notice tells.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NO_BREAK = "\N{NO-BREAK SPACE}"
"""Keeps a day with its month, and the parts of a telephone number, on one line."""

THIN = "\N{NARROW NO-BREAK SPACE}"
"""Groups the digits of a number, and stands before some French marks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What the layouts themselves print: letterhead, header and footer."""

    date: str
    our_reference: str
    to: str
    name: str
    street: str
    place: str
    version: str
    content: str
    page: str
    of: str
    """Between the page's number and their count: `Page 2 of 3`."""
    check: str
    """Before the address at which anybody can check the paper."""
    cut: str
    """After a text that is too long for a letter; `{words}` is how much of it stands here."""
    draft: str
    not_approved: str
    in_review: str
    exercise: str
    """Also in English, so that nobody anywhere takes an exercise for the real thing."""
    not_real: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How one language says dates, counts, choices and what is missing."""

    language: str
    labels: Labels
    months: tuple[str, ...]
    date_form: str
    """`{day} {month} {year}`, with spaces that don't break."""
    first_of_month: str = "1"
    at: str
    at_one: str = ""
    """Before one o'clock, where that is another word."""
    time_form: str = "{hour:02}:{minute:02}"
    zones: Mapping[str, str] = field(default_factory=dict)
    """Abbreviations of time zones that have other ones in this language."""
    yes: str
    no: str
    both: str
    """Between the last two of a list."""
    both_before_i: str = ""
    """The same before a word that begins with the sound of i, where that is another word."""
    serial_comma: bool = False
    approximately: str
    around: str
    """Before an estimated date."""
    thousands: str
    ungrouped_below: int = 0
    """Numbers under this are written without separators."""
    not_recorded: str
    recorded_as_unknown: str
    at_least: str
    choices: Mapping[str, Mapping[str, str]]
    """By fact name, then by choice. A choice without an entry reads as its own words."""
    places: Mapping[str, str]
    """By ISO 3166 code; a part of a country without an entry reads as the country and the code."""
    spacing: tuple[tuple[str, str], ...] = ()
    """Regular expressions and what stands for them: the spaces that typography wants."""

    def count(self, number: int) -> str:
        """Write a whole number with separators."""
        if number < self.ungrouped_below:
            return str(number)
        return f"{number:,}".replace(",", self.thousands)

    def day(self, day: date) -> str:
        """Write a date in full, so that no reader can swap day and month."""
        number = self.first_of_month if day.day == 1 else str(day.day)
        return self.date_form.format(day=number, month=self.months[day.month - 1], year=day.year)

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """Write an instant in `zone` with its abbreviation, and UTC beside it."""
        local = moment.astimezone(zone)
        utc = moment.astimezone(UTC)
        at = self.at_one if self.at_one and local.hour == 1 else self.at
        name = local.tzname() or ""
        said = f"{self.day(local)} {at} {self._time(local)}{NO_BREAK}{self.zones.get(name, name)}"
        if zone.key == "UTC":
            return said
        other_day = "" if local.date() == utc.date() else f"{self.day(utc)}, "
        return f"{said} ({other_day}{self._time(utc)}{NO_BREAK}UTC)"

    def _time(self, moment: datetime) -> str:
        return self.time_form.format(hour=moment.hour, minute=moment.minute)

    def listed(self, words: list[str]) -> str:
        """Join words to a list: `a`, `a and b`, `a, b and c`."""
        if len(words) < 2:  # noqa: PLR2004 - one word is no list
            return "".join(words)
        comma = "," if self.serial_comma and len(words) > 2 else ""  # noqa: PLR2004 - US usage
        sounds_i = re.match(r"h?[ií](?!e)", words[-1], re.IGNORECASE)
        both = self.both_before_i if self.both_before_i and sounds_i else self.both
        return f"{', '.join(words[:-1])}{comma} {both} {words[-1]}"

    def choice(self, fact: str, word: str) -> str:
        """Say one choice of a fact in readable words."""
        if fact in {"established_in", "residents", "affected_member_states"}:
            return self._place(word)
        return self.choices.get(fact, {}).get(word, word.replace("_", " "))

    def _place(self, code: str) -> str:
        country = self.places.get(code.partition("-")[0])
        return self.places.get(code) or (f"{country} ({code})" if country else code)

    def spaced(self, text: str) -> str:
        """Give what a person typed the spaces that this language's typography wants."""
        for pattern, spaces in self.spacing:
            text = re.sub(pattern, spaces, text)
        return text
