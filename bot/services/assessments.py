"""Which duties apply to an incident: kept as a standing, with every change of mind in the log.

Decides which duties are looked at again and what is recorded. Whether a duty applies is
`bot.domain.applicability`'s; the reasons are worked out anew wherever they are shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.facts import Facts
from bot.domain.obligations import Obligation
from bot.domain.regulatory_clocks import ruled
from bot.domain.rulebook import Rulebook
from bot.domain.verdicts import verdict_of
from bot.services.rulings import rulings_of
from bot.store.queries import clocks_of
from bot.store.tables import Assessment, ClockRow, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """One duty with our answer and its reasons, as shown to Legal."""

    obligation: Obligation
    applicability: Applicability
    clock: ClockRow | None


def reassess(
    tx: Tx, incident: Incident, facts: Facts, *, changed: Collection[str], actor: Person | None
) -> Mapping[str, str]:
    """Judge again the duties that the changed facts can move, and those that are new.

    Returns the verdict on every duty in force, by obligation id. A change of mind is recorded as
    `obligations.assessed`: the first entry names what applies and what can't be told yet, all other
    duties of the pack don't apply; later ones name what changed.
    """
    row = _row_of(tx.session, incident)
    old: Mapping[str, str] = row.standing if row else {}
    moved = {one for name in changed for one in tx.rules.moved_by.get(name, ())}
    today = tx.now.date()
    standing: dict[str, str] = {}
    for duty in tx.rules.duties:
        if not duty.in_force(today):
            continue
        known = None if duty.id in moved else old.get(duty.id)
        standing[duty.id] = known or verdict_of(duty, facts).value
    if standing == old:
        return standing
    row = row or Assessment(incident_id=incident.id or 0, assessed_at=tx.now)
    row.standing, row.assessed_at = standing, tx.now
    tx.session.add(row)
    _record(tx, incident, old, standing, actor=actor)
    return standing


def standing_of(session: Session, incident: Incident) -> Mapping[str, str]:
    """Give the last verdict on every duty, by obligation id."""
    row = _row_of(session, incident)
    return row.standing if row else {}


def assess_all(
    session: Session, rules: Rulebook, incident: Incident, facts: Facts, *, today: date
) -> list[Assessed]:
    """Judge every duty that is in force `today` (UTC) on the incident's facts, with reasons."""
    rows = {row.key: row for row in clocks_of(session, incident)}
    return [
        Assessed(
            obligation=duty,
            applicability=ruled(assess(duty, facts), rulings_of(rows.get(duty.id))),
            clock=rows.get(duty.id),
        )
        for duty in rules.duties
        if duty.in_force(today)
    ]


def _row_of(session: Session, incident: Incident) -> Assessment | None:
    return session.exec(select(Assessment).where(Assessment.incident_id == incident.id)).first()


def _record(
    tx: Tx,
    incident: Incident,
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    actor: Person | None,
) -> None:
    told = {key: verdict for key, verdict in new.items() if old.get(key) != verdict}
    if not old:
        told = {key: one for key, one in told.items() if one != Verdict.DOES_NOT_APPLY}
    ended = [key for key in old if key not in new]
    data: dict[str, object] = {
        verdict.value: sorted(key for key, one in told.items() if one == verdict)
        for verdict in Verdict
        if any(one == verdict for one in told.values())
    }
    if ended:
        data["no_longer_in_force"] = sorted(ended)
    tx.record(
        incident,
        "obligations.assessed",
        actor=actor.actor if actor else SYSTEM_ACTOR,
        data={"first": not old, **data},
    )
