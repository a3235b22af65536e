"""Custody by command and button: handed over, worked on, held, disposed of, by real people."""

from datetime import timedelta

import pytest

from bot.jobs.disposal import ask_about_disposals
from bot.practice import Practice
from bot.store.queries import evidence_item
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, until
from tests.slack_kit import Room, cast, flat, key_of, open_room

pytestmark = pytest.mark.slow


@pytest.fixture
def room(pair: Practice) -> Room:
    """An incident with a preserved message, E-1, which Farid holds."""
    return with_message(pair)


@pytest.fixture(scope="module")
def still(pair: Practice) -> Room:
    """Such an incident in which nothing more happens: refusals share it."""
    return with_message(pair)


def with_message(pair: Practice) -> Room:
    room = cast(open_room(pair, "Custody"))
    said = room.person(FARID).post(room.channel, "40 GB are going out")
    room.person(FARID).message_shortcut("preserve_evidence", channel=room.channel, ts=said["ts"])
    until(lambda: room.log().count("message.preserved") == 1)
    room.settle()
    return room


def told(room: Room, slack_id: str, part: str) -> list[dict[str, object]]:
    return [
        one
        for one in room.person(slack_id).direct_messages()
        if f"{room.ref}/{part}" in key_of(one)
    ]


def state(room: Room, number: int = 1) -> str:
    with reading(room.pair.tocsin.store) as session:
        item = evidence_item(session, room.row(), number)
    assert item is not None
    return item.state


def test_the_receiver_presses_the_button_and_holds_it(room: Room) -> None:
    assert f"E-1 is released to <@{LENA}>" in room.type(
        f"evidence transfer 1 <@{LENA}> to the safe", by=FARID
    )
    room.settle()
    message = told(room, LENA, "evidence/1/transfer/1")[0]
    assert f"<@{FARID}> releases" in flat(message)
    assert f"Held by <@{FARID}>, on its way to <@{LENA}>" in room.type("evidence 1")
    assert room.person(LENA).click(message, "custody_receive").ok
    until(lambda: room.log().count("evidence.transferred") == 2)
    room.settle()
    after = told(room, LENA, "evidence/1/transfer/1")[0]
    assert "custody_receive" not in str(after)
    assert f"Received by <@{LENA}>" in flat(after)
    shown = room.type("evidence 1")
    assert f"Held by <@{LENA}>" in shown
    assert "E-1 released, to be received: to the safe" in shown
    assert "E-1 received" in shown


def test_a_refusal_needs_a_reason_and_leaves_it_with_the_giver(room: Room) -> None:
    room.type(f"evidence transfer 1 <@{CHRIS}>", by=FARID)
    assert "isn't in" in room.type(f"evidence transfer 1 <@{SAM}>", by=FARID)
    room.type(f"role assign comms <@{CHRIS}>")
    room.settle()
    room.type(f"evidence transfer 1 <@{CHRIS}>", by=FARID)
    assert "only they can answer" in room.type("evidence receive 1", by=LENA)
    assert "Say why you don't take it" in room.type("evidence refuse 1", by=CHRIS)
    assert "You refused E-1" in room.type("evidence refuse 1 seal broken", by=CHRIS)
    assert f"Held by <@{FARID}>\n" in room.type("evidence 1")


def test_work_on_an_item_is_recorded(room: Room) -> None:
    assert "The copy of E-1" in room.type("evidence copy 1 for the lab, on USB 3", by=FARID)
    assert "The analysis of E-1" in room.type("evidence analyse e-1 grep for names", by=FARID)
    assert "with a colon between" in room.type("evidence derive 1 excerpt", by=FARID)
    assert "E-2 is recorded, made from E-1: excerpt" in room.type(
        "evidence derive 1 excerpt: jq .text", by=FARID
    )
    assert "hand out a copy" in room.type("evidence return 1 to Jane", by=FARID)
    assert "E-2 is recorded as given back" in room.type("evidence return 2 to Jane", by=FARID)
    assert "Only Forensics may record a copy" in room.type("evidence copy 1 mine", by=LENA)


def test_a_hold_stops_a_disposal_and_its_release_lets_it_through(room: Room) -> None:
    room.type("evidence dispose 1 nobody needs it", by=FARID)
    room.settle()
    assert "nobody needs it" in flat(told(room, LENA, "disposal/1/")[0])
    assert "Only Legal may place" in room.type("evidence hold a suit", by=ANA)
    assert "Legal hold *H-1*" in room.type("evidence hold Doe v. Halden", by=LENA)
    room.settle()
    assert any("*Legal hold H-1*" in text for text in room.texts())
    assert not any("Doe v." in text for text in room.texts())
    assert "H-1 is in force" in room.type("evidence dispose 1 again", by=FARID)
    assert "is released" in room.type("evidence unhold H-1 settled", by=LENA)
    room.type("evidence dispose 1 again", by=FARID)
    assert "Only Legal may approve" in room.type("evidence approve 1 yes", by=ANA)
    assert "being destroyed" in room.type("evidence approve 1 no claim is open", by=LENA)
    room.settle()
    assert state(room) == "disposed"
    assert room.log()[-1] == "evidence.disposed"
    assert "was disposed" in room.type("evidence copy 1 late", by=FARID)


def test_a_data_subject_s_request_needs_two_people_too(room: Room) -> None:
    room.type("evidence dispose 1 erasure request of 3 November", by=LENA)
    own = room.type("evidence approve 1 Art. 17 GDPR", by=LENA)
    assert "You asked for this disposal yourself, so somebody else has to approve it." in own
    room.settle()
    assert state(room) == "collected"
    room.type(f"role handover legal <@{CHRIS}> second reader", by=LENA)
    room.settle()
    assert "being destroyed" in room.type("evidence approve 1 Art. 17 GDPR", by=CHRIS)
    room.settle()
    assert state(room) == "disposed"


def test_how_long_an_item_is_kept(room: Room) -> None:
    listed = room.type("evidence keep 1", by=LENA)
    unchecked = "unchecked: confirm with counsel"
    assert f"`call_recordings` Call recordings: 90 days ({unchecked})" in listed
    kept = room.type("evidence keep 1 call_recordings", by=LENA)
    assert "E-1 is kept until <!date" in kept
    assert "Own rule, an example: 90 days unless needed for a claim." in kept
    assert "Unchecked, and no law: confirm with counsel." in kept
    assert "E-1 is kept until somebody asks" in room.type("evidence keep 1 none", by=LENA)


def test_when_its_time_is_over_the_hourly_tick_asks_legal_once(room: Room) -> None:
    room.type("evidence keep 1 call_recordings", by=LENA)
    parts = room.pair.tocsin.parts
    late = (parts.clock() + timedelta(days=91)).replace(minute=0)
    for at in (late, late + timedelta(seconds=5)):
        ask_about_disposals(parts, at)
    room.settle()
    assert len(told(room, LENA, "disposal/1/")) == 1
    question = flat(told(room, LENA, "disposal/1/")[0])
    assert "kept for 90 days, which are over (unchecked: confirm with counsel)" in question


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("evidence 9", "has no E-9"),
        ("evidence 1 seal", "Say first what to do with E-1"),
        ("evidence transfer", "Give the item's number: `/incident evidence transfer 2`."),
        ("evidence transfer 1", "Name the person with @"),
        ("evidence tranfer 1 @lena", "Did you mean `/incident evidence transfer 2`?"),
        ("evidence receive 1", "isn't on its way to anybody"),
        ("evidence approve 1 yes", "Only Legal may approve"),
        ("evidence unhold 1 yes", "Only Legal may place or release"),
    ],
)
def test_wrong_words_change_nothing(still: Room, typed: str, answer: str) -> None:
    before = still.log()
    assert answer in still.type(typed)
    assert still.log() == before


def test_somebody_outside_learns_nothing(room: Room) -> None:
    before = room.log()
    outside = room.pair.box.channel_id("general")
    said = room.type(f"evidence {room.ref} copy 1 mine", by=SAM, channel=outside)
    assert f"You have no incident {room.ref}" in said
    assert room.log() == before
