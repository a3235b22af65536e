"""An exercise stays among our own people: nothing into a shared channel, no guest in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest

from bot.practice import Practice
from bot.store.queries import members_of
from bot.store.unit_of_work import reading
from tests.conftest import MovingClock
from tests.e2e.exercise_kit import Drill, started
from tests.kit import ANA, CHRIS, FARID, SAM
from tests.slack_kit import flat, idle, open_room

pytestmark = pytest.mark.slow


@pytest.fixture
def drill(pair: Practice, pair_clock: MovingClock) -> Iterator[Drill]:
    """A drill that is over after the test, so that no other one meets it."""
    run = started(pair, pair_clock)
    yield run
    share(run, on=False)
    run.room.type("exercise stop", by=SAM)
    idle(pair)


def share(drill: Drill, *, on: bool) -> None:
    workspace = drill.pair.box.workspace
    with workspace.lock:
        workspace.channels[drill.room.channel].shared = on


@contextmanager
def guest(pair: Practice, slack_id: str, kind: str) -> Iterator[None]:
    workspace = pair.box.workspace
    before = workspace.people[slack_id]
    workspace.people[slack_id] = replace(before, guest=kind)
    yield
    workspace.people[slack_id] = before


def test_an_inject_isnt_posted_into_a_shared_channel(drill: Drill) -> None:
    before = len(drill.room.messages())
    share(drill, on=True)
    drill.beat(minutes=3)
    assert len(drill.room.messages()) == before
    run = drill.run()
    assert (run.state, run.hold_reason) == (
        "held",
        "its channel is shared with another organisation",
    )
    assert drill.states()["I2"] == "held"
    assert drill.states()["E2"] == "waiting", "what nobody saw can't be late"
    (told,) = [one for one in drill.told(SAM) if "is held" in flat(one)]
    assert "EXERCISE" in told["text"]
    assert "I2 wasn't posted and waits for you." in flat(told)
    assert not [one for one in drill.told(CHRIS) if "Encryption" in flat(one)]
    assert drill.room.log()[-2:] == ["exercise.held", "exercise.inject_held"]


def test_when_the_channel_is_ours_again_the_run_goes_on_where_it_was(drill: Drill) -> None:
    share(drill, on=True)
    drill.beat(minutes=3)
    drill.clock.move(hours=1)
    share(drill, on=False)
    drill.room.type("exercise release I2", by=SAM)
    drill.room.type("exercise resume", by=SAM)
    idle(drill.pair)
    shown = [one for one in drill.room.texts() if "IT service desk" in one]
    assert len(shown) == 1
    assert drill.states()["I2"] == "delivered"
    assert drill.states()["E2"] == "open"
    assert drill.states()["I3"] == "planned", "held time doesn't count"


def test_resuming_while_it_is_still_shared_holds_it_again(drill: Drill) -> None:
    share(drill, on=True)
    drill.beat(minutes=3)
    drill.room.type("exercise resume", by=SAM)
    idle(drill.pair)
    assert drill.run().state == "held"
    assert len([one for one in drill.told(SAM) if "is held" in flat(one)]) == 2


def test_other_news_waits_and_comes_once_when_the_run_goes_on(drill: Drill) -> None:
    share(drill, on=True)
    drill.room.type("status SEV1 worse", by=CHRIS)
    drill.room.type(f"role assign observer <@{FARID}>", by=CHRIS)
    idle(drill.pair)
    assert not waited(drill)
    drill.room.type("exercise resume", by=SAM)
    idle(drill.pair)
    assert not waited(drill), "it is still shared: it waits again"
    drill.clock.move(seconds=30)
    share(drill, on=False)
    drill.room.type("exercise resume", by=SAM)
    idle(drill.pair)
    first, second = waited(drill)
    assert "*Detection and triage*" in first
    assert f"<@{FARID}> is now *Observer*" in second
    assert len([one for one in drill.room.texts() if "goes on" in one]) == 1
    drill.room.type("exercise hold", by=SAM)
    drill.room.type("exercise resume", by=SAM)
    idle(drill.pair)
    assert len(waited(drill)) == 2


def test_what_waits_comes_at_the_end_too(drill: Drill) -> None:
    share(drill, on=True)
    drill.room.type("status SEV1 worse", by=CHRIS)
    idle(drill.pair)
    share(drill, on=False)
    drill.room.type("exercise end", by=SAM)
    idle(drill.pair)
    (late,) = waited(drill)
    assert "*Detection and triage*" in late


def waited(drill: Drill) -> list[str]:
    found = [flat(one) for one in drill.room.messages()]
    return [one for one in found if "This waited while" in one]


def test_the_card_isnt_brought_up_to_date_there_either(drill: Drill) -> None:
    before = drill.room.card()
    share(drill, on=True)
    drill.room.type("status SEV1 worse", by=CHRIS)
    idle(drill.pair)
    assert drill.room.card() == before


def test_a_real_incident_isnt_asked_about(pair: Practice) -> None:
    """What a real incident shares with whom is its Commander's to decide."""
    since = len(pair.box.calls)
    room = open_room(pair, "Shared on purpose")
    room.type("contain")
    room.settle()
    assert "conversations.info" not in {one.method for one in pair.box.calls[since:]}


@pytest.mark.parametrize("kind", ["restricted", "ultra_restricted"])
def test_a_guest_isnt_invited_and_it_is_said(
    pair: Practice, pair_clock: MovingClock, kind: str
) -> None:
    with guest(pair, FARID, kind):
        drill = started(pair, pair_clock)
        members = pair.box.workspace.channels[drill.room.channel].members
        assert FARID not in members
        assert CHRIS in members
        (said,) = [one for one in drill.room.texts() if "is a guest of this workspace" in one]
        assert f"<@{FARID}>" in said
        assert said.startswith("🎓 EXERCISE")
        drill.room.type("exercise stop", by=SAM)
        idle(pair)


def invite_by_hand(drill: Drill, slack_id: str) -> None:
    """Let somebody leave who observed so far, and be brought back by a person."""
    workspace = drill.pair.box.workspace
    channel = workspace.channels[drill.room.channel]
    for move in (workspace.leave, partial(workspace.join, inviter=SAM)):
        with workspace.lock:
            move(channel, slack_id)
        assert drill.pair.box.settle()
        idle(drill.pair)


def test_a_guest_who_was_invited_by_hand_is_out_again_and_sees_nothing(drill: Drill) -> None:
    with guest(drill.pair, ANA, "restricted"):
        invite_by_hand(drill, ANA)
        assert ANA not in drill.pair.box.workspace.channels[drill.room.channel].members
    with reading(drill.pair.tocsin.store) as session:
        members = {one.slack_id for one in members_of(session, drill.room.row())}
    assert ANA not in members, "no page and no direct message reaches who isn't a member"
    said = [flat(one) for one in drill.room.person(CHRIS).messages(drill.room.channel)]
    assert any(f"<@{ANA}> is a guest of this workspace" in one for one in said)
    assert drill.run().state == "running"


def test_a_guest_whom_slack_keeps_in_the_channel_holds_the_run(drill: Drill) -> None:
    faults = drill.pair.box.faults
    faults.add("conversations.kick", "api_error", code="restricted_action")
    with guest(drill.pair, ANA, "ultra_restricted"):
        invite_by_hand(drill, ANA)
    run = drill.run()
    assert (run.state, run.hold_reason) == ("held", "a guest of the workspace reads its channel")
    (told,) = [one for one in drill.told(SAM) if "is a guest of this workspace" in flat(one)]
    assert "EXERCISE" in told["text"]
    assert "Remove them by hand" in flat(told)


def test_a_guest_is_brought_into_a_real_incident(pair: Practice) -> None:
    with guest(pair, FARID, "restricted"):
        room = open_room(pair, "Outside forensics help")
        room.type(f"role assign forensics <@{FARID}>")
        room.settle()
        assert FARID in pair.box.workspace.channels[room.channel].members
