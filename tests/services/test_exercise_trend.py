"""A run beside the runs before it: in its report by objective, in the programme by capability."""

from typing import Any
from zoneinfo import ZoneInfo

from bot.content.roots import find_roots
from bot.documents.after_action_paper import render_after_action
from bot.documents.pdf_text import text_of_pages
from bot.services import exercises
from bot.services.access import person_for
from bot.services.after_action import draft_report
from bot.services.after_action_trend import EARLIER, capability_trend
from bot.services.exercise_steps import advance
from bot.services.facts import record_facts
from bot.store.exercise_queries import run_of
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work
from tests.conftest import T0, MovingClock
from tests.kit import ANA, new_facts, who
from tests.services.test_exercises import FINN, request

ASSETS = find_roots().notification_templates / "base"
DRILL = ("EX-2026-0001", "EX-2026-0002", "EX-2026-0003", "EX-2026-0004", "EX-2026-0005")


def play(
    store: Store, clock: MovingClock, ref: str, *, after: float, stopped: bool = False
) -> dict[str, Any]:
    """Play the drill to its end; the first thing expected is done so many minutes after it."""
    with unit_of_work(store, now=clock.move(days=1)) as tx:
        exercises.start_exercise(tx, request(), actor=person_for(tx, FINN))
    with unit_of_work(store, now=clock()) as tx:
        advance(tx, named(tx, ref))
    with unit_of_work(store, now=clock.move(minutes=after)) as tx:
        incident = named(tx, ref)
        tx.enter(incident)
        record_facts(tx, incident, new_facts({"aware_at": tx.now}), actor=who(tx, ANA))
    with unit_of_work(store, now=clock.move(minutes=1)) as tx:
        advance(tx, named(tx, ref))
        exercises.end_exercise(tx, named(tx, ref), aborted=stopped, actor=who(tx, FINN))
        run = run_of(tx.session, named(tx, ref))
        assert run is not None
        return draft_report(tx, named(tx, ref), run)


def named(tx: Tx, ref: str) -> Any:
    return incident_by_ref(tx.session, ref)


def test_a_report_shows_the_runs_before_it_and_none_that_was_stopped(
    store: Store, clock: MovingClock
) -> None:
    first = play(store, clock, DRILL[0], after=6)
    assert (first["before"], first["trend"]) == ({}, [])
    play(store, clock, DRILL[1], after=5, stopped=True)
    third = play(store, clock, DRILL[2], after=4)
    assert third["before"]["ref"] == DRILL[0]
    assert third["before"]["objectives"][0] == {"id": "O1", "before": 500, "now": 1000}
    assert [one["ref"] for one in third["trend"]] == [DRILL[0]]
    fourth = play(store, clock, DRILL[3], after=7)
    assert [one["ref"] for one in fourth["trend"]] == [DRILL[0], DRILL[2]]
    assert [one["objectives"]["O1"] for one in fourth["trend"]] == [500, 1000]
    assert fourth["objectives"][0]["score"] == 250
    pdf = render_after_action(fourth, assets=ASSETS, zone=ZoneInfo("UTC"), final=False)
    text = " ".join(" ".join(text_of_pages(pdf)).split())
    assert "Across the runs of this scenario" in text
    assert f"Objective {DRILL[0]} 20 November 2026 {DRILL[2]} 22 November 2026" in text
    assert "O1 50 % 100 % 25 %" in text
    third.pop("trend")
    old = render_after_action(third, assets=ASSETS, zone=ZoneInfo("UTC"), final=True)
    assert "Across" not in " ".join(text_of_pages(old)), "a report locked before there was a trend"


def test_a_report_shows_no_more_runs_than_fit_and_the_programme_all_capabilities(
    store: Store, clock: MovingClock
) -> None:
    for ref in DRILL:
        play(store, clock, ref, after=6)
    last = play(store, clock, "EX-2026-0006", after=4)
    assert [one["ref"] for one in last["trend"]] == list(DRILL[-EARLIER:])
    with reading(store) as session:
        columns = capability_trend(session)
    assert [one.ref for one in columns] == [*DRILL, "EX-2026-0006"]
    assert [one.scores["detection"] for one in columns] == [500] * 5 + [1000]
    assert columns[0].scores["evidence"] is None, "that inject never came"
    assert columns[-1].ended_at > T0
