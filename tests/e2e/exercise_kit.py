"""The quick drill in the running pair: Sam runs it, Ana observes, Chris, Farid and Lena play.

The pair's time stands still and nothing ticks in it; `beat` does for the run what the tick does.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.local_slack.web_api import Call
from bot.practice import Practice
from bot.services.exercise_steps import advance
from bot.store.exercise_queries import injects_of, results_of, run_of
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work
from tests.conftest import MovingClock
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, until
from tests.slack_kit import Room, general, idle, incident_named, shown, tasks_posted

SCENARIO = "drill_lost_laptop"


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A run in the pair, its channel, and the short ways to work on it."""

    pair: Practice
    clock: MovingClock
    ref: str
    room: Room
    since: int
    """How many calls the workspace had got before the run."""

    @property
    def home(self) -> str:
        return f"/incidents/{self.ref}/exercise"

    def beat(self, **span: float) -> None:
        """Let wall time go by, bring the run up to it, and wait for its messages."""
        self.clock.move(**span)
        with unit_of_work(self.pair.tocsin.store, now=self.clock()) as tx:
            advance(tx, tx.session.get_one(Incident, self.room.row().id))
        idle(self.pair)

    def run(self) -> ExerciseRun:
        with reading(self.pair.tocsin.store) as session:
            found = run_of(session, self.room.row())
        assert found is not None
        return found

    def states(self) -> dict[str, str]:
        """States of injects and expectations by their ids."""
        with reading(self.pair.tocsin.store) as session:
            run = run_of(session, self.room.row())
            assert run is not None
            return {one.inject_id: one.state for one in injects_of(session, run)} | {
                one.expectation_id: one.state for one in results_of(session, run)
            }

    def calls(self) -> list[Call]:
        """Calls that reached the workspace since the start of the run."""
        return list(self.pair.box.calls[self.since :])

    def told(self, slack_id: str) -> list[dict[str, Any]]:
        """Return what a person was told of this run by direct message."""
        found = self.pair.box.person(slack_id).direct_messages()
        return [one for one in found if self.ref in str(one)]


def start_words() -> str:
    people = f"commander <@{CHRIS}> forensics <@{FARID}> legal <@{LENA}> comms <@{CHRIS}>"
    return f"exercise start {SCENARIO} {people} observers <@{ANA}> seed 7"


def started(pair: Practice, clock: MovingClock) -> Drill:
    """Start the drill as Sam in #general and wait for its channel and its first inject."""
    since = len(pair.box.calls)
    ack = pair.box.person(SAM).slash("/incident", start_words(), channel=general(pair))
    return found(pair, clock, shown(ack), since=since)


def found(pair: Practice, clock: MovingClock, words: str, *, since: int) -> Drill:
    """Find the run that an answer names."""
    named = re.search(r"EX-\d{4}-\d{4,}", words)
    assert named, words
    ref = named[0]
    until(lambda: tasks_posted(pair, ref))
    channel = incident_named(pair, ref).channel_id
    assert channel
    room = Room(pair=pair, ref=ref, channel=channel)
    drill = Drill(pair=pair, clock=clock, ref=ref, room=room, since=since)
    drill.beat()
    return drill
