"""A script of players: a YAML list of what they do, when, and in which role.

    - {after: I1, wait: PT3M, as: commander, do: fact, key: aware_at}
    - {at: PT20M, as: comms, do: note, text: "Known: … Next update at 11."}
    - {after: I5, wait: PT4M, as: commander, do: decide, decision: D1, option: refuse}

`at` and `wait` are spans on the wall. Decides whether a script can be read, not what an act does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.content.scenario_lint import span_of
from bot.content.yaml_source import ContentError, load_yaml
from bot.domain.roles import Role, read_role
from bot.domain.scenario import Scenario
from bot.rehearsal.acts import ACTS, Act
from bot.rehearsal.autoplay import act_for, delay_of

_FRAME = {"at", "after", "wait", "as", "do"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One act with its moment: `wait` after the inject `after`, or after the start."""

    after: str
    wait: timedelta
    act: Act


def load_script(file: Path, scenario: Scenario) -> tuple[Step, ...]:
    """Load a script; raises `ContentError` with the place and the remedy of every fault."""
    loaded = load_yaml(file)
    problems = []
    steps = []
    listed = loaded.data.get("players", []) if isinstance(loaded.data, Mapping) else loaded.data
    for index, entry in enumerate(listed):
        try:
            steps.append(_step(entry, scenario))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            remedy = "write after or at, wait, as, do: see docs/exercises.md"
            problems.append(loaded.problem(("players", index), f"can't be played: {error}", remedy))
    if problems:
        raise ContentError(problems)
    return tuple(steps)


def _step(entry: Mapping[str, Any], scenario: Scenario) -> Step:
    after = str(entry.get("after", ""))
    if after and scenario.inject(after) is None:
        raise ValueError(f"there is no inject {after}")
    if entry["do"] not in ACTS:
        raise ValueError(f"“{entry['do']}” isn't one of: {', '.join(ACTS)}")
    wait = span_of(str(entry.get("wait" if after else "at", "PT0S")))
    values = {key: value for key, value in entry.items() if key not in _FRAME}
    act = Act(what=str(entry["do"]), role=read_role(str(entry["as"])), values=values)
    return Step(after=after, wait=wait, act=act)


def practised_team(scenario: Scenario, seed: int) -> tuple[Step, ...]:
    """Return what a practised team does of its own accord, from the seed."""
    steps = []
    for expectation in scenario.expectations:
        act, wait = act_for(expectation), delay_of(expectation, seed=seed, scenario=scenario)
        if act is not None and wait is not None:
            steps.append(Step(after=expectation.inject, wait=wait, act=act))
    return tuple(steps)


ROLES = (Role.COMMANDER, Role.FORENSICS, Role.LEGAL, Role.COMMS)
"""The roles that are always played."""
