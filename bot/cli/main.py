"""The `tocsin` command: reads the words, runs one sub-command, turns errors into exit codes.

Each sub-command lives in a module beside this one. Exit codes: 0 done, 1 failed, 2 wrong usage;
`evidence verify` has its own, written in docs/evidence-format.md.
"""

import argparse
import gc
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version

from bot.cli import demo, evidence, exercise, notice, obligations, operate, playbook, sign_in
from bot.cli.terminal import EXPECTED

FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    # Loading a program makes much and throws little away: looking for garbage less often makes the
    # start of every command shorter by a sixth.
    gc.set_threshold(50_000, 20, 100)
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:2] == ["evidence", "verify"]:
        # The verifier reads its own words, so that there is one set of them.
        return evidence.run_verify(words[2:])
    args = make_parser().parse_args(words)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        return int(args.run(args))
    except EXPECTED as error:
        print(f"tocsin: {error}", file=sys.stderr)  # noqa: T201 - a command talks to a person
        return FAILED
    except KeyboardInterrupt:
        return FAILED


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of all sub-commands."""
    parser = argparse.ArgumentParser(
        prog="tocsin",
        description="Incident response for Slack: clocks, chain of custody, notices. "
        "Tocsin assists counsel and is not legal advice.",
    )
    parser.add_argument("--version", action="version", version=version_line())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (operate, sign_in, demo, playbook, obligations, notice, exercise, evidence):
        module.add_parser(commands)
    return parser


def version_line() -> str:
    """Return name and version as installed."""
    return f"tocsin {version('tocsin')}"
