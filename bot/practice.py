"""Tocsin and a Slack workspace in a box, wired to each other on loopback.

The demo, the story and the tests all stand on this; it decides addresses and secrets of the pair
and nothing else. Both listen on 127.0.0.1 only, and pages let a person be picked.
"""

import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bot.app import Tocsin, build
from bot.blocks.lists import HELP
from bot.clock import Clock, utc_now
from bot.listeners.shortcuts import OPEN, PRESERVE
from bot.local_slack.box import LocalSlack
from bot.local_slack.people import DEMO_PEOPLE, AppProfile, Shortcut, SlashCommand, Suggestion
from bot.local_slack.server import serve_in_thread
from bot.manifest import BOT_EVENTS, BOT_SCOPES
from bot.settings import Settings, read_settings
from bot.web.people import PersonPicker

LOOPBACK = "127.0.0.1"
START_S = 20.0


class ServerStartError(RuntimeError):
    """A server didn't come up; the message names the address."""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """A running pair: Tocsin's pages at `web_url`, the workspace's page at `box_url`."""

    tocsin: Tocsin
    box: LocalSlack
    box_url: str
    web_url: str


def app_profile() -> AppProfile:
    """The app as it is installed in the box: our command, its suggestions, our shortcuts."""
    return AppProfile(
        commands=(
            SlashCommand(
                name="/incident",
                description="Open and run an incident",
                usage_hint="open | status | fact | clock | notice | help",
                suggestions=tuple(Suggestion(text=usage, description=what) for usage, what in HELP),
            ),
        ),
        global_shortcuts=(Shortcut(callback_id=OPEN, name="Open incident"),),
        message_shortcuts=(Shortcut(callback_id=PRESERVE, name="Preserve as evidence"),),
    )


def picker() -> PersonPicker:
    """The cast of the demo, for the pages."""
    return PersonPicker(people={one.id: (one.real_name, one.title) for one in DEMO_PEOPLE})


def practice_settings(
    data_dir: Path, *, api_url: str, base_url: str, environment: Mapping[str, str]
) -> tuple[Settings, str]:
    """Return settings for the pair and its signing secret, both kept in the data folder."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = data_dir / "practice.secret"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    secret = kept.read_text(encoding="utf-8")
    settings = read_settings(
        {
            "TOCSIN_DATABASE_URL": environment.get("TOCSIN_DATABASE_URL", ""),
            "TOCSIN_MAX_FILE_MB": environment.get("TOCSIN_MAX_FILE_MB", ""),
            "TOCSIN_PLAYBOOKS_DIR": environment.get("TOCSIN_PLAYBOOKS_DIR", ""),
            "TOCSIN_DATA_DIR": str(data_dir),
            "TOCSIN_BASE_URL": base_url,
            "TOCSIN_SECRET_KEY": secret,
            "SLACK_BOT_TOKEN": "xoxb-practice",
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_API_URL": api_url,
        }
    )
    return settings, secret


@contextmanager
def practising(
    data_dir: Path,
    *,
    clock: Clock = utc_now,
    box_port: int = 0,
    web_port: int = 0,
    environment: Mapping[str, str] | None = None,
    ticking: bool = True,
    keep_box: bool = False,
) -> Iterator[Practice]:
    """Run the pair until the block ends; port 0 takes a free one.

    Raises `OSError` when a port is taken. With `keep_box` the workspace outlives a restart.
    """
    listener = listen(web_port)
    web_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    _, secret = practice_settings(data_dir, api_url=web_url, base_url=web_url, environment={})
    box = LocalSlack(
        clock=clock,
        signing_secret=secret,
        bot_token="xoxb-practice",  # noqa: S106 - the box's own, worth nothing elsewhere
        app=app_profile(),
        events=frozenset(BOT_EVENTS),
        scopes=frozenset(BOT_SCOPES),
        request_url=f"{web_url}/slack/events",
        state_path=data_dir / "workspace.json" if keep_box else None,
    )
    running = serve_in_thread(box, LOOPBACK, box_port)
    settings, _ = practice_settings(
        data_dir, api_url=running.api_url, base_url=web_url, environment=environment or {}
    )
    tocsin = build(settings, clock, picker=picker())
    tocsin.start(ticking=ticking)
    server, thread = serve(tocsin.web, listener)
    try:
        yield Practice(tocsin=tocsin, box=box, box_url=running.url, web_url=web_url)
    finally:
        running.stop()
        server.should_exit = True
        thread.join(START_S)
        tocsin.stop()


def listen(port: int) -> socket.socket:
    """Take a port on loopback."""
    # Named TCP, so that asyncio sets TCP_NODELAY; else answers may wait for 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(web: FastAPI, listener: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
    """Serve an application from a thread; return when it answers."""
    config = uvicorn.Config(
        web, log_level="warning", lifespan="off", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="tocsin-web", daemon=True
    )
    thread.start()
    pause = threading.Event()
    for _ in range(int(START_S / 0.01)):
        if server.started:
            return server, thread
        pause.wait(0.01)
    raise ServerStartError(f"Tocsin's pages didn't come up on {listener.getsockname()}.")
