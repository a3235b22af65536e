"""Two facilitators' browsers press at once: one press counts, the other is told so."""

import pytest

from bot.domain.incident import IncidentError
from bot.services import exercises, injects
from bot.services.access import person_for
from bot.services.exercise_steps import advance
from bot.store.unit_of_work import Store, unit_of_work
from tests.conftest import MovingClock
from tests.kit import entries_of, who
from tests.services.test_exercises import FINN, REF, exercise, request, run_and
from tests.store.test_postgres import together

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def test_an_inject_released_twice_at_once_is_delivered_once(
    postgres_store: Store, clock: MovingClock
) -> None:
    with unit_of_work(postgres_store, now=clock()) as tx:
        exercises.start_exercise(tx, request(), actor=person_for(tx, FINN))
    with unit_of_work(postgres_store, now=clock()) as tx:
        advance(tx, exercise(tx))

    def press() -> None:
        with unit_of_work(postgres_store, now=clock()) as tx:
            incident = exercise(tx)
            run = exercises.going_run(tx, incident)
            injects.release_inject(tx, incident, run, "I3", actor=who(tx, FINN))

    (refused,) = together(press, press)
    assert isinstance(refused, IncidentError)
    assert str(refused) == "I3 was delivered already."
    assert run_and(postgres_store)[1]["I3"] == "delivered"
    assert entries_of(postgres_store, REF).count("exercise.inject_released") == 1
