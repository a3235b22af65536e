"""Jobs while Slack misbehaves: nothing lost, nothing twice, nothing out of order, never public."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.local_slack.web_api import Call
from bot.practice import Practice
from tests.kit import ANA, FARID, LENA, until
from tests.slack_kit import (
    Room,
    cast,
    flat,
    general,
    idle,
    incident_named,
    key_of,
    open_room,
    refs_in,
    shown,
    tasks_posted,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def pair_(pair: Practice) -> Iterator[Practice]:
    """The pair, well again after the test, with nothing left to do."""
    yield pair
    pair.box.faults.clear()
    idle(pair, seconds=70)


def opened(pair: Practice, title: str) -> str:
    """Open an incident and don't wait for its channel."""
    ack = pair.box.person(ANA).slash(
        "/incident", f"open data_breach SEV2 {title}", channel=general(pair)
    )
    assert ack.ok
    return refs_in(shown(ack))[0]


def room_of(pair: Practice, ref: str, *, seconds: float = 30) -> Room:
    until(lambda: tasks_posted(pair, ref), seconds=seconds)
    channel = incident_named(pair, ref).channel_id
    assert channel
    return Room(pair=pair, ref=ref, channel=channel)


def calls_of(pair: Practice, method: str, text: str) -> list[Call]:
    return [one for one in list(pair.box.calls) if one.method == method and text in str(one.args)]


def named(pair: Practice, ref: str) -> list[Any]:
    """Channels of an incident, whoever made them."""
    return [
        one
        for one in pair.box.workspace.channels.values()
        if one.name and one.name.startswith(ref.lower())
    ]


def failure_dms(pair: Practice, ref: str) -> list[str]:
    return [
        one["text"]
        for one in pair.box.person(ANA).direct_messages()
        if key_of(one).startswith(f"channel-failed/{ref}")
    ]


def assert_whole(room: Room) -> None:
    """One channel, one card, one list of tasks, each message once."""
    room.settle()
    assert len(named(room.pair, room.ref)) == 1
    keys = [key_of(one) for one in room.messages()]
    assert len(keys) == len(set(keys))
    assert room.card()
    assert keys.count(f"tasks/{room.ref}") == 1


TRANSIENT = [
    ("conversations.create", "rate_limited"),
    ("conversations.create", "server_error"),
    ("conversations.create", "timeout_after_work"),
    ("conversations.create", "timeout_before_work"),
    ("conversations.invite", "timeout_after_work"),
    ("conversations.setTopic", "server_error"),
    ("users.info", "rate_limited"),
    ("bookmarks.list", "server_error"),
    ("bookmarks.add", "timeout_after_work"),
    ("chat.postMessage", "rate_limited"),
    ("chat.postMessage", "server_error"),
    ("chat.postMessage", "timeout_after_work"),
    ("pins.add", "timeout_after_work"),
]


@pytest.mark.parametrize(("method", "kind"), TRANSIENT)
def test_one_failure_while_the_channel_is_made_doubles_nothing(
    pair_: Practice, method: str, kind: str
) -> None:
    title = f"{method} {kind}".replace(".", " ").replace("_", " ")
    fault = pair_.box.faults.add(method, kind)
    room = room_of(pair_, opened(pair_, title))
    assert fault.id not in {one.id for one in pair_.box.faults.waiting()}, "it struck"
    assert_whole(room)
    marks = calls_of(pair_, "bookmarks.add", room.channel)
    assert len([one for one in marks if one.worked]) == 1


def test_both_posts_of_the_opening_lost_their_answer(pair_: Practice) -> None:
    pair_.box.faults.add("chat.postMessage", "timeout_after_work", times=3)
    assert_whole(room_of(pair_, opened(pair_, "Answers lost")))


def test_retry_after_is_honoured(pair_: Practice) -> None:
    room = open_room(pair_, "Rate limit")
    pair_.box.faults.add("chat.postMessage", "rate_limited", retry_after=3)
    before = len(pair_.box.calls)
    room.type("contain")
    until(lambda: any("*Contained*" in text for text in room.texts()))
    posts = [
        one
        for one in pair_.box.calls[before:]
        if one.method == "chat.postMessage" and "*Contained*" in str(one.args)
    ]
    assert [one.worked for one in posts] == [False, True]
    assert posts[0].error == "ratelimited"


def test_slack_down_for_a_while_everything_arrives_later_in_order_and_once(
    pair_: Practice,
) -> None:
    fault = pair_.box.faults.add("*", "down")
    ref = opened(pair_, "Slack is down")
    ana, where = pair_.box.person(ANA), general(pair_)
    for typed in (
        f"fact {ref} aware at 2026-11-19 08:00 UTC",
        f"fact {ref} 1,200 Californians, names and SSNs, not encrypted",
        f"role {ref} assign legal <@{LENA}>",
        f"contain {ref} access closed",
    ):
        assert "✅" in shown(ana.slash("/incident", typed, channel=where)), typed
    assert f"{ref} SEV2 contained" in shown(ana.slash("/incident", f"status {ref}", channel=where))
    assert named(pair_, ref) == []
    pair_.box.faults.remove(fault.id)
    room = room_of(pair_, ref)
    assert_whole(room)
    texts = room.texts()
    wanted = [
        f"{ref} SEV2 contained",
        "Tasks of",
        "EU-GDPR-33-SA",
        "US-CA-IND",
        "is now *Legal*",
        "*Contained*",
    ]
    places = [next(i for i, text in enumerate(texts) if one in text) for one in wanted]
    assert places == sorted(places)
    assert LENA in pair_.box.workspace.channels[room.channel].members


def test_an_outage_in_the_middle_keeps_the_order(pair_: Practice) -> None:
    room = open_room(pair_, "Outage in the middle")
    pair_.box.faults.add("chat.postMessage", "server_error", times=2)
    room.type(f"role assign forensics <@{FARID}>")
    room.type(f"role assign legal <@{LENA}>")
    room.type("contain")
    room.settle()
    wanted = ["is now *Forensics*", "is now *Legal*", "*Contained*"]
    texts = room.texts()
    places = [next(i for i, text in enumerate(texts) if one in text) for one in wanted]
    assert places == sorted(places)


# -- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["missing_scope", "invalid_auth", "restricted_action"])
def test_a_refused_channel_is_told_to_the_opener_and_not_asked_again(
    pair_: Practice, code: str
) -> None:
    fault = pair_.box.faults.add("conversations.create", "api_error", code=code, times=None)
    title = f"Secret of {code}".replace("_", " ")
    ref = opened(pair_, title)
    until(lambda: failure_dms(pair_, ref))
    idle(pair_)
    (told,) = failure_dms(pair_, ref)
    assert f"`{code}`" in told
    assert "Secret" not in told
    assert "press *Try the channel again*" in told
    tries = calls_of(pair_, "conversations.create", ref.lower())
    assert len(tries) == 1
    assert all(one.args["is_private"] in {True, "1", "true"} for one in tries)
    assert named(pair_, ref) == []
    assert incident_named(pair_, ref).channel_error == code
    pair_.box.faults.remove(fault.id)


def test_without_a_channel_the_news_reaches_the_commander_alone(pair_: Practice) -> None:
    pair_.box.faults.add("conversations.create", "api_error", code="restricted_action", times=None)
    ref = opened(pair_, "No channel for this")
    ana, where = pair_.box.person(ANA), general(pair_)
    ana.slash("/incident", f"fact {ref} aware at 2026-11-19 08:00 UTC", channel=where)
    idle(pair_)
    news = [one for one in ana.direct_messages() if f"{ref}/clocks" in key_of(one)]
    assert len(news) == 1
    assert f"{ref} has no channel, so its news comes to you." in flat(news[0])
    with_text = [one for one in pair_.box.calls if "No channel for this" in str(one.args)]
    assert {one.method for one in with_text} == set()


def test_the_channel_is_made_when_a_person_tries_again(pair_: Practice) -> None:
    fault = pair_.box.faults.add(
        "conversations.create", "api_error", code="restricted_action", times=None
    )
    ref = opened(pair_, "Second chance")
    idle(pair_)
    ana, where = pair_.box.person(ANA), general(pair_)
    ana.slash("/incident", f"status {ref}", channel=where)
    status = next(one for one in reversed(ana.messages(where)) if "retry_channel" in str(one))
    ana.click(status, "retry_channel")
    until(lambda: len(calls_of(pair_, "conversations.create", ref.lower())) == 2)
    until(lambda: len(failure_dms(pair_, ref)) == 2)
    pair_.box.faults.remove(fault.id)
    ana.click(status, "retry_channel")
    assert_whole(room_of(pair_, ref))
    ana.click(status, "retry_channel")
    until(lambda: any("has its channel" in flat(one) for one in ana.messages(where)))
    assert len(calls_of(pair_, "conversations.create", ref.lower())) == 3


def test_a_channel_that_somebody_else_made_is_never_taken_over(pair_: Practice) -> None:
    """The name can be guessed; whoever made the channel first would read the incident."""
    first = int(opened(pair_, "Counting")[-4:])
    ref = f"INC-2026-{first + 1:04d}"
    box = pair_.box
    with box.workspace.lock:
        trap = box.workspace.create_channel(
            name=f"{ref.lower()}-guessed-title", private=True, creator="U0SAM"
        )
        box.workspace.join(trap, box.app.bot_user_id, inviter="U0SAM")
    assert opened(pair_, "Guessed title") == ref
    until(lambda: failure_dms(pair_, ref))
    idle(pair_)
    assert "`name_taken`" in failure_dms(pair_, ref)[0]
    assert "rename or archive that one" in failure_dms(pair_, ref)[0]
    assert incident_named(pair_, ref).channel_id is None
    assert not [one for one in trap.messages if one.wire.get("user") == box.app.bot_user_id
                and "subtype" not in one.wire]  # fmt: skip


def test_somebody_who_cant_be_invited_doesnt_stop_the_rest(pair_: Practice) -> None:
    pair_.box.faults.add("conversations.invite", "api_error", code="user_is_ultra_restricted")
    room = room_of(pair_, opened(pair_, "Guest account"))
    assert_whole(room)
    (said,) = [text for text in room.texts() if "isn't here yet" in text]
    assert f"• <@{ANA}> isn't here yet (`user_is_ultra_restricted`): invite them by hand." in said


def test_a_missing_bookmark_scope_doesnt_stop_the_rest(pair_: Practice) -> None:
    pair_.box.faults.add("bookmarks.list", "api_error", code="missing_scope")
    room = room_of(pair_, opened(pair_, "No bookmarks"))
    assert_whole(room)
    assert any("`bookmarks_list`: `missing_scope`" in text for text in room.texts())


# -- what people do to the channel ----------------------------------------------------------


def test_a_deleted_card_is_posted_once_more_and_followed_from_then_on(pair_: Practice) -> None:
    room = open_room(pair_, "Deleted card")
    first = room.card()
    box = pair_.box
    with box.workspace.lock:
        channel = box.workspace.channels[room.channel]
        box.workspace.remove(
            channel, next(one for one in channel.messages if one.wire["ts"] == first["ts"])
        )
    room.type("status SEV1 worse")
    room.settle()
    second = room.card()
    assert second["ts"] != first["ts"]
    assert "SEV1" in flat(second)
    room.type("status SEV3 better")
    room.type("contain")
    room.settle()
    third = room.card()
    assert third["ts"] == second["ts"]
    assert "SEV3" in flat(third)
    assert "*Contained*" in flat(third)
    with box.workspace.lock:
        assert [one["ts"] for one in channel.pins] == [second["ts"]]


def test_a_bot_that_was_removed_tells_the_commander_and_catches_up_when_it_is_back(
    pair_: Practice,
) -> None:
    room = cast(open_room(pair_, "Bot removed"))
    box = pair_.box
    me = box.app.bot_user_id
    with box.workspace.lock:
        box.workspace.leave(box.workspace.channels[room.channel], me)
    room.type("contain")
    room.settle()
    told = [
        one
        for one in box.person(ANA).direct_messages()
        if f"{room.ref}/incident.contained" in key_of(one)
    ]
    assert len(told) == 1
    assert "Invite me there again: `/invite @Tocsin`." in flat(told[0])
    assert "*Contained*" not in flat(room.card())
    with box.workspace.lock:
        box.workspace.join(box.workspace.channels[room.channel], me, inviter=ANA)
    assert box.settle()
    until(lambda: "*Contained*" in flat(room.card()))
