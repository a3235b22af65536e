"""The words in which facts are said: one entry a language.

Decides how dates, times, counts and choices read in a language. It doesn't decide which facts a
notice tells. A further language is one more `Wording`; templates name theirs by its BCP 47 tag.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

NO_BREAK = "\N{NO-BREAK SPACE}"
"""Keeps a day with its month, and the parts of a telephone number, on one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How one language says dates, counts, choices and what is missing."""

    language: str
    months: tuple[str, ...]
    month_first: bool
    """`March 2, 2026` rather than `2 March 2026`."""
    at: str
    yes: str
    no: str
    both: str
    """Between the last two of a list."""
    approximately: str
    around: str
    """Before an estimated date."""
    thousands: str
    not_recorded: str
    recorded_as_unknown: str
    at_least: str
    choices: Mapping[str, Mapping[str, str]]
    """By fact name, then by choice. A choice without an entry reads as its own words."""
    places: Mapping[str, str]
    """By ISO 3166 code; a place without an entry reads as its code."""

    def count(self, number: int) -> str:
        """Write a whole number with separators."""
        return f"{number:,}".replace(",", self.thousands)

    def day(self, day: date) -> str:
        """Write a date in full, so that no reader can swap day and month."""
        month = self.months[day.month - 1]
        if self.month_first:
            return f"{month}{NO_BREAK}{day.day}, {day.year}"
        return f"{day.day}{NO_BREAK}{month} {day.year}"

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """Write an instant in `zone` with its abbreviation, and UTC beside it."""
        local = moment.astimezone(zone)
        utc = moment.astimezone(UTC)
        said = f"{self.day(local)} {self.at} {local:%H:%M}{NO_BREAK}{local.tzname()}"
        if zone.key == "UTC":
            return said
        other_day = "" if local.date() == utc.date() else f"{self.day(utc)}, "
        return f"{said} ({other_day}{utc:%H:%M}{NO_BREAK}UTC)"

    def listed(self, words: list[str]) -> str:
        """Join words to a list: `a`, `a and b`, `a, b and c`."""
        if len(words) < 2:  # noqa: PLR2004 - one word is no list
            return "".join(words)
        comma = "," if self.month_first and len(words) > 2 else ""  # noqa: PLR2004 - US usage
        return f"{', '.join(words[:-1])}{comma} {self.both} {words[-1]}"

    def choice(self, fact: str, word: str) -> str:
        """Say one choice of a fact in readable words."""
        if fact in {"established_in", "residents"}:
            return self.places.get(word, word)
        return self.choices.get(fact, {}).get(word, word.replace("_", " "))


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_ELEMENTS = {
    "name": "name",
    "postal_address": "postal address",
    "email": "e-mail address",
    "phone": "telephone number",
    "date_of_birth": "date of birth",
    "tax_id": "taxpayer identification number",
    "driver_license": "driving licence number",
    "passport": "passport number",
    "state_id": "identity card number",
    "financial_account": "bank or other financial account number",
    "payment_card": "payment card number",
    "ssn": "US Social Security number",
    "online_credentials": "user name and password of an online account",
    "medical": "medical information",
    "health_insurance": "health insurance information",
    "biometric": "biometric data",
    "genetic": "genetic data",
    "other": "other personal data",
}

_US_ELEMENTS = _ELEMENTS | {
    "postal_address": "mailing address",
    "email": "email address",
    "ssn": "Social Security number",
    "driver_license": "driver’s license number",
    "state_id": "state identification card number",
    "online_credentials": "user name and password for an online account",
    "other": "other personal information",
}

_BREACH_KINDS = {
    "confidentiality": "loss of confidentiality",
    "integrity": "loss of integrity",
    "availability": "loss of availability",
}

_RISK = {
    "unlikely": "unlikely to result in a risk",
    "likely": "likely to result in a risk",
    "high": "likely to result in a high risk",
}

_ENCRYPTION = {
    "not_encrypted": "not encrypted",
    "partly": "partly encrypted",
    "encrypted": "encrypted",
}

_PLACES = {
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "LU": "Luxembourg",
    "NL": "Netherlands",
    "PL": "Poland",
    "SE": "Sweden",
    "US": "United States",
    "US-CA": "California, United States",
    "US-FL": "Florida, United States",
    "US-MA": "Massachusetts, United States",
    "US-NY": "New York, United States",
    "US-TX": "Texas, United States",
}


def _choices(elements: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            "data_elements": elements,
            "breach_kinds": _BREACH_KINDS,
            "risk_to_people": _RISK,
            "encryption": _ENCRYPTION,
        }
    )


ENGLISH = Wording(
    language="en-GB",
    months=_MONTHS,
    month_first=False,
    at="at",
    yes="yes",
    no="no",
    both="and",
    approximately="approximately",
    around="on or about",
    thousands=",",
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=_choices(_ELEMENTS),
    places=MappingProxyType(_PLACES),
)

US_ENGLISH = Wording(
    language="en-US",
    months=_MONTHS,
    month_first=True,
    at="at",
    yes="yes",
    no="no",
    both="and",
    approximately="approximately",
    around="on or about",
    thousands=",",
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=_choices(_US_ELEMENTS),
    places=MappingProxyType(_PLACES),
)

WORDINGS = MappingProxyType({one.language: one for one in (ENGLISH, US_ENGLISH)})
"""Every language in which notices can be written, by BCP 47 tag."""
