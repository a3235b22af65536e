"""Says what makes no sense in an obligation whose form is right.

Decides: events of the vocabulary, periods that can be counted, calendars and zones that exist, ids
given once, and what belongs together. Duties that name each other are `obligations`'s.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.content.yaml_reader import Steps
from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.business_days import calendar_exists
from bot.domain.counting import DeadlineError, read_zone
from bot.domain.events import EVENTS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind

Data = Mapping[str, Any]
Fault = tuple[Steps, str, str]
"""Steps from the obligation to the place, the problem, and the remedy."""


def sense_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    """Find what the schema can't: in every obligation of a file, in order."""
    seen: dict[str, int] = {}
    for index, data in enumerate(loaded.data["obligations"]):
        path: Steps = ("obligations", index)
        line = loaded.position_of((*path, "id"))[0]
        first = seen.setdefault(data["id"], line)
        if first != line:
            problem = f"the id '{data['id']}' stands twice (first on line {first})"
            yield loaded.problem((*path, "id"), problem, "give one of them another id")
        for steps, problem, remedy in _faults(data):
            yield loaded.problem((*path, *steps), problem, remedy)


def _faults(data: Data) -> Iterator[Fault]:
    yield from _trigger_faults(data["trigger"], ("trigger",))
    yield from _period_faults(data["period"], ("period",))
    for index, limit in enumerate(data.get("limits", ())):
        yield from _limit_faults(limit, ("limits", index))
    yield from _relief_faults(data)
    yield from _zone_faults(data["zone"])
    yield from _type_faults(data)
    until, begun = data.get("effective_until"), data.get("effective_from")
    if until and begun and until < begun:
        yield ("effective_until",), "ends before effective_from", "correct one of the dates"


def _trigger_faults(trigger: Data, path: Steps) -> Iterator[Fault]:
    events = trigger["events"]
    for index, event in enumerate(events):
        if event not in EVENTS:
            yield (*path, "events", index), f"there is no event '{event}'", suggest(event, EVENTS)
    if len(events) > 1 and "pick" not in trigger:
        remedy = "add 'pick: earliest' or 'pick: latest'"
        yield path, "several events, and nothing says which counts", remedy
    from_duty = any(event in EVENTS and EVENTS[event].from_duty for event in events)
    if "of" in trigger and not from_duty:
        problem = f"none of the events {', '.join(events)} comes from another duty"
        yield (*path, "of"), problem, "remove 'of', or name an event such as individual_notice"


def _period_faults(period: Data, path: Steps) -> Iterator[Fault]:
    unit, numbered = period["unit"], "number" in period
    if unit != "none" and not numbered:
        yield path, f"a period in {unit} needs a number", "add 'number: …'"
    if unit == "none" and numbered:
        remedy = "remove the number, or say in which unit it counts"
        yield (*path, "number"), "a number without a unit", remedy
    if (unit == "business_days") != ("calendar" in period):
        problem = "business days, and only they, need a calendar"
        yield path, problem, "add or remove 'calendar: sec'"
    elif "calendar" in period:
        yield from _calendar_faults(period["calendar"], (*path, "calendar"))
    if period.get("relation", "after") != "after" and unit != "none":
        remedy = "write 'unit: none'; the event itself is the limit"
        yield (*path, "relation"), "a limit by an event has no number of its own", remedy
    in_days = unit in {"calendar_days", "business_days", "months", "years"}
    for name in ("first_day", "from_year_end"):
        if name in period and not in_days:
            yield (*path, name), f"'{name}' belongs to a period in days or longer", "remove it"


def _calendar_faults(calendar: str, path: Steps) -> Iterator[Fault]:
    if not calendar_exists(calendar):
        remedy = "write sec, japan, target, EU, or an ISO 3166 code such as BR or US-IA"
        yield path, f"there is no calendar '{calendar}'", remedy


def _limit_faults(limit: Data, path: Steps) -> Iterator[Fault]:
    own = "trigger" in limit and "period" in limit
    partly = ("trigger" in limit) != ("period" in limit)
    if partly or own == ("deadline_of" in limit):
        problem = "a limit is either a trigger with a period, or the deadline of another duty"
        yield path, problem, "give 'trigger' and 'period', or 'deadline_of'"
        return
    if own:
        yield from _trigger_faults(limit["trigger"], (*path, "trigger"))
        yield from _period_faults(limit["period"], (*path, "period"))


def _relief_faults(data: Data) -> Iterator[Fault]:
    unit = data["period"]["unit"]
    in_days = unit in {"calendar_days", "business_days", "months", "years"}
    if "cutoff_local" in data and not in_days:
        yield ("cutoff_local",), "a cut-off time belongs to a period in days", "remove it"
    if "extension" in data and unit == "none":
        yield ("extension",), "an extension needs a period with a number", "remove it"
    elif data.get("extension", {}).get("unit") == "business_days" and unit != "business_days":
        problem = "an extension in business days needs a period with a calendar"
        yield ("extension", "unit"), problem, "write 'unit: calendar_days'"
    if "rollover" in data:
        calendar = data["rollover"]["calendar"]
        yield from _calendar_faults(calendar, ("rollover", "calendar"))
    after = data.get("tolling", {}).get("after")
    if after:
        yield from _period_faults(after, ("tolling", "after"))


def _zone_faults(zone: Data) -> Iterator[Fault]:
    try:
        read_zone(zone["name"])
    except DeadlineError:
        problem = f"there is no time zone '{zone['name']}'"
        yield ("zone", "name"), problem, "write one such as Europe/Berlin"
    fact = zone.get("fact")
    texts = [name for name, spec in FACT_TYPES.items() if spec.kind is FactKind.TEXT]
    if fact and fact not in texts:
        problem = f"there is no text '{fact}' in the fact dictionary"
        yield ("zone", "fact"), problem, suggest(fact, texts)
    if ("fact" in zone) != ("prefixes" in zone):
        problem = "'fact' and 'prefixes' of a zone go together"
        yield ("zone",), problem, "add the other, such as prefixes: [Europe/]"


def _type_faults(data: Data) -> Iterator[Fault]:
    kind = data.get("type", "deadline")
    if (kind == "duplicate") != ("duplicate_of" in data):
        problem = "a duplicate, and only it, names the duty that runs instead"
        yield (), problem, "write 'type: duplicate' with 'duplicate_of: ID', or neither"
    runs = kind not in {"signpost", "duplicate"} and "disabled" not in data
    if runs and "effective_from" not in data:
        caveats = " ".join(data.get("caveats", ()))
        if "effective" not in caveats.lower():
            problem = "a rule in force without effective_from"
            remedy = "add the date, or a caveat that says why the effective date isn't known"
            yield (), problem, remedy
