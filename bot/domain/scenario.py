"""A scenario as data: objectives, injects, expectations, decisions; and what an inject waits for.

Pure. Decides what the words of a scenario mean. Reading and checking the files is
`bot.content.scenarios`; when an inject is due in a run is `bot.domain.exercise_engine`. Spans are
`timedelta`, in exercise time unless they say otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.domain.roles import Role


class InjectChannel(StrEnum):
    """How an inject reaches the players; all of them arrive in the exercise's channel."""

    CALL = "call"
    MAIL = "mail"
    TICKET = "ticket"
    CHAT = "chat"
    PRESS = "press"
    REGULATOR = "regulator"
    LEAK_SITE = "leak_site"
    NOTE = "note"


class WindowClock(StrEnum):
    """What a window is measured on: deadlines of law on exercise time, people on the wall."""

    WALL = "wall"
    EXERCISE = "exercise"


class ExerciseKind(StrEnum):
    """How large an exercise is; the programme asks for each at its own pace."""

    DRILL = "drill"
    TABLETOP = "tabletop"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Objective:
    """What the exercise is to find out. `capability` is the element of the plan that is tried."""

    id: str
    text: str
    capability: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Full marks until `target`, none from `limit` on; counted from the inject's delivery."""

    target: timedelta
    limit: timedelta
    clock: WindowClock = WindowClock.WALL


@dataclass(frozen=True, kw_only=True, slots=True)
class EventMatch:
    """The entry of the incident's log that meets an expectation.

    `where` are values of the entry's open data that must be equal; `roles` are held by its actor
    (empty: anybody's).
    """

    events: frozenset[str]
    where: Mapping[str, Any]
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What somebody is expected to do after an inject. Without `match` an observer rates it."""

    id: str
    inject: str
    objective: str
    text: str
    by: Role | None
    window: Window
    match: EventMatch | None
    critical: bool = False
    weight: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What an inject waits for. One of the fields is set; the loader sees to that."""

    met: str = ""
    """This expectation was met."""
    missed: str = ""
    """This expectation was missed: its limit has passed."""
    decision: str = ""
    """This decision was taken, with one of `options`."""
    options: frozenset[str] = frozenset()
    delivered: str = ""
    """This inject was delivered."""
    all_of: tuple["Condition", ...] = ()
    any_of: tuple["Condition", ...] = ()
    none_of: tuple["Condition", ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A paper that comes with an inject, rendered from a template of ours with these values."""

    template: str
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inject:
    """One thing that happens to the players.

    It is due `at` after the start, or `delay` after another inject's delivery (`after`), once
    `when` holds. `hold`: the facilitator releases it. `reserve`: it comes only by their hand.
    Texts may name variables of the scenario in braces: `{{ affected_count }}`.
    """

    id: str
    channel: InjectChannel
    sender: str
    to: tuple[Role, ...]
    title: str
    text: str
    at: timedelta | None = None
    after: str = ""
    delay: timedelta = timedelta()
    when: Condition | None = None
    hold: bool = False
    reserve: bool = False
    note: str = ""
    """For the facilitator only: players never see it."""
    attachments: tuple[Attachment, ...] = ()
    expects: tuple[Expectation, ...] = ()
    decision: str = ""
    """Id of the decision that it asks for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to decide."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A question that the players have to decide, with reasons."""

    id: str
    question: str
    owner: Role
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A value that is drawn for each run from its seed: a whole number or one of some words."""

    name: str
    low: int = 0
    high: int = 0
    step: int = 1
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicCase:
    """A real case behind the scenario, for the facilitator."""

    title: str
    what: str
    source: str
    checked: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """Questions of the hot wash to one subject."""

    category: str
    questions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A whole scenario. `sha256` is of its file's bytes; it stands on every report.

    `span` is how long it lasts in exercise time, `play` how long it takes on the wall.
    `data` is the file as read, kept with each run so that a later edit changes nothing.
    """

    id: str
    version: int
    title: str
    language: str
    kind: ExerciseKind
    summary: str
    organisation: str
    playbook: str
    severity: str
    span: timedelta
    play: timedelta
    roles: tuple[Role, ...]
    objectives: tuple[Objective, ...]
    injects: tuple[Inject, ...]
    decisions: tuple[Decision, ...]
    variables: tuple[Variable, ...]
    lessons: tuple[Lesson, ...]
    cases: tuple[PublicCase, ...]
    notes: str
    sha256: str
    data: Mapping[str, Any]
    translation_of: str = ""

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """Everything that is expected, in the order of the injects."""
        return tuple(one for inject in self.injects for one in inject.expects)

    def inject(self, key: str) -> Inject | None:
        """Return the inject of an id."""
        return next((one for one in self.injects if one.id == key), None)

    def decision(self, key: str) -> Decision | None:
        """Return the decision of an id."""
        return next((one for one in self.decisions if one.id == key), None)
