"""`tocsin exercise check PATH…` and `tocsin exercise list`: what scenarios there are, and if sound.

Decides the words of the command line and the exit codes. What a scenario must be is
`bot.content.scenarios`; playing one without people is `exercise_run`.
"""

import argparse
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.cli.exercise_run import add_run
from bot.cli.terminal import say, settings_from_environment
from bot.content.roots import ContentRoots, find_roots
from bot.domain.playbook import Playbook
from bot.domain.scenario import Scenario

EXIT_OK = 0
EXIT_FAULTS = 1


def add_parser(commands: Any) -> None:
    """Add the `exercise` commands."""
    parser = commands.add_parser("exercise", help="tabletop exercises: check and list scenarios")
    inner = parser.add_subparsers(dest="exercise_command", required=True, metavar="COMMAND")
    check = inner.add_parser("check", help="check scenarios; exit 1 if anything is wrong")
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of them"
    )
    check.set_defaults(run=run_check)
    listed = inner.add_parser("list", help="list the scenarios that there are")
    listed.add_argument("--json", action="store_true", help="print JSON")
    listed.set_defaults(run=run_list)
    add_run(inner)


def run_check(args: argparse.Namespace) -> int:
    """Print every problem; 0 if there is none."""
    from bot.content.scenarios import check_scenarios

    roots = _roots()
    found, problems = check_scenarios(
        args.paths, playbooks=_playbooks(roots), templates=_templates(roots)
    )
    for problem in problems:
        say(str(problem))
    if problems:
        say(f"{_counted(len(problems), 'problem')}.")
        return EXIT_FAULTS
    if not found:
        say("There is no scenario here: name files that end in .yaml, or a folder of them.")
        return EXIT_FAULTS
    injects = sum(len(one.injects) for one in found.values())
    expected = sum(len(one.expectations) for one in found.values())
    say(
        f"All good: {_counted(len(found), 'scenario')}, {_counted(injects, 'inject')}, "
        f"{_counted(expected, 'expectation')}."
    )
    return EXIT_OK


def run_list(args: argparse.Namespace) -> int:
    """Print the scenarios of the policy folder; raise `ContentError` if one isn't sound."""
    from bot.content.scenarios import load_scenarios

    roots = _roots()
    found = load_scenarios(
        roots.exercises, playbooks=_playbooks(roots), templates=_templates(roots)
    )
    if args.json:
        say(json.dumps([_as_json(one) for one in found.values()], ensure_ascii=False, indent=2))
        return EXIT_OK
    if not found:
        say(f"There is no scenario in {roots.exercises}.")
    width = max((len(key) for key in found), default=0)
    for key, one in found.items():
        about = f"{one.kind:8}  {one.language}  {_times(one):15}  {_sizes(one):10}"
        say(f"{key:{width}}  {about}  {one.title}")
    return EXIT_OK


def _as_json(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "version": scenario.version,
        "title": scenario.title,
        "kind": scenario.kind.value,
        "language": scenario.language,
        "translation_of": scenario.translation_of,
        "playbook": scenario.playbook,
        "severity": scenario.severity,
        "span_minutes": _minutes(scenario.span),
        "play_minutes": _minutes(scenario.play),
        "roles": [one.value for one in scenario.roles],
        "objectives": [one.id for one in scenario.objectives],
        "injects": len(scenario.injects),
        "expectations": len(scenario.expectations),
        "decisions": len(scenario.decisions),
        "sha256": scenario.sha256,
    }


def _times(scenario: Scenario) -> str:
    hours = scenario.span / timedelta(hours=1)
    return f"{hours:g} h in {_minutes(scenario.play)} min"


def _sizes(scenario: Scenario) -> str:
    return _counted(len(scenario.injects), "inject")


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _roots() -> ContentRoots:
    return find_roots(settings_from_environment().policy_dir)


def _playbooks(roots: ContentRoots) -> Mapping[str, Playbook]:
    from bot.content.playbooks import load_playbooks

    return load_playbooks(roots.incidents)


def _templates(roots: ContentRoots) -> list[str]:
    """Name the notice templates; their own loader says what is wrong in them."""
    return [one.parent.name for one in roots.notification_templates.glob("*/notice.yaml")]
