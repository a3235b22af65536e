"""Letters to US residents, state by state: parts, months of protection, what approval binds."""

from collections.abc import Mapping

import pytest
from notice_kit import NOW, rendered, templates
from people_kit import BY_STATE, TWELVE, facts_with, to_person

from bot.documents.html import hash_content, used_facts
from bot.domain.facts import Fact
from bot.domain.notice_checks import (
    ContentItem,
    blocking_gaps,
    checks_before_sending,
    completeness,
)

pytestmark = pytest.mark.slow  # the first of them loads every template

PARTS = (
    "District of Columbia",
    "Iowa",
    "Maryland",
    "New Mexico",
    "New York",
    "North Carolina",
    "Oregon",
    "Rhode Island",
    "West Virginia",
)


def test_sample_has_a_part_for_each_state_that_wants_one_in_order() -> None:
    notice = rendered("us_state_individual", facts_with(*TWELVE))
    lines = notice.text.split("\n")
    assert notice.gaps == ()
    assert tuple(one for one in lines if one in PARTS) == PARTS
    assert lines.index("More for Residents of Certain States") < lines.index(PARTS[0])


def test_state_that_wants_nothing_more_adds_nothing() -> None:
    text = rendered("us_state_individual", facts_with("TX", "IL")).text
    assert "More for Residents" not in text
    assert "Texas" not in text
    assert "Illinois" not in text


@pytest.mark.parametrize(
    ("jurisdiction", "own", "others"),
    [
        ("US-MD", "For Maryland residents", ("North Carolina", "Rhode Island", "1,450")),
        ("US-RI", "This breach affects approximately 1,450 people in all.", ("Maryland",)),
        ("US-DC", "For residents of the District of Columbia", ("Maryland", "1,450")),
        ("US-NC", "1-877-566-7226 · www.ncdoj.gov", ("Maryland", "1,450")),
        ("US-IL", "Notice of Data Breach", ("Maryland", "Illinois", "1,450", "residents")),
        ("US-TX", "Notice of Data Breach", ("Maryland", "Texas", "1,450", "residents")),
    ],
)
def test_letter_to_a_person_has_only_the_part_of_their_state(
    jurisdiction: str, own: str, others: tuple[str, ...]
) -> None:
    text = to_person("us_state_individual", facts_with(*TWELVE), jurisdiction).text
    assert own in text
    for words in (*others, "More for Residents of Certain States"):
        assert words not in text


def test_person_of_a_state_without_a_count_still_gets_its_part() -> None:
    text = to_person("us_state_individual", facts_with("TX"), "US-MD").text
    assert "Office of the Attorney General of Maryland" in text


def test_state_with_no_resident_gets_no_part() -> None:
    assert "Maryland" not in rendered("us_state_individual", facts_with("MD", count=0)).text


@pytest.mark.parametrize("template_id", BY_STATE)
def test_words_that_a_state_wants_stand_in_the_letter(template_id: str) -> None:
    template = templates()[template_id]
    for code, state in template.states.states.items():
        every = ("ssn", "tax_id", "driver_license", "state_id", "financial_account")
        facts = facts_with(code[3:], data_elements=("name", *every, "online_credentials"))
        text = " ".join(rendered(template_id, facts).text.split())
        for item in state.contents:
            assert item.says in text, f"{code}: {item.item}"


@pytest.mark.parametrize("template_id", BY_STATE)
def test_each_item_that_a_state_wants_is_missed_without_its_fact(template_id: str) -> None:
    template = templates()[template_id]
    checked = 0
    for code, state in template.states.states.items():
        elements = sorted({"name", *(state.service.elements if state.service else ())})
        facts = facts_with(code[3:], data_elements=tuple(elements))
        for item in state.contents:
            for name in item.facts:
                without = {key: one for key, one in facts.items() if key != name}
                assert of_state(template_id, facts, f"{state.name}: {item.item}").fulfilled
                lacking = of_state(template_id, without, f"{state.name}: {item.item}")
                # Without the kinds of data, it isn't known whether an item for SSNs is owed.
                assert not lacking.fulfilled or (name == "data_elements" and item.elements), code
                checked += 1
    assert checked > 70


def of_state(template_id: str, facts: Mapping[str, Fact], item: str) -> ContentItem:
    found = completeness(templates()[template_id], facts, now=NOW)
    return next(one for one in found if one.item == item)


@pytest.mark.parametrize(
    ("states", "elements", "months", "wanted"),
    [
        (("CT",), ("name", "ssn"), 18, 24),  # Connecticut asks for 24
        (("CT",), ("name", "ssn"), 24, None),
        (("CT",), ("name", "tax_id"), 12, 24),
        (("CT",), ("name", "email"), 1, None),  # no number that it protects
        (("DC",), ("name", "ssn"), 12, 18),
        (("DE",), ("name", "ssn"), 11, 12),
        (("DE",), ("name", "driver_license"), 1, None),
        (("PA",), ("name", "driver_license"), 6, 12),
        (("PA",), ("name", "financial_account"), 12, None),
        (("TX",), ("name", "ssn"), 1, None),  # Texas asks for nothing
        (("CT", "DC", "DE"), ("name", "ssn"), 18, 24),  # the strictest of those affected
    ],
)
def test_months_are_those_of_the_strictest_state(
    states: tuple[str, ...], elements: tuple[str, ...], months: int, wanted: int | None
) -> None:
    facts = facts_with(*states, data_elements=elements, credit_monitoring_months=months)
    notice = rendered("us_state_individual", facts)
    labels = [gap.label for gap in notice.gaps]
    if wanted is None:
        assert labels == []
    else:
        assert [f"at least {wanted} (" in one for one in labels] == [True]
        assert f"{months} [[The law wants at least {wanted}]] months" in notice.text


def test_service_that_a_state_wants_is_missed() -> None:
    facts = facts_with("CT", data_elements=("name", "ssn"))
    del facts["credit_monitoring_months"]
    gaps = blocking_gaps(templates()["us_state_individual"], facts, now=NOW)
    assert [gap.fact for gap in gaps] == ["credit_monitoring_months"]


def test_approval_binds_the_states_not_their_counts() -> None:
    template = templates()["us_state_individual"]

    def content(*states: str, count: int) -> str:
        return hash_content(template, facts_with(*states, count=count), overrides={})

    assert content("MD", count=7) == content("MD", count=8)
    assert content("MD", count=7) != content("MD", "RI", count=7)
    assert content("MD", count=7) != content("MD", count=0)


def test_version_keeps_the_counts_by_which_parts_were_chosen() -> None:
    facts = facts_with("MD", "CA")
    kept = {key for key in used_facts(templates()["us_state_individual"], facts) if ":" in key}
    assert kept == {"residents:US-MD"}


def test_person_checks_what_the_states_concerned_want_checked() -> None:
    template = templates()["us_state_individual"]
    plain = checks_before_sending(template, facts_with("TX"))
    assert plain == template.verify_before_sending
    more = checks_before_sending(template, facts_with("TX", "RI", "DC"))[len(plain) :]
    assert {one.partition(":")[0] for one in more} == {"District of Columbia", "Rhode Island"}
