"""The situation in the order in which a page tells it: targets, clocks, tasks, facts.

Pure: takes the values that services read and groups them. Decides what stands first; it doesn't
decide how anything looks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactGroup
from bot.domain.facts import Facts, value_of
from bot.domain.playbook import ContainmentAct, Playbook
from bot.domain.roles import Action, Role, is_allowed
from bot.domain.situation import ClockView, FactView, PersonView, Situation, TaskView
from bot.services.situation import fact_view, person_view
from bot.store.queries import as_fact
from bot.store.tables import FactRow, Person, TaskRow

NEXT = 5
"""Clocks of law that the incident's page shows; the board shows all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One of the three times by which a response is judged.

    `state`: `in_time`, `late`, `running` (not yet, time is left), `overdue` (not yet, too late),
    `unknown` (a fact is missing), `never` (closed without it), `measured` (there is no target).
    `used` is elapsed time so far.
    """

    title: str
    spans: str
    state: str
    took: timedelta | None = None
    used: timedelta | None = None
    target: timedelta | None = None
    missing: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        """How much of the target was used, at most 100."""
        spent = self.took if self.took is not None else self.used
        if spent is None or not self.target:
            return 0
        return max(0, min(100, round(100 * spent / self.target)))


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockGroups:
    """The clocks of one incident by what they ask of people."""

    live: tuple[ClockView, ...]
    waiting: tuple[ClockView, ...]
    done: tuple[ClockView, ...]
    not_applicable: tuple[ClockView, ...]

    @property
    def first(self) -> tuple[ClockView, ...]:
        """The live clocks that the page shows: our own targets, and the law's next few."""
        law = [one for one in self.live if one.kind == ClockKind.REGULATORY][:NEXT]
        return tuple(one for one in self.live if one.kind == ClockKind.CONTAINMENT or one in law)

    @property
    def law(self) -> int:
        """How many clocks of law there are, in whichever state."""
        every = (*self.live, *self.waiting, *self.done, *self.not_applicable)
        return sum(1 for one in every if one.kind == ClockKind.REGULATORY)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskLine:
    """A task, who did it, and whether the visitor may say that it is done."""

    task: TaskView
    done_by: str
    note: str
    mine: bool
    may_act: bool
    who_may: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseTasks:
    """The tasks of one phase."""

    title: str
    purpose: str
    lines: tuple[TaskLine, ...]

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(1 for line in self.lines if line.task.done_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class FactLine:
    """A fact with who recorded it; `at` is its value if it is a point in time."""

    fact: FactView
    at: datetime | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FactGroups:
    """The facts in force by group, those of our own organisation apart, and the earlier ones."""

    groups: tuple[tuple[str, tuple[FactLine, ...]], ...]
    organisation: tuple[FactLine, ...]
    earlier: tuple[FactLine, ...]


def targets_of(situation: Situation, facts: Facts, now: datetime) -> list[Target]:
    """Measure time to detect, to contain and to recover against the playbook's targets."""
    targets = {
        clock.key: clock.due_at - clock.started_at
        for clock in situation.clocks
        if clock.kind == ClockKind.CONTAINMENT and clock.due_at and clock.started_at
    }
    began, aware = value_of(facts, "breach_started_at"), value_of(facts, "aware_at")
    detect = "from the beginning of the breach until we became aware"
    triage = targets.get(ContainmentAct.TRIAGE)
    if isinstance(began, datetime) and isinstance(aware, datetime):
        first = _reached("Time to detect", detect, aware - began, triage)
    else:
        keys = ("breach_started_at", "aware_at")
        lacking = tuple(key for key in keys if not isinstance(value_of(facts, key), datetime))
        first = Target(
            title="Time to detect", spans=detect, state="unknown", target=triage, missing=lacking
        )
    opened = situation.opened_at
    ends = (
        ("Time to contain", ContainmentAct.CONTAINMENT, situation.contained_at, "contained"),
        ("Time to recover", ContainmentAct.RECOVERY, situation.recovered_at, "recovered"),
    )
    rest = []
    for title, act, end, word in ends:
        spans, target = f"from opening the incident until it was {word}", targets.get(act)
        if end is not None:
            rest.append(_reached(title, spans, end - opened, target))
        elif situation.closed_at is not None:
            rest.append(Target(title=title, spans=spans, state="never", target=target))
        else:
            late = target is not None and now - opened > target
            state = "overdue" if late else "running"
            rest.append(
                Target(title=title, spans=spans, state=state, used=now - opened, target=target)
            )
    return [first, *rest]


def _reached(title: str, spans: str, took: timedelta, target: timedelta | None) -> Target:
    state = "measured" if target is None else "in_time" if took <= target else "late"
    return Target(title=title, spans=spans, state=state, took=took, target=target)


def clock_groups(clocks: Iterable[ClockView]) -> ClockGroups:
    """Group the clocks; overdue ones first, then the nearest deadline, then those without one."""
    by_state: dict[str, list[ClockView]] = {}
    for clock in clocks:
        by_state.setdefault(clock.state, []).append(clock)

    def those(*states: ClockState) -> list[ClockView]:
        return [clock for state in states for clock in by_state.get(state, [])]

    live = those(ClockState.RUNNING, ClockState.TOLLED)
    live.sort(key=lambda one: (one.due_at is None, one.due_at.timestamp() if one.due_at else 0.0))
    return ClockGroups(
        live=(*those(ClockState.MISSED), *live),
        waiting=tuple(those(ClockState.WAITING)),
        done=tuple(those(ClockState.MET, ClockState.WAIVED)),
        not_applicable=tuple(those(ClockState.NOT_APPLICABLE)),
    )


def phase_tasks(
    situation: Situation,
    rows: Sequence[TaskRow],
    people: Mapping[int, Person],
    playbook: Playbook | None,
    *,
    person: Person,
    roles: Collection[Role],
) -> list[PhaseTasks]:
    """Group the tasks by the playbook's phases, in its order."""
    kept = {row.number: row for row in rows}

    def line(task: TaskView) -> TaskLine:
        row = kept[task.number]
        assigned = row.assignee_id is not None and row.assignee_id == person.id
        mine = assigned or Role(task.owner_role) in roles
        working = is_allowed(Action.RECORD_FACT, roles)
        return TaskLine(
            task=task,
            done_by=person_view(people.get(row.done_by)).name if row.done_by else "",
            note=row.note,
            mine=mine,
            may_act=working and (mine or is_allowed(Action.COMPLETE_TASK, roles)),
            who_may=_who_may(task.owner_role),
        )

    titles = (
        {phase.id: (phase.title, phase.purpose) for phase in playbook.phases} if playbook else {}
    )
    names = dict.fromkeys(task.phase for task in situation.tasks)
    return [
        PhaseTasks(
            title=titles.get(name, (name.replace("_", " ").capitalize(), ""))[0],
            purpose=titles.get(name, ("", ""))[1],
            lines=tuple(line(task) for task in situation.tasks if task.phase == name),
        )
        for name in names
    ]


def _who_may(owner_role: str) -> str:
    """Say who may finish a task of this role."""
    able = [Role.COMMANDER, Role.SCRIBE]
    names = [role.title() for role in dict.fromkeys([Role(owner_role), *able])]
    return f"Only {', '.join(names[:-1])} or {names[-1]}"


def fact_groups(history: Sequence[FactRow], people: Mapping[int, Person]) -> FactGroups:
    """Group what is known; of each fact the record made last is in force."""
    in_force = {row.key: row.id for row in history}
    system = PersonView(slack_id="", name="Tocsin")

    def line(row: FactRow) -> FactLine:
        fact = as_fact(row)
        who = person_view(people.get(row.recorded_by)) if row.recorded_by else system
        return FactLine(
            fact=fact_view(fact),
            at=fact.value if isinstance(fact.value, datetime) else None,
            recorded_at=row.recorded_at,
            recorded_by=who.name,
        )

    def group_of(row: FactRow) -> FactGroup:
        return FACT_TYPES[row.key.partition(":")[0]].group

    present = [row for row in history if in_force[row.key] == row.id]
    return FactGroups(
        groups=tuple(
            (group.value, lines)
            for group in FactGroup
            if group is not FactGroup.ORGANISATION
            and (lines := tuple(line(row) for row in present if group_of(row) is group))
        ),
        organisation=tuple(line(row) for row in present if group_of(row) is FactGroup.ORGANISATION),
        earlier=tuple(line(row) for row in reversed(history) if in_force[row.key] != row.id),
    )
