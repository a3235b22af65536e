"""How facts are named, read and written, and that docs/facts.md says what the dictionary says."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from obligation_kit import NOW, facts

from bot.content.yaml_source import parse_yaml
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import (
    FactError,
    FactValue,
    check_value,
    from_json,
    parse_key,
    read_value,
    to_json,
    value_of,
)
from bot.domain.reference_tables import PageError, fact_table, put_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "facts.md"
BERLIN = ZoneInfo("Europe/Berlin")

READ = [
    ("aware_at", "10:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "today, where the writer is"),
    ("aware_at", "14:30", datetime(2026, 3, 1, 13, 30, tzinfo=UTC), "not yet: so it was yesterday"),
    ("aware_at", "2026-03-02 10:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "the writer's zone"),
    ("aware_at", "2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, 0, tzinfo=UTC), "says its zone"),
    ("aware_at", "yesterday 18:30", datetime(2026, 3, 1, 17, 30, tzinfo=UTC), "the day before"),
    ("aware_at", "yesterday at 6:30 pm", datetime(2026, 3, 1, 17, 30, tzinfo=UTC), "in words"),
    ("aware_at", "today 10:00", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "today"),
    ("aware_at", "10:00 UTC", datetime(2026, 3, 2, 10, 0, tzinfo=UTC), "UTC is one zone"),
    ("enrol_by", "2026-06-30", date(2026, 6, 30), "a date"),
    ("residents:US-CA", "1,200", 1200, "thousands separator"),
    ("residents:US-CA", "1.200", 1200, "the same in Germany"),
    ("residents:US-CA", "1 200", 1200, "the same in France"),
    ("residents:US-CA", "1\u202f200", 1200, "and as French programs print it"),
    ("residents:US-CA", "1'200'000", 1_200_000, "and in Switzerland"),
    ("material", "Yes", True, "yes"),
    ("material", "unknown", None, "unknown is a value"),
    ("risk_to_people", "High", "high", "choices are lower-case"),
    ("data_elements", "SSN; name, driver license", ("driver_license", "name", "ssn"), "sorted"),
    ("established_in", "us-ca, DE", ("DE", "US-CA"), "ISO codes are upper-case"),
    ("entity_types", "none", (), "none of them is an answer where the law may not know us"),
    ("entity_types", "None of them", (), "in words"),
    ("what_happened", "  An intruder.  ", "An intruder.", "trimmed"),
]


@pytest.mark.parametrize(("key", "text", "value", "why"), READ)
def test_text_becomes_a_value(key: str, text: str, value: FactValue, why: str) -> None:
    assert read_value(parse_key(key), text, now=NOW, zone=BERLIN) == value, why


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("aware_at", "soon", "isn't a time"),
        ("aware_at", "10:00 EST", "isn't a time that is clear"),
        ("aware_at", "02.03.2026 10:00", "isn't a time that is clear"),
        ("aware_at", "03/02 10:00", "isn't a time that is clear"),
        ("aware_at", "25:00", "isn't a time that exists"),
        ("aware_at", "2026-02-30 10:00", "isn't a time that exists"),
        ("affected_total", "1.5", "isn't a count"),
        ("affected_total", "12,00", "isn't a count"),
        ("affected_total", "1,200.000", "isn't a count"),
        ("affected_total", "1200,000", "isn't a count"),
        ("encryption", "encrypted, partly", "takes one answer: not_encrypted, partly, encrypted"),
        ("encryption", "", "takes one answer"),
        ("what_happened", "a\x00b", "doesn't fit what_happened"),
        ("what_happened", "\ud800", "doesn't fit what_happened"),
        ("enrol_by", "30 June", "isn't a date for enrol_by"),
        ("affected_total", "-5", "isn't a count"),
        ("affected_total", "many", "isn't a count"),
        ("affected_total", "99999999999", "isn't a count"),
        ("material", "perhaps", "write yes, no or unknown"),
        ("risk_to_people", "huge", "unlikely, likely, high"),
        ("established_in", "Germany", "isn't one of the choices"),
        ("established_in", "none", "isn't one of the choices"),
        ("data_elements", "none", "isn't one of the choices"),
        ("what_happened", "", "doesn't fit what_happened"),
        ("what_happened", "x" * 8001, "doesn't fit what_happened"),
    ],
)
def test_text_that_is_no_value_is_refused(key: str, text: str, message: str) -> None:
    with pytest.raises(FactError, match=message):
        read_value(parse_key(key), text, now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("awaer_at", "no fact “awaer_at”. Did you mean “aware_at”?"),
        ("residnts:US-CA", "no fact “residnts”. Did you mean “residents”?"),
        ("residents", "write residents:US-CA"),
        ("residents:California", "ISO 3166"),
        ("aware_at:US", "isn't counted per place"),
    ],
)
def test_a_key_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(FactError, match=message):
        parse_key(text)


def test_a_key_is_read_as_people_write_it() -> None:
    assert str(parse_key(" Residents: us-ca ")) == "residents:US-CA"


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("aware_at", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "2026-03-02T09:00:00Z"),
        ("enrol_by", date(2026, 6, 30), "2026-06-30"),
        ("residents:US-CA", 1200, 1200),
        ("data_elements", ("name", "ssn"), ["name", "ssn"]),
        ("material", False, False),
        ("material", None, None),
        ("risk_to_people", "high", "high"),
    ],
)
def test_what_is_stored_is_read_back(key: str, value: FactValue, stored: object) -> None:
    assert to_json(value) == stored
    assert from_json(parse_key(key), stored) == value


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("aware_at", "2026-03-02T09:00:00"),
        ("aware_at", "tomorrow"),
        ("affected_total", True),
        ("affected_total", "1200"),
        ("encryption", True),
        ("data_elements", ["name", "shoe size"]),
        ("what_happened", {}),
    ],
)
def test_a_stored_value_of_another_shape_is_refused(key: str, stored: object) -> None:
    with pytest.raises(FactError):
        from_json(parse_key(key), stored)


def test_a_fact_that_is_missing_or_unknown_has_no_value() -> None:
    known = facts({"material": None, "affected_total": 3})
    assert value_of(known, "material") is None
    assert value_of(known, "aware_at") is None
    assert value_of(known, "affected_total") == 3


def test_every_example_of_the_dictionary_is_a_value() -> None:
    for name, spec in FACT_TYPES.items():
        key = parse_key(f"{name}:US-CA" if spec.per_jurisdiction else name)
        value = read_value(key, spec.example, now=NOW, zone=BERLIN)
        assert check_value(key, value) == value is not None, name


def test_the_page_says_what_the_dictionary_says() -> None:
    page = PAGE.read_text("utf-8")
    assert put_table(page, fact_table()) == page, "run scripts/write_reference_pages.py"


def test_the_page_s_example_is_a_facts_file() -> None:
    example = PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    data = parse_yaml(example.encode(), file="example").data
    values = {key: from_json(parse_key(key), stored) for key, stored in data.items()}
    assert values["residents:US-CA"] == 1200
    assert values["aware_at"] == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(PageError, match="needs the lines"):
        put_table("no marks", "table")
