"""`make bench-exercises`: prompt injects with many runs, a long run without people, its report.

Exit code 0 if every promise holds. `--quick` plays fewer and shorter runs. Measure while nothing
else runs: an inject's lateness is told by the clock on the wall.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.app import build
from bot.clock import utc_now
from bot.documents.after_action_paper import render_after_action
from bot.domain.roles import Role
from bot.jobs.exercise_tick import tick_exercises
from bot.jobs.parts import Parts
from bot.jobs.runner import BEAT_S
from bot.services.access import person_for
from bot.services.exercises import StartExercise, start_exercise
from bot.services.people import channel_made
from bot.settings import read_settings
from bot.store.exercise_queries import clock_in
from bot.store.exercise_tables import ExerciseRun, InjectRun
from bot.store.unit_of_work import reading, unit_of_work

Result = tuple[str, str, bool]

QUICK = "--quick" in sys.argv
RUNS = 4 if QUICK else 20
SECONDS = 20 if QUICK else 90
SCENARIO = "drill_lost_laptop" if QUICK else "ransomware_exfiltration"
FACTOR = 3_600
"""The fastest pace: three days in 72 seconds."""
BETWEEN_STARTS_S = 0.25
"""Between two facilitators' starts: a crowd, but of people."""
PROMISES = {"late_s": 2.0, "headless_s": 90.0, "report_s": 5.0}


def main() -> int:
    """Measure everything; 0 if every promise holds."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        results = [*bench_injects(Path(folder) / "injects"), *bench_headless(Path(folder) / "out")]
    width = max(len(name) for name, _, _ in results)
    for name, words, held in results:
        print(f"{'✓' if held else '✗'} {name.ljust(width)}  {words}")
    return 0 if all(held for _, _, held in results) else 1


def bench_injects(folder: Path) -> list[Result]:
    """Let `RUNS` exercises run at once at the fastest pace, and look how late their injects are.

    An inject counts as delivered when the fast tick that took it has returned: it stands in the
    log then, and the job that posts it is queued. Slack's own time isn't in it.
    """
    settings = read_settings({"TOCSIN_DATA_DIR": str(folder)})
    tocsin = build(replace(settings, secret_key="x" * 48), utc_now)
    # People start them while the beat goes on, as in the program.
    starting = threading.Thread(target=_start, args=(tocsin.parts,))
    starting.start()
    late: dict[int, float] = {}
    ends = time.monotonic() + SECONDS
    more = False
    while time.monotonic() < ends:
        time.sleep(0 if more else BEAT_S)
        more = tick_exercises(tocsin.parts, utc_now())
        _note(tocsin.parts, utc_now(), late)
    starting.join()
    tocsin.store.outbox.close()
    tocsin.engine.dispose()
    spans = sorted(late.values())
    p99 = spans[min(len(spans) - 1, int(0.99 * len(spans)))]
    words = (
        f"{len(spans)} injects: median {statistics.median(spans):.2f} s, p99 {p99:.2f} s late, "
        f"worst {spans[-1]:.2f} s (p99 at most {PROMISES['late_s']:g} s)"
    )
    return [(f"injects, {RUNS} exercises at once", words, p99 <= PROMISES["late_s"])]


def _start(parts: Parts) -> None:
    for number in range(RUNS):
        with unit_of_work(parts.store, now=utc_now()) as tx:
            players = {
                role: f"U{number:04d}{role.name}"
                for role in (Role.COMMANDER, Role.FORENSICS, Role.LEGAL, Role.COMMS)
            }
            request = StartExercise(
                scenario_id=SCENARIO, players=players, factor=FACTOR, seed=number
            )
            actor = person_for(tx, f"U{number:04d}FACIL")
            channel_made(
                tx, start_exercise(tx, request, actor=actor), channel_id=f"C0BENCH{number}"
            )
        time.sleep(BETWEEN_STARTS_S)


def _note(parts: Parts, now: datetime, late: dict[int, float]) -> None:
    """Keep the lateness in seconds of each inject that is delivered by `now` and wasn't before."""
    with reading(parts.store) as session:
        clocks = {one.id: clock_in(one) for one in session.exec(select(ExerciseRun)).all()}
        rows = session.exec(select(InjectRun).where(col(InjectRun.state) == "delivered")).all()
        for row in rows:
            if row.id is None or row.id in late or row.planned_ex is None:
                continue
            due = clocks[row.run_id].wall(row.planned_ex)
            if due is not None:
                late[row.id] = max(timedelta(0), now - due).total_seconds()


def bench_headless(out: Path) -> list[Result]:
    """Play a scenario without people in a process of its own, then print its report again."""
    command = [
        *(sys.executable, "-m", "bot", "exercise", "run", SCENARIO),
        *("--factor", str(FACTOR), "--out", str(out)),
    ]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    played = time.perf_counter() - began
    report = json.loads((out / "after-action.json").read_text("utf-8"))
    assets = Path(__file__).parents[1] / "notification_templates" / "base"
    began = time.perf_counter()
    pdf = render_after_action(report, assets=assets, zone=ZoneInfo("UTC"), final=True)
    printed = time.perf_counter() - began
    minutes = report["exercise"]["played_minutes"]
    played_words = (
        f"{SCENARIO}, {minutes} min on its wall: {played:.1f} s with start, report and bundle "
        f"(at most {PROMISES['headless_s']:g} s)"
    )
    printed_words = f"{len(pdf) // 1024} KB in {printed:.1f} s (at most {PROMISES['report_s']:g} s)"
    return [
        ("a run without people", played_words, played <= PROMISES["headless_s"]),
        ("after-action report", printed_words, printed <= PROMISES["report_s"]),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
