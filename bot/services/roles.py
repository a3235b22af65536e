"""Who holds which role: assign, claim, hand over, release.

A core role has one holder at a time; the earlier holding is ended, never deleted.
"""

from bot.domain.incident import IncidentError
from bot.domain.roles import Action, Role
from bot.services.access import check_may
from bot.store.queries import holdings, is_member, roles_held
from bot.store.tables import Incident, Member, Person, RoleHolding
from bot.store.unit_of_work import Tx

SHARED = frozenset({Role.OBSERVER, Role.SCRIBE})
"""Roles that several people may hold at once."""


def holder_of(tx: Tx, incident: Incident, role: Role) -> Person | None:
    """Return who holds the role at present, the first of several, or None."""
    for holding, person in holdings(tx.session, incident):
        if holding.role == role:
            return person
    return None


def assign_role(tx: Tx, incident: Incident, role: Role, person: Person, *, actor: Person) -> None:
    """Give a role to somebody; only the Commander may, and ends an earlier holding."""
    check_may(tx, incident, actor, Action.ASSIGN_ROLE)
    _check_new(tx, incident, role, person)
    give_role(tx, incident, role, person, actor=actor, note="")


def claim_role(tx: Tx, incident: Incident, role: Role, *, actor: Person) -> None:
    """Take a vacant role; raise `IncidentError` if somebody holds it."""
    check_may(tx, incident, actor, Action.CLAIM_ROLE)
    if role in roles_held(tx.session, incident, actor):
        raise IncidentError(f"You are already {role.title()} of {incident.ref}.")
    holder = holder_of(tx, incident, role)
    if holder is not None and role not in SHARED:
        raise IncidentError(
            f"<@{holder.slack_id}> is {role.title()} of {incident.ref}. Ask them to hand over: "
            f"`/incident role handover {role} @you`."
        )
    give_role(tx, incident, role, actor, actor=actor, note="", event="role.claimed")


def hand_over_role(
    tx: Tx, incident: Incident, role: Role, person: Person, *, note: str, actor: Person
) -> None:
    """Pass a role on with a note; the holder may, and the Commander for others.

    Of a role that several hold, a holder passes on their own; the Commander the oldest holding.
    """
    mine = _is_holder(tx, incident, role, actor)
    check_may(tx, incident, actor, Action.CLAIM_ROLE if mine else Action.HAND_OVER_ROLE)
    holder = actor if mine else holder_of(tx, incident, role)
    if holder is None:
        raise IncidentError(
            f"Nobody holds {role.title()} in {incident.ref}: `/incident role assign {role} @who`."
        )
    _check_new(tx, incident, role, person)
    give_role(
        tx,
        incident,
        role,
        person,
        actor=actor,
        note=note,
        event="role.handed_over",
        instead_of=holder,
    )


def _is_holder(tx: Tx, incident: Incident, role: Role, person: Person) -> bool:
    check_may(tx, incident, person, Action.READ)
    return role in roles_held(tx.session, incident, person)


def _check_new(tx: Tx, incident: Incident, role: Role, person: Person) -> None:
    if role in roles_held(tx.session, incident, person):
        raise IncidentError(f"<@{person.slack_id}> already is {role.title()} of {incident.ref}.")


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
    instead_of: Person | None = None,
) -> None:
    """Record the new holder, end the old holding, and let the holder see the incident.

    A role that several may hold is only ended for `instead_of`, who hands it over. `tell` posts it
    in the channel; at the opening the situation card says it already.
    """
    former = None
    for holding, old in holdings(tx.session, incident):
        hands_over = instead_of is not None and old.id == instead_of.id
        if holding.role == role and (role not in SHARED or hands_over):
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
