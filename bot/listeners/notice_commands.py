"""`/incident notice`: the notices, and every step of them that needs no reading of the whole text.

Approving is done on the notice's page only: it binds the very text that was read.
"""

from collections.abc import Callable

from bot.blocks.lists import notice_blocks
from bot.blocks.words import escape
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    UsageError,
    acting,
    change,
    did_you_mean,
    find_incident,
    say,
    split_ref,
)
from bot.listeners.work_commands import read_person
from bot.services import notice_review, notices
from bot.services.access import person_for
from bot.services.personal_links import GOOD_FOR, link_to_notice, words_of
from bot.services.situation import situation_of
from bot.store.notice_tables import NoticeRow
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx, reading


def notice(desk: Desk, call: Call, rest: str) -> Reply:
    """Show the notices; `draft ID` drafts one, `submit 1`, `assign 1 @sam` and so on act on one."""
    ref, words = split_ref(rest)
    verb, _, more = words.partition(" ")
    verb, more = verb.lower(), more.strip()
    if not verb:
        with reading(desk.store) as session:
            incident = find_incident(session, call, ref)
            situation = situation_of(session, incident, desk.store.rules)
        blocks = notice_blocks(situation, base_url=desk.base_url)
        return Reply(text=f"Notices of {situation.ref}", blocks=tuple(blocks))
    if verb == "draft":
        return change(desk, call, lambda tx: _draft(desk, tx, call, ref, more))
    if verb == "approve":
        return _approve(desk, call, ref)
    if verb not in {*VERBS, "link"}:
        raise did_you_mean(verb, ["draft", "approve", "link", *VERBS], "/incident notice {} 1")
    word, _, said = more.partition(" ")
    number = word.upper().removeprefix("N-")
    if not number.isdecimal():
        raise UsageError(f"Give the notice's number: `/incident notice {verb} 1`.")
    if verb == "link":
        return change(desk, call, lambda tx: _hand_link(desk, tx, call, ref, int(number)))

    def act(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        row, done = VERBS[verb](tx, incident, int(number), said.strip(), actor)
        return say(f"{_link(desk, incident, row)} {done}")

    return change(desk, call, act)


def _link(desk: Desk, incident: Incident, row: NoticeRow) -> str:
    address = f"{desk.base_url}/incidents/{incident.ref}/notices/{row.number}"
    return f"📝 <{address}|N-{row.number} {escape(row.title)}>"


def _draft(desk: Desk, tx: Tx, call: Call, ref: str, template_id: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    if not template_id:
        raise UsageError("Name the notice: `/incident notice draft holding_statement`.")
    row = notices.draft_notice(tx, incident, template_id, actor=actor)
    return say(f"{_link(desk, incident, row)} is drafted.")


def _approve(desk: Desk, call: Call, ref: str) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
    address = f"{desk.base_url}/incidents/{incident.ref}#notices"
    return say(
        f"Approval binds the very text that you read, so it is given on the notice's page: "
        f"<{address}|the notices of {incident.ref}>."
    )


def _hand_link(desk: Desk, tx: Tx, call: Call, ref: str, number: int) -> Reply:
    """Give a link to the PDF that only the asker can use, and only for a while."""
    if desk.links is None:
        raise UsageError(
            f"Nobody can sign in to Tocsin's pages yet, so that a link would lead nowhere. Type "
            f"`/incident notice pdf {number}`: the file comes by direct message."
        )
    incident, actor = acting(tx, call, ref)
    link = link_to_notice(tx, incident, number, actor=actor)
    row = notices.find_notice(tx, incident, number)
    # The time of the call, not of the incident: an exercise's clock may stand still.
    address = f"{desk.base_url}/d/{desk.links.token(link, now=call.now)}"
    return say(
        f"{_link(desk, incident, row)}: <{address}|the PDF>. The link is yours alone, wants you "
        f"signed in, and is good for {words_of(GOOD_FOR)}. What you take is recorded."
    )


Verb = Callable[[Tx, Incident, int, str, Person], tuple[NoticeRow, str]]


def _submit(
    tx: Tx, incident: Incident, number: int, _said: str, actor: Person
) -> tuple[NoticeRow, str]:
    return notices.submit_notice(tx, incident, number, actor=actor), "is handed to Legal."


def _pdf(
    tx: Tx, incident: Incident, number: int, _said: str, actor: Person
) -> tuple[NoticeRow, str]:
    row = notices.ask_for_paper(tx, incident, number, actor=actor)
    return row, "comes to you as PDF by direct message."


def _assign(
    tx: Tx, incident: Incident, number: int, said: str, actor: Person
) -> tuple[NoticeRow, str]:
    if not said:
        raise UsageError(f"Say to whom: `/incident notice assign {number} @sam`.")
    slack_id, _note = read_person(said)
    to = person_for(tx, slack_id)
    row = notice_review.assign_notice(tx, incident, number, to, actor=actor)
    return row, f"is with <@{slack_id}> now."


def _comment(
    tx: Tx, incident: Incident, number: int, said: str, actor: Person
) -> tuple[NoticeRow, str]:
    made = notice_review.comment_on(tx, incident, number, text=said, actor=actor)
    return notices.find_notice(tx, incident, number), f"has your comment {made.number}."


def _changes(
    tx: Tx, incident: Incident, number: int, said: str, actor: Person
) -> tuple[NoticeRow, str]:
    row = notices.request_changes(tx, incident, number, comment=said, actor=actor)
    return row, "is a draft again, with what has to change on the record."


def _release(
    tx: Tx, incident: Incident, number: int, _said: str, actor: Person
) -> tuple[NoticeRow, str]:
    row = notice_review.release_notice(tx, incident, number, actor=actor)
    return row, "is released: two people stand behind it. Legal files or sends it."


def _sent(
    tx: Tx, incident: Incident, number: int, said: str, actor: Person
) -> tuple[NoticeRow, str]:
    row = notices.mark_sent(tx, incident, number, proof=said, actor=actor)
    return row, "is recorded as sent, with your proof."


def _withdraw(
    tx: Tx, incident: Incident, number: int, said: str, actor: Person
) -> tuple[NoticeRow, str]:
    row = notices.withdraw_notice(tx, incident, number, reason=said, actor=actor)
    return row, "is withdrawn, with your reason on the record."


VERBS: dict[str, Verb] = {
    "submit": _submit,
    "pdf": _pdf,
    "assign": _assign,
    "comment": _comment,
    "changes": _changes,
    "release": _release,
    "sent": _sent,
    "withdraw": _withdraw,
}
"""What can be done with the notice of a number."""
