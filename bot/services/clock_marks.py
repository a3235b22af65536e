"""What a person decides about a clock: the duty is met, or waived.

Proof, time and reason are asked for here; what the mark does to the clock's state is
`bot.domain.regulatory_clocks`, and the duties that are counted from this one follow by themselves.
"""

from datetime import UTC, datetime

from bot.domain.applicability import Verdict, assess
from bot.domain.clocks import ClockChangeKind, ClockKind, ClockState
from bot.domain.facts import to_json
from bot.domain.incident import IncidentError
from bot.domain.obligations import Obligation
from bot.domain.roles import Action
from bot.services import notice_versions
from bot.services.access import check_may
from bot.services.clocks import ClockNews, announce_news, new_clock, recompute, rows_by_key
from bot.services.reminders import plan_reminders
from bot.store.queries import clock_of, clocks_of, facts_of
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import Tx

NAMED = 12
"""Clocks that a refusal names; with thirty states running nobody reads them all."""


def find_clock(tx: Tx, incident: Incident, key: str) -> ClockRow:
    """Return a clock of the incident, or make one for a duty that wasn't known to apply.

    Raises:
        IncidentError: there is neither such a clock nor such a duty; it names the clocks there are.
    """
    row = clock_of(tx.session, incident, key)
    duty = tx.rules.obligations.get(key)
    if row is None and duty and duty.runs:
        _check_not_ruled_out(tx, incident, duty)
        return new_clock(tx, incident, duty)
    if row is None:
        keys = [clock.key for clock in clocks_of(tx.session, incident)]
        more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
        listed = f"{', '.join(keys[:NAMED])}{more}"
        raise IncidentError(f"{incident.ref} has no clock “{key}”. It has: {listed}.")
    return row


def _check_not_ruled_out(tx: Tx, incident: Incident, duty: Obligation) -> None:
    found = assess(duty, facts_of(tx.session, incident))
    if found.verdict is Verdict.DOES_NOT_APPLY:
        raise IncidentError(
            f"{duty.id} doesn't apply: {'; '.join(found.reasons)}. If counsel sees it otherwise: "
            f"`/incident clock overrule {duty.id} applies because …`."
        )


def meet_clock(
    tx: Tx,
    incident: Incident,
    key: str,
    *,
    proof: str,
    actor: Person,
    at: datetime | None = None,
    why_late: str = "",
) -> ClockRow:
    """Record that a clock's duty is done; a regulatory one needs its proof.

    Args:
        tx: the transaction.
        incident: the incident.
        key: the clock's id.
        proof: reference number or another sign that it was done.
        actor: who says so; needs the permission for this kind of clock.
        at: aware instant at which it was done; now by default.
        why_late: the reasons that some laws want with a late notice (GDPR Art. 33(1)).

    Raises:
        IncidentError: no proof, a time to come, a clock that isn't open, or reasons are missing.
    """
    check_may(tx, incident, actor, Action.READ)
    _check_may_meet(tx, incident, key, actor)
    row = find_clock(tx, incident, key)
    regulatory = row.kind == ClockKind.REGULATORY
    _check_open(row)
    done_at = at or tx.now
    if done_at > tx.now:
        shown = done_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        raise IncidentError(f"{shown} UTC is still to come. Check the time.")
    if regulatory and not proof.strip():
        raise IncidentError(
            f"Give the proof that {row.key} is met, such as the authority's reference number: "
            f"`/incident clock met {row.key} REF-123`."
        )
    late = row.due_at is not None and done_at > row.due_at
    if late:
        _check_lateness(tx, row, why_late)
        row.lateness = why_late.strip()
    elif why_late.strip():
        # In time there is no lateness to explain: it is part of what was said as proof.
        proof = f"{proof.strip()} because {why_late.strip()}".strip()
    news = mark_clock(tx, incident, row, ClockState.MET, at=done_at, why=proof.strip(), actor=actor)
    announce_news(tx, incident, [news])
    if row.lateness:
        tx.record(
            incident,
            "clock.lateness_explained",
            actor=actor.actor,
            data={"clock": row.key},
            pd={"reason": row.lateness},
        )
    follow_act(tx, incident, row, actor=actor)
    return row


def _check_may_meet(tx: Tx, incident: Incident, key: str, actor: Person) -> None:
    """Ask before a clock is made for a duty without one, so that a refusal leaves nothing."""
    row = clock_of(tx.session, incident, key)
    if row is not None and row.kind == ClockKind.CONTAINMENT:
        check_may(tx, incident, actor, Action.MEET_CONTAINMENT_CLOCK)
    elif row is not None or key in tx.rules.obligations:
        check_may(tx, incident, actor, Action.MEET_REGULATORY_CLOCK)


def _check_lateness(tx: Tx, row: ClockRow, why_late: str) -> None:
    duty = tx.rules.obligations.get(row.key)
    if duty and duty.late_reasons and not why_late.strip():
        raise IncidentError(
            f"{row.key} was due before that, and {duty.citation} wants the reasons: add them as "
            f"`/incident clock met {row.key} REF-123 because …`."
        )


def waive_clock(tx: Tx, incident: Incident, key: str, *, reason: str, actor: Person) -> ClockRow:
    """Decide not to notify, with the reason; only Legal may, and only regulatory clocks."""
    check_may(tx, incident, actor, Action.WAIVE_CLOCK)
    row = find_clock(tx, incident, key)
    if row.kind != ClockKind.REGULATORY:
        raise IncidentError(f"{row.title} is our own target; it is met or missed, not waived.")
    _check_open(row)
    if not reason.strip():
        raise IncidentError(f"Give the reason: `/incident clock waive {row.key} why …`.")
    news = mark_clock(
        tx, incident, row, ClockState.WAIVED, at=tx.now, why=reason.strip(), actor=actor
    )
    announce_news(tx, incident, [news])
    follow_act(tx, incident, row, actor=actor)
    return row


def follow_act(tx: Tx, incident: Incident, row: ClockRow, *, actor: Person) -> None:
    """Let the duties that are counted from this one follow what was just decided about it."""
    if row.kind != ClockKind.REGULATORY:
        return
    tx.session.flush()
    facts, rows = facts_of(tx.session, incident), rows_by_key(tx, incident)
    news = recompute(tx, incident, facts, rows, acted=[row.key], actor=actor)
    started = {one.key for one in news if one.kind is ClockChangeKind.STARTED}
    notice_versions.follow_facts(tx, incident, facts, rows, started=started)


def _check_open(row: ClockRow) -> None:
    if row.state in {ClockState.MET, ClockState.WAIVED}:
        raise IncidentError(f"{row.key} is already {row.state}.")
    if row.state == ClockState.NOT_APPLICABLE:
        raise IncidentError(f"{row.key} doesn't apply: {row.reason}")


def mark_clock(
    tx: Tx,
    incident: Incident,
    row: ClockRow,
    state: ClockState,
    *,
    at: datetime,
    why: str,
    actor: Person,
) -> ClockNews:
    """Set what a person decided; it stays whatever the facts say later.

    The caller announces the news, so that one act that meets several clocks is told once.
    """
    would_be = row.detail.get("would_be_due_at")
    if row.due_at is None and would_be:
        # Marked, the clock shows the deadline that it would have if the duty applies.
        row.due_at = datetime.fromisoformat(would_be)
    late = state is ClockState.MET and row.due_at is not None and at > row.due_at
    row.state = state
    row.met_at = at
    row.marked_by = actor.id
    row.proof = why
    by = actor.name or actor.slack_id
    row.reason = f"{'Met' if state is ClockState.MET else 'Waived'} by {by}: {why.rstrip('.')}."
    row.detail = row.detail | {"marked_by": by, "met_late": late, "missing": []}
    tx.session.add(row)
    tx.record(
        incident,
        f"clock.{state.value}",
        actor=actor.actor,
        data={
            "clock": row.key,
            "state": row.state,
            "at": to_json(at),
            "due_at": to_json(row.due_at),
            "late": late,
        },
        pd={"reason": why} if why else None,
    )
    plan_reminders(tx, row)
    tx.enqueue("refresh_card", incident)
    kind = ClockChangeKind.MET if state is ClockState.MET else ClockChangeKind.WAIVED
    return ClockNews(key=row.key, title=row.title, kind=kind, due_at=row.due_at, reason=why)
