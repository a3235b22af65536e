"""A reminder's buttons, pressed by real people in a real channel; deputies named by command."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.practice import Practice
from bot.services.reminders import fire_reminders
from bot.store.queries import clock_of
from bot.store.reminder_queries import reminders_of
from bot.store.tables import Incident
from bot.store.unit_of_work import unit_of_work
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, until
from tests.slack_kit import Room, cast, flat, key_of, open_room

pytestmark = pytest.mark.slow


@pytest.fixture
def room(pair: Practice) -> Room:
    return cast(open_room(pair, "Reminded"))


@pytest.fixture(scope="module")
def still(pair: Practice) -> Room:
    """A room in which nobody's deputy is named: refusals share it."""
    return cast(open_room(pair, "Refused"))


def remind(room: Room, key: str = "recovery") -> dict[str, Any]:
    """Fire the first reminder of a clock now, though its time hasn't come; return its message."""
    tocsin = room.pair.tocsin
    with unit_of_work(tocsin.store, now=tocsin.parts.clock()) as tx:
        incident = tx.session.exec(select(Incident).where(Incident.ref == room.ref)).one()
        clock = clock_of(tx.session, incident, key)
        assert clock is not None
        first = reminders_of(tx.session, clock)[0]
        first.at = tx.now
        tx.session.add(first)
        tx.session.flush()
        assert fire_reminders(tx, incident) == 1
    room.settle()
    return reminder(room, key)


def reminder(room: Room, key: str = "recovery") -> dict[str, Any]:
    """The reminder in the channel as it stands now."""
    found = [one for one in room.messages() if f"{room.ref}/reminder/{key}/" in key_of(one)]
    assert len(found) == 1
    return found[0]


def whispered(room: Room, *, by: str) -> str:
    own = [one for one in room.person(by).messages(room.channel) if one.get("is_ephemeral")]
    return flat(own[-1]) if own else ""


def test_an_acknowledgement_takes_the_place_of_the_buttons(room: Room) -> None:
    message = remind(room)
    assert room.person(FARID).click(message, "reminder_acknowledge").ok
    until(lambda: "👀 Noted for `recovery`. Nobody else is told" in whispered(room, by=FARID))
    room.settle()
    after = reminder(room)
    assert key_of(after) == key_of(message), "the key that makes a post happen once stays"
    assert "reminder_acknowledge" not in str(after)
    assert flat(after).startswith(flat(message).split("\n")[0])
    assert f"👀 Acknowledged by <@{FARID}>" in flat(after)
    assert room.log().count("reminder.acknowledged") == 1


def test_the_direct_message_says_who_was_first(room: Room) -> None:
    remind(room)
    direct = [one for one in room.person().direct_messages() if f"{room.ref}/" in key_of(one)][-1]
    room.person(FARID).click(reminder(room), "reminder_acknowledge")
    until(lambda: "Noted" in whispered(room, by=FARID))
    assert room.person().click(direct, "reminder_acknowledge").ok
    said = f"👀 This was acknowledged before, by <@{FARID}>"
    until(lambda: any(said in flat(one) for one in room.person().direct_messages()))
    room.settle()
    assert room.log().count("reminder.acknowledged") == 1
    assert room.log().count("reminder.sent") == 1


def test_a_snooze_says_until_when(room: Room) -> None:
    message = remind(room)
    room.person().click(message, "reminder_snooze_4h")
    until(lambda: "😴 `recovery`: quiet until" in whispered(room, by=ANA))
    room.settle()
    until_when = room.pair.tocsin.parts.clock() + timedelta(hours=4)
    assert f"{until_when:%Y-%m-%d %H:%M} UTC" in whispered(room, by=ANA)
    assert f"by <@{ANA}>" in flat(reminder(room))
    assert room.log().count("reminder.snoozed") == 1


def test_an_observer_only_watches(room: Room) -> None:
    message = remind(room)
    room.type(f"role assign observer <@{CHRIS}>")
    room.settle()
    room.person(CHRIS).click(message, "reminder_acknowledge")
    until(
        lambda: "acknowledge or snooze a reminder. You hold Observer" in whispered(room, by=CHRIS)
    )
    room.settle()
    assert "reminder_acknowledge" in str(reminder(room))
    assert "reminder.acknowledged" not in room.log()


def test_a_deputy_is_named_shown_and_released_by_command(room: Room) -> None:
    assert f"<@{SAM}> is deputy of Legal of {room.ref} now" in room.type(
        f"role deputy legal <@{SAM}>", by=LENA
    )
    room.settle()
    assert SAM in room.pair.box.workspace.channels[room.channel].members
    assert f"*Legal* <@{LENA}>, deputy <@{SAM}>" in room.type("role")
    assert any(f"<@{SAM}> is now *deputy of Legal*" in text for text in room.texts())
    assert f"<@{SAM}> isn't deputy of Legal" in room.type("role deputy legal none")
    assert "deputy" not in room.type("role")


@pytest.mark.parametrize(
    ("typed", "by", "answer"),
    [
        ("role deputy", ANA, "Name the person with @"),
        ("role deputy legal", ANA, "Name the person with @"),
        ("role deputy legal none", ANA, "has no deputy. Name one: `/incident role deputy legal"),
        ("role deputy none", ANA, "Name the person with @"),
        ("role deputy legl none", ANA, "Did you mean “legal”?"),
        ("role deputy scribe @sam", ANA, "Scribe has no deputy."),
        ("role deputy legal @sam", FARID, "Only Commander may name or release the deputy"),
        ("role deputi legal @sam", ANA, "Did you mean `/incident role deputy`?"),
        ("role legal @sam", ANA, "`role deputy legal @who`"),
    ],
)
def test_wrong_words_about_a_deputy(still: Room, typed: str, by: str, answer: str) -> None:
    before = still.log()
    assert answer in still.type(typed, by=by)
    assert still.log() == before
