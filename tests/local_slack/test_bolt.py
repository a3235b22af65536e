"""A small real Bolt app works against the box: commands, clicks, modals, events, shortcuts."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.local_slack.box import LocalSlack
from bot.local_slack.driver import NothingSeenError
from bot.local_slack.forms import UnknownInputError
from bot.local_slack.interactions import TROUBLE, NothingOpenError
from bot.local_slack.server import Running
from tests.local_slack.conftest import SECRET, Hands, ServedApp, real_time

PLAIN = "plain_text"


def text(value: str) -> dict[str, str]:
    return {"type": PLAIN, "text": value}


def option(value: str) -> dict[str, Any]:
    return {"text": text(value.upper()), "value": value}


def modal(title: str = "Open incident", **more: Any) -> dict[str, Any]:
    """Return a modal with one of each kind of input."""

    def field(block_id: str, element: dict[str, Any], **also: Any) -> dict[str, Any]:
        element = {"action_id": "v", **element}
        return {
            "type": "input",
            "block_id": block_id,
            "label": text(block_id),
            "element": element,
            **also,
        }

    options = [option("sev1"), option("sev2")]
    return {
        "type": "modal",
        "callback_id": "open",
        "title": text(title),
        "submit": text("Open"),
        "private_metadata": "meta",
        "blocks": [
            field("what", {"type": "plain_text_input", "multiline": True, "max_length": 20}),
            field("sev", {"type": "static_select", "options": options}),
            field("tags", {"type": "multi_static_select", "options": options}, optional=True),
            field("who", {"type": "users_select", "initial_user": "U0ANA"}),
            field("where", {"type": "conversations_select"}, optional=True),
            field("kind", {"type": "radio_buttons", "options": options}, optional=True),
            field("boxes", {"type": "checkboxes", "options": options}, optional=True),
            field("day", {"type": "datepicker"}, optional=True),
            field("hour", {"type": "timepicker"}, optional=True),
            field("at", {"type": "datetimepicker"}, optional=True),
            field(
                "count",
                {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"},
                optional=True,
            ),
        ],
        **more,
    }


def listen_to_command(served: ServedApp) -> None:
    """Let /incident open the modal."""

    @served.bolt.command("/incident")
    def incident(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal())


def test_modal_with_field_errors_then_submit(served_app: ServedApp, box: LocalSlack) -> None:
    seen: list[dict[str, Any]] = []
    listen_to_command(served_app)

    @served_app.bolt.view("open")
    def submitted(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body)
        if body["view"]["state"]["values"]["what"]["v"]["value"] == "bad":
            ack(response_action="errors", errors={"what": "Say what happened"})
        else:
            ack()

    ana = box.person("U0ANA")
    general = box.channel_id("general")
    assert ana.slash("/incident", "open", channel=general).ok

    untouched = ana.submit()
    assert untouched.errors == dict.fromkeys(
        ("what", "sev"), "Please complete this required field."
    )
    assert seen == []  # Slack's client stops it; the app never hears

    refused = ana.submit(values={"what": "bad", "sev": "SEV1"})
    assert refused.errors == {"what": "Say what happened"}
    assert ana.modal() is not None

    assert ana.submit(values={"what": "lost laptop", "count": 1200}).ok
    assert ana.modal() is None
    values = seen[1]["view"]["state"]["values"]
    assert values["what"]["v"] == {"type": "plain_text_input", "value": "lost laptop"}
    assert values["sev"]["v"]["selected_option"]["value"] == "sev1"
    assert values["who"]["v"] == {"type": "users_select", "selected_user": "U0ANA"}
    assert values["tags"]["v"] == {"type": "multi_static_select", "selected_options": []}
    assert values["day"]["v"] == {"type": "datepicker", "selected_date": None}
    assert values["count"]["v"] == {"type": "number_input", "value": "1200"}
    assert seen[1]["user"]["id"] == "U0ANA"
    assert seen[1]["view"]["private_metadata"] == "meta"
    assert seen[1]["view"]["root_view_id"] == seen[1]["view"]["id"]


def test_plain_values_become_the_state_of_each_element(
    served_app: ServedApp, box: LocalSlack, hands: Hands
) -> None:
    states: list[dict[str, Any]] = []
    listen_to_command(served_app)

    @served_app.bolt.view("open")
    def submitted(ack: Ack, view: dict[str, Any]) -> None:
        states.append({k: v["v"] for k, v in view["state"]["values"].items()})
        ack()

    ana = box.person("U0ANA")
    general = box.channel_id("general")
    ana.slash("/incident", "open", channel=general)
    given = {
        "what": "x",
        "sev": "sev2",
        "tags": ["sev1", "SEV2"],
        "who": "U0LENA",
        "where": general,
        "kind": "sev1",
        "boxes": ["sev2"],
        "day": hands.now.date(),
        "hour": hands.now.time(),
        "at": hands.now,
    }
    assert ana.submit(values=given).ok
    state = states[0]
    assert [o["value"] for o in state["tags"]["selected_options"]] == ["sev1", "sev2"]
    assert state["who"]["selected_user"] == "U0LENA"
    assert state["where"]["selected_conversation"] == general
    assert state["kind"]["selected_option"]["text"]["text"] == "SEV1"
    assert [o["value"] for o in state["boxes"]["selected_options"]] == ["sev2"]
    assert state["day"]["selected_date"] == "2026-11-21"
    assert state["hour"]["selected_time"] == "09:00"
    assert state["at"]["selected_date_time"] == 1795251600
    with pytest.raises(NothingOpenError):
        ana.submit()


def test_unknown_inputs_and_options_are_named(served_app: ServedApp, box: LocalSlack) -> None:
    listen_to_command(served_app)
    ana = box.person("U0ANA")
    ana.slash("/incident", channel=box.channel_id("general"))
    with pytest.raises(UnknownInputError, match="no input nope; there are: what, sev"):
        ana.submit(values={"nope": 1})
    with pytest.raises(UnknownInputError, match="no option 'sev9' in v; there are: sev1, sev2"):
        ana.submit(values={"sev": "sev9"})


def test_update_push_and_clear(served_app: ServedApp, box: LocalSlack) -> None:
    answers: Iterator[dict[str, Any]] = iter(
        [
            {"response_action": "update", "view": modal("Second")},
            {"response_action": "push", "view": modal("On top")},
            {"response_action": "clear"},
        ]
    )
    listen_to_command(served_app)

    @served_app.bolt.view("open")
    def submitted(ack: Ack) -> None:
        ack(**next(answers))

    ana = box.person("U0ANA")
    ana.slash("/incident", channel=box.channel_id("general"))
    first = ana.need_modal()
    given = {"what": "x", "sev": "sev1"}
    assert ana.submit(values=given).ok
    second = ana.need_modal()
    assert (second["title"]["text"], second["id"]) == ("Second", first["id"])
    assert second["hash"] != first["hash"]
    assert ana.submit(values=given).ok
    top = ana.need_modal()
    assert (top["title"]["text"], top["previous_view_id"], top["root_view_id"]) == (
        "On top",
        first["id"],
        first["id"],
    )
    assert ana.submit(values=given).ok
    assert ana.modal() is None


def test_a_bad_answer_to_a_submission_is_trouble(served_app: ServedApp, box: LocalSlack) -> None:
    listen_to_command(served_app)

    @served_app.bolt.view("open")
    def submitted(ack: Ack) -> None:
        ack(response_action="errors", errors={"no_such_block": "x"})

    ana = box.person("U0ANA")
    ana.slash("/incident", channel=box.channel_id("general"))
    done = ana.submit(values={"what": "x", "sev": "sev1"})
    assert (done.ok, done.notice) == (False, TROUBLE)
    assert ana.modal() is not None


def test_triggers_open_one_modal_within_three_seconds(
    served_app: ServedApp, box: LocalSlack, client: WebClient, hands: Hands
) -> None:
    triggers: list[str] = []

    @served_app.bolt.shortcut("open_incident")
    def opened(ack: Ack, body: dict[str, Any]) -> None:
        triggers.append(body["trigger_id"])
        ack()

    def code(trigger_id: str, view: dict[str, Any]) -> str:
        try:
            client.views_open(trigger_id=trigger_id, view=view)
        except SlackApiError as error:
            return str(error.response["error"])
        return "ok"

    ana = box.person("U0ANA")
    ana.shortcut("open_incident")
    ana.shortcut("open_incident")
    assert code(triggers[0], modal("x" * 25)) == "invalid_arguments"
    assert code(triggers[0], modal()) == "ok"
    assert code(triggers[0], modal()) == "exchanged_trigger_id"
    hands.pass_time(3.1)
    assert code(triggers[1], modal()) == "expired_trigger_id"
    assert code("1.2.3", modal()) == "invalid_trigger_id"


def test_views_update_knows_hash_and_keeps_typing(
    served_app: ServedApp, box: LocalSlack, client: WebClient
) -> None:
    listen_to_command(served_app)
    ana = box.person("U0ANA")
    ana.slash("/incident", channel=box.channel_id("general"))
    view = ana.need_modal()
    fresh = client.views_update(view_id=view["id"], hash=view["hash"], view=modal("Newer"))["view"]
    assert fresh["title"]["text"] == "Newer"
    with pytest.raises(SlackApiError) as stale:
        client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert stale.value.response["error"] == "hash_conflict"
    with pytest.raises(SlackApiError) as gone:
        client.views_update(view_id="V0NONE", view=modal())
    assert gone.value.response["error"] == "not_found"


def test_buttons_in_messages(served_app: ServedApp, box: LocalSlack, client: WebClient) -> None:
    seen: list[dict[str, Any]] = []

    @served_app.bolt.action("claim")
    def claim(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        seen.append(body)
        respond(text="claimed", replace_original=True)

    channel = client.conversations_create(name="inc-1", is_private=True)["channel"]["id"]
    client.conversations_invite(channel=channel, users="U0FARID")
    button = {"type": "button", "action_id": "claim", "text": text("Claim"), "value": "forensics"}
    client.chat_postMessage(
        channel=channel, text="roles", blocks=[{"type": "actions", "elements": [button]}]
    )
    farid = box.person("U0FARID")
    message = farid.messages(channel)[-1]
    assert farid.click(message, "claim").ok
    action = seen[0]["actions"][0]
    assert (action["value"], action["type"], action["block_id"]) == (
        "forensics",
        "button",
        message["blocks"][0]["block_id"],
    )
    assert seen[0]["container"] == {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel,
        "is_ephemeral": False,
    }
    assert seen[0]["channel"] == {"id": channel, "name": "privategroup"}
    assert seen[0]["message"]["ts"] == message["ts"]
    assert farid.messages(channel)[-1]["text"] == "claimed"
    with pytest.raises(UnknownInputError, match="nothing to click with 'claim'"):
        farid.click(farid.messages(channel)[-1], "claim")


def test_answers_to_a_command(
    http: httpx.Client, served_app: ServedApp, box: LocalSlack, hands: Hands
) -> None:
    urls: list[str] = []

    @served_app.bolt.command("/incident")
    def incident(ack: Ack, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        assert body["channel_name"] == "general"
        ack(f"you said: {body['text']}")

    ana, sam = box.person("U0ANA"), box.person("U0SAM")
    general = box.channel_id("general")
    ana.slash("/incident", "role @lena #general", channel=general)
    said = f"you said: role <@U0LENA|lena> <#{general}|general>"
    assert ana.messages(general)[-1]["text"] == said
    assert sam.messages(general) == []

    def answer(**body: Any) -> tuple[int, str]:
        found = http.post(urls[0], json=body)
        return found.status_code, found.text

    assert answer(text="to all", response_type="in_channel") == (200, "ok")
    assert sam.messages(general)[-1]["text"] == "to all"
    for _ in range(4):
        assert answer(text="again")[0] == 200
    assert answer(text="sixth") == (404, '{"ok":false,"error":"used_url"}')
    ana.slash("/incident", "help", channel=general)
    hands.pass_time(30 * 60 + 1)
    late = http.post(urls[1], json={"text": "late"})
    assert (late.status_code, late.json()["error"]) == (404, "expired_url")


def test_failures_are_shown_as_slack_shows_them(served_app: ServedApp, box: LocalSlack) -> None:
    general = box.channel_id("general")
    ana = box.person("U0ANA")
    assert ana.slash("/incident", channel=general).failure == "dispatch_failed"  # 404: no listener
    assert ana.messages(general)[-1]["text"] == '/incident failed with the error "dispatch_failed"'
    assert served_app.headers[0]["x-slack-signature"].startswith("v0=")
    ana.shortcut("nobody_listens")
    assert ana.notices() == ["This app responded with Status Code 404."]
    assert ana.slash("/unknown", channel=general).failure == "invalid_command"


@pytest.mark.slow
def test_a_slow_app_times_out(served_app: ServedApp, box: LocalSlack) -> None:
    box.inbound.ack_seconds = 0.1

    @served_app.bolt.command("/incident")
    def incident(ack: Ack) -> None:
        assert not box.wait_for(lambda: False, seconds=0.5)
        ack()

    ana = box.person("U0ANA")
    general = box.channel_id("general")
    assert ana.slash("/incident", channel=general).failure == "operation_timeout"
    assert (
        ana.messages(general)[-1]["text"] == '/incident failed with the error "operation_timeout"'
    )


def test_events_reach_the_app(served_app: ServedApp, box: LocalSlack, client: WebClient) -> None:
    seen: list[dict[str, Any]] = []

    @served_app.bolt.event("app_home_opened")
    def opened(event: dict[str, Any], client: WebClient) -> None:
        seen.append(event)
        block = {"type": "section", "text": text("My tasks")}
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [block]})

    @served_app.bolt.event("member_joined_channel")
    def joined(event: dict[str, Any]) -> None:
        seen.append(event)

    @served_app.bolt.event("file_shared")
    def shared(event: dict[str, Any]) -> None:
        seen.append(event)

    home = box.person("U0ANA").open_home()
    assert home is not None
    assert home["blocks"][0]["text"]["text"] == "My tasks"
    channel = client.conversations_create(name="inc-1", is_private=True)["channel"]["id"]
    client.conversations_invite(channel=channel, users="U0ANA")
    box.person("U0ANA").upload(channel, "log.txt", b"x")
    assert box.settle()
    assert [(e["type"], e.get("user") or e.get("user_id")) for e in seen] == [
        ("app_home_opened", "U0ANA"),
        ("member_joined_channel", "U0TOCSIN"),
        ("member_joined_channel", "U0ANA"),
        ("file_shared", "U0ANA"),
    ]


def test_waiting_says_what_is_there(box: LocalSlack) -> None:
    ana = box.person("U0ANA")
    general = box.channel_id("general")
    ana.post(general, "hello")
    assert ana.wait_message(general, "hello")["user"] == "U0ANA"
    with pytest.raises(NothingSeenError, match=r"U0ANA sees no 'x y'; there are: \['hello'\]"):
        ana.wait_message(general, "x y", seconds=0.01)
    with pytest.raises(NothingOpenError, match="U0ANA has no modal 'Open' after"):
        ana.wait_modal(title="Open", seconds=0.01)


def test_message_shortcut_carries_the_message(served_app: ServedApp, box: LocalSlack) -> None:
    seen: list[dict[str, Any]] = []

    @served_app.bolt.shortcut("preserve")
    def preserve(ack: Ack, body: dict[str, Any]) -> None:
        seen.append(body)
        ack()

    general = box.channel_id("general")
    ts = box.person("U0SAM").post(general, "call @ana <now> & fast")["ts"]
    assert box.person("U0ANA").message_shortcut("preserve", channel=general, ts=ts).ok
    assert seen[0]["message"]["text"] == "call <@U0ANA> &lt;now&gt; &amp; fast"
    assert (seen[0]["message_ts"], seen[0]["message"]["user"]) == (ts, "U0SAM")


def test_closing_is_told_only_when_asked(served_app: ServedApp, box: LocalSlack) -> None:
    closed: list[bool] = []
    views = iter([modal(), modal(notify_on_close=True)])

    @served_app.bolt.command("/incident")
    def incident(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=next(views))

    @served_app.bolt.view_closed("open")
    def was_closed(ack: Ack, body: dict[str, Any]) -> None:
        closed.append(body["is_cleared"])
        ack()

    ana = box.person("U0ANA")
    general = box.channel_id("general")
    ana.slash("/incident", channel=general)
    assert ana.close() is None
    ana.slash("/incident", channel=general)
    answer = ana.close()
    assert answer is not None
    assert answer.ok
    assert closed == [False]


def test_a_wrong_signature_is_refused_by_bolt(
    http: httpx.Client, served_app: ServedApp, running: Running
) -> None:
    assert SECRET
    body = "command=%2Fincident"
    good = running.box.inbound.sign(body)
    bad = {**good, "X-Slack-Signature": "v0=" + "0" * 64}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert http.post(served_app.url, content=body, headers=kind | bad).status_code == 401
    assert int(good["X-Slack-Request-Timestamp"]) == pytest.approx(real_time().timestamp(), abs=5)
