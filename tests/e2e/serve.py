"""`python -m tests.e2e.serve`: the real program in a process of its own, to be killed.

Everything is as in `bot.practice`, but the workspace lives in the test's process and stays while
this one is killed and started again. Time is read from a file, so that a test moves it for all.
"""

import argparse
import logging
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.app import build
from bot.practice import listen, picker, practice_settings, serve


class FileClock:
    """The instant that a file names, in ISO 8601; the test writes it whole, by renaming."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text(encoding="utf-8")).astimezone(UTC)


def main(words: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--api-url", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args(words)
    logging.basicConfig(level=logging.WARNING)
    settings, _ = practice_settings(
        given.data,
        api_url=given.api_url,
        base_url=f"http://127.0.0.1:{given.port}",
        environment={"TOCSIN_DATABASE_URL": given.database_url},
    )
    tocsin = build(settings, FileClock(given.clock), picker=picker())
    tocsin.start()
    server, thread = serve(tocsin.web, listen(given.port))
    asked = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: asked.set())
    asked.wait()
    server.should_exit = True
    thread.join()
    tocsin.stop()


if __name__ == "__main__":
    main()
