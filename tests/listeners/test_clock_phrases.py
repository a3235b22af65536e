"""What people type about a clock: times, proofs, rulings and reasons are told apart."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.facts import FactError
from bot.listeners.clock_phrases import (
    Met,
    Ruling,
    plain_reason,
    read_hold,
    read_met,
    read_ruling,
)
from bot.listeners.desk import UsageError
from bot.listeners.places import NoPlaceError, place_code, read_place

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)


def met(words: str) -> Met:
    return read_met(words, now=NOW, zone=BERLIN)


def ruling(words: str) -> Ruling:
    return read_ruling(words, key="X-1", now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    ("words", "at", "proof", "why"),
    [
        ("REF-1", None, "REF-1", ""),
        ("number 12 of 19 November", None, "number 12 of 19 November", ""),
        ("at 2026-11-19T10:00Z REF-1", TEN, "REF-1", ""),
        ("at 2026-11-19 11:00 REF-1", TEN, "REF-1", ""),
        ("at 2026-11-19 10:00 UTC REF 1", TEN, "REF 1", ""),
        ("at 2026-11-19 at 11:00 REF 1", TEN, "REF 1", ""),
        ("at 11:00 ICO 12", TEN, "ICO 12", ""),
        ("at yesterday 11:00 R", TEN.replace(day=18), "R", ""),
        ("at the authority's portal, 12", None, "at the authority's portal, 12", ""),
        ("REF-1 because the portal was down", None, "REF-1", "the portal was down"),
        ("REF-1 Because: late, because of us", None, "REF-1", "late, because of us"),
        ("at 11:00 because of the portal", TEN, "", "of the portal"),
        ("", None, "", ""),
    ],
)
def test_when_proof_and_why_it_was_late(
    words: str, at: datetime | None, proof: str, why: str
) -> None:
    assert met(words) == Met(at=at, proof=proof, why_late=why)


@pytest.mark.parametrize("words", ["at 10:00 EST R", "at 2026-11-19 10:00 Europe/Paris R"])
def test_a_zone_that_names_several_is_refused(words: str) -> None:
    with pytest.raises(FactError, match="write an offset"):
        met(words)


@pytest.mark.parametrize(
    ("words", "applies", "due", "reason"),
    [
        ("applies because counsel says so", True, None, "counsel says so"),
        ("it applies, because so", True, None, "so"),
        ("doesn't apply because no", False, None, "no"),
        ("doesn’t apply because no", False, None, "no"),
        ("does not apply: nobody lives there", False, None, "nobody lives there"),
        ("not applicable because no", False, None, "no"),
        ("due 2026-11-19T10:00Z because agreed", None, TEN, "agreed"),
        ("due 2026-11-19 11:00 because agreed", None, TEN, "agreed"),
        ("applies and due 2026-11-19T10:00Z because agreed", True, TEN, "agreed"),
        ("withdraw because a mistake", None, None, "a mistake"),
        ("applies", True, None, ""),
        ("applies because due to the flood", True, None, "due to the flood"),
    ],
)
def test_rulings(words: str, applies: bool | None, due: datetime | None, reason: str) -> None:  # noqa: FBT001 - a table
    assert ruling(words) == Ruling(applies=applies, due_at=due, reason=reason)


@pytest.mark.parametrize("words", ["", "because x", "perhaps because x", "applied because x"])
def test_what_is_no_ruling_is_answered_with_those_there_are(words: str) -> None:
    with pytest.raises(UsageError, match="X-1 applies because"):
        ruling(words)


@pytest.mark.parametrize("words", ["due", "due 17:00", "due 2026-03-02", "due monday 10:00"])
def test_a_deadline_needs_date_and_time(words: str) -> None:
    with pytest.raises(FactError, match="write date and time"):
        ruling(words)


@pytest.mark.parametrize(
    ("words", "number", "reason"),
    [
        ("evidence 3 because the FBI asks", 3, "the FBI asks"),
        ("evidence E-3 because x", 3, "x"),
        ("e-3 x", 3, "x"),
        ("3", 3, ""),
    ],
)
def test_holds(words: str, number: int, reason: str) -> None:
    assert read_hold(words, key="X-1") == (number, reason)


def test_a_hold_needs_its_document() -> None:
    with pytest.raises(UsageError, match="X-1 evidence 3 because"):
        read_hold("because the FBI asks", key="X-1")


def test_because_at_the_front_is_no_part_of_the_reason() -> None:
    assert plain_reason("because it was agreed, because so") == "it was agreed, because so"
    assert plain_reason("it was agreed because so") == "it was agreed because so"


@pytest.mark.parametrize(
    ("word", "within", "code"),
    [
        ("CA", "US", "US-CA"), ("us-ca", "US", "US-CA"), ("California", "US", "US-CA"),
        ("Guam", "US", "US-GU"), ("Puerto Rico", "", "US-PR"), ("ca", "", "CA"),
        ("Japan", "", "JP"), ("Germans", "", "DE"), ("Türkiye", "", "TR"), ("DE-BY", "", "DE-BY"),
    ],
)  # fmt: skip
def test_places_by_code_or_name(word: str, within: str, code: str) -> None:
    assert read_place(word, within=within) == code


@pytest.mark.parametrize(
    ("word", "within", "message"),
    [
        ("XX", "", "Did you mean"),
        ("ZZ", "US", "Did you mean US-AZ"),
        ("Germany", "US", "a part of US"),
    ],
)
def test_no_such_place(word: str, within: str, message: str) -> None:
    with pytest.raises(NoPlaceError, match=message):
        read_place(word, within=within)


def test_georgia_is_the_state() -> None:
    assert place_code("Georgia") == "US-GA"
