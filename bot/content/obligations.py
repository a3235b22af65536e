"""Loads obligations: the YAML files of a folder become `Obligation`s, all of them or none.

Decides what a sound obligation is beyond its schema: known facts, triggers that are times, periods
that can be counted, ids that are given once. How a condition is written is `conditions`'s; what the
law says stands in the files.
"""

from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from bot.content.conditions import ConditionReader
from bot.content.yaml_reader import Steps
from bot.content.yaml_source import (
    ContentError,
    ContentProblem,
    LoadedYaml,
    load_schema,
    load_yaml,
    suggest,
    validate,
)
from bot.domain.business_days import BusinessCalendar
from bot.domain.conditions import Condition
from bot.domain.deadlines import DeadlineError, read_zone
from bot.domain.fact_dictionary import FACT_TYPES, FactKind
from bot.domain.obligations import (
    Contents,
    Exemption,
    Extension,
    LegalConfidence,
    Mitigation,
    Obligation,
    Origin,
    Period,
    Recipient,
    RecipientKind,
    Trigger,
    Unit,
    ZoneRule,
)


def load_obligations(folder: Path) -> dict[str, Obligation]:
    """Load every `*.yaml` of a folder, by obligation id, in the order of files and entries.

    Raises:
        ContentError: with every problem of every file; no obligation is loaded then.
    """
    problems = _folder_problems(folder)
    obligations: dict[str, Obligation] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded = load_yaml(path)
            found = parse_obligations(loaded)
        except ContentError as error:
            problems += error.problems
            continue
        for index, one in enumerate(found):
            first = obligations.setdefault(one.id, one)
            if first is not one:
                problem = f"the id '{one.id}' is also in {first.origin.file}"
                place = ("obligations", index, "id")
                problems.append(loaded.problem(place, problem, "give one of them another id"))
    if problems:
        raise ContentError(problems)
    return obligations


def parse_obligations(loaded: LoadedYaml) -> list[Obligation]:
    """Turn one parsed file into its obligations.

    Raises:
        ContentError: with every problem of the file. Sense is checked only when the form is right.
    """
    problems = validate(loaded, load_schema("obligations"))
    if problems:
        raise ContentError(problems)
    reader = ConditionReader(loaded)
    definitions = {
        name: reader.read(raw, ("definitions", name))
        for name, raw in loaded.data.get("definitions", {}).items()
    }
    reader.definitions = definitions
    obligations = [
        _build(loaded, reader, ("obligations", index), data)
        for index, data in enumerate(loaded.data["obligations"])
    ]
    problems = [*reader.problems, *_sense_problems(loaded), *_unused(loaded, reader)]
    if problems:
        raise ContentError(problems)
    return obligations


def _folder_problems(folder: Path) -> list[ContentProblem]:
    """Faults of the folder itself: nothing in it, or files that would silently be passed over."""
    faults = [
        (path, "files that end in .yml aren't read", "rename it to end in .yaml")
        for path in sorted(folder.glob("*.yml"))
    ]
    if not faults and not any(folder.glob("*.yaml")):
        faults = [(folder, "no obligations (*.yaml) here", "check the path of the folder")]
    return [
        ContentProblem(file=str(path), line=1, column=1, problem=problem, remedy=remedy)
        for path, problem, remedy in faults
    ]


def _sense_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    seen: dict[str, int] = {}
    for index, data in enumerate(loaded.data["obligations"]):
        path: Steps = ("obligations", index)
        line = loaded.position_of((*path, "id"))[0]
        first = seen.setdefault(data["id"], line)
        if first != line:
            problem = f"the id '{data['id']}' stands twice (first on line {first})"
            yield loaded.problem((*path, "id"), problem, "give one of them another id")
        yield from _trigger_problems(loaded, path, data)
        yield from _period_problems(loaded, path, data)
        yield from _zone_problems(loaded, path, data)
        until = data.get("effective_until")
        if until and until < data["effective_from"]:
            place = (*path, "effective_until")
            yield loaded.problem(place, "ends before effective_from", "correct one of the dates")


def _trigger_problems(
    loaded: LoadedYaml, path: Steps, data: Mapping[str, Any]
) -> Iterator[ContentProblem]:
    times = [name for name, spec in FACT_TYPES.items() if spec.kind is FactKind.INSTANT]
    for index, trigger in enumerate(data["trigger"]):
        if trigger["fact"] not in times:
            place = (*path, "trigger", index, "fact")
            problem = f"there is no time '{trigger['fact']}' in the fact dictionary"
            yield loaded.problem(place, problem, suggest(trigger["fact"], times))
        if index and "caveat" not in trigger:
            place = (*path, "trigger", index)
            remedy = "add 'caveat: …' that says what counting from this event means"
            yield loaded.problem(place, "a fallback without a caveat", remedy)


def _period_problems(
    loaded: LoadedYaml, path: Steps, data: Mapping[str, Any]
) -> Iterator[ContentProblem]:
    period, unit = data["period"], Unit(data["period"]["unit"])
    place = (*path, "period")
    numbered = unit is not Unit.NONE
    if numbered and "number" not in period:
        yield loaded.problem(place, f"a period in {unit} needs a number", "add 'number: …'")
    if not numbered and "number" in period:
        remedy = "remove the number, or say in which unit it counts"
        yield loaded.problem((*place, "number"), "a number without a unit", remedy)
    if (unit is Unit.BUSINESS_DAYS) != ("calendar" in period):
        problem = "business days, and only they, need a calendar"
        yield loaded.problem(place, problem, "add or remove 'calendar: sec'")
    in_days = unit in {Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS}
    if "cutoff_local" in data and not in_days:
        problem = "a cut-off time belongs to a period in days"
        yield loaded.problem((*path, "cutoff_local"), problem, "remove it")
    if "extension" in data and not numbered:
        problem = "an extension needs a period with a number"
        yield loaded.problem((*path, "extension"), problem, "remove it")


def _zone_problems(
    loaded: LoadedYaml, path: Steps, data: Mapping[str, Any]
) -> Iterator[ContentProblem]:
    zone, place = data["zone"], (*path, "zone")
    try:
        read_zone(zone["name"])
    except DeadlineError:
        problem = f"there is no time zone '{zone['name']}'"
        yield loaded.problem((*place, "name"), problem, "write one such as Europe/Berlin")
    fact = zone.get("fact")
    texts = [name for name, spec in FACT_TYPES.items() if spec.kind is FactKind.TEXT]
    if fact and fact not in texts:
        problem = f"there is no text '{fact}' in the fact dictionary"
        yield loaded.problem((*place, "fact"), problem, suggest(fact, texts))
    if ("fact" in zone) != ("prefixes" in zone):
        problem = "'fact' and 'prefixes' of a zone go together"
        yield loaded.problem(place, problem, "add the other, such as prefixes: [Europe/]")


def _unused(loaded: LoadedYaml, reader: ConditionReader) -> Iterator[ContentProblem]:
    for name in loaded.data.get("definitions", {}):
        if name not in reader.used:
            place = ("definitions", name)
            problem = f"the definition '{name}' is never used"
            yield loaded.problem(place, problem, f"write 'use: {name}' or remove it", key=True)


def _build(
    loaded: LoadedYaml, reader: ConditionReader, path: Steps, data: Mapping[str, Any]
) -> Obligation:
    """Build one obligation; problems of its conditions gather in the reader."""
    return Obligation(
        **{name: data[name] for name in ("id", "jurisdiction", "regime", "citation", "duty")},
        **{name: data[name] for name in ("counting", "role", "source")},
        recipient=Recipient(
            kind=RecipientKind(data["recipient"]["kind"]), name=data["recipient"]["name"]
        ),
        triggers=tuple(Trigger(**trigger) for trigger in data["trigger"]),
        period=_period(data["period"]),
        zone=ZoneRule(**{**data["zone"], "prefixes": tuple(data["zone"].get("prefixes", ()))}),
        applies_if=reader.read(data["applies_if"], (*path, "applies_if")),
        effective_from=date.fromisoformat(data["effective_from"]),
        effective_until=_optional(data.get("effective_until"), date.fromisoformat),
        confidence=LegalConfidence(data["confidence"]),
        verified_on=date.fromisoformat(data["verified_on"]),
        origin=Origin(file=Path(loaded.file).name, sha256=loaded.sha256),
        cutoff_local=_optional(data.get("cutoff_local"), time.fromisoformat),
        extension=_optional(data.get("extension"), lambda one: Extension(**one)),
        exemptions=_exemptions(reader, path, data),
        follow_up=tuple(data.get("follow_up", ())),
        contents=_optional(
            data.get("contents"),
            lambda one: Contents(items=tuple(one["items"]), checked=one["checked"]),
        ),
        mitigation=tuple(Mitigation(**one) for one in data.get("mitigation", ())),
        portal=data.get("portal", ""),
        notices=tuple(data.get("notices", ())),
        caveats=tuple(data.get("caveats", ())),
    )


def _optional(value: Any, read: Any) -> Any:
    return None if value is None else read(value)


def _period(data: Mapping[str, Any]) -> Period:
    return Period(
        number=data.get("number"),
        unit=Unit(data["unit"]),
        calendar=_optional(data.get("calendar"), BusinessCalendar),
    )


def _exemptions(
    reader: ConditionReader, path: Steps, data: Mapping[str, Any]
) -> tuple[Exemption, ...]:
    def condition(index: int, one: Mapping[str, Any]) -> Condition | None:
        if "when" not in one:
            return None
        return reader.read(one["when"], (*path, "exemptions", index, "when"))

    return tuple(
        Exemption(text=one["text"], citation=one.get("citation", ""), when=condition(index, one))
        for index, one in enumerate(data.get("exemptions", ()))
    )
