"""Loads `playbooks/exercises/*.yaml`: a file each becomes a `Scenario`, all of them or none.

Decides whether a file has the form of a scenario and names only what is there. Whether the
scenario makes sense (reachable, in time, harmless) is `scenario_lint`.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.content.scenario_lint import scenario_problems, span_of
from bot.content.scenario_translations import translation_problems
from bot.content.yaml_source import ContentError, ContentProblem, LoadedYaml, load_yaml, validate_as
from bot.domain.playbook import Playbook
from bot.domain.roles import Role
from bot.domain.scenario import (
    Attachment,
    Condition,
    Decision,
    EventMatch,
    ExerciseKind,
    Expectation,
    Inject,
    InjectChannel,
    Lesson,
    Objective,
    Option,
    PublicCase,
    Scenario,
    Variable,
    Window,
    WindowClock,
)


def load_scenarios(
    folder: Path,
    *,
    playbooks: Mapping[str, Playbook],
    templates: Collection[str] | None = None,
) -> dict[str, Scenario]:
    """Load every scenario of a folder, by id; none if there is no such folder.

    `templates` are the ids of the notice templates, which expectations may name.

    Raises:
        ContentError: with every problem of every file; none is loaded then.
    """
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    found, problems = check_scenarios(files, playbooks=playbooks, templates=templates)
    if problems:
        raise ContentError(problems)
    return found


def check_scenarios(
    paths: Iterable[Path],
    *,
    playbooks: Mapping[str, Playbook],
    templates: Collection[str] | None = None,
) -> tuple[dict[str, Scenario], list[ContentProblem]]:
    """Check files, and every YAML file in folders; return the sound ones, and every problem.

    What a translation translates is read too, from beside it, and not reported.
    """
    problems: list[ContentProblem] = []
    sound: dict[str, LoadedYaml] = {}
    for file in _files_of(paths):
        try:
            loaded = _checked(file, playbooks=playbooks, templates=templates)
            sound[loaded.data["id"]] = loaded
        except ContentError as error:
            problems += error.problems
    problems += translation_problems(sound | _sources_beside(sound))
    faulty = {one.file for one in problems}
    found = {
        key: build_scenario(one.data, sha256=one.sha256)
        for key, one in sound.items()
        if one.file not in faulty
    }
    return found, list(ContentError(problems).problems)


def load_scenario(
    file: Path,
    *,
    playbooks: Mapping[str, Playbook],
    templates: Collection[str] | None = None,
) -> Scenario:
    """Load one scenario; a translation isn't compared with its source here.

    Raises:
        ContentError: with every problem of the file.
    """
    loaded = _checked(file, playbooks=playbooks, templates=templates)
    return build_scenario(loaded.data, sha256=loaded.sha256)


def _checked(
    file: Path, *, playbooks: Mapping[str, Playbook], templates: Collection[str] | None
) -> LoadedYaml:
    loaded = load_yaml(file)
    problems = validate_as("scenario", loaded) or scenario_problems(
        loaded, playbooks=playbooks, templates=templates
    )
    if problems:
        raise ContentError(problems)
    return loaded


def _files_of(paths: Iterable[Path]) -> list[Path]:
    found = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])
    ]
    return list(dict.fromkeys(found))


def _sources_beside(sound: Mapping[str, LoadedYaml]) -> dict[str, LoadedYaml]:
    """Read what the translations among these files translate, where it isn't among them."""
    found = {}
    for loaded in sound.values():
        of = loaded.data.get("translation_of", "")
        beside = Path(loaded.file).with_name(f"{of}.yaml")
        if of and of not in sound and beside.is_file():
            source = load_yaml(beside)
            if not validate_as("scenario", source):
                found[of] = source
    return found


def build_scenario(data: Mapping[str, Any], *, sha256: str) -> Scenario:
    """Build a scenario from data of the right form; a run keeps its data and builds it again.

    Each step of a run asks for it, so the last ones are kept.
    """
    return _built(json.dumps(data), sha256)


@lru_cache(maxsize=64)
def _built(written: str, sha256: str) -> Scenario:
    data = json.loads(written)
    return Scenario(
        id=data["id"],
        version=data["version"],
        title=data["title"],
        language=data["language"],
        kind=ExerciseKind(data["kind"]),
        summary=data["summary"].strip(),
        organisation=data["organisation"],
        playbook=data["playbook"],
        severity=data["severity"],
        span=span_of(data["span"]),
        play=span_of(data["play"]),
        roles=tuple(Role(one) for one in data["roles"]),
        objectives=tuple(Objective(**one) for one in data["objectives"]),
        injects=tuple(_inject(one) for one in data["injects"]),
        decisions=tuple(_decision(one) for one in data.get("decisions", ())),
        variables=tuple(_variable(*one) for one in data.get("variables", {}).items()),
        lessons=tuple(
            Lesson(category=one["category"], questions=tuple(one["questions"]))
            for one in data["lessons"]
        ),
        cases=tuple(PublicCase(**one) for one in data["cases"]),
        notes=data["notes"].strip(),
        sha256=sha256,
        data=data,
        translation_of=data.get("translation_of", ""),
    )


def _inject(data: Mapping[str, Any]) -> Inject:
    after = data.get("after", {})
    return Inject(
        id=data["id"],
        channel=InjectChannel(data["channel"]),
        sender=data["from"],
        to=tuple(Role(one) for one in data["to"]),
        title=data["title"],
        text=data["text"].strip(),
        at=span_of(data["at"]) if "at" in data else None,
        after=after.get("inject", ""),
        delay=span_of(after["delay"]) if after else timedelta(),
        when=_condition(data["when"]) if "when" in data else None,
        hold=data.get("hold", False),
        reserve=data.get("reserve", False),
        note=data.get("note", "").strip(),
        attachments=tuple(
            Attachment(
                template=one["template"],
                name=one["name"],
                values=MappingProxyType(dict(one.get("values", {}))),
            )
            for one in data.get("attachments", ())
        ),
        expects=tuple(_expectation(one, data["id"]) for one in data.get("expects", ())),
        decision=data.get("decision", ""),
    )


def _expectation(data: Mapping[str, Any], inject: str) -> Expectation:
    match = data.get("match")
    return Expectation(
        id=data["id"],
        inject=inject,
        objective=data["objective"],
        text=data["text"],
        by=Role(data["by"]) if "by" in data else None,
        window=Window(
            target=span_of(data["target"]),
            limit=span_of(data["limit"]),
            clock=WindowClock(data.get("clock", "wall")),
        ),
        match=_match(match) if match else None,
        critical=data.get("critical", False),
        weight=data.get("weight", 1),
    )


def _match(data: Mapping[str, Any]) -> EventMatch:
    events = data["event"]
    return EventMatch(
        events=frozenset([events] if isinstance(events, str) else events),
        where=MappingProxyType(dict(data.get("where", {}))),
        roles=frozenset(Role(one) for one in data.get("by_role", ())),
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    decision = data.get("decision", {})
    return Condition(
        met=data.get("met", ""),
        missed=data.get("missed", ""),
        delivered=data.get("delivered", ""),
        decision=decision.get("id", ""),
        options=frozenset(decision.get("is", ())),
        all_of=tuple(_condition(one) for one in data.get("all", ())),
        any_of=tuple(_condition(one) for one in data.get("any", ())),
        none_of=tuple(_condition(one) for one in data.get("none", ())),
    )


def _decision(data: Mapping[str, Any]) -> Decision:
    return Decision(
        id=data["id"],
        question=data["question"],
        owner=Role(data["owner"]),
        options=tuple(Option(**one) for one in data["options"]),
    )


def _variable(name: str, data: Mapping[str, Any]) -> Variable:
    if "one_of" in data:
        return Variable(name=name, one_of=tuple(data["one_of"]))
    return Variable(name=name, low=data["from"], high=data["to"], step=data.get("step", 1))
