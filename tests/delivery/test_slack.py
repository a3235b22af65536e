"""The gateway's way of failing: what is tried again, what is final, what is never done."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from slack_sdk import WebClient

from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError
from bot.practice import Practice
from tests.slack_kit import open_room

Answer = tuple[int, dict[str, str], bytes]


class Api(http.server.BaseHTTPRequestHandler):
    """A Web API that answers each method with what the test laid out."""

    answers: ClassVar[dict[str, Answer]] = {}
    calls: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        method = self.path.rpartition("/")[2]
        self.calls.append(method)
        status, headers, body = self.answers[method]
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def api_url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(api_url: str) -> SlackGateway:
    Api.answers.clear()
    Api.calls.clear()
    return SlackGateway(WebClient(token="xoxb", base_url=api_url, timeout=2, retry_handlers=[]))


def ok(**body: object) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps({"ok": True, **body}).encode()


def no(code: str, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps({"ok": False, "error": code}).encode()


def post(gateway: SlackGateway) -> str:
    return gateway.post("C1", key="k", text="t", blocks=[])


AWAY = [
    ("500", no("internal_error", 500), 2.0),
    ("503 with a page", (503, {"Content-Type": "text/html"}, b"<html>"), 2.0),
    ("200 with a proxy's page", (200, {"Content-Type": "text/html"}, b"<html>"), 2.0),
    ("429 with its time", no("ratelimited", 429, **{"Retry-After": "17"}), 17.0),
    ("429 without", no("ratelimited", 429), 2.0),
    ("429 with a date", no("ratelimited", 429, **{"Retry-After": "Thu, 1 Jan"}), 2.0),
    ("fatal_error", no("fatal_error"), 2.0),
    ("service_unavailable", no("service_unavailable"), 2.0),
    ("hang-up", (0, {}, b""), 2.0),
    ("half a body", (200, {"Content-Length": "1000"}, b'{"ok":'), 2.0),
]


@pytest.mark.parametrize(("why", "answer", "wait"), AWAY, ids=[one[0] for one in AWAY])
def test_what_is_tried_again_is_called_once_and_left_to_the_job(
    gateway: SlackGateway, why: str, answer: Answer, wait: float
) -> None:
    """The SDK's own retries would post twice when only the answer was lost."""
    Api.answers["chat.postMessage"] = answer
    with pytest.raises(SlackUnavailableError) as away:
        post(gateway)
    assert away.value.retry_after_s == wait, why
    assert Api.calls == ["chat.postMessage"]


@pytest.mark.parametrize(
    "code", ["invalid_auth", "missing_scope", "name_taken", "not_in_channel", "invalid_blocks"]
)
def test_what_is_final_is_refused_with_slacks_code_and_nothing_else(
    gateway: SlackGateway, code: str
) -> None:
    Api.answers["chat.postMessage"] = no(code)
    with pytest.raises(SlackRefusedError) as refused:
        post(gateway)
    assert refused.value.code == code
    assert str(refused.value) == f"Slack refused chat_postMessage: {code}"
    assert Api.calls == ["chat.postMessage"]


def test_a_channel_that_comes_back_public_is_refused(gateway: SlackGateway) -> None:
    Api.answers["conversations.create"] = ok(channel={"id": "C1", "is_private": False})
    with pytest.raises(SlackRefusedError) as refused:
        gateway.make_private_channel("inc-2026-0001")
    assert refused.value.code == "not_private"


def own(name: str, creator: str, *, private: bool = True) -> dict[str, object]:
    return {"id": "C7", "name": name, "creator": creator, "is_private": private}


@pytest.mark.parametrize(
    ("channels", "found"),
    [
        ([own("inc-1", "U0BOT")], "C7"),
        ([own("inc-1", "U0SAM")], None),
        ([own("inc-1", "U0BOT", private=False)], None),
        ([own("inc-10", "U0BOT")], None),
        ([], None),
    ],
)
def test_a_taken_name_is_ours_only_if_we_made_the_channel(
    gateway: SlackGateway, channels: list[dict[str, object]], found: str | None
) -> None:
    Api.answers["conversations.create"] = no("name_taken")
    Api.answers["auth.test"] = ok(user_id="U0BOT")
    Api.answers["users.conversations"] = ok(
        channels=channels, response_metadata={"next_cursor": ""}
    )
    if found:
        assert gateway.make_private_channel("inc-1") == found
        return
    with pytest.raises(SlackRefusedError) as refused:
        gateway.make_private_channel("inc-1")
    assert refused.value.code == "name_taken"


DONE_ALREADY: list[tuple[str, str, Callable[[SlackGateway], object]]] = [
    ("conversations.invite", "already_in_channel", lambda one: one.invite("C1", "U0ANA")),
    ("conversations.invite", "cant_invite_self", lambda one: one.invite("C1", "U0BOT")),
    ("pins.add", "already_pinned", lambda one: one.pin("C1", "1.2")),
]


@pytest.mark.parametrize(("method", "code", "act"), DONE_ALREADY)
def test_what_is_done_already_is_done(
    gateway: SlackGateway, method: str, code: str, act: Callable[[SlackGateway], object]
) -> None:
    Api.answers[method] = no(code)
    act(gateway)
    assert Api.calls == [method]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, SlackRefusedError), (500, SlackUnavailableError), (0, SlackUnavailableError)],
)
def test_an_answer_that_cant_be_shown_is_said_by_its_kind(
    gateway: SlackGateway, api_url: str, status: int, kind: type[Exception]
) -> None:
    Api.answers["hook"] = (status, {}, b"used_url")
    with pytest.raises(kind):
        gateway.answer(f"{api_url}hook", text="t", blocks=[])
    assert Api.calls == ["hook"]


@pytest.mark.slow
def test_a_thread_answer_is_read_back_too(pair: Practice) -> None:
    room = open_room(pair, "Thread")
    ana, where = room.person(), room.channel
    first = ana.post(where, "the question")
    second = ana.post(where, "the answer", thread_ts=first["ts"])
    gateway = pair.tocsin.desk.slack
    found = gateway.message_at(where, second["ts"], thread_ts=first["ts"])
    assert found is not None
    assert found["text"] == "the answer"
    alone = gateway.message_at(where, first["ts"])
    assert alone is not None
    assert alone["text"] == "the question"
    assert gateway.message_at(where, "1.000001") is None
