"""The RFC 3161 client against a real authority on loopback: good stamps, and every bad answer."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from evidence_store import anchors, log
from evidence_store.tables import evidence_token
from evidence_store.timestamps import (
    Authorities,
    RootsError,
    TimestampError,
    Token,
    public_name,
    request,
    verify,
)
from tests.evidence_store.evidence_kit import ORIGIN, T0, append, at, open_story_log
from tests.evidence_store.evidence_tsa import Tsa, serving

NOTE = "halden-mutual/incident/INC-7\n1\nroot\n\n— key sig\n".encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    with serving(tmp_path_factory.mktemp("timestamps") / "tsa") as running:
        yield running


@pytest.fixture
def tsa(shared: Tsa) -> Iterator[Tsa]:
    yield shared
    shared.mood = ""
    shared.clock = None
    shared.asked.clear()


def refused(tsa: Tsa, *, authorities: Authorities | None = None) -> TimestampError:
    with pytest.raises(TimestampError) as caught:
        request(tsa.url, NOTE, authorities=authorities or tsa.authorities())
    return caught.value


@pytest.mark.slow
def test_a_stamp_is_over_the_exact_bytes_and_openssl_agrees(tsa: Tsa, tmp_path: Path) -> None:
    before = tsa.authority.now()
    token = request(tsa.url, NOTE, authorities=tsa.authorities())
    assert before - timedelta(seconds=2) <= token.gen_time <= before + timedelta(seconds=5)
    assert token.gen_time.tzinfo == UTC
    assert token.authority == tsa.url
    (tmp_path / "note").write_bytes(NOTE)
    (tmp_path / "note.tsr").write_bytes(token.reply)
    files = ["-in", tmp_path / "note.tsr", "-data", tmp_path / "note"]
    said = subprocess.run(
        ["openssl", "ts", "-verify", *files, "-CAfile", tsa.authority.root],
        capture_output=True,
        check=False,
    )
    assert b"Verification: OK" in said.stdout
    assert verify(token.reply, NOTE, roots=tsa.authorities().roots) == token.gen_time


@pytest.mark.slow
def test_each_request_has_a_nonce_of_its_own_and_asks_for_sha256(tsa: Tsa) -> None:
    for _ in range(2):
        request(tsa.url, NOTE, authorities=tsa.authorities())
    first, second = tsa.asked
    assert first != second
    assert bytes.fromhex("0609608648016503040201") in first  # OID of SHA-256


@pytest.mark.slow
def test_the_time_is_what_the_authority_says_and_the_chain_is_checked_then(tsa: Tsa) -> None:
    tsa.clock = lambda: T0
    assert request(tsa.url, NOTE, authorities=tsa.authorities()).gen_time == T0
    tsa.clock = lambda: tsa.authority.now() + timedelta(days=21 * 365)
    assert refused(tsa).code == "invalid"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mood", "code", "away"),
    [
        ("away", "http-503", True),
        ("page", "unreadable", False),
        ("huge", "too-large", False),
        ("broken", "invalid", False),
        ("web", "invalid", False),
    ],
)
def test_a_bad_answer_is_refused_with_its_code(
    tsa: Tsa, mood: str, code: str, *, away: bool
) -> None:
    tsa.mood = mood
    error = refused(tsa)
    assert (error.code, error.away) == (code, away)


@pytest.mark.slow
def test_an_old_answer_with_another_nonce_is_refused(tsa: Tsa) -> None:
    tsa.mood = "replay"
    request(tsa.url, NOTE, authorities=tsa.authorities())
    error = refused(tsa)
    assert (error.code, "Nonce" in str(error)) == ("invalid", True)


@pytest.mark.slow
def test_a_stamp_of_other_bytes_or_of_a_stranger_is_refused(tsa: Tsa, tmp_path: Path) -> None:
    token = request(tsa.url, NOTE, authorities=tsa.authorities())
    with pytest.raises(TimestampError, match="messages"):
        verify(token.reply, NOTE + b"\n", roots=tsa.authorities().roots)
    with serving(tmp_path / "stranger") as stranger:
        assert refused(tsa, authorities=stranger.authorities()).code == "invalid"


@pytest.mark.slow
def test_a_sha512_imprint_is_refused(tsa: Tsa, tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_bytes(NOTE)
    tsa.authority.stamp(path, algorithm="sha512")
    with pytest.raises(TimestampError, match="SHA-256"):
        verify((tmp_path / "note.tsr").read_bytes(), NOTE, roots=tsa.authorities().roots)


@pytest.mark.slow
def test_a_refusal_of_the_authority_is_told_apart(tsa: Tsa) -> None:
    rejected = bytes.fromhex("30053003020102")
    with pytest.raises(TimestampError) as caught:
        verify(rejected, NOTE, roots=tsa.authorities().roots)
    assert caught.value.code == "refused"


@pytest.mark.slow
def test_nobody_there_is_told_without_secrets(tsa: Tsa) -> None:
    gone = "http://user:hunter2@127.0.0.1:9/tsa?key=hunter2"
    with pytest.raises(TimestampError) as caught:
        request(gone, NOTE, authorities=replace(tsa.authorities(), timeout_s=2))
    assert (caught.value.code, caught.value.away) == ("unreachable", True)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@tsa.example:8443/a/b?key=1#x", "https://tsa.example:8443/a/b"),
        ("http://[::1]:80/tsr", "http://[::1]:80/tsr"),
        ("https://tsa.example", "https://tsa.example"),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, shown: str) -> None:
    assert public_name(url) == shown


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_roots_that_are_none_are_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RootsError, match=r"roots\.pem"):
        Authorities.load(["https://tsa.example"], path)


# --- What is kept ----------------------------------------------------------------------------


def token(text: bytes = b"reply", *, gen_time: datetime = T0) -> Token:
    return Token(reply=text, gen_time=gen_time, authority="https://tsa.example")


def test_one_token_is_kept_for_a_checkpoint(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        append(connection, log.Draft(event="note.recorded", actor="a"), now=at(1))
        assert anchors.last(connection, origin=ORIGIN) is None
        assert anchors.keep(connection, origin=ORIGIN, size=1, token=token())
        assert not anchors.keep(connection, origin=ORIGIN, size=1, token=token(b"another"))
        assert anchors.keep(connection, origin=ORIGIN, size=2, token=token(b"two", gen_time=at(2)))
        assert anchors.tokens(connection, origin=ORIGIN) == {1: b"reply", 2: b"two"}
        last = anchors.last(connection, origin=ORIGIN)
        assert last is not None
        assert (last.size, last.gen_time, last.authority) == (2, at(2), "https://tsa.example")


@pytest.mark.parametrize("change", ["update", "delete", "replace"])
def test_a_kept_token_cannot_be_changed(engine: Engine, change: str) -> None:
    if change == "replace" and engine.dialect.name != "sqlite":
        return
    with engine.begin() as connection:
        open_story_log(connection)
        anchors.keep(connection, origin=ORIGIN, size=1, token=token())
    statements = {
        "update": evidence_token.update().values(gen_ts="2020-01-01T00:00:00.000000Z"),
        "delete": evidence_token.delete(),
        "replace": evidence_token.insert()
        .prefix_with("OR REPLACE")
        .values(origin=ORIGIN, size=1, reply=b"", sha256="", gen_ts="", authority=""),
    }
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(statements[change])


def test_the_earlier_time_stays_and_one_process_takes_a_log_on(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        anchors.schedule(connection, origin=ORIGIN, due=at(10))
        anchors.schedule(connection, origin=ORIGIN, due=at(20))
        assert anchors.due(connection, now=at(9), limit=5) == []
        assert anchors.due(connection, now=at(10), limit=5) == [ORIGIN]
        assert anchors.claim(connection, origin=ORIGIN, now=at(10), until=at(15))
        assert not anchors.claim(connection, origin=ORIGIN, now=at(10), until=at(15))
        anchors.schedule(connection, origin=ORIGIN, due=at(11))
        assert anchors.due(connection, now=at(11), limit=5) == [ORIGIN]
        anchors.settle(connection, origin=ORIGIN, due=None)
        assert anchors.due(connection, now=at(1000), limit=5) == []


def test_an_outage_is_remembered_until_a_stamp_comes(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        assert anchors.outages(connection) == []
        anchors.fail(
            connection, origin=ORIGIN, retry=at(2), missing_since=T0, told=at(1), failures=3
        )
        (outage,) = anchors.outages(connection)
        assert (outage.missing_since, outage.due_at) == (T0, at(2))
        assert (outage.told_at, outage.failures) == (at(1), 3)
        anchors.settle(connection, origin=ORIGIN, due=at(9))
        assert anchors.outages(connection) == []
