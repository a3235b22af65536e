"""Reads one YAML policy file and says where every fault in it stands.

Decides how a JSON Schema (Draft 2020-12) fault reads to the person who edits the file; which YAML
is accepted at all is `yaml_reader`'s. Doesn't decide what the values mean: playbooks, obligations
and notices do that in their own modules.
"""

import copy
import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bot.content.yaml_reader import Place, Reader, Steps

#: A policy file is prose and rules; anything larger is a mistake or an attack.
MAX_BYTES = 256 * 1024

#: So many files are kept as read; the policy that ships has half as many.
_KEPT = 400

#: Schema and SHA-256 of files that were found sound, the oldest first.
_SOUND: dict[tuple[str, str], None] = {}

#: More options than that aren't listed: nobody reads them.
MANY = 12

_KINDS = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentProblem:
    """One fault in one file. `line` and `column` count from 1, as editors do."""

    file: str
    line: int
    column: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Print like a compiler, so that editors and terminals link to the place."""
        return f"{self.file}:{self.line}:{self.column}: {self.problem}; {self.remedy}"


class ContentError(Exception):
    """A policy file can't be used; `problems` lists every fault found, in reading order."""

    def __init__(self, problems: Iterable[ContentProblem]) -> None:
        self.problems: tuple[ContentProblem, ...] = tuple(
            sorted(problems, key=lambda p: (p.file, p.line, p.column))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedYaml:
    """One parsed file: plain dicts, lists and scalars, plus where each of them stood."""

    file: str
    data: Any
    raw: bytes = field(repr=False)
    sha256: str
    values: Mapping[Steps, Place] = field(repr=False)
    keys: Mapping[Steps, Place] = field(repr=False)

    def position_of(self, path: Iterable[str | int], *, key: bool = False) -> Place:
        """Give (line, column), from 1, of the value at `path`, or of its key if `key`.

        A path that isn't in the file gives the nearest enclosing place that is.
        """
        steps = tuple(path)
        if key and steps in self.keys:
            return self.keys[steps]
        while steps and steps not in self.values:
            steps = steps[:-1]
        return self.values.get(steps, (1, 1))

    def problem(
        self, path: Iterable[str | int], problem: str, remedy: str, *, key: bool = False
    ) -> ContentProblem:
        """Make a `ContentProblem` that points at `path` in this file."""
        return _at(self.file, self.position_of(path, key=key), problem, remedy)


def nearest(word: str, options: Iterable[str]) -> str | None:
    """Give the option that `word` was probably meant to be, or None."""
    found = difflib.get_close_matches(word, list(options), n=1, cutoff=0.6)
    return found[0] if found else None


def suggest(word: str, options: Iterable[str]) -> str:
    """Word a remedy: the nearest of the `options`, or all of them, or the nearest few of many."""
    listed = sorted(options)
    near = nearest(word, listed)
    if near:
        return f"did you mean '{near}'?"
    if len(listed) <= MANY:
        return f"use one of: {', '.join(listed)}"
    few = sorted(difflib.get_close_matches(word, listed, n=MANY, cutoff=0.0))
    return f"use one of: {', '.join(few)}, … ({len(listed)} in all)"


@cache
def load_schema(name: str) -> Mapping[str, Any]:
    """Load `bot/content/schemas/<name>.schema.json`, which ships inside the package."""
    text = resources.files("bot.content").joinpath(f"schemas/{name}.schema.json").read_text("utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    written_out: Mapping[str, Any] = _written_out(schema, schema.get("$defs", {}))
    return written_out


def _written_out(node: Any, definitions: Mapping[str, Any], within: tuple[str, ...] = ()) -> Any:
    """Put each definition in the place of its reference, except inside itself.

    The validator looks a reference up whenever it meets one, which takes half of a start's checks.
    """
    if isinstance(node, list):
        return [_written_out(part, definitions, within) for part in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    parts = {key: _written_out(part, definitions, within) for key, part in node.items()}
    if name not in definitions or name in within:
        return parts
    del parts["$ref"]
    return _written_out(definitions[name], definitions, (*within, name)) | parts


def load_yaml(path: Path | str) -> LoadedYaml:
    """Read and parse one YAML file.

    Raises:
        ContentError: the file can't be read, is too large, or isn't the YAML that we accept.
    """
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        _refuse(file, (1, 1), f"can't read the file ({reason})", "check the path and its rights")
    if len(raw) > MAX_BYTES:
        limit = f"larger than {MAX_BYTES // 1024} KiB"
        _refuse(file, (1, 1), limit, "split the file or cut its text")
    return parse_yaml(raw, file=file)


def parse_yaml(raw: bytes, *, file: str) -> LoadedYaml:
    """Parse YAML bytes; `file` is the name that problems show.

    Raises:
        ContentError: not UTF-8, not YAML, or YAML that we don't accept; every such fault is listed,
            except that a syntax error ends the reading.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = (before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        _refuse(file, place, "not UTF-8 text", "save the file as UTF-8")
    data, reader = _read(text)
    if reader.problems:
        raise ContentError(_at(file, place, *words) for place, *words in reader.problems)
    return LoadedYaml(
        file=file,
        data=copy.deepcopy(data),
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        values=reader.values,
        keys=reader.keys,
    )


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> tuple[Any, Reader]:
    """Read a text once, however often the process loads its policy."""
    reader = Reader()
    return reader.read(text), reader


def validate_as(name: str, loaded: LoadedYaml) -> list[ContentProblem]:
    """Check a parsed file against the schema of this name, as `validate` does; a sound one once."""
    sound = (name, loaded.sha256)
    if sound in _SOUND:
        return []
    problems = validate(loaded, load_schema(name))
    if not problems:
        _SOUND[sound] = None
        while len(_SOUND) > _KEPT:
            _SOUND.pop(next(iter(_SOUND)), None)  # another thread may have been quicker
    return problems


def validate(loaded: LoadedYaml, schema: Mapping[str, Any]) -> list[ContentProblem]:
    """Check a parsed file against a JSON Schema and give every fault in reading order.

    A sub-schema may carry `"remedy": "…"`, which then is the remedy shown for any fault of its
    value. An unknown key that looks like a missing one is reported once, as a spelling mistake.
    """
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems: set[ContentProblem] = set()
    for error in validator.iter_errors(loaded.data):
        problems.update(_explain(loaded, error))
    return sorted(problems, key=lambda p: (p.line, p.column, p.problem))


def _at(file: str, place: Place, problem: str, remedy: str) -> ContentProblem:
    line, column = place
    return ContentProblem(file=file, line=line, column=column, problem=problem, remedy=remedy)


def _refuse(file: str, place: Place, problem: str, remedy: str) -> NoReturn:
    raise ContentError([_at(file, place, problem, remedy)])


def _explain(loaded: LoadedYaml, error: ValidationError) -> Iterator[ContentProblem]:
    """Turn one jsonschema error into words; see `validate`."""
    path = tuple(error.absolute_path)
    rule = str(error.validator)
    schema: Mapping[str, Any] = error.schema  # type: ignore[assignment] # a failing rule has one
    instance: Any = error.instance
    if rule in {"anyOf", "oneOf"} and error.context and "remedy" not in schema:
        for inner in _likeliest_branch(error.context):
            yield from _explain(loaded, inner)
    elif rule == "additionalProperties" and error.validator_value is False:
        known = schema.get("properties", {})
        for key in _unknown(instance, schema):
            yield loaded.problem(
                (*path, key), f"unknown key '{key}'", suggest(key, known), key=True
            )
    elif rule == "required":  # comes once per missing key; `validate` drops the repeats
        yield from _missing(loaded, path, instance, schema)
    elif "propertyNames" in error.absolute_schema_path:
        key = str(error.instance)
        remedy = _remedy(error)
        yield loaded.problem((*path, key), f"the key '{key}' isn't allowed", remedy, key=True)
    else:
        yield loaded.problem(path, _problem(error), _remedy(error))


def _unknown(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    patterns = schema.get("patternProperties", {})
    return [
        key
        for key in instance
        if key not in schema.get("properties", {})
        and not any(re.search(pattern, key) for pattern in patterns)
    ]


def _missing(
    loaded: LoadedYaml, path: Steps, instance: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[ContentProblem]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    misspelt: set[str | None] = set()
    if schema.get("additionalProperties") is False:
        misspelt = {nearest(key, properties) for key in _unknown(instance, schema)}
    for key in schema["required"]:
        if key in instance or key in misspelt:
            continue
        about = properties.get(key, {}).get("description")
        remedy = f"add '{key}: …'" + (f" ({about})" if about else "")
        yield loaded.problem(path, f"'{key}' is missing", remedy)


def _likeliest_branch(context: Iterable[ValidationError]) -> list[ValidationError]:
    """Choose the alternative that the writer meant: right in kind, then with the fewest faults."""
    branches: dict[Any, list[ValidationError]] = {}
    for error in context:
        branches.setdefault(error.schema_path[0], []).append(error)

    def distance(errors: list[ValidationError]) -> tuple[int, int]:
        return sum(e.validator in {"type", "const", "enum"} for e in errors), len(errors)

    return min(branches.values(), key=distance)


def _problem(error: ValidationError) -> str:
    rule, instance = str(error.validator), error.instance
    limit: Any = error.validator_value
    shown = _shown(instance)
    words = {
        "type": f"expected {_kinds(limit)}, found {shown}",
        "enum": f"{shown} isn't known here",
        "const": f"{shown} isn't allowed here",
        "pattern": f"{shown} doesn't have the right form",
        "format": f"{shown} isn't a valid {limit}",
        "minLength": "the text is empty" if limit == 1 else f"shorter than {limit} characters",
        "maxLength": f"longer than {limit} characters",
        "minItems": "the list is empty" if limit == 1 else f"fewer than {limit} items",
        "maxItems": f"more than {limit} items",
        "minProperties": f"fewer than {limit} keys",
        "uniqueItems": "an item stands twice in this list",
        "minimum": f"{shown} is less than {limit}",
        "maximum": f"{shown} is more than {limit}",
    }
    return words.get(rule, error.message)


def _remedy(error: ValidationError) -> str:
    given = error.schema.get("remedy") if isinstance(error.schema, Mapping) else None
    rule = str(error.validator)
    limit: Any = error.validator_value
    if given:
        return str(given)
    if rule == "type" and "string" in limit and isinstance(error.instance, int | float):
        return "put quotes around it"
    if rule == "enum":
        return suggest(str(error.instance), [str(option) for option in limit])
    words = {
        "type": f"write {_kinds(limit)}",
        "const": f"write {_shown(limit)}",
        "pattern": f"it must match {limit}",
        "format": f"write it as {limit}",
        "uniqueItems": "keep one of them",
    }
    return words.get(rule, "change it to fit")


def _kinds(limit: Any) -> str:
    names = limit if isinstance(limit, list) else [limit]
    return " or ".join(_KINDS.get(name, str(name)) for name in names)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"  # noqa: PLR2004 - fits one line
