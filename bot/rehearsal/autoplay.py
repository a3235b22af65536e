"""Players for a scenario that has no script: a practised team, now fast, now late, from the seed.

Decides for each expectation whether, when and how it is done. The same seed plays the same way.
How scenario authors see what their scenario does before people spend an afternoon on it.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.domain.roles import Role
from bot.domain.scenario import EventMatch, Expectation, Scenario, WindowClock
from bot.rehearsal.acts import Act

LEFT_UNDONE = 0.08
"""Share of what is expected that this team never does."""
_FASTEST, _SLOWEST = 0.3, 1.5
"""Of the target: how long an act takes."""


def chance(seed: int, name: str) -> float:
    """Return a number from 0 to 1 for a name: the same for the same seed, on every machine."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def delay_of(expectation: Expectation, *, seed: int, scenario: Scenario) -> timedelta | None:
    """Return how long after the inject, on the wall, it is done; None if it never is."""
    if chance(seed, f"{expectation.id}/done") < LEFT_UNDONE:
        return None
    share = _FASTEST + (_SLOWEST - _FASTEST) * chance(seed, f"{expectation.id}/when")
    span = expectation.window.target * share
    if expectation.window.clock is WindowClock.EXERCISE:
        span = span / max(1, scenario.span // scenario.play)
    return timedelta(seconds=round(span.total_seconds()))


def act_for(expectation: Expectation) -> Act | None:
    """Return the act that meets an expectation; None if no player's act does."""
    if expectation.match is None:
        return None
    role = expectation.by or Role.COMMANDER
    for event in sorted(expectation.match.events):
        found = _act(event, expectation.match, role)
        if found is not None:
            return found
    return None


def _act(event: str, match: EventMatch, role: Role) -> Act | None:
    where = match.where

    def make(what: str, **values: Any) -> Act:
        return Act(what=what, role=role, values=values)

    if event.startswith("fact."):
        return make("fact", key=_first(where.get("key")), value=_first(where.get("value")))
    if event == "exercise.decision_recorded":
        return make("decide", decision=where.get("decision"), option=_first(where.get("option")))
    if event in {"notice.drafted", "notice.submitted", "notice.approved", "notice.sent"}:
        if "template" not in where:
            return None
        to = event.removeprefix("notice.").replace("drafted", "submitted")
        return make("notice", template=_first(where["template"]), to=to)
    if event == "task.completed" and "task" in where:
        return make("task", task=_first(where["task"]))
    if event == "incident.severity_changed":
        return make("severity", to=_first(where.get("to")))
    if event in {"role.deputy_named", "role.handed_over"}:
        return make("deputy", of=_first(where.get("role")))
    simple = _SIMPLE.get(event)
    return make(simple) if simple else None


_SIMPLE: Mapping[str, str] = {
    "note.recorded": "note",
    "message.preserved": "preserve",
    "evidence.collected": "preserve",
    "evidence.sealed": "seal",
    "evidence.transferred": "transfer",
    "incident.contained": "contain",
    "hold.placed": "hold",
}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else value
