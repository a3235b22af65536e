"""Notices to controllers, processors, insurers, acquirers, staff and the public: what is theirs.

That they render, mark their gaps and fulfil their contents is tested for all notices together.
"""

from collections import Counter

import pytest
from notice_kit import ROOT, fact, pages_of, pdf_of, rendered, story_facts, templates

from bot.content.obligations import load_obligations
from bot.domain import facts_eu_authorities, facts_partners, facts_people, facts_us_authorities
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import FactValue
from bot.domain.notice_checks import forbidden_in
from bot.domain.notices import Audience

pytestmark = pytest.mark.slow  # the first of them loads every template

NO_LAW = (
    "insurer",
    "card_brands",
    "employees",
    "status_page",
    "call_centre_script",
    "holding_statement",
)
TO_CONTROLLERS = ("processor_to_controller", "vendor_to_data_owner", "us_bank_service_provider")


@pytest.mark.parametrize("template_id", NO_LAW)
def test_what_no_law_prescribes_says_so(template_id: str) -> None:
    template = templates()[template_id]
    assert template.obligations == ()
    for text in (template.citation, *(item.citation for item in template.contents)):
        assert text.startswith("Good practice"), text


@pytest.mark.parametrize(
    ("template_id", "audience"),
    [
        ("processor_to_controller", Audience.PARTNER),
        ("controller_to_processor", Audience.PARTNER),
        ("insurer", Audience.PARTNER),
        ("card_brands", Audience.PARTNER),
        ("employees", Audience.INTERNAL),
        ("call_centre_script", Audience.INTERNAL),
        ("status_page", Audience.PUBLIC),
    ],
)
def test_who_reads_it(template_id: str, audience: Audience) -> None:
    template = templates()[template_id]
    assert template.audience is audience
    # Only a duty of ours has a clock that calls for the notice; people ask for the others.
    assert template.by_hand is (template_id != "processor_to_controller")


def test_every_duty_to_a_controller_has_a_notice() -> None:
    served = {key for one in TO_CONTROLLERS for key in templates()[one].obligations}
    obligations = load_obligations(ROOT.parent / "playbooks" / "obligations")
    owed = {one.id for one in obligations.values() if one.recipient.kind == "controller"}
    assert owed
    assert served == owed


@pytest.mark.parametrize("template_id", ["processor_to_controller", "vendor_to_data_owner"])
def test_a_controller_learns_its_own_numbers_only(template_id: str) -> None:
    text = rendered(template_id, story_facts()).text
    assert "Approximately 310" in text
    for told in ("1,450", "1,200", "232", "3,200"):
        assert told not in text, told
    facts = story_facts(controller_people="guests, beside 1,450 people of others")
    template = templates()[template_id]
    found = forbidden_in(template, rendered(template_id, facts).text, facts=facts, overrides={})
    assert [one.found for one in found] == ["1,450"]


def test_what_a_controller_does_not_know_yet_is_promised() -> None:
    unknown: dict[str, FactValue] = {"controller_affected": None, "breach_ended_at": None}
    text = rendered("processor_to_controller", story_facts(**unknown)).text
    assert "We will tell you as soon as we know: when it ended; their number." in text
    assert "Still open" not in rendered("processor_to_controller", story_facts()).text


@pytest.mark.parametrize(
    ("kinds", "gaps"),
    [
        (("hipaa_business_associate",), ["people_list"]),  # 45 CFR 164.410(c)(1)
        (("phr_service_provider",), ["people_list"]),  # 16 CFR 318.3(b)
        (("regsp_service_provider",), []),
        ((), []),
    ],
)
def test_us_owner_gets_the_list_of_people_where_the_law_wants_it(
    kinds: tuple[str, ...], gaps: list[str]
) -> None:
    notice = rendered("vendor_to_data_owner", story_facts("people_list", entity_types=kinds))
    assert [gap.fact for gap in notice.gaps] == gaps


def test_a_processor_is_asked_for_all_that_the_authority_wants_to_know() -> None:
    text = rendered("controller_to_processor", story_facts()).text
    for article in ("Art. 33(3)(a)", "Art. 33(3)(b)", "Art. 33(3)(c)", "Art. 33(3)(d)"):
        assert article in text
    assert "3 March 2026 at 19:00 CET (18:00 UTC)" in text
    early = rendered(
        "controller_to_processor", story_facts("aware_at", "processor_told_at", what_happened=None)
    )
    assert early.gaps == ()
    assert "We don’t know yet what happened." in early.text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("the card 4111 1111 1111 1111 was seen", ["4111 1111 1111 1111"]),
        ("5555555555554444", ["5555555555554444"]),
        ("2223-0031-2200-3222", ["2223-0031-2200-3222"]),
        ("6011 1111 1111 1117", ["6011 1111 1111 1117"]),
        ("American Express 3782 822463 10005", ["3782 822463 10005"]),
        ("the page of +49 40 555 0100 and +1 800 555 0199", []),
        ("IBAN DE89 3704 0044 0532 0130 00", []),
        ("cards ending in 1111", []),
        ("order 1234 5678 9012 3456", []),  # no brand begins so
    ],
)
def test_card_numbers_never_stand_in_the_paper(typed: str, found: list[str]) -> None:
    facts = story_facts(card_environment=typed)
    text = rendered("card_brands", facts).text
    hits = forbidden_in(templates()["card_brands"], text, facts=facts, overrides={})
    assert [one.found for one in hits] == found


def test_brands_and_card_data_have_their_names() -> None:
    facts = story_facts(card_brands=("visa", "american_express"), card_data=("pin_block",))
    text = rendered("card_brands", facts).text
    assert "Visa\nAmerican Express" in text
    assert "PIN or PIN block" in text


def test_insurer_is_told_without_an_admission() -> None:
    template = templates()["insurer"]
    text = rendered("insurer", story_facts()).text
    assert "It admits no liability" in text
    facts = story_facts(claims_received="none; it was our fault, and we are liable")
    found = forbidden_in(template, rendered("insurer", facts).text, facts=facts, overrides={})
    assert {one.found for one in found} == {"our fault", "we are liable"}


@pytest.mark.parametrize(
    ("affected", "sentence"),
    [
        (True, "Data of our own staff is affected. We will tell each person concerned"),
        (False, "As far as we know today, no data of our own staff is affected."),
        (None, "We don’t know yet whether data of our own staff is affected."),
    ],
)
def test_staff_learn_whether_it_concerns_them(
    affected: bool | None,  # noqa: FBT001 - the fact's own value
    sentence: str,
) -> None:
    notice = rendered("employees", story_facts(staff_data_affected=affected))
    assert notice.gaps == ()
    assert sentence in notice.text
    assert "works council, your union, a lawyer or an authority" in notice.text


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ((), "It lasted from 2 March 2026 at 09:45 CET (08:45 UTC) until 3 March 2026 at 07:30"),
        (("service_restored_at",), "It began on 2 March 2026 at 09:45 CET (08:45 UTC)."),
    ],
)
def test_status_page_says_how_long(without: tuple[str, ...], sentence: str) -> None:
    text = rendered("status_page", story_facts(*without)).text
    assert sentence in text
    assert "We will write here again by 4 March 2026 at 11:00 CET (10:00 UTC)" in text


@pytest.mark.parametrize("state", FACT_TYPES["service_state"].choices)
def test_status_page_says_each_state_in_words(state: str) -> None:
    lines = rendered("status_page", story_facts(service_state=state)).text.split("\n")
    assert lines[1][:1].isupper()
    assert state not in lines[1].lower().split()[:1]


def test_call_centre_has_its_answers_in_a_table_with_headers() -> None:
    notice = rendered("call_centre_script", story_facts())
    assert '<thead><tr><th scope="col">If they ask</th><th scope="col">Say</th></tr>' in notice.html
    assert notice.html.count('<tr><th scope="row">') > 12
    assert "What do you offer me?" in notice.text
    assert "Where can I complain?" in notice.text
    bare = rendered("call_centre_script", story_facts("credit_monitoring_months", "lead_authority"))
    assert bare.gaps == ()
    assert "What do you offer me?" not in bare.text
    assert "Where can I complain?" not in bare.text


def test_call_centre_never_hears_how_many() -> None:
    facts = story_facts() | {"affected_total": fact("affected_total", 1450)}
    text = rendered("call_centre_script", facts).text
    assert "1,450" not in text
    assert "say whether somebody’s data is affected before that check is done" in text


@pytest.mark.parametrize("template_id", ["employees", "status_page", "us_bank_service_provider"])
def test_short_notices_fit_on_one_sheet(template_id: str) -> None:
    assert len(pages_of(pdf_of(rendered(template_id, story_facts())))) == 1


def test_no_two_lists_of_facts_have_the_same_name() -> None:
    lists = (facts_eu_authorities, facts_partners, facts_people, facts_us_authorities)
    names = Counter(one.name for module in lists for one in module.FACTS)
    assert [name for name, times in names.items() if times > 1] == []
