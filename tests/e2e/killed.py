"""The world around a process that is killed: its workspace, its clock, and what must hold after."""

import http.client
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.app import build_store
from bot.local_slack.box import LocalSlack
from bot.local_slack.inbound import Ack
from bot.local_slack.server import serve_in_thread
from bot.practice import app_profile, listen, practice_settings
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, reading
from tests.e2e.killed_browser import Browser
from tests.kit import until, verify_all
from tests.nest import Hatched, Nest
from tests.slack_kit import flat, key_of

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
    nest: Nest
    running: dict[str, Hatched] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    """Files that arrived whole in somebody's browser."""
    tries: Counter[str] = field(default_factory=Counter)
    """How often somebody asked for such a file."""
    asked: str = ""
    """The process whose pages and endpoint people use; the first one unless told."""

    @property
    def web_url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.ports[self.asked or next(iter(self.ports))]}"

    def use(self, name: str) -> None:
        """Send people, and Slack, to this process from now on."""
        self.asked = name
        self.box.point_at(f"{self.web_url}/slack/events")

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
        words = ["--data", str(self.folder / "data"), "--clock", str(self.clock_file)]
        words += ["--api-url", self.api_url, "--port", str(self.ports[name])]
        words += ["--database-url", self.database_url]
        log = self.folder / f"{name}.log"
        self.running[name] = self.nest.hatch("serve", *words, log=log)
        until(lambda: self._answers(name), seconds=START_S)

    def _answers(self, name: str) -> bool:
        ended = self.running[name].ended()
        assert ended is None, (self.folder / f"{name}.log").read_text()
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self, name: str = "one") -> None:
        """SIGKILL, and wait until nothing of it is left."""
        process = self.running.pop(name)
        process.kill()
        assert process.wait() == -signal.SIGKILL, (self.folder / f"{name}.log").read_text()

    def kill_after(self, seconds: float, name: str = "one") -> threading.Timer:
        """Kill it from another thread while the test goes on."""
        timer = threading.Timer(seconds, self.running[name].kill)
        timer.start()
        return timer

    def tocsin(self, *words: str) -> Hatched:
        """Run the command `tocsin` beside the server, on the same data."""
        return self.nest.hatch(
            "tocsin",
            *words,
            log=self.folder / "command.log",
            environment={
                "TOCSIN_DATA_DIR": str(self.folder / "data"),
                "TOCSIN_DATABASE_URL": self.database_url,
            },
        )

    def browser(self, who: str) -> Browser:
        """Somebody's browser; it stays open, with its cookies, while Tocsin dies and comes back."""
        if who not in self.browsers:
            self.browsers[who] = Browser(who, base_url=lambda: self.web_url)
        return self.browsers[who]

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
        doubled = {key: count for key, count in keys.items() if count > 1}
        assert not doubled, doubled
        assert keys[f"card/{ref}"] == 1
        assert keys[f"tasks/{ref}"] == 1
        with self.box.workspace.lock:
            assert len(channels[0].pins) == 1
        verify_all(self.store, self.folder / f"verified-{len(list(self.folder.iterdir()))}")
        assert "Traceback" not in self.log_text(), self.log_text()
        return messages

    def stop(self) -> None:
        for one in self.browsers.values():
            one.client.close()
        for name in list(self.running):
            self.kill(name)
        self.store.outbox.close()
        self.store.engine.dispose()


@contextmanager
def world(
    folder: Path,
    *,
    nest: Nest,
    now: datetime,
    database_url: str = "",
    names: tuple[str, ...] = ("one",),
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
        nest=nest,
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
