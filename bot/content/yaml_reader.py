"""Reads YAML text into plain data and notes where each value and key stands.

Decides which YAML is accepted: one document, YAML 1.2 core values, text keys, no duplicate keys,
anchors, aliases or tags. Doesn't read files, and doesn't know what the data should look like.
"""

import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

#: Line and column, both from 1.
Place = tuple[int, int]
#: The way to a value: keys and list indices from the top of the file.
Steps = tuple[str | int, ...]

MAX_DEPTH = 20
_NODES = (ScalarEvent, SequenceStartEvent, MappingStartEvent)

# YAML 1.2.2 §10.3.2, core schema. `yes`, `on` and dates stay text; `.inf` and `.nan` have no JSON.
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

_SYNTAX_REMEDIES = (
    ("'\\t'", "indent with spaces, not tabs"),
    ("mapping values are not allowed", "put quotes around text that contains ': '"),
    ("cannot start any token", "put quotes around text that begins with this character"),
    ("end of stream", "close the quote or bracket that stands open"),
    ("expected ',' or", "close the bracket, or separate the items with commas"),
    ("could not find expected ':'", "write 'key: value' with a colon and a space"),
    ("block end", "align this line with the lines of the same list or mapping above it"),
)


_FAST = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The parser in C takes a twentieth of the time: the pack is read at every start and command."""


class _Unreadable(Exception):  # noqa: N818 - ends the reading; never leaves this module
    """The rest of the file can't be read; the reason is already in the problems."""


class Reader:
    """Builds plain data from YAML events and notes where each value and key stands.

    Events rather than the library's own objects: they tell of every duplicate key, anchor and tag,
    where its constructor would stop at the first, and of each place.
    """

    def __init__(self) -> None:
        self.problems: list[tuple[Place, str, str]] = []
        self.values: dict[Steps, Place] = {}
        self.keys: dict[Steps, Place] = {}

    def read(self, text: str) -> Any:
        """Give the data, or what could be read of it when `problems` isn't empty afterwards."""
        try:
            return self._document(yaml.parse(text, Loader=_FAST))
        except yaml.YAMLError:
            # Read again by the slower parser, whose messages name the character at fault.
            self.problems, self.values, self.keys = [], {}, {}
        try:
            return self._document(yaml.parse(text, Loader=yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except ReaderError as error:
            before = text[: error.position]
            place = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
            self._note(place, "a control character stands here", "remove it")
        return None

    def _document(self, events: Iterator[Event]) -> Any:
        """Read the one document there may be; raise `yaml.YAMLError` for what isn't YAML."""
        data: Any = None
        documents = 0
        try:
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(event, "a second document begins here", "keep one per file")
                    data = self._value(next(events), events, ())
        except _Unreadable:
            return data  # already noted where it was found
        if data is None and not self.problems:
            self._note((1, 1), "the file is empty", "write its content or delete the file")
        return data

    def _value(self, event: Event, events: Iterator[Event], path: Steps) -> Any:
        place = _place(event)
        self.values[path] = place
        if isinstance(event, AliasEvent):
            self._note(place, f"alias '*{event.anchor}'", "write the value out; no aliases here")
            return None
        if not isinstance(event, _NODES):  # the parser yields nothing else here
            raise TypeError(f"unexpected YAML event {event!r}")
        if event.anchor is not None:
            self._note(place, f"anchor '&{event.anchor}'", "remove it; anchors aren't used here")
        if event.tag is not None:
            self._note(place, f"tag '{event.tag}'", "remove it; write plain values only")
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if len(path) >= MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} deep", "make the structure flatter")
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[Event], path: Steps) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Event], path: Steps) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            place = _place(event)
            if not isinstance(event, ScalarEvent):
                self._stop(event, "a key that isn't text", "write keys as plain words")
            key = self._key(event)
            value_event = next(events)
            if key in mapping:
                first = self.keys[(*path, key)][0]
                self._note(
                    place, f"'{key}' stands twice (first on line {first})", "keep one of them"
                )
                self._value(value_event, events, (*path, key, "second"))
                continue
            self.keys[(*path, key)] = place
            mapping[key] = self._value(value_event, events, (*path, key))
            if isinstance(value_event, ScalarEvent) and _is_absent(value_event):
                # The parser places an absent value at the next token, which misleads.
                self.values[(*path, key)] = place
        return mapping

    def _key(self, event: ScalarEvent) -> str:
        if event.anchor is not None or event.tag is not None:
            self._note(_place(event), "a key with an anchor or tag", "write keys as plain words")
        if not isinstance(self._scalar(event), str):
            self._note(_place(event), f"the key {event.value} isn't text", "put quotes around it")
        return str(event.value)

    def _scalar(self, event: ScalarEvent) -> Any:
        text = str(event.value)
        if not event.implicit[0]:  # quoted or block text
            return text
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isfinite(number):
                self._note(_place(event), f"the number {text} is too large", "put quotes around it")
            return number
        return text

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem)
        if error.context and error.context_mark:
            problem += f" {error.context} that begins on line {error.context_mark.line + 1}"
        remedies = (r for words, r in _SYNTAX_REMEDIES if words in problem)
        remedy = next(remedies, "mend the YAML at this place")
        self._note((mark.line + 1, mark.column + 1) if mark else (1, 1), problem, remedy)

    def _note(self, place: Place, problem: str, remedy: str) -> None:
        self.problems.append((place, problem, remedy))

    def _stop(self, event: Event, problem: str, remedy: str) -> NoReturn:
        self._note(_place(event), problem, remedy)
        raise _Unreadable


def _place(event: Event) -> Place:
    mark = event.start_mark
    if mark is None:  # the libraries' own types allow it; no parser gives it
        return 1, 1
    return mark.line + 1, mark.column + 1


def _is_absent(event: ScalarEvent) -> bool:
    return bool(event.implicit[0]) and event.value == ""
