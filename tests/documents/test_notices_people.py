"""Letters to people and notices to the public: state by state, and what they may not tell."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
from notice_kit import NOW, fact, pages_of, pdf_of, rendered, story_facts, templates

from bot.content.obligations import load_obligations
from bot.content.roots import find_roots
from bot.documents.html import (
    Addressee,
    NoticeRenderError,
    RenderedNotice,
    hash_content,
    render_notice,
    used_facts,
)
from bot.documents.marks import APPROVED
from bot.domain.facts import Fact, FactValue
from bot.domain.notice_checks import (
    ContentItem,
    approval_obstacles,
    blocking_gaps,
    checks_before_sending,
    completeness,
    forbidden_in,
)
from bot.domain.notices import NoticeState

pytestmark = pytest.mark.slow  # the first of them loads every template

BY_STATE = (
    "us_state_individual",
    "us_hipaa_individual",
    "us_minor_guardian",
    "us_estate_representative",
    "us_substitute",
)
TWELVE = ("DC", "IA", "IL", "MD", "NC", "NM", "NY", "OR", "RI", "TX", "WV", "WY")
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
GIVEAWAY = 4321
"""A count that stands nowhere else in a letter."""


def facts_with(*states: str, count: int = 7, **changed: FactValue) -> dict[str, Fact]:
    """The story's facts, but with residents of these states only."""
    facts = story_facts("residents")
    for state in states:
        facts[f"residents:US-{state}"] = fact(f"residents:US-{state}", count)
    for name, value in changed.items():
        facts[name] = fact(name, value)
    return facts


def to_person(template: str, facts: Mapping[str, Fact], jurisdiction: str) -> RenderedNotice:
    return render_notice(
        templates()[template],
        facts,
        marking=APPROVED,
        notice_ref="INC-2026-004 / N-2",
        version=2,
        now=NOW,
        addressee=Addressee(
            name="Zoë O’Neil", address=("1 Example Road",), jurisdiction=jurisdiction
        ),
    )


def printed(notice: RenderedNotice) -> str:
    """The text as it stands in the PDF, with single spaces."""
    return " ".join(pages_of(pdf_of(notice)))


@cache
def duties() -> frozenset[str]:
    return frozenset(load_obligations(find_roots().playbooks / "obligations"))


# --- whom they serve


def test_every_state_duty_to_people_is_served_by_one_letter() -> None:
    wanted = {one for one in duties() if re.fullmatch(r"US-[A-Z]{2}-IND(-GOV)?", one)}
    automatic = [one for one in templates().values() if not one.by_hand]
    served = {
        duty: [one.id for one in automatic if duty in one.obligations] for duty in sorted(wanted)
    }
    special = {"US-CA-IND": ["us_ca_individual"], "US-MA-IND": ["us_ma_individual"]}
    assert served == {duty: special.get(duty, ["us_state_individual"]) for duty in wanted}
    assert len(wanted) == 56


@pytest.mark.parametrize(
    "template_id", [*BY_STATE, "uk_art34_person", "us_credentials_only", "us_media"]
)
def test_duties_that_a_letter_names_are_in_the_pack(template_id: str) -> None:
    assert set(templates()[template_id].obligations) <= duties()


@pytest.mark.parametrize(
    "template_id",
    ["us_minor_guardian", "us_estate_representative", "us_credentials_only", "us_substitute"],
)
def test_special_letters_are_drafted_by_hand(template_id: str) -> None:
    assert templates()[template_id].by_hand


# --- parts for single states


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


# --- months of protection


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


# --- prohibitions


@pytest.mark.parametrize("template_id", ["us_state_individual", "us_minor_guardian"])
def test_massachusetts_is_refused_by_the_letters_of_other_states(template_id: str) -> None:
    with pytest.raises(NoticeRenderError, match="Use us_ma_individual"):
        to_person(template_id, facts_with("MA", "TX"), "US-MA")


def test_california_is_refused_by_the_general_letter() -> None:
    with pytest.raises(NoticeRenderError, match="Use us_ca_individual"):
        to_person("us_state_individual", facts_with("CA"), "US-CA")


def test_massachusetts_paper_tells_neither_nature_nor_number() -> None:
    facts = facts_with(
        "MA",
        count=GIVEAWAY,
        affected_total=98765,
        what_happened="Zebra thieves unlocked the heliotrope vault.",
        likely_consequences="Quagmire of forgery.",
        measures_taken="Locksmiths replaced tumblers.",
    )
    text = printed(rendered("us_ma_individual", facts))
    assert "right to obtain any police report" in text
    told = ("4,321", "4321", "98,765", "98765", "Zebra", "vault", "Quagmire", "tumblers")
    for words in (*told, "February", "encrypt", "confidentiality"):
        assert words not in text, words


@pytest.mark.parametrize("template_id", BY_STATE)
def test_no_paper_tells_how_many_live_in_illinois(template_id: str) -> None:
    facts = facts_with(*TWELVE, count=GIVEAWAY)
    sample = rendered(template_id, facts)
    text = printed(sample)
    assert "Rhode Island" in text
    for words in ("4,321", "4321"):
        assert words not in text
        assert words not in str(sample.record)
    own = printed(to_person(template_id, facts, "US-IL"))
    for words in ("4,321", "4321", "1,450"):
        assert words not in own


@pytest.mark.parametrize(
    "typed",
    [
        "We write to 4,321 people.",  # the count itself
        "Of them, 12 Illinois residents are affected.",
        "It affects 12 people who live in Illinois.",
        "Hundreds of Illinois residents are affected.",
        "The number of affected Illinois residents is small.",
    ],
)
def test_number_of_illinois_residents_that_somebody_types_is_caught(typed: str) -> None:
    template = templates()["us_state_individual"]
    facts = facts_with("IL", count=GIVEAWAY, advice_to_people=typed)
    text = rendered("us_state_individual", facts).text
    assert forbidden_in(template, text, facts=facts, overrides={})


@pytest.mark.parametrize(
    "typed", ["Call our office in Springfield, Illinois.", "On March 2, 2026, Illinois residents …"]
)
def test_illinois_may_be_named(typed: str) -> None:
    template = templates()["us_state_individual"]
    facts = facts_with("IL", advice_to_people=typed)
    text = rendered("us_state_individual", facts).text
    assert forbidden_in(template, text, facts=facts, overrides={}) == []


def test_public_papers_tell_no_number() -> None:
    facts = facts_with("CA", "MA", "IL", "TX", count=GIVEAWAY)
    for template_id in ("us_substitute", "us_media"):
        text = printed(rendered(template_id, facts))
        for words in ("4,321", "4321", "1,450"):
            assert words not in text


# --- what an approval binds


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


# --- credentials only


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"mail_accounts_breached": True}, "not_for", "compromised account"),
        ({"data_elements": ("online_credentials", "ssn")}, "not_for", "credentials only"),
        ({"data_elements": ("online_credentials", "payment_card")}, "not_for", "credentials only"),
        ({"mail_accounts_breached": None}, "gap", "credentials open e-mail accounts"),
    ],
)
def test_credentials_mail_is_blocked(changed: dict[str, FactValue], code: str, words: str) -> None:
    found = credentials_obstacles(changed)
    assert [(one[0], words in one[1]) for one in found] == [(code, True)]


def test_credentials_mail_may_go_where_nothing_else_was_breached() -> None:
    assert credentials_obstacles({}) == []


def credentials_obstacles(changed: Mapping[str, FactValue]) -> list[tuple[str, str]]:
    facts = facts_with("CA", "IL", data_elements=("email", "online_credentials"))
    facts |= {name: fact(name, value) for name, value in changed.items()}
    obstacles = approval_obstacles(
        templates()["us_credentials_only"],
        facts,
        text=rendered("us_credentials_only", facts).text,
        state=NoticeState.IN_REVIEW,
        author="a",
        approver="b",
        now=NOW,
        overrides={},
        stale=False,
    )
    return [(one.code, one.reason) for one in obstacles]


def test_credentials_mail_has_no_link() -> None:
    notice = rendered("us_credentials_only", facts_with("CA"))
    assert "<a " not in notice.html
    assert templates()["us_credentials_only"].channels == ("email",)


# --- children, estates, the public, the United Kingdom


@pytest.mark.parametrize(
    ("template_id", "address", "greeting"),
    [
        (
            "us_minor_guardian",
            "Parent or guardian of\nZoë O’Neil",
            "Dear parent or guardian of Zoë O’Neil:",
        ),
        (
            "us_estate_representative",
            "To the family or personal representative of\nZoë O’Neil",
            "Dear family or personal representative of Zoë O’Neil:",
        ),
    ],
)
def test_letter_to_somebody_else_says_so(template_id: str, address: str, greeting: str) -> None:
    text = to_person(template_id, facts_with("TX"), "US-TX").text
    assert address in text
    assert greeting in text.split("\n")


@pytest.mark.parametrize(
    ("entity", "days", "wanted"),
    [
        ((), 29, 30),
        ((), 30, None),
        (("hipaa_covered_entity",), 89, 90),
        (("hipaa_covered_entity",), 90, None),
    ],
)
def test_substitute_notice_stands_long_enough(
    entity: tuple[str, ...], days: int, wanted: int | None
) -> None:
    facts = facts_with("TX", entity_types=entity, web_posting_days=days)
    gaps = [gap.label for gap in rendered("us_substitute", facts).gaps]
    assert [f"at least {wanted}" in one for one in gaps] == ([True] if wanted else [])


def test_british_letter_names_the_british_authority() -> None:
    text = rendered("uk_art34_person", story_facts()).text
    assert "Information Commission" in text
    assert "Hamburgische" not in text
