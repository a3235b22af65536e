"""The written table of who may do what, cell by cell, at the services that do it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.domain.incident import Severity
from bot.domain.reference_tables import permission_table, put_table
from bot.domain.reminders import Snooze
from bot.domain.roles import PERMISSIONS, Action, NotAllowedError, Role, is_allowed
from bot.services import (
    acknowledgement,
    clock_marks,
    clock_rulings,
    evidence,
    incidents,
    notices,
    roles,
    tasks,
)
from bot.services.access import UnknownIncidentError
from bot.services.facts import record_facts
from bot.store.queries import evidence_item, notice_of, roles_held, tasks_of
from bot.store.reminder_queries import reminders_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx
from evidence_store.artifacts import ArtifactRef
from tests.kit import (
    ANA,
    CHRIS,
    FARID,
    LENA,
    OBSERVER,
    SAM,
    SCRIBE,
    STRANGER,
    Case,
    jobs_of,
    new_facts,
    who,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
Verb = Callable[[Tx, Incident, Person, Path], object]

COLUMNS: dict[Role | None, str] = {
    Role.COMMANDER: ANA,
    Role.FORENSICS: FARID,
    Role.LEGAL: LENA,
    Role.COMMS: CHRIS,
    Role.SCRIBE: SCRIBE,
    Role.OBSERVER: OBSERVER,
    None: SAM,
}
"""Who stands for each column of the table; `STRANGER` is no member at all."""


def _download(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    item = evidence_item(tx.session, incident, 1)
    assert item is not None
    evidence.record_download(tx, incident, item, actor=actor)


def _preserve(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    message = {"ts": "1.2", "user": ANA, "text": "another one"}
    evidence.preserve_message(tx, incident, message, channel="C0", actor=actor)


def _collect(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    file = {"id": "F1", "name": "a.log", "size": 3}
    evidence.collect_file(tx, incident, file, channel="C0", actor=actor)


def _claim(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    held = roles_held(tx.session, incident, actor)
    role = Role.OBSERVER if Role.SCRIBE in held else Role.SCRIBE
    roles.claim_role(tx, incident, role, actor=actor)


def _assign(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    roles.assign_role(tx, incident, Role.OBSERVER, who(tx, "U0NEW"), actor=actor)


def _hand_over(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    """A role that somebody else holds; one's own may always be handed over."""
    role = Role.FORENSICS if actor.slack_id == CHRIS else Role.COMMS
    roles.hand_over_role(tx, incident, role, who(tx, "U0NEW"), note="", actor=actor)


def _deputy(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    """Of a role that somebody else holds; of one's own, one may always name it."""
    role = Role.FORENSICS if actor.slack_id == CHRIS else Role.COMMS
    roles.name_deputy(tx, incident, role, who(tx, "U0NEW"), actor=actor)


def _acknowledge(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    token = f"until:{tx.now.isoformat()}"
    acknowledgement.acknowledge(tx, incident, token, actor=actor)


def _snooze(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    token = f"until:{tx.now.isoformat()}"
    acknowledgement.snooze(tx, incident, token, Snooze.HOUR, actor=actor)


def _foreign_task(tx: Tx, incident: Incident, actor: Person) -> int:
    held = roles_held(tx.session, incident, actor)
    return next(
        one.number for one in tasks_of(tx.session, incident) if Role(one.owner_role) not in held
    )


def _complete(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    tasks.complete_task(tx, incident, _foreign_task(tx, incident, actor), note="", actor=actor)


def _assign_task(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    number = _foreign_task(tx, incident, actor)
    tasks.assign_task(tx, incident, number, who(tx, SAM), actor=actor)


def _export(tx: Tx, incident: Incident, actor: Person, out: Path) -> None:
    evidence.export_as(tx, incident, out / actor.slack_id, actor=actor)


def _notice_download(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    pdf = ArtifactRef(sha256="0" * 64, size=1)
    notices.record_notice_download(tx, incident, 1, pdf=pdf, actor=actor)


VERBS: list[tuple[Action, str, Verb]] = [
    (Action.READ, "download evidence", _download),
    (
        Action.RECORD_FACT,
        "record",
        lambda tx, incident, actor, _out: record_facts(
            tx, incident, new_facts({"affected_total": 3}), actor=actor
        ),
    ),
    (
        Action.ADD_NOTE,
        "note",
        lambda tx, incident, actor, _out: evidence.record_note(tx, incident, "n", actor=actor),
    ),
    (Action.PRESERVE_EVIDENCE, "message", _preserve),
    (Action.PRESERVE_EVIDENCE, "file", _collect),
    (Action.CLAIM_ROLE, "claim", _claim),
    (Action.ASSIGN_ROLE, "assign", _assign),
    (Action.HAND_OVER_ROLE, "hand over", _hand_over),
    (Action.NAME_DEPUTY, "name", _deputy),
    (Action.ANSWER_REMINDER, "acknowledge", _acknowledge),
    (Action.ANSWER_REMINDER, "snooze", _snooze),
    (Action.COMPLETE_TASK, "complete", _complete),
    (Action.COMPLETE_TASK, "assign", _assign_task),
    (
        Action.CHANGE_SEVERITY,
        "severity",
        lambda tx, incident, actor, _out: incidents.change_severity(
            tx, incident, Severity.SEV1, reason="", actor=actor
        ),
    ),
    (
        Action.CHANGE_STATUS,
        "contain",
        lambda tx, incident, actor, _out: incidents.contain(
            tx, incident, at=tx.now, note="", actor=actor
        ),
    ),
    (
        Action.CHANGE_STATUS,
        "recover",
        lambda tx, incident, actor, _out: incidents.recover(
            tx, incident, at=tx.now, note="", actor=actor
        ),
    ),
    (
        Action.CLOSE,
        "close",
        lambda tx, incident, actor, _out: incidents.close(tx, incident, note="", actor=actor),
    ),
    (
        Action.MEET_CONTAINMENT_CLOCK,
        "triage",
        lambda tx, incident, actor, _out: clock_marks.meet_clock(
            tx, incident, "triage", proof="", actor=actor
        ),
    ),
    (
        Action.MEET_REGULATORY_CLOCK,
        "California",
        lambda tx, incident, actor, _out: clock_marks.meet_clock(
            tx, incident, "US-CA-AG", proof="R-1", actor=actor
        ),
    ),
    (
        Action.WAIVE_CLOCK,
        "California",
        lambda tx, incident, actor, _out: clock_marks.waive_clock(
            tx, incident, "US-CA-AG", reason="nobody there", actor=actor
        ),
    ),
    (
        Action.WAIVE_CLOCK,
        "overrule",
        lambda tx, incident, actor, _out: clock_rulings.overrule_clock(
            tx, incident, "US-CA-AG", reason="counsel says so", actor=actor, applies=True
        ),
    ),
    (
        Action.SEAL_EVIDENCE,
        "seal",
        lambda tx, incident, actor, _out: evidence.seal_item(tx, incident, 1, actor=actor),
    ),
    (Action.EXPORT_EVIDENCE, "export", _export),
    (
        Action.DRAFT_NOTICE,
        "draft",
        lambda tx, incident, actor, _out: notices.draft_notice(
            tx, incident, "us_ca_individual", actor=actor
        ),
    ),
    (
        Action.DRAFT_NOTICE,
        "reword",
        lambda tx, incident, actor, _out: notices.reword_notice(
            tx, incident, 1, {"what_happened": "words"}, actor=actor
        ),
    ),
    (
        Action.SUBMIT_NOTICE,
        "submit",
        lambda tx, incident, actor, _out: notices.submit_notice(tx, incident, 1, actor=actor),
    ),
    (Action.DOWNLOAD_NOTICE, "download", _notice_download),
    (
        Action.APPROVE_NOTICE,
        "request changes",
        lambda tx, incident, actor, _out: notices.request_changes(
            tx, incident, 2, comment="shorter", actor=actor
        ),
    ),
    (
        Action.SEND_NOTICE,
        "withdraw",
        lambda tx, incident, actor, _out: notices.withdraw_notice(
            tx, incident, 1, reason="not needed", actor=actor
        ),
    ),
]


@pytest.fixture
def busy(case: Case) -> Case:
    """An incident with all that the verbs need: a message, a draft N-1, N-2 in review, no duty."""
    with case.work() as (tx, incident):
        message = {"ts": "1.1", "user": ANA, "text": "seen"}
        evidence.preserve_message(tx, incident, message, channel="C0", actor=who(tx, ANA))
        comms, legal, _new = who(tx, CHRIS), who(tx, LENA), who(tx, "U0NEW")
        for template in ("gdpr_art33_authority", "holding_statement"):
            notices.draft_notice(tx, incident, template, actor=comms)
        notices.submit_notice(tx, incident, 2, actor=comms)
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
