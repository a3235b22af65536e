"""What the `tocsin obligations` commands share: finding a duty, reading times, printing.

Decides how an instant, a zone and an id are read from the command line and refused, and how lines
for people are laid out. Loading the pack is `bot.content`'s.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.obligations import load_obligations
from bot.content.roots import ContentRootError
from bot.content.yaml_source import nearest
from bot.domain.counting import DeadlineError, read_zone
from bot.domain.events import Instant
from bot.domain.fact_checks import check_facts
from bot.domain.facts import Fact, FactError, Facts
from bot.domain.obligations import Obligation
from bot.domain.time_zones import zone_names

WIDTH = 100
LABEL = 16

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NEAR = 3


class UsageError(ValueError):
    """An argument that can't be used; the message says what to write instead."""


def find_obligation(obligation_id: str, obligations: Mapping[str, Obligation]) -> Obligation:
    """Find a duty by its id in any case; raise `UsageError` with the nearest ids if none."""
    found = obligations.get(obligation_id.upper())
    if found:
        return found
    near = _nearest_ids(obligation_id.upper(), obligations)
    remedy = f"Nearest: {', '.join(near)}." if near else "`tocsin obligations list` shows them all."
    raise UsageError(f"There is no obligation “{obligation_id}”. {remedy}")


def _nearest_ids(wanted: str, obligations: Iterable[str]) -> list[str]:
    """Give the ids that begin alike, else those spelt alike."""
    ids = sorted(obligations)
    begun = [one for one in ids if one.startswith(wanted) and wanted]
    if begun:
        return begun[:_NEAR]
    found: list[str] = []
    while len(found) < _NEAR and (one := nearest(wanted, [i for i in ids if i not in found])):
        found.append(one)
    return found


def read_when(text: str) -> Instant:
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


def check_told(known: Facts, told: Mapping[str, Fact], *, where: str = "") -> None:
    """Refuse facts that can't be true together, or name a place or zone that isn't there.

    Raises:
        UsageError: with both facts and what to change; `where` names the file, if there is one.
    """
    try:
        check_facts(known, told)
    except FactError as error:
        message = str(error).replace(" Nothing was recorded. You said both: record", " Say")
        raise UsageError(f"{where}: {message}" if where else message) from error


def find_zone(name: str) -> ZoneInfo:
    """Find an IANA time zone; raise `UsageError` with the nearest name if there is none."""
    try:
        return read_zone(name)
    except DeadlineError as error:
        near = nearest(name, zone_names())
        better = f"There is no time zone “{name}”: did you mean {near}?"
        raise UsageError(better if near else str(error)) from error


def load_folder(folder: Path) -> dict[str, Obligation]:
    """Load a pack from its folder, or from one that has it in `obligations/`.

    Raises:
        ContentRootError: there is no such folder.
        ContentError: with every problem of every file.
    """
    return load_obligations(pack_folder(folder))


def pack_folder(folder: Path) -> Path:
    """Find the folder with the YAML files: the one named, or one that policy keeps in it."""
    if not folder.is_dir():
        raise ContentRootError(f"{folder} is no folder: name one that holds obligations (*.yaml).")
    for inner in (folder / "playbooks" / "obligations", folder / "obligations"):
        if inner.is_dir():
            return inner
    return folder


def utc(at: Instant | None) -> str | None:
    """Write an instant as UTC, a date as it is."""
    if isinstance(at, datetime):
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return at.isoformat() if at else None


def both_times(at: Instant, zone: str) -> str:
    """Write an instant for people: in the zone in which days are counted, and as UTC."""
    if not isinstance(at, datetime):
        return f"{at:%a %Y-%m-%d}"
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S %Z} ({zone}), {utc(at)}"


def entry(label: str, text: str, *, width: int = LABEL) -> str:
    """Lay out one labelled text, wrapped under itself; a line break in it starts a new line."""
    lines = [
        row
        for line in text.splitlines()
        for row in textwrap.wrap(
            line,
            WIDTH - width,
            subsequent_indent=" " * (len(line) - len(line.lstrip()) + 2)
            if line[:1] in " -"
            else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
    first, *rest = lines or [""]
    return "\n".join([f"{label:<{width}}{first}", *(" " * width + one for one in rest)]).rstrip()


def dump(value: Any) -> str:
    """Write JSON as all commands do."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
