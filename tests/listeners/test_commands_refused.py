"""What `/incident` says to wrong words, wrong places and people without the right.

Each refusal is an answer to the person alone, names the nearest right form, and changes nothing.
"""

import pytest

from bot.practice import Practice
from bot.store.queries import clocks_of
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM
from tests.slack_kit import Room, cast, general, open_room, outsider, shown

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def room(pair: Practice) -> Room:
    """One incident for all: refusals leave no trace in it."""
    return cast(open_room(pair))


UNKNOWN_WORDS = [
    ("opne", "Did you mean `/incident open`?"),
    ("xyzzy", "There is: `open`, `status`"),
    ("open dta_breach SEV2 Laptop", "Did you mean `/incident open data_breach SEV2 title`?"),
    ("status SEV9", "Write `/incident status`, `status SEV1 why`"),
    ("status fixed", "I don't know the status “fixed”"),
    ("status INC-1", "“INC-1” isn't a reference: they look like INC-2026-0001"),
    ("status INC-2026-9999", "You have no incident INC-2026-9999. `/incident list` shows yours."),
    ("role clame legal", "Did you mean `/incident role claim`?"),
    ("role legal @lena", "`/incident role claim legal`, `role assign legal @who`"),
    ("role assign legl @lena", "There is no role “legl”"),
    ("role assign legl @lena", "Did you mean “legal”?"),
    ("role assign @lena", "Name the role: `/incident role claim legal`"),
    ("role assign legal lena", "Name the person with @"),
    ("role assign legal @nobody", "Name the person with @"),
    ("role claim", "Name the role"),
    ("role claim legal", f"<@{LENA}> is Legal"),
    ("task 3", "`/incident task done 3 note`"),
    ("task doen 3", "Did you mean `/incident task done 3`?"),
    ("task done", "Give the task's number: `/incident task done 3`."),
    ("task done 99", "has no task 99; it has 1 to 30."),
    ("task assign 3", "Name the person with @"),
    ("task assign 3 @sam", f"<@{SAM}> isn't in"),
    ("fact purple monkey", "I didn't understand “purple monkey”, so nothing was recorded."),
    ("fact aware at 25:99", "“25:99” isn't a time that exists"),
    ("fact 1,200 Martians", "I don't know the place “Martians”"),
    ("fact residents:US-CA many", "“many” isn't a count"),
    ("clock mett US-CA-AG", "Did you mean `/incident clock met ID`?"),
    ("clock met", "Name the clock: `/incident clock met US-CA-AG …`."),
    ("clock met FOO done", "“FOO” is no clock and no duty."),
    ("notice draft", "Name the notice: `/incident notice draft holding_statement`."),
    ("notice draft foo", "There is no notice “foo”. There are: "),
    ("notice submit x", "Give the notice's number: `/incident notice submit 1`."),
    ("notice submit 7", "has no notice N-7"),
    ("evidence seel 1", "Did you mean `/incident evidence seal 2`?"),
    ("evidence seal", "Give the item's number: `/incident evidence seal 2`."),
    ("timeline foo", "There is: `note`."),
    (
        f"exercise start drill_lost_laptop commander <@{CHRIS}>",
        "Start an exercise elsewhere, so that nobody takes one for the other",
    ),
    ("timeline note", "The note is empty: `/incident timeline note what happened`."),
    ("contain 25:00", "“25:00” isn't a time that exists"),
    ("contain 2030-01-01 10:00", "That time lies in the future"),
    ("close", "can't be closed yet"),
]


@pytest.mark.parametrize(("typed", "answer"), UNKNOWN_WORDS)
def test_wrong_words_are_answered_with_the_right_form(room: Room, typed: str, answer: str) -> None:
    before = room.log()
    said = room.type(typed)
    assert answer in said
    assert "⚠️" in said
    assert room.log() == before


WITHOUT_THE_RIGHT = [
    (FARID, "status SEV1 worse", "Only Commander may change or confirm the severity"),
    (FARID, "contain", "Only Commander may change the status"),
    (LENA, "status recovered", "Only Commander may change the status"),
    (FARID, "close done", "Only Commander may close the incident"),
    (LENA, "role assign comms @chris", "Only Commander may assign a role"),
    (FARID, "role handover legal @chris", "Only Commander may hand over a role"),
    (ANA, "clock waive EU-GDPR-33-SA because", "Only Legal may waive a regulatory clock"),
    (ANA, "clock met EU-GDPR-33-SA sent", "Only Legal may mark a regulatory clock as met"),
    (LENA, "clock met triage done", "Only Commander may mark a containment clock as met"),
    (ANA, "evidence seal 1", "Only Forensics may seal evidence"),
    (FARID, "notice draft holding_statement", "Only Commander or Comms or Legal may draft"),
]


@pytest.mark.parametrize(("who", "typed", "answer"), WITHOUT_THE_RIGHT)
def test_without_the_right_it_is_refused_with_who_may(
    room: Room, who: str, typed: str, answer: str
) -> None:
    before = room.log()
    assert answer in room.type(typed, by=who)
    assert room.log() == before


@pytest.mark.parametrize(
    "typed",
    ["status", "role", "task done 1", "fact aware at 10:00", "clock", "notice", "evidence",
     "timeline note x", "contain", "close"],
)  # fmt: skip
def test_outside_an_incidents_channel_the_reference_is_asked_for(room: Room, typed: str) -> None:
    before = room.log()
    said = room.type(typed, channel=general(room.pair))
    assert "This isn't an incident's channel." in said
    assert "`/incident status INC-2026-0001`" in said
    assert room.log() == before


@pytest.mark.parametrize(
    "typed",
    ["status {}", "task {}", "role {} claim comms", "fact {} aware at 09:00", "clock {}",
     "notice {}", "evidence {}", "timeline {}", "contain {}", "close {}"],
)  # fmt: skip
def test_an_outsider_hears_the_same_as_for_an_incident_that_isnt_there(
    room: Room, typed: str
) -> None:
    before = room.log()
    ack = outsider(room).slash("/incident", typed.format(room.ref), channel=general(room.pair))
    assert f"You have no incident {room.ref}." in shown(ack)
    assert "Claims database" not in ack.body
    assert room.log() == before


def test_a_member_reads_from_anywhere_by_reference(room: Room) -> None:
    said = room.type(f"status {room.ref.lower()}", channel=general(room.pair))
    assert "Claims database copied" in said


def test_the_answer_is_ephemeral_and_seen_by_nobody_else(room: Room) -> None:
    where = general(room.pair)
    room.type(f"status {room.ref}", channel=where)
    for other in (CHRIS, SAM):
        texts = str(room.person(other).messages(where))
        assert "Claims database" not in texts


def test_markup_that_is_quoted_back_is_escaped(room: Room) -> None:
    said = room.type("fact <!channel> & <https://evil.example|click>")
    assert "“&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;”" in said
    assert "<!channel>" not in said


def test_a_closed_incident_refuses_with_the_reason_and_nothing_changes(pair: Practice) -> None:
    room = cast(open_room(pair, "Laptop left in a taxi", book="lost_device"))
    for key in open_duties(room):
        assert "waived" in room.type(f"clock waive {key} encrypted device", by=LENA)
    assert "is closed" in room.type("close found again")
    room.settle()
    before = room.log()
    for typed in (
        "fact aware at 08:00",
        "task done 1",
        "role claim comms",
        "contain",
        "status SEV1 x",
        "status open",
        "timeline note x",
        "close",
        "notice draft holding_statement",
    ):
        said = room.type(typed)
        assert f"{room.ref} is closed; nothing in it can be changed any more." in said, typed
    assert room.log() == before
    assert "Laptop left in a taxi" in room.type("status")


def open_duties(room: Room) -> list[str]:
    """Keys of regulatory clocks that stand against closing."""
    with reading(room.pair.tocsin.store) as session:
        return [
            one.key
            for one in clocks_of(session, room.row())
            if one.kind == "regulatory" and one.state in {"running", "missed", "waiting"}
        ]
