"""Opening an incident and moving it along: severity, contained, recovered, closed.

Each function is one recorded change inside the caller's transaction. Clocks follow in `clocks`,
the Slack channel is made by a job.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.domain.applicability import Verdict
from bot.domain.clocks import ClockState
from bot.domain.fact_checks import check_containment
from bot.domain.facts import Confidence, from_json, parse_key
from bot.domain.incident import (
    IncidentError,
    IncidentKind,
    Severity,
    Status,
    channel_name,
    check_move,
    check_title,
    ref_of,
)
from bot.domain.playbook import ContainmentAct, Playbook
from bot.domain.roles import Action, Role
from bot.services import clocks, containment, notice_versions
from bot.services.access import check_may, person_for
from bot.services.exercise_holds import hold_every_exercise
from bot.services.facts import NewFact, store_facts
from bot.services.roles import give_role
from bot.store.once import next_value
from bot.store.queries import clocks_of, facts_of, is_member
from bot.store.tables import ClockRow, Incident, Member, Person, TaskRow
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenIncident:
    """What the opener decides. `roles` maps a role to the Slack user id that shall hold it."""

    title: str
    playbook_id: str
    severity: Severity
    roles: Mapping[Role, str] = field(default_factory=dict)
    summary: str = ""
    aware_at: datetime | None = None
    kind: IncidentKind = IncidentKind.LIVE


def open_incident(tx: Tx, request: OpenIncident, *, actor: Person) -> Incident:
    """Open an incident from a playbook: members, roles, tasks, presumed facts and clocks.

    Raises `IncidentError` for an unknown playbook or a bad title. The channel is made afterwards.
    """
    title = check_title(request.title)
    playbook = tx.rules.playbooks.get(request.playbook_id)
    if playbook is None:
        known = ", ".join(sorted(tx.rules.playbooks))
        raise IncidentError(f"There is no playbook “{request.playbook_id}”. There are: {known}.")
    incident = _insert(tx, request, playbook, title=title, actor=actor)
    _record_opening(tx, incident, playbook, actor=actor)
    add_member(tx, incident, actor)
    roles = dict(request.roles)
    roles.setdefault(Role.COMMANDER, actor.slack_id)
    for role in Role:
        if role in roles:
            give_role(
                tx, incident, role, person_for(tx, roles[role]), actor=actor, note="", tell=False
            )
    _make_tasks(tx, incident, playbook)
    _presume(tx, incident, playbook, request, actor=actor)
    containment.start_containment_clocks(tx, incident, playbook)
    facts = facts_of(tx.session, incident)
    rows = clocks.rows_by_key(tx, incident)
    clocks.recompute(tx, incident, facts, rows, changed=(), actor=actor)
    notice_versions.follow_facts(tx, incident, facts, rows)
    tx.enqueue("make_channel", incident)
    if request.kind is IncidentKind.LIVE and request.severity is Severity.SEV1:
        hold_every_exercise(tx, incident.ref)
    return incident


def _insert(
    tx: Tx, request: OpenIncident, playbook: Playbook, *, title: str, actor: Person
) -> Incident:
    year = tx.wall.astimezone(UTC).year
    counter = "incident" if request.kind is IncidentKind.LIVE else request.kind.value
    number = next_value(tx.session, f"{counter}/{year}")
    ref = ref_of(kind=request.kind, year=year, number=number)
    incident = Incident(
        ref=ref,
        kind=request.kind,
        title=title,
        severity=request.severity,
        status=Status.OPEN,
        playbook_id=playbook.id,
        playbook_version=playbook.version,
        playbook_sha256=playbook.sha256,
        opened_at=tx.now,
        opened_by=actor.id or 0,
        channel_name=channel_name(ref=ref, title=title),
    )
    tx.session.add(incident)
    tx.session.flush()
    tx.opened.add(ref)
    return incident


def _record_opening(tx: Tx, incident: Incident, playbook: Playbook, *, actor: Person) -> None:
    tx.record(
        incident,
        "incident.opened",
        actor=actor.actor,
        data={
            "ref": incident.ref,
            "kind": incident.kind,
            "severity": incident.severity,
            "playbook": playbook.id,
            "playbook_version": playbook.version,
            "playbook_sha256": playbook.sha256,
            "organisation_sha256": tx.rules.organisation_sha256,
        },
        pd={"title": incident.title},
    )


def _make_tasks(tx: Tx, incident: Incident, playbook: Playbook) -> None:
    for number, (phase, task) in enumerate(playbook.tasks(), start=1):
        tx.session.add(
            TaskRow(
                incident_id=incident.id or 0,
                number=number,
                key=task.key,
                phase=phase.id,
                title=task.title,
                how=task.how,
                owner_role=task.owner_role,
                due_at=task.due_at(incident.opened_at),
                expected_evidence=list(task.evidence),
            )
        )
    made = [task.key for _, task in playbook.tasks()]
    tx.record(incident, "task.created", actor=SYSTEM_ACTOR, data={"tasks": made})


def _presume(
    tx: Tx, incident: Incident, playbook: Playbook, request: OpenIncident, *, actor: Person
) -> None:
    """Record what is true of us, what the playbook presumes, and what the opener stated."""
    new: list[NewFact] = []
    for name, value in tx.rules.organisation.items():
        key = parse_key(name)
        source = "organisation profile"
        new.append(NewFact(key=key, value=from_json(key, value), source=source))
    for presumed in playbook.presumed_facts:
        key = parse_key(presumed.fact)
        stored = list(presumed.value) if isinstance(presumed.value, tuple) else presumed.value
        new.append(
            NewFact(
                key=key,
                value=from_json(key, stored),
                source=f"presumed by playbook {playbook.id}: {presumed.reason}",
                confidence=Confidence.ESTIMATED,
            )
        )
    store_facts(tx, incident, new, actor=None)
    stated = []
    if request.summary.strip():
        key = parse_key("what_happened")
        stated.append(NewFact(key=key, value=request.summary.strip(), source="stated at opening"))
    if request.aware_at is not None:
        key = parse_key("aware_at")
        stated.append(NewFact(key=key, value=request.aware_at, source="stated at opening"))
    store_facts(tx, incident, stated, actor=actor)


def add_member(tx: Tx, incident: Incident, person: Person) -> bool:
    """Let the person see the incident; True if they couldn't before."""
    tx.hold(incident)
    if is_member(tx.session, incident, person):
        return False
    tx.session.add(Member(incident_id=incident.id or 0, person_id=person.id or 0, joined_at=tx.now))
    tx.session.flush()
    tx.record(incident, "incident.member_joined", actor=person.actor)
    return True


def change_severity(
    tx: Tx, incident: Incident, severity: Severity, *, reason: str, actor: Person
) -> None:
    """Confirm or change the severity; either meets the triage clock."""
    check_may(tx, incident, actor, Action.CHANGE_SEVERITY)
    old = incident.severity
    incident.severity = severity
    tx.session.add(incident)
    tx.record(
        incident,
        "incident.severity_changed",
        actor=actor.actor,
        data={"from": old, "to": severity.value},
        pd={"reason": reason} if reason else None,
    )
    containment.meet_by_act(tx, incident, ContainmentAct.TRIAGE, actor=actor)
    tx.enqueue("refresh_card", incident)


def contain(tx: Tx, incident: Incident, *, at: datetime, note: str, actor: Person) -> None:
    """Declare the incident contained as of `at`, which may lie in the past but not the future."""
    check_may(tx, incident, actor, Action.CHANGE_STATUS)
    check_move(ref=incident.ref, old=Status(incident.status), new=Status.CONTAINED)
    _check_past(tx, incident, at)
    check_containment(facts_of(tx.session, incident), at)
    incident.status = Status.CONTAINED
    incident.contained_at = at
    _record_move(tx, incident, "incident.contained", at=at, note=note, actor=actor)
    containment.meet_by_act(tx, incident, ContainmentAct.CONTAINMENT, actor=actor, at=at)


def recover(tx: Tx, incident: Incident, *, at: datetime, note: str, actor: Person) -> None:
    """Declare that service is restored as of `at`."""
    check_may(tx, incident, actor, Action.CHANGE_STATUS)
    check_move(ref=incident.ref, old=Status(incident.status), new=Status.RECOVERED)
    _check_past(tx, incident, at)
    if incident.contained_at is not None and at < incident.contained_at:
        raise IncidentError(
            f"{incident.ref} was contained at {incident.contained_at:%Y-%m-%d %H:%M} UTC; it "
            f"can't have been recovered before."
        )
    incident.status = Status.RECOVERED
    incident.recovered_at = at
    _record_move(tx, incident, "incident.recovered", at=at, note=note, actor=actor)
    containment.meet_by_act(tx, incident, ContainmentAct.RECOVERY, actor=actor, at=at)


def reopen(tx: Tx, incident: Incident, *, note: str, actor: Person) -> None:
    """Go back to open: it wasn't contained or recovered after all. Met clocks run again."""
    check_may(tx, incident, actor, Action.CHANGE_STATUS)
    check_move(ref=incident.ref, old=Status(incident.status), new=Status.OPEN)
    incident.status = Status.OPEN
    incident.contained_at = None
    incident.recovered_at = None
    _record_move(tx, incident, "incident.status_changed", at=tx.now, note=note, actor=actor)
    for act in (ContainmentAct.CONTAINMENT, ContainmentAct.RECOVERY):
        containment.restart_by_act(tx, incident, act, actor=actor)


def close(tx: Tx, incident: Incident, *, note: str, actor: Person) -> None:
    """Close the incident for good; refused while a duty is open.

    Open is a regulatory clock that runs or was missed, and one that applies and only waits for
    the fact that starts it. One of which it can't be told whether it applies doesn't hold it up.
    """
    check_may(tx, incident, actor, Action.CLOSE)
    check_move(ref=incident.ref, old=Status(incident.status), new=Status.CLOSED)
    still = [
        f"{clock.title} ({clock.state})"
        for clock in clocks_of(tx.session, incident)
        if clock.kind == "regulatory" and _is_open_duty(clock)
    ]
    if still:
        raise IncidentError(
            f"{incident.ref} can't be closed yet: these duties are open: {'; '.join(still)}. "
            f"Legal marks each as met or waives it: `/incident clock`."
        )
    incident.status = Status.CLOSED
    incident.closed_at = tx.now
    containment.end_by_closing(tx, incident, actor=actor)
    _record_move(tx, incident, "incident.closed", at=tx.now, note=note, actor=actor)


def _is_open_duty(clock: ClockRow) -> bool:
    waits = clock.state == ClockState.WAITING and clock.detail.get("verdict") == Verdict.APPLIES
    return waits or clock.state in {ClockState.RUNNING, ClockState.MISSED}


def _check_past(tx: Tx, incident: Incident, at: datetime) -> None:
    if at > tx.now:
        raise IncidentError("That time lies in the future; give the time when it was done.")
    if at < incident.opened_at and at.date() < incident.opened_at.date():
        raise IncidentError(f"That time lies before {incident.ref} was opened.")


def _record_move(
    tx: Tx, incident: Incident, what: str, *, at: datetime, note: str, actor: Person
) -> None:
    tx.session.add(incident)
    occurred = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    tx.record(
        incident,
        what,
        actor=actor.actor,
        data={"status": incident.status, "occurred_at": occurred},
        pd={"note": note} if note else None,
    )
    tx.enqueue("refresh_card", incident)
    tx.enqueue(
        "announce",
        incident,
        key=f"{incident.ref}/{what}/{occurred}/{tx.now.isoformat()}",
        kind="status",
        detail={"what": what, "by": actor.slack_id, "at": occurred},
    )
