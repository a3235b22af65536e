"""The roles of an incident and the written table of who may do what.

`PERMISSIONS` is the law: services ask `check_allowed` before every change, `docs/roles.md`
shows the same table, and the tests try every cell. It doesn't know who holds which role.
"""

from collections.abc import Collection
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person does in an incident."""

    COMMANDER = "commander"
    FORENSICS = "forensics"
    LEGAL = "legal"
    COMMS = "comms"
    SCRIBE = "scribe"
    OBSERVER = "observer"


CORE_ROLES = (Role.COMMANDER, Role.FORENSICS, Role.LEGAL, Role.COMMS)
"""The four that every incident needs; one holder each."""

ROLE_DUTY = MappingProxyType(
    {
        Role.COMMANDER: "leads, decides severity and status, closes",
        Role.FORENSICS: "preserves and seals evidence",
        Role.LEGAL: "decides duties, approves notices, waives",
        Role.COMMS: "drafts what we say, inside and outside",
        Role.SCRIBE: "keeps the record",
        Role.OBSERVER: "watches",
    }
)


class Action(StrEnum):
    """Everything that the table speaks about."""

    READ = "read the incident"
    RECORD_FACT = "record and correct facts"
    ADD_NOTE = "add a note to the timeline"
    PRESERVE_EVIDENCE = "preserve messages and files as evidence"
    CLAIM_ROLE = "claim a vacant role"
    ASSIGN_ROLE = "assign a role to somebody"
    HAND_OVER_ROLE = "hand over a role that somebody else holds"
    NAME_DEPUTY = "name or release the deputy of a role that somebody else holds"
    ANSWER_REMINDER = "acknowledge or snooze a reminder"
    COMPLETE_TASK = "complete any task (its owner role always may)"
    CHANGE_SEVERITY = "change or confirm the severity"
    CHANGE_STATUS = "change the status: contained, recovered, open again"
    CLOSE = "close the incident"
    MEET_CONTAINMENT_CLOCK = "mark a containment clock as met"
    MEET_REGULATORY_CLOCK = "mark a regulatory clock as met"
    WAIVE_CLOCK = "waive a regulatory clock"
    SEAL_EVIDENCE = "seal evidence"
    MOVE_EVIDENCE = "hand over or return evidence that somebody else holds"
    WORK_ON_EVIDENCE = "record a copy, an analysis or a derived item of what somebody else holds"
    HOLD_EVIDENCE = "place or release a legal hold, or set how long evidence is kept"
    ASK_DISPOSAL = "ask for the disposal of evidence"
    APPROVE_DISPOSAL = "approve or refuse the disposal of evidence"
    EXPORT_EVIDENCE = "export the evidence bundle"
    DRAFT_NOTICE = "draft or reword a notice"
    SUBMIT_NOTICE = "send a notice to review"
    DOWNLOAD_NOTICE = "download a notice as PDF"
    APPROVE_NOTICE = "approve a notice or ask for changes"
    RELEASE_NOTICE = "agree, as the second person, that an approved notice may leave"
    SEND_NOTICE = "record that a notice was sent, or withdraw it"
    COMMENT_NOTICE = "comment on a notice, settle a comment, or practise a retraction"
    ASSIGN_NOTICE = "assign a notice to somebody"
    PRINT_LETTERS = "prepare, start, stop or hand over a print run of letters"
    APPROVE_PROOF = "approve the proof of a print run"
    ASK_LIST_ERASURE = "ask for a list of recipients to be erased"
    ERASE_LIST = "erase or keep a list of recipients that somebody else asked to erase"
    MARK_PRIVILEGE = "mark a notice as privileged, and read and write counsel's own remarks"


class NotAllowedError(PermissionError):
    """The person doesn't hold a role that may do this; the message names those who may."""


_ALL = frozenset(Role)
_WORKING = _ALL - {Role.OBSERVER}
_MEMBER: frozenset[Role | None] = frozenset({None})
_C, _F, _L, _K = Role.COMMANDER, Role.FORENSICS, Role.LEGAL, Role.COMMS

PERMISSIONS: MappingProxyType[Action, frozenset[Role | None]] = MappingProxyType(
    {
        Action.READ: _ALL | _MEMBER,
        Action.RECORD_FACT: _WORKING | _MEMBER,
        Action.ADD_NOTE: _WORKING | _MEMBER,
        Action.PRESERVE_EVIDENCE: _WORKING | _MEMBER,
        Action.CLAIM_ROLE: _ALL | _MEMBER,
        Action.ASSIGN_ROLE: frozenset({_C}),
        Action.HAND_OVER_ROLE: frozenset({_C}),
        Action.NAME_DEPUTY: frozenset({_C}),
        Action.ANSWER_REMINDER: _WORKING | _MEMBER,
        Action.COMPLETE_TASK: frozenset({_C, Role.SCRIBE}),
        Action.CHANGE_SEVERITY: frozenset({_C}),
        Action.CHANGE_STATUS: frozenset({_C}),
        Action.CLOSE: frozenset({_C}),
        Action.MEET_CONTAINMENT_CLOCK: frozenset({_C}),
        Action.MEET_REGULATORY_CLOCK: frozenset({_L}),
        Action.WAIVE_CLOCK: frozenset({_L}),
        Action.SEAL_EVIDENCE: frozenset({_F}),
        Action.MOVE_EVIDENCE: frozenset({_F}),
        Action.WORK_ON_EVIDENCE: frozenset({_F}),
        Action.HOLD_EVIDENCE: frozenset({_L}),
        Action.ASK_DISPOSAL: frozenset({_C, _F, _L}),
        Action.APPROVE_DISPOSAL: frozenset({_L}),
        Action.EXPORT_EVIDENCE: frozenset({_C, _F, _L}),
        Action.DRAFT_NOTICE: frozenset({_C, _L, _K}),
        Action.SUBMIT_NOTICE: frozenset({_C, _L, _K}),
        Action.DOWNLOAD_NOTICE: frozenset({_C, _L, _K}),
        Action.APPROVE_NOTICE: frozenset({_L}),
        Action.RELEASE_NOTICE: frozenset({_C, _L, _K}),
        Action.SEND_NOTICE: frozenset({_L}),
        Action.COMMENT_NOTICE: frozenset({_C, _F, _L, _K}),
        Action.ASSIGN_NOTICE: frozenset({_C, _L, _K}),
        Action.PRINT_LETTERS: frozenset({_C, _L, _K}),
        Action.APPROVE_PROOF: frozenset({_L}),
        Action.ASK_LIST_ERASURE: frozenset({_C, _L, _K}),
        Action.ERASE_LIST: frozenset({_L}),
        Action.MARK_PRIVILEGE: frozenset({_L}),
    }
)
"""Action → roles that may; `None` is a member of the channel who holds no role."""

AFTER_CLOSE = frozenset(
    {
        Action.READ,
        Action.EXPORT_EVIDENCE,
        Action.DOWNLOAD_NOTICE,
        Action.MOVE_EVIDENCE,
        Action.WORK_ON_EVIDENCE,
        Action.HOLD_EVIDENCE,
        Action.ASK_DISPOSAL,
        Action.APPROVE_DISPOSAL,
        Action.ASK_LIST_ERASURE,
        Action.ERASE_LIST,
    }
)
"""What stays possible in a closed incident: reading, and the custody of what was collected, which
goes on until it is returned or disposed of; lists of recipients too. All of it is recorded."""


def is_allowed(action: Action, held: Collection[Role]) -> bool:
    """Tell whether a member of the incident who holds these roles may do this.

    Somebody who is only an Observer is not "a member without a role": Observers watch.
    """
    roles: frozenset[Role | None] = frozenset(held) or _MEMBER
    return bool(PERMISSIONS[action] & roles)


def check_allowed(action: Action, held: Collection[Role]) -> None:
    """Raise `NotAllowedError` naming the roles that may, unless one of them is held."""
    if is_allowed(action, held):
        return
    may = sorted(role.title() for role in PERMISSIONS[action] if role)
    have = ", ".join(sorted(role.title() for role in held)) or "no role"
    raise NotAllowedError(
        f"Only {' or '.join(may)} may {action}. You hold {have} here. "
        f"Ask them, or take the role: `/incident role claim {may[0].lower()}`."
    )


def read_role(text: str) -> Role:
    """Read a role's name as people type it; raise `ValueError` with the roles there are."""
    word = text.strip().lower()
    aliases = {
        "ic": "commander",
        "counsel": "legal",
        "communications": "comms",
        "lead": "commander",
    }
    try:
        return Role(aliases.get(word, word))
    except ValueError as error:
        names = ", ".join(role.value for role in Role)
        raise ValueError(f"There is no role “{text.strip()}”. The roles are: {names}.") from error
