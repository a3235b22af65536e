"""Loads `notification_templates/<id>/worksheet.yaml`: authorities' web forms, field by field.

Decides whether a worksheet is sound: its form, and that every fact it asks for exists. What is
typed into a field is decided by `bot.domain.worksheets`.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.content.notices_build import read_source
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.worksheets import SheetField, SheetSection, Worksheet

FILE = "worksheet.yaml"


def load_worksheets(folder: Path) -> dict[str, Worksheet]:
    """Load every worksheet of a folder of templates, by the id of its template.

    Raises:
        ContentError: with every problem of every worksheet; none is loaded then.
    """
    problems: list[ContentProblem] = []
    sheets: dict[str, Worksheet] = {}
    for file in sorted(folder.glob(f"*/{FILE}")):
        loaded = load_yaml(file)
        found = validate_as("worksheet", loaded) or list(_fact_problems(loaded))
        problems += found
        if not found:
            sheets[file.parent.name] = _build(loaded.data)
    if problems:
        raise ContentError(problems)
    return sheets


def _fact_problems(loaded: LoadedYaml) -> list[ContentProblem]:
    found = []
    for part, section in enumerate(loaded.data["sections"]):
        for place, field in enumerate(section["fields"]):
            for index, name in enumerate(field.get("facts", ())):
                if name not in FACT_TYPES:
                    where = ("sections", part, "fields", place, "facts", index)
                    remedy = suggest(name, FACT_TYPES)
                    found.append(loaded.problem(where, f"there is no fact '{name}'", remedy))
    return found


def _build(data: Mapping[str, Any]) -> Worksheet:
    return Worksheet(
        portal=data["portal"],
        address=data.get("address", ""),
        can_be_saved=data["can_be_saved"],
        public=data["public"],
        notes=tuple(data.get("notes", ())),
        sources=tuple(read_source(one) for one in data["sources"]),
        sections=tuple(
            SheetSection(
                title=section["title"], fields=tuple(_field(one) for one in section["fields"])
            )
            for section in data["sections"]
        ),
    )


def _field(entry: Mapping[str, Any]) -> SheetField:
    return SheetField(
        label=entry["label"],
        facts=tuple(entry.get("facts", ())),
        words=MappingProxyType(dict(entry.get("words", {}))),
        limit=entry.get("limit", 0),
        unknown=entry.get("unknown", ""),
        hint=entry.get("hint", ""),
        required=entry.get("required", True),
    )
