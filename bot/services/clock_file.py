"""One duty in one incident, with all that decided about it: facts, clock, rulings, history.

Only reads. Decides what belongs to a duty's file; whether it applies and by when it is due is the
domain's. The history is the evidence log's, so that an old deadline stays beside the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.clocks import NO_RULINGS, ClockKind, ClockState
from bot.domain.events import facts_of_event
from bot.domain.facts import Fact, Facts
from bot.domain.obligations import Obligation, duties_named, events_named
from bot.domain.regulatory_clocks import RegulatoryClock, regulatory_clock, ruled
from bot.domain.situation import PersonView
from bot.domain.timeline import describe
from bot.services.board import shown_state
from bot.services.clocks import mark_of, others_of
from bot.services.rulings import rulings_of
from bot.services.situation import person_view
from bot.store.queries import clocks_of, facts_of, persons_of
from bot.store.tables import ClockRow, Incident
from bot.store.unit_of_work import SYSTEM_ACTOR, Store, origin_of
from evidence_store.log import Entry, entries, openings

HISTORY = (
    "clock.started",
    "clock.waiting",
    "clock.due_changed",
    "clock.met",
    "clock.missed",
    "clock.not_applicable",
    "clock.waived",
    "clock.tolled",
    "clock.extended",
    "clock.resumed",
    "clock.overruled",
    "clock.lateness_explained",
    "obligations.assessed",
)
"""The events that make a clock's history."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One entry of a clock's history. Instants are aware UTC."""

    seq: int
    ts: datetime
    words: str
    reason: str
    who: PersonView
    leaf: str
    due_at: datetime | None
    old_due_at: datetime | None

    @property
    def moved(self) -> bool:
        """Whether the deadline was another one before."""
        return self.old_due_at is not None and self.old_due_at != self.due_at


@dataclass(frozen=True, kw_only=True, slots=True)
class RelatedClock:
    """Another duty that this one is counted from, or that is counted from this one."""

    key: str
    state: str
    """A word of `ClockState`, or empty while it has no clock."""
    due_at: datetime | None
    met_at: datetime | None
    before: bool
    """Whether this duty is counted from it; otherwise it is counted from this duty."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockFile:
    """All that is known of a duty in an incident. Without an obligation the rule left the pack."""

    key: str
    obligation: Obligation | None
    row: ClockRow | None
    clock: RegulatoryClock | None
    """As it follows from the facts now; None for a rule that never runs, or isn't in the pack."""
    state: ClockState | None
    """None while the duty has no clock."""
    verdict: Applicability | None
    deciding: tuple[Fact, ...]
    """The facts that decided, and those that started or bound the period."""
    related: tuple[RelatedClock, ...]
    turns: tuple[Turn, ...]
    """The oldest first."""

    @property
    def applies(self) -> bool:
        """Whether the duty applies, by the facts or by counsel's word."""
        return self.verdict is not None and self.verdict.verdict is Verdict.APPLIES


def clock_file(
    session: Session, store: Store, incident: Incident, key: str, *, now: datetime
) -> ClockFile | None:
    """Read a duty's file by its id in any case; None if neither pack nor incident knows it."""
    rows = {
        row.key: row for row in clocks_of(session, incident) if row.kind == ClockKind.REGULATORY
    }
    known = {one.lower(): one for one in (*store.rules.obligations, *rows)}
    name = known.get(key.strip().lower(), "")
    duty, row = store.rules.obligations.get(name), rows.get(name)
    if duty is None and row is None:
        return None
    facts = facts_of(session, incident)
    clock = _clock(duty, row, rows, facts, now) if duty and duty.runs else None
    verdict = clock.applicability if clock else None
    if duty and verdict is None:
        verdict = ruled(assess(duty, facts), NO_RULINGS)
    return ClockFile(
        key=name,
        obligation=duty,
        row=row,
        clock=clock,
        state=shown_state(row, now) if row else None,
        verdict=verdict,
        deciding=tuple(_deciding(duty, verdict, facts)),
        related=tuple(_related(duty, rows, store)),
        turns=tuple(_turns(session, store, incident, name)),
    )


def _clock(
    duty: Obligation,
    row: ClockRow | None,
    rows: Mapping[str, ClockRow],
    facts: Facts,
    now: datetime,
) -> RegulatoryClock:
    return regulatory_clock(
        duty,
        facts,
        now=now,
        mark=mark_of(row),
        rulings=rulings_of(row),
        others=others_of(rows),
    )


def _deciding(duty: Obligation | None, verdict: Applicability | None, facts: Facts) -> list[Fact]:
    keys = list(verdict.facts) if verdict else []
    if duty:
        keys += [name for event in events_named(duty) for name in facts_of_event(event)]
    return [facts[key] for key in dict.fromkeys(keys) if key in facts]


def _related(
    duty: Obligation | None, rows: Mapping[str, ClockRow], store: Store
) -> list[RelatedClock]:
    if duty is None:
        return []
    from_this = store.rules.counted_from.get(duty.id, frozenset())
    found = []
    for key in (*duties_named(duty), *sorted(from_this)):
        row = rows.get(key)
        found.append(
            RelatedClock(
                key=key,
                state=row.state if row else "",
                due_at=row.due_at if row else None,
                met_at=row.met_at if row else None,
                before=key not in from_this,
            )
        )
    return found


def _turns(session: Session, store: Store, incident: Incident, key: str) -> list[Turn]:
    origin, connection = origin_of(store, incident.ref), session.connection()
    mine = [
        entry for entry in entries(connection, origin=origin, only=HISTORY) if _is_about(entry, key)
    ]
    if not mine:
        return []
    wanted = {entry.seq for entry in mine}
    texts: dict[int, dict[str, Any]] = {}
    for opening in openings(connection, origin=origin):
        if opening.seq in wanted:
            texts.setdefault(opening.seq, {})[opening.name] = opening.decoded()
    people = {person.actor: person for person in persons_of(session, incident).values()}
    tocsin = PersonView(slack_id="", name="Tocsin")
    return [
        Turn(
            seq=entry.seq,
            ts=entry.ts,
            words=_words(entry, key),
            reason=str(texts.get(entry.seq, {}).get("reason", "")),
            who=tocsin if entry.actor == SYSTEM_ACTOR else person_view(people.get(entry.actor)),
            leaf=entry.leaf,
            due_at=_at(entry, "due_at"),
            old_due_at=_at(entry, "old_due_at") or _at(entry, "our_due_at"),
        )
        for entry in mine
    ]


def _is_about(entry: Entry, key: str) -> bool:
    if entry.event == "obligations.assessed":
        return _answer(entry, key) != ""
    return entry.data.get("clock") == key


_ANSWERS = {
    Verdict.APPLIES.value: "Assessed: applies",
    Verdict.DOES_NOT_APPLY.value: "Assessed: doesn’t apply",
    Verdict.CANNOT_TELL.value: "Assessed: can’t tell yet whether it applies",
    "no_longer_in_force": "Assessed: the rule isn’t in force any more",
}


def _answer(entry: Entry, key: str) -> str:
    return next((say for name, say in _ANSWERS.items() if key in entry.data.get(name, ())), "")


def _words(entry: Entry, key: str) -> str:
    if entry.event == "obligations.assessed":
        return _answer(entry, key)
    # The reason and both deadlines are shown beside it, the key above.
    said = describe(entry.event, {k: v for k, v in entry.data.items() if k != "due_at"}, {})
    said = said.removeprefix(f"Clock {key}").strip(": ") or entry.data.get("state", "")
    return said[:1].upper() + said[1:].replace("_", " ")


def _at(entry: Entry, name: str) -> datetime | None:
    stored = entry.data.get(name)
    return datetime.fromisoformat(stored).astimezone(UTC) if isinstance(stored, str) else None
