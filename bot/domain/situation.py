"""The situation of one incident as values, ready to be shown in Slack or on the web.

Built by `services.situation` from the tables; `blocks` and `web` only turn it into their form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.applicability import Applicability
from bot.domain.obligations import Obligation
from bot.domain.regulatory_clocks import RegulatoryClock
from bot.domain.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonView:
    """A person as shown: Slack id for mentions, name for pages."""

    slack_id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockView:
    """One clock as shown. `due_at` is empty where the law names no number."""

    key: str
    title: str
    kind: str
    state: str
    started_at: datetime | None
    due_at: datetime | None
    zone: str
    reason: str
    citation: str = ""
    rule: str = ""
    confidence: str = ""
    verified_on: str = ""
    source: str = ""
    caveats: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    would_be_due_at: datetime | None = None
    met_at: datetime | None = None
    proof: str = ""
    duty: str = ""
    """What has to be done, in a sentence."""
    type: str = ""
    """The obligation's type: deadline, soft limit, embargo; empty for our own targets."""
    jurisdiction: str = ""
    recipient: str = ""
    """The kind of recipient: regulator, individuals …"""
    not_before: datetime | None = None
    """For an embargo: the instant until which nobody may be told."""
    lenient_due_at: datetime | None = None
    lenient_words: str = ""
    extended_due_at: datetime | None = None
    """The last instant if the extension that the law offers is taken up; never counted on."""
    own_rule: bool = False
    """Whether the organisation wrote the rule itself."""
    met_late: bool = False
    lateness: str = ""
    """Why it was late, where a law wants to know."""

    @property
    def confirm_with_counsel(self) -> bool:
        """Whether the rule must be shown with “confirm with counsel”."""
        return self.confidence not in {"", "high"}

    def left(self, now: datetime) -> timedelta | None:
        """Return the time left until the deadline, negative when it is over, None without one."""
        return None if self.due_at is None else self.due_at - now


@dataclass(frozen=True, kw_only=True, slots=True)
class RulingView:
    """One act by which counsel ruled on a clock's course. Instants are aware UTC."""

    kind: str
    """overruled, extended or tolled."""
    at: datetime
    by: str
    reason: str
    applies: bool | None = None
    due_at: datetime | None = None
    withdrawn: bool = False
    evidence: int | None = None
    cleared_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyView:
    """One duty of the pack as it stands in an incident, whether it has a clock there or not."""

    ref: str
    obligation: Obligation
    verdict: Applicability
    counted: RegulatoryClock | None
    """As worked out from the facts now; None for a rule that never runs as a clock."""
    clock: ClockView | None
    """As kept, with what people decided; None for a duty without a clock."""
    rulings: tuple[RulingView, ...]
    """Oldest first."""
    facts: tuple["FactView", ...]
    """The recorded facts that decided, and that the clock is counted from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskView:
    """One task as shown."""

    number: int
    key: str
    phase: str
    title: str
    how: str
    owner_role: str
    due_at: datetime | None
    expected_evidence: tuple[str, ...]
    assignee: PersonView | None
    done_at: datetime | None
    incident_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactView:
    """One fact in force as shown."""

    key: str
    label: str
    value: str
    confidence: str
    source: str
    as_of: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeView:
    """One notice as shown in lists."""

    number: int
    title: str
    state: str
    version: int
    due_at: datetime | None
    gaps: int
    privileged: bool = False
    assigned_to: PersonView | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceView:
    """One preserved item as shown."""

    number: int
    kind: str
    title: str
    state: str
    problem: str
    sha256: str
    size: int
    collected_at: datetime
    collected_by: PersonView
    sealed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """All that the situation card and the incident page show."""

    ref: str
    title: str
    kind: str
    severity: str
    status: str
    playbook: str
    opened_at: datetime
    opened_by: PersonView
    detected_at: datetime | None
    contained_at: datetime | None
    recovered_at: datetime | None
    closed_at: datetime | None
    channel_id: str | None
    channel_error: str
    roles: dict[Role, tuple[PersonView, ...]]
    clocks: tuple[ClockView, ...]
    tasks: tuple[TaskView, ...]
    facts: tuple[FactView, ...]
    notices: tuple[NoticeView, ...]
    evidence: tuple[EvidenceView, ...] = field(default=())
    deputies: Mapping[Role, PersonView] = field(default_factory=dict)
    cannot_tell: int = 0
    """How many duties of the pack can't be told yet: facts are missing."""
    time_missing_since: datetime | None = None
    """Since when no outside time stamp could be had for the evidence log; None if all is well."""

    def clocks_in(self, *states: str) -> list[ClockView]:
        """Return the clocks in any of these states, the nearest deadline first."""
        found = [clock for clock in self.clocks if clock.state in states]
        return sorted(found, key=lambda clock: (clock.due_at is None, clock.due_at, clock.key))

    def open_tasks(self) -> list[TaskView]:
        """Return the tasks still to do, in the playbook's order."""
        return [task for task in self.tasks if task.done_at is None]


def words_for(span: timedelta) -> str:
    """Say a span in two units at most: `2 d 4 h`, `47 min`. Sign is dropped; seconds too."""
    minutes = int(abs(span).total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, mins = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {mins} min" if mins else f"{hours} h"
    return f"{mins} min"
