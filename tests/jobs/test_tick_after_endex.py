"""What the tick does for exercises that are over, on a store of its own."""

from datetime import timedelta

import pytest

from bot.delivery.slack import SlackGateway
from bot.domain.roles import Role
from bot.jobs.parts import Parts
from bot.jobs.tick import tick
from bot.services.access import person_for
from bot.services.corrective_actions import add_action
from bot.services.exercises import StartExercise, end_exercise, start_exercise
from bot.store.unit_of_work import Store, unit_of_work
from tests.conftest import T0, MovingClock
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of

pytestmark = pytest.mark.slow
REF = "EX-2026-0001"
PLAYERS = {Role.COMMANDER: ANA, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}


def reminders(store: Store) -> int:
    return entries_of(store, REF).count("reminder.sent")


def test_it_tells_of_the_report_and_reminds_owners(store: Store, clock: MovingClock) -> None:
    with unit_of_work(store, now=T0) as tx:
        sam = person_for(tx, SAM)
        request = StartExercise(scenario_id="drill_lost_laptop", players=PLAYERS)
        incident = start_exercise(tx, request, actor=sam)
        end_exercise(tx, incident, actor=sam)
        add_action(
            tx,
            incident,
            text="Hang the contacts on the wall",
            element="contacts",
            owner=person_for(tx, FARID),
            due_on=(T0 + timedelta(days=3)).date(),
            actor=sam,
        )
    parts = Parts(
        store=store,
        slack=SlackGateway.__new__(SlackGateway),  # never called: jobs stay queued
        clock=clock,
        base_url="https://tocsin.example",
        bot_token="",
        file_hosts=frozenset(),
    )
    before = reminders(store)
    tick(parts, T0 + timedelta(minutes=59))
    assert reminders(store) == before
    tick(parts, T0 + timedelta(hours=1))
    assert reminders(store) == before + 1, "the report is there"
    tick(parts, T0 + timedelta(days=3, minutes=5))
    assert reminders(store) == before + 1, "owners are asked for at the full hour"
    tick(parts, T0 + timedelta(days=3, hours=1))
    assert reminders(store) == before + 2, "this is the day"
