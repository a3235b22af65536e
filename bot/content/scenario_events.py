"""What an expectation may wait for: the entries that players' steps leave, and what they hold.

Decides which words of the evidence vocabulary and which of their open values `match` may name. A
match that no entry can ever meet would count against people who did everything right.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.incident import Severity
from bot.domain.roles import Role
from evidence_store.events import EVENTS

Path = tuple[str | int, ...]

_CLOCK = frozenset({"clock", "state", "late"})
_ITEM = frozenset({"item"})
_NOTICE = frozenset({"notice", "template", "version"})
_FACT = frozenset({"key", "value", "confidence"})
_TASK = frozenset({"task", "number"})
_ROLE = frozenset({"role"})
_NONE: frozenset[str] = frozenset()

OPEN_VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "incident.severity_changed": frozenset({"from", "to"}),
        "incident.status_changed": frozenset({"status"}),
        "incident.contained": _NONE,
        "incident.recovered": _NONE,
        "incident.closed": _NONE,
        "incident.member_joined": _NONE,
        "role.assigned": _ROLE,
        "role.claimed": _ROLE,
        "role.handed_over": _ROLE,
        "role.deputy_named": _ROLE,
        "role.deputy_released": _ROLE,
        "task.completed": _TASK,
        "task.assigned": _TASK,
        "task.reopened": _TASK,
        "fact.recorded": _FACT,
        "fact.corrected": _FACT,
        "clock.started": _CLOCK,
        "clock.met": _CLOCK,
        "clock.waived": _CLOCK,
        "clock.not_applicable": _CLOCK,
        "clock.tolled": _CLOCK,
        "clock.extended": _CLOCK,
        "clock.resumed": _CLOCK,
        "clock.overruled": _CLOCK,
        "clock.lateness_explained": _CLOCK,
        "obligations.assessed": _NONE,
        "reminder.acknowledged": _NONE,
        "reminder.snoozed": _NONE,
        "message.preserved": _NONE,
        "evidence.collected": frozenset({"item", "method"}),
        "evidence.sealed": _ITEM,
        "evidence.transferred": frozenset({"item", "step"}),
        "evidence.accessed": _ITEM,
        "evidence.copied": _ITEM,
        "evidence.analysed": _ITEM,
        "evidence.derived": _ITEM,
        "evidence.returned": _ITEM,
        "hold.placed": frozenset({"hold"}),
        "hold.released": frozenset({"hold"}),
        "notice.drafted": _NOTICE,
        "notice.revised": _NOTICE,
        "notice.assigned": _NOTICE,
        "notice.commented": _NOTICE,
        "notice.comment_resolved": _NOTICE,
        "notice.submitted": _NOTICE,
        "notice.changes_requested": _NOTICE,
        "notice.approved": _NOTICE,
        "notice.released": _NOTICE,
        "notice.sent": _NOTICE,
        "notice.withdrawn": _NOTICE,
        "notice.downloaded": _NOTICE,
        "notice.privilege_marked": _NOTICE,
        "notice.read": _NOTICE,
        "print_run.checked": _NONE,
        "print_run.proof_approved": _NONE,
        "print_run.started": _NONE,
        "print_run.handed_over": _NONE,
        "print_run.compared": _NONE,
        "print_run.erasure_asked": _NONE,
        "print_run.erasure_refused": _NONE,
        "print_run.list_erased": _NONE,
        "outbound.captured": _NONE,
        "outbound.retracted": _NONE,
        "exercise.real_world_called": _NONE,
        "exercise.decision_recorded": frozenset({"decision", "option"}),
        "note.recorded": _NONE,
        "bundle.exported": frozenset({"form"}),
    }
)
"""By word, the open values that can be asked for. What stands behind a commitment can't be."""


def match_problems(
    loaded: LoadedYaml,
    path: Path,
    match: Mapping[str, Any],
    *,
    tasks: Collection[str],
    templates: Collection[str] | None,
) -> Iterator[ContentProblem]:
    """Find what of a `match` no entry can ever meet."""
    events = [match["event"]] if isinstance(match["event"], str) else match["event"]
    known = True
    for index, event in enumerate(events):
        at = (*path, "event") if isinstance(match["event"], str) else (*path, "event", index)
        if event not in OPEN_VALUES:
            known = False
            yield loaded.problem(at, *_unknown_event(event))
    if not known:
        return
    values = frozenset.intersection(*(OPEN_VALUES[one] for one in events))
    choices = _choices(loaded, tasks=tasks, templates=templates)
    for key, wanted in match.get("where", {}).items():
        at = (*path, "where", key)
        if key not in values:
            remedy = suggest(key, values) if values else "leave 'where' out"
            problem = f"{' and '.join(events)} can't be asked for '{key}'"
            yield loaded.problem(at, problem, remedy, key=True)
            continue
        yield from _value_problems(loaded, at, key, wanted, choices)


def _unknown_event(event: str) -> tuple[str, str]:
    if event in EVENTS:
        return (
            f"no step of a player leaves '{event}'",
            "leave 'match' out, so that an observer judges it, or use another word",
        )
    return f"there is no event '{event}'", suggest(event, OPEN_VALUES)


def _choices(
    loaded: LoadedYaml, *, tasks: Collection[str], templates: Collection[str] | None
) -> dict[str, tuple[str, Collection[str]]]:
    decisions = loaded.data.get("decisions", [])
    severities = [one.value for one in Severity]
    options = {option["id"] for one in decisions for option in one["options"]}
    known: dict[str, tuple[str, Collection[str]]] = {
        "key": ("fact", FACT_TYPES),
        "role": ("role", [one.value for one in Role]),
        "from": ("severity", severities),
        "to": ("severity", severities),
        "task": ("task of this playbook", tasks),
        "decision": ("decision", [one["id"] for one in decisions]),
        "option": ("option", options),
    }
    if templates is not None:
        known["template"] = ("notice template", templates)
    return known


def _value_problems(
    loaded: LoadedYaml,
    path: Path,
    key: str,
    wanted: Any,
    choices: Mapping[str, tuple[str, Collection[str]]],
) -> Iterator[ContentProblem]:
    """A value is a plain one, or a list of plain ones of which each will do."""
    for index, one in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        at = (*path, index) if isinstance(wanted, list) else path
        if not isinstance(one, str | int | bool):
            yield loaded.problem(
                at, f"'{key}' can't be compared", "write a value, or a list of them"
            )
            continue
        if key not in choices:
            continue
        what, known = choices[key]
        # `residents:US-CA` is the fact `residents` for one place.
        asked = str(one).partition(":")[0] if key == "key" else str(one)
        if asked not in known:
            remedy = suggest(asked, known) if known else "leave it out"
            yield loaded.problem(at, f"there is no {what} '{one}'", remedy)
