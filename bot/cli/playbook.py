"""`tocsin playbook check PATH…`: says what is wrong in policy files, with place and remedy."""

import argparse
from pathlib import Path
from typing import Any

from bot.cli.terminal import say


def add_parser(commands: Any) -> None:
    """Add `playbook check`."""
    parser = commands.add_parser("playbook", help="check playbooks")
    inner = parser.add_subparsers(dest="playbook_command", required=True)
    check = inner.add_parser("check", help="check files or folders; exit 1 if anything is wrong")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print every problem; 0 if there is none."""
    from bot.content.playbooks import check_paths

    problems = check_paths(args.paths)
    for problem in problems:
        say(str(problem))
    if problems:
        say(f"{len(problems)} problem(s).")
        return 1
    say("All good.")
    return 0
