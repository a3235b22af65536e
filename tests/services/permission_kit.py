"""What each line of the permission table lets somebody do, as a call of a service; who tries it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.incident import Severity
from bot.domain.reminders import Snooze
from bot.domain.roles import Action, Role
from bot.services import (
    acknowledgement,
    clock_marks,
    clock_rulings,
    custody,
    evidence,
    holds,
    incidents,
    notice_review,
    notices,
    print_erasure,
    print_runs,
    retention,
    roles,
    tasks,
)
from bot.services.facts import record_facts
from bot.services.incidents import add_member
from bot.store.notice_tables import PrintRun
from bot.store.queries import evidence_item, roles_held, tasks_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx
from evidence_store.artifacts import ArtifactRef
from tests.kit import (
    ANA,
    CHRIS,
    FARID,
    LENA,
    OBSERVER,
    SAM,
    SCRIBE,
    new_facts,
    who,
)

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


def a_run(tx: Tx, incident: Incident) -> None:
    """A checked print run of N-3, with its proof pack taken, brought by somebody else.

    Run 2 is given up, and of run 3 as well somebody else asks for the list to be erased.
    """
    notice = notices.find_notice(tx, incident, 3)
    notice.approved_version = notice.version
    new = who(tx, "U0NEW").id or 0
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("checked", {"proof": {"sha256": "p", "letters": 1}}),
        ("stopped", {}),
        ("stopped", {"erasure": {"state": "asked", "by": new}}),
    ]
    runs = [
        PrintRun(
            incident_id=incident.id or 0,
            notice_id=notice.id or 0,
            version=notice.version,
            number=number,
            state=state,
            file_name="people.csv",
            recipients_sha256=f"{number:064x}",
            recipients_size=1,
            rows_good=1,
            summary=summary,
            asked_by=new,
            asked_at=tx.now,
        )
        for number, (state, summary) in enumerate(kinds, start=1)
    ]
    tx.session.add_all([notice, *runs])


def _stop_run(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    print_runs.stop_run(tx, incident, 1, actor=actor)


def _approve_proof(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    print_runs.approve_proof(tx, incident, 1, proof_sha256="p", actor=actor)


def _ask_erasure(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    print_erasure.ask_erasure(tx, incident, 2, reason="over", actor=actor)


def _erase_list(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    print_erasure.erase_list(tx, incident, 3, reason="over", actor=actor)


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


def _privilege(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    notice_review.mark_privileged(tx, incident, 1, privileged=True, actor=actor)


def _counsel(tx: Tx, incident: Incident, actor: Person, _out: Path) -> None:
    notice_review.comment_on(tx, incident, 1, text="c", counsel_only=True, actor=actor)


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
    (
        Action.MOVE_EVIDENCE,
        "release",
        lambda tx, incident, actor, _out: custody.release_item(
            tx, incident, 1, who(tx, "U0NEW2"), note="", actor=actor
        ),
    ),
    (
        Action.MOVE_EVIDENCE,
        "return",
        lambda tx, incident, actor, _out: custody.return_item(
            tx, incident, 3, note="to the owner", actor=actor
        ),
    ),
    (
        Action.WORK_ON_EVIDENCE,
        "copy",
        lambda tx, incident, actor, _out: custody.record_copy(
            tx, incident, 1, note="for the lab", actor=actor
        ),
    ),
    (
        Action.HOLD_EVIDENCE,
        "hold",
        lambda tx, incident, actor, _out: holds.place_hold(
            tx, incident, reason="a suit", actor=actor
        ),
    ),
    (
        Action.HOLD_EVIDENCE,
        "retention",
        lambda tx, incident, actor, _out: retention.set_retention(
            tx, incident, 1, "tax_financial", actor=actor
        ),
    ),
    (
        Action.ASK_DISPOSAL,
        "ask",
        lambda tx, incident, actor, _out: retention.ask_disposal(
            tx, incident, 1, reason="not needed", actor=actor
        ),
    ),
    (
        Action.APPROVE_DISPOSAL,
        "approve",
        lambda tx, incident, actor, _out: retention.answer_disposal(
            tx, incident, 2, approve=True, reason="no claim", actor=actor
        ),
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
    (
        Action.RELEASE_NOTICE,
        "release",
        lambda tx, incident, actor, _out: notice_review.release_notice(
            tx, incident, 3, actor=actor
        ),
    ),
    (
        Action.COMMENT_NOTICE,
        "comment",
        lambda tx, incident, actor, _out: notice_review.comment_on(
            tx, incident, 1, text="c", actor=actor
        ),
    ),
    (
        Action.ASSIGN_NOTICE,
        "assign",
        lambda tx, incident, actor, _out: notice_review.assign_notice(
            tx, incident, 1, who(tx, CHRIS), actor=actor
        ),
    ),
    (Action.PRINT_LETTERS, "stop a print run", _stop_run),
    (Action.APPROVE_PROOF, "approve a proof", _approve_proof),
    (Action.ASK_LIST_ERASURE, "ask for a list to be erased", _ask_erasure),
    (Action.ERASE_LIST, "erase a list", _erase_list),
    (Action.MARK_PRIVILEGE, "privilege", _privilege),
    (Action.MARK_PRIVILEGE, "counsel's remark", _counsel),
]


def some_items(tx: Tx, incident: Incident, message: dict[str, str]) -> None:
    """E-1 and E-3 are held by somebody without a role; of E-2 the disposal is asked for."""
    ana, new = who(tx, ANA), who(tx, "U0NEW")
    for one in (message, message | {"ts": "1.3"}):
        evidence.preserve_message(tx, incident, one, channel="C0", actor=ana)
    retention.ask_disposal(tx, incident, 2, reason="not needed", actor=ana)
    add_member(tx, incident, new)
    add_member(tx, incident, who(tx, "U0NEW2"))
    custody.collect_item(tx, incident, custody.Collect(title="disk", rank=4, at=tx.now), actor=new)
    first = evidence_item(tx.session, incident, 1)
    assert first is not None
    first.custodian_id = new.id
    tx.session.add(first)
