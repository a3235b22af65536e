"""Confidentiality, over every outbound call of a rich story.

A call that carries text of an incident goes to its own private channel, to a direct message of a
member, or to a member alone. The program's log has none of it.
"""

import json
import logging
from collections.abc import Iterator

import pytest

from bot.local_slack.web_api import Call
from bot.practice import Practice
from bot.store.queries import members_of
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, until
from tests.slack_kit import Room, cast, flat, general, idle, open_room

pytestmark = pytest.mark.slow

TITLE = "Zebrafish ledger copied"
SECRETS = ("Zebrafish", "quokka", "8,421", "8421", "wombat.csv", "axolotl")
"""Words of the title, a fact, a count, a file name and a note; nowhere else in the program."""


@pytest.fixture(scope="module")
def outbound(pair: Practice) -> Iterator[tuple[Room, list[Call], str]]:
    """Play the story; give the room, every call that left, and the log at INFO."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, kept = logging.getLogger(), Keep(logging.INFO)
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    since = len(pair.box.calls)
    try:
        room = _story(pair)
        yield room, pair.box.calls[since:], "\n".join(lines)
    finally:
        pair.box.faults.clear()
        root.removeHandler(kept)
        root.setLevel(level)


def _story(pair: Practice) -> Room:
    box, where = pair.box, general(pair)
    room = cast(open_room(pair, TITLE))
    room.type(f"role assign comms <@{CHRIS}>")
    room.type("fact aware at 2026-11-19 08:00 UTC")
    room.type("fact 8,421 Californians, names and SSNs, not encrypted")
    room.type("fact what_happened an intruder read the quokka table")
    room.type("timeline note axolotl was seen in the log")
    room.type("task assign 2 @farid")
    room.type("status SEV1 quokka again")
    for person in (ANA, LENA, CHRIS):
        room.type(f"status {room.ref}", by=person, channel=where)
        box.person(person).open_home()
    room.type(f"status {room.ref}", by=SAM, channel=where)
    room.type(f"timeline {room.ref}", by=LENA, channel=where)
    farid = box.person(FARID)
    farid.upload(room.channel, "wombat.csv", b"quokka,1\n")
    shared = next(one for one in farid.messages(room.channel) if one.get("files"))
    farid.message_shortcut("preserve_evidence", channel=room.channel, ts=shared["ts"])
    until(lambda: room.log().count("evidence.collected") == 1)
    room.person().click(room.card(), "open_fact")
    room.person().wait_modal()
    room.person().close()
    # A message elsewhere, kept for this incident.
    said = box.person(ANA).post(where, "did anybody touch the mail relay?")
    box.person(ANA).message_shortcut("preserve_evidence", channel=where, ts=said["ts"])
    box.person(ANA).wait_modal(title="Preserve as evidence")
    box.person(ANA).submit(values={"incident": room.ref})
    # Slack misbehaves, the bot is thrown out and comes back.
    box.faults.add("chat.postMessage", "server_error", times=2)
    box.faults.add("chat.postMessage", "timeout_after_work", skip=3)
    room.type("contain axolotl closed")
    idle(pair)
    with box.workspace.lock:
        box.workspace.leave(box.workspace.channels[room.channel], box.app.bot_user_id)
    room.type("status recovered quokka restored")
    idle(pair)
    # Another incident with a secret, for which Slack refuses the channel.
    box.faults.add("conversations.create", "api_error", code="missing_scope", times=None)
    box.person(ANA).slash("/incident", "open data_breach SEV2 Second quokka", channel=where)
    idle(pair)
    return room


def secret_calls(calls: list[Call]) -> list[Call]:
    return [
        one
        for one in calls
        if any(word.lower() in json.dumps(one.args, default=str).lower() for word in SECRETS)
    ]


def test_every_call_with_text_of_the_incident_stays_among_its_members(
    outbound: tuple[Room, list[Call], str],
) -> None:
    room, calls, _ = outbound
    with reading(room.pair.tocsin.store) as session:
        members = {one.slack_id for one in members_of(session, room.row())}
    channels = room.pair.box.workspace.channels
    found = secret_calls(calls)
    assert {one.method for one in found} >= {"chat.postMessage", "chat.update", "views.open"}
    for one in found:
        args = one.args
        if one.method == "conversations.create":
            assert args["is_private"] in {True, "1", "true"}
        elif one.method in {"views.publish", "chat.postEphemeral"}:
            assert args.get("user_id", args.get("user")) in members
        elif one.method == "views.open":
            assert "Preserve as evidence" in json.dumps(args)
        else:
            target = channels[str(args["channel"])]
            bot = room.pair.box.app.bot_user_id
            direct = target.kind == "im" and set(target.members) - {bot} <= members
            assert target.id == room.channel or direct, (one.method, target.name)


def test_nothing_at_all_is_posted_into_a_public_channel(
    outbound: tuple[Room, list[Call], str],
) -> None:
    room, calls, _ = outbound
    public = {one.id for one in room.pair.box.workspace.channels.values() if one.kind == "public"}
    posts = [one for one in calls if one.method in {"chat.postMessage", "chat.update"}]
    assert len(posts) > 10
    assert [one for one in posts if one.args["channel"] in public] == []
    assert not [one for one in calls if one.method == "files.sharedPublicURL"]


def test_somebody_outside_sees_nothing_of_it(outbound: tuple[Room, list[Call], str]) -> None:
    room, _, _ = outbound
    sam = room.person(SAM)
    seen = json.dumps(
        [sam.messages(general(room.pair)), sam.direct_messages(), sam.home(), sam.channels()]
    ).lower()
    for word in SECRETS:
        assert word.lower() not in seen
    assert f"You have no incident {room.ref}" in seen or room.ref.lower() in seen


def test_the_message_about_a_refused_channel_says_no_title(
    outbound: tuple[Room, list[Call], str],
) -> None:
    room, _, _ = outbound
    told = [flat(one) for one in room.person().direct_messages() if "refused to make" in flat(one)]
    assert told
    for text in told:
        assert not any(word.lower() in text.lower() for word in SECRETS)


def test_the_programs_log_has_no_word_of_it(outbound: tuple[Room, list[Call], str]) -> None:
    _, _, log = outbound
    assert "waits for Slack" in log, "the log was kept"
    for word in SECRETS:
        assert word.lower() not in log.lower()
