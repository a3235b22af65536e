"""Reading: the questions that services and pages ask of the tables.

Decides how rows are found, never what they mean. A person sees only incidents whose member they
are; the queries that list incidents take the person, so that no caller can forget it.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select, union_all

from bot.domain.facts import Confidence, Fact, Facts, from_json, parse_key
from bot.domain.incident import Status
from bot.domain.roles import Role
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.tables import (
    ClockRow,
    EvidenceItem,
    FactRow,
    Incident,
    Member,
    Person,
    RoleHolding,
    TaskRow,
)


def incident_by_ref(session: Session, ref: str) -> Incident | None:
    """Find an incident by its reference, in any case."""
    return session.exec(select(Incident).where(Incident.ref == ref.strip().upper())).first()


def incident_by_channel(session: Session, channel_id: str) -> Incident | None:
    """Find the incident whose channel this is."""
    return session.exec(select(Incident).where(Incident.channel_id == channel_id)).first()


def incidents_of(
    session: Session, person: Person, *, closed: bool = False, limit: int = 50
) -> Sequence[Incident]:
    """List the incidents that the person may see, newest first."""
    query = (
        select(Incident)
        .join(Member, col(Member.incident_id) == col(Incident.id))
        .where(Member.person_id == person.id)
        # By the member's own index: a person may be in thousands of incidents.
        .order_by(col(Member.incident_id).desc())
        .limit(limit)
    )
    if not closed:
        query = query.where(Incident.status != Status.CLOSED)
    return session.exec(query).all()


def is_member(session: Session, incident: Incident, person: Person) -> bool:
    """Tell whether the person may see the incident."""
    query = select(Member.id).where(
        Member.incident_id == incident.id, Member.person_id == person.id
    )
    return session.exec(query).first() is not None


def remove_member(session: Session, incident: Incident, person: Person) -> bool:
    """Let the person no longer see the incident; False if they couldn't."""
    query = select(Member).where(Member.incident_id == incident.id, Member.person_id == person.id)
    found = session.exec(query).first()
    if found is None:
        return False
    session.delete(found)
    session.flush()
    return True


def members_of(session: Session, incident: Incident) -> Sequence[Person]:
    """List everyone who may see the incident, in the order in which they came."""
    query = (
        select(Person)
        .join(Member, col(Member.person_id) == col(Person.id))
        .where(Member.incident_id == incident.id)
        .order_by(col(Member.id))
    )
    return session.exec(query).all()


def holdings(session: Session, incident: Incident) -> Sequence[tuple[RoleHolding, Person]]:
    """List who holds which role at present; a deputy doesn't hold it."""
    return [one for one in holders_and_deputies(session, incident) if not one[0].deputy]


def deputies(session: Session, incident: Incident) -> Sequence[tuple[RoleHolding, Person]]:
    """List who is named at present to be told when a role's holder doesn't answer."""
    return [one for one in holders_and_deputies(session, incident) if one[0].deputy]


def holders_and_deputies(
    session: Session, incident: Incident
) -> Sequence[tuple[RoleHolding, Person]]:
    """List who holds which role at present, and who is named as its deputy."""
    query = (
        select(RoleHolding, Person)
        .join(Person, col(Person.id) == col(RoleHolding.person_id))
        .where(RoleHolding.incident_id == incident.id, col(RoleHolding.until_at).is_(None))
        .order_by(col(RoleHolding.id))
    )
    return session.exec(query).all()


def roles_held(session: Session, incident: Incident, person: Person) -> frozenset[Role]:
    """Return the roles that the person holds in the incident at present."""
    query = select(RoleHolding.role).where(
        RoleHolding.incident_id == incident.id,
        RoleHolding.person_id == person.id,
        col(RoleHolding.until_at).is_(None),
        col(RoleHolding.deputy).is_(False),
    )
    return frozenset(Role(role) for role in session.exec(query).all())


def standing(session: Session, incident: Incident, person: Person) -> tuple[bool, frozenset[Role]]:
    """Tell whether the person may see the incident, and which roles they hold in it at present."""
    query = (
        select(Member.id, RoleHolding.role)
        .join(
            RoleHolding,
            (col(RoleHolding.incident_id) == col(Member.incident_id))
            & (col(RoleHolding.person_id) == col(Member.person_id))
            & col(RoleHolding.until_at).is_(None)
            & col(RoleHolding.deputy).is_(False),
            isouter=True,
        )
        .where(Member.incident_id == incident.id, Member.person_id == person.id)
    )
    rows = session.exec(query).all()
    return bool(rows), frozenset(Role(role) for _, role in rows if role)


def tasks_of(session: Session, incident: Incident) -> Sequence[TaskRow]:
    """List the incident's tasks in the playbook's order."""
    query = select(TaskRow).where(TaskRow.incident_id == incident.id).order_by(col(TaskRow.number))
    return session.exec(query).all()


def open_tasks_for(session: Session, person: Person, *, limit: int = 20) -> Sequence[TaskRow]:
    """List the tasks that wait for this person: assigned, or owned by a role that they hold."""
    # Both begin with what is the person's own, so that the tasks of all others aren't read.
    given = select(TaskRow.id).where(
        TaskRow.assignee_id == person.id, col(TaskRow.done_at).is_(None)
    )
    owned = (
        select(TaskRow.id)
        .join(RoleHolding, col(RoleHolding.incident_id) == col(TaskRow.incident_id))
        .where(
            RoleHolding.person_id == person.id,
            RoleHolding.role == TaskRow.owner_role,
            col(RoleHolding.until_at).is_(None),
            col(RoleHolding.deputy).is_(False),
            col(TaskRow.assignee_id).is_(None),
            col(TaskRow.done_at).is_(None),
        )
    )
    query = (
        select(TaskRow)
        .join(Incident, col(Incident.id) == col(TaskRow.incident_id))
        .where(col(TaskRow.id).in_(union_all(given, owned)), Incident.status != Status.CLOSED)
        .order_by(col(TaskRow.due_at), col(TaskRow.id))
        .limit(limit)
    )
    return session.exec(query).all()


def facts_of(session: Session, incident: Incident) -> Facts:
    """Return the facts in force: of each key the one recorded last."""
    newest = (
        select(func.max(FactRow.id)).where(FactRow.incident_id == incident.id).group_by(FactRow.key)
    )
    query = select(FactRow).where(col(FactRow.id).in_(newest)).order_by(col(FactRow.id))
    return {row.key: as_fact(row) for row in session.exec(query).all()}


def fact_history(session: Session, incident: Incident) -> Sequence[FactRow]:
    """List every fact ever recorded, oldest first."""
    query = select(FactRow).where(FactRow.incident_id == incident.id).order_by(col(FactRow.id))
    return session.exec(query).all()


def as_fact(row: FactRow) -> Fact:
    """Turn a stored row into the domain's value."""
    key = parse_key(row.key)
    return Fact(
        key=key,
        value=from_json(key, row.value),
        confidence=Confidence(row.confidence),
        source=row.source,
        as_of=row.as_of,
    )


def clocks_of(session: Session, incident: Incident) -> Sequence[ClockRow]:
    """List the incident's clocks, those with the nearest deadline first."""
    query = (
        select(ClockRow)
        .where(ClockRow.incident_id == incident.id)
        .order_by(col(ClockRow.due_at).is_(None), col(ClockRow.due_at), col(ClockRow.id))
    )
    return session.exec(query).all()


def clock_of(session: Session, incident: Incident, key: str) -> ClockRow | None:
    """Find a clock of the incident by its key, in any case."""
    query = select(ClockRow).where(
        ClockRow.incident_id == incident.id, func.lower(ClockRow.key) == key.strip().lower()
    )
    return session.exec(query).first()


def next_clocks_for(
    session: Session, person: Person, *, limit: int = 8
) -> Sequence[tuple[ClockRow, Incident]]:
    """List the running clocks that end next, of all incidents that the person may see."""
    mine = select(Member.incident_id).where(Member.person_id == person.id)
    query = (
        select(ClockRow, Incident)
        .join(Incident, col(Incident.id) == col(ClockRow.incident_id))
        .where(
            col(ClockRow.incident_id).in_(mine),
            ClockRow.state == "running",
            col(ClockRow.due_at).is_not(None),
            Incident.status != Status.CLOSED,
        )
        .order_by(col(ClockRow.due_at))
        .limit(limit)
    )
    return session.exec(query).all()


def evidence_items(session: Session, incident: Incident) -> Sequence[EvidenceItem]:
    """List the preserved items of the incident."""
    query = (
        select(EvidenceItem)
        .where(EvidenceItem.incident_id == incident.id)
        .order_by(col(EvidenceItem.number))
    )
    return session.exec(query).all()


def evidence_item(session: Session, incident: Incident, number: int) -> EvidenceItem | None:
    """Find a preserved item by its number."""
    query = select(EvidenceItem).where(
        EvidenceItem.incident_id == incident.id, EvidenceItem.number == number
    )
    return session.exec(query).first()


def notices_of(session: Session, incident: Incident) -> Sequence[NoticeRow]:
    """List the notices of the incident."""
    query = (
        select(NoticeRow)
        .where(NoticeRow.incident_id == incident.id)
        .order_by(col(NoticeRow.number))
    )
    return session.exec(query).all()


def notice_of(session: Session, incident: Incident, number: int) -> NoticeRow | None:
    """Find a notice of the incident by its number."""
    query = select(NoticeRow).where(
        NoticeRow.incident_id == incident.id, NoticeRow.number == number
    )
    return session.exec(query).first()


def notice_versions(session: Session, notice: NoticeRow) -> Sequence[NoticeVersion]:
    """List all versions of a notice, oldest first."""
    query = (
        select(NoticeVersion)
        .where(NoticeVersion.notice_id == notice.id)
        .order_by(col(NoticeVersion.version))
    )
    return session.exec(query).all()


def latest_versions(session: Session, incident: Incident) -> dict[int, NoticeVersion]:
    """Return the latest version of each of the incident's notices, by the notice's row id."""
    query = (
        select(NoticeVersion)
        .join(NoticeRow, col(NoticeRow.id) == col(NoticeVersion.notice_id))
        .where(
            NoticeVersion.incident_id == incident.id,
            col(NoticeVersion.version) == col(NoticeRow.version),
        )
    )
    return {row.notice_id: row for row in session.exec(query).all()}


def person_by_slack_id(session: Session, slack_id: str) -> Person | None:
    """Find a person by Slack user id."""
    return session.exec(select(Person).where(Person.slack_id == slack_id)).first()


def persons_of(session: Session, incident: Incident) -> dict[int, Person]:
    """Return the incident's members by row id."""
    return {person.id or 0: person for person in members_of(session, incident)}
