"""The written table of who may do what, cell by cell, at the services that do it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from permission_kit import COLUMNS, VERBS, Verb, a_run, some_items
from sqlmodel import SQLModel

from bot.domain.reference_tables import permission_table, put_table
from bot.domain.roles import PERMISSIONS, Action, NotAllowedError, Role, is_allowed
from bot.services import (
    clock_marks,
    evidence,
    notices,
    roles,
    tasks,
)
from bot.services.access import UnknownIncidentError
from bot.store.queries import notice_of, tasks_of
from bot.store.reminder_queries import reminders_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx
from tests.kit import (
    ANA,
    CHRIS,
    FARID,
    LENA,
    SAM,
    STRANGER,
    Case,
    jobs_of,
    who,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"


@pytest.fixture
def busy(case: Case) -> Case:
    """An incident with all that the verbs need: a message, no duty, and three notices.

    N-1 is a draft, N-2 in review, N-3 approved by somebody who stands for no column;
    its print run waits for the approval of the proof.
    """
    with case.work() as (tx, incident):
        message = {"ts": "1.1", "user": ANA, "text": "seen"}
        some_items(tx, incident, message)
        comms, legal, new = who(tx, CHRIS), who(tx, LENA), who(tx, "U0NEW")
        for template in ("gdpr_art33_authority", "holding_statement", "gdpr_art34_person"):
            row = notices.draft_notice(tx, incident, template, actor=comms)
        notices.submit_notice(tx, incident, 2, actor=comms)
        row.state, row.approved_by = "approved", new.id
        tx.session.add(row)
        a_run(tx, incident)
        clock_marks.waive_clock(tx, incident, "EU-GDPR-33-SA", reason="no data", actor=legal)
        told = reminders_of(tx.session, clock_marks.find_clock(tx, incident, "recovery"))[0]
        told.fired_at, told.outcome = tx.now, "fired"
        tx.session.add(told)
    return case


def rows_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select()).all()]
            for table in SQLModel.metadata.sorted_tables
        }


class Undone(Exception):  # noqa: N818 - not a fault: it takes back what was allowed
    """Takes back an allowed change, so that the next column starts from the same state."""


def take_back(tx: Tx, ref: str) -> None:
    assert tx.drafts[ref], "an allowed change is recorded"
    raise Undone


def attempt(case: Case, slack_id: str, verb: Verb, out: Path) -> str:
    """Say what came of it; a refusal is committed, so that whatever it left behind is seen."""
    try:
        with case.work() as (tx, incident):
            actor = who(tx, slack_id)
            try:
                verb(tx, incident, actor, out)
            except (NotAllowedError, UnknownIncidentError) as error:
                return type(error).__name__
            take_back(tx, case.ref)
    except Undone:
        pass
    return "allowed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "verb"),
    [pytest.param(action, verb, id=f"{action.name}-{name}") for action, name, verb in VERBS],
)
def test_every_cell_of_the_table(busy: Case, tmp_path: Path, action: Action, verb: Verb) -> None:
    before = (rows_of(busy.store), len(busy.events()), jobs_of(busy.store))
    for role, slack_id in COLUMNS.items():
        expected = "allowed" if role in PERMISSIONS[action] else "NotAllowedError"
        assert attempt(busy, slack_id, verb, tmp_path) == expected, role
    assert attempt(busy, STRANGER, verb, tmp_path) == "UnknownIncidentError"
    assert (rows_of(busy.store), len(busy.events()), jobs_of(busy.store)) == before


def test_every_action_of_the_table_has_a_service() -> None:
    assert {action for action, _, _ in VERBS} == set(Action)


def test_the_owner_role_completes_its_own_tasks(case: Case) -> None:
    with case.work() as (tx, incident):
        farid = who(tx, FARID)
        mine = [one for one in tasks_of(tx.session, incident) if one.owner_role == "forensics"]
        row = tasks.complete_task(tx, incident, mine[0].number, note="imaged", actor=farid)
        assert (row.done_at, row.done_by) == (tx.now, farid.id)


def test_an_assignee_completes_the_task_without_a_role(case: Case) -> None:
    with case.work() as (tx, incident):
        sam = who(tx, SAM)
        tasks.assign_task(tx, incident, 1, sam, actor=who(tx, ANA))
        assert tasks.complete_task(tx, incident, 1, note="", actor=sam).done_by == sam.id


def test_an_observer_who_is_legal_too_acts_as_legal() -> None:
    assert is_allowed(Action.APPROVE_NOTICE, {Role.OBSERVER, Role.LEGAL})
    assert not is_allowed(Action.RECORD_FACT, {Role.OBSERVER})


def test_a_refusal_names_who_may_and_the_way_there(case: Case) -> None:
    with case.work() as (tx, incident), pytest.raises(NotAllowedError) as caught:
        evidence.seal_item(tx, incident, 1, actor=who(tx, SAM))
    assert str(caught.value) == (
        "Only Forensics may seal evidence. You hold no role here. "
        "Ask them, or take the role: `/incident role claim forensics`."
    )


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param(
            lambda tx, i, actor: clock_marks.meet_clock(tx, i, "no-such", proof="x", actor=actor),
            id="clock",
        ),
        pytest.param(
            lambda tx, i, actor: clock_marks.waive_clock(tx, i, "no-such", reason="x", actor=actor),
            id="waive",
        ),
        pytest.param(
            lambda tx, i, actor: tasks.complete_task(tx, i, 999, note="", actor=actor), id="task"
        ),
        pytest.param(
            lambda tx, i, actor: notices.submit_notice(tx, i, 999, actor=actor), id="notice"
        ),
        pytest.param(
            lambda tx, i, actor: evidence.seal_item(tx, i, 999, actor=actor), id="evidence"
        ),
        pytest.param(
            lambda tx, i, actor: roles.hand_over_role(
                tx, i, Role.LEGAL, actor, note="", actor=actor
            ),
            id="role",
        ),
    ],
)
def test_a_stranger_learns_nothing_from_a_wrong_guess(
    case: Case, verb: Callable[[Tx, Incident, Person], object]
) -> None:
    with case.work() as (tx, incident), pytest.raises(UnknownIncidentError) as caught:
        verb(tx, incident, who(tx, STRANGER))
    assert str(caught.value) == f"You have no incident {case.ref}. `/incident list` shows yours."


def test_the_page_says_what_the_table_says() -> None:
    page = PAGE.read_text("utf-8")
    assert put_table(page, permission_table()) == page, "run scripts/write_reference_pages.py"


def test_an_approved_notice_is_not_needed_for_the_refusal(busy: Case) -> None:
    with busy.work() as (tx, incident):
        with pytest.raises(NotAllowedError):
            notices.mark_sent(tx, incident, 1, proof="R-1", actor=who(tx, ANA))
        notice = notice_of(tx.session, incident, 1)
        assert notice is not None
        assert notice.state == "draft"
