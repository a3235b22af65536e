"""Letters to people and notices to the public: whom they serve, and letters of special kinds."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
from notice_kit import NOW, fact, rendered, story_facts, templates
from people_kit import BY_STATE, facts_with, to_person

from bot.content.obligations import load_obligations
from bot.content.roots import find_roots
from bot.domain.facts import FactValue
from bot.domain.notice_checks import approval_obstacles
from bot.domain.notices import NoticeState

pytestmark = pytest.mark.slow  # the first of them loads every template


@cache
def duties() -> frozenset[str]:
    return frozenset(load_obligations(find_roots().playbooks / "obligations"))


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
        outdated=(),
    )
    return [(one.code, one.reason) for one in obstacles]


def test_credentials_mail_has_no_link() -> None:
    notice = rendered("us_credentials_only", facts_with("CA"))
    assert "<a " not in notice.html
    assert templates()["us_credentials_only"].channels == ("email",)


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
