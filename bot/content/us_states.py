"""Loads `notification_templates/base/us_states.yaml`: what single US states want in a letter.

Decides whether the file is sound, and whether a notice that uses it can keep what it promises to
each state: declared facts, words that stand in the text, no state that gets another letter. What
the states want stands in the file; nothing here knows a law.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.notices import Condition, Minimum
from bot.domain.place_names import PLACE_NAMES, place_name
from bot.domain.us_states import (
    RESIDENTS,
    StateItem,
    StateOffice,
    StateService,
    StatesOfNotice,
    UsState,
)

US_STATES = "us_states.yaml"
"""The file, in the folder of what all notices share."""

MONTHS = "credit_monitoring_months"
"""The fact that a state's `service` sets a least number for."""

_NUMBER = "affected_total"

Faults = Iterator[tuple[tuple[str | int, ...], str, str]]
"""Path in a file, what is wrong there, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsStates:
    """The file and what it says, by code, in the order of the states' names."""

    loaded: LoadedYaml
    states: Mapping[str, UsState]


def load_us_states(path: Path) -> UsStates | None:
    """Load the file; None if there is none.

    Raises:
        ContentError: with every problem of the file.
    """
    return read_us_states(load_yaml(path)) if path.is_file() else None


def read_us_states(loaded: LoadedYaml) -> UsStates:
    """Read the parsed file; raises `ContentError` with every problem."""
    problems = validate_as("us_states", loaded)
    if not problems:
        problems = [loaded.problem(*one, key=True) for one in _faults(loaded.data["states"])]
    if problems:
        raise ContentError(problems)
    built = {code: _build(code, entry) for code, entry in loaded.data["states"].items()}
    ordered = sorted(built.values(), key=lambda one: one.name)
    return UsStates(loaded=loaded, states=MappingProxyType({one.code: one for one in ordered}))


def _faults(states: Mapping[str, Mapping[str, Any]]) -> Faults:
    for code, entry in states.items():
        path = ("states", code)
        if code not in PLACE_NAMES:
            remedy = suggest(code, [one for one in PLACE_NAMES if one.startswith("US-")])
            yield path, f"there is no state '{code}'", remedy
        if entry["checked"] != "not_checked" and "verified_on" not in entry:
            yield (
                (*path, "checked"),
                "says that it was checked, not when",
                "add verified_on: the day",
            )
        yield from _list_faults(path, entry)
        for index, pattern in enumerate(entry.get("forbidden_patterns", ())):
            try:
                re.compile(pattern)
            except re.error as error:
                where = (*path, "forbidden_patterns", index)
                yield where, f"not a regular expression: {error}", "mend it"


def _list_faults(path: tuple[str | int, ...], entry: Mapping[str, Any]) -> Faults:
    """Check the names of facts and kinds of data in a state's contents and service."""
    elements = FACT_TYPES["data_elements"].choices
    named: list[tuple[tuple[str | int, ...], str]] = []
    if "service" in entry:
        where = (*path, "service", "elements")
        named += [((*where, n), one) for n, one in enumerate(entry["service"]["elements"])]
    for index, item in enumerate(entry.get("contents", ())):
        where = (*path, "contents", index)
        if ("facts" in item) == ("says" in item):
            yield where, "an item is provided by facts or by words", "write facts, or says"
        named += [((*where, "elements", n), one) for n, one in enumerate(item.get("elements", ()))]
        for place, name in enumerate(item.get("facts", ())):
            if name not in FACT_TYPES:
                yield (
                    (*where, "facts", place),
                    f"there is no fact '{name}'",
                    suggest(name, FACT_TYPES),
                )
    for where, word in named:
        if word not in elements:
            yield where, f"'{word}' isn't a choice of data_elements", suggest(word, elements)


def _build(code: str, entry: Mapping[str, Any]) -> UsState:
    name = place_name(code)
    service = entry.get("service")
    return UsState(
        code=code,
        name=name,
        residents=entry.get("residents", f"{name} residents"),
        citation=entry["citation"],
        paragraphs=_texts(entry.get("says")),
        offices=tuple(
            StateOffice(
                name=one["name"],
                address=one.get("address", ""),
                phone=one.get("phone", ""),
                website=one.get("website", ""),
            )
            for one in entry.get("offices", ())
        ),
        tells_number=entry.get("tells_number", False),
        service=StateService(
            months=service["months"],
            elements=frozenset(service["elements"]),
            citation=service["citation"],
        )
        if service
        else None,
        contents=tuple(_item(entry, one) for one in entry.get("contents", ())),
        forbidden_patterns=_texts(entry.get("forbidden_patterns")),
        verify=_texts(entry.get("verify")),
        checked=entry["checked"],
    )


def _item(entry: Mapping[str, Any], item: Mapping[str, Any]) -> StateItem:
    return StateItem(
        item=item["item"],
        citation=item.get("citation", entry["citation"]),
        facts=tuple(item.get("facts", ())),
        says=item.get("says", ""),
        elements=frozenset(item.get("elements", ())),
    )


def _texts(listed: list[str] | None) -> tuple[str, ...]:
    # Long texts are folded over lines in YAML; they are read as one.
    return tuple(" ".join(one.split()) for one in listed or ())


def states_of_notice(data: Mapping[str, Any], file: UsStates | None) -> StatesOfNotice:
    """Return the states that a notice's text has parts for: all but those it gives up."""
    if "us_states" not in data or file is None:
        return StatesOfNotice()
    instead = data["us_states"].get("instead", {})
    kept = {code: one for code, one in file.states.items() if code not in instead}
    return StatesOfNotice(states=MappingProxyType(kept), instead=MappingProxyType(dict(instead)))


def state_minimums(key: str, states: StatesOfNotice) -> tuple[Minimum, ...]:
    """Return the least months of protection that the notice's states want, each with its case."""
    if key != MONTHS:
        return ()
    return tuple(
        Minimum(
            number=one.service.months,
            when=Condition(
                fact="data_elements",
                includes=one.service.elements,
                also=Condition(fact=RESIDENTS, includes=frozenset({one.code})),
            ),
            citation=one.service.citation,
        )
        for one in states.states.values()
        if one.service
    )


def state_problems(
    notice: LoadedYaml, file: UsStates | None, text: str, *, printed: bool
) -> Iterator[ContentProblem]:
    """Check that a notice and the file agree.

    `text` is all of the notice's text with single spaces; `printed`, whether it uses `states`.
    """
    wanted = "us_states" in notice.data
    if wanted and file is None:
        yield notice.problem(
            ("us_states",), f"there is no base/{US_STATES}", "write it, or leave it out"
        )
        return
    if wanted != printed:
        words = "never printed" if wanted else "printed, but us_states isn't declared"
        yield notice.problem(("us_states",), f"'states' is {words}", f"see base/{US_STATES}")
    if wanted and file is not None:
        yield from _duty_problems(notice, file)
        for code, state in states_of_notice(notice.data, file).states.items():
            for path, problem, remedy in _promise_faults(notice, state, text):
                yield file.loaded.problem(("states", code, *path), problem, remedy)


def _duty_problems(notice: LoadedYaml, file: UsStates) -> Iterator[ContentProblem]:
    instead = notice.data["us_states"].get("instead", {})
    for index, duty in enumerate(notice.data["obligations"]):
        code = "-".join(duty.split("-")[:2])
        if code not in PLACE_NAMES or not code.startswith("US-"):
            continue
        where = ("obligations", index)
        if code in instead:
            remedy = f"take it out, or take {code} out of instead"
            yield notice.problem(where, f"{code} gets {instead[code]} instead", remedy)
        elif code not in file.states:
            yield notice.problem(where, f"base/{US_STATES} says nothing of {code}", "add it there")


def _promise_faults(notice: LoadedYaml, state: UsState, text: str) -> Faults:
    facts = notice.data["facts"]
    offices = [f"{o.name} {o.address} {o.phone} {o.website}" for o in state.offices]
    said = " ".join([text, *state.paragraphs, *offices])
    if state.tells_number and _NUMBER not in facts:
        yield ("tells_number",), f"{notice.file} doesn't declare {_NUMBER}", "add it under facts"
    if state.service and MONTHS not in facts:
        yield ("service",), f"{notice.file} doesn't declare {MONTHS}", "add it under facts"
    for index, item in enumerate(state.contents):
        where = ("contents", index)
        for name in item.facts:
            if name not in facts:
                problem = f"{notice.file} doesn't declare {name}"
                yield (*where, "facts"), problem, f"add it under facts in {notice.file}"
        if item.says and item.says not in said:
            problem = f"{notice.file} doesn't say “{item.says}”"
            yield (*where, "says"), problem, "write it in the letter or in this state's says"
