"""Starting an exercise on the web: the form of a scenario, its refusals, and what it leads to."""

import re

import pytest
from sqlmodel import select

from bot.practice import Practice
from bot.store.exercise_queries import injects_of, parts_in, run_of
from bot.store.exercise_tables import ExerciseRun
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of, log_of, texts_of, until
from tests.slack_kit import incident_named, tasks_posted
from tests.web.pages_kit import Hands, Site
from tests.web.test_pages_notice import flat

pytestmark = pytest.mark.slow

DRILL = "/exercises/drill_lost_laptop/start"
PLAYERS = {
    "player-commander": "Chris Nakamura",
    "player-forensics": "@farid",
    "player-legal": f"<@{LENA}>",
    "player-comms": CHRIS,
}
FILLED = {**PLAYERS, "observers": "ana\n", "outside": "J. Ober, auditor", "seed": "7"}
ROLES = ("commander", "forensics", "legal", "comms")


def runs(site: Site) -> list[int]:
    with reading(site.store) as session:
        return [one.id or 0 for one in session.exec(select(ExerciseRun)).all()]


def fields_of(html: str) -> dict[str, str]:
    """What stands in the form's fields."""
    inputs = dict(re.findall(r'<input id="([\w-]+)" name="[\w-]+" value="([^"]*)"', html))
    return inputs | dict(re.findall(r'<textarea id="([\w-]+)"[^>]*>([^<]*)</textarea>', html))


def test_the_list_leads_to_the_form_of_a_scenario(site: Site) -> None:
    sam = site.as_(SAM)
    listed = sam.get("/exercises").text
    assert f'href="{DRILL}"' in listed
    assert "The friendly caller" in listed
    form = sam.get(DRILL)
    shown = flat(form.text)
    assert form.status_code == 200
    assert "3 h of exercise time in 15 minutes" in shown
    assert "An employee reports a laptop stolen from a car" in shown
    assert '<option value="Lena Okafor">' in form.text
    assert '<option value="Sam Reyes">' not in form.text, "who starts it plays no part"
    assert sam.get("/exercises/no_such_thing/start").status_code == 404


def test_a_start_leads_to_the_console_and_is_what_the_command_starts(site: Site) -> None:
    sam = site.as_(SAM)
    answer = sam.post(DRILL, FILLED | {"minutes": "30"})
    assert answer.status_code == 303
    place = answer.headers["Location"]
    ref = place.split("/")[2]
    assert place == f"/incidents/{ref}/exercise?done=started"
    console = flat(sam.get(place).text)
    assert "The exercise is running. Its channel comes in a moment" in console
    assert "EXERCISE – nothing of this is real" in console
    assert "6 × as fast as the wall" in console
    assert "The point is proof at the time of loss" in console, "the facilitator's note"
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        run = run_of(session, incident)
        assert run is not None
        parts = {(one.part, person.slack_id, one.role) for one, person in parts_in(session, run)}
        assert (run.seed, run.outside_observer) == (7, "J. Ober, auditor")
    assert parts == {
        ("facilitator", SAM, ""),
        ("player", CHRIS, "commander, comms"),
        ("player", FARID, "forensics"),
        ("player", LENA, "legal"),
        ("observer", ANA, ""),
    }
    began = next(one for one in log_of(site.store, ref) if one.event == "exercise.started")
    assert began.data["factor"] == 6
    assert texts_of(site.store, ref, began.seq)["outside_observer"] == "J. Ober, auditor"
    assert "My laptop is gone" not in flat(site.as_(LENA).get(place).text), "not delivered yet"


def test_a_pace_instead_of_minutes_and_what_is_empty_comes_from_the_scenario(site: Site) -> None:
    sam = site.as_(SAM)
    for typed, factor, seed in (({"factor": "48"}, 48, 1), ({}, 12, 1)):
        answer = sam.post(DRILL, PLAYERS | typed)
        ref = answer.headers["Location"].split("/")[2]
        data = next(one for one in log_of(site.store, ref) if one.event == "exercise.started").data
        assert (data["factor"], data["seed"], data["observers"]) == (factor, seed, 0)


def test_a_german_scenario_has_german_numbers(site: Site) -> None:
    answer = site.as_(SAM).post("/exercises/helpdesk_takeover_de/start", PLAYERS)
    ref = answer.headers["Location"].split("/")[2]
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        run = run_of(session, incident)
        assert run is not None
        said = " ".join(str(one.content["text"]) for one in injects_of(session, run))
        number = run.variables["affected_count"]
    assert f"{number // 1000}.{number % 1000:03} Personen" in said
    assert f"{number:,}" not in said


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"player-comms": "Sam Reyes"}, "players", "You are the facilitator, so you can't be a"),
        ({"observers": "Lena Okafor"}, "observers", "Lena Okafor can't observe and take part"),
        ({"observers": "Sam"}, "observers", "Sam Reyes can't observe and take part at once"),
        ({"factor": "0"}, "factor", "The pace 0 is out of range: 1 is real time, 3,600"),
        ({"factor": "10000"}, "factor", "The pace 10000 is out of range"),
        ({"factor": "fast"}, "factor", "Give a whole number, such as 48."),
        ({"factor": "9" * 5_000}, "factor", "is out of range"),
        ({"minutes": "0"}, "minutes", "Give how long the exercise may take, in minutes."),
        ({"minutes": "1.5"}, "minutes", "Give whole minutes, such as 90."),
        ({"minutes": "30", "factor": "48"}, "factor", "Give minutes or a pace, not both"),
        ({"seed": "99999999999"}, "seed", "The seed is a whole number from 0 to 2147483647."),
        ({"seed": "-1"}, "seed", "Give a whole number, such as 7."),
        ({"outside": "x" * 201}, "outside", "At most 200 characters fit."),
        ({"player-legal": ""}, "player-legal", "Who plays Legal?"),
        ({"player-legal": "Lena Okafer"}, "player-legal", "Did you mean Lena Okafor?"),
        ({"player-legal": "<b>Zoe"}, "player-legal", "I know nobody called"),
        ({"observers": "ana, Zoe Quinn"}, "observers", "I know nobody called “Zoe Quinn”."),
        ({"player-legal": "U0NOBODY"}, "player-legal", "Slack didn’t say who U0NOBODY is."),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    site: Site, typed: dict[str, str], field: str, said: str
) -> None:
    before, sent = runs(site), FILLED | typed
    answer = site.as_(SAM).post(DRILL, sent)
    assert answer.status_code in {409, 422}
    shown = flat(answer.text)
    assert "Nothing was started yet." in shown
    assert shown.count(said) == 2, "at the top, and at its field"
    assert f'id="{field}-problem"' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert "<b>Zoe" not in answer.text
    kept = fields_of(answer.text)
    assert {name: kept[name] for name in ("outside", "seed", "player-comms")} == {
        name: sent[name].replace("<", "&lt;") for name in ("outside", "seed", "player-comms")
    }
    assert kept["observers"] == sent["observers"].strip()
    assert runs(site) == before


def test_what_is_refused_can_be_mended_and_started_with_the_same_form(site: Site) -> None:
    sam, before = site.as_(SAM), len(runs(site))
    once = fields_hidden(sam.get(DRILL).text)
    refused = sam.post(DRILL, FILLED | {"factor": "0", "once": once})
    assert fields_hidden(refused.text) == once
    first = sam.post(DRILL, FILLED | {"once": once})
    again = sam.post(DRILL, FILLED | {"once": once})
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"], "pressed twice, started once"
    assert len(runs(site)) == before + 1


def fields_hidden(html: str) -> str:
    found = re.search(r'name="once" value="([\w-]+)"', html)
    assert found
    return found[1]


def test_nobody_starts_one_without_being_signed_in_or_from_another_site(site: Site) -> None:
    before = runs(site)
    stranger = site.nobody()
    assert stranger.get(DRILL).headers["Location"].startswith("/who?next=")
    assert stranger.post(DRILL, data=FILLED).status_code in {303, 403}
    sam = site.as_(SAM)
    assert sam.send(DRILL, FILLED).status_code == 403
    assert sam.send(DRILL, {"csrf": "made-up", **FILLED}).status_code == 403
    assert runs(site) == before


def test_only_who_takes_part_sees_it_and_only_the_facilitator_steers(site: Site) -> None:
    players = PLAYERS | {"player-legal": CHRIS, "player-forensics": CHRIS}
    home = site.as_(SAM).post(DRILL, players).headers["Location"].partition("?")[0]
    assert site.as_(FARID).get(home).status_code == 404
    assert site.as_(CHRIS).post(f"{home}/steer", {"what": "hold"}).status_code == 403
    assert "exercise.held" not in entries_of(site.store, home.split("/")[2])


def test_somebody_new_is_asked_of_slack_and_the_channel_comes(pair: Practice) -> None:
    site = Site(tocsin=pair.tocsin, url=pair.web_url, hands=Hands())
    ids = {
        f"player-{role}": one for role, one in zip(ROLES, (CHRIS, FARID, LENA, CHRIS), strict=True)
    }
    sam = site.as_(SAM)
    unknown = sam.post(DRILL, ids | {"player-legal": "U0NOBODY"})
    assert unknown.status_code == 422
    assert "Nobody in this workspace has the ID U0NOBODY." in flat(unknown.text)
    bot = sam.post(DRILL, ids | {"player-legal": pair.box.app.bot_user_id})
    assert "Nobody in this workspace has the ID" in flat(bot.text)
    ref = sam.post(DRILL, ids | {"observers": ANA}).headers["Location"].split("/")[2]
    until(lambda: tasks_posted(pair, ref))
    channel = incident_named(pair, ref).channel_id
    assert channel
    for one in (SAM, CHRIS, FARID, LENA, ANA):
        assert channel in pair.box.person(one).channels().values()
    for client in site.clients:
        client.close()
