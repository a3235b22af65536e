"""The pages of a run over real HTTP: each part sees its own, and every step does what it says."""

from dataclasses import dataclass

import pytest

from bot.domain.roles import Role
from bot.services.access import person_for
from bot.services.exercise_steps import advance
from bot.services.exercises import StartExercise, end_exercise, start_exercise
from bot.store.exercise_queries import injects_of, results_of, run_of
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import reading, unit_of_work
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of
from tests.web.pages_kit import Looker, Site
from tests.web.test_pages_notice import flat

pytestmark = pytest.mark.slow

OLGA = ANA  # the practice knows five people: Ana observes, Sam runs it


@dataclass(frozen=True)
class Drill:
    """The quick drill, running: Sam runs it, Ana observes."""

    site: Site
    ref: str

    @property
    def home(self) -> str:
        return f"/incidents/{self.ref}/exercise"

    def as_(self, slack_id: str) -> Looker:
        return self.site.as_(slack_id)


PLAYERS = {Role.COMMANDER: CHRIS, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}


@pytest.fixture
def drill(site: Site) -> Drill:
    with unit_of_work(site.store, now=site.hands.clock()) as tx:
        request = StartExercise(
            scenario_id="drill_lost_laptop", players=PLAYERS, observers=(OLGA,), seed=7
        )
        incident = start_exercise(tx, request, actor=person_for(tx, SAM))
        advance(tx, incident)
        return Drill(site=site, ref=incident.ref)


def states(drill: Drill) -> dict[str, str]:
    with reading(drill.site.store) as session:
        incident = incident_by_ref(session, drill.ref)
        assert incident is not None
        run = run_of(session, incident)
        assert run is not None
        return {one.inject_id: one.state for one in injects_of(session, run)} | {
            one.expectation_id: one.state for one in results_of(session, run)
        }


def test_each_part_sees_its_own_page_and_the_mark(drill: Drill) -> None:
    console = flat(drill.as_(SAM).get(drill.home).text)
    assert "The point is proof at the time of loss" in console, "the facilitator's note"
    assert "Encryption status" in console
    player = flat(drill.as_(LENA).get(drill.home).text)
    assert "My laptop is gone" in player
    assert "Encryption status" not in player, "what is still to come"
    assert "The point is proof" not in player
    observer = flat(drill.as_(OLGA).get(drill.home).text)
    assert "Write down what you see" in observer
    assert "The point is proof" not in observer
    for page in (console, player, observer):
        assert "EXERCISE – nothing of this is real" in page


def test_the_console_steers(drill: Drill) -> None:
    sam = drill.as_(SAM)
    assert sam.post(f"{drill.home}/steer", {"what": "hold", "reason": "coffee"}).status_code == 303
    assert "HELD: coffee" in flat(sam.get(drill.home).text)
    assert sam.post(f"{drill.home}/steer", {"what": "hold"}).status_code == 409
    assert sam.post(f"{drill.home}/steer", {"what": "resume"}).status_code == 303
    assert sam.post(f"{drill.home}/steer", {"what": "pace", "factor": "0"}).status_code == 409
    assert sam.post(f"{drill.home}/steer", {"what": "jump", "minutes": "x"}).status_code == 409
    assert sam.post(f"{drill.home}/injects/I3", {"what": "release"}).status_code == 303
    assert sam.post(f"{drill.home}/injects/I2", {"what": "skip", "why": "time"}).status_code == 303
    added = {"channel": "press", "sender": "The Ledger", "title": "Is it true?", "text": "At six."}
    assert sam.post(f"{drill.home}/injects", added).status_code == 303
    found = states(drill)
    assert (found["I3"], found["I2"], found["X1"]) == ("delivered", "skipped", "delivered")
    refused = drill.as_(LENA).post(f"{drill.home}/steer", {"what": "end"})
    assert refused.status_code == 403


def test_from_notes_to_the_final_report(drill: Drill) -> None:
    sam, olga, lena = drill.as_(SAM), drill.as_(OLGA), drill.as_(LENA)
    note = {"tag": "gap", "objective": "O1", "text": "Nobody asked when."}
    assert olga.post(f"{drill.home}/observations", note).status_code == 303
    assert lena.post(f"{drill.home}/observations", note).status_code == 403
    assert olga.post(f"{drill.home}/ratings/O1", {"rating": "M"}).status_code == 303
    marks = {"known_unknown": "2", "who_is_affected": "1", "what_we_do": "1"}
    marks |= {"ask_with_owner": "0", "next_update": "2", "quote": "Known: stolen at nine."}
    assert olga.post(f"{drill.home}/clarity", marks).status_code == 303
    assert lena.get(f"{drill.home}/report.pdf").status_code == 409, "it isn't over"
    assert sam.post(f"{drill.home}/steer", {"what": "end"}).status_code == 303
    answers = {"answer:Who recorded when we became aware, and how did they know?": "Nobody did."}
    assert lena.post(f"{drill.home}/feedback", answers).status_code == 303
    assert lena.post(f"{drill.home}/feedback", answers).status_code == 409, "once"
    action = {"text": "Write it on the card", "element": "plan", "owner": CHRIS}
    action |= {"due_on": "2026-12-31", "retest_on": "2027-05-31", "objective": "O1"}
    assert sam.post(f"{drill.home}/actions", action).status_code == 303
    assert sam.post(f"{drill.home}/actions", action | {"due_on": "soon"}).status_code == 409
    assert sam.post(f"{drill.home}/lock", {}).status_code == 409, "ratings are confirmed first"
    assert sam.post(f"{drill.home}/ratings/O1", {"rating": "U", "final": "yes"}).status_code == 303
    draft = sam.get(f"{drill.home}/report.pdf")
    assert draft.content.startswith(b"%PDF")
    assert f"EXERCISE-{drill.ref}-after-action-DRAFT.pdf" in draft.headers["Content-Disposition"]
    assert sam.post(f"{drill.home}/lock", {}).status_code == 303
    report = sam.get(f"{drill.home}/report.json").json()
    assert report["objectives"][0]["rating"] == "U"
    assert report["objectives"][0]["raters"] == ["M"]
    assert report["clarity"][0]["total"] == 6.0
    assert report["feedback"][0]["answers"] == ["Nobody did."]
    assert report["actions"][0]["owner"]
    assert entries_of(drill.site.store, drill.ref)[-1] == "exercise.report_locked"
    assert sam.post(f"{drill.home}/ratings/O1", {"rating": "P", "final": "yes"}).status_code == 409
    assert f"{drill.ref} Lost laptop" in flat(sam.get("/exercises").text)


def test_the_programme_sets_finished_runs_side_by_side(drill: Drill) -> None:
    sam = drill.as_(SAM)
    assert sam.post(f"{drill.home}/steer", {"what": "end"}).status_code == 303
    with unit_of_work(drill.site.store, now=drill.site.hands.clock()) as tx:
        request = StartExercise(scenario_id="drill_lost_laptop", players=PLAYERS, seed=8)
        other = start_exercise(tx, request, actor=person_for(tx, SAM))
        end_exercise(tx, other, actor=person_for(tx, SAM))
    page = sam.get("/exercises").text
    trend = flat(page[page.index('id="h-trend"') : page.index('id="h-held"')])
    assert drill.ref in trend
    assert other.ref in trend
    assert "Detection" in trend
    assert "–" in trend, "nothing was judged"


def test_a_live_incident_has_no_such_page(site: Site, ref: str) -> None:
    assert site.as_(LENA).get(f"/incidents/{ref}/exercise").status_code == 404
