"""A refusal's page: where a person can go on from it, whom they can ask, and what it keeps back."""

import pytest
from notice_page_kit import flat
from pages_kit import Site

from bot.services.notice_review import mark_privileged
from bot.services.notices import draft_notice
from tests.kit import CHRIS, FARID, LENA, SAM

pytestmark = pytest.mark.slow


@pytest.fixture
def privileged(site: Site, ref: str) -> str:
    """The address of a statement that only Legal may read."""
    site.act(ref, CHRIS, lambda tx, one, him: draft_notice(tx, one, "holding_statement", actor=him))
    site.act(
        ref, LENA, lambda tx, one, her: mark_privileged(tx, one, 1, privileged=True, actor=her)
    )
    return f"/incidents/{ref}/notices/1"


def test_a_member_without_the_right_is_led_on_and_told_whom_to_ask(
    site: Site, ref: str, privileged: str
) -> None:
    answer = site.as_(FARID).get(privileged)
    words = flat(answer.text)
    assert answer.status_code == 403
    for place in ("/incidents", f"/incidents/{ref}", "/desk"):
        assert f'<a class="button" href="{place}">' in answer.text
    assert "Switch person" in words, "the head of every page is there"
    asked = words.split(f"Whom to ask in {ref}")[1]
    assert "Commander Ana Brandt" in asked
    assert "Legal Lena Okafor" in asked
    assert "Forensics" not in asked, "nobody is told to ask themselves"
    assert "statement" not in words.lower(), "what the notice is isn't theirs to know"


def test_who_isn_t_in_the_incident_learns_nothing_of_it(site: Site, privileged: str) -> None:
    sam = site.as_(SAM)
    there, nowhere = sam.get(privileged), sam.get("/incidents/INC-2026-9999/notices/1")
    assert there.status_code == nowhere.status_code == 404
    assert there.text == nowhere.text
    assert "Whom to ask" not in there.text
    assert "INC-" not in there.text
    assert '<a class="button" href="/desk">' in there.text


def test_a_form_without_its_token_leads_back_too(site: Site, ref: str) -> None:
    answer = site.as_(CHRIS).send(f"/incidents/{ref}/facts", {"csrf": "guessed"})
    assert answer.status_code == 403
    assert f'<a class="button" href="/incidents/{ref}">' in answer.text


def test_nobody_is_led_to_the_door_only(site: Site) -> None:
    answer = site.nobody().get("/no-such-page")
    assert answer.status_code == 404
    assert '<a class="button" href="/incidents">' in answer.text
    assert "/desk" not in answer.text
