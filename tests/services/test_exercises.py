"""A run from its start to its end: clock, injects, expectations, holds; refusals in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.exercise_clock import from_json
from bot.domain.incident import IncidentError, Severity
from bot.domain.roles import NotAllowedError, Role
from bot.services import exercises, injects
from bot.services.access import person_for
from bot.services.evidence import record_note
from bot.services.exercise_steps import advance, settle
from bot.services.facts import record_facts
from bot.services.incidents import OpenIncident, open_incident
from bot.store.exercise_queries import injects_of, results_of, run_of
from bot.store.exercise_tables import ExerciseRun
from bot.store.queries import clocks_of, incident_by_ref
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work
from tests.conftest import T0, MovingClock
from tests.kit import ANA, CAST, CHRIS, FARID, LENA, SAM, entries_of, new_facts, who

FINN, OLGA = "U0FINN", "U0OLGA"
REF = "EX-2026-0001"
PLAYERS = {Role.COMMANDER: ANA, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}


def request(**changed: object) -> exercises.StartExercise:
    return exercises.StartExercise(
        **{"scenario_id": "drill_lost_laptop", "players": PLAYERS, "observers": (OLGA,), "seed": 7}
        | changed  # type: ignore[arg-type]
    )


@pytest.fixture
def running(store: Store, clock: MovingClock) -> Store:
    """The quick drill, begun at T0: three hours in fifteen minutes, twelve times as fast."""
    with unit_of_work(store, now=clock()) as tx:
        exercises.start_exercise(tx, request(), actor=person_for(tx, FINN))
    step(store, clock)
    return store


def step(store: Store, clock: MovingClock, **span: float) -> None:
    clock.move(**span)
    with unit_of_work(store, now=clock()) as tx:
        advance(tx, exercise(tx))


def exercise(tx: Tx) -> Incident:
    found = incident_by_ref(tx.session, REF)
    assert found is not None
    return found


def run_and(store: Store) -> tuple[ExerciseRun, dict[str, str], dict[str, tuple[str, int | None]]]:
    with reading(store) as session:
        incident = incident_by_ref(session, REF)
        assert incident is not None
        run = run_of(session, incident)
        assert run is not None
        return (
            run,
            {one.inject_id: one.state for one in injects_of(session, run)},
            {one.expectation_id: (one.state, one.score) for one in results_of(session, run)},
        )


def test_an_exercise_is_an_incident_of_its_own_kind_in_its_own_time(running: Store) -> None:
    run, states, results = run_and(running)
    assert from_json(run.segments).factor == 12
    assert (run.ends_ex - run.starts_ex, run.state) == (timedelta(hours=3), "running")
    assert states == {"I1": "delivered", "I2": "planned", "I3": "planned"}
    assert results["E1"] == ("open", None)
    with reading(running) as session:
        incident = incident_by_ref(session, REF)
        assert incident is not None
        assert (incident.kind, incident.channel_name[:12]) == ("exercise", "ex-2026-0001")
        assert {one.due_at for one in clocks_of(session, incident) if one.key == "triage"} == {
            T0 + timedelta(hours=1)
        }


def test_injects_come_at_their_exercise_time(running: Store, clock: MovingClock) -> None:
    step(running, clock, minutes=2, seconds=29)  # 29.8 minutes of exercise
    assert run_and(running)[1]["I2"] == "planned"
    step(running, clock, seconds=1)
    assert run_and(running)[1]["I2"] == "delivered"


def test_what_players_do_meets_what_was_expected(running: Store, clock: MovingClock) -> None:
    clock.move(minutes=6)  # two minutes after the target, half way to the limit
    with unit_of_work(running, now=clock()) as tx:
        incident = exercise(tx)
        tx.enter(incident)
        assert tx.now == T0 + timedelta(minutes=72), "players work in exercise time"
        record_facts(tx, incident, new_facts({"aware_at": tx.now}), actor=who(tx, ANA))
    step(running, clock)
    assert run_and(running)[2]["E1"] == ("met", 500)
    with reading(running) as session:
        incident = incident_by_ref(session, REF)
        assert incident is not None
        gdpr = [one for one in clocks_of(session, incident) if one.key == "EU-GDPR-33-SA"]
    assert gdpr[0].due_at == T0 + timedelta(minutes=72, hours=72), "deadlines count exercise time"


def test_what_comes_too_late_is_missed(running: Store, clock: MovingClock) -> None:
    step(running, clock, minutes=8)
    assert run_and(running)[2]["E1"] == ("open", None)
    step(running, clock, seconds=1)
    assert run_and(running)[2]["E1"] == ("missed", 0)


def test_a_hold_keeps_everything_back(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        exercises.hold_exercise(tx, exercise(tx), reason="coffee", actor=who(tx, FINN))
    step(running, clock, hours=1)
    assert run_and(running)[1]["I2"] == "planned"
    with unit_of_work(running, now=clock()) as tx:
        exercises.resume_exercise(tx, exercise(tx), actor=who(tx, FINN))
    step(running, clock, minutes=3)
    assert run_and(running)[1]["I2"] == "delivered"


def test_a_jump_delivers_what_lies_between(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        exercises.jump_exercise(tx, exercise(tx), by=timedelta(hours=2), actor=who(tx, FINN))
    step(running, clock)
    assert set(run_and(running)[1].values()) == {"delivered"}


def test_it_ends_by_itself_and_what_is_open_is_missed(running: Store, clock: MovingClock) -> None:
    step(running, clock, minutes=15)
    run, _states, results = run_and(running)
    assert (run.state, run.report_due_at) == ("ended", clock() + timedelta(hours=1))
    assert {state for state, _score in results.values()} == {"missed"}
    assert entries_of(running, REF)[-1] == "exercise.expectation_missed"


def test_the_facilitator_releases_skips_and_adds(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        incident, finn = exercise(tx), who(tx, FINN)
        run = exercises.going_run(tx, incident)
        injects.release_inject(tx, incident, run, "i3", actor=finn)
        injects.skip_inject(tx, incident, run, "I2", why="no time", actor=finn)
        with pytest.raises(IncidentError, match="was delivered already"):
            injects.release_inject(tx, incident, run, "I3", actor=finn)
        with pytest.raises(IncidentError, match="There are: I1, I2, I3"):
            injects.skip_inject(tx, incident, run, "I9", why="", actor=finn)
        injects.add_inject(
            tx,
            incident,
            run,
            channel=injects.InjectChannel.PRESS,
            sender="A paper",
            title="Is it true?",
            text="We print in an hour.",
            actor=finn,
        )
    _run, states, results = run_and(running)
    assert states == {"I1": "delivered", "I2": "skipped", "I3": "delivered", "X1": "delivered"}
    assert results["E2"] == ("unreached", None)


STEERING: dict[str, Callable[[Tx, Incident, Person], None]] = {
    "hold": lambda tx, one, by: exercises.hold_exercise(tx, one, reason="", actor=by),
    "resume": lambda tx, one, by: exercises.resume_exercise(tx, one, actor=by),
    "jump": lambda tx, one, by: exercises.jump_exercise(tx, one, by=timedelta(hours=1), actor=by),
    "pace": lambda tx, one, by: exercises.pace_exercise(tx, one, factor=2, actor=by),
    "end": lambda tx, one, by: exercises.end_exercise(tx, one, actor=by),
}


@pytest.mark.parametrize("verb", STEERING)
def test_only_the_facilitator_steers(running: Store, clock: MovingClock, verb: str) -> None:
    with unit_of_work(running, now=clock()) as tx:
        incident, ana = exercise(tx), who(tx, ANA)
        with pytest.raises(NotAllowedError, match="Only the facilitator"):
            STEERING[verb](tx, incident, ana)


def test_anybody_may_stop_it_or_call_the_real_world(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        exercises.call_real_world(tx, exercise(tx), reason="fire alarm", actor=who(tx, CHRIS))
    assert run_and(running)[0].state == "held"
    with unit_of_work(running, now=clock()) as tx:
        exercises.end_exercise(tx, exercise(tx), aborted=True, actor=who(tx, CHRIS))
        settle(tx, exercise(tx))
    run, states, results = run_and(running)
    assert run.state == "aborted"
    assert states["I2"] == "dropped"
    assert results["E2"] == ("unreached", None)


def test_a_real_sev1_holds_every_exercise(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        real = OpenIncident(
            title="Real", playbook_id="data_breach", severity=Severity.SEV1, roles=CAST
        )
        incident = open_incident(tx, real, actor=who(tx, ANA))
        assert (incident.ref, incident.opened_at) == ("INC-2026-0001", clock())
    run = run_and(running)[0]
    assert (run.state, run.hold_reason) == ("held", "a real incident was opened (INC-2026-0001)")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scenario_id": "nothing"}, "There is no scenario “nothing”"),
        ({"players": PLAYERS | {Role.LEGAL: FINN}}, "you can't be a player too"),
        ({"players": {Role.COMMANDER: ANA}}, "needs a player for: Forensics, Legal, Comms"),
        ({"observers": (LENA,)}, "can't observe and take part at once"),
        ({"observers": (FINN,)}, "can't observe and take part at once"),
        ({"factor": 0}, "The pace 0 is out of range"),
        ({"factor": 10_000}, "The pace 10000 is out of range"),
        ({"within": timedelta()}, "how long the exercise may take"),
        ({"seed": -1}, "The seed is a whole number"),
    ],
)
def test_a_start_that_can_t_be_is_refused_in_words(
    store: Store, clock: MovingClock, changed: dict[str, object], says: str
) -> None:
    with unit_of_work(store, now=clock()) as tx, pytest.raises(IncidentError, match=says):
        exercises.start_exercise(tx, request(**changed), actor=person_for(tx, FINN))
    with reading(store) as session:
        assert incident_by_ref(session, REF) is None


def test_the_same_seed_tells_the_same_story(running: Store) -> None:
    run, _states, _results = run_and(running)
    with reading(running) as session:
        first = injects_of(session, run)[0].content["text"]
    assert f"{run.variables['affected_count']:,} people" in first


def test_a_note_of_an_observer_s_isn_t_a_player_s(running: Store, clock: MovingClock) -> None:
    with unit_of_work(running, now=clock()) as tx:
        incident = exercise(tx)
        assert who(tx, SAM).id is not None
        record_note(tx, incident, "Known: stolen at nine.", actor=who(tx, CHRIS))
    step(running, clock, minutes=7)
    assert run_and(running)[2]["E3"] == ("met", 1000), "done before it was asked: at once"
