"""Totals over all incidents, for `/metrics`: numbers only."""

from dataclasses import dataclass

from sqlmodel import Session, func, select

from bot.store.tables import ClockRow, Incident


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many incidents there are by status, and clocks by kind and state."""

    incidents: dict[str, int]
    clocks: dict[tuple[str, str], int]


def counts(session: Session) -> Counts:
    """Count them."""
    incidents = session.exec(select(Incident.status, func.count()).group_by(Incident.status)).all()
    clocks = session.exec(
        select(ClockRow.kind, ClockRow.state, func.count()).group_by(ClockRow.kind, ClockRow.state)
    ).all()
    return Counts(
        incidents=dict(incidents),
        clocks={(kind, state): number for kind, state, number in clocks},
    )
