"""What reaches us twice, late, unsigned or while Slack hangs: at most one change, always an answer.

The checks stand before everything else, so a refused request leaves no trace.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import perf_counter
from urllib.parse import urlencode

import pytest

from bot.practice import Practice
from tests.conftest import MovingClock
from tests.kit import ANA, SAM, until
from tests.slack_kit import (
    Room,
    command_body,
    flat,
    general,
    open_room,
    send,
    shown,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def room(pair: Practice) -> Room:
    return open_room(pair, "Delivered oddly")


@pytest.fixture
def faulty(pair: Practice) -> Iterator[Practice]:
    """The pair, well again after the test."""
    yield pair
    pair.box.faults.clear()
    pair.box.settle()


def signed_at(pair: Practice, body: str, at: datetime, *, secret: str = "") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    key = (secret or pair.tocsin.settings.slack_signing_secret).encode()
    digest = hmac.new(key, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def note(room: Room, trigger: str) -> str:
    return command_body(f"timeline note {trigger}", channel=room.channel, trigger=trigger)


# -- signatures -----------------------------------------------------------------------------


def test_unsigned_wrongly_signed_and_stale_requests_are_refused(
    room: Room, pair_clock: MovingClock
) -> None:
    body = note(room, "T-refused")
    now = pair_clock()
    fresh = signed_at(room.pair, body, now)
    before = room.log()
    refused = {
        "no signature": {},
        "no timestamp": {"X-Slack-Signature": fresh["X-Slack-Signature"]},
        "another secret": signed_at(room.pair, body, now, secret="not ours"),
        "another body": signed_at(room.pair, body + "&x=1", now),
        "too old": signed_at(room.pair, body, now - timedelta(minutes=5, seconds=1)),
        "from the future": signed_at(room.pair, body, now + timedelta(minutes=5, seconds=1)),
        "no number": {**fresh, "X-Slack-Request-Timestamp": "now"},
        "endless number": {**fresh, "X-Slack-Request-Timestamp": "9" * 5000},
        "empty signature": {**fresh, "X-Slack-Signature": ""},
    }
    for why, headers in refused.items():
        assert send(room.pair, body, headers=headers).status_code == 401, why
    assert room.log() == before


def test_just_within_five_minutes_is_taken(room: Room, pair_clock: MovingClock) -> None:
    body = note(room, "T-old-but-good")
    headers = signed_at(room.pair, body, pair_clock() - timedelta(minutes=4, seconds=59))
    assert send(room.pair, body, headers=headers).status_code == 200


def test_a_replayed_request_is_refused_and_acts_once(room: Room) -> None:
    body = note(room, "T-replayed")
    before = room.log().count("note.recorded")
    headers = room.pair.box.inbound.sign(body)
    assert send(room.pair, body, headers=headers).status_code == 200
    assert send(room.pair, body, headers=headers).status_code == 409
    assert room.log().count("note.recorded") == before + 1


def test_too_large_a_body_is_refused(room: Room) -> None:
    body = command_body("timeline note " + "x" * 1_000_001, channel=room.channel, trigger="T-big")
    assert send(room.pair, body).status_code == 413


@pytest.mark.parametrize("body", ["", "payload=%7B", "payload={}", "command=%2Fincident", "\x00"])
def test_a_signed_body_that_makes_no_sense_changes_nothing(room: Room, body: str) -> None:
    before = room.log()
    assert send(room.pair, body).status_code in {200, 400, 404, 500}
    assert room.log() == before
    assert "Delivered oddly" in room.type("status")


# -- repeated deliveries --------------------------------------------------------------------


def test_the_same_command_signed_anew_acts_once(room: Room, pair_clock: MovingClock) -> None:
    """Slack signs a repetition anew; the trigger tells that it is the same."""
    body = note(room, "T-again")
    before = room.log().count("note.recorded")
    for seconds in (0, 3, 60):
        headers = signed_at(room.pair, body, pair_clock() - timedelta(seconds=seconds))
        assert send(room.pair, body, headers=headers).status_code == 200
    assert room.log().count("note.recorded") == before + 1


def test_a_command_delivered_twice_opens_one_incident(faulty: Practice) -> None:
    faulty.box.faults.add("inbound:slash_command", "deliver_twice")
    room = open_room(faulty, "Only one of these")
    listed = shown(faulty.box.person(ANA).slash("/incident", "list", channel=general(faulty)))
    assert listed.count("Only one of these") == 1
    assert room.log().count("incident.opened") == 1


def test_a_form_submitted_twice_acts_once(faulty: Practice, pair_clock: MovingClock) -> None:
    room = open_room(faulty, "Form twice")
    room.person().click(room.card(), "open_fact")
    view = room.person().wait_modal(title="Record facts")
    payload = {
        "type": "view_submission",
        "team": {"id": "T0DEMO"},
        "user": {"id": ANA},
        "trigger_id": "T-form",
        "view": {
            **view,
            "state": {
                "values": {
                    "what_happened": {"value": {"type": "plain_text_input", "value": "a copy"}},
                    "source": {"value": {"type": "plain_text_input", "value": "query"}},
                }
            },
        },
    }
    body = urlencode({"payload": json.dumps(payload)})
    before = room.log().count("fact.recorded")
    for seconds in (0, 5):
        headers = signed_at(faulty, body, pair_clock() - timedelta(seconds=seconds))
        answer = send(faulty, body, headers=headers)
        assert (answer.status_code, answer.text) == (200, "")
    assert room.log().count("fact.recorded") == before + 1
    room.person().close()


def test_a_press_delivered_twice_acts_once(faulty: Practice) -> None:
    room = open_room(faulty, "Press twice")
    faulty.box.faults.add("inbound:block_actions", "deliver_twice")
    room.person().click(room.card(), "claim_legal")
    until(lambda: room.log().count("role.claimed") == 1)
    room.settle()
    assert room.log().count("role.claimed") == 1
    own = [one for one in room.person().messages(room.channel) if one.get("is_ephemeral")]
    assert len([one for one in own if "You are Legal" in flat(one)]) == 1


def test_a_shortcut_delivered_twice_preserves_once(faulty: Practice) -> None:
    room = open_room(faulty, "Shortcut twice")
    said = room.person().post(room.channel, "evidence")
    faulty.box.faults.add("inbound:message_action", "deliver_twice")
    room.person().message_shortcut("preserve_evidence", channel=room.channel, ts=said["ts"])
    until(lambda: room.log().count("message.preserved") == 1)
    room.settle()
    assert room.log().count("message.preserved") == 1


def test_an_event_delivered_twice_counts_once(faulty: Practice) -> None:
    room = open_room(faulty, "Joined twice")
    faulty.box.faults.add("inbound:event", "deliver_twice", times=None)
    box = faulty.box
    before = room.log().count("incident.member_joined")
    with box.workspace.lock:
        box.workspace.join(box.workspace.channels[room.channel], SAM, inviter=ANA)
    assert box.settle()
    until(lambda: room.log().count("incident.member_joined") == before + 1)
    assert room.log().count("incident.member_joined") == before + 1


# -- Slack hangs or refuses while a person waits --------------------------------------------


def test_open_is_answered_within_three_seconds_while_slack_hangs(faulty: Practice) -> None:
    faulty.box.faults.add("views.open", "timeout_before_work", seconds=8)
    started = perf_counter()
    ack = faulty.box.person(ANA).slash("/incident", "open Mail server", channel=general(faulty))
    assert perf_counter() - started < 3
    assert ack.ok
    said = shown(ack)
    assert "Slack didn't answer in time" in said
    assert "`/incident open data_breach SEV2 what happened`" in said


@pytest.mark.parametrize(
    ("kind", "code"), [("api_error", "missing_scope"), ("server_error", ""), ("rate_limited", "")]
)
def test_a_form_that_slack_refuses_leaves_the_person_with_another_way(
    faulty: Practice, room: Room, kind: str, code: str
) -> None:
    faulty.box.faults.add("views.open", kind, code=code or "internal_error")
    said = room.type("fact")
    assert "Record it in words: `/incident fact aware at 10:00`." in said
    assert ("`missing_scope`" in said) == bool(code)


def test_a_press_is_answered_although_slack_refuses_the_form(faulty: Practice) -> None:
    room = open_room(faulty, "Refused form")
    faulty.box.faults.add("views.open", "api_error", code="missing_scope")
    room.person().click(room.card(), "open_fact")
    until(
        lambda: any(
            "Slack didn't answer in time or refused (`missing_scope`)" in flat(one)
            for one in room.person().messages(room.channel)
            if one.get("is_ephemeral")
        )
    )


def test_presses_while_slack_hangs_dont_keep_commands_waiting(faulty: Practice) -> None:
    room = open_room(faulty, "Many presses")
    faulty.box.faults.add("views.open", "timeout_before_work", seconds=8, times=6)
    card = room.card()
    for _ in range(6):
        assert room.person().click(card, "open_fact").ok
    started = perf_counter()
    assert "Many presses" in room.type("status")
    assert perf_counter() - started < 2


def test_a_home_tab_that_slack_refuses_is_shown_at_the_next_visit(faulty: Practice) -> None:
    faulty.box.faults.add("views.publish", "server_error")
    sam = faulty.box.person(SAM)
    first = sam.open_home(seconds=0.5)
    second = sam.open_home()
    assert second is not None
    assert second != first


def test_times_in_the_log_are_of_the_command_not_of_the_machine(
    room: Room, pair_clock: MovingClock
) -> None:
    # Another test of this worker may have moved the pair's clock.
    assert f"contained as of {pair_clock():%Y-%m-%d %H:%M} UTC" in room.type("contain")
