"""What people do in an incident's channel: commands, buttons, forms, shortcuts, the Home tab."""

import re
from datetime import UTC, datetime

import pytest

from bot.local_slack.interactions import Submission
from bot.local_slack.people import Person
from bot.practice import Practice
from bot.store.queries import incidents_of, person_by_slack_id
from bot.store.unit_of_work import reading
from tests.conftest import T0
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, until
from tests.slack_kit import (
    Room,
    button,
    cast,
    flat,
    general,
    incident_named,
    key_of,
    open_room,
    refs_in,
    tasks_posted,
)

pytestmark = pytest.mark.slow
DATE = re.compile(r"<!date\^\d+\^\{date_short_pretty\}, \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>")


@pytest.fixture(scope="module")
def room(pair: Practice) -> Room:
    return cast(open_room(pair))


def whispered(room: Room, *, by: str = ANA) -> str:
    """The newest answer that only this person sees."""
    own = [one for one in room.person(by).messages(room.channel) if one.get("is_ephemeral")]
    return flat(own[-1]) if own else ""


# -- the channel ----------------------------------------------------------------------------


def test_the_channel_is_private_pinned_and_bookmarked(room: Room) -> None:
    box = room.pair.box
    channel = box.workspace.channels[room.channel]
    assert channel.kind == "private"
    assert channel.name == f"{room.ref.lower()}-claims-database-copied"
    assert set(channel.members) >= {ANA, FARID, LENA}
    assert SAM not in channel.members
    assert channel.topic.startswith(f"{room.ref} · confidential")
    pins = [one for one in box.calls if one.method == "pins.add" and one.worked]
    assert [one.args["timestamp"] for one in pins if one.args["channel"] == room.channel] == [
        room.card()["ts"]
    ]
    bookmarks = [
        one.args
        for one in box.calls
        if one.method == "bookmarks.add" and one.args["channel_id"] == room.channel
    ]
    assert [(one["title"], one["link"]) for one in bookmarks] == [
        ("Notices and evidence", f"{room.pair.web_url}/incidents/{room.ref}")
    ]


def test_the_card_is_updated_in_place(pair: Practice) -> None:
    room = open_room(pair, "Card in place")
    first = room.card()["ts"]
    room.type("status SEV1 everything is gone")
    room.type("contain")
    room.settle()
    card = room.card()
    assert card["ts"] == first
    assert "SEV1" in flat(card)
    assert "*Contained*" in flat(card)


def test_times_are_in_the_readers_zone_with_utc_beside_legal_ones(room: Room) -> None:
    said = room.type("fact aware at 2026-11-19 08:00 UTC")
    assert "`aware_at` *2026-11-19 08:00 UTC*" in said
    due = int(datetime(2026, 11, 22, 8, 0, tzinfo=UTC).timestamp())
    assert (
        f"due <!date^{due}^{{date_short_pretty}}, {{time}}|2026-11-22 08:00 UTC> (22 Nov 08:00 UTC)"
    ) in said
    room.settle()
    announced = next(text for text in room.texts() if "EU-GDPR-33-SA" in text)
    assert "(22 Nov 08:00 UTC)" in announced
    for text in (flat(room.card()), room.type("task"), room.type("clock")):
        assert DATE.search(text)


def test_clock_news_comes_in_the_order_of_the_commands(pair: Practice) -> None:
    room = open_room(pair, "In order")
    room.type("fact aware at 2026-11-19 08:00 UTC")
    room.type("fact 1,200 Californians, names and SSNs, not encrypted")
    room.type("fact breach determined 2026-11-19 08:30 UTC, 700 Texans")
    room.type("contain")
    room.settle()
    wanted = ["EU-GDPR-33-SA", "US-CA-IND", "US-TX-IND", "*Contained*"]
    texts = room.texts()
    places = [next(i for i, text in enumerate(texts) if one in text) for one in wanted]
    assert places == sorted(places)


# -- buttons --------------------------------------------------------------------------------


def test_buttons_show_tasks_and_clocks_to_the_one_who_pressed(room: Room) -> None:
    assert room.person(FARID).click(room.card(), "show_tasks").ok
    until(lambda: "Tasks of" in whispered(room, by=FARID))
    assert room.person(FARID).click(room.card(), "show_clocks").ok
    until(lambda: "Clocks of" in whispered(room, by=FARID))


def test_a_link_button_needs_no_answer(room: Room) -> None:
    before = len(room.person().messages(room.channel))
    assert button(room.card(), "open_web")["url"].endswith(f"/incidents/{room.ref}")
    assert room.person().click(room.card(), "open_web").ok
    assert len(room.person().messages(room.channel)) == before


def test_a_vacant_role_is_claimed_by_button_and_then_gone_from_the_card(pair: Practice) -> None:
    room = open_room(pair, "Vacant roles")
    room.type(f"role assign observer <@{CHRIS}>")
    room.settle()
    assert room.person(CHRIS).click(room.card(), "claim_comms").ok
    until(lambda: "You are Comms of" in whispered(room, by=CHRIS))
    room.settle()
    assert f"*Comms* <@{CHRIS}>" in flat(room.card())
    assert "claim_comms" not in str(room.card())


def test_a_task_is_done_by_button_and_a_second_press_says_so(pair: Practice) -> None:
    room = open_room(pair, "Tasks by button")
    listed = room.person().slash("/incident", "task", channel=room.channel)
    assert "task_done_1" in listed.body
    message = next(
        one
        for one in reversed(room.person().messages(room.channel))
        if one.get("is_ephemeral") and "task_done_1" in str(one)
    )
    room.person().click(message, "task_done_1")
    until(lambda: "Task 1 done" in whispered(room))
    room.person().click(message, "task_done_1")
    until(lambda: "Task 1 of" in whispered(room) and "already done" in whispered(room))
    assert room.log().count("task.completed") == 1


def test_an_old_button_is_answered(room: Room) -> None:
    """A button of a version to come or gone isn't met with silence."""
    box = room.pair.box
    text = {"type": "plain_text", "text": "x"}
    old = {"type": "button", "action_id": "gone", "text": text}
    blocks = [{"type": "actions", "block_id": "old", "elements": [old]}]
    with box.workspace.lock:
        posted = box.workspace.post(
            box.workspace.channels[room.channel],
            user=box.app.bot_user_id,
            content={"text": "old", "blocks": blocks},
        )
    room.person().click({**posted.wire, "channel": room.channel}, "gone")
    until(lambda: "button is of an older version" in whispered(room))


# -- forms ----------------------------------------------------------------------------------


def fill(room: Room, values: dict[str, object], *, by: str = ANA) -> Submission:
    return room.person(by).submit(values=values)


def test_the_fact_form_keeps_what_was_typed_until_it_fits(pair: Practice) -> None:
    room = open_room(pair, "Fact form")
    room.person().click(room.card(), "open_fact")
    room.person().wait_modal(title="Record facts")
    nothing = fill(room, {"source": "query"})
    assert nothing.errors == {"what_happened": "Nothing is filled in: give at least one fact."}
    no_place = fill(room, {"residents": "many"})
    assert no_place.errors == {"place": "Choose the place that this number is about."}
    wrong = fill(room, {"place": "US-CA"})
    assert list(wrong.errors) == ["residents"]
    assert "“many” isn't a count for residents:US-CA" in wrong.errors["residents"]
    future = fill(room, {"residents": "1,200", "aware_at": datetime(2027, 1, 1, tzinfo=UTC)})
    assert future.errors == {"aware_at": "That lies in the future; check the date."}
    line = fill(room, {"aware_at": T0, "other": "measures_taken access closed"})
    assert line.errors == {"other": "“measures_taken access closed”: write it as name: value."}
    assert room.log().count("fact.recorded") == recorded_at_opening(room)
    assert fill(room, {"other": "measures_taken: access closed: at last"}).ok
    assert room.person().modal() is None
    until(lambda: "Recorded" in whispered(room))
    said = whispered(room)
    for part in ("`residents:US-CA` *1,200*", "*access closed: at last*", "(confirmed)"):
        assert part in said


def recorded_at_opening(room: Room) -> int:
    return len([one for one in room.log() if one == "fact.recorded"])


def test_open_form_refuses_in_its_fields_and_then_opens_once(pair: Practice) -> None:
    ana = pair.box.person(ANA)
    assert ana.slash("/incident", "open Mail <server> & co", channel=general(pair)).ok
    modal = ana.wait_modal(title="Open incident")
    assert "Mail <server> & co" in str(modal)
    before = incidents_seen(pair)
    blank = ana.submit(values={"title": "   "})
    assert list(blank.errors) == ["title"]
    future = ana.submit(
        values={"title": "Mail server", "aware_at": datetime(2027, 1, 1, tzinfo=UTC)}
    )
    assert future.errors == {"aware_at": "That lies in the future. When did we become aware?"}
    assert incidents_seen(pair) == before
    values = {
        "aware_at": T0,
        "playbook": "ransomware",
        "severity": "SEV1",
        "role_forensics": FARID,
        "role_legal": LENA,
        "summary": "Files *encrypted* <!here>",
    }
    assert ana.submit(values=values).ok
    ref = (incidents_seen(pair) - before).pop()
    until(lambda: tasks_posted(pair, ref))
    row = incident_named(pair, ref)
    assert (row.title, row.severity, row.playbook_id) == ("Mail server", "SEV1", "ransomware")
    assert row.channel_id
    assert {ANA, FARID, LENA} <= set(pair.box.workspace.channels[row.channel_id].members)
    room = Room(pair=pair, ref=ref, channel=row.channel_id)
    room.settle()
    texts = room.texts()
    assert texts[0].startswith(f"{ref} SEV1 open"), "the card comes first"
    assert any("EU-GDPR-33-SA" in text for text in texts), "clocks of the form are announced"
    assert "&lt;!here&gt;" in room.type("status")


def incidents_seen(pair: Practice) -> set[str]:
    with reading(pair.tocsin.store) as session:
        ana = person_by_slack_id(session, ANA)
        return {one.ref for one in incidents_of(session, ana, limit=500)} if ana else set()


def test_a_role_is_handed_over_with_a_note_by_form(pair: Practice) -> None:
    room = cast(open_room(pair, "Hand-over"))
    room.person(FARID).click(room.card(), "open_role")
    room.person(FARID).wait_modal(title="Hand over a role")
    refused = fill(room, {"role": "legal", "person": CHRIS}, by=FARID)
    assert list(refused.errors) == ["role"]
    assert "Only Commander may hand over a role" in refused.errors["role"]
    same = fill(room, {"role": "forensics", "person": FARID}, by=FARID)
    assert same.errors["role"] == f"Farid Haddad already is Forensics of {room.ref}."
    done = fill(room, {"person": CHRIS, "note": "disk 2 is imaged"}, by=FARID)
    assert done.ok
    room.settle()
    assert f"*Forensics* <@{CHRIS}>" in flat(room.card())
    assert CHRIS in room.pair.box.workspace.channels[room.channel].members
    assert room.log().count("role.handed_over") == 1
    handed = [text for text in room.texts() if f"<@{CHRIS}> is now *Forensics*" in text]
    assert len(handed) == 1


def test_the_contain_form_refuses_the_future(pair: Practice) -> None:
    room = open_room(pair, "Contain form")
    room.person().click(room.card(), "mark_contained")
    room.person().wait_modal(title="Mark contained")
    future = fill(room, {"at": datetime(2027, 1, 1, tzinfo=UTC)})
    assert future.errors == {"at": "That lies in the future. Since when is it contained?"}
    assert fill(room, {"at": T0}).ok
    room.settle()
    assert room.row().status == "contained"
    assert "mark_contained" not in str(room.card())


def test_the_form_of_somebody_who_may_not_is_refused_in_the_form(room: Room) -> None:
    room.person(FARID).click(room.card(), "mark_contained")
    room.person(FARID).wait_modal(title="Mark contained")
    refused = fill(room, {}, by=FARID)
    assert "Only Commander may change the status" in refused.errors["at"]
    assert "`" not in refused.errors["at"], "forms know no code marks"
    room.person(FARID).close()


# -- shortcuts and the Home tab -------------------------------------------------------------


def test_a_message_is_preserved_at_once_inside_the_channel(pair: Practice) -> None:
    room = cast(open_room(pair, "Preserve here"))
    said = room.person(FARID).post(room.channel, "the <log> says 4,112 rows & more")
    room.person(FARID).message_shortcut("preserve_evidence", channel=room.channel, ts=said["ts"])
    until(lambda: "Preserved as *E-1*" in whispered(room, by=FARID))
    room.person(FARID).message_shortcut("preserve_evidence", channel=room.channel, ts=said["ts"])
    until(lambda: "already preserved as E-1" in whispered(room, by=FARID))
    assert room.log().count("message.preserved") == 1
    assert re.search(r"`[0-9a-f]{64}`", room.type("evidence seal 1", by=FARID))


def test_a_message_elsewhere_asks_for_the_incident_and_needs_no_bot_there(pair: Practice) -> None:
    room = cast(open_room(pair, "Preserve from a DM"))
    sam, ana = pair.box.person(SAM), pair.box.person(ANA)
    said = sam.post(ANA, "somebody just asked me for a reset code")
    with pair.box.workspace.lock:
        direct = pair.box.workspace.direct_channel([SAM, ANA]).id
    ana.message_shortcut("preserve_evidence", channel=direct, ts=said["ts"])
    ana.wait_modal(title="Preserve as evidence")
    assert ana.submit(values={"incident": room.ref}).ok
    until(lambda: room.log().count("message.preserved") == 1)
    sealed = room.type("evidence")
    assert "somebody just asked me for a reset code" in sealed


def test_somebody_without_an_incident_is_told_how_to_begin(pair: Practice) -> None:
    new = Person(id="U0NEW", name="nina", real_name="Nina New", title="", tz="Europe/Berlin")
    with pair.box.workspace.lock:
        pair.box.workspace.people[new.id] = new
        pair.box.workspace.channels[general(pair)].members.append(new.id)
    nina = pair.box.person(new.id)
    said = nina.post(general(pair), "strange mail")
    nina.message_shortcut("preserve_evidence", channel=general(pair), ts=said["ts"])
    until(
        lambda: any(
            "You are in no open incident" in flat(one)
            for one in nina.messages(general(pair))
            if one.get("is_ephemeral")
        )
    )


def test_the_global_shortcut_opens_the_form(pair: Practice) -> None:
    sam = pair.box.person(SAM)
    assert sam.shortcut("open_incident_shortcut").ok
    assert sam.wait_modal(title="Open incident")["callback_id"] == "open_incident"
    sam.close()


def test_home_shows_my_tasks_and_the_next_clocks_and_does_a_task(pair: Practice) -> None:
    # Somebody who is in no other incident: the tab shows only what is next.
    kim = "U0KIM"
    pair.box.workspace.people[kim] = Person(id=kim, name="kim", real_name="Kim", title="Home")
    room = cast(open_room(pair, "Home & <tab>"))
    room.type("fact aware at 2026-11-19 08:00 UTC")
    room.type(f"role assign comms <@{kim}>")
    room.settle()
    person = pair.box.person(kim)
    home = person.open_home()
    assert home is not None
    shown_text = flat(home)
    assert "Home &amp; &lt;tab&gt;" in shown_text
    assert f"<#{room.channel}>" in shown_text
    assert "GDPR" in shown_text
    block = next(
        one
        for one in home["blocks"]
        if one.get("accessory", {}).get("value", "").startswith(room.ref)
    )
    person.click(home, block["accessory"]["action_id"], block_id=block["block_id"])
    until(lambda: room.log().count("task.completed") == 1)
    until(lambda: any("done" in flat(one) for one in person.direct_messages()))


def test_whoever_joins_the_channel_sees_the_incident(pair: Practice) -> None:
    room = open_room(pair, "Joined by hand")
    box = pair.box
    assert "You have no incident" in room.type(f"status {room.ref}", by=SAM, channel=general(pair))
    with box.workspace.lock:
        box.workspace.join(box.workspace.channels[room.channel], SAM, inviter=ANA)
    assert box.settle()
    until(
        lambda: "Joined by hand" in room.type(f"status {room.ref}", by=SAM, channel=general(pair))
    )


def test_help_lists_every_command(room: Room) -> None:
    said = room.type("help")
    words = ["open", "status", "list", "role", "task", "fact", "clock", "evidence", "notice"]
    for word in [*words, "timeline", "contain", "close"]:
        assert f"`/incident {word}" in said
    assert room.type("") == said
    assert refs_in(room.type("list"))
    assert "`residents:US-CA`" in room.type("fact help")


def test_each_announcement_carries_its_own_key(room: Room) -> None:
    room.settle()
    keys = [key_of(one) for one in room.messages() if one["text"] != "old"]
    assert "" not in keys
    assert len(keys) == len(set(keys))


def test_whoever_leaves_the_channel_no_longer_sees_the_incident(pair: Practice) -> None:
    room = open_room(pair, "Left the room")
    room.type(f"role assign comms <@{CHRIS}>")
    until(lambda: CHRIS in pair.box.workspace.channels[room.channel].members)
    assert "Left the room" in room.type(f"status {room.ref}", by=CHRIS, channel=general(pair))
    with pair.box.workspace.lock:
        pair.box.workspace.leave(pair.box.workspace.channels[room.channel], CHRIS)
    assert pair.box.settle()
    until(lambda: room.log().count("incident.member_left") == 1)
    said = room.type(f"status {room.ref}", by=CHRIS, channel=general(pair))
    assert f"You have no incident {room.ref}" in said
