"""Facts as people say them: what is understood, and that one misunderstood part stops all."""

from datetime import UTC, datetime
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from bot.domain.facts import FactError
from bot.listeners.fact_phrases import read_facts

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str) -> dict[str, tuple[object, str]]:
    return {
        str(one.key): (one.value, one.confidence.value)
        for one in read_facts(text, now=NOW, zone=BERLIN)
    }


def sure(value: object) -> tuple[object, str]:
    return value, "confirmed"


def guess(value: object) -> tuple[object, str]:
    return value, "estimated"


def at(day: int, hour: int, minute: int = 0) -> tuple[object, str]:
    return sure(datetime(2026, 11, day, hour, minute, tzinfo=UTC))


YES, NO = (True, "confirmed"), (False, "confirmed")

UNDERSTOOD = [
    # The two sentences of the README; ten o'clock in Hamburg is nine UTC.
    ("aware at 10:00", {"aware_at": at(19, 9)}),
    (
        "1,200 Californians, names and SSNs, not encrypted",
        {
            "residents:US-CA": sure(1200),
            "data_elements": sure(("name", "ssn")),
            "encryption": sure("not_encrypted"),
        },
    ),
    # Times: a bare one is the latest that has passed, in the person's zone.
    ("we became aware at 10:00", {"aware_at": at(19, 9)}),
    ("aware 14:30", {"aware_at": at(18, 13, 30)}),
    ("aware yesterday 18:30", {"aware_at": at(18, 17, 30)}),
    ("aware at 2026-11-19 08:00 UTC", {"aware_at": at(19, 8)}),
    ("Discovered at 09:00", {"discovered_at": at(19, 8)}),
    ("breach determined 11:15", {"determined_at": at(19, 10, 15)}),
    ("started yesterday 03:00", {"breach_started_at": at(18, 2)}),
    # Thousands, as written in several countries; “about” is an estimate.
    ("1200 Californians", {"residents:US-CA": sure(1200)}),
    ("1.200 Germans", {"residents:DE": sure(1200)}),
    ("1'200 Swiss", {"residents:CH": sure(1200)}),
    ("1’200 Swiss", {"residents:CH": sure(1200)}),
    ("1 200 French", {"residents:FR": sure(1200)}),
    ("1,234,567 people", {"affected_total": sure(1234567)}),
    ("about 1,200 Californians", {"residents:US-CA": guess(1200)}),
    ("~450 New Yorkers", {"residents:US-NY": guess(450)}),
    ("approx. 3,000 customers in Texas", {"residents:US-TX": guess(3000)}),
    ("450 residents of Massachusetts", {"residents:US-MA": sure(450)}),
    ("450 California residents", {"residents:US-CA": sure(450)}),
    ("12 people in the United Kingdom", {"residents:GB": sure(12)}),
    ("3,200 records", {"records_total": sure(3200)}),
    # Several things at once.
    (
        "1,200 Californians, 450 Texans; 12 Germans",
        {"residents:US-CA": sure(1200), "residents:US-TX": sure(450), "residents:DE": sure(12)},
    ),
    (
        "aware at 10:00, 1,200 Californians",
        {"aware_at": at(19, 9), "residents:US-CA": sure(1200)},
    ),
    (
        "dates of birth, home addresses and driver’s licenses",
        {"data_elements": sure(("date_of_birth", "driver_license", "postal_address"))},
    ),
    (
        "names, e-mail addresses, passwords, bank details",
        {
            "data_elements": sure(("email", "financial_account", "name", "online_credentials")),
        },
    ),
    ("names\nSSNs", {"data_elements": sure(("name", "ssn"))}),
    # Encryption, key and risk.
    ("unencrypted", {"encryption": sure("not_encrypted")}),
    ("it was not encrypted", {"encryption": sure("not_encrypted")}),
    ("the data wasn't encrypted", {"encryption": sure("not_encrypted")}),
    ("data was encrypted", {"encryption": sure("encrypted")}),
    ("partly encrypted", {"encryption": sure("partly")}),
    ("the key was not taken", {"encryption_key_taken": NO}),
    ("key was also taken", {"encryption_key_taken": YES}),
    ("high risk", {"risk_to_people": sure("high")}),
    ("not material", {"material": NO}),
    # Names of facts, as the form and the lists show them.
    ("residents:us-ca 1200", {"residents:US-CA": sure(1200)}),
    ("encryption = partly", {"encryption": sure("partly")}),
    ("affected_total about 1,450", {"affected_total": guess(1450)}),
    ("what_happened: names, and more", {"what_happened": sure("names, and more")}),
    ("risk_to_people unknown", {"risk_to_people": sure(None)}),
]


@pytest.mark.parametrize(("text", "facts"), UNDERSTOOD)
def test_understood(text: str, facts: dict[str, object]) -> None:
    assert read(text) == facts


NOT_UNDERSTOOD = [
    ("", "I didn't understand “”"),
    ("purple monkey", "I didn't understand “purple monkey”, so nothing was recorded"),
    ("1,200 Californians, purple monkey", "“purple monkey”, so nothing was recorded"),
    ("names and SSNs and purple", "“purple”"),
    ("1,200", "I didn't understand “1,200”"),
    ("1,200 Martians", "I don't know the place “Martians”"),
    ("200 people in Hamburg", "I don't know the place “Hamburg”"),
    ("12,34 Californians", "I didn't understand “12”"),
    ("12.34.5 Germans", "“12.34.5” isn't a count"),
    ("aware at ten", "“ten” isn't a time that is clear"),
    ("aware 03/02 10:00", "isn't a time that is clear"),
    ("aware at 25:00", "“25:00” isn't a time that exists"),
    ("encryption: sometimes", "isn't one of the choices for encryption"),
    ("residents:XX-YYYY 12", "“residents” is counted per place"),
    ("1,200 Californians, 1,300 Californians", "You said two things about `residents:US-CA`"),
    ("encrypted, not encrypted", "You said two things about `encryption`"),
    ("-5 Californians", "I didn't understand"),
]


@pytest.mark.parametrize(("text", "message"), NOT_UNDERSTOOD)
def test_one_part_that_isnt_understood_stops_all(text: str, message: str) -> None:
    with pytest.raises(FactError) as refused:
        read(text)
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["1" + " " * 4000 + "!", "1 " * 2000 + "!", "a and " * 1000])
def test_long_nonsense_is_refused_at_once(text: str) -> None:
    started = perf_counter()
    with pytest.raises(FactError):
        read(text)
    assert perf_counter() - started < 0.5
