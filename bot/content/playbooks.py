"""Loads playbooks: a YAML file becomes a `Playbook`, whole or not at all.

Decides what a sound playbook is beyond its schema: the seven phases in order, no dangling names,
due times that let the containment clocks be met, evidence captured in order of volatility.
Doesn't decide what an incident does with it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from bot.content.organisation import organisation_problems
from bot.content.retention import retention_problems
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import FactError, from_json, parse_key
from bot.domain.playbook import (
    DEFAULT_CLOCKS,
    PHASE_IDS,
    ClockStart,
    ContainmentClock,
    Partner,
    PartnerKind,
    Phase,
    Playbook,
    PlaybookTask,
    PresumedFact,
    RoleDuty,
)

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

#: A task due after the clock of its phase couldn't help to meet that clock. Notification follows
#: the law's own deadlines and review comes after the incident, so neither has a clock here.
_PHASE_CLOCK = {
    "triage": "escalation",
    "containment": "containment",
    "forensic_preservation": "recovery",
    "remediation": "recovery",
    "recovery": "recovery",
}


def load_playbook(path: Path) -> Playbook:
    """Load one playbook.

    Raises:
        ContentError: with every problem of the file; nothing of it is loaded then.
    """
    return _load(path)[1]


def load_playbooks(folder: Path) -> dict[str, Playbook]:
    """Load every `*.yaml` of a folder, by playbook id, in the order of the file names.

    Raises:
        ContentError: with every problem of every file; no playbook is loaded then.
    """
    playbooks, problems = _read_folder(folder)
    if problems:
        raise ContentError(problems)
    return {playbook.id: playbook for playbook in playbooks}


def check_paths(paths: Iterable[Path]) -> list[ContentProblem]:
    """Check files and folders for `tocsin playbook check`; an empty list means all is well.

    A folder stands for its `*.yaml`. A folder with `incidents/` in it (such as `playbooks/`) stands
    for `incidents/*.yaml`, its `organisation.yaml` and its `retention.yaml`.
    """
    problems: list[ContentProblem] = []
    for path in paths:
        if not path.is_dir():
            problems += _load_problems(path)
        elif (path / "incidents").is_dir():
            problems += _read_folder(path / "incidents")[1]
            for name in ("organisation.yaml", "retention.yaml"):
                if (path / name).exists():
                    problems += _load_problems(path / name)
        else:
            problems += _read_folder(path)[1]
    return problems


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `30 min`, `4 h` or `2 d` (a day is 24 hours).

    Raises:
        ValueError: another form.
    """
    amount, _, unit = text.partition(" ")
    if unit not in _UNITS or not (amount.isascii() and amount.isdigit()):
        raise ValueError(f"'{text}' isn't a duration: write '30 min', '4 h' or '2 d'")
    return int(amount) * _UNITS[unit]


def _load(path: Path) -> tuple[LoadedYaml, Playbook]:
    loaded = load_yaml(path)
    problems = _problems(loaded)
    if problems:
        raise ContentError(problems)
    return loaded, _build(loaded)


def _read_folder(folder: Path) -> tuple[list[Playbook], list[ContentProblem]]:
    """Read each file once; what is sound, and every problem of the folder and its files."""
    problems = _folder_problems(folder)
    sound: dict[str, Playbook] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded, playbook = _load(path)
        except ContentError as error:
            problems += error.problems
            continue
        first = sound.setdefault(playbook.id, playbook)
        if first is not playbook:
            problem = f"the id '{playbook.id}' is also that of {first.source_path}"
            problems.append(loaded.problem(("id",), problem, "give one of them another id"))
    return list(sound.values()), problems


def _load_problems(path: Path) -> list[ContentProblem]:
    try:
        loaded = load_yaml(path)
    except ContentError as error:
        return list(error.problems)
    if path.name == "organisation.yaml":
        return organisation_problems(loaded)
    if path.name == "retention.yaml":
        return retention_problems(loaded)
    return _problems(loaded)


def _folder_problems(folder: Path) -> list[ContentProblem]:
    """Faults of the folder itself: nothing in it, or files that would silently be passed over."""
    passed_over = sorted(folder.glob("*.yml"))
    if passed_over:
        return [
            _of_file(path, "files that end in .yml aren't read", "rename it to end in .yaml")
            for path in passed_over
        ]
    if not any(folder.glob("*.yaml")):
        return [_of_file(folder, "no playbook (*.yaml) here", "check the path of the folder")]
    return []


def _of_file(path: Path, problem: str, remedy: str) -> ContentProblem:
    return ContentProblem(file=str(path), line=1, column=1, problem=problem, remedy=remedy)


def _problems(loaded: LoadedYaml) -> list[ContentProblem]:
    """Every problem of a file. Sense is checked only when the form is right."""
    problems = validate_as("playbook", loaded)
    if not problems:
        problems = [problem for check in _CHECKS for problem in check(loaded)]
    return sorted(problems, key=lambda p: (p.line, p.column))


def _tasks(loaded: LoadedYaml) -> Iterator[tuple[tuple[str | int, ...], str, dict[str, Any]]]:
    """Every task as (path, phase id, task)."""
    for p, phase in enumerate(loaded.data["phases"]):
        for t, task in enumerate(phase["tasks"]):
            yield ("phases", p, "tasks", t), phase["id"], task


def _check_phases(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    found = [phase["id"] for phase in loaded.data["phases"]]
    for index, phase_id in enumerate(found):
        if phase_id in found[:index]:
            place = ("phases", index, "id")
            yield loaded.problem(place, f"phase '{phase_id}' stands twice", "merge the two")
    missing = [phase_id for phase_id in PHASE_IDS if phase_id not in found]
    for phase_id in missing:
        problem = f"phase '{phase_id}' is missing"
        yield loaded.problem(("phases",), problem, "add it with at least one task", key=True)
    in_order = [phase_id for phase_id in PHASE_IDS if phase_id in found]
    if not missing and len(found) == len(in_order) and found != in_order:
        wrong = next(i for i, phase_id in enumerate(found) if phase_id != in_order[i])
        yield loaded.problem(
            ("phases", wrong, "id"),
            f"phase '{found[wrong]}' stands before '{in_order[wrong]}'",
            f"put the phases in this order: {', '.join(PHASE_IDS)}",
        )


def _check_keys(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    seen: dict[str, int] = {}
    for path, _, task in _tasks(loaded):
        place = (*path, "key")
        if task["key"] in seen:
            problem = f"task '{task['key']}' stands twice (first on line {seen[task['key']]})"
            yield loaded.problem(place, problem, "give one of them another key")
        seen.setdefault(task["key"], loaded.position_of(place)[0])
    partners = [partner["id"] for partner in loaded.data["partners"]]
    for index, partner_id in enumerate(partners):
        if partner_id in partners[:index]:
            place = ("partners", index, "id")
            problem = f"partner '{partner_id}' stands twice"
            yield loaded.problem(place, problem, "give one of them another id")


def _check_references(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    keys = {task["key"] for _, _, task in _tasks(loaded)}
    partners = {partner["id"] for partner in loaded.data["partners"]}
    graph: dict[str, list[str]] = {}
    for path, _, task in _tasks(loaded):
        graph[task["key"]] = task.get("after", [])
        for index, key in enumerate(graph[task["key"]]):
            if key not in keys:
                place = (*path, "after", index)
                yield loaded.problem(place, f"there is no task '{key}'", suggest(key, keys))
        wanted = task.get("partner")
        if wanted is not None and wanted not in partners:
            place = (*path, "partner")
            yield loaded.problem(
                place, f"there is no partner '{wanted}'", suggest(wanted, partners)
            )
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        problem = f"tasks wait for each other: {circle}"
        yield loaded.problem(("phases",), problem, "take one name out of an 'after'", key=True)


def _check_due(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    clocks = {clock.id: clock for clock in _clocks(loaded.data)}
    due_of = {task["key"]: parse_duration(task["due"]) for _, _, task in _tasks(loaded)}
    for path, phase_id, task in _tasks(loaded):
        due, place = parse_duration(task["due"]), (*path, "due")
        clock = clocks.get(_PHASE_CLOCK.get(phase_id, ""))
        if clock and due > clock.within:
            problem = f"due {task['due']} is after the {clock.id} clock ({_hours(clock.within)})"
            remedy = "make it sooner, or move the task to the review phase"
            yield loaded.problem(place, problem, remedy)
        for before in task.get("after", []):
            if due_of.get(before, due) > due:
                problem = f"due {task['due']}, before '{before}' which must come first"
                yield loaded.problem(place, problem, f"make it later, or '{before}' sooner")


def _check_volatility(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    """RFC 3227 §2.1: proceed from the volatile to the less volatile."""
    ranked: list[tuple[int, timedelta, tuple[str | int, ...]]] = []
    for path, phase_id, task in _tasks(loaded):
        rank = task.get("order_of_volatility")
        place = (*path, "order_of_volatility")
        if rank is not None and phase_id != "forensic_preservation":
            remedy = "move the task to forensic_preservation, or remove the number"
            yield loaded.problem(place, f"a capture in the phase '{phase_id}'", remedy, key=True)
        elif rank is not None:
            ranked.append((rank, parse_duration(task["due"]), place))
    ranked.sort(key=lambda one: one[0])
    if not ranked:
        remedy = "number the captures of forensic_preservation, from memory (1) to logs"
        yield loaded.problem(("phases",), "no task has order_of_volatility", remedy, key=True)
    for index, (rank, due, place) in enumerate(ranked):
        if rank != index + 1:
            problem = f"order_of_volatility is {rank} where {index + 1} comes next"
            yield loaded.problem(place, problem, "number the captures 1, 2, 3 without gaps")
        if index and due < ranked[index - 1][1]:
            problem = "due before a capture that is more volatile"
            yield loaded.problem(place, problem, "capture what vanishes first, first (RFC 3227)")


def _check_clocks(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    for clock in _clocks(loaded.data):
        limit = DEFAULT_CLOCKS[clock.id].within
        if clock.within > limit:
            place = ("containment_clocks", clock.id, "within")
            problem = f"the {clock.id} clock may not be looser than {_hours(limit)}"
            yield loaded.problem(place, problem, f"write {_hours(limit)} or less, or leave it out")


def _check_presumed(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    for index, presumed in enumerate(loaded.data.get("presumed_facts", [])):
        name = presumed["fact"]
        spec = FACT_TYPES.get(name)
        place = ("presumed_facts", index, "fact")
        if spec is None:
            yield loaded.problem(place, f"there is no fact '{name}'", suggest(name, FACT_TYPES))
        elif spec.kind in {FactKind.INSTANT, FactKind.DATE} or spec.per_jurisdiction:
            problem = f"'{name}' can't be presumed"
            yield loaded.problem(place, problem, "times and counts of people must be recorded")
        else:
            try:
                from_json(parse_key(name), presumed["value"])
            except FactError as error:
                place = ("presumed_facts", index, "value")
                remedy = f"an example: {spec.example}"
                yield loaded.problem(place, str(error).rstrip("."), remedy)


_CHECKS: tuple[Callable[[LoadedYaml], Iterator[ContentProblem]], ...] = (
    _check_phases,
    _check_keys,
    _check_references,
    _check_due,
    _check_volatility,
    _check_clocks,
    _check_presumed,
)


def _hours(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _clocks(data: dict[str, Any]) -> list[ContainmentClock]:
    """The four clocks of a playbook: the defaults, with what the file says instead."""
    given = data.get("containment_clocks", {})
    return [
        ContainmentClock(
            id=default.id,
            title=default.title,
            within=parse_duration(given[default.id]["within"])
            if default.id in given
            else default.within,
            starts=ClockStart(given.get(default.id, {}).get("starts", default.starts)),
            met_by=default.met_by,
        )
        for default in DEFAULT_CLOCKS.values()
    ]


def _build(loaded: LoadedYaml) -> Playbook:
    data = loaded.data
    return Playbook(
        id=data["id"],
        version=data["version"],
        title=data["title"],
        summary=data["summary"],
        suggested_severity=data["suggested_severity"],
        roles=tuple(RoleDuty(role=role, duty=duty) for role, duty in data["roles"].items()),
        presumed_facts=tuple(_presumed(one) for one in data.get("presumed_facts", [])),
        containment_clocks=tuple(_clocks(data)),
        partners=tuple(
            Partner(**{**one, "kind": PartnerKind(one["kind"])}) for one in data["partners"]
        ),
        notices=tuple(data.get("notices", [])),
        phases=tuple(
            Phase(**{**one, "tasks": tuple(_task(task) for task in one["tasks"])})
            for one in data["phases"]
        ),
        sha256=loaded.sha256,
        source_path=loaded.file,
    )


def _presumed(one: dict[str, Any]) -> PresumedFact:
    value = one["value"]
    return PresumedFact(
        fact=one["fact"],
        value=tuple(value) if isinstance(value, list) else value,
        reason=one["reason"],
    )


def _task(task: dict[str, Any]) -> PlaybookTask:
    return PlaybookTask(
        key=task["key"],
        title=task["title"],
        how=task["how"],
        owner_role=task["owner"],
        due=parse_duration(task["due"]),
        evidence=tuple(task["evidence"]),
        order_of_volatility=task.get("order_of_volatility"),
        after=tuple(task.get("after", ())),
        partner=task.get("partner"),
    )
