"""The form “Collect an item”: into custody from Slack, refusals under their fields, the warning."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.custody import FIELDS
from bot.local_slack.interactions import Submission
from bot.practice import Practice
from bot.store.queries import clocks_of
from bot.store.unit_of_work import reading
from tests.conftest import MovingClock
from tests.kit import ANA, FARID, LENA, SAM, log_of, texts_of, until
from tests.slack_kit import Room, cast, flat, open_room, outsider

pytestmark = pytest.mark.slow
TITLE = "Collect an item"
LAPTOP = {
    "title": "Laptop of Jane Doe",
    "rank": "4",
    "host": "fin-07",
    "clock_source": "checked",
    "location": "desk 12",
    "method": "taken as it is",
    "tool": "ewfacquire 20240506",
    "serial": "SN-4711",
    "sha256": "AB" * 32,
    "quantity": "2",
    "seal": "12",
    "purpose": "what was copied",
    "legal_basis": "works agreement",
    "storage": "safe B",
    "retention": "tax_financial",
}


@pytest.fixture
def room(pair: Practice) -> Iterator[Room]:
    yield cast(open_room(pair, "Collecting"))
    close_all(pair)


@pytest.fixture(scope="module")
def shared(pair: Practice) -> Iterator[Room]:
    """A room whose tests count nothing in it."""
    yield cast(open_room(pair, "Collected and refused"))
    close_all(pair)


def close_all(pair: Practice) -> None:
    for slack_id in (ANA, FARID, LENA, SAM):
        while pair.box.person(slack_id).modal():
            pair.box.person(slack_id).close()


def asked(room: Room, *, by: str = FARID, words: str = "") -> dict[str, Any]:
    """Open the form by command and return it."""
    assert room.type(f"evidence collect {words}".strip(), by=by) == ""
    return room.person(by).wait_modal(title=TITLE)


def submit(room: Room, values: dict[str, Any], *, by: str = FARID) -> Submission:
    return room.person(by).submit(values=values)


def whispered(room: Room, *, by: str = FARID) -> str:
    own = [one for one in room.person(by).messages(room.channel) if one.get("is_ephemeral")]
    return flat(own[-1]) if own else ""


def test_the_form_asks_the_most_volatile_first_and_links_to_the_rest(room: Room) -> None:
    modal = asked(room, words="laptop of the finance desk")
    inputs = {one["block_id"]: one for one in modal["blocks"] if one["type"] == "input"}
    assert list(inputs) == [
        "title", "rank", "host", "at", "clock_source", "location", "method", "tool", "serial",
        "sha256", "quantity", "seal", "purpose", "legal_basis", "storage", "retention",
    ]  # fmt: skip
    ranks = [one["text"]["text"] for one in inputs["rank"]["element"]["options"]]
    assert ranks[0] == "1. Registers and cache: CPU state of a running machine"
    assert len(ranks) == 7
    assert inputs["title"]["element"]["initial_value"] == "laptop of the finance desk"
    head = modal["blocks"][0]["text"]["text"]
    assert f"/incidents/{room.ref}/collect|web form>" in head
    for name in set(FIELDS) - set(inputs):
        assert FIELDS[name].lower() in head, "what isn't asked here is asked there"
    assert "Unchecked, confirm with counsel: Call recordings" in str(inputs["retention"])


def test_an_item_is_taken_into_custody(room: Room, pair_clock: MovingClock) -> None:
    asked(room)
    at = pair_clock() - timedelta(hours=1)
    assert submit(room, {**LAPTOP, "at": at}).ok
    until(lambda: "is in your custody" in whispered(room))
    said = whispered(room)
    assert f"*E-1* of {room.ref} is in your custody: Laptop of Jane Doe." in said
    assert "`/incident evidence transfer 1 @who` hands it over." in said
    assert "⚠️" not in said
    entry = log_of(room.pair.tocsin.store, room.ref)[-1]
    assert (entry.event, dict(entry.data)) == (
        "evidence.collected",
        {
            "item": 1,
            "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "offset": "+01:00",
            "clock_source": "checked",
            "volatility": 4,
            "quantity": 2,
            "stated_sha256": "ab" * 32,
            "retention": "tax_financial",
        },
    )
    texts = texts_of(room.pair.tocsin.store, room.ref, entry.seq)
    assert texts == {name: LAPTOP[name] for name in ("title", *FIELDS) if name in LAPTOP}
    assert b"Jane" not in entry.line
    assert f"Held by <@{FARID}>" in room.type("evidence 1")


def test_little_is_enough_and_empty_means_now(room: Room, pair_clock: MovingClock) -> None:
    asked(room)
    assert submit(room, {"title": "RAM of web-3", "rank": "2"}).ok
    until(lambda: room.log()[-1] == "evidence.collected")
    data = log_of(room.pair.tocsin.store, room.ref)[-1].data
    assert data["occurred_at"] == f"{pair_clock():%Y-%m-%dT%H:%M:%SZ}"
    assert (data["quantity"], data["clock_source"]) == (1, "unchecked")
    assert "retention" not in data


def test_what_vanishes_sooner_and_came_later_is_told(room: Room) -> None:
    asked(room)
    assert submit(room, {"title": "Disk of web-3", "rank": "4", "host": "web-3"}).ok
    asked(room)
    assert submit(room, {"title": "RAM of web-3", "rank": "2", "host": "WEB-3"}).ok
    until(lambda: "⚠️" in whispered(room))
    said = whispered(room)
    assert "*E-2*" in said
    assert "⚠️ E-1 was collected first, though “Memory and live state” vanishes sooner" in said
    assert "Type `/incident timeline note why`." in said
    assert log_of(room.pair.tocsin.store, room.ref)[-1].data["after_less_volatile"] == [1]


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"title": " \t "}, "title", "Say what it is"),
        ({"sha256": "xyz"}, "sha256", "A SHA-256 has 64 digits 0–9 and a–f. sha256sum FILE"),
        ({"rank": ""}, "rank", "Please complete this required field."),
        ({"quantity": "two"}, "quantity", "Please enter a number."),
        ({"quantity": "0"}, "quantity", "Please enter a number that is 1 or more."),
        ({"storage": "x" * 2001}, "storage", "Please use no more than 2000 characters."),
    ],
)
def test_an_error_stands_under_its_field_and_nothing_is_taken(
    shared: Room, wrong: dict[str, str], field: str, says: str
) -> None:
    asked(shared)
    before = shared.log()
    refused = submit(shared, LAPTOP | wrong)
    assert list(refused.errors) == [field]
    assert says in refused.errors[field]
    assert shared.log() == before
    assert submit(shared, LAPTOP).ok, "what was typed right before is still there"


def test_the_future_is_refused_at_its_field(room: Room, pair_clock: MovingClock) -> None:
    asked(room)
    refused = submit(room, {**LAPTOP, "at": pair_clock() + timedelta(minutes=1)})
    assert refused.errors == {"at": "That lies in the future. When was it collected?"}


def test_delivered_twice_it_is_taken_once(room: Room) -> None:
    asked(room)
    room.pair.box.faults.add("inbound:view_submission", "deliver_twice")
    try:
        assert submit(room, LAPTOP).ok
    finally:
        room.pair.box.faults.clear()
    room.settle()
    assert room.log().count("evidence.collected") == 1


def test_an_observer_and_a_stranger_get_no_form(room: Room) -> None:
    room.type(f"role assign observer <@{SAM}>")
    room.settle()
    assert "may preserve messages and files as evidence" in room.type("evidence collect", by=SAM)
    assert room.person(SAM).modal() is None
    other = open_room(room.pair, "Somebody else's")
    outside = room.pair.box.channel_id("general")
    said = outsider(other).slash("/incident", f"evidence {other.ref} collect", channel=outside)
    assert f"You have no incident {other.ref}" in flat(said.json())
    assert room.person(SAM).modal() is None


def test_who_left_meanwhile_takes_nothing(room: Room) -> None:
    asked(room, by=LENA)
    box = room.pair.box
    with box.workspace.lock:
        box.workspace.leave(box.workspace.channels[room.channel], LENA)
    until(lambda: "incident.member_left" in room.log())
    before = room.log()
    refused = submit(room, LAPTOP, by=LENA)
    assert list(refused.errors) == ["title"]
    assert f"You have no incident {room.ref}" in refused.errors["title"]
    assert room.log() == before


def test_a_closed_incident_takes_no_item(room: Room) -> None:
    asked(room, by=LENA)
    with reading(room.pair.tocsin.store) as session:
        open_clocks = [one for one in clocks_of(session, room.row()) if one.kind == "regulatory"]
    for one in open_clocks:
        room.type(f"clock waive {one.key} nobody affected", by=LENA)
    assert "is closed" in room.type("close found again")
    before = room.log()
    assert f"{room.ref} is closed" in submit(room, LAPTOP, by=LENA).errors["title"]
    assert f"{room.ref} is closed" in room.type("evidence collect", by=LENA)
    assert room.log() == before


def test_a_form_that_slack_refuses_leaves_the_page(room: Room) -> None:
    room.pair.box.faults.add("views.open", "api_error", code="missing_scope")
    try:
        said = room.type("evidence collect", by=FARID)
    finally:
        room.pair.box.faults.clear()
    assert f"/incidents/{room.ref}/collect|Collect an item>" in said
