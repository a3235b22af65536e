"""The `tocsin obligations` commands: what is in the pack, what is due, what applies, what changed.

Decides the words of the command line, which pack is read, and the exit codes. Each command lives in
a module beside this one; the law is in the pack. The JSON forms are an interface that stays.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.cli.obligations_assess import assess_file
from bot.cli.obligations_common import UsageError, dump, load_folder, pack_folder
from bot.cli.obligations_diff import diff
from bot.cli.obligations_due import due
from bot.cli.obligations_show import listing, show
from bot.cli.terminal import settings_from_environment
from bot.content.obligations import SHARED, load_obligations
from bot.content.organisation import load_organisation
from bot.content.roots import ContentRootError, find_roots, own_obligations
from bot.content.yaml_source import ContentError, ContentProblem
from bot.domain.counting import DeadlineError
from bot.domain.obligations import Obligation

EXIT_OK = 0
EXIT_PACK = 1
EXIT_USAGE = 2

_DUE_HELP = """\
Counts one duty. WHEN is the time of its trigger's first event; --event gives others, by the name of
an event (discovery), of a fact (discovered_at), or of an obligation: when that duty was met. Duties
that bound this one are counted from the same events. A date alone is enough where days count."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `obligations` commands to the `tocsin` command."""
    parser = subparsers.add_parser("obligations", help="legal duties, and by when they are due")
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="obligations_command", required=True)
    listed = commands.add_parser("list", help="every obligation, or those of a place or recipient")
    listed.add_argument("--jurisdiction", metavar="CODE", help="ISO 3166: EU, US-CA; US has all")
    listed.add_argument("--regime", metavar="WORDS", help="part of the regime's name, such as GDPR")
    listed.add_argument("--recipient", metavar="KIND", help="attorney_general, or part of a name")
    shown = commands.add_parser("show", help="everything about one obligation")
    shown.add_argument("id", metavar="ID", help="such as EU-GDPR-33-SA")
    check = commands.add_parser("check", help="say what is wrong in a folder; exit 1 if anything")
    check.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, help="a pack, or rules of your own"
    )
    counted = commands.add_parser("due", help="count one deadline", description=_DUE_HELP)
    _add_due(counted)
    assessed = commands.add_parser("assess", help="what applies, from a file of facts")
    assessed.add_argument("facts", metavar="FACTS.yaml", type=Path, help="as docs/facts.md says")
    assessed.add_argument("--all", action="store_true", help="list what doesn't apply, too")
    assessed.add_argument(
        "--organisation", action="store_true", help="add the facts of our organisation.yaml"
    )
    changed = commands.add_parser("diff", help="what changed between two packs")
    changed.add_argument("old", metavar="OLD", type=Path, help="folder of the older pack")
    changed.add_argument("new", metavar="NEW", type=Path, help="folder of the newer pack")
    for command in (listed, shown, check, counted, assessed, changed):
        command.add_argument("--json", action="store_true", help="print JSON")


def _add_due(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="id of the obligation, such as EU-GDPR-33-SA")
    command.add_argument(
        "when",
        metavar="WHEN",
        nargs="?",
        help="when the period starts: 2026-03-02T10:00:00+01:00, or a date for rules in days",
    )
    command.add_argument("--trigger-at", metavar="ISO8601", help="the same as WHEN")
    command.add_argument(
        "--event", action="append", metavar="NAME=ISO8601", help="what else happened, and when"
    )
    command.add_argument(
        "--fact", action="append", metavar="NAME=VALUE", help="such as entity_types=credit_union"
    )
    command.add_argument("--zone", metavar="IANA", help="time zone, instead of the recipient's own")


def run(args: argparse.Namespace, *, folder: Path | None = None) -> int:
    """Run a parsed command and return the exit code: 0, 1 for a broken pack, 2 for wrong usage.

    `folder` holds the pack; by default that of the installation, with the organisation's own rules.
    """
    try:
        code, printed = _COMMANDS[args.obligations_command](args, folder)
    except ContentError as error:
        if args.obligations_command == "check":
            sys.stdout.write(_checked(args, list(error.problems)))
        else:
            sys.stderr.write(f"{error}\n")
        return EXIT_PACK
    except ContentRootError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_PACK
    except (UsageError, DeadlineError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    sys.stdout.write(printed)
    return code


Answer = tuple[int, str]


def _pack(folder: Path | None) -> dict[str, Obligation]:
    settings = settings_from_environment()
    pack = folder or find_roots(settings.policy_dir).obligations
    return load_obligations(pack, own=own_obligations(settings.playbooks_dir))


def _list(args: argparse.Namespace, folder: Path | None) -> Answer:
    return EXIT_OK, listing(args, _pack(folder))


def _show(args: argparse.Namespace, folder: Path | None) -> Answer:
    return EXIT_OK, show(args, _pack(folder))


def _due(args: argparse.Namespace, folder: Path | None) -> Answer:
    return EXIT_OK, due(args, _pack(folder))


def _assess(args: argparse.Namespace, folder: Path | None) -> Answer:
    ours: dict[str, object] = {}
    if args.organisation:
        roots = find_roots(settings_from_environment().policy_dir)
        ours = dict(load_organisation(roots.organisation).facts)
    return EXIT_OK, assess_file(args, _pack(folder), ours)


def _diff(args: argparse.Namespace, _folder: Path | None) -> Answer:
    return EXIT_OK, diff(args)


def _check(args: argparse.Namespace, folder: Path | None) -> Answer:
    """Check a folder: with shared definitions of its own it is a pack, else rules over the pack."""
    if args.folder is None:
        found = _pack(folder)
    elif (inner := pack_folder(args.folder)) and (inner / SHARED).is_file():
        found = load_folder(inner)
    else:
        pack = folder or find_roots(settings_from_environment().policy_dir).obligations
        found = load_obligations(pack, own=inner)
        found = {key: one for key, one in found.items() if one.origin.own}
    return EXIT_OK, _checked(args, [], found)


def _checked(
    args: argparse.Namespace,
    problems: list[ContentProblem],
    found: dict[str, Obligation] | None = None,
) -> str:
    found = found or {}
    if args.json:
        return dump(_checked_json(problems, found))
    if problems:
        return "".join(f"{one}\n" for one in problems) + f"{len(problems)} problem(s).\n"
    counsel = sum(one.confirm_with_counsel for one in found.values())
    return (
        f"{len(found)} obligations in {len({one.origin.file for one in found.values()})} files: "
        f"all good. {sum(one.runs for one in found.values())} run, {counsel} say “confirm with "
        f"counsel”.\n"
    )


def _checked_json(problems: list[ContentProblem], found: dict[str, Obligation]) -> dict[str, Any]:
    return {
        "sound": not problems,
        "obligations": len(found),
        "problems": [
            {
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "problem": one.problem,
                "remedy": one.remedy,
            }
            for one in problems
        ],
    }


_COMMANDS: dict[str, Callable[[argparse.Namespace, Path | None], Answer]] = {
    "list": _list,
    "show": _show,
    "check": _check,
    "due": _due,
    "assess": _assess,
    "diff": _diff,
}
