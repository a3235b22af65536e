"""Loads `playbooks/organisation.yaml`: who we are, as facts that every incident starts with.

Decides whether the file is complete and its values fit the fact dictionary. Doesn't decide how the
facts are recorded in an incident.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bot.content.letterhead import LETTERHEAD, letterhead_problems, read_letterhead
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.facts import FactError, from_json, parse_key
from bot.domain.iso_places import is_place, nearest_places
from bot.domain.letterhead import Letterhead
from bot.domain.time_zones import zone_names

OrganisationValue = str | bool | list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """The organisation's facts in JSON form, by fact name, its letterhead, and their file."""

    facts: Mapping[str, OrganisationValue]
    letterhead: Letterhead
    sha256: str
    source_path: str


def load_organisation(path: Path) -> Organisation:
    """Load the organisation.

    Raises:
        ContentError: with every problem of the file; nothing of it is loaded then.
    """
    loaded = load_yaml(path)
    problems = organisation_problems(loaded)
    if problems:
        raise ContentError(problems)
    facts = {name: value for name, value in loaded.data.items() if name != LETTERHEAD}
    return Organisation(
        facts=MappingProxyType(facts),
        letterhead=read_letterhead(loaded),
        sha256=loaded.sha256,
        source_path=loaded.file,
    )


def organisation_problems(loaded: LoadedYaml) -> list[ContentProblem]:
    """Check a parsed organisation file: its form, its time zone, and the fact dictionary."""
    problems = validate_as("organisation", loaded)
    if problems:
        return problems
    for name, value in loaded.data.items():
        if name == LETTERHEAD:
            continue
        try:
            from_json(parse_key(name), value)
        except FactError as error:
            remedy = "see docs/facts.md for what this fact takes"
            problems.append(loaded.problem((name,), str(error).rstrip("."), remedy))
    problems += _place_problems(loaded)
    problems += letterhead_problems(loaded)
    zone = loaded.data["home_zone"]
    zones = zone_names()
    if zone not in zones:
        near = suggest(zone, zones)
        remedy = near if near.startswith("did") else "write an IANA name such as Europe/Berlin"
        problems.append(loaded.problem(("home_zone",), f"'{zone}' isn't a time zone", remedy))
    return problems


def _place_problems(loaded: LoadedYaml) -> list[ContentProblem]:
    """Find codes of the right form that name no place."""
    problems = []
    for index, code in enumerate(loaded.data["established_in"]):
        if not is_place(code):
            near = " or ".join(nearest_places(code))
            remedy = f"did you mean {near}?" if near else "write ISO 3166 codes: DE, US-CA"
            where = ("established_in", index)
            problems.append(loaded.problem(where, f"'{code}' isn't a place", remedy))
    return problems
