"""What blocks a translated notice: texts without words in its language, a source that moved on."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from notice_template_kit import BLANK, NOW, facts, uses

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import FactValue
from bot.domain.notice_checks import approval_obstacles, blocking_gaps, completeness
from bot.domain.notices import (
    Need,
    NoticeState,
    NoticeTemplate,
    StatutoryItem,
    TranslationOf,
    UsedFact,
    is_stale,
)
from bot.domain.translations import Worded, language_name, outdated_words


def used(key: str, *, need: Need = Need.REQUIRED, later: str = "") -> UsedFact:
    return UsedFact(key=key, need=need, where="Teil", not_yet_known=later)


SOURCE = replace(
    BLANK,
    id="letter",
    version=3,
    facts=uses(
        used("what_happened"),
        used("organisation_name"),
        used("contact_email"),
        used("helpline_hours", need=Need.OPTIONAL),
        used("data_elements"),
        used("affected_total", later="Noch nicht bekannt."),
        used("likely_consequences", later="Noch nicht bekannt."),
    ),
    contents=(
        StatutoryItem(item="Nature", citation="§ 1(a)", section="Teil", facts=("what_happened",)),
    ),
)
GERMAN = replace(
    SOURCE,
    id="letter_de",
    version=1,
    language="de-DE",
    translation_of=TranslationOf(id="letter", version=3),
)
BOTH = {"letter": SOURCE, "letter_de": GERMAN}


WHOLE = facts(
    what_happened="An intruder copied files.",
    organisation_name="Halden",
    contact_email="a@example.com",
    data_elements=("name",),
    affected_total=12,
    likely_consequences="Fraud.",
)
WORDS = {"what_happened": "Dateien wurden kopiert.", "likely_consequences": "Betrug."}


@pytest.mark.parametrize(
    ("template", "changed", "words", "gaps"),
    [
        (SOURCE, {}, {}, []),  # the desk's own language needs no words of its own
        (GERMAN, {}, {}, ["what_happened", "likely_consequences"]),  # names and numbers need none
        (GERMAN, {}, WORDS, []),
        (GERMAN, {}, {"what_happened": "Dateien."}, ["likely_consequences"]),
        # An optional text that is recorded would be printed, so it needs words too.
        (GERMAN, {"helpline_hours": "9 to 5"}, WORDS, ["helpline_hours"]),
        # Recorded as unknown: the template says so in its own language.
        (GERMAN, {"likely_consequences": None}, {"what_happened": "Dateien."}, []),
    ],
)
def test_texts_of_a_translation_need_its_words(
    template: NoticeTemplate,
    changed: Mapping[str, FactValue],
    words: Mapping[str, str],
    gaps: list[str],
) -> None:
    found = blocking_gaps(template, WHOLE | facts(**changed), now=NOW, overrides=words)
    assert [gap.fact for gap in found] == gaps
    assert {gap.words_in for gap in found} <= {"German"}


def test_a_fact_that_is_not_recorded_is_a_plain_gap() -> None:
    gap = blocking_gaps(GERMAN, {}, now=NOW)[0]
    assert (gap.fact, gap.label, gap.words_in) == ("what_happened", "What happened?", "")


def test_the_statutory_check_says_what_is_open() -> None:
    item = completeness(GERMAN, WHOLE, now=NOW)[0]
    assert not item.fulfilled
    assert item.by == "open: What happened? Needs words in German."
    assert completeness(GERMAN, WHOLE, now=NOW, overrides=WORDS)[0].fulfilled


@pytest.mark.parametrize(
    ("words", "stale", "codes"),
    [
        (WORDS, False, []),
        ({}, False, ["untranslated", "untranslated"]),
        (WORDS, True, ["stale_translation"]),
        ({}, True, ["stale_translation", "untranslated", "untranslated"]),
    ],
)
def test_approval_of_a_translation(
    words: Mapping[str, str], *, stale: bool, codes: list[str]
) -> None:
    obstacles = approval_obstacles(
        GERMAN,
        WHOLE,
        text="",
        state=NoticeState.IN_REVIEW,
        author="ana",
        approver="lena",
        now=NOW,
        overrides=words,
        stale=stale,
        outdated=(),
    )
    assert [one.code for one in obstacles] == codes
    reasons = {one.code: one.reason for one in obstacles}
    wanted = "Needs words in German. (Teil)"
    assert reasons.get("untranslated", wanted).endswith(wanted)
    assert "older version of letter" in reasons.get("stale_translation", "older version of letter")


@pytest.mark.parametrize(
    ("template", "others", "stale"),
    [
        (SOURCE, BOTH, False),  # no translation
        (GERMAN, BOTH, False),
        (GERMAN, BOTH | {"letter": replace(SOURCE, version=4)}, True),
        (
            GERMAN,
            BOTH | {"letter": replace(SOURCE, version=2)},
            True,
        ),  # translated from a later one
        (GERMAN, {"letter_de": GERMAN}, True),  # the source is gone
    ],
)
def test_stale(
    template: NoticeTemplate, others: Mapping[str, NoticeTemplate], *, stale: bool
) -> None:
    assert is_stale(template, others) is stale


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("organisation_name", True),
        ("dpo_phone", True),
        ("lead_authority", True),
        ("credit_monitoring_provider", True),
        ("helpline_hours", False),
        ("enrolment_how", False),
        ("advice_to_people", False),
    ],
)
def test_which_texts_read_alike_in_every_language(name: str, *, alike: bool) -> None:
    assert FACT_TYPES[name].kind is FactKind.TEXT
    assert FACT_TYPES[name].reads_alike is alike


def test_languages_have_names() -> None:
    assert [language_name(tag) for tag in ("de-DE", "fr-FR", "es-ES", "en-US", "nl-NL")] == [
        "German",
        "French",
        "Spanish",
        "English",
        "nl-NL",
    ]


def version(happened: str | None, words: Mapping[str, str], *, confirmed: bool = False) -> Worded:
    told = {} if happened is None else {"what_happened": {"value": happened}}
    return Worded(facts=told, words=words, confirmed=confirmed)


W = {"what_happened": "Dateien wurden kopiert."}
OTHER = {"what_happened": "Nichts wurde kopiert."}


@pytest.mark.parametrize(
    ("history", "outdated"),
    [
        ([version("copied", {})], ()),  # no words of its own
        ([version("copied", {}), version("copied", W)], ()),
        ([version("copied", W), version("not copied", W)], ("what_happened",)),
        # Another fact changed in between: the words are still older than their fact.
        ([version("a", W), version("b", W), version("b", W)], ("what_happened",)),
        ([version("a", W), version("b", W), version("a", W)], ()),  # corrected back
        ([version("a", W), version("b", OTHER)], ()),  # reworded with the new fact
        ([version("a", W), version("b", W), version("b", W, confirmed=True)], ()),
        (
            [version("a", W), version("b", W, confirmed=True), version("c", W)],
            ("what_happened",),
        ),
        ([version(None, W), version("a", W)], ("what_happened",)),  # words came before the fact
        ([version("a", W), version("b", {}), version("b", W)], ()),  # taken out and written again
    ],
)
def test_words_that_are_older_than_their_fact(
    history: list[Worded], outdated: tuple[str, ...]
) -> None:
    assert outdated_words(history) == outdated


def test_outdated_words_stand_in_the_way() -> None:
    obstacles = approval_obstacles(
        SOURCE,
        WHOLE,
        text="",
        state=NoticeState.IN_REVIEW,
        author="ana",
        approver="lena",
        now=NOW,
        overrides=WORDS,
        stale=False,
        outdated=("what_happened",),
    )
    assert [one.code for one in obstacles] == ["outdated_words"]
    assert "What happened?" in obstacles[0].reason
    assert "save them again if they still hold" in obstacles[0].reason
