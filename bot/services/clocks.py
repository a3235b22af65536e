"""The incident's clocks: which run, and what a person decides about them.

Regulatory clocks follow from the facts alone (`bot.domain.clocks`); this file keeps their rows,
records each change with its reason and plans the reminders. Counting and applicability are not
decided here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.applicability import Verdict
from bot.domain.clocks import (
    ClockChange,
    ClockChangeKind,
    ClockKind,
    ClockMark,
    ClockStanding,
    ClockState,
    clock_changes,
)
from bot.domain.facts import Facts, to_json
from bot.domain.obligations import Obligation, RecipientKind
from bot.domain.regulatory_clocks import Others, RegulatoryClock, regulatory_clock
from bot.services import assessments
from bot.services.reminders import plan_reminders
from bot.services.rulings import rulings_of
from bot.store.queries import clocks_of
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

_EVENT = {
    ClockChangeKind.WAITING: "clock.waiting",
    ClockChangeKind.STARTED: "clock.started",
    ClockChangeKind.RESUMED: "clock.resumed",
    ClockChangeKind.DUE_CHANGED: "clock.due_changed",
    ClockChangeKind.MET: "clock.met",
    ClockChangeKind.MISSED: "clock.missed",
    ClockChangeKind.TOLLED: "clock.tolled",
    ClockChangeKind.WAIVED: "clock.waived",
    ClockChangeKind.NOT_APPLICABLE: "clock.not_applicable",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockNews:
    """One change of a clock that people should hear of."""

    key: str
    title: str
    kind: ClockChangeKind
    due_at: datetime | None
    reason: str


def rows_by_key(tx: Tx, incident: Incident) -> dict[str, ClockRow]:
    """Read all of the incident's clocks, for `recompute` and what follows it."""
    return {row.key: row for row in clocks_of(tx.session, incident)}


def nearest_first(rows: Iterable[ClockRow]) -> list[ClockRow]:
    """Put the clocks with the nearest deadline first, those without one last."""
    return sorted(
        rows, key=lambda row: (row.due_at or datetime.max.replace(tzinfo=UTC), row.id or 0)
    )


def recompute(
    tx: Tx,
    incident: Incident,
    facts: Facts,
    rows: dict[str, ClockRow],
    *,
    changed: Collection[str] = (),
    acted: Collection[str] = (),
    actor: Person | None,
) -> list[ClockNews]:
    """Bring regulatory clocks in line with the facts in force; tell what changed.

    Looked at are the clocks that the `changed` facts (names, without jurisdiction) can move, those
    in `acted` (ids of duties that a person marked or ruled on), those counted from one of them, and
    those of rules that are new to the incident. Clocks that are made are added to `rows`: a duty
    gets one as soon as it applies.
    """
    standing = assessments.reassess(tx, incident, facts, changed=changed, actor=actor)
    stirred = {one for name in changed for one in tx.rules.moved_by.get(name, ())} | set(acted)
    stirred |= _counted_from(tx, acted)
    news: list[ClockNews] = []
    for obligation in tx.rules.duties:
        key = obligation.id
        row = rows.get(key)
        if row is None and standing.get(key) != Verdict.APPLIES:
            continue
        if row and key not in stirred and _counted_by(row, obligation):
            continue
        before = _moving(row)
        news += _follow(tx, incident, obligation, rows, facts, actor=actor)
        if _moving(rows[key]) != before:
            stirred |= tx.rules.counted_from.get(key, frozenset())
    tx.session.flush()
    announce_news(tx, incident, news)
    return news


def new_clock(tx: Tx, incident: Incident, duty: Obligation) -> ClockRow:
    """Make a waiting clock for a duty on which a person decides before it is known to apply."""
    row = _row(incident, duty)
    tx.session.add(row)
    tx.session.flush()
    return row


def _row(incident: Incident, duty: Obligation) -> ClockRow:
    return ClockRow(
        incident_id=incident.id or 0,
        kind=ClockKind.REGULATORY,
        key=duty.id,
        title=title_of(duty),
        state=ClockState.WAITING,
        zone=duty.zone.name,
        detail={},
    )


def _counted_from(tx: Tx, keys: Collection[str]) -> set[str]:
    return {one for key in keys for one in tx.rules.counted_from.get(key, ())}


def _moving(row: ClockRow | None) -> tuple[object, ...]:
    """What other duties are counted from: when this one is due and when it was met."""
    return (row.due_at, row.met_at, row.state == ClockState.MET) if row else ()


def _counted_by(row: ClockRow, obligation: Obligation) -> bool:
    """Tell whether the clock was counted by this very version of the rule."""
    return row.detail.get("file_sha256") == obligation.origin.sha256


def others_of(rows: Mapping[str, ClockRow]) -> Others:
    """Say when the incident's duties were met and are due, for those counted from them."""
    return Others(
        met={
            key: row.met_at
            for key, row in rows.items()
            if row.met_at and row.state == ClockState.MET
        },
        due={key: row.due_at for key, row in rows.items() if row.due_at},
    )


def _follow(
    tx: Tx,
    incident: Incident,
    obligation: Obligation,
    rows: dict[str, ClockRow],
    facts: Facts,
    *,
    actor: Person | None,
) -> list[ClockNews]:
    row = rows.get(obligation.id)
    clock = regulatory_clock(
        obligation,
        facts,
        now=tx.now,
        mark=mark_of(row),
        rulings=rulings_of(row),
        others=others_of(rows),
    )
    changes = clock_changes(_standing_of(row), clock.now)
    told = row.reason if row else None
    row = row or _row(incident, obligation)
    _fill(row, obligation, clock)
    rows[row.key] = row
    tx.session.add(row)
    for change in changes:
        _record_change(tx, incident, row, change, actor=actor)
    if not changes and row.reason != told and row.state in _REASONED:
        _record_reason(tx, incident, row, actor=actor)
    if changes:
        tx.session.flush()  # a new clock's reminders need its number
        plan_reminders(tx, row)
    return [_news(row, change) for change in changes if _worth_telling(change)]


_REASONED = {ClockState.WAITING, ClockState.RUNNING, ClockState.NOT_APPLICABLE}
"""States whose reason follows from the facts; met, waived and missed say what happened once."""


_TO = {
    RecipientKind.REGULATOR: "to the authority",
    RecipientKind.INDIVIDUALS: "to the affected people",
    RecipientKind.ATTORNEY_GENERAL: "to the Attorney General",
    RecipientKind.SEC_FILING: "filing with the SEC",
    RecipientKind.CONSUMER_REPORTING_AGENCIES: "to the credit bureaus",
    RecipientKind.CSIRT: "to the CSIRT",
    RecipientKind.CONTROLLER: "to the owner of the data",
    RecipientKind.MEDIA: "to the media",
    RecipientKind.INTERNAL_ASSESSMENT: "our own assessment",
    RecipientKind.CONTRACT_PARTNER: "to the contract partner",
}


def title_of(obligation: Obligation) -> str:
    """Name a clock: the regime and to whom the duty is owed."""
    return f"{obligation.regime}: {_TO[obligation.recipient.kind]}"


def mark_of(row: ClockRow | None) -> ClockMark | None:
    """Give what a person decided about a clock; None while it is open."""
    if row is None or row.state not in {ClockState.MET, ClockState.WAIVED}:
        return None
    return ClockMark(
        state=ClockState(row.state),
        at=row.met_at or row.started_at or datetime.min,  # noqa: DTZ901 - a mark always has met_at
        by=str(row.detail.get("marked_by", "")),
        reason=row.proof,
    )


def _standing_of(row: ClockRow | None) -> ClockStanding | None:
    if row is None:
        return None
    return ClockStanding(state=ClockState(row.state), trigger_at=row.started_at, due_at=row.due_at)


def _fill(row: ClockRow, obligation: Obligation, clock: RegulatoryClock) -> None:
    row.state = clock.state
    row.started_at = clock.trigger_at
    row.due_at = clock.due_at
    row.zone = clock.zone
    row.reason = clock.reason
    row.detail = _detail_of(obligation, clock) | {
        key: value for key, value in row.detail.items() if key == "marked_by"
    }


def _detail_of(obligation: Obligation, clock: RegulatoryClock) -> dict[str, object]:
    """What is shown of a regulatory clock and doesn't change its course."""
    would_be = clock.would_be_due_at
    return {
        "citation": obligation.citation,
        "rule": clock.rule,
        "duty": obligation.duty,
        "confidence": obligation.confidence.value,
        "verified_on": obligation.verified_on.isoformat(),
        "source": obligation.source,
        "caveats": list(clock.caveats),
        "missing": list(clock.missing),
        "trigger": clock.trigger_key,
        "type": obligation.type.value,
        "jurisdiction": obligation.jurisdiction,
        "recipient": obligation.recipient.kind.value,
        "not_before": to_json(clock.not_before),
        "lenient_due_at": to_json(clock.lenient_due_at),
        "lenient_words": clock.lenient_words,
        "extended_due_at": to_json(clock.extended_due_at),
        "verdict": clock.applicability.verdict.value,
        "would_be_due_at": to_json(would_be) if would_be else None,
        "met_late": clock.met_late,
        "own_rule": obligation.origin.own,
        "file_sha256": obligation.origin.sha256,
    }


def _record_change(
    tx: Tx, incident: Incident, row: ClockRow, change: ClockChange, *, actor: Person | None
) -> None:
    old, hold = change.old, rulings_of(row).hold
    tx.record(
        incident,
        _EVENT[change.kind],
        actor=actor.actor if actor else SYSTEM_ACTOR,
        data={
            "clock": row.key,
            "state": row.state,
            "old_state": old.state if old else None,
            "trigger_at": to_json(row.started_at),
            "due_at": to_json(row.due_at),
            "old_due_at": to_json(old.due_at) if old else None,
            "file_sha256": row.detail.get("file_sha256"),
            **({"evidence": hold.evidence} if hold and row.state == ClockState.TOLLED else {}),
        },
        pd={"reason": change.reason},
    )


def _record_reason(tx: Tx, incident: Incident, row: ClockRow, *, actor: Person | None) -> None:
    """The state stays and the reason changed: that is part of the history too."""
    events = {
        ClockState.WAITING: "clock.waiting",
        ClockState.RUNNING: "clock.resumed",
        ClockState.NOT_APPLICABLE: "clock.not_applicable",
    }
    tx.record(
        incident,
        events[ClockState(row.state)],
        actor=actor.actor if actor else SYSTEM_ACTOR,
        data={"clock": row.key, "state": row.state},
        pd={"reason": row.reason},
    )


def _worth_telling(change: ClockChange) -> bool:
    """Waiting clocks are on the card; people are told of what runs, ends or goes away."""
    if change.kind in {ClockChangeKind.WAITING, ClockChangeKind.NOT_APPLICABLE}:
        ran = {ClockState.RUNNING, ClockState.MISSED}
        return change.old is not None and change.old.state in ran
    return True


def _news(row: ClockRow, change: ClockChange) -> ClockNews:
    return ClockNews(
        key=row.key, title=row.title, kind=change.kind, due_at=row.due_at, reason=change.reason
    )


def announce_news(tx: Tx, incident: Incident, news: Sequence[ClockNews]) -> None:
    """Have the changes posted into the incident's channel, in one message."""
    if not news:
        return
    changes = [{"key": one.key, "kind": one.kind.value} for one in news]
    names = "+".join(f"{one.key}={one.kind}" for one in news)
    key = f"{incident.ref}/clocks/{tx.now.isoformat()}/{names}"[:400]
    tx.enqueue("announce", incident, key=key, kind="clocks", detail={"changes": changes})
