"""Loads `playbooks/retention.yaml`: the classes of record and how long each is kept.

Decides whether the file is sound. Doesn't decide what happens when a period ends.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.content.yaml_source import ContentError, ContentProblem, LoadedYaml, load_yaml, validate_as
from bot.domain.retention import UNCHECKED, RetentionClass

SOURCE = "add source: the address of the text that you read"
CAVEAT = f"add source and verified_on, or caveat: '{UNCHECKED}'"


def load_retention(path: Path) -> Mapping[str, RetentionClass]:
    """Load the classes by id; none if there is no such file, and everything is kept then.

    Raises:
        ContentError: with every problem of the file.
    """
    if not path.exists():
        return {}
    loaded = load_yaml(path)
    if problems := retention_problems(loaded):
        raise ContentError(problems)
    return {
        one["id"]: RetentionClass(
            id=one["id"],
            title=one["title"],
            days=one["keep"].get("days", 0),
            years=one["keep"].get("years", 0),
            basis=one["basis"],
            source=one.get("source", ""),
            verified_on=one.get("verified_on", ""),
            caveat=one.get("caveat", ""),
        )
        for one in loaded.data["classes"]
    }


def retention_problems(loaded: LoadedYaml) -> list[ContentProblem]:
    """Check a parsed file: its form, that no id stands twice, and that no period goes unquestioned.

    A class says where its basis was read and when, or has a caveat, which is shown with it.
    """
    if problems := validate_as("retention", loaded):
        return problems
    seen: set[str] = set()
    found = []
    for index, one in enumerate(loaded.data["classes"]):
        if one["id"] in seen:
            where = ("classes", index, "id")
            found.append(
                loaded.problem(where, f"'{one['id']}' stands twice", "give each class its own id")
            )
        seen.add(one["id"])
        if "verified_on" in one and "source" not in one:
            where = ("classes", index, "verified_on")
            found.append(loaded.problem(where, "says when it was checked, not where", SOURCE))
        if "verified_on" not in one and "caveat" not in one:
            where = ("classes", index, "id")
            words = f"nobody checked the period of '{one['id']}', and no caveat says so"
            found.append(loaded.problem(where, words, CAVEAT))
    return found
