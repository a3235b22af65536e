"""Translations of scenarios: the same exercise in other words, so that runs can be compared.

Decides what a translation must share with its source: every id, time, window and match. The words
are its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest

_HEAD = ("kind", "playbook", "severity", "span", "play", "roles")
_INJECT = ("at", "after", "when", "hold", "reserve", "channel", "to", "decision")
_EXPECTED = ("objective", "by", "match", "target", "limit", "clock", "critical", "weight")


def translation_problems(files: Mapping[str, LoadedYaml]) -> Iterator[ContentProblem]:
    """Compare every translation of `files` (by id) with what it translates."""
    for key, loaded in files.items():
        of = loaded.data.get("translation_of")
        if of is None:
            continue
        source = files.get(of)
        at = ("translation_of",)
        if source is None or of == key:
            remedy = suggest(of, set(files) - {key})
            yield loaded.problem(at, f"there is no scenario '{of}'", remedy)
        elif "translation_of" in source.data:
            original = source.data["translation_of"]
            yield loaded.problem(at, f"'{of}' is a translation", f"name its source, '{original}'")
        elif source.data["language"] == loaded.data["language"]:
            problem = f"'{of}' is in the same language"
            yield loaded.problem(("language",), problem, "name the language of this file")
        else:
            yield from _differences(loaded, source)


def _differences(loaded: LoadedYaml, source: LoadedYaml) -> Iterator[ContentProblem]:
    name, mine, theirs = source.data["id"], loaded.data, source.data
    for key in _HEAD:
        if mine[key] != theirs[key]:
            yield loaded.problem((key,), f"'{key}' isn't that of {name}", f"write {theirs[key]}")
    for kind in ("objectives", "injects", "decisions"):
        yield from _ids(loaded, (kind,), mine.get(kind, []), theirs.get(kind, []), name)
    before = {one["id"]: one for one in theirs["injects"]}
    for index, inject in enumerate(mine["injects"]):
        other = before.get(inject["id"])
        if other is None:
            continue
        path: tuple[str | int, ...] = ("injects", index)
        yield from _fields(loaded, path, inject, other, keys=_INJECT, name=name)
        ours, known = inject.get("expects", []), other.get("expects", [])
        yield from _ids(loaded, (*path, "expects"), ours, known, name)
        expected = {one["id"]: one for one in known}
        for number, one in enumerate(ours):
            if one["id"] in expected:
                place = (*path, "expects", number)
                yield from _fields(
                    loaded, place, one, expected[one["id"]], keys=_EXPECTED, name=name
                )
    options = {one["id"]: one["options"] for one in theirs.get("decisions", [])}
    for index, one in enumerate(mine.get("decisions", [])):
        path = ("decisions", index, "options")
        yield from _ids(loaded, path, one["options"], options.get(one["id"], one["options"]), name)


def _ids(
    loaded: LoadedYaml,
    path: tuple[str | int, ...],
    mine: list[Mapping[str, Any]],
    theirs: list[Mapping[str, Any]],
    name: str,
) -> Iterator[ContentProblem]:
    ours, known = [one["id"] for one in mine], [one["id"] for one in theirs]
    for one in known:
        if one not in ours:
            yield loaded.problem(path, f"'{one}' of {name} isn't here", "translate it too")
    for index, one in enumerate(ours):
        if one not in known:
            yield loaded.problem(
                (*path, index), f"{name} has no '{one}'", "add it there, or remove it"
            )


def _fields(
    loaded: LoadedYaml,
    path: tuple[str | int, ...],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    *,
    keys: tuple[str, ...],
    name: str,
) -> Iterator[ContentProblem]:
    for key in keys:
        if mine.get(key) != theirs.get(key):
            problem = f"'{key}' of {mine['id']} isn't that of {name}"
            yield loaded.problem((*path, key), problem, "a translation changes the words only")
