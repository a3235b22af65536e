"""A run whose process is killed three times has the same report as one that nobody disturbed.

The process is killed while an inject is being delivered and while the run ends; the clock is the
test's, so lateness is what the kill costs. SQLite here; the jobs are those of every incident.
"""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services.after_action import draft_report
from bot.store.exercise_queries import injects_of, results_of, run_of
from bot.store.unit_of_work import reading, unit_of_work
from tests.conftest import T0
from tests.e2e.exercise_kit import start_words
from tests.e2e.killed import World, said, world
from tests.kit import CHRIS, FARID, SAM, entries_of, until
from tests.nest import Nest
from tests.slack_kit import key_of

pytestmark = pytest.mark.slow

REF = "EX-2026-0001"
SEED = 20261129
WALL = frozenset({"started_at", "ended_at", "delivered_at", "late_s"})
"""Names of the report that tell wall time."""


def states(here: World) -> dict[str, str]:
    incident = here.incident(REF)
    assert incident is not None
    with reading(here.store) as session:
        run = run_of(session, incident)
        assert run is not None
        return (
            {"run": run.state}
            | {one.inject_id: one.state for one in injects_of(session, run)}
            | {one.expectation_id: one.state for one in results_of(session, run)}
        )


def move(here: World, *, minutes: float, kill_after_s: float | None) -> None:
    """Let it be so many minutes after the start; kill the process soon after, start it again."""
    timer = here.kill_after(kill_after_s) if kill_after_s is not None else None
    here.set_clock(T0 + timedelta(minutes=minutes))
    if timer is not None:
        timer.join()
        here.kill()
        here.start()


def comes(here: World, name: str, state: str) -> None:
    until(lambda: states(here)[name] == state, seconds=60)
    here.settle()


def play(here: World, kills: tuple[float | None, float | None, float | None]) -> None:
    """The drill from its start to its end: one thing done in time, one late, one never."""
    here.start()
    ack = here.type(SAM, start_words(), channel=here.box.channel_id("general"))
    assert REF in said(ack)
    comes(here, "I1", "delivered")
    incident = here.incident(REF)
    assert incident is not None
    channel = str(incident.channel_id)
    move(here, minutes=1, kill_after_s=None)
    here.type(CHRIS, "fact aware at 2026-11-19 09:00 UTC", channel=channel)
    comes(here, "E1", "met")
    move(here, minutes=2.5, kill_after_s=kills[0])
    comes(here, "I2", "delivered")
    inject = next(
        one for one in here.bot_messages(channel, reader=FARID) if key_of(one) == f"{REF}/inject/I2"
    )
    move(here, minutes=8, kill_after_s=kills[1])
    comes(here, "I3", "delivered")
    until(lambda: "clock.missed" in entries_of(here.store, REF), seconds=60)
    here.box.person(FARID).message_shortcut("preserve_evidence", channel=channel, ts=inject["ts"])
    comes(here, "E2", "met")
    move(here, minutes=15.5, kill_after_s=kills[2])
    comes(here, "run", "ended")


def report(here: World) -> Any:
    """The report as it stands after the run, without what tells wall time.

    Of an entry that it cites stands the event, not the number: reminders come with a tick of their
    own, so the log has them before it or after it.
    """
    incident = here.incident(REF)
    assert incident is not None
    with unit_of_work(here.store, now=here.now) as tx:
        run = run_of(tx.session, incident)
        assert run is not None
        found = draft_report(tx, incident, run)
    return comparable(found, entries_of(here.store, REF))


def comparable(value: Any, events: list[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: events[one] if key == "entry" and one is not None else comparable(one, events)
            for key, one in value.items()
            if key not in WALL
        }
    if isinstance(value, list):
        return [comparable(one, events) for one in value]
    return value


def test_three_kills_change_nothing_of_the_report(tmp_path: Path, nest: Nest) -> None:
    with world(tmp_path / "calm", nest=nest, now=T0) as here:
        play(here, (None, None, None))
        calm = report(here)
    chance = random.Random(SEED)  # noqa: S311 - no secret
    with world(tmp_path / "killed", nest=nest, now=T0) as here:
        kills = [chance.uniform(0.0, 0.6) for _ in range(3)]
        play(here, (kills[0], kills[1], kills[2]))
        assert report(here) == calm
        messages = here.check_whole(REF, reader=CHRIS)
        found = Counter(key_of(one) for one in messages)
        for inject in ("I1", "I2", "I3"):
            assert found[f"{REF}/inject/{inject}"] == 1
    assert [one["state"] for one in calm["timeline"]] == ["delivered"] * 3
    expected = [one["expected"][0] for one in calm["timeline"]]
    assert [one["state"] for one in expected] == ["met", "met", "missed"]
    assert [one["entry"] for one in expected] == ["fact.recorded", "message.preserved", None]
    assert expected[0]["score"] == 1000
    assert 0 < expected[1]["score"] < 1000, "late, not missed"
