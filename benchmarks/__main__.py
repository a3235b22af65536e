"""`make bench`: measures what the project promises and prints ratios of one run.

Every figure comes from this run on this machine: absolute times differ between machines, so read
the ratios. The load comes from a second process, the server runs as in production (uvicorn, Bolt,
SQLite with full sync), and Slack is the workspace in a box.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from fastapi import FastAPI
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from benchmarks.clocks import bench_assessment, bench_pack, bench_tick
from benchmarks.seed import multiply, seed_one
from bot.practice import Practice, practising
from bot.web.slack import slack_routes

Result = tuple[str, str, bool]
"""What was measured, in words, and whether the promise holds."""

RATE = 50
SECONDS = 20
PROMISES = {
    "ratio": 1.5,
    "p99_ms": 150.0,
    "growth": 0.2,
    "open_s": 2.0,
    "rss_mb": 220.0,
}


def main() -> int:
    """Measure everything; 0 if every promise holds."""
    results: list[Result] = [*bench_pack(), *bench_assessment()]
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        results += bench_commands(Path(folder) / "commands")
        results += bench_open(Path(folder) / "open")
        results += bench_tick(Path(folder) / "tick")
    results += bench_memory()
    width = max(len(name) for name, _, _ in results)
    for name, words, held in results:
        print(f"{'✓' if held else '✗'} {name.ljust(width)}  {words}")
    return 0 if all(held for _, _, held in results) else 1


def bench_commands(folder: Path) -> list[Result]:
    """An empty Bolt command against `/incident` commands, with 10 and with 10,000 incidents.

    The empty command is that of a Bolt app as it comes, in the same process behind the same check
    of signatures; `ours` is an empty command in our own app, which doesn't wait for Bolt's polling.
    Requests come at `RATE` a second, two of them recording a fact, the others reading in turn.
    """
    found = []
    with practising(folder) as pair:
        pair.tocsin.bolt.command("/ours")(lambda ack: ack())
        pair.tocsin.web.mount("/stock", stock_bolt(pair))
        channel = seed_one(pair)
        multiply(pair.tocsin.engine, 10)
        few = load(pair, channel)
        multiply(pair.tocsin.engine, 10_000)
        many = load(pair, channel)
    mixed = [name for name in many if name != "empty"]
    found.append(
        _compare(
            f"/incident, all commands at {RATE}/s",
            [span for name in mixed for span in many[name]],
            [span for name in mixed for span in few[name]],
            empty=many["empty"],
        )
    )
    found += [
        _compare(f"  of these: {name}", many[name], few[name], empty=many["empty"])
        for name in mixed
    ]
    return found


def stock_bolt(pair: Practice) -> FastAPI:
    """A Bolt app as it comes, with one command that only acknowledges."""
    settings = pair.tocsin.settings
    bolt = App(
        client=pair.tocsin.bolt.client,
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id=None, bot_token=settings.slack_bot_token
        ),
        request_verification_enabled=False,
    )
    bolt.command("/empty")(lambda ack: ack())
    web = FastAPI()
    routes = slack_routes(
        bolt,
        pair.tocsin.store,
        pair.tocsin.parts.clock,
        signing_secret=settings.slack_signing_secret,
    )
    web.include_router(routes)
    return web


def _compare(
    name: str,
    many: Sequence[float],
    few: Sequence[float],
    *,
    empty: Sequence[float],
) -> Result:
    """Set times with 10,000 incidents against those with 10 and against the empty command.

    Every command is held to the promises by itself, those that write too: a median over the whole
    mix would hide them behind the many that only read.
    """
    ratio = median(many) / median(empty)
    p99 = percentile(many, 99)
    growth = median(many) / median(few) - 1
    words = (
        f"median {median(many):.1f} ms = {ratio:.2f} × empty command ({median(empty):.1f} ms); "
        f"p99 {p99:.0f} ms; {growth:+.0%} from 10 to 10,000 incidents"
    )
    held = ratio <= PROMISES["ratio"] and p99 <= PROMISES["p99_ms"] and growth <= PROMISES["growth"]
    return name, words, held


def load(pair: Practice, channel: str) -> dict[str, list[float]]:
    """Run the second process; return milliseconds by command."""
    secret = pair.tocsin.settings.slack_signing_secret
    asked = json.dumps(
        {
            "url": pair.web_url,
            "secret": secret,
            "channel": channel,
            "rate": RATE,
            "seconds": SECONDS,
        }
    )
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.client"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    times: dict[str, list[float]] = json.loads(done.stdout)
    return times


def bench_open(folder: Path) -> list[Result]:
    """From the submitted form to a channel with its card pinned."""
    with practising(folder, ticking=False) as pair:
        spans = [open_one(pair, f"Measured incident {number}") for number in range(5)]
    span = statistics.median(spans)
    words = f"median {span:.2f} s of {len(spans)}, slowest {max(spans):.2f} s"
    return [("form submitted to channel ready", words, max(spans) <= PROMISES["open_s"])]


def open_one(pair: Practice, title: str) -> float:
    """Open an incident by the form; return seconds until its card is pinned."""
    ana = pair.box.person("U0ANA")
    channel = pair.box.channel_id("security")
    ana.slash("/incident", f"open {title}", channel=channel)
    started = time.perf_counter()
    pinned = sum(call.method == "pins.add" for call in pair.box.calls)
    ana.submit(values={"playbook": "data_breach", "severity": "SEV2"})
    while sum(call.method == "pins.add" for call in pair.box.calls) == pinned:
        time.sleep(0.005)
    return time.perf_counter() - started


def bench_memory() -> list[Result]:
    """Resident memory of a process that has told the whole story."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        process = psutil.Popen(
            [sys.executable, "-m", "benchmarks.told", f"{folder}/story"],
            stdout=subprocess.PIPE,
            text=True,
        )
        peak = 0
        out = ""
        for line in process.stdout:
            out = line
        process.wait()
        peak = int(out)
    megabytes = peak / 1_000_000
    words = f"{megabytes:.0f} MB resident after the story (workspace in a box included)"
    return [("memory", words, megabytes <= PROMISES["rss_mb"])]


def median(times: Sequence[float]) -> float:
    """The median, in the unit of the times."""
    return statistics.median(times)


def percentile(times: Sequence[float], part: int) -> float:
    """A percentile, in the unit of the times."""
    return statistics.quantiles(times, n=100)[part - 1]


if __name__ == "__main__":
    sys.exit(main())
