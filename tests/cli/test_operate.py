"""`tocsin serve | migrate | manifest | doctor | version`, as a person types them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from bot.cli.main import main
from bot.manifest import BOT_SCOPES, manifest
from bot.practice import Practice
from tests.nest import Nest


class Run(Protocol):
    """Run the command in a process of its own, with nothing in the environment but this."""

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def tocsin(nest: Nest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": os.environ["PATH"], **environment}
        return nest.run(*words, folder=tmp_path_factory.getbasetemp(), environment=given)

    return run


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("tocsin 0.")


def test_manifest_asks_for_no_public_channels_and_of_a_person_only_who_they_are() -> None:
    made = manifest(base_url="https://tocsin.example", socket_mode=False)
    scopes = made["oauth_config"]["scopes"]
    assert scopes["user"] == ["openid"]
    assert not {"channels:read", "channels:history", "channels:manage", "chat:write.public"} & set(
        scopes["bot"]
    )
    command = made["features"]["slash_commands"][0]
    assert command["url"] == "https://tocsin.example/slack/events"
    assert command["should_escape"] is True
    assert all(why for why in BOT_SCOPES.values())


def test_manifest_for_socket_mode_names_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--socket-mode"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["settings"]["socket_mode_enabled"] is True
    assert "http" not in printed


@pytest.mark.slow
def test_doctor_says_what_is_missing_and_how_to_mend_it(tocsin: Run, tmp_path: Path) -> None:
    done = tocsin("doctor", TOCSIN_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "✗ Slack bot token: set SLACK_BOT_TOKEN: xoxb-" in done.stdout
    assert re.search(r"✓ Policy: 4 playbooks, 300 obligations, \d\d notices", done.stdout)
    assert "2 thing(s) to mend" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "title: Ours\nobligations: {}\n",
            "rules.yaml:2:14: expected a list, found a mapping; wri",
        ),
        (None, "own is no folder: name the one that holds your own obligations"),
    ],
)
def test_serving_stops_at_an_own_rule_that_is_not_sound(
    tocsin: Run, tmp_path: Path, text: str | None, message: str
) -> None:
    if text:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "rules.yaml").write_text(text)
    done = tocsin(
        "serve",
        TOCSIN_DATA_DIR=str(tmp_path / "data"),
        TOCSIN_PLAYBOOKS_DIR=str(tmp_path / "own"),
        SLACK_BOT_TOKEN="xoxb-nobody",
        SLACK_SIGNING_SECRET="secret",
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_doctor_is_content_with_a_working_installation(
    tocsin: Run, pair: Practice, tmp_path: Path
) -> None:
    settings = pair.tocsin.settings
    done = tocsin(
        "doctor",
        TOCSIN_DATA_DIR=str(tmp_path),
        SLACK_BOT_TOKEN=settings.slack_bot_token,
        SLACK_SIGNING_SECRET=settings.slack_signing_secret,
        SLACK_API_URL=settings.slack_api_url,
    )
    assert "✓ Slack: answers: tocsin in Halden Mutual" in done.stdout
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_migrate_says_from_where_to_where(tocsin: Run, tmp_path: Path) -> None:
    done = tocsin("migrate", TOCSIN_DATA_DIR=str(tmp_path))
    assert done.stdout.startswith("Database: empty → ")
    again = tocsin("migrate", TOCSIN_DATA_DIR=str(tmp_path))
    revision = done.stdout.rpartition("→ ")[2]
    assert again.stdout == f"Database: {revision.strip().rstrip('.')} → {revision}"


@pytest.mark.slow
def test_a_database_that_cant_be_reached_is_one_plain_line(tocsin: Run, tmp_path: Path) -> None:
    done = tocsin(
        "migrate",
        TOCSIN_DATA_DIR=str(tmp_path),
        TOCSIN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 1
    assert "The database can't be migrated" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_serve_refuses_without_slack(tocsin: Run, tmp_path: Path) -> None:
    done = tocsin("serve", TOCSIN_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "SLACK_BOT_TOKEN" in done.stdout
    assert "tocsin demo" in done.stdout


@pytest.mark.slow
def test_serve_answers_and_ends_cleanly_on_sigterm(pair: Practice, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = pair.tocsin.settings
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--port", str(port)],
        env={
            "PATH": os.environ["PATH"],
            "TOCSIN_DATA_DIR": str(tmp_path),
            "SLACK_BOT_TOKEN": settings.slack_bot_token,
            "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
            "SLACK_API_URL": settings.slack_api_url,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        assert wait_for(f"{url}/readyz") == 200
        assert httpx.get(f"{url}/incidents", trust_env=False).status_code == 403
        assert httpx.post(f"{url}/slack/events", trust_env=False).status_code == 401
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    # The write-ahead log is folded into the database only by a clean end.
    assert not (tmp_path / "tocsin.db-wal").exists()


def wait_for(url: str) -> int:
    """Ask until somebody answers."""
    for _ in range(300):
        try:
            return httpx.get(url, trust_env=False).status_code
        except httpx.TransportError:
            time.sleep(0.05)
    return 0


def test_the_doctor_leaves_nothing_behind_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "sqlite, not made yet" in said.out
    assert "✗ Slack: http://127.0.0.1:9/api/ can't be reached from here: check network" in said.out
    assert said.err == ""
    assert list(tmp_path.iterdir()) == []
