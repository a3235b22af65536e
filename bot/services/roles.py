"""Who holds which role: assign, claim, hand over, release.

A core role has one holder at a time; the earlier holding is ended, never deleted.
"""

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role
from bot.services.access import check_may
from bot.store.queries import holdings, is_member
from bot.store.tables import Incident, Member, Person, RoleHolding
from bot.store.unit_of_work import Tx


def holder_of(tx: Tx, incident: Incident, role: Role) -> Person | None:
    """Return who holds the role at present, or None."""
    for holding, person in holdings(tx.session, incident):
        if holding.role == role:
            return person
    return None


def assign_role(tx: Tx, incident: Incident, role: Role, person: Person, *, actor: Person) -> None:
    """Give a role to somebody; only the Commander may, and ends an earlier holding."""
    check_may(tx, incident, actor, Action.ASSIGN_ROLE)
    give_role(tx, incident, role, person, actor=actor, note="")


def claim_role(tx: Tx, incident: Incident, role: Role, *, actor: Person) -> None:
    """Take a vacant role; raise `IncidentError` if somebody holds it."""
    check_may(tx, incident, actor, Action.CLAIM_ROLE)
    holder = holder_of(tx, incident, role)
    if holder is not None and role not in {Role.OBSERVER, Role.SCRIBE}:
        if holder.id == actor.id:
            raise IncidentError(f"You are already {role.title()} of {incident.ref}.")
        raise IncidentError(
            f"<@{holder.slack_id}> is {role.title()} of {incident.ref}. Ask them to hand over: "
            f"`/incident role handover {role} @you`."
        )
    give_role(tx, incident, role, actor, actor=actor, note="", event="role.claimed")


def hand_over_role(
    tx: Tx, incident: Incident, role: Role, person: Person, *, note: str, actor: Person
) -> None:
    """Pass a role on with a note; the holder may, and the Commander for others."""
    check_may(tx, incident, actor, Action.READ)
    holder = holder_of(tx, incident, role)
    if holder is None:
        raise IncidentError(
            f"Nobody holds {role.title()} in {incident.ref}: `/incident role assign {role} @who`."
        )
    if holder.id != actor.id:
        check_may(tx, incident, actor, Action.HAND_OVER_ROLE)
    if holder.id == person.id:
        raise IncidentError(f"<@{person.slack_id}> already is {role.title()} of {incident.ref}.")
    give_role(tx, incident, role, person, actor=actor, note=note, event="role.handed_over")


def give_role(
    tx: Tx,
    incident: Incident,
    role: Role,
    person: Person,
    *,
    actor: Person,
    note: str,
    event: str = "role.assigned",
    tell: bool = True,
) -> None:
    """Record the new holder, end the old holding, and let the holder see the incident.

    `tell` posts it in the channel; at the opening the situation card says it already.
    """
    former = None
    for holding, old in holdings(tx.session, incident):
        if holding.role == role and (old.id == person.id or role not in _SHARED):
            holding.until_at = tx.now
            tx.session.add(holding)
            former = old
    tx.session.add(
        RoleHolding(
            incident_id=incident.id or 0,
            role=role.value,
            person_id=person.id or 0,
            since_at=tx.now,
            note=note,
        )
    )
    if not is_member(tx.session, incident, person):
        tx.session.add(
            Member(incident_id=incident.id or 0, person_id=person.id or 0, joined_at=tx.now)
        )
    tx.session.flush()
    tx.record(
        incident,
        event,
        actor=actor.actor,
        data={"role": role.value, "to": person.actor, "from": former.actor if former else None},
        pd={"note": note} if note else None,
    )
    tx.enqueue("invite", incident, slack_id=person.slack_id)
    tx.enqueue("refresh_card", incident)
    if tell and person.id != actor.id:
        key = f"{incident.ref}/role/{role}/{person.actor}/{tx.now.isoformat()}"
        detail = {"role": role.value, "by": actor.slack_id, "to": person.slack_id}
        tx.enqueue("announce", incident, key=key, kind="role", detail=detail)


_SHARED = frozenset({Role.OBSERVER, Role.SCRIBE})
"""Roles that several people may hold at once."""
