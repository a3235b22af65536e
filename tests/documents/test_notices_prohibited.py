"""What letters to people and public notices may not tell, held against the text of their PDFs."""

import pytest
from notice_kit import rendered, templates
from people_kit import BY_STATE, TWELVE, facts_with, printed, to_person

from bot.documents.html import NoticeRenderError
from bot.domain.notice_checks import forbidden_in

pytestmark = pytest.mark.slow  # the first of them loads every template

GIVEAWAY = 4321
"""A count that stands nowhere else in a letter."""


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
