"""Reading an incident whole: rows become the values that Slack blocks and pages show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.domain.applicability import Verdict
from bot.domain.clocks import ClockState
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Fact, Facts, value_in_words, value_of
from bot.domain.notice_checks import blocking_gaps
from bot.domain.roles import Role
from bot.domain.rulebook import Rulebook
from bot.domain.situation import (
    ClockView,
    EvidenceView,
    FactView,
    NoticeView,
    PersonView,
    Situation,
    TaskView,
)
from bot.services import anchoring, assessments
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import (
    clocks_of,
    evidence_items,
    facts_of,
    holders_and_deputies,
    latest_versions,
    notices_of,
    persons_of,
    tasks_of,
)
from bot.store.tables import ClockRow, EvidenceItem, Incident, Person, TaskRow

PROFILE_SOURCE = "organisation profile"


def situation_of(session: Session, incident: Incident, rules: Rulebook) -> Situation:
    """Read everything that is shown of an incident."""
    people = persons_of(session, incident)
    facts = facts_of(session, incident)
    latest = latest_versions(session, incident)
    roles: dict[Role, tuple[PersonView, ...]] = {}
    deputies: dict[Role, PersonView] = {}
    for holding, person in holders_and_deputies(session, incident):
        role = Role(holding.role)
        if holding.deputy:
            deputies[role] = person_view(person)
        else:
            roles[role] = (*roles.get(role, ()), person_view(person))
    rows = clocks_of(session, incident)
    return Situation(
        ref=incident.ref,
        title=incident.title,
        kind=incident.kind,
        severity=incident.severity,
        status=incident.status,
        playbook=_playbook_title(incident, rules),
        opened_at=incident.opened_at,
        opened_by=person_view(people.get(incident.opened_by)),
        detected_at=_detected(facts),
        contained_at=incident.contained_at,
        recovered_at=incident.recovered_at,
        closed_at=incident.closed_at,
        channel_id=incident.channel_id,
        channel_error=incident.channel_error,
        roles=roles,
        clocks=tuple(clock_view(row) for row in rows),
        tasks=tuple(task_view(row, people, incident.ref) for row in tasks_of(session, incident)),
        facts=tuple(fact_view(fact) for fact in facts.values()),
        notices=tuple(
            notice_view(row, latest.get(row.id or 0), facts, rules, people)
            for row in notices_of(session, incident)
        ),
        evidence=tuple(evidence_view(row, people) for row in evidence_items(session, incident)),
        deputies=deputies,
        cannot_tell=_cannot_tell(session, incident, rows),
        time_missing_since=anchoring.missing_since(session, incident.ref),
    )


def cannot_tell(session: Session, incident: Incident) -> int:
    """Count the duties that can't be told, but for those on which a person has decided."""
    return _cannot_tell(session, incident, clocks_of(session, incident))


_DECIDED = {ClockState.MET, ClockState.WAIVED}


def _cannot_tell(session: Session, incident: Incident, rows: Sequence[ClockRow]) -> int:
    told = {row.key for row in rows if row.detail.get("verdict") != Verdict.CANNOT_TELL}
    settled = told | {row.key for row in rows if row.state in _DECIDED}
    return sum(
        verdict == Verdict.CANNOT_TELL and key not in settled
        for key, verdict in assessments.standing_of(session, incident).items()
    )


def _playbook_title(incident: Incident, rules: Rulebook) -> str:
    playbook = rules.playbooks.get(incident.playbook_id)
    title = playbook.title if playbook else incident.playbook_id
    return f"{title} (v{incident.playbook_version})"


def _detected(facts: Facts) -> datetime | None:
    value = value_of(facts, "aware_at")
    return value if isinstance(value, datetime) else None


def person_view(person: Person | None) -> PersonView:
    """Show a person; one who isn't known any more (erased) has no name."""
    if person is None:
        return PersonView(slack_id="", name="somebody")
    return PersonView(slack_id=person.slack_id, name=person.name or person.slack_id)


def clock_view(row: ClockRow) -> ClockView:
    """Show a clock with all that its detail says."""
    detail: Mapping[str, Any] = row.detail
    return ClockView(
        key=row.key,
        title=row.title,
        kind=row.kind,
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        zone=row.zone,
        reason=row.reason,
        citation=str(detail.get("citation", "")),
        rule=str(detail.get("rule", "")),
        confidence=str(detail.get("confidence", "")),
        verified_on=str(detail.get("verified_on", "")),
        source=str(detail.get("source", "")),
        caveats=tuple(detail.get("caveats", ())),
        missing=tuple(detail.get("missing", ())),
        would_be_due_at=_instant(detail.get("would_be_due_at")),
        met_at=row.met_at,
        proof=row.proof,
        duty=str(detail.get("duty", "")),
        type=str(detail.get("type", "")),
        jurisdiction=str(detail.get("jurisdiction", "")),
        recipient=str(detail.get("recipient", "")),
        not_before=_instant(detail.get("not_before")),
        lenient_due_at=_instant(detail.get("lenient_due_at")),
        lenient_words=str(detail.get("lenient_words", "")),
        extended_due_at=_instant(detail.get("extended_due_at")),
        own_rule=bool(detail.get("own_rule")),
        met_late=bool(detail.get("met_late")),
        lateness=row.lateness,
    )


def _instant(stored: object) -> datetime | None:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else None


def task_view(row: TaskRow, people: Mapping[int, Person], ref: str) -> TaskView:
    """Show a task."""
    assignee = people.get(row.assignee_id) if row.assignee_id else None
    return TaskView(
        number=row.number,
        key=row.key,
        phase=row.phase,
        title=row.title,
        how=row.how,
        owner_role=row.owner_role,
        due_at=row.due_at,
        expected_evidence=tuple(row.expected_evidence),
        assignee=person_view(assignee) if assignee else None,
        done_at=row.done_at,
        incident_ref=ref,
    )


def fact_view(fact: Fact) -> FactView:
    """Show a fact in words."""
    spec = FACT_TYPES[fact.key.name]
    label = f"{spec.label} ({fact.key.subject})" if fact.key.subject else spec.label
    return FactView(
        key=str(fact.key),
        label=label,
        value=value_in_words(fact.key, fact.value),
        confidence=fact.confidence,
        source=fact.source,
        as_of=fact.as_of,
    )


def notice_view(
    row: NoticeRow,
    latest: NoticeVersion | None,
    facts: Facts,
    rules: Rulebook,
    people: Mapping[int, Person],
) -> NoticeView:
    """Show a notice with the number of facts that its latest version lacks."""
    template = rules.notices.get(row.template_id)
    gaps = 0
    if template is not None and latest is not None:
        gaps = len(
            blocking_gaps(template, facts, now=latest.made_at, overrides=list(latest.wording))
        )
    return NoticeView(
        number=row.number,
        title=row.title,
        state=row.state,
        version=row.version,
        due_at=row.due_at,
        gaps=gaps,
        privileged=row.privileged,
        assigned_to=person_view(people.get(row.assigned_to)) if row.assigned_to else None,
    )


def evidence_view(row: EvidenceItem, people: Mapping[int, Person]) -> EvidenceView:
    """Show a preserved item."""
    return EvidenceView(
        number=row.number,
        kind=row.kind,
        title=row.title,
        state=row.state,
        problem=row.problem,
        sha256=row.sha256,
        size=row.size,
        collected_at=row.collected_at,
        collected_by=person_view(people.get(row.collected_by)),
        sealed=row.sealed_at is not None,
    )
