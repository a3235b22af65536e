"""Recording what is known: facts with source, confidence and as-of time.

A correction is a new record; the old one stays. Clocks and drafted notices follow in the same
transaction (`clocks.recompute`, `notice_versions.follow_facts`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.clocks import ClockChangeKind
from bot.domain.fact_checks import check_facts
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import (
    Confidence,
    Fact,
    FactError,
    FactKey,
    Facts,
    FactValue,
    check_value,
    to_json,
)
from bot.domain.roles import Action
from bot.services import clocks, containment, notice_versions
from bot.services.access import check_may
from bot.store.queries import as_fact, facts_of
from bot.store.tables import FactRow, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFact:
    """A fact to record. `as_of` empty means: as of now."""

    key: FactKey
    value: FactValue
    source: str
    confidence: Confidence = Confidence.CONFIRMED
    as_of: datetime | None = None


def record_facts(
    tx: Tx, incident: Incident, new: Sequence[NewFact], *, actor: Person
) -> list[clocks.ClockNews]:
    """Record facts and let clocks and notices follow; return what changed about the clocks.

    Raises `FactError` for a value that doesn't fit, a time in the future, a place nobody knows, or
    facts that contradict each other; nothing is kept then.
    """
    check_may(tx, incident, actor, Action.RECORD_FACT)
    if not new:
        raise FactError("Nothing to record: give at least one fact, such as aware_at.")
    for fact in new:
        _check(fact, tx.now)
    known = facts_of(tx.session, incident)
    told = {str(fact.key): _as_told(fact, tx.now) for fact in new}
    check_facts(known, told, contained_at=incident.contained_at)
    facts = store_facts(tx, incident, new, actor=actor, known=known)
    rows = clocks.rows_by_key(tx, incident)
    changed = {fact.key.name for fact in new}
    news = clocks.recompute(tx, incident, facts, rows, changed=changed, actor=actor)
    containment.follow_awareness(tx, incident, facts, rows)
    started = {one.key for one in news if one.kind is ClockChangeKind.STARTED}
    notice_versions.follow_facts(tx, incident, facts, rows, started=started)
    tx.enqueue("refresh_card", incident)
    return news


def _as_told(fact: NewFact, now: datetime) -> Fact:
    return Fact(
        key=fact.key,
        value=fact.value,
        confidence=_confidence(fact),
        source=fact.source,
        as_of=fact.as_of or now,
    )


def _confidence(fact: NewFact) -> Confidence:
    return Confidence.UNKNOWN if fact.value is None else fact.confidence


def store_facts(
    tx: Tx,
    incident: Incident,
    new: Sequence[NewFact],
    *,
    actor: Person | None,
    known: Facts | None = None,
) -> Facts:
    """Write the rows and evidence entries of facts without computing what follows.

    `known` are the facts in force, where they were read already. Returns those now in force.
    """
    known = dict(facts_of(tx.session, incident) if known is None else known)
    for fact in new:
        _check(fact, tx.now)
        row = FactRow(
            incident_id=incident.id or 0,
            key=str(fact.key),
            value=to_json(fact.value),
            confidence=_confidence(fact),
            source=fact.source,
            as_of=fact.as_of or tx.now,
            recorded_at=tx.now,
            recorded_by=actor.id if actor else None,
        )
        tx.session.add(row)
        _record(tx, incident, row, corrected=row.key in known, actor=actor)
        known[row.key] = as_fact(row)
    tx.session.flush()
    return known


def _check(fact: NewFact, now: datetime) -> None:
    check_value(fact.key, fact.value)
    if not fact.source.strip():
        raise FactError(f"Say where you know {fact.key} from: the source is empty.")
    if isinstance(fact.value, datetime) and fact.value > now:
        raise FactError(
            f"{fact.key} lies in the future ({fact.value.astimezone(UTC):%Y-%m-%d %H:%M} UTC). "
            f"Check the date."
        )
    if fact.as_of is not None and (fact.as_of.tzinfo is None or fact.as_of > now):
        raise FactError(f"{fact.key} can't be as of a time that is still to come. Check the date.")


def _record(
    tx: Tx, incident: Incident, row: FactRow, *, corrected: bool, actor: Person | None
) -> None:
    """Write the entry: times, counts and choices open, free text behind a commitment."""
    spec = FACT_TYPES[row.key.partition(":")[0]]
    data: dict[str, object] = {
        "key": row.key,
        "confidence": row.confidence,
        "as_of": to_json(row.as_of),
    }
    pd: dict[str, object] = {"source": row.source}
    if spec.personal or spec.kind is FactKind.TEXT:
        pd["value"] = row.value
    else:
        data["value"] = row.value
    tx.record(
        incident,
        "fact.corrected" if corrected else "fact.recorded",
        actor=actor.actor if actor else SYSTEM_ACTOR,
        data=data,
        pd=pd,
    )
