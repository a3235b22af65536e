"""The text of the notices: what stands in them, what may not, and what is never run."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notice_kit import IDS, NOW, fact, own_words, rendered, story_facts, templates

from bot.documents.html import Addressee, NoticeRenderError, render_notice
from bot.documents.marks import APPROVED, DRAFT
from bot.documents.wordings import WORDINGS
from bot.domain.facts import Confidence
from bot.domain.notice_checks import completeness, forbidden_in, is_required

pytestmark = pytest.mark.slow  # the first of them loads every template

HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }} {% for a in b %} &lt; <img src="http://x/y">'


@pytest.mark.parametrize("template_id", IDS)
def test_notice_with_all_facts_has_no_gap(template_id: str) -> None:
    notice = rendered(template_id, story_facts())
    assert notice.gaps == ()
    assert "[[" not in notice.text
    for heading in templates()[template_id].rules.headings:
        assert heading in notice.text.split("\n")


@pytest.mark.parametrize("template_id", IDS)
def test_notice_with_all_facts_fulfils_the_law_and_says_nothing_forbidden(template_id: str) -> None:
    template, facts = templates()[template_id], story_facts()
    words = own_words(template_id, facts)
    items = completeness(template, facts, now=NOW, overrides=words)
    assert [item.item for item in items if not item.fulfilled] == []
    text = rendered(template_id, facts).text
    found = forbidden_in(template, text, facts=facts, overrides=words)
    assert found == []


@pytest.mark.parametrize("template_id", IDS)
def test_notice_without_facts_marks_exactly_its_gaps(template_id: str) -> None:
    notice = rendered(template_id, {})
    assert notice.gaps
    marked = [line for line in notice.text.split("[[")[1:] if "]]" in line]
    labels = {one.partition("]]")[0].removesuffix(" Not recorded") for one in marked}
    labels = {one.removesuffix(": not recorded") for one in labels}
    assert labels == {gap.label for gap in notice.gaps}


@pytest.mark.parametrize("template_id", IDS)
def test_notice_renders_with_only_its_required_facts(template_id: str) -> None:
    template = templates()[template_id]
    told = story_facts()
    optional = [
        key
        for key, used in template.facts.items()
        # A state's law can make a fact required that the notice itself can do without.
        if used.need.value == "optional" and not is_required(used, told, now=NOW)
    ]
    notice = rendered(template_id, story_facts(*optional))
    still_open = {gap.fact for gap in notice.gaps}
    # Without a contact point the data protection officer is needed; the story has one.
    assert still_open == set()


@pytest.mark.parametrize("template_id", IDS)
def test_each_required_fact_that_is_removed_shows_as_a_gap(template_id: str) -> None:
    template = templates()[template_id]
    for key, used in template.facts.items():
        if used.need.value == "required" and used.when is None:
            notice = rendered(template_id, story_facts(key))
            assert key in {gap.fact for gap in notice.gaps}, key
            assert "[[" in notice.text, key


@pytest.mark.parametrize("template_id", IDS)
def test_markup_and_template_code_in_a_fact_print_as_text(template_id: str) -> None:
    notice = rendered(template_id, story_facts(organisation_name=HOSTILE, contact_name=HOSTILE))
    assert "<script>" not in notice.html
    assert "<img" not in notice.html
    assert "49" not in notice.text.replace("+49 40 555 0100", "")
    assert HOSTILE in notice.text


def test_massachusetts_letter_tells_neither_nature_nor_number() -> None:
    text = rendered("us_ma_individual", story_facts()).text
    for told in ("intruder", "archive", "copied", "1,450", "1,200", "232", "18 ", "February"):
        assert told not in text, told


@settings(max_examples=25, deadline=None)
@given(
    words=st.text(st.sampled_from("bcdfghjklmnpqrstvwxz"), min_size=12, max_size=40),
    count=st.integers(min_value=10_000, max_value=9_999_999),
)
def test_massachusetts_letter_never_prints_forbidden_facts(words: str, count: int) -> None:
    template = templates()["us_ma_individual"]
    facts = story_facts()
    for name in template.forbidden_facts:
        key = "residents:US-MA" if name == "residents" else name
        value = facts[key].value if key in facts else None
        if isinstance(value, int) and not isinstance(value, bool):
            facts[key] = fact(key, count)
        elif isinstance(value, str) and name != "encryption":
            facts[key] = fact(key, words)
    text = rendered("us_ma_individual", facts).text
    assert words not in text
    assert f"{count:,}" not in text
    assert str(count) not in text


def test_massachusetts_letter_with_smuggled_facts_is_caught() -> None:
    facts = story_facts(
        contact_name="Privacy Office, for the 18 residents whom hackers got on March 2, 2026"
    )
    text = rendered("us_ma_individual", facts).text
    found = forbidden_in(templates()["us_ma_individual"], text, facts=facts, overrides={})
    assert {one.found for one in found} == {"18 residents", "hackers", "March 2, 2026"}


def test_massachusetts_letter_names_no_parent_if_there_is_none() -> None:
    text = rendered("us_ma_individual", story_facts(parent_organisation="none")).text
    assert "affiliated" not in text
    assert "affiliated with Halden Group SE" in rendered("us_ma_individual", story_facts()).text


def test_massachusetts_letter_with_too_few_months_shows_a_gap() -> None:
    notice = rendered("us_ma_individual", story_facts(credit_monitoring_months=12))
    assert [gap.fact for gap in notice.gaps] == ["credit_monitoring_months"]
    assert "12 [[The law wants at least 18]] months" in notice.text


@pytest.mark.parametrize(
    ("elements", "has_bureaus"),
    [(("name", "ssn"), True), (("driver_license",), True), (("name", "email"), False)],
)
def test_california_letter_names_credit_agencies_for_identity_numbers_only(
    elements: tuple[str, ...], *, has_bureaus: bool
) -> None:
    # Civ. Code 1798.82(d)(2)(F): Social Security, driver's license or California ID numbers.
    text = rendered("us_ca_individual", story_facts(data_elements=elements)).text
    assert ("Equifax" in text) is has_bureaus


@pytest.mark.parametrize(
    ("delayed", "sentence"),
    [
        (False, "This notice was not delayed as a result of a law enforcement investigation."),
        (True, "This notice was delayed because a law enforcement agency asked us to wait"),
        (None, "We have not been able to determine whether this notice was delayed"),
    ],
)
def test_california_letter_says_whether_law_enforcement_delayed_it(
    delayed: bool | None,  # noqa: FBT001 - the fact's own value
    sentence: str,
) -> None:
    text = rendered("us_ca_individual", story_facts(law_enforcement_delay=delayed)).text
    assert sentence in text


def test_authority_form_gives_reasons_only_after_72_hours() -> None:
    facts = story_facts()
    aware = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    on_time = rendered("gdpr_art33_authority", facts, now=aware + timedelta(hours=72))
    late = rendered("gdpr_art33_authority", facts, now=aware + timedelta(hours=72, seconds=1))
    assert on_time.gaps == ()
    assert "Made 72 full hours after the controller became aware" in on_time.text
    assert [gap.fact for gap in late.gaps] == ["delay_reasons"]
    assert "Made more than 72 hours after the controller became aware" in late.text


def test_authority_form_says_what_is_not_yet_known_and_promises_it() -> None:
    notice = rendered("gdpr_art33_authority", story_facts(affected_total=None, records_total=None))
    assert notice.gaps == ()
    assert "Notification in phases, Art. 33(4) GDPR" in notice.text
    assert "without undue further delay: the number of data subjects; the number of records." in (
        notice.text
    )


def test_estimated_values_are_said_to_be_estimates() -> None:
    text = rendered("gdpr_art33_authority", story_facts()).text
    assert "Approximately 1,450" in text
    assert "On or about 27 February 2026 at 23:15 CET (22:15 UTC)" in text
    confirmed = story_facts(affected_total=1450)
    assert "Approximately" not in rendered("gdpr_art33_authority", confirmed).text


def test_times_are_told_in_the_zone_with_utc_beside() -> None:
    facts = story_facts(aware_at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    text = rendered("gdpr_art33_authority", facts).text
    assert "3 March 2026 at 00:30 CET (2 March 2026, 23:30 UTC)" in text


def test_holding_statement_lists_what_is_not_known() -> None:
    text = rendered("holding_statement", story_facts(affected_total=None, data_elements=None)).text
    assert "We are still finding out:\nwhich information is involved;\nhow many people" in text
    assert "by 4 March 2026 at 11:30 CET (10:30 UTC)" in text


def test_letter_to_a_named_person() -> None:
    notice = render_notice(
        templates()["gdpr_art34_person"],
        story_facts(),
        marking=APPROVED,
        notice_ref="N",
        version=1,
        now=NOW,
        addressee=Addressee(name="Zoë O’Neil", address=("1 Example Road", "Hamburg")),
    )
    assert "Dear Zoë O’Neil," in notice.text
    assert "‹" not in notice.text


def test_zone_may_be_given() -> None:
    notice = render_notice(
        templates()["gdpr_art33_authority"],
        story_facts(),
        marking=DRAFT,
        notice_ref="N",
        version=1,
        now=NOW,
        zone=ZoneInfo("Europe/Dublin"),
    )
    assert "3 March 2026 at 10:30 GMT (10:30 UTC)" in notice.text


def test_override_words_a_text_and_fills_its_gap() -> None:
    words = "Someone copied files with your <details>."
    notice = rendered(
        "gdpr_art34_person", story_facts("what_happened"), overrides={"what_happened": words}
    )
    assert notice.gaps == ()
    assert words in notice.text.split("\n")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("aware_at", "“aware_at” can't be worded for one notice"),
        ("affected_total", "“affected_total” isn't in the notice gdpr_art34_person"),
    ],
)
def test_override_of_anything_but_a_text_is_refused(key: str, message: str) -> None:
    with pytest.raises(NoticeRenderError, match=message):
        rendered("gdpr_art34_person", story_facts(), overrides={key: "10:00"})


def test_content_hash_changes_with_facts_and_overrides_only() -> None:
    plain = rendered("gdpr_art34_person", story_facts())
    later = rendered("gdpr_art34_person", story_facts(), now=NOW + timedelta(hours=1))
    other_fact = rendered("gdpr_art34_person", story_facts(what_happened="Something else."))
    unused_fact = rendered("gdpr_art34_person", story_facts(affected_total=3))
    words = rendered("gdpr_art34_person", story_facts(), overrides={"what_happened": "Else."})
    doubted = story_facts()
    doubted["data_elements"] = fact(
        "data_elements", doubted["data_elements"].value, confidence=Confidence.ESTIMATED
    )
    hashes = [
        plain.content_sha256,
        other_fact.content_sha256,
        words.content_sha256,
        rendered("gdpr_art34_person", doubted).content_sha256,
    ]
    assert len(set(hashes)) == 4
    assert later.content_sha256 == plain.content_sha256 == unused_fact.content_sha256


def test_subject_is_one_plain_line() -> None:
    notice = rendered("gdpr_art34_person", story_facts(organisation_name="A & B <Ltd>"))
    assert notice.subject == "Your personal data and a security incident at A & B <Ltd>"


def test_every_language_of_the_templates_has_its_words() -> None:
    assert {one.language for one in templates().values()} <= set(WORDINGS)


@pytest.mark.parametrize("template_id", IDS)
def test_letters_use_no_worn_phrases(template_id: str) -> None:
    text = rendered(template_id, story_facts()).text.lower()
    for phrase in (
        "seriously",
        "abundance of caution",
        "sophisticated",
        "regret any inconvenience",
    ):
        assert phrase not in text
