"""What a playbook is: phases, tasks, containment clocks, partners and presumed facts, as values.

Decides the words and the fixed frame (seven phases, four containment clocks and their default
times). Doesn't read files (`content.playbooks` does) and doesn't know an incident's state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

PHASE_IDS = (
    "triage",
    "containment",
    "forensic_preservation",
    "notification",
    "remediation",
    "recovery",
    "review",
)
"""Every playbook has exactly these phases, in this order."""

TASK_ROLES = ("commander", "forensics", "legal", "comms", "scribe")
"""Roles that can own a task; an Observer only watches."""

SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")


class PartnerKind(StrEnum):
    """Who is called from outside the organisation."""

    FORENSICS = "forensics"
    OUTSIDE_COUNSEL = "outside_counsel"
    INSURER = "insurer"
    PR = "pr"
    LAW_ENFORCEMENT = "law_enforcement"


class ClockStart(StrEnum):
    """The fact from which a containment clock counts."""

    OPENED_AT = "opened_at"
    AWARE_AT = "aware_at"


class ContainmentAct(StrEnum):
    """The act that meets a containment clock."""

    TRIAGE = "triage"
    """The severity is confirmed."""
    ESCALATION = "escalation"
    """Critical anomalies are escalated to those who decide."""
    CONTAINMENT = "containment"
    """The incident's status becomes contained."""
    RECOVERY = "recovery"
    """The incident's status becomes recovered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainmentClock:
    """An operational target: `met_by` must happen `within` this time of `starts`."""

    id: str
    title: str
    within: timedelta
    starts: ClockStart
    met_by: ContainmentAct

    def due_at(self, started_at: datetime) -> datetime:
        """Give the instant (aware UTC) at which the clock runs out. Elapsed time, no holidays."""
        return started_at + self.within


def _default_clock(act: ContainmentAct, *, title: str, hours: int) -> ContainmentClock:
    return ContainmentClock(
        id=act.value,
        title=title,
        within=timedelta(hours=hours),
        starts=ClockStart.OPENED_AT,
        met_by=act,
    )


DEFAULT_CLOCKS: Mapping[str, ContainmentClock] = MappingProxyType(
    {
        clock.id: clock
        for clock in (
            _default_clock(ContainmentAct.TRIAGE, title="Detection and triage", hours=1),
            _default_clock(
                ContainmentAct.ESCALATION, title="Escalation of critical anomalies", hours=4
            ),
            _default_clock(ContainmentAct.CONTAINMENT, title="Containment", hours=24),
            _default_clock(ContainmentAct.RECOVERY, title="Eradication and recovery", hours=72),
        )
    }
)
"""The four containment clocks; a playbook may tighten their times and never loosen them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybookTask:
    """One thing to do. `due` counts from the incident's `opened_at`.

    `order_of_volatility` numbers what must be captured first (RFC 3227 §2.1); 1 vanishes soonest.
    `after` names tasks that must be done before this one; `partner` whom to call for it.
    """

    key: str
    title: str
    how: str
    owner_role: str
    due: timedelta
    evidence: tuple[str, ...]
    order_of_volatility: int | None = None
    after: tuple[str, ...] = ()
    partner: str | None = None

    def due_at(self, opened_at: datetime) -> datetime:
        """Give the instant (aware UTC) at which the task is due."""
        return opened_at + self.due


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A stage of the response; `purpose` says when it is done."""

    id: str
    title: str
    purpose: str
    tasks: tuple[PlaybookTask, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """Someone outside to call: when, how, and at which hours they answer."""

    id: str
    kind: PartnerKind
    name: str
    call_when: str
    how: str
    hours: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleDuty:
    """What a role answers for in this kind of incident."""

    role: str
    duty: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PresumedFact:
    """A fact that is taken as true until someone records otherwise; `value` is in JSON form."""

    fact: str
    value: str | int | bool | tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Playbook:
    """A whole playbook. `id`, `version` and `sha256` (of the file's bytes) go into the log."""

    id: str
    version: int
    title: str
    summary: str
    suggested_severity: str
    roles: tuple[RoleDuty, ...]
    presumed_facts: tuple[PresumedFact, ...]
    containment_clocks: tuple[ContainmentClock, ...]
    partners: tuple[Partner, ...]
    notices: tuple[str, ...]
    phases: tuple[Phase, ...]
    sha256: str
    source_path: str

    def tasks(self) -> Iterator[tuple[Phase, PlaybookTask]]:
        """Give every task with its phase, in the order of the file."""
        for phase in self.phases:
            for task in phase.tasks:
                yield phase, task

    def partner(self, partner_id: str) -> Partner:
        """Give a partner by id; the loader has checked that each task's partner exists.

        Raises:
            KeyError: this playbook has no such partner.
        """
        for partner in self.partners:
            if partner.id == partner_id:
                return partner
        raise KeyError(f"playbook {self.id} has no partner {partner_id!r}")
