"""Fetching files as evidence: whole and hashed, or refused with the reason and nothing kept."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.delivery.slack_files import allowed_hosts, download
from bot.jobs.files import fetch_file
from bot.practice import Practice
from bot.services.evidence import collect_file
from bot.store.queries import evidence_items
from bot.store.tables import EvidenceItem
from bot.store.unit_of_work import Store, reading, unit_of_work
from tests.conftest import MovingClock
from tests.kit import ANA, opened, until, who
from tests.slack_kit import Room, flat, key_of, open_room

pytestmark = pytest.mark.slow
TOKEN = "xoxb-secret"


# -- the download ---------------------------------------------------------------------------


class FileHost(http.server.BaseHTTPRequestHandler):
    """A file host that answers as its path says."""

    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization", "")))
        getattr(self, self.path.strip("/"))()

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def good(self) -> None:
        self._send(200, b"rows", Content_Type="text/csv")

    def login(self) -> None:
        self._send(200, b"<html>sign in</html>", Content_Type="text/html; charset=utf-8")

    def page(self) -> None:
        self._send(200, b"<html>phish</html>", Content_Type="text/html",
                   Content_Disposition='attachment; filename="p.html"')  # fmt: skip

    def redirect(self) -> None:
        self._send(302, b"", Location="/login")

    def gone(self) -> None:
        self._send(404, b"")

    def broken(self) -> None:
        self._send(500, b"")

    def busy(self) -> None:
        self._send(429, b"", Retry_After="7")

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FileHost)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(url: str, *, hosts: frozenset[str], page_bytes: int | None = None) -> bytes:
    with download(url, token=TOKEN, hosts=hosts, page_bytes=page_bytes) as chunks:
        return b"".join(chunks)


def test_the_token_goes_to_the_file_host_and_the_bytes_come_whole(host: str) -> None:
    hosts = allowed_hosts(f"{host}/api/")
    assert fetched(f"{host}/good", hosts=hosts) == b"rows"
    assert FileHost.seen[-1] == ("/good", f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    ("path", "code"), [("login", "login_page"), ("redirect", "login_page"), ("gone", "http_404")]
)
def test_what_isnt_the_file_is_refused(host: str, path: str, code: str) -> None:
    with pytest.raises(SlackRefusedError) as refused:
        fetched(f"{host}/{path}", hosts=allowed_hosts(host))
    assert refused.value.code == code


def test_a_web_page_that_is_the_evidence_is_taken(host: str) -> None:
    hosts = allowed_hosts(host)
    assert fetched(f"{host}/page", hosts=hosts) == b"<html>phish</html>"
    size = len(b"<html>sign in</html>")
    assert fetched(f"{host}/login", hosts=hosts, page_bytes=size) == b"<html>sign in</html>"
    with pytest.raises(SlackRefusedError):
        fetched(f"{host}/login", hosts=hosts, page_bytes=size + 1)


@pytest.mark.parametrize(("path", "wait"), [("broken", 2.0), ("busy", 7.0), ("half", 2.0)])
def test_what_may_get_better_is_tried_again(host: str, path: str, wait: float) -> None:
    with pytest.raises(SlackUnavailableError) as away:
        fetched(f"{host}/{path}", hosts=allowed_hosts(host))
    assert away.value.retry_after_s == wait


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/files-pri/T1-F1/x",
        "https://files.slack.com.evil.example/x",
        "https://files.slack.com@evil.example/x",
        "http://files.slack.com/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_nowhere_else(url: str) -> None:
    before = len(FileHost.seen)
    with pytest.raises(SlackRefusedError) as refused:
        fetched(url, hosts=allowed_hosts("https://slack.com/api/"))
    assert refused.value.code == "foreign_host"
    assert len(FileHost.seen) == before


# -- the job --------------------------------------------------------------------------------


def items(room: Room) -> list[EvidenceItem]:
    with reading(room.pair.tocsin.store) as session:
        return list(evidence_items(session, room.row()))


def preserve(room: Room, name: str, data: bytes, *, size: int | None = None) -> None:
    ana = room.person()
    ana.upload(room.channel, name, data, size=size)
    message = [one for one in ana.messages(room.channel) if one.get("files")][-1]
    assert ana.message_shortcut("preserve_evidence", channel=room.channel, ts=message["ts"]).ok


def problem_of(room: Room) -> str:
    until(lambda: [one for one in items(room) if one.state == "failed"], seconds=15)
    return next(one.problem for one in items(room) if one.state == "failed")


def failure_dms(room: Room) -> list[str]:
    room.settle()
    return [
        flat(one)
        for one in room.person().direct_messages()
        if key_of(one).startswith(f"{room.ref}/evidence/2/failed")
    ]


@pytest.mark.parametrize("name", ["dump.csv", "../../etc/passwd", "phish.html", "x" * 300])
def test_a_file_is_kept_by_its_digest_whatever_its_name(pair: Practice, name: str) -> None:
    room = open_room(pair, "File kept")
    data = f"<html>{name}</html>".encode()
    preserve(room, name, data)
    until(lambda: any(one.state == "collected" and one.kind == "file" for one in items(room)))
    found = next(one for one in items(room) if one.kind == "file")
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.size == len(data)
    with pair.tocsin.store.artifacts.open(found.sha256) as file:
        assert file.read() == data
    folder = Path(pair.tocsin.store.artifacts.place)
    assert not [one for one in folder.rglob("*") if one.is_file() and data in one.read_bytes()]


def test_a_passing_fault_is_waited_out_and_the_channels_news_doesnt_wait(
    pair: Practice,
) -> None:
    room = open_room(pair, "Files wait")
    pair.box.faults.add("files.info", "rate_limited", retry_after=4)
    preserve(room, "slow.csv", b"1,2\n")
    room.type("contain")
    until(lambda: any("*Contained* ·" in text for text in room.texts()), seconds=3)
    assert next(one for one in items(room) if one.kind == "file").state == "fetching"
    until(lambda: next(one for one in items(room) if one.kind == "file").state == "collected")
    assert room.log().count("evidence.collected") == 1


def test_a_file_that_slack_lost_is_said_to_the_one_who_asked(pair: Practice) -> None:
    room = open_room(pair, "File gone")
    pair.box.faults.add("files.info", "api_error", code="file_not_found")
    preserve(room, "gone.csv", b"1,2\n")
    assert problem_of(room).startswith("Slack doesn't show me the file: it was deleted, or")
    (told,) = failure_dms(room)
    assert "couldn't be preserved" in told


def test_a_missing_scope_is_said_with_its_remedy(pair: Practice) -> None:
    room = open_room(pair, "No files scope")
    before = pair.box.tokens
    granted = (before.scopes or frozenset()) - {"files:read"}
    pair.box.tokens = replace(before, scopes=granted)
    try:
        preserve(room, "scope.csv", b"1,2\n")
        assert "lacks the scope files:read" in problem_of(room)
    finally:
        pair.box.tokens = before


def test_a_claimed_two_gigabytes_are_refused_before_anything_is_fetched(
    pair: Practice,
) -> None:
    room = open_room(pair, "Two gigabytes")
    before = room.log()
    preserve(room, "disk.img", b"tiny", size=2_000_000_000)
    until(
        lambda: any(
            "The file has 2,000 MB" in flat(one)
            for one in room.person().messages(room.channel)
            if one.get("is_ephemeral")
        )
    )
    assert items(room) == []
    assert room.log() == before


def test_a_file_that_lies_about_its_size_is_cut_off_and_nothing_is_kept(
    store: Store, clock: MovingClock, pair: Practice
) -> None:
    """The job alone, on a store that takes a megabyte, with the pair's workspace."""
    room = open_room(pair, "Lying file")
    room.person().upload(room.channel, "disk.img", b"x" * 1_000_001, size=10)
    shared = [one for one in room.person().messages(room.channel) if one.get("files")][-1]
    with unit_of_work(store, now=clock()) as tx:
        incident = opened(tx)
        item = collect_file(
            tx, incident, shared["files"][0], channel=room.channel, actor=who(tx, ANA)
        )
        tx.session.flush()
        arguments = {"incident_id": incident.id, "item_id": item.id}
    parts = replace(pair.tocsin.parts, store=store, clock=clock)
    fetch_file(parts, arguments)
    with reading(store) as session:
        row = session.get_one(EvidenceItem, arguments["item_id"])
        assert row.state == "failed"
        assert "larger than 1000000 bytes; nothing was stored" in row.problem
    assert [one for one in Path(store.artifacts.place).rglob("*") if one.is_file()] == []
