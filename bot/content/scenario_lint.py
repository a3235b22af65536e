"""What a scenario must be beyond its form: whole, reachable, in time, and harmless.

Decides the faults of names and references, each with its place and remedy, and gathers those of
order (`scenario_flow`), words (`scenario_words`), entries (`scenario_events`) and papers.
docs/exercises.md has a line for each rule.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from bot.content.scenario_events import match_problems
from bot.content.scenario_flow import Course, flow_problems, plain_conditions
from bot.content.scenario_words import texts_of, word_problems
from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.inject_papers import paper_faults
from bot.domain.playbook import Playbook

Path = tuple[str | int, ...]
Data = Mapping[str, Any]

_SPAN = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def span_of(text: str) -> timedelta:
    """Read an ISO 8601 span of days, hours, minutes and seconds; the schema checked its form."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} isn't a span")
    days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def scenario_problems(
    loaded: LoadedYaml,
    *,
    playbooks: Mapping[str, Playbook],
    templates: Collection[str] | None = None,
) -> list[ContentProblem]:
    """Find every fault of a scenario whose form is right.

    `templates` are the ids of the notice templates; None leaves their names unchecked.
    """
    twice = list(_twice(loaded))
    problems = [
        *_head_problems(loaded, playbooks),
        *twice,
        *_reference_problems(loaded),
        *_objective_problems(loaded),
        *_expectation_problems(loaded, playbooks, templates),
        *_paper_problems(loaded),
        *word_problems(loaded),
    ]
    if not twice:  # with an id that stands twice nobody can tell which one is meant
        spans = {text: span_of(text) for _, text in texts_of(loaded.data) if _SPAN.fullmatch(text)}
        problems += flow_problems(loaded, Course(loaded.data, spans))
    return problems


def _head_problems(
    loaded: LoadedYaml, playbooks: Mapping[str, Playbook]
) -> Iterator[ContentProblem]:
    data, stem = loaded.data, PurePath(loaded.file).stem
    if data["id"] != stem:
        problem = f"the id is '{data['id']}', the file's name '{stem}'"
        yield loaded.problem(("id",), problem, "give both the same name")
    if data["playbook"] not in playbooks:
        remedy = suggest(data["playbook"], playbooks)
        yield loaded.problem(("playbook",), f"there is no playbook '{data['playbook']}'", remedy)
    if "commander" not in data["roles"]:
        yield loaded.problem(("roles",), "nobody leads", "add commander")


def _ids(data: Data) -> Iterator[tuple[Path, str, str]]:
    """Yield each id with its place, and what it has to be unique in."""
    for kind in ("objectives", "injects", "decisions"):
        for index, one in enumerate(data.get(kind, ())):
            yield (kind, index, "id"), one["id"], kind
    for index, one in enumerate(data["injects"]):
        for number, expected in enumerate(one.get("expects", ())):
            yield ("injects", index, "expects", number, "id"), expected["id"], "expects"
        for number, paper in enumerate(one.get("attachments", ())):
            path = ("injects", index, "attachments", number, "name")
            yield path, paper["name"], f"papers {index}"
    for index, one in enumerate(data.get("decisions", ())):
        for number, option in enumerate(one["options"]):
            yield ("decisions", index, "options", number, "id"), option["id"], f"options {index}"


def _twice(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    seen: Counter[tuple[str, str]] = Counter()
    for path, key, kind in _ids(loaded.data):
        seen[kind, key] += 1
        if seen[kind, key] > 1:
            yield loaded.problem(path, f"'{key}' stands twice", "give each a name of its own")


def _reference_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    data = loaded.data
    injects = [one["id"] for one in data["injects"]]
    decisions = {one["id"]: one for one in data.get("decisions", ())}
    asked = {one.get("decision") for one in data["injects"]}
    for index, inject in enumerate(data["injects"]):
        path: Path = ("injects", index)
        if "after" in inject and inject["after"]["inject"] not in injects:
            yield _unknown(
                loaded, (*path, "after", "inject"), "inject", inject["after"]["inject"], injects
            )
        if "decision" in inject and inject["decision"] not in decisions:
            yield _unknown(loaded, (*path, "decision"), "decision", inject["decision"], decisions)
        yield from _role_problems(loaded, (*path, "to"), inject["to"])
        yield from _condition_problems(loaded, (*path, "when"), inject.get("when"))
    for index, one in enumerate(data.get("decisions", ())):
        yield from _role_problems(loaded, ("decisions", index, "owner"), one["owner"])
        if one["id"] not in asked:
            remedy = f"add 'decision: {one['id']}' to an inject, or remove it"
            yield loaded.problem(("decisions", index), f"no inject asks for {one['id']}", remedy)


def _condition_problems(
    loaded: LoadedYaml, path: Path, when: Data | None
) -> Iterator[ContentProblem]:
    data = loaded.data
    known = {
        "delivered": ("inject", [one["id"] for one in data["injects"]]),
        "met": ("expectation", [one["id"] for one in _expected(data)]),
        "missed": ("expectation", [one["id"] for one in _expected(data)]),
    }
    decisions = {one["id"]: one for one in data.get("decisions", ())}
    for at, condition in plain_conditions(when, path):
        [(kind, said)] = condition.items()
        if kind in known:
            what, ids = known[kind]
            if said not in ids:
                yield _unknown(loaded, at, what, said, ids)
        elif said["id"] not in decisions:
            yield _unknown(loaded, (*at, "id"), "decision", said["id"], decisions)
        else:
            options = [one["id"] for one in decisions[said["id"]]["options"]]
            for index, one in enumerate(said["is"]):
                if one not in options:
                    yield _unknown(loaded, (*at, "is", index), "option", one, options)


def _objective_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    tried = {one["objective"] for one in _expected(loaded.data)}
    for index, one in enumerate(loaded.data["objectives"]):
        if one["id"] not in tried:
            remedy = f"add an expectation with 'objective: {one['id']}', or remove it"
            yield loaded.problem(("objectives", index), f"nothing tries {one['id']}", remedy)


def _expectation_problems(
    loaded: LoadedYaml,
    playbooks: Mapping[str, Playbook],
    templates: Collection[str] | None,
) -> Iterator[ContentProblem]:
    objectives = [one["id"] for one in loaded.data["objectives"]]
    playbook = playbooks.get(loaded.data["playbook"])
    tasks = [task.key for _, task in playbook.tasks()] if playbook else ()
    for index, inject in enumerate(loaded.data["injects"]):
        for number, one in enumerate(inject.get("expects", ())):
            path: Path = ("injects", index, "expects", number)
            if one["objective"] not in objectives:
                yield _unknown(
                    loaded, (*path, "objective"), "objective", one["objective"], objectives
                )
            yield from _role_problems(loaded, (*path, "by"), one.get("by", []))
            if "match" in one:
                match, at = one["match"], (*path, "match")
                yield from _role_problems(loaded, (*at, "by_role"), match.get("by_role", []))
                yield from match_problems(loaded, at, match, tasks=tasks, templates=templates)
            elif one.get("critical") and "by" not in one:
                problem = f"{one['id']} is critical, and nobody would judge it"
                remedy = "add 'match', or 'by: ROLE' so that observers know whom to watch"
                yield loaded.problem((*path, "critical"), problem, remedy, key=True)


def _paper_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    for index, inject in enumerate(loaded.data["injects"]):
        for number, one in enumerate(inject.get("attachments", ())):
            path: Path = ("injects", index, "attachments", number, "values")
            for fault in paper_faults(one["template"], one.get("values", {})):
                at = (*path, *fault.steps)
                yield loaded.problem(at, fault.problem, fault.remedy, key=fault.key)


def _role_problems(
    loaded: LoadedYaml, path: Path, named: str | list[str]
) -> Iterator[ContentProblem]:
    roles = loaded.data["roles"]
    for index, role in enumerate([named] if isinstance(named, str) else named):
        if role not in roles:
            at = path if isinstance(named, str) else (*path, index)
            remedy = f"add it to roles, or use one of: {', '.join(roles)}"
            yield loaded.problem(at, f"nobody plays '{role}'", remedy)


def _unknown(
    loaded: LoadedYaml, path: Path, what: str, name: str, known: Collection[str]
) -> ContentProblem:
    remedy = suggest(name, known) if known else f"there is no {what} at all; add it"
    return loaded.problem(path, f"there is no {what} '{name}'", remedy)


def _expected(data: Data) -> list[Data]:
    return [one for inject in data["injects"] for one in inject.get("expects", ())]
