"""Papers of injects over real HTTP: for players once the inject came, for nobody else before."""

from dataclasses import dataclass

import pytest

from bot.documents.pdf_text import text_of_pages
from bot.domain.roles import Role
from bot.services.access import person_for
from bot.services.exercise_steps import advance
from bot.services.exercises import StartExercise, start_exercise
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import unit_of_work
from tests.kit import ANA, CHRIS, FARID, LENA, SAM
from tests.web.pages_kit import Looker, Site

pytestmark = pytest.mark.slow


@dataclass
class Desk:
    """A run of the help desk's scenario; I2 comes with a ticket export after an hour of it."""

    site: Site
    ref: str

    @property
    def paper(self) -> str:
        return f"/incidents/{self.ref}/exercise/papers/I2/desk_tickets"

    def as_(self, slack_id: str) -> Looker:
        return self.site.as_(slack_id)

    def step(self, **span: float) -> None:
        self.site.hands.wait(**span)
        with unit_of_work(self.site.store, now=self.site.hands.clock()) as tx:
            incident = incident_by_ref(tx.session, self.ref)
            assert incident is not None
            advance(tx, incident)


@pytest.fixture
def desk(site: Site) -> Desk:
    players = {Role.COMMANDER: CHRIS, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}
    with unit_of_work(site.store, now=site.hands.clock()) as tx:
        request = StartExercise(scenario_id="helpdesk_takeover", players=players, seed=7)
        incident = start_exercise(tx, request, actor=person_for(tx, SAM))
        advance(tx, incident)
        return Desk(site=site, ref=incident.ref)


def test_players_get_a_paper_with_its_inject_and_not_before(desk: Desk) -> None:
    assert desk.as_(LENA).get(desk.paper).status_code == 404
    ahead = desk.as_(SAM).get(desk.paper)
    assert ahead.status_code == 200, "the facilitator looks ahead"
    desk.step(minutes=3)
    answer = desk.as_(LENA).get(desk.paper)
    assert answer.status_code == 200
    name = f'filename="EXERCISE-{desk.ref}-I2-desk_tickets.pdf"'
    assert name in answer.headers["content-disposition"]
    assert answer.headers["content-type"] == "application/pdf"
    for page in text_of_pages(answer.content):
        assert f"EXERCISE {desk.ref}" in page


def test_what_comes_later_and_what_isnt_there_look_the_same(desk: Desk) -> None:
    later = desk.as_(LENA).get(desk.paper)
    none = desk.as_(LENA).get(desk.paper.replace("I2", "I99"))
    other = desk.as_(LENA).get(desk.paper.replace("desk_tickets", "plans"))
    assert [one.status_code for one in (later, none, other)] == [404, 404, 404]
    assert later.text == none.text == other.text


def test_whoever_takes_no_part_gets_nothing(desk: Desk) -> None:
    desk.step(minutes=3)
    assert desk.as_(ANA).get(desk.paper).status_code == 404
