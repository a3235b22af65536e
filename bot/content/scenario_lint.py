"""What a scenario must be beyond its form: whole, reachable, in time, and harmless.

Decides the faults of one scenario, each with its place and remedy: names that aren't there,
injects that can never come, cycles, windows that end after the exercise, objectives that nothing
tries, addresses and numbers that could be real, phrases that no exercise may use.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.scenario_variables import names_in


def scenario_problems(
    loaded: LoadedYaml, *, playbooks: Mapping[str, object]
) -> list[ContentProblem]:
    """Find every fault of a scenario whose form is right."""
    return [*_name_problems(loaded, playbooks), *_variable_problems(loaded)]


def _name_problems(loaded: LoadedYaml, playbooks: Mapping[str, object]) -> Iterator[ContentProblem]:
    data = loaded.data
    if data["playbook"] not in playbooks:
        remedy = suggest(data["playbook"], playbooks)
        yield loaded.problem(("playbook",), f"there is no playbook '{data['playbook']}'", remedy)


def _variable_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    known = loaded.data.get("variables", {})
    for path, text in texts_of(loaded.data):
        for name in sorted(names_in(text) - set(known)):
            remedy = suggest(name, known) if known else "add it under variables"
            yield loaded.problem(path, f"there is no variable '{name}'", remedy)


def texts_of(
    data: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text of a file with its place."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from texts_of(value, (*path, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts_of(value, (*path, index))
