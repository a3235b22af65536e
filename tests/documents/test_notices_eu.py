"""The reports to European authorities: Art. 33 in phases, the ICO's form, NIS2 and DORA.

Held against the story's facts: complete, each statutory item caught when its fact is missing, only
what is new in a follow-up, and the numbers of DORA's form in their order.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.content.obligations import load_obligations
from bot.content.roots import find_roots
from bot.documents.wordings.english import ENGLISH
from bot.documents.wordings.eu_forms import EU_FORM_CHOICES
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Confidence, Fact
from bot.domain.facts_eu_authorities import FACTS
from bot.domain.notice_checks import (
    blocking_gaps,
    completeness,
    forbidden_in,
    holds,
    is_required,
)
from bot.domain.notices import NoticeTemplate
from tests.documents.notice_kit import (
    fact,
    pages_of,
    pdf_of,
    rendered,
    story_facts,
    templates,
)

pytestmark = pytest.mark.slow  # a load reads every template

LATER = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
"""A week on: more than 72 hours after awareness, so that reasons for the delay are wanted."""

REASONS = "The index had to be rebuilt first."

SERIES = {
    "gdpr_art33_followup": ("follow_up", ("EU-GDPR-33-SA",)),
    "gdpr_art33_final": ("final", ("EU-GDPR-33-SA",)),
    "uk_ico_authority": ("initial", ("GB-UKGDPR-33",)),
    "nis2_early_warning": ("early_warning", ("EU-NIS2-EW",)),
    "nis2_notification": ("initial", ("EU-NIS2-72H", "EU-NIS2-72H-TSP")),
    "nis2_intermediate": ("intermediate", ()),
    "nis2_final": ("final", ("EU-NIS2-FINAL",)),
    "dora_initial": ("initial", ("EU-DORA-INIT-AWARE", "EU-DORA-INIT-CLASS")),
    "dora_intermediate": ("intermediate", ("EU-DORA-INTER",)),
    "dora_final": ("final", ("EU-DORA-FINAL",)),
}
"""Each template, where it stands in its series, and the duties that it serves."""

INSTEAD = {"dpo_name": "contact_name", "contact_email": "dpo_name"}
"""The law wants one of two; the first is wanted only where the second isn't recorded."""


def story(*without: str, **changed: object) -> dict[str, Fact]:
    return story_facts(*without, **{"delay_reasons": REASONS, **changed})  # type: ignore[arg-type]


def text_of(template: str, facts: dict[str, Fact], *, now: datetime = LATER) -> str:
    return rendered(template, facts, now=now).text


@pytest.mark.parametrize("name", SERIES)
def test_the_story_fills_it_completely(name: str) -> None:
    notice = rendered(name, story(), now=LATER)
    assert notice.gaps == ()
    assert "[[" not in notice.text
    assert "Halden Mutual Insurance" in notice.subject
    checked = completeness(templates()[name], story(), now=LATER)
    assert [one.item for one in checked if not one.fulfilled] == []


def test_series_and_duties_are_as_the_law_has_them() -> None:
    known = set(load_obligations(find_roots().playbooks / "obligations"))
    for name, (stage, duties) in SERIES.items():
        template = templates()[name]
        assert (template.stage, template.obligations) == (stage, duties), name
        assert set(duties) <= known, name
        assert template.sources, name
        assert template.spot_checked_only is (not name.startswith("gdpr_art33_final")), name


def test_what_is_drafted_by_itself_and_what_by_hand() -> None:
    after = {name: templates()[name].after for name in SERIES if templates()[name].after}
    assert after == dict.fromkeys(
        ("gdpr_art33_followup", "gdpr_art33_final"), "gdpr_art33_authority"
    )
    by_hand = {name for name in SERIES if templates()[name].by_hand}
    assert by_hand == {"gdpr_art33_final", "nis2_intermediate"}


ITEMS = [
    pytest.param(name, item.item, key, id=f"{name}: {item.item}: {key}")
    for name in SERIES
    for item in templates()[name].contents
    for key in item.facts
]


@pytest.mark.parametrize(("name", "item", "key"), ITEMS)
def test_each_statutory_item_is_caught_without_its_fact(name: str, item: str, key: str) -> None:
    other = INSTEAD.get(key)
    before, without = story(*[other] if other else []), story(key, *[other] if other else [])
    template = templates()[name]
    found = next(one for one in template.contents if one.item == item)
    assert holds(found.when, before, now=LATER)
    assert key not in {gap.fact for gap in blocking_gaps(template, before, now=LATER)}
    assert key in {gap.fact for gap in blocking_gaps(template, without, now=LATER)}
    checked = {one.item: one for one in completeness(template, without, now=LATER)}
    assert not checked[item].fulfilled


def asked_on_a_condition(template: NoticeTemplate) -> set[str]:
    """The facts on which others depend; without them, whole parts of the form fall away."""
    conditions = [one.when for one in template.facts.values()]
    conditions += [one.when for one in template.contents]
    return {one.fact for one in conditions if one}


@pytest.mark.parametrize("name", SERIES)
def test_each_gap_is_seen_on_the_paper(name: str) -> None:
    template = templates()[name]
    gone = [
        key
        for key, used in template.facts.items()
        if is_required(used, story(), now=LATER) and key not in asked_on_a_condition(template)
    ]
    text = text_of(name, story(*gone))
    for key in gone:
        label = FACT_TYPES[key].label
        assert f"[[{label}" in text, key


def test_every_item_has_a_fact_or_words() -> None:
    for name in SERIES:
        for item in templates()[name].contents:
            assert item.facts or item.says, (name, item.item)


@pytest.mark.parametrize("name", SERIES)
def test_a_boast_is_found_in_the_finished_text(name: str) -> None:
    facts = story(what_happened="A sophisticated attack.", status_update="A sophisticated attack.")
    template = templates()[name]
    found = forbidden_in(template, text_of(name, facts), facts=facts, overrides={})
    assert [one.found.lower() for one in found] == ["sophisticated"]


@pytest.mark.parametrize("name", SERIES)
def test_what_may_come_later_is_said_in_the_form_s_words(name: str) -> None:
    template = templates()[name]
    later = [
        one
        for one in template.facts.values()
        if one.not_yet_known and one.key not in asked_on_a_condition(template)
    ]
    notice = rendered(name, story(**dict.fromkeys(one.key for one in later)), now=LATER)
    assert notice.gaps == ()
    for one in later:
        # A follow-up lists by name what is still open.
        said = "Not yet established" if template.stage == "follow_up" else one.not_yet_known
        assert said in notice.text, one.key


# Art. 33 in phases


def in_phases(*new: str, unknown: str = "") -> dict[str, Fact]:
    """Facts known before the first report, but those that are `new`, and one still `unknown`."""
    facts = story()
    told_at = facts["gdpr_first_notified_at"].value
    assert isinstance(told_at, datetime)
    before = told_at - timedelta(hours=1)
    facts = {
        key: one if key.partition(":")[0] in new else replace(one, as_of=before)
        for key, one in facts.items()
        if key != "status_update"
    }
    if unknown:
        facts[unknown] = replace(fact(unknown, None), confidence=Confidence.UNKNOWN)
    return facts


def test_a_follow_up_tells_what_is_new_and_names_the_rest() -> None:
    text = text_of("gdpr_art33_followup", in_phases("affected_total", unknown="records_total"))
    new, _, rest = text.partition("2. Still open")
    still_open, _, unchanged = rest.partition("3. Unchanged")
    assert "Approximately 1,450" in new
    assert "intruder" not in text
    assert "Not yet established: number of records." in still_open
    assert "what happened; " in unchanged
    assert "number of data subjects" not in unchanged
    assert "D54.07-26-0815" in new
    assert "2 March 2026 at 21:15 CET (20:15 UTC)" in new


def test_counts_by_place_are_told_when_one_of_them_is_new() -> None:
    assert "Data subjects by place" in text_of("gdpr_art33_followup", in_phases("residents"))
    assert "by place" not in text_of("gdpr_art33_followup", in_phases("affected_total"))


def test_the_last_report_is_what_new_is_measured_by() -> None:
    facts = in_phases("affected_total")
    last = facts["affected_total"].as_of + timedelta(minutes=1)
    facts["gdpr_last_report_at"] = fact("gdpr_last_report_at", last)
    text = text_of("gdpr_art33_followup", facts)
    assert "What we reported stands as it is." in text
    assert "1,450" not in text


def test_without_the_first_report_s_time_everything_is_told_and_the_gap_marked() -> None:
    facts = in_phases()
    del facts["gdpr_first_notified_at"]
    notice = rendered("gdpr_art33_followup", facts, now=LATER)
    assert [gap.fact for gap in notice.gaps] == ["gdpr_first_notified_at"]
    assert "intruder" in notice.text
    assert "Incomplete: see the marked places" in notice.text


def test_counsel_s_own_words_are_new() -> None:
    notice = rendered(
        "gdpr_art33_followup",
        in_phases(),
        now=LATER,
        overrides={"what_happened": "Files were copied twice."},
    )
    assert "Files were copied twice." in notice.text


@pytest.mark.parametrize("name", ["gdpr_art33_followup", "gdpr_art33_final", "uk_ico_authority"])
def test_reasons_for_the_delay_are_wanted_after_72_hours(name: str) -> None:
    aware = story()["aware_at"].value
    assert isinstance(aware, datetime)
    limit = aware + timedelta(hours=72)
    facts = story("delay_reasons")
    for now, wanted in ((limit, False), (limit + timedelta(seconds=1), True)):
        gaps = {gap.fact for gap in blocking_gaps(templates()[name], facts, now=now)}
        assert ("delay_reasons" in gaps) is wanted


# The Information Commission's form


def test_a_follow_up_to_the_commission_needs_its_reference() -> None:
    template = templates()["uk_ico_authority"]
    for kind, wanted in (("follow_up", True), ("initial", False)):
        facts = story("ico_case_reference", ico_report_kind=kind)
        gaps = {gap.fact for gap in blocking_gaps(template, facts, now=LATER)}
        assert ("ico_case_reference" in gaps) is wanted


def test_cyber_questions_are_asked_of_a_cyber_incident_only() -> None:
    assert "Integrity: no" in text_of("uk_ico_authority", story())
    without = story("ico_organisation_impact", "ico_recovery_time", cyber_incident=False)
    notice = rendered("uk_ico_authority", without, now=LATER)
    assert notice.gaps == ()
    assert "Recovery time" not in notice.text
    assert "Integrity" not in notice.text


# NIS2


def test_an_incident_that_goes_on_makes_a_progress_report() -> None:
    going = story("root_cause", "handling_completed_at", incident_ongoing=True)
    notice = rendered("nis2_final", going, now=LATER)
    assert notice.gaps == ()
    assert "Progress report on a significant incident" in notice.text
    assert "Not yet established; the incident still goes on." in notice.text
    assert "The final report follows within one month" in notice.text
    assert "progress report, Art. 23(4)(e)" in notice.subject
    over = rendered("nis2_final", story(), now=LATER)
    assert "Final report on a significant incident" in over.text
    assert "follows within one month" not in over.text


def test_an_early_warning_says_what_isn_t_established() -> None:
    facts = story(unlawful_or_malicious=None, cross_border_impact=None)
    notice = rendered("nis2_early_warning", facts, now=LATER)
    assert notice.gaps == ()
    assert notice.text.count("Not yet established.") == 2
    assert "Member States concerned" not in notice.text


@pytest.mark.parametrize("name", ["nis2_notification", "nis2_final"])
def test_member_states_are_wanted_of_a_cross_border_impact(name: str) -> None:
    for crossing, wanted in ((True, True), (False, False)):
        facts = story("affected_member_states", cross_border_impact=crossing)
        gaps = {gap.fact for gap in blocking_gaps(templates()[name], facts, now=LATER)}
        assert ("affected_member_states" in gaps) is wanted


# DORA


def numbers_of(template: str, facts: dict[str, Fact]) -> list[str]:
    html = rendered(template, facts, now=LATER).html
    return [one for one in re.findall(r'<td class="number">([^<]*)</td>', html) if one]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("dora_initial", {"1": 15, "2": 10}),
        ("dora_intermediate", {"1": 15, "2": 10, "3": 35}),
        ("dora_final", {"1": 15, "2": 10, "3": 35, "4": 16}),
    ],
)
def test_the_fields_stand_in_the_form_s_order_without_a_hole(
    name: str, sizes: dict[str, int]
) -> None:
    wanted = [f"{part}.{n}" for part, size in sizes.items() for n in range(1, size + 1)]
    assert numbers_of(name, story()) == wanted


CRITERIA = [
    ("geographical_spread", ("3.18", "3.19")),
    ("reputational_impact", ("3.13", "3.14")),
    ("data_losses", ("3.20", "3.21")),
]


@pytest.mark.parametrize(("criterion", "fields"), CRITERIA)
def test_fields_of_a_criterion_that_wasn_t_met_are_neither_wanted_nor_told(
    criterion: str, fields: tuple[str, str]
) -> None:
    others = tuple(one for one in FACT_TYPES["dora_criteria"].choices if one != criterion)
    missing = [
        used.key
        for used in templates()["dora_intermediate"].facts.values()
        if used.when and criterion in used.when.includes
    ]
    assert len(missing) == 2
    facts = story(*missing, dora_criteria=others)
    assert rendered("dora_intermediate", facts, now=LATER).gaps == ()
    assert not set(fields) & set(numbers_of("dora_intermediate", facts))


def test_actual_figures_and_estimates_follow_from_the_facts() -> None:
    facts = story(transactions_hit=False, counterparts_affected=0)
    text = text_of("dora_intermediate", facts)
    assert "Clients: estimates" in text
    assert "Financial counterparts: no impact" in text
    assert "Transactions: no impact" in text
    facts["clients_affected"] = replace(facts["clients_affected"], confidence=Confidence.CONFIRMED)
    assert "Clients: actual figures" in text_of("dora_intermediate", facts)


def test_no_temporary_measures_is_an_answer() -> None:
    text = text_of("dora_intermediate", story(recovery_measures="none"))
    assert re.search(r"3\.33\s+Temporary actions or measures taken or planned\s+No\b", text)
    assert "3.34" not in text


def test_a_final_report_takes_no_unknown_figures() -> None:
    facts = story(clients_affected=None, gross_costs=None, activities_recovered_at=None)
    gaps = {gap.fact for gap in rendered("dora_final", facts, now=LATER).gaps}
    assert gaps == {"clients_affected", "gross_costs", "activities_recovered_at"}
    rough = {gap.fact for gap in rendered("dora_intermediate", facts, now=LATER).gaps}
    assert rough == set()


def test_a_reclassified_incident_says_so_in_the_type_of_submission() -> None:
    facts = story(reclassification_reasons="Fewer clients than first counted.")
    text = text_of("dora_initial", facts)
    assert "Major incident reclassified as non-major" in text
    assert "Fewer clients than first counted." in text


# Words and paper


def test_every_choice_of_the_forms_reads_as_words() -> None:
    for one in FACTS:
        for word in one.choices:
            assert "_" not in ENGLISH.choice(one.name, word), (one.name, word)
        if one.kind is FactKind.CHOICE:
            assert set(EU_FORM_CHOICES[one.name]) == set(one.choices), one.name


def test_no_words_for_choices_that_don_t_exist() -> None:
    for name, words in EU_FORM_CHOICES.items():
        assert set(words) <= set(FACT_TYPES[name].choices), name


@pytest.mark.parametrize("name", SERIES)
def test_the_paper_has_every_section(name: str) -> None:
    pages = " ".join(pages_of(pdf_of(rendered(name, story(), now=LATER))))
    for heading in templates()[name].rules.headings:
        assert heading in pages, heading
