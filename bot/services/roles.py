"""Who holds which role: assign, claim, hand over; and who is its deputy.

A core role has one holder at a time; the earlier holding is ended, never deleted. A deputy is told
when nobody acknowledges a reminder (`escalation`); it gives them no right of the role.
"""

from bot.domain.incident import IncidentError
from bot.domain.roles import CORE_ROLES, Action, Role
from bot.services.access import check_may
from bot.store.queries import deputies, holdings, is_member, roles_held
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
    _let_in(tx, incident, person)
    tx.record(
        incident,
        event,
        actor=actor.actor,
        data={"role": role.value, "to": person.actor, "from": former.actor if former else None},
        pd={"note": note} if note else None,
    )
    if (deputy := deputy_of(tx, incident, role)) is not None and deputy.id == person.id:
        _end_deputy(tx, incident, role, actor=actor)
    tx.enqueue("invite", incident, slack_id=person.slack_id)
    tx.enqueue("refresh_card", incident)
    if tell and person.id != actor.id:
        key = f"{incident.ref}/role/{role}/{person.actor}/{tx.now.isoformat()}"
        detail = {"role": role.value, "by": actor.slack_id, "to": person.slack_id}
        tx.enqueue("announce", incident, key=key, kind="role", detail=detail)


def _let_in(tx: Tx, incident: Incident, person: Person) -> None:
    if not is_member(tx.session, incident, person):
        tx.session.add(
            Member(incident_id=incident.id or 0, person_id=person.id or 0, joined_at=tx.now)
        )
    tx.session.flush()


def deputy_of(tx: Tx, incident: Incident, role: Role) -> Person | None:
    """Return who is named to be told when the role's holder doesn't answer, or None."""
    found = [who for holding, who in deputies(tx.session, incident) if holding.role == role]
    return found[0] if found else None


def name_deputy(tx: Tx, incident: Incident, role: Role, person: Person, *, actor: Person) -> None:
    """Name the deputy of a role instead of the one before; its holder may, and the Commander."""
    _check_deputy(tx, incident, role, actor)
    if role not in CORE_ROLES:
        core = ", ".join(one.value for one in CORE_ROLES)
        raise IncidentError(f"{role.title()} has no deputy. Roles that can have one: {core}.")
    if role in roles_held(tx.session, incident, person):
        raise IncidentError(
            f"<@{person.slack_id}> is {role.title()} of {incident.ref}; name somebody else."
        )
    former = deputy_of(tx, incident, role)
    if former is not None and former.id == person.id:
        raise IncidentError(
            f"<@{person.slack_id}> already is the deputy of {role.title()} of {incident.ref}."
        )
    _end_holding(tx, incident, role)
    tx.session.add(
        RoleHolding(
            incident_id=incident.id or 0,
            role=role.value,
            person_id=person.id or 0,
            since_at=tx.now,
            deputy=True,
        )
    )
    _let_in(tx, incident, person)
    tx.record(
        incident,
        "role.deputy_named",
        actor=actor.actor,
        data={"role": role.value, "to": person.actor, "from": former.actor if former else None},
    )
    tx.enqueue("invite", incident, slack_id=person.slack_id)
    key = f"{incident.ref}/deputy/{role}/{person.actor}/{tx.now.isoformat()}"
    detail = {"role": role.value, "by": actor.slack_id, "to": person.slack_id}
    tx.enqueue("announce", incident, key=key, kind="deputy", detail=detail)


def release_deputy(tx: Tx, incident: Incident, role: Role, *, actor: Person) -> Person:
    """End the naming of a deputy and return who it was; the holder may, and the Commander."""
    _check_deputy(tx, incident, role, actor)
    former = deputy_of(tx, incident, role)
    if former is None:
        raise IncidentError(
            f"{role.title()} of {incident.ref} has no deputy. Name one: "
            f"`/incident role deputy {role} @who`."
        )
    _end_deputy(tx, incident, role, actor=actor)
    return former


def _check_deputy(tx: Tx, incident: Incident, role: Role, actor: Person) -> None:
    mine = _is_holder(tx, incident, role, actor)
    check_may(tx, incident, actor, Action.CLAIM_ROLE if mine else Action.NAME_DEPUTY)


def _end_deputy(tx: Tx, incident: Incident, role: Role, *, actor: Person) -> None:
    former = deputy_of(tx, incident, role)
    _end_holding(tx, incident, role)
    tx.record(
        incident,
        "role.deputy_released",
        actor=actor.actor,
        data={"role": role.value, "from": former.actor if former else None},
    )


def _end_holding(tx: Tx, incident: Incident, role: Role) -> None:
    for holding, _person in deputies(tx.session, incident):
        if holding.role == role:
            holding.until_at = tx.now
            tx.session.add(holding)
    tx.session.flush()
