"""The world around a process that is killed: its workspace, its clock, and what must hold after."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from bot.app import build_store
from bot.local_slack.box import LocalSlack
from bot.local_slack.inbound import Ack
from bot.local_slack.server import serve_in_thread
from bot.practice import app_profile, listen, practice_settings
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, reading
from tests.kit import until, verify_all
from tests.slack_kit import flat, key_of

ROOT = Path(__file__).parents[2]
START_S = 40.0


@dataclass(kw_only=True)
class World:
    """A workspace and the processes that serve it."""

    folder: Path
    box: LocalSlack
    api_url: str
    database_url: str
    now: datetime
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock.txt"

    def set_clock(self, now: datetime) -> None:
        self.now = now
        new = self.folder / "clock.new"
        new.write_text(now.isoformat(), encoding="utf-8")
        new.rename(self.clock_file)

    def start(self, name: str = "one") -> None:
        """Start a process and wait until it answers."""
        command = [sys.executable, "-m", "tests.e2e.serve"]
        command += ["--data", str(self.folder / "data"), "--clock", str(self.clock_file)]
        command += ["--api-url", self.api_url, "--port", str(self.ports[name])]
        command += ["--database-url", self.database_url]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=log,
                stderr=log,
            )
        until(lambda: self._answers(name), seconds=START_S)

    def _answers(self, name: str) -> bool:
        process = self.running[name]
        assert process.poll() is None, (self.folder / f"{name}.log").read_text()
        try:
            url = f"http://127.0.0.1:{self.ports[name]}/healthz"
            return httpx.get(url, timeout=2, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str = "one") -> None:
        """SIGKILL: no goodbye, no flush."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def kill_after(self, seconds: float, name: str = "one") -> threading.Thread:
        """Kill it from another thread while the test goes on."""
        process = self.running[name]

        def strike() -> None:
            threading.Event().wait(seconds)
            process.send_signal(signal.SIGKILL)

        thread = threading.Thread(target=strike)
        thread.start()
        return thread

    def log_text(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def type(self, user: str, text: str, *, channel: str) -> Ack:
        return self.box.person(user).slash("/incident", text, channel=channel)

    @cached_property
    def store(self) -> Store:
        """The data as the processes leave it, seen from outside; ask after the first start."""
        settings, _ = practice_settings(
            self.folder / "data",
            api_url=self.api_url,
            base_url="http://127.0.0.1:1",
            environment={"TOCSIN_DATABASE_URL": self.database_url},
        )
        return build_store(settings)

    def incident(self, ref: str) -> Incident | None:
        with reading(self.store) as session:
            return incident_by_ref(session, ref)

    def pending(self) -> int:
        """Count jobs that haven't ended; the tick comes and goes."""
        schema = "dbos." if self.store.engine.dialect.name == "postgresql" else ""
        with self.store.engine.connect() as connection:
            left = connection.exec_driver_sql(
                f"SELECT count(*) FROM {schema}workflow_status "  # noqa: S608 - ours
                "WHERE status IN ('ENQUEUED','PENDING','DELAYED') AND name <> 'tick'"
            ).scalar_one()
        return int(left)

    def settle(self, *, seconds: float = 60) -> None:
        """Wait until no job is left."""
        until(lambda: self.pending() == 0, seconds=seconds)

    def bot_messages(self, channel: str, *, reader: str) -> list[dict[str, Any]]:
        me = self.box.app.bot_user_id
        return [
            one
            for one in self.box.person(reader).messages(channel)
            if one.get("user") == me and "subtype" not in one and not one.get("is_ephemeral")
        ]

    def check_whole(self, ref: str, *, reader: str) -> list[dict[str, Any]]:
        """One channel, one card, everything once, nothing left to do, the log verifies."""
        self.settle()
        channels = [
            one
            for one in self.box.workspace.channels.values()
            if one.name and one.name.startswith(ref.lower())
        ]
        assert [one.kind for one in channels] == ["private"]
        messages = self.bot_messages(channels[0].id, reader=reader)
        keys = Counter(key_of(one) for one in messages)
        assert {key: count for key, count in keys.items() if count > 1} == {}
        assert keys[f"card/{ref}"] == 1
        assert keys[f"tasks/{ref}"] == 1
        with self.box.workspace.lock:
            assert len(channels[0].pins) == 1
        verify_all(self.store, self.folder / f"verified-{len(list(self.folder.iterdir()))}")
        assert "Traceback" not in self.log_text(), self.log_text()
        return messages

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.store.outbox.close()
        self.store.engine.dispose()


@contextmanager
def world(
    folder: Path, *, now: datetime, database_url: str = "", names: tuple[str, ...] = ("one",)
) -> Iterator[World]:
    """Make a workspace, and ports for the processes that will serve it."""
    ports = {}
    for name in names:
        with listen(0) as socket:
            ports[name] = socket.getsockname()[1]
    _, secret = practice_settings(
        folder / "data", api_url="http://127.0.0.1:1", base_url="http://127.0.0.1:1", environment={}
    )
    made: list[World] = []
    box = LocalSlack(
        clock=lambda: made[0].now if made else now,
        signing_secret=secret,
        bot_token="xoxb-practice",
        app=app_profile(),
        request_url=f"http://127.0.0.1:{ports[names[0]]}/slack/events",
        ack_seconds=10,
    )
    served = serve_in_thread(box)
    here = World(
        folder=folder,
        box=box,
        api_url=served.api_url,
        database_url=database_url,
        now=now,
        ports=ports,
    )
    made.append(here)
    here.set_clock(now)
    try:
        yield here
    finally:
        here.stop()
        served.stop()


def said(ack: Ack) -> str:
    return flat(ack.json()) if ack.body.strip() else ""
