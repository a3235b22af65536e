"""Who holds which role, and what stays of it."""

import pytest
from sqlmodel import col, select

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError, Role
from bot.services.roles import (
    assign_role,
    claim_role,
    deputy_of,
    hand_over_role,
    holder_of,
    name_deputy,
    release_deputy,
)
from bot.services.situation import situation_of
from bot.store.queries import holdings, is_member, open_tasks_for, roles_held
from bot.store.tables import Incident, Person, RoleHolding
from bot.store.unit_of_work import Tx
from tests.conftest import T0
from tests.kit import ANA, CHRIS, LENA, OBSERVER, REF, SAM, SCRIBE, STRANGER, Case, texts_of, who


def history(tx: Tx, incident: Incident, role: Role) -> list[tuple[str, object, object, str]]:
    """Holder, since, until and note of each holding of a role, oldest first."""
    query = (
        select(RoleHolding, Person)
        .join(Person, col(Person.id) == col(RoleHolding.person_id))
        .where(RoleHolding.incident_id == incident.id, RoleHolding.role == role)
        .order_by(col(RoleHolding.id))
    )
    return [
        (person.slack_id, row.since_at, row.until_at, row.note)
        for row, person in tx.session.exec(query).all()
    ]


def holders(tx: Tx, incident: Incident, role: Role) -> list[str]:
    return [who.slack_id for row, who in holdings(tx.session, incident) if row.role == role]


def test_a_role_handed_over_keeps_its_history(case: Case) -> None:
    later = case.clock.move(hours=8)
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        hand_over_role(tx, incident, Role.LEGAL, who(tx, SAM), note="end of shift", actor=lena)
        assert history(tx, incident, Role.LEGAL) == [
            (LENA, T0, later, ""),
            (SAM, later, None, "end of shift"),
        ]
    entry = case.log()[-1]
    assert (entry.event, entry.data["role"]) == ("role.handed_over", "legal")
    with case.work() as (tx, _incident):
        assert entry.data["from"] == who(tx, LENA).actor
        assert entry.data["to"] == who(tx, SAM).actor
    assert texts_of(case.store, REF, entry.seq) == {"note": "end of shift"}


def test_the_commander_hands_over_for_somebody_else(case: Case) -> None:
    with case.work() as (tx, incident):
        hand_over_role(tx, incident, Role.COMMS, who(tx, SAM), note="", actor=who(tx, ANA))
        assert holders(tx, incident, Role.COMMS) == [SAM]


def test_a_role_of_somebody_else_is_not_mine_to_hand_over(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(NotAllowedError):
        hand_over_role(tx, incident, Role.COMMS, who(tx, SAM), note="", actor=who(tx, LENA))


def test_a_held_role_can_t_be_claimed(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError) as caught:
        claim_role(tx, incident, Role.LEGAL, actor=who(tx, SAM))
    assert str(caught.value) == (
        "<@U0LENA> is Legal of INC-2026-0001. Ask them to hand over: "
        "`/incident role handover legal @you`."
    )


def test_a_vacant_role_is_claimed(case: Case) -> None:
    with case.work() as (tx, incident):
        for row, _person in holdings(tx.session, incident):
            if row.role == Role.COMMS:
                row.until_at = tx.now
                tx.session.add(row)
        tx.session.flush()
        claim_role(tx, incident, Role.COMMS, actor=who(tx, SAM))
        assert holders(tx, incident, Role.COMMS) == [SAM]
    assert case.events()[-1] == "role.claimed"


@pytest.mark.parametrize("role", [Role.COMMANDER, Role.SCRIBE])
def test_what_one_holds_already_isn_t_claimed_again(case: Case, role: Role) -> None:
    holder = ANA if role is Role.COMMANDER else SCRIBE
    with case.work() as (tx, incident):
        with pytest.raises(IncidentError, match="You are already"):
            claim_role(tx, incident, role, actor=who(tx, holder))
        with pytest.raises(IncidentError, match="already is"):
            assign_role(tx, incident, role, who(tx, holder), actor=who(tx, ANA))
        assert tx.drafts == {}


def test_there_may_be_several_observers_and_scribes(case: Case) -> None:
    with case.work() as (tx, incident):
        for role, first in ((Role.OBSERVER, OBSERVER), (Role.SCRIBE, SCRIBE)):
            claim_role(tx, incident, role, actor=who(tx, SAM))
            assert holders(tx, incident, role) == [first, SAM]


def test_a_scribe_hands_over_their_own_holding(case: Case) -> None:
    with case.work() as (tx, incident):
        sam = who(tx, SAM)
        claim_role(tx, incident, Role.SCRIBE, actor=sam)
        hand_over_role(tx, incident, Role.SCRIBE, who(tx, CHRIS), note="", actor=sam)
        assert holders(tx, incident, Role.SCRIBE) == [SCRIBE, CHRIS]


def test_assigning_ends_the_holding_before_and_lets_the_new_holder_in(case: Case) -> None:
    with case.work() as (tx, incident):
        stranger = who(tx, STRANGER)
        assign_role(tx, incident, Role.FORENSICS, stranger, actor=who(tx, ANA))
        assert holders(tx, incident, Role.FORENSICS) == [STRANGER]
        assert is_member(tx.session, incident, stranger)
        names = [(job.name, job.arguments.get("slack_id")) for job in tx.jobs]
        assert ("invite", STRANGER) in names


def test_a_vacant_role_can_t_be_handed_over(case: Case) -> None:
    with case.work() as (tx, incident):
        for row, _person in holdings(tx.session, incident):
            if row.role == Role.SCRIBE:
                row.until_at = tx.now
                tx.session.add(row)
        tx.session.flush()
        assert holder_of(tx, incident, Role.SCRIBE) is None
        with pytest.raises(IncidentError, match="Nobody holds Scribe"):
            hand_over_role(tx, incident, Role.SCRIBE, who(tx, SAM), note="", actor=who(tx, ANA))
        claim_role(tx, incident, Role.SCRIBE, actor=who(tx, SAM))


# -- deputies -------------------------------------------------------------------------------


def named(tx: Tx, incident: Incident, role: Role = Role.LEGAL) -> str:
    person = deputy_of(tx, incident, role)
    return person.slack_id if person else ""


def test_a_deputy_sees_the_incident_and_holds_no_role(case: Case) -> None:
    with case.work() as (tx, incident):
        stranger = who(tx, STRANGER)
        name_deputy(tx, incident, Role.LEGAL, stranger, actor=who(tx, LENA))
        assert named(tx, incident) == STRANGER
        assert is_member(tx.session, incident, stranger)
        assert roles_held(tx.session, incident, stranger) == frozenset()
        assert holders(tx, incident, Role.LEGAL) == [LENA]
        assert open_tasks_for(tx.session, stranger) == []
        situation = situation_of(tx.session, incident, tx.rules)
        assert [one.slack_id for one in situation.roles[Role.LEGAL]] == [LENA]
        assert situation.deputies[Role.LEGAL].slack_id == STRANGER
        jobs = [(job.name, job.arguments.get("slack_id")) for job in tx.jobs]
        assert ("invite", STRANGER) in jobs
        actor = stranger.actor
    entry = case.log()[-1]
    assert entry.event == "role.deputy_named"
    assert entry.data == {"role": "legal", "to": actor, "from": None}


def test_a_role_has_one_deputy_whose_end_is_kept(case: Case) -> None:
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        name_deputy(tx, incident, Role.LEGAL, who(tx, SAM), actor=lena)
        name_deputy(tx, incident, Role.LEGAL, who(tx, CHRIS), actor=who(tx, ANA))
        assert named(tx, incident) == CHRIS
        with pytest.raises(IncidentError, match="already is the deputy of Legal"):
            name_deputy(tx, incident, Role.LEGAL, who(tx, CHRIS), actor=lena)
        assert release_deputy(tx, incident, Role.LEGAL, actor=lena).slack_id == CHRIS
        assert named(tx, incident) == ""
        with pytest.raises(IncidentError, match="Legal of INC-2026-0001 has no deputy"):
            release_deputy(tx, incident, Role.LEGAL, actor=lena)
    events = [one.event for one in case.log()][-3:]
    assert events == ["role.deputy_named", "role.deputy_named", "role.deputy_released"]


@pytest.mark.parametrize("slack_id", [CHRIS, SAM])
def test_only_the_holder_and_the_commander_name_a_deputy(case: Case, slack_id: str) -> None:
    """Comms may not, and the deputy neither."""
    with case.work() as (tx, incident):
        name_deputy(tx, incident, Role.LEGAL, who(tx, SAM), actor=who(tx, ANA))
    with case.work() as (tx, incident):
        actor = who(tx, slack_id)
        with pytest.raises(NotAllowedError):
            name_deputy(tx, incident, Role.LEGAL, who(tx, SCRIBE), actor=actor)
        with pytest.raises(NotAllowedError):
            release_deputy(tx, incident, Role.LEGAL, actor=actor)


@pytest.mark.parametrize(
    ("role", "slack_id", "words"),
    [
        (Role.SCRIBE, SAM, "Scribe has no deputy. Roles that can have one: commander, forensics"),
        (Role.LEGAL, LENA, "<@U0LENA> is Legal of INC-2026-0001; name somebody else."),
    ],
)
def test_who_can_t_be_a_deputy(case: Case, role: Role, slack_id: str, words: str) -> None:
    with case.work() as (tx, incident), pytest.raises(IncidentError, match=words):
        name_deputy(tx, incident, role, who(tx, slack_id), actor=who(tx, ANA))


def test_a_deputy_who_takes_over_is_deputy_no_more(case: Case) -> None:
    with case.work() as (tx, incident):
        lena, sam = who(tx, LENA), who(tx, SAM)
        name_deputy(tx, incident, Role.LEGAL, sam, actor=lena)
        hand_over_role(tx, incident, Role.LEGAL, sam, note="", actor=lena)
        assert (named(tx, incident), holders(tx, incident, Role.LEGAL)) == ("", [SAM])
    assert [one.event for one in case.log()][-2:] == ["role.handed_over", "role.deputy_released"]


def test_a_deputy_stays_when_the_role_goes_to_somebody_else(case: Case) -> None:
    with case.work() as (tx, incident):
        lena = who(tx, LENA)
        name_deputy(tx, incident, Role.LEGAL, who(tx, SAM), actor=lena)
        hand_over_role(tx, incident, Role.LEGAL, who(tx, CHRIS), note="", actor=lena)
        assert named(tx, incident) == SAM
