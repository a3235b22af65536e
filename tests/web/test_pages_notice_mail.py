"""The button that sends by e-mail, over real HTTP: two people, one address typed twice, once."""

import pytest
from notice_page_kit import flat, released_notice
from pages_kit import Site

from bot.domain.roles import Role
from bot.services.access import person_for
from bot.services.exercises import StartExercise, start_exercise
from bot.services.facts import record_facts
from bot.services.notices import draft_notice
from bot.store.unit_of_work import unit_of_work
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of, jobs_of, new_facts
from tests.services.test_notices import STATEMENT

pytestmark = pytest.mark.slow
TO = "privacy@authority.example"
TWICE = {"recipient": TO, "confirmed": TO}


def test_it_is_sent_once_to_the_address_that_was_typed_twice(site: Site, ref: str) -> None:
    home, lena = released_notice(site, ref), site.as_(LENA)
    page = flat(lena.get(home).text)
    assert "It doesn't leave by itself" in page
    assert "Send it now" in page
    slip = lena.post(f"{home}/mail", TWICE | {"confirmed": "privacy@authorty.example"})
    assert (slip.status_code, "two addresses differ" in flat(slip.text)) == (409, True)
    before = jobs_of(site.store)
    answer = lena.post(f"{home}/mail", TWICE)
    assert answer.headers["location"] == f"{home}?done=mailed"
    assert "on its way to the mail server" in flat(lena.get(f"{home}?done=mailed").text)
    again = lena.post(f"{home}/mail", TWICE)
    assert (again.status_code, "on its way to this address" in flat(again.text)) == (409, True)
    assert entries_of(site.store, ref).count("outbound.granted") == 1
    assert jobs_of(site.store) == before + 1


def test_in_an_exercise_it_says_that_nothing_left(site: Site) -> None:
    players = {Role.COMMANDER: ANA, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}
    with unit_of_work(site.store, now=site.hands.clock()) as tx:
        request = StartExercise(scenario_id="drill_lost_laptop", players=players)
        ref = start_exercise(tx, request, actor=person_for(tx, SAM)).ref
    facts = new_facts(STATEMENT)
    site.act(ref, CHRIS, lambda tx, one, him: record_facts(tx, one, facts, actor=him))
    site.act(ref, CHRIS, lambda tx, one, him: draft_notice(tx, one, "holding_statement", actor=him))
    home, lena = released_notice(site, ref), site.as_(LENA)
    page = flat(lena.get(home).text)
    assert "nothing leaves" in page
    assert "Send it now" not in page
    answer = lena.post(f"{home}/mail", TWICE)
    assert answer.headers["location"] == f"{home}?done=caught"
    assert "it lies in the sandbox mailbox" in flat(lena.get(f"{home}?done=caught").text)
    sandbox = site.as_(SAM).get(f"/incidents/{ref}/exercise").text
    assert "privacy@exercise.invalid" in flat(sandbox)
