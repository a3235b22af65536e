"""`tocsin demo`: a small Slack with Tocsin in it, on this computer alone; or the told story.

Needs no account, no network and no settings. What it made is deleted at the end unless a data
folder is named.
"""

import argparse
import contextlib
import errno
import os
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.cli.terminal import say

BOX_PORT = 8072
WEB_PORT = 8073

WELCOME = """
  Tocsin is running, with a small Slack workspace in it. Nothing leaves this computer.

     Open   {url}   and choose who you are.

  Try this, as Ana:
     /incident open                                            in #security
     /incident fact aware at {example}                           in the incident's channel
     /incident fact 1,200 Californians, names and SSNs, not encrypted
  Then as Lena: press “Notices and evidence” on the card.

  Stop with Ctrl-C.{kept}
"""


class PortTakenError(OSError):
    """A port of the demo is in use; the message says which and what to do."""


def add_parser(commands: Any) -> None:
    """Add `demo`."""
    parser = commands.add_parser("demo", help="try Tocsin here: no account, no network")
    parser.add_argument("--port", type=int, default=BOX_PORT, help="the workspace's page")
    parser.add_argument("--web-port", type=int, default=WEB_PORT, help="Tocsin's own pages")
    parser.add_argument("--data-dir", type=Path, help="keep everything in this folder")
    parser.add_argument("--no-browser", action="store_true", help="don't open a browser")
    parser.add_argument("--story", action="store_true", help="play a 72-hour breach instead")
    parser.add_argument("--out", type=Path, default=Path("out/story"), metavar="DIR")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo until it is stopped, or the story until it is told."""
    if args.story:
        from bot.story.play import play

        return play(args.out)
    with _folder(args.data_dir) as folder:
        return _demo(args, folder)


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as made:
        yield Path(made)


def _demo(args: argparse.Namespace, folder: Path) -> int:
    from bot.clock import utc_now
    from bot.practice import practising

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the folder is removed
    try:
        with practising(
            folder,
            box_port=args.port,
            web_port=args.web_port,
            environment=os.environ,
            keep_box=True,
        ) as pair:
            kept = f"  Everything is kept in {folder}." if args.data_dir else ""
            say(WELCOME.format(url=pair.box_url, kept=kept, example=f"{utc_now():%H:%M} UTC"))
            if not args.no_browser and os.environ.get("DISPLAY"):
                webbrowser.open(pair.box_url)
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
            say("Stopped.")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(
            f"port {args.port} or {args.web_port} is in use: stop the other demo, or choose "
            f"others with --port and --web-port."
        ) from error
    return 0
