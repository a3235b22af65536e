"""Loads the notice templates: a folder each becomes a `NoticeTemplate`, all of them or none.

Decides what a sound template is beyond its schema: it names only facts that exist, prints only
facts that it declares, declares only facts that it uses, has the headings and words it promises,
and can't print what its law forbids. It renders nothing.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from bot.content.notices_build import build_notice
from bot.content.us_states import US_STATES, UsStates, load_us_states, state_problems
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_yaml,
    suggest,
    validate_as,
)
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.notices import (
    BUILT_IN_VARIABLES,
    STATES_VARIABLE,
    NoticeTemplate,
)
from bot.domain.place_names import PLACE_NAMES
from bot.domain.time_zones import zone_names

BASE = "base"
"""The folder with what all notices share: layout, style, fonts, marks."""

BODY = "body.html.j2"
SUBJECT = "subject.txt.j2"


def load_notice_templates(folder: Path) -> dict[str, NoticeTemplate]:
    """Load every notice template of a folder, by id.

    Raises:
        ContentError: with every problem of every template; none of them is loaded then.
    """
    problems: list[ContentProblem] = []
    templates: dict[str, NoticeTemplate] = {}
    base_sha256 = _folder_sha256(folder / BASE)
    states = load_us_states(folder / BASE / US_STATES)
    files: list[LoadedYaml] = []
    for place in sorted(one for one in folder.iterdir() if one.is_dir() and one.name != BASE):
        if place.name.startswith((".", "__")):
            continue
        try:
            loaded = load_yaml(place / "notice.yaml")
            templates[place.name] = _load(loaded, place, base_sha256, states)
            files.append(loaded)
        except ContentError as error:
            problems.extend(error.problems)
    if not problems:
        problems = [one for loaded in files for one in _named_problems(loaded, templates)]
    if problems:
        raise ContentError(problems)
    return templates


def _named_problems(
    loaded: LoadedYaml, templates: Mapping[str, NoticeTemplate]
) -> Iterator[ContentProblem]:
    """Check that the notices that one names are there: source, predecessor, and stand-ins."""
    translated = loaded.data.get("translation_of", {}).get("id")
    named: list[tuple[tuple[str, ...], str | None]] = [
        (("after",), loaded.data.get("after")),
        (("translation_of", "id"), translated),
    ]
    instead = loaded.data.get("us_states", {}).get("instead", {})
    named += [(("us_states", "instead", code), name) for code, name in instead.items()]
    for path, name in named:
        if name is not None and name not in templates:
            yield loaded.problem(path, f"there is no notice '{name}'", suggest(name, templates))


def _load(
    loaded: LoadedYaml, place: Path, base_sha256: str, states: UsStates | None
) -> NoticeTemplate:
    problems = validate_as("notice", loaded)
    if problems:
        raise ContentError(problems)
    sources = _read_sources(place)
    problems = [
        *_head_problems(loaded, place),
        *_fact_problems(loaded),
        *_variable_problems(loaded, sources),
        *_promise_problems(loaded, sources),
        *state_problems(
            loaded, states, _squeezed(sources), printed=STATES_VARIABLE in _printed(sources)
        ),
    ]
    if problems:
        raise ContentError(problems)
    texts = _texts_of(loaded, place, sources, states)
    elsewhere = sorted(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n"
        for name, text in texts.items()
        if name.partition("/")[0] not in {BASE, place.name}
    )
    all_of_it = f"{base_sha256}\n{_folder_sha256(place)}\n{''.join(elsewhere)}".encode()
    built = build_notice(loaded.data, place, hashlib.sha256(all_of_it).hexdigest(), states)
    return replace(built, texts=MappingProxyType(texts))


def _texts_of(
    loaded: LoadedYaml, place: Path, sources: Mapping[str, str], states: UsStates | None
) -> dict[str, str]:
    """Gather the texts from which the template can be made again, by path under the root."""
    root = place.parent
    texts = {Path(name).relative_to(root).as_posix(): text for name, text in sources.items()}
    texts[f"{place.name}/notice.yaml"] = loaded.raw.decode("utf-8-sig")
    if states is not None and "us_states" in loaded.data:
        texts[f"{BASE}/{US_STATES}"] = states.loaded.raw.decode("utf-8-sig")
    return texts


def _folder_sha256(folder: Path) -> str:
    """Hash every file of a folder, with its name, in the order of the names."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in folder.rglob("*")
        if file.is_file()
    ]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def _read_sources(place: Path) -> dict[str, str]:
    """Read the text files of a template and every shared file that they refer to."""
    root = place.parent
    wanted = [f"{place.name}/{BODY}"]
    if (place / SUBJECT).is_file():
        wanted.append(f"{place.name}/{SUBJECT}")
    sources: dict[str, str] = {}
    while wanted:
        name = wanted.pop()
        if name in sources:
            continue
        file = root / name
        try:
            sources[name] = file.read_text("utf-8")
            _used, refers_to = _parse(sources[name])
        except (OSError, UnicodeDecodeError) as error:
            raise ContentError([_at(file, 1, f"can't read it ({error})", "write it")]) from error
        except TemplateSyntaxError as error:
            what, remedy = f"{error.message}", "mend the template at this place"
            raise ContentError([_at(file, error.lineno, what, remedy)]) from error
        for one in refers_to:
            if one is None:
                what = "which file it includes is known only when it is filled"
                raise ContentError([_at(file, 1, what, "name the file in quotes")])
            wanted.append(one)
    return {str(root / name): text for name, text in sources.items()}


_PARSER = SandboxedEnvironment(autoescape=True)


@lru_cache(maxsize=1000)
def _parse(text: str) -> tuple[frozenset[str], tuple[str | None, ...]]:
    """Return the variables that a text uses and the files that it refers to.

    Kept by text: most notices share their layout, and parsing is most of the time of a start.
    Raises `TemplateSyntaxError`, also for an unknown filter or test.
    """
    tree = _PARSER.parse(text)
    # Jinja counts a template's own macros as undeclared where a block calls them.
    own = {macro.name for macro in tree.find_all(nodes.Macro)}
    own |= {imported.target for imported in tree.find_all(nodes.Import)}
    used = frozenset(meta.find_undeclared_variables(tree) - own)
    return used, tuple(meta.find_referenced_templates(tree))


def _at(file: Path | str, line: int, problem: str, remedy: str) -> ContentProblem:
    return ContentProblem(file=str(file), line=line, column=1, problem=problem, remedy=remedy)


def _head_problems(loaded: LoadedYaml, place: Path) -> Iterator[ContentProblem]:
    data = loaded.data
    if data["id"] != place.name:
        remedy = f"write '{place.name}', the name of its folder"
        yield loaded.problem(("id",), f"the id is '{data['id']}'", remedy)
    if data["zone"] != "home" and data["zone"] not in zone_names():
        remedy = "write home, or an IANA name such as America/New_York"
        yield loaded.problem(("zone",), f"'{data['zone']}' isn't a time zone", remedy)
    for index, pattern in enumerate(data.get("format", {}).get("forbidden_patterns", ())):
        try:
            re.compile(pattern)
        except re.error as error:
            where = ("format", "forbidden_patterns", index)
            yield loaded.problem(where, f"not a regular expression: {error}", "mend it")


def _fact_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    """Check that every fact named anywhere in notice.yaml exists, and is declared where it must."""
    facts = loaded.data["facts"]
    forbidden = loaded.data.get("forbidden_facts", [])
    for name, entry in facts.items():
        if name not in FACT_TYPES:
            remedy = suggest(name, FACT_TYPES)
            yield loaded.problem(("facts", name), f"there is no fact '{name}'", remedy, key=True)
        if name in forbidden:
            remedy = "take it out of one of the two lists"
            yield loaded.problem(("facts", name), f"'{name}' is forbidden here", remedy, key=True)
        yield from _condition_problems(loaded, ("facts", name, "when"), entry.get("when"))
        yield from _place_problems(loaded, name, entry.get("places", ()))
    for index, name in enumerate(forbidden):
        if name not in FACT_TYPES:
            path = ("forbidden_facts", index)
            yield loaded.problem(path, f"there is no fact '{name}'", suggest(name, FACT_TYPES))
    for index, item in enumerate(loaded.data["contents"]):
        for place, name in enumerate(item.get("facts", ())):
            if name not in facts:
                where = ("contents", index, "facts", place)
                yield loaded.problem(where, f"'{name}' isn't in facts", suggest(name, facts))
        yield from _condition_problems(loaded, ("contents", index, "when"), item.get("when"))


def _place_problems(
    loaded: LoadedYaml, name: str, places: Iterable[str]
) -> Iterator[ContentProblem]:
    per_place = name in FACT_TYPES and FACT_TYPES[name].per_jurisdiction
    for index, code in enumerate(places):
        where = ("facts", name, "places", index)
        if not per_place:
            yield loaded.problem(where, f"'{name}' isn't counted per place", "take places out")
        elif code not in PLACE_NAMES:
            yield loaded.problem(where, f"there is no place '{code}'", suggest(code, PLACE_NAMES))


def _condition_problems(
    loaded: LoadedYaml, path: tuple[str | int, ...], when: Mapping[str, Any] | None
) -> Iterator[ContentProblem]:
    if when is None:
        return
    found = FACT_TYPES.get(when["fact"])
    if found is None:
        remedy = suggest(when["fact"], FACT_TYPES)
        yield loaded.problem((*path, "fact"), f"there is no fact '{when['fact']}'", remedy)
        return
    choices = list(PLACE_NAMES) if found.per_jurisdiction else found.choices
    for index, word in enumerate(when.get("includes", ())):
        if word not in choices:
            where = (*path, "includes", index)
            remedy = suggest(word, choices) if choices else "it has no choices"
            yield loaded.problem(where, f"'{word}' isn't a choice of {found.name}", remedy)


def _variable_problems(loaded: LoadedYaml, sources: Mapping[str, str]) -> Iterator[ContentProblem]:
    """Check that the text prints only declared facts, and that no declared fact goes unused."""
    facts = loaded.data["facts"]
    used: set[str] = set()
    for file, text in sources.items():
        for name in sorted(_printed({file: text})):
            used.add(name)
            if name in facts or name in BUILT_IN_VARIABLES or name == STATES_VARIABLE:
                continue
            line = next(
                (n for n, one in enumerate(text.splitlines(), 1) if re.search(rf"\b{name}\b", one)),
                1,
            )
            yield _at(file, line, *_undeclared(loaded, name))
    for name in facts:
        if name not in used:
            remedy = f"print it in {BODY} or take it out"
            yield loaded.problem(("facts", name), f"'{name}' is never printed", remedy, key=True)


def _printed(sources: Mapping[str, str]) -> set[str]:
    """Name the variables that the texts use."""
    found: set[str] = set()
    for text in sources.values():
        found |= _parse(text)[0]
    return found


def _squeezed(sources: Mapping[str, str]) -> str:
    return " ".join(" ".join(sources.values()).split())


def _undeclared(loaded: LoadedYaml, name: str) -> tuple[str, str]:
    if name in loaded.data.get("forbidden_facts", ()):
        law = loaded.data["citation"]
        return f"'{name}' may not be told in this notice ({law})", "take it out of the text"
    if name in FACT_TYPES:
        return f"'{name}' isn't declared", f"add it under facts in {loaded.file}"
    known = [*FACT_TYPES, *BUILT_IN_VARIABLES]
    near = suggest(name, known)
    remedy = near if near.startswith("did") else "write a fact's name from docs/facts.md"
    return f"there is no fact '{name}'", remedy


def _promise_problems(loaded: LoadedYaml, sources: Mapping[str, str]) -> Iterator[ContentProblem]:
    """Check that the headings and fixed words that notice.yaml promises stand in the text."""
    text = _squeezed(sources)
    rules = loaded.data.get("format", {})
    promised: list[tuple[tuple[str | int, ...], str]] = [
        (("format", "headings", index), heading)
        for index, heading in enumerate(rules.get("headings", ()))
    ]
    for index, item in enumerate(loaded.data["contents"]):
        if "says" in item:
            promised.append((("contents", index, "says"), item["says"]))
    for path, words in promised:
        if words not in text:
            yield loaded.problem(path, f"the text doesn't say “{words}”", f"write it in {BODY}")
    if rules.get("title", loaded.data["title"]) != loaded.data["title"]:
        remedy = f"write '{rules['title']}' as the title"
        yield loaded.problem(("title",), "the law wants another title", remedy)
