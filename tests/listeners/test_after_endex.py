"""After ENDEX: the facilitator is told of the report, owners of what is to be done, all of the end.

The pair's clock is left alone: time goes by in the units of work only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.practice import Practice
from bot.services.access import person_for
from bot.services.after_action_due import incidents_with_report_due, tell_of_report
from bot.services.after_action_lock import lock_report
from bot.services.corrective_actions import (
    add_action,
    incidents_with_actions_due,
    remind_of_actions,
)
from bot.services.exercise_voices import give_feedback, rate_objective
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx, reading, unit_of_work
from tests.conftest import MovingClock
from tests.e2e.exercise_kit import Drill, started
from tests.kit import CHRIS, FARID, LENA, SAM, entries_of
from tests.slack_kit import flat, general, idle, shown

pytestmark = pytest.mark.slow
DUE_IN = timedelta(days=9)
FIRST = "Who recorded when we became aware, and how did they know?"


@dataclass
class After:
    """A drill after ENDEX, and a wall clock of the test's own."""

    drill: Drill
    now: datetime

    def step(self, verb: Callable[[Tx, Incident], object], **span: float) -> None:
        """Let time go by, then do one thing and wait for its messages."""
        self.now += timedelta(**span)
        with unit_of_work(self.drill.pair.tocsin.store, now=self.now) as tx:
            verb(tx, tx.session.get_one(Incident, self.drill.room.row().id))
        idle(self.drill.pair)

    def told(self, slack_id: str, words: str) -> list[str]:
        """Return what a person was told by direct message that holds these words."""
        return [text for one in self.drill.told(slack_id) if words in (text := flat(one))]


@pytest.fixture
def after(pair: Practice, pair_clock: MovingClock) -> After:
    drill = started(pair, pair_clock)
    drill.room.type("exercise end", by=SAM)
    drill.beat()
    return After(drill=drill, now=pair_clock())


def due_reports(after: After) -> bool:
    with reading(after.drill.pair.tocsin.store) as session:
        found = incidents_with_report_due(session, after.now)
    return after.drill.room.row().id in found


def lena_answers(tx: Tx, incident: Incident) -> None:
    give_feedback(tx, incident, {FIRST: "Chris did."}, actor=person_for(tx, LENA))


def sam_makes_it_final(tx: Tx, incident: Incident) -> None:
    sam = person_for(tx, SAM)
    rate_objective(tx, incident, "O1", "S", final=True, actor=sam)
    lock_report(tx, incident, actor=sam)


def farid_gets_an_action(tx: Tx, incident: Incident) -> None:
    add_action(
        tx,
        incident,
        text="Hang the list of contacts on the wall",
        element="contacts",
        owner=person_for(tx, FARID),
        due_on=(tx.wall + DUE_IN).date(),
        actor=person_for(tx, SAM),
    )


def test_an_hour_after_the_end_the_facilitator_is_told_once_what_the_report_lacks(
    after: After,
) -> None:
    after.step(lena_answers)
    after.step(tell_of_report, minutes=59, seconds=59)
    assert after.told(SAM, "after-action report") == []
    assert not due_reports(after)
    after.now += timedelta(seconds=1)
    assert due_reports(after)
    after.step(tell_of_report)
    after.step(tell_of_report, hours=1)
    (told,) = after.told(SAM, "after-action report")
    assert "EXERCISE" in told
    assert f"/incidents/{after.drill.ref}/exercise/report.pdf" in told
    assert "1 of 5 who took part answered the hot wash" in told
    assert "Confirm the rating of O1, write down" in told
    assert not due_reports(after)
    assert after.told(CHRIS, "after-action report") == []


def test_a_report_that_is_final_already_is_told_to_all_and_not_asked_about(after: After) -> None:
    after.step(sam_makes_it_final)
    said = [flat(one) for one in after.drill.room.messages()]
    assert any("The after-action report is final" in one for one in said)
    after.step(tell_of_report, hours=1)
    assert after.told(SAM, "make it final") == []
    assert not due_reports(after)


def test_an_owner_is_reminded_within_the_week_on_the_day_and_until_it_is_done(
    after: After,
) -> None:
    after.step(farid_gets_an_action)
    (told,) = after.told(FARID, "A corrective action")
    assert "is yours by" in told
    after.step(remind_of_actions, days=1)
    assert len(after.told(FARID, "A corrective action")) == 1, "eight days are left"
    after.step(remind_of_actions, days=6)
    after.step(remind_of_actions, hours=1)
    (told,) = after.told(FARID, "is due by")
    after.step(remind_of_actions, days=2)
    assert len(after.told(FARID, "is due by")) == 2, "this is the day"
    after.step(remind_of_actions, days=6, hours=23)
    assert after.told(FARID, "is overdue since") == []
    after.step(remind_of_actions, hours=1)
    assert len(after.told(FARID, "is overdue since")) == 1
    words = f"exercise done {after.drill.ref} 1 It hangs by the door"
    pair = after.drill.pair
    said = shown(pair.box.person(FARID).slash("/incident", words, channel=general(pair)))
    assert "A-1 is done" in said
    after.step(remind_of_actions, days=30)
    assert len(after.told(FARID, "A corrective action")) == 4
    with reading(pair.tocsin.store) as session:
        assert incidents_with_actions_due(session, after.now.date()) == []
    entries = entries_of(pair.tocsin.store, after.drill.ref)
    assert entries.count("reminder.sent") == 3
    assert entries.count("corrective_action.done") == 1


def test_only_its_owner_or_the_facilitator_says_that_it_is_done(after: After) -> None:
    after.step(farid_gets_an_action)
    pair = after.drill.pair
    words = f"exercise done {after.drill.ref} 1 I saw it"
    said = shown(pair.box.person(LENA).slash("/incident", words, channel=general(pair)))
    assert "Its owner or the facilitator says when it is done" in said
    words = f"exercise done {after.drill.ref} 1"
    said = shown(pair.box.person(FARID).slash("/incident", words, channel=general(pair)))
    assert "Say what shows that it is done" in said
    assert "corrective_action.done" not in entries_of(pair.tocsin.store, after.drill.ref)
