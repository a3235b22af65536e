"""Notices to US authorities: one state's count each, what may not be told, what isn't known yet."""

from pathlib import Path

import pytest
from notice_kit import IDS, fact, pages_of, pdf_of, rendered, story_facts, templates

from bot.content.obligations import load_obligations
from bot.documents.html import hash_content
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import FactValue
from bot.domain.notice_checks import forbidden_in
from bot.domain.notices import Checked

pytestmark = pytest.mark.slow  # the first of them loads every template

US = tuple(one for one in IDS if one.startswith(("us_ag_", "us_bank_36h", "us_hhs", "us_sec")))
US_AUTHORITIES = (*US, "us_nydfs")
ONE_STATE = {
    "us_ag_fl": ("US-FL", "520"),
    "us_ag_ma": ("US-MA", "18"),
    "us_ag_me": ("US-ME", "3"),
    "us_ag_nc": ("US-NC", "12"),
    "us_ag_ny": ("US-NY", "45"),
    "us_ag_tx": ("US-TX", "310"),
    "us_ag_wa": ("US-WA", "640"),
}
"""By notice: the place whose residents it counts, and how many they are in the story."""

SECRET = "Jane Roe, 078-05-1120"
"""A person with a number of the form of a Social Security number; never issued to anyone living."""


def cell(text: str, row: str) -> str:
    """The line of a form that begins with the words of a row."""
    return next(line for line in text.split("\n") if line.startswith(row))


def found_in(template_id: str, **changed: FactValue) -> set[str]:
    facts = story_facts(**changed)
    text = rendered(template_id, facts).text
    findings = forbidden_in(templates()[template_id], text, facts=facts, overrides={})
    return {one.found for one in findings}


@pytest.mark.parametrize("template_id", sorted(ONE_STATE))
def test_notice_tells_the_count_of_its_own_state(template_id: str) -> None:
    place, count = ONE_STATE[template_id]
    facts = story_facts() | {f"residents:{place}": fact(f"residents:{place}", 98_765)}
    before = rendered(template_id, story_facts()).text
    assert f" {count}" in before
    after = rendered(template_id, facts).text
    assert "98,765" in after
    assert after.replace("98,765", count) == before


@pytest.mark.parametrize("template_id", sorted(ONE_STATE))
def test_count_of_another_state_neither_stands_in_it_nor_reopens_it(template_id: str) -> None:
    facts = story_facts() | {"residents:US-CA": fact("residents:US-CA", 98_765)}
    assert "98,765" not in rendered(template_id, facts).text
    template = templates()[template_id]
    before = hash_content(template, story_facts(), overrides={})
    assert hash_content(template, facts, overrides={}) == before


@pytest.mark.parametrize(
    ("template_id", "question"),
    [
        ("us_ag_tx", "How many residents of Texas are affected?"),
        ("us_ag_wa", "How many residents of Washington are affected?"),
        ("us_ag_ma", "How many residents of Massachusetts are affected?"),
    ],
)
def test_count_of_the_state_is_missing_although_others_are_known(
    template_id: str, question: str
) -> None:
    place = ONE_STATE[template_id][0]
    facts = {key: one for key, one in story_facts().items() if key != f"residents:{place}"}
    notice = rendered(template_id, facts)
    assert [(gap.fact, gap.place, gap.label) for gap in notice.gaps] == [
        ("residents", place, question)
    ]
    assert f"[[{question} Not recorded]]" in notice.text


def test_texas_counts_who_was_sent_the_notice_beside_who_is_affected() -> None:
    text = rendered("us_ag_tx", story_facts()).text
    assert cell(text, "Affected at this time").split()[-3:] == ["310", "§", "521.053(i)(2)"]
    assert "this time 305" in cell(text, "Sent a disclosure")
    without = {k: one for k, one in story_facts().items() if k != "residents_sent_notice:US-TX"}
    (gap,) = rendered("us_ag_tx", without).gaps
    assert gap.label == "How many residents of Texas were sent the notice so far?"


def test_massachusetts_one_fact_two_renderings() -> None:
    told = (
        "An intruder used a stolen password of a support employee",  # the nature
        "February 27, 2026",
        " 18 ",  # the number
    )
    facts = story_facts()
    authority = rendered("us_ag_ma", facts).text + "\n"
    for one in told:
        assert one in authority.replace("\n", " "), one
        assert one not in rendered("us_ma_individual", facts).text, one
    nature_and_number = {"what_happened", "breach_started_at", "residents"}
    assert nature_and_number <= set(templates()["us_ag_ma"].facts)
    assert nature_and_number <= set(templates()["us_ma_individual"].forbidden_facts)


def test_massachusetts_certifies_only_what_counsel_certifies() -> None:
    words = "certifies that these credit monitoring services comply with section 3A"
    assert words in rendered("us_ag_ma", story_facts()).text
    refused = rendered("us_ag_ma", story_facts(credit_monitoring_certified=False)).text
    assert words not in refused
    assert "Not certified." in refused
    without_ssn = rendered("us_ag_ma", story_facts(data_elements=("name", "driver_license")))
    assert without_ssn.gaps == ()
    short = rendered("us_ag_ma", story_facts(credit_monitoring_months=12))
    assert [gap.fact for gap in short.gaps] == ["credit_monitoring_months"]


def test_california_cover_prints_no_free_text_of_the_incident() -> None:
    template = templates()["us_ag_ca"]
    texts = {key for key in template.facts if FACT_TYPES[key].kind is FactKind.TEXT}
    assert texts == {"organisation_name", "organisation_address"}
    assert not [key for key in template.facts if FACT_TYPES[key].kind is FactKind.COUNT]
    text = rendered("us_ag_ca", story_facts()).text
    for told in ("intruder", "Ellery", "Sommer", "1,200", "1,450", "555"):
        assert told not in text, told


def test_california_cover_with_a_name_or_an_address_in_it_is_caught() -> None:
    assert found_in("us_ag_ca", organisation_name=f"Halden, for {SECRET}") == {"078-05-1120"}
    assert "jane@example.com" in found_in("us_ag_ca", organisation_name="jane@example.com")
    assert "Dear" in found_in("us_ag_ca", organisation_address="Dear Jane Roe")


@pytest.mark.parametrize("template_id", sorted(set(US_AUTHORITIES) - {"us_ag_ca"}))
def test_number_of_a_person_in_a_free_text_is_caught(template_id: str) -> None:
    told = ("what_happened", "sec_nature", "operational_impact")
    name = next(one for one in told if one in templates()[template_id].facts)
    assert "078-05-1120" in found_in(template_id, **{name: SECRET})


def test_timing_is_told_as_planned_until_it_is_done() -> None:
    assert "Planned for March 12, 2026" in rendered("us_ag_ny", story_facts()).text
    done = story_facts(
        "individuals_notice_planned_on",
        individuals_notified_at=fact("aware_at", story_facts()["aware_at"].value).value,
    )
    notice = rendered("us_ag_ny", done)
    assert notice.gaps == ()
    assert "Sent, beginning March 2, 2026" in notice.text


def test_no_services_are_told_as_none() -> None:
    facts = story_facts(
        "credit_monitoring_months",
        "credit_monitoring_provider",
        "enrolment_how",
        free_services_offered=False,
    )
    notice = rendered("us_ag_fl", facts)
    assert notice.gaps == ()
    assert "Services offered free of charge None." in notice.text


def test_washington_promises_what_is_not_known_yet() -> None:
    facts = story_facts(breach_ended_at=None, data_elements=None)
    facts["residents:US-WA"] = fact("residents:US-WA", None)
    notice = rendered("us_ag_wa", facts)
    assert notice.gaps == ()
    assert (
        "We will update this notice as soon as we know: the number of Washington consumers; the "
        "types of personal information; when it ended." in notice.text
    )
    assert "We will update" not in rendered("us_ag_wa", story_facts()).text


# The notice to the states that have none of their own


def test_each_state_gets_a_sheet_with_only_its_own_count() -> None:
    pages = pages_of(pdf_of(rendered("us_ag_generic", story_facts())))
    sheets = [page for page in pages if "to the notice INC-2026-004" in page]
    counts = {"District of Columbia": "51", "Maryland": "14", "Oklahoma": "505"}
    for sheet, (state, count) in zip(sheets, counts.items(), strict=True):
        assert f"Part B: {state}" in sheet
        assert f"{state} residents affected {count}" in sheet
        assert sheet.count("residents affected") == 1
    assert "residents affected" not in " ".join(pages[: -len(sheets)])


def test_only_served_states_are_told_and_needed() -> None:
    elsewhere = {k: one for k, one in story_facts().items() if not k.startswith("residents:")}
    elsewhere["residents:US-CA"] = fact("residents:US-CA", 1_200)
    notice = rendered("us_ag_generic", elsewhere)
    assert [gap.fact for gap in notice.gaps] == ["residents"]
    assert "1,200" not in notice.text


@pytest.mark.parametrize(
    ("place", "needed"),
    [
        ("US-OK", {"monetary_impact", "safeguards_before"}),  # 24 O.S. § 163
        ("US-DC", {"responsible_person", "foreign_involvement"}),  # D.C. Code § 28-3852(b-1)
        ("US-UT", {"responsible_person"}),  # Utah Code § 63A-19-405
        ("US-MD", set()),  # asks for nothing that part A doesn't tell
    ],
)
def test_what_only_one_state_asks_is_needed_only_there(place: str, needed: set[str]) -> None:
    asked = ("monetary_impact", "safeguards_before", "responsible_person", "foreign_involvement")
    facts = {k: one for k, one in story_facts(*asked).items() if not k.startswith("residents:")}
    facts[f"residents:{place}"] = fact(f"residents:{place}", 600)
    assert {gap.fact for gap in rendered("us_ag_generic", facts).gaps} == needed


def test_employer_number_is_needed_for_payroll_tax_only() -> None:
    facts = story_facts("federal_employer_id")
    assert rendered("us_ag_generic", facts).gaps == ()
    facts["data_elements"] = fact("data_elements", ("name", "payroll_tax"))
    assert [gap.fact for gap in rendered("us_ag_generic", facts).gaps] == ["federal_employer_id"]


def test_every_duty_to_an_attorney_general_has_a_notice() -> None:
    served = {key for one in templates().values() for key in one.obligations}
    duties = load_obligations(Path("playbooks/obligations")).values()
    owed = {one.id for one in duties if one.recipient.kind.value == "attorney_general"}
    assert owed - served == set()


def test_offices_and_laws_are_those_of_the_obligations() -> None:
    duties = load_obligations(Path("playbooks/obligations"))
    template = templates()["us_ag_generic"]
    served = [duties[key] for key in template.obligations]
    assert {one.jurisdiction for one in served} == set(template.facts["residents"].places)
    facts = {k: one for k, one in story_facts().items() if not k.startswith("residents:")}
    for place in template.facts["residents"].places:
        facts[f"residents:{place}"] = fact(f"residents:{place}", 7)
    text = rendered("us_ag_generic", facts).text
    sheets = text.split("Part B: ")[2:]
    cited = {sheet.split("\n")[0]: cell(sheet, "Under").removeprefix("Under ") for sheet in sheets}
    assert len(cited) == len(template.facts["residents"].places)
    assert set(cited.values()) <= {one.citation for one in served}


# Form 8-K


UNKNOWN = (
    "sec_scope",
    "sec_impact",
    "sec_financial_impact",
    "breach_started_at",
    "breach_ended_at",
)


@pytest.mark.parametrize("name", UNKNOWN)
@pytest.mark.parametrize("template_id", ["us_sec_8k_105", "us_sec_8k_105_amendment"])
def test_form_8k_says_what_is_not_determined(template_id: str, name: str) -> None:
    known = story_facts(sec_financial_impact="The costs are not material to the results.")
    assert "Information not yet determined" not in rendered(template_id, known).text
    notice = rendered(template_id, known | {name: fact(name, None)})
    assert notice.gaps == ()
    assert templates()[template_id].facts[name].not_yet_known in notice.text
    assert "is not determined or is unavailable: " in notice.text
    assert "will file an amendment to its Form 8-K" in notice.text


def test_form_8k_tells_investors_words_and_not_the_technical_story() -> None:
    text = rendered("us_sec_8k_105", story_facts()).text
    assert "An unauthorized person used an employee’s sign-in details" in text
    assert "stolen password of a support employee" not in text
    assert found_in("us_sec_8k_105") == set()
    copied = str(story_facts()["what_happened"].value)
    assert found_in("us_sec_8k_105", sec_nature=copied)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("The intruder used CVE-2026-12345.", "the number of a flaw"),
        ("Traffic went to 203.0.113.77.", "an address"),
        ("The file d41d8cd98f00b204e9800998ecf8427e was found.", "a hash"),
        (r"A program was put in C:\ProgramData.", "a path"),
        ("Access was gained over port 3389.", "a service"),
        ("The flaw has not yet been patched.", "what is still open"),
        ("One server remains exposed.", "what is still open"),
        ("A sophisticated actor entered.", "an excuse"),
    ],
)
def test_form_8k_with_detail_that_helps_attackers_is_caught(words: str, why: str) -> None:
    for template_id in ("us_sec_8k_105", "us_sec_8k_105_amendment"):
        assert found_in(template_id, sec_nature=words), why


@pytest.mark.parametrize(
    "words",
    [
        "On March 2, 2026, an unauthorized person entered a file archive of version 4.2.",
        "The vendor’s software had a vulnerability, which the vendor has closed.",
        "About 1,450 people, and 3,200 records in 12 files, are concerned.",
    ],
)
def test_form_8k_with_plain_words_is_not_caught(words: str) -> None:
    assert found_in("us_sec_8k_105", sec_nature=words) == set()


def test_amendment_follows_the_form_8k_and_names_it() -> None:
    template = templates()["us_sec_8k_105_amendment"]
    assert template.after == "us_sec_8k_105"
    text = rendered(template.id, story_facts()).text
    assert "Form 8-K filed on March 3, 2026" in text
    assert "The Company has determined that the copied files concern about 1,450 people" in text


# Supervisors


@pytest.mark.parametrize(
    ("regulator", "law", "name"),
    [
        ("occ", "under 12 CFR 53.3", "Office of the Comptroller of the Currency"),
        ("federal_reserve", "under 12 CFR 225.302", "Board of Governors of the Federal Reserve"),
        ("fdic", "under 12 CFR 304.23", "Federal Deposit Insurance Corporation"),
    ],
)
def test_bank_names_the_rule_of_its_own_regulator(regulator: str, law: str, name: str) -> None:
    text = rendered("us_bank_36h", story_facts(bank_regulator=regulator)).text
    assert law in text.split("\n")
    assert name in text


def test_bank_can_notify_before_it_knows_more_than_that() -> None:
    first = {
        key: one
        for key, one in story_facts().items()
        if key.partition(":")[0]
        in {
            "organisation_name",
            "contact_name",
            "contact_phone",
            "determined_at",
            "bank_regulator",
            "reporter_name",
            "reporter_title",
        }
    }
    first |= {
        key: fact(key, None)
        for key in ("bank_incident_effects", "operational_impact", "measures_taken")
    }
    notice = rendered("us_bank_36h", first)
    assert notice.gaps == ()
    assert "has determined that a notification incident has occurred" in notice.text


@pytest.mark.parametrize(
    ("people", "words"),
    [(499, "Fewer than 500 individuals"), (500, "500 or more individuals")],
)
def test_hhs_report_says_on_which_side_of_500_it_is(people: int, words: str) -> None:
    text = rendered("us_hhs_ocr", story_facts(affected_total=people)).text
    assert f"Breach affecting {words}" in text


def test_hhs_report_names_a_business_associate_only_if_there_is_one() -> None:
    assert "Example Claims Archive, Inc." in rendered("us_hhs_ocr", story_facts()).text
    own = story_facts("business_associate_contact", at_business_associate=False)
    notice = rendered("us_hhs_ocr", own)
    assert notice.gaps == ()
    assert "Example Claims Archive" not in notice.text
    needed = story_facts("business_associate_contact")
    gaps = rendered("us_hhs_ocr", needed).gaps
    assert [gap.fact for gap in gaps] == ["business_associate_contact"]


def test_hhs_report_is_an_addendum_once_a_first_one_has_a_number() -> None:
    assert "Initial breach report" in rendered("us_hhs_ocr", story_facts()).text
    later = rendered("us_hhs_ocr", story_facts(hhs_report_number="ABC123")).text
    assert "Addendum to report ABC123" in later


@pytest.mark.parametrize("template_id", US_AUTHORITIES)
def test_notice_says_how_far_its_contents_were_checked(template_id: str) -> None:
    template = templates()[template_id]
    assert template.sources
    assert template.verify_before_sending
    for source in template.sources:
        assert source.note, source.title
        assert (source.verified_on is None) is (source.checked is Checked.NOT_CHECKED), source.title
