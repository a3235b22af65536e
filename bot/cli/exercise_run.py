"""`tocsin exercise run SCENARIO`: plays a scenario without people and leaves its papers.

For authors of scenarios and for tests: it works on a database of its own in a scratch folder, with
scripted players and a clock that is moved. Decides the words of the command line and the exit code.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.cli.terminal import say, settings_from_environment
from bot.domain.exercise_clock import factor_for
from bot.domain.incident import IncidentError
from bot.domain.rulebook import Rulebook
from bot.domain.scenario import Scenario

EXIT_OK = 0


def add_run(inner: Any) -> None:
    """Add `exercise run`."""
    parser = inner.add_parser("run", help="play a scenario without people; leaves its report")
    parser.add_argument("scenario", help="its id, or a file")
    parser.add_argument("--factor", type=int, help="exercise time per wall time; default: its own")
    parser.add_argument("--seed", type=int, default=1, help="draws its values; the same, the same")
    parser.add_argument("--out", type=Path, help="folder for report, JSON and bundle")
    parser.add_argument("--players", type=Path, help="script of the players (YAML)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play, leave the papers, and say how it went."""
    from bot.app import build_store, load_rulebook
    from bot.rehearsal.play import Rehearsal
    from bot.rehearsal.script import load_script, practised_team
    from bot.services.after_action_lock import report_json

    settings = settings_from_environment()
    rules, scenario = _found(args.scenario, load_rulebook(settings))
    steps = (
        load_script(args.players, scenario) if args.players else practised_team(scenario, args.seed)
    )
    with tempfile.TemporaryDirectory(prefix="tocsin-exercise-") as folder:
        here = replace(
            settings,
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/exercise.db",
            artifacts_url="",
            tsa_urls=(),
            tsa_roots=None,
        )
        store = build_store(here, rules=rules)
        played = Rehearsal(
            store=store, scenario=scenario, seed=args.seed, factor=args.factor, steps=steps
        )
        try:
            played.play()
            report = played.leave(args.out or Path(folder) / "out")
        finally:
            store.outbox.close()
            store.engine.dispose()
    if args.json:
        say(report_json(report).decode())
    else:
        _tell(report, played.refused, args.out)
        _warn_of_pace(report["exercise"]["factor"], scenario)
    return EXIT_OK


def _found(name: str, rules: Rulebook) -> tuple[Rulebook, Scenario]:
    """Find the scenario by its id or file; the rulebook returned knows it."""
    from bot.content.scenarios import load_scenario

    if name.endswith((".yaml", ".yml")):
        scenario = load_scenario(Path(name), playbooks=rules.playbooks, templates=rules.notices)
        return replace(rules, scenarios={**rules.scenarios, scenario.id: scenario}), scenario
    if name not in rules.scenarios:
        known = ", ".join(sorted(rules.scenarios))
        raise IncidentError(f"There is no scenario {name}. There are: {known}.")
    return rules, rules.scenarios[name]


def _warn_of_pace(factor: int, scenario: Scenario) -> None:
    """Say why so much was missed: people's windows run on the wall, which no pace stretches."""
    own = factor_for(scenario.span, scenario.play)
    if factor > own:
        say(
            f"Played at {factor} : 1, which leaves people {own} / {factor} of the time that the "
            f"scenario gives them: most of what is expected of them comes too late. Leave --factor "
            f"out to see how it plays at its own pace, {own} : 1."
        )


def _tell(report: dict[str, Any], refused: list[str], out: Path | None) -> None:
    about = report["exercise"]
    say(f"{about['ref']} {about['title']}: {about['played_minutes']} minutes played")
    for one in report["objectives"]:
        score = "–" if one["score"] is None else f"{one['score'] / 10:.0f} %"
        say(f"  {one['id']} {one['rating'] or '–'}  {score:>5}  {one['text']}")
    for words in refused:
        say(f"  refused: {words}")
    say(f"Papers: {out}" if out else "Add --out DIR to keep report, JSON and bundle.")
