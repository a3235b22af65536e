"""Reads a condition from plain data into the domain's closed set of operators.

Decides how conditions are written in YAML and that they only name facts of the dictionary, with
values that fit. What an operator means is `domain.conditions`'s.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.content.yaml_reader import Steps
from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ContainsAny,
    EstablishedIn,
    FactAtLeast,
    FactIs,
    Not,
    PersonalData,
    Recorded,
    ResidentsAtLeast,
    ResidentsOfAnyPart,
)
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import FactError, FactKey, FactValue, from_json

_FORMS = (
    ("all",),
    ("any",),
    ("not",),
    ("use",),
    ("recorded",),
    ("personal_data",),
    ("established_in",),
    ("residents", "at_least"),
    ("residents_of_any_part", "at_least"),
    ("fact", "is"),
    ("fact", "is_one_of"),
    ("fact", "at_least"),
    ("fact", "contains_any"),
)
_OPTIONAL = {"contains_any": {"unsure_if", "unsure_note"}}


class ConditionReader:
    """Reads the conditions of one file and gathers every problem in them.

    `definitions` are the conditions that `use: name` stands for; they can't use each other.
    """

    def __init__(self, loaded: LoadedYaml) -> None:
        self.definitions: dict[str, Condition] = {}
        self.problems: list[ContentProblem] = []
        self.used: set[str] = set()
        self._loaded = loaded
        self._readers: dict[str, Callable[[Mapping[str, Any], Steps], Condition]] = {
            "all": lambda raw, path: AllOf(parts=self._parts(raw, path, "all")),
            "any": lambda raw, path: AnyOf(parts=self._parts(raw, path, "any")),
            "not": lambda raw, path: Not(part=self.read(raw["not"], (*path, "not"))),
            "use": self._use,
            "personal_data": lambda _raw, _path: PersonalData(),
            "established_in": lambda raw, _path: EstablishedIn(place=raw["established_in"]),
            "residents": lambda raw, _path: ResidentsAtLeast(
                place=raw["residents"], number=raw["at_least"]
            ),
            "residents_of_any_part": lambda raw, _path: ResidentsOfAnyPart(
                place=raw["residents_of_any_part"], number=raw["at_least"]
            ),
            "recorded": self._recorded,
            "fact": self._fact,
        }

    def read(self, raw: Mapping[str, Any], path: Steps) -> Condition:
        """Read one condition whose keys the schema has approved; `path` is where it stands."""
        if not any(set(form) == set(raw) - _OPTIONAL.get(form[-1], set()) for form in _FORMS):
            forms = "; ".join(" with ".join(form) for form in _FORMS)
            told = " with ".join(f"'{key}'" for key in raw)
            self._note(path, f"{told} isn't a condition", f"write one of: {forms}")
            return AllOf(parts=())
        operator = next(name for name in self._readers if name in raw)
        return self._readers[operator](raw, path)

    def _parts(self, raw: Mapping[str, Any], path: Steps, operator: str) -> tuple[Condition, ...]:
        return tuple(
            self.read(part, (*path, operator, index)) for index, part in enumerate(raw[operator])
        )

    def _use(self, raw: Mapping[str, Any], path: Steps) -> Condition:
        name = raw["use"]
        self.used.add(name)
        if name in self.definitions:
            return self.definitions[name]
        remedy = "definitions can't use each other: write the condition out"
        if self.definitions:
            remedy = suggest(name, self.definitions)
        self._note((*path, "use"), f"there is no definition '{name}' to use here", remedy)
        return AllOf(parts=())

    def _recorded(self, raw: Mapping[str, Any], path: Steps) -> Condition:
        self._known(raw["recorded"], (*path, "recorded"), set(FactKind))
        return Recorded(fact=raw["recorded"])

    def _fact(self, raw: Mapping[str, Any], path: Steps) -> Condition:
        name, place = raw["fact"], (*path, "fact")
        if "at_least" in raw:
            self._known(name, place, {FactKind.COUNT})
            return FactAtLeast(fact=name, number=raw["at_least"])
        if "contains_any" in raw:
            options, unsure = tuple(raw["contains_any"]), tuple(raw.get("unsure_if", ()))
            if self._known(name, place, {FactKind.CHOICES}):
                self._value(name, list(options), (*path, "contains_any"))
                if unsure:
                    self._value(name, list(unsure), (*path, "unsure_if"))
            note = raw.get("unsure_note", "")
            return ContainsAny(fact=name, options=options, unsure_if=unsure, unsure_note=note)
        operator = "is" if "is" in raw else "is_one_of"
        wanted = [raw["is"]] if operator == "is" else raw["is_one_of"]
        if self._known(name, place, {FactKind.CHOICE, FactKind.YES_NO}):
            values = [self._value(name, one, (*path, operator)) for one in wanted]
            return FactIs(fact=name, one_of=tuple(values))
        return FactIs(fact=name, one_of=tuple(wanted))

    def _known(self, name: str, path: Steps, kinds: set[FactKind]) -> bool:
        """Note a problem unless the dictionary has the fact, of a kind that fits the operator."""
        fitting = [
            one
            for one, spec in FACT_TYPES.items()
            if spec.kind in kinds and not spec.per_jurisdiction
        ]
        if name in fitting:
            return True
        if name in FACT_TYPES and FACT_TYPES[name].per_jurisdiction:
            self._note(path, f"'{name}' is counted per place", f"write '{name}: US-CA' instead")
        elif name in FACT_TYPES:
            problem = f"this can't be asked of '{name}', a fact of the kind {FACT_TYPES[name].kind}"
            self._note(path, problem, suggest(name, fitting))
        else:
            self._note(path, f"there is no fact '{name}'", suggest(name, fitting))
        return False

    def _value(self, name: str, value: object, path: Steps) -> FactValue:
        try:
            return from_json(FactKey(name=name), value)
        except FactError as error:
            choices = FACT_TYPES[name].choices
            problem, remedy = str(error).rstrip("."), "write true or false"
            if choices:
                given = value if isinstance(value, list) else [value]
                remedy = suggest(next(str(one) for one in given if one not in choices), choices)
                # The remedy names the nearest choices; all of them would fill the screen.
                problem = problem.partition(": ")[0]
            self._note(path, problem, remedy)
            return None

    def _note(self, path: Steps, problem: str, remedy: str) -> None:
        self.problems.append(self._loaded.problem(path, problem, remedy))
