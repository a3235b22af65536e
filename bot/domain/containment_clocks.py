"""Where a containment clock stands: our own targets for triage, containment and recovery.

Decides the state from start, end and `now`; when the clock starts and which act meets it stands in
the playbook.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.clocks import ClockState
from bot.domain.deadlines import is_overdue
from bot.domain.playbook import ClockStart, ContainmentAct, ContainmentClock


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainmentReading:
    """Where a containment clock stands. Instants are aware UTC."""

    state: ClockState
    started_at: datetime | None
    due_at: datetime | None
    met_late: bool
    reason: str


def containment_reading(
    clock: ContainmentClock,
    *,
    started_at: datetime | None,
    met_at: datetime | None,
    now: datetime,
) -> ContainmentReading:
    """Work out where a containment clock stands. `started_at` is the instant of `clock.starts`."""
    if started_at is None:
        return ContainmentReading(
            state=ClockState.WAITING,
            started_at=None,
            due_at=None,
            met_late=False,
            reason=f"Waits for {_FROM[clock.starts]} to be recorded.",
        )
    due_at = clock.due_at(started_at)
    late = is_overdue(due_at, met_at or now)
    if met_at:
        state = ClockState.MET
        reason = f"{clock.title} met {'after' if late else 'within'} the target."
    else:
        state = ClockState.MISSED if late else ClockState.RUNNING
        reason = f"Runs from {_FROM[clock.starts]} until {_UNTIL[clock.met_by]}."
        if late:
            reason = f"The target passed, and it isn't recorded that {_UNTIL[clock.met_by]}."
    return ContainmentReading(
        state=state,
        started_at=started_at,
        due_at=due_at,
        met_late=late and met_at is not None,
        reason=reason,
    )


_FROM = {
    ClockStart.OPENED_AT: "the opening of the incident",
    ClockStart.AWARE_AT: "the time at which we became aware",
}
_UNTIL = {
    ContainmentAct.TRIAGE: "the severity is confirmed",
    ContainmentAct.ESCALATION: "those who decide have been told",
    ContainmentAct.CONTAINMENT: "the incident is contained",
    ContainmentAct.RECOVERY: "service is restored",
}
