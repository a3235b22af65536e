"""What a paper of an inject is made of: for each template its values, and what each must be.

Pure. Decides which values a template needs and in which form, so that a scenario whose paper could
not be printed isn't loaded. How a paper looks is `bot.documents.inject_papers`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

Steps = tuple[str | int, ...]

MAX_LINE = 300
MAX_TEXT = 8_000
MAX_LINES = 60


class ValueKind(StrEnum):
    """The form of a value."""

    LINE = "line"
    TEXT = "text"
    """Paragraphs, with an empty line between them."""
    LINES = "lines"
    ROWS = "rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperValue:
    """One value of a template; `columns` are a row's, each a line."""

    kind: ValueKind
    needed: bool = True
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperFault:
    """What is wrong with the values of a paper. `steps` lead to the place inside them."""

    steps: Steps
    problem: str
    remedy: str
    key: bool = False
    """The name is wrong, rather than its value."""


_LINE = PaperValue(kind=ValueKind.LINE)
_TEXT = PaperValue(kind=ValueKind.TEXT)
_LINES = PaperValue(kind=ValueKind.LINES)
_MAY_LINE = PaperValue(kind=ValueKind.LINE, needed=False)

TICKET_COLUMNS = ("id", "time", "status", "who", "text")

PAPERS: Mapping[str, Mapping[str, PaperValue]] = MappingProxyType(
    {
        "mail": {"from": _LINE, "to": _LINE, "subject": _LINE, "body": _TEXT, "date": _MAY_LINE},
        "ticket_export": {
            "rows": PaperValue(kind=ValueKind.ROWS, columns=TICKET_COLUMNS),
            "system": _MAY_LINE,
        },
        "leak_site": {
            "title": _LINE,
            "actor": _LINE,
            "text": _TEXT,
            "deadline": _LINE,
            "sample": _LINES,
        },
        "press_request": {
            "outlet": _LINE,
            "reporter": _LINE,
            "deadline": _LINE,
            "questions": _LINES,
        },
        "regulator_letter": {
            "authority": _LINE,
            "reference": _LINE,
            "subject": _LINE,
            "body": _TEXT,
            "date": _MAY_LINE,
        },
    }
)
"""By template, as in a scenario's `attachments`. A date left out is that of the delivery."""


def paper_faults(template: str, values: Mapping[str, Any]) -> Iterator[PaperFault]:
    """Find what is missing, unknown or of another form in the values of a paper."""
    known = PAPERS[template]
    for name, value in known.items():
        if name in values:
            yield from _value_faults((name,), value, values[name])
        elif value.needed:
            yield PaperFault((), f"the {template} has no '{name}'", f"add '{name}: …' to values")
    for name in values:
        if name not in known:
            remedy = f"use one of: {', '.join(known)}"
            yield PaperFault((name,), f"a {template} has no '{name}'", remedy, key=True)


def _value_faults(steps: Steps, wanted: PaperValue, value: Any) -> Iterator[PaperFault]:
    if wanted.kind in {ValueKind.LINE, ValueKind.TEXT}:
        yield from _text_faults(steps, value, longest=_longest(wanted.kind))
        return
    if not isinstance(value, list) or not value:
        yield PaperFault(steps, f"'{steps[-1]}' is no list with something in it", "write - …")
        return
    if len(value) > MAX_LINES:
        yield PaperFault(steps, f"more than {MAX_LINES} lines", "keep those that matter")
    for index, one in enumerate(value):
        if wanted.kind is ValueKind.LINES:
            yield from _text_faults((*steps, index), one, longest=MAX_LINE)
        else:
            yield from _row_faults((*steps, index), wanted.columns, one)


def _row_faults(steps: Steps, columns: tuple[str, ...], row: Any) -> Iterator[PaperFault]:
    needed = f"write {{{', '.join(f'{one}: …' for one in columns)}}}"
    if not isinstance(row, Mapping):
        yield PaperFault(steps, "this is no row", needed)
        return
    for name in columns:
        if name not in row:
            yield PaperFault(steps, f"the row has no '{name}'", needed)
        else:
            yield from _text_faults((*steps, name), row[name], longest=MAX_LINE)
    for name in row:
        if name not in columns:
            yield PaperFault((*steps, name), f"a row has no '{name}'", needed, key=True)


def _text_faults(steps: Steps, value: Any, *, longest: int) -> Iterator[PaperFault]:
    if not isinstance(value, str):
        yield PaperFault(steps, f"'{steps[-1]}' is no text", "put it in quotes")
    elif not value.strip():
        yield PaperFault(steps, f"'{steps[-1]}' is empty", "write what stands there")
    elif len(value) > longest:
        yield PaperFault(steps, f"longer than {longest} characters", "cut it")


def _longest(kind: ValueKind) -> int:
    return MAX_LINE if kind is ValueKind.LINE else MAX_TEXT
