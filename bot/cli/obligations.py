"""The `tocsin obligations` commands: which duties are in the pack, and by when one would be due.

Decides how they read their arguments and print. Counting is `domain.deadlines`; the law is in the
pack. The JSON forms are an interface that stays.
"""

import argparse
import difflib
import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.terminal import settings_from_environment
from bot.content.obligations import load_obligations
from bot.content.roots import ContentRootError, find_roots
from bot.content.yaml_source import ContentError
from bot.domain.deadlines import Deadline, DeadlineError, count, read_zone
from bot.domain.obligations import Obligation

EXIT_OK = 0
EXIT_PACK = 1
EXIT_USAGE = 2

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class UsageError(ValueError):
    """An argument that can't be used; the message says what to write instead."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `obligations list` and `obligations due` to the `tocsin` command."""
    parser = subparsers.add_parser("obligations", help="legal duties, and by when they are due")
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="obligations_command", required=True)
    listing = commands.add_parser("list", help="every obligation of the pack")
    due = commands.add_parser("due", help="count one obligation's deadline")
    due.add_argument("id", metavar="ID", help="id of the obligation, such as EU-GDPR-33-SA")
    due.add_argument(
        "--trigger-at",
        required=True,
        metavar="ISO8601",
        help="when the period starts: 2026-03-02T10:00:00+01:00, or a date for rules in days",
    )
    due.add_argument("--zone", metavar="IANA", help="time zone, instead of the recipient's own")
    for command in (listing, due):
        command.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, *, folder: Path | None = None) -> int:
    """Run a parsed command and return the exit code: 0, 1 for a broken pack, 2 for wrong usage.

    `folder` holds the pack; by default that of the installation.
    """
    try:
        obligations = load_obligations(
            folder or find_roots(settings_from_environment().policy_dir).obligations
        )
        command = _list if args.obligations_command == "list" else _due
        sys.stdout.write(command(args, obligations))
    except (ContentError, ContentRootError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_PACK
    except (UsageError, DeadlineError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    return EXIT_OK


def _list(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> str:
    if args.json:
        return _dump([_listed(one) for one in obligations.values()])
    rows = [(one.id, str(one.period), one.recipient.name) for one in obligations.values()]
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    return "".join(
        f"{name:<{wide[0]}}  {period:<{wide[1]}}  {recipient}\n" for name, period, recipient in rows
    )


def _listed(one: Obligation) -> dict[str, Any]:
    return {
        "id": one.id,
        "jurisdiction": one.jurisdiction,
        "regime": one.regime,
        "citation": one.citation,
        "recipient": {"kind": one.recipient.kind.value, "name": one.recipient.name},
        "duty": one.duty,
        "trigger": [trigger.fact for trigger in one.triggers],
        "period": {"number": one.period.number, "unit": one.period.unit.value},
        "zone": one.zone.name,
        "rule": one.counting,
        "effective_from": one.effective_from.isoformat(),
        "effective_until": one.effective_until.isoformat() if one.effective_until else None,
        "confidence": one.confidence.value,
        "verified_on": one.verified_on.isoformat(),
        "source": one.source,
        "file": one.origin.file,
        "sha256": one.origin.sha256,
    }


def _due(args: argparse.Namespace, obligations: Mapping[str, Obligation]) -> str:
    obligation = _find(args.id, obligations)
    zone = read_zone(args.zone) if args.zone else None
    trigger_at = read_trigger(args.trigger_at)
    deadline = count(obligation, trigger_at=trigger_at, zone=zone)
    if args.json:
        return _dump(_counted(obligation, trigger_at, deadline))
    return _told(obligation, trigger_at, deadline)


def _find(obligation_id: str, obligations: Mapping[str, Obligation]) -> Obligation:
    found = obligations.get(obligation_id.upper())
    if found:
        return found
    near = difflib.get_close_matches(obligation_id.upper(), obligations, n=3, cutoff=0.5)
    remedy = f"Nearest: {', '.join(near)}." if near else "`tocsin obligations list` shows them all."
    raise UsageError(f"There is no obligation “{obligation_id}”. {remedy}")


def read_trigger(text: str) -> datetime | date:
    """Read an ISO 8601 instant with its offset, or a bare date.

    Raises:
        UsageError: another form, no such day, or an instant without an offset.
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"“{text}” isn't an ISO 8601 time: write 2026-03-02T10:00:00Z, or 2026-03-02 for a "
            f"rule that counts days."
        ) from error
    if moment.tzinfo is None:
        raise UsageError(f"“{text}” has no offset: write {text}Z for UTC, or {text}+01:00.")
    return moment


def _counted(
    obligation: Obligation, trigger_at: datetime | date, deadline: Deadline
) -> dict[str, Any]:
    local = deadline.due_local
    return {
        "obligation": obligation.id,
        "trigger_at": _utc(trigger_at),
        "due_at": _utc(deadline.due_at) if deadline.due_at else None,
        "due_local": local.isoformat(timespec="seconds") if local else None,
        "zone": deadline.zone,
        "rule": deadline.rule,
        "caveats": list(deadline.caveats),
    }


def _told(obligation: Obligation, trigger_at: datetime | date, deadline: Deadline) -> str:
    local = deadline.due_local
    due = "without undue delay; the law gives no number"
    if deadline.due_at and local:
        due = f"{local:%a %Y-%m-%d %H:%M:%S %Z} ({deadline.zone}), {_utc(deadline.due_at)}"
    started = _utc(trigger_at)
    if isinstance(trigger_at, datetime):
        in_zone = trigger_at.astimezone(ZoneInfo(deadline.zone))
        started = f"{in_zone:%a %Y-%m-%d %H:%M:%S %Z}, {started}"
    lines = [
        f"{obligation.id}: {obligation.duty}",
        f"From  {started}",
        f"Due   {due}",
        f"Rule  {deadline.rule} ({obligation.citation})",
        *(f"Note  {caveat}" for caveat in deadline.caveats),
    ]
    return "".join(f"{line}\n" for line in lines)


def _utc(at: datetime | date) -> str:
    if isinstance(at, datetime):
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return at.isoformat()


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
