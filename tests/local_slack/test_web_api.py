"""The Web API over real HTTP, spoken to by the real slack_sdk client."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.local_slack.box import LocalSlack
from bot.local_slack.server import Running
from tests.local_slack.conftest import START, TOKEN, Hands


def refusal(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Return the answer of a call that must be refused."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    found: dict[str, Any] = refused.value.response.data
    return found


def private_channel(client: WebClient, *people: str, name: str = "inc-0001") -> str:
    channel: str = client.conversations_create(name=name, is_private=True)["channel"]["id"]
    if people:
        client.conversations_invite(channel=channel, users=list(people))
    return channel


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def test_auth_test_tells_who_the_bot_is(client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"], answer["team"]) == (
        "U0TOCSIN",
        "T0DEMO",
        "Halden Mutual",
    )


def test_wrong_or_missing_token_is_refused(http: httpx.Client, running: Running) -> None:
    wrong = WebClient(token="xoxb-other", base_url=running.api_url)
    assert refusal(wrong.auth_test)["error"] == "invalid_auth"
    assert http.post(f"{running.api_url}auth.test").json()["error"] == "not_authed"


def test_unknown_method_is_refused(client: WebClient) -> None:
    assert refusal(client.api_call, api_method="files.sharedPublicURL")["error"] == "unknown_method"


def test_missing_scope_names_what_is_needed(make_box: Callable[..., Running]) -> None:
    running = make_box(scopes=frozenset({"chat:write", "channels:manage"}))
    client = WebClient(token=TOKEN, base_url=running.api_url)
    answer = refusal(client.conversations_create, name="inc-1", is_private=True)
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "groups:write"
    assert answer["provided"] == "channels:manage,chat:write"
    assert client.conversations_create(name="open-1")["channel"]["is_private"] is False


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
        ("a" * 81, "invalid_name_maxlength"),
    ],
)
def test_channel_names_follow_slacks_rules(client: WebClient, name: str, code: str) -> None:
    assert refusal(client.conversations_create, name=name)["error"] == code


def test_a_taken_name_comes_without_an_id_even_after_archiving(client: WebClient) -> None:
    channel = private_channel(client)
    client.conversations_archive(channel=channel)
    assert refusal(client.conversations_create, name="inc-0001", is_private=True) == {
        "ok": False,
        "error": "name_taken",
    }


def test_invite_refuses_as_slack_does(client: WebClient) -> None:
    channel = private_channel(client, "U0ANA")
    for user, code in [
        ("U0ANA", "already_in_channel"),
        ("U0TOCSIN", "cant_invite_self"),
        ("U0NOBODY", "user_not_found"),
    ]:
        assert refusal(client.conversations_invite, channel=channel, users=user)["error"] == code
    answer = refusal(client.conversations_invite, channel=channel, users=["U0ANA", "U0LENA"])
    assert answer["errors"] == [{"user": "U0ANA", "ok": False, "error": "already_in_channel"}]
    assert client.conversations_members(channel=channel)["members"] == ["U0TOCSIN", "U0ANA"]


def test_a_private_channel_is_unknown_to_those_outside(client: WebClient, box: LocalSlack) -> None:
    channel = private_channel(client, "U0ANA")
    assert box.person("U0ANA").channels()["inc-0001"] == channel
    assert "inc-0001" not in box.person("U0SAM").channels()
    client.conversations_leave(channel=channel)
    assert refusal(client.conversations_info, channel=channel)["error"] == "channel_not_found"
    assert (
        refusal(client.chat_postMessage, channel=channel, text="x")["error"] == "channel_not_found"
    )
    listed = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert [c["name"] for c in listed] == ["general", "security"]


def test_lists_come_in_pages(client: WebClient) -> None:
    first = client.conversations_list(limit=1)
    assert [c["name"] for c in first["channels"]] == ["general"]
    cursor = first["response_metadata"]["next_cursor"]
    second = client.conversations_list(limit=1, cursor=cursor)
    assert [c["name"] for c in second["channels"]] == ["security"]
    assert second["response_metadata"]["next_cursor"] == ""
    assert refusal(client.conversations_list, cursor="%%")["error"] == "invalid_cursor"


def test_timestamps_rise_even_when_the_clock_stands_or_goes_back(
    client: WebClient, hands: Hands
) -> None:
    channel = private_channel(client)
    first = client.chat_postMessage(channel=channel, text="one")["ts"]
    second = client.chat_postMessage(channel=channel, text="two")["ts"]
    hands.now = START - timedelta(hours=1)
    third = client.chat_postMessage(channel=channel, text="three")["ts"]
    hands.now = START + timedelta(hours=1)
    fourth = client.chat_postMessage(channel=channel, text="four")["ts"]
    assert [first, second, third] == [f"1795251600.000{n}00" for n in (1, 2, 3)]
    assert fourth == "1795255200.000000"


def test_history_and_replies(client: WebClient) -> None:
    channel = private_channel(client)
    note = {"event_type": "card", "event_payload": {"key": "k1"}}
    parent = client.chat_postMessage(channel=channel, text="parent", metadata=note)["ts"]
    reply = client.chat_postMessage(channel=channel, text="reply", thread_ts=parent)["ts"]
    newest = client.chat_postMessage(channel=channel, text="newest")["ts"]

    plain = client.conversations_history(channel=channel, limit=2)
    assert [m["text"] for m in plain["messages"]] == ["newest", "parent"]
    assert plain["has_more"] is True
    assert "metadata" not in plain["messages"][1]
    with_notes = client.conversations_history(channel=channel, include_all_metadata=True)
    assert with_notes["messages"][1]["metadata"] == note
    assert with_notes["messages"][1]["reply_count"] == 1

    after = client.conversations_history(channel=channel, oldest=parent)["messages"]
    assert [m["ts"] for m in after] == [newest]
    upto = client.conversations_history(
        channel=channel, oldest=parent, latest=newest, inclusive=True
    )["messages"]
    assert [m["ts"] for m in upto] == [newest, parent]
    thread = client.conversations_replies(channel=channel, ts=parent)["messages"]
    assert [m["ts"] for m in thread] == [parent, reply]
    missing = refusal(client.conversations_replies, channel=channel, ts="1.000100")
    assert missing["error"] == "thread_not_found"


def test_posting_is_refused_as_slack_does(client: WebClient) -> None:
    channel = private_channel(client)
    empty = refusal(client.api_call, api_method="chat.postMessage", json={"channel": channel})
    assert empty["error"] == "no_text"
    long = refusal(client.chat_postMessage, channel=channel, text="x" * 40_001)
    assert long["error"] == "msg_too_long"
    assert refusal(client.chat_postMessage, channel="C0", text="x")["error"] == "channel_not_found"
    bad = refusal(client.chat_postMessage, channel=channel, text="x", metadata={"event_type": "a"})
    assert bad["error"] == "invalid_metadata_format"
    client.conversations_archive(channel=channel)
    assert refusal(client.chat_postMessage, channel=channel, text="x")["error"] == "is_archived"
    general = client.conversations_list()["channels"][0]["id"]
    client.conversations_leave(channel=general)
    assert refusal(client.chat_postMessage, channel=general, text="x")["error"] == "not_in_channel"


@pytest.mark.parametrize(
    ("blocks", "finding"),
    [
        (
            [section("x" * 3001)],
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [section("a", block_id="b"), section("c", block_id="b")],
            "duplicate block_id: b [json-pointer:/blocks/1/block_id]",
        ),
        (
            [
                section(
                    "a",
                    accessory={
                        "type": "button",
                        "action_id": "go",
                        "text": {"type": "plain_text", "text": "x" * 76},
                    },
                )
            ],
            "must be less than 76 characters [json-pointer:/blocks/0/accessory/text/text]",
        ),
    ],
)
def test_blocks_beyond_the_limits_are_refused(
    client: WebClient, blocks: list[dict[str, Any]], finding: str
) -> None:
    channel = private_channel(client)
    answer = refusal(client.chat_postMessage, channel=channel, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {finding}"]


def test_two_buttons_with_one_action_id_are_refused(client: WebClient) -> None:
    channel = private_channel(client)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    answer = refusal(
        client.chat_postMessage,
        channel=channel,
        text="x",
        blocks=[{"type": "actions", "elements": [button, button]}],
    )
    assert answer["errors"] == [
        "`action_id` go already exists [json-pointer:/blocks/0/elements/1/action_id]"
    ]


def test_update_replaces_blocks_and_text_alone_removes_them(
    client: WebClient, box: LocalSlack
) -> None:
    channel = private_channel(client, "U0ANA")
    ts = client.chat_postMessage(channel=channel, text="old", blocks=[section("old")])["ts"]
    client.chat_update(channel=channel, ts=ts, text="new", blocks=[section("new")])
    assert box.person("U0ANA").messages(channel)[-1]["blocks"][0]["text"]["text"] == "new"
    client.chat_update(channel=channel, ts=ts, text="bare")
    last = box.person("U0ANA").messages(channel)[-1]
    assert (last["text"], "blocks" in last, last["ts"]) == ("bare", False, ts)
    theirs = box.person("U0ANA").post(channel, "mine")["ts"]
    answer = refusal(client.chat_update, channel=channel, ts=theirs, text="x")
    assert answer["error"] == "cant_update_message"
    gone = refusal(client.chat_update, channel=channel, ts="1.000100", text="x")
    assert gone["error"] == "message_not_found"


def test_ephemeral_messages_are_seen_by_one_person(client: WebClient, box: LocalSlack) -> None:
    channel = private_channel(client, "U0ANA", "U0LENA")
    client.chat_postEphemeral(channel=channel, user="U0ANA", text="only you")
    assert box.person("U0ANA").messages(channel)[-1]["is_ephemeral"] is True
    assert box.person("U0LENA").messages(channel)[-1]["text"] != "only you"
    assert client.conversations_history(channel=channel)["messages"][0]["text"] != "only you"
    answer = refusal(client.chat_postEphemeral, channel=channel, user="U0SAM", text="x")
    assert answer["error"] == "user_not_in_channel"


def test_pins_and_bookmarks(client: WebClient) -> None:
    channel = private_channel(client)
    ts = client.chat_postMessage(channel=channel, text="card")["ts"]
    client.pins_add(channel=channel, timestamp=ts)
    assert refusal(client.pins_add, channel=channel, timestamp=ts)["error"] == "already_pinned"
    assert [i["message"]["text"] for i in client.pins_list(channel=channel)["items"]] == ["card"]
    client.pins_remove(channel=channel, timestamp=ts)
    assert refusal(client.pins_remove, channel=channel, timestamp=ts)["error"] == "no_pin"

    added = client.bookmarks_add(
        channel_id=channel, title="Desk", type="link", link="http://127.0.0.1/x"
    )["bookmark"]
    client.bookmarks_edit(channel_id=channel, bookmark_id=added["id"], title="Notice desk")
    listed = client.bookmarks_list(channel_id=channel)["bookmarks"]
    assert [b["title"] for b in listed] == ["Notice desk"]
    bad = refusal(client.bookmarks_add, channel_id=channel, title="x", type="link", link="ftp:")
    assert bad["error"] == "invalid_link"


def test_direct_messages_open_once(client: WebClient, box: LocalSlack) -> None:
    first = client.conversations_open(users="U0ANA")["channel"]["id"]
    assert client.conversations_open(users=["U0ANA"])["channel"]["id"] == first
    assert client.chat_postMessage(channel="U0ANA", text="hello")["channel"] == first
    assert [m["text"] for m in box.person("U0ANA").direct_messages()] == ["hello"]


def test_topic_is_set_and_said_in_the_channel(client: WebClient, box: LocalSlack) -> None:
    channel = private_channel(client, "U0ANA")
    answer = client.conversations_setTopic(channel=channel, topic="SEV2")
    assert answer["channel"]["topic"]["value"] == "SEV2"
    assert box.person("U0ANA").messages(channel)[-1]["subtype"] == "group_topic"
    assert (
        refusal(client.conversations_setTopic, channel=channel, topic="x" * 251)["error"]
        == "too_long"
    )


def test_files_are_private(http: httpx.Client, client: WebClient, running: Running) -> None:
    box = running.box
    channel = private_channel(client, "U0ANA")
    shared = box.person("U0ANA").upload(channel, "dump.bin", b"\x00\x01secret")
    file = client.files_info(file=shared["id"])["file"]
    assert (file["is_public"], file["public_url_shared"], file["groups"]) == (
        False,
        False,
        [channel],
    )
    allowed = http.get(file["url_private"], headers={"Authorization": f"Bearer {TOKEN}"})
    assert allowed.content == b"\x00\x01secret"
    for headers in ({}, {"Authorization": "Bearer xoxb-other"}):
        page = http.get(file["url_private"], headers=headers)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert b"secret" not in page.content
    elsewhere = http.get(f"{running.url}/box/file/{file['id']}", params={"as": "U0SAM"})
    assert elsewhere.status_code == 404
    general = box.channel_id("general")
    client.conversations_leave(channel=channel)
    assert refusal(client.files_info, file=file["id"])["error"] == "file_not_found"
    assert general != channel


def test_upload_in_the_new_way(client: WebClient, box: LocalSlack) -> None:
    channel = private_channel(client, "U0LENA")
    done = client.files_upload_v2(
        channel=channel, content="%PDF-1.7", filename="notice.pdf", title="Art. 33 notice"
    )
    message = box.person("U0LENA").messages(channel)[-1]
    assert message["subtype"] == "file_share"
    assert (message["files"][0]["id"], message["files"][0]["title"]) == (
        done["file"]["id"],
        "Art. 33 notice",
    )
    assert box.shelf.get(done["file"]["id"]) == b"%PDF-1.7"


def test_every_call_is_recorded(client: WebClient, box: LocalSlack) -> None:
    channel = private_channel(client)
    client.chat_postMessage(channel=channel, text="hello")
    last = box.calls[-1]
    assert (last.method, last.args["text"], last.at, last.worked, last.answered) == (
        "chat.postMessage",
        "hello",
        START,
        True,
        True,
    )
    assert "token" not in last.args
