"""Loads obligations: the YAML files of a folder become `Obligation`s, all of them or none.

Decides how files add up: definitions that all files share (`_shared.yaml`), ids that are given
once, duties that name each other, and the organisation's own folder over the pack. What a sound
obligation is beyond its schema is `obligations_sense`'s; what the law says stands in the files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from bot.content.conditions import ConditionReader
from bot.content.obligations_build import build_obligation
from bot.content.obligations_sense import sense_problems
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.conditions import Condition
from bot.domain.obligations import Obligation, duties_named

SHARED = "_shared.yaml"
"""File of a folder whose definitions every file of it may use."""


@dataclass(kw_only=True)
class _Folder:
    """What one folder gave: obligations with the file and place that each stands at."""

    found: dict[str, Obligation] = field(default_factory=dict)
    places: dict[str, tuple[LoadedYaml, int]] = field(default_factory=dict)
    problems: list[ContentProblem] = field(default_factory=list)


def load_obligations(folder: Path, own: Path | None = None) -> dict[str, Obligation]:
    """Load every `*.yaml` of a folder, by obligation id, in the order of files and entries.

    Args:
        folder: the pack.
        own: the organisation's own folder. Its duties stand beside the pack's; one with an id of
            the pack takes its place, and is shown as the organisation's own.

    Raises:
        ContentError: with every problem of every file; no obligation is loaded then.
    """
    shared: dict[str, Condition] = {}
    pack = _load_folder(folder, shared, own=False)
    mine = _load_folder(own, shared, own=True) if own else _Folder()
    merged = pack.found | mine.found
    problems = [*pack.problems, *mine.problems]
    if not problems:
        places = pack.places | mine.places
        problems = list(_unknown_duties(merged, places)) or list(_circles(merged, places))
    if problems:
        raise ContentError(problems)
    return merged


def parse_obligations(
    loaded: LoadedYaml, shared: Mapping[str, Condition] | None = None, *, own: bool = False
) -> list[Obligation]:
    """Turn one parsed file into its obligations.

    Args:
        loaded: the file.
        shared: conditions that the file may use beside its own definitions.
        own: whether the organisation wrote it.

    Raises:
        ContentError: with every problem of the file. Sense is checked only when the form is right.
    """
    problems = validate_as("obligations", loaded)
    if not problems and "obligations" not in loaded.data:
        problems = [loaded.problem((), "'obligations' is missing", "add 'obligations: …'")]
    if problems:
        raise ContentError(problems)
    reader = ConditionReader(loaded)
    reader.definitions = dict(shared or {}) | _definitions(loaded, reader)
    obligations = [
        build_obligation(loaded, reader, ("obligations", index), data, own=own)
        for index, data in enumerate(loaded.data["obligations"])
    ]
    problems = [*reader.problems, *sense_problems(loaded), *_unused(loaded, reader)]
    if problems:
        raise ContentError(problems)
    return obligations


def _load_folder(folder: Path, shared: dict[str, Condition], *, own: bool) -> _Folder:
    """Read a folder; its shared definitions are added to `shared`."""
    result = _Folder(problems=_folder_problems(folder))
    if (folder / SHARED).is_file():
        try:
            shared |= _shared(load_yaml(folder / SHARED))
        except ContentError as error:
            result.problems += error.problems
            return result
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SHARED:
            continue
        try:
            loaded = load_yaml(path)
            found = parse_obligations(loaded, shared, own=own)
        except ContentError as error:
            result.problems += error.problems
            continue
        for index, one in enumerate(found):
            first = result.found.setdefault(one.id, one)
            if first is one:
                result.places[one.id] = (loaded, index)
            else:
                problem = f"the id '{one.id}' is also in {first.origin.file}"
                place = ("obligations", index, "id")
                remedy = "give one of them another id"
                result.problems.append(loaded.problem(place, problem, remedy))
    return result


def _shared(loaded: LoadedYaml) -> dict[str, Condition]:
    problems = validate_as("obligations", loaded)
    if not problems and "obligations" in loaded.data:
        problem = f"{SHARED} holds definitions only"
        problems = [loaded.problem(("obligations",), problem, "move the obligations out")]
    reader = ConditionReader(loaded)
    definitions = {} if problems else _definitions(loaded, reader)
    if problems or reader.problems:
        raise ContentError([*problems, *reader.problems])
    return definitions


def _definitions(loaded: LoadedYaml, reader: ConditionReader) -> dict[str, Condition]:
    return {
        name: reader.read(raw, ("definitions", name))
        for name, raw in loaded.data.get("definitions", {}).items()
    }


def _folder_problems(folder: Path) -> list[ContentProblem]:
    """Faults of the folder itself: nothing in it, or files that would silently be passed over."""
    faults = [
        (path, "files that end in .yml aren't read", "rename it to end in .yaml")
        for path in sorted(folder.glob("*.yml"))
    ]
    if not faults and not any(folder.glob("*.yaml")):
        faults = [(folder, "no obligations (*.yaml) here", "check the path of the folder")]
    return [
        ContentProblem(file=str(path), line=1, column=1, problem=problem, remedy=remedy)
        for path, problem, remedy in faults
    ]


def _unknown_duties(
    obligations: Mapping[str, Obligation], places: Mapping[str, tuple[LoadedYaml, int]]
) -> Iterator[ContentProblem]:
    """A duty that is counted from another one which doesn't exist would wait for ever."""
    for one in obligations.values():
        loaded, index = places[one.id]
        for named in (*duties_named(one), *filter(None, [one.duplicate_of])):
            if named == one.id or named not in obligations:
                problem = f"{one.id} is counted from '{named}', which isn't another obligation here"
                place = ("obligations", index)
                yield loaded.problem(place, problem, suggest(named, obligations))


def _circles(
    obligations: Mapping[str, Obligation], places: Mapping[str, tuple[LoadedYaml, int]]
) -> Iterator[ContentProblem]:
    """Duties that wait for each other would never be counted."""
    try:
        TopologicalSorter({key: duties_named(one) for key, one in obligations.items()}).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        loaded, index = places[ring[0]]
        problem = f"duties are counted from each other in a circle: {', '.join(ring)}"
        remedy = "remove one of the 'of' or 'deadline_of' between them"
        yield loaded.problem(("obligations", index), problem, remedy)


def _unused(loaded: LoadedYaml, reader: ConditionReader) -> Iterator[ContentProblem]:
    for name in loaded.data.get("definitions", {}):
        if name not in reader.used:
            place = ("definitions", name)
            problem = f"the definition '{name}' is never used"
            yield loaded.problem(place, problem, f"write 'use: {name}' or remove it", key=True)
