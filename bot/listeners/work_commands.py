"""`/incident role | task | timeline`."""

import re

from bot.blocks.lists import (
    role_blocks,
    task_blocks,
    timeline_blocks,
)
from bot.blocks.words import cut, escape, mention, when
from bot.content.yaml_source import nearest
from bot.domain.roles import Role, read_role
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
from bot.services import evidence as evidence_service
from bot.services import roles, tasks
from bot.services.access import person_for
from bot.services.situation import situation_of
from bot.services.timeline import timeline_of
from bot.store.unit_of_work import Tx, reading

TIMELINE_SHOWN = 20
_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


def read_person(text: str) -> tuple[str, str]:
    """Take the first mention out of the words: (Slack user id, the other words).

    Slack sends `<@U123|ana>` only if the app asks for escaped commands, which our manifest does.
    """
    match = _PERSON.search(text)
    if match is None:
        raise UsageError("Name the person with @, so that Slack knows who it is: `@lena`.")
    return match[1], (text[: match.start()] + text[match.end() :]).strip()


def role(desk: Desk, call: Call, rest: str) -> Reply:
    """Show, claim, assign or hand over roles, and name deputies."""
    ref, words = split_ref(rest)
    verb_word, _, more = words.partition(" ")
    verb_word = verb_word.lower()
    if not verb_word:
        with reading(desk.store) as session:
            incident = find_incident(session, call, ref)
            situation = situation_of(session, incident, desk.store.rules)
        return Reply(text=f"Roles of {situation.ref}", blocks=tuple(role_blocks(situation)))
    verbs = {"claim": _claim, "assign": _assign, "handover": _hand_over, "deputy": _deputy}
    if verb_word in {one.value for one in Role}:
        raise UsageError(
            f"Say what to do about the role: `/incident role claim {verb_word}`, "
            f"`role assign {verb_word} @who`, `role handover {verb_word} @who note` or "
            f"`role deputy {verb_word} @who`."
        )
    if verb_word not in verbs:
        raise did_you_mean(verb_word, list(verbs), "/incident role {}")
    return change(desk, call, lambda tx: verbs[verb_word](tx, call, ref, more.strip()))


def _claim(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    wanted = _role(words)
    roles.claim_role(tx, incident, wanted, actor=actor)
    return say(f"✅ You are {wanted.title()} of {incident.ref} now.")


def _assign(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    slack_id, words = read_person(words)
    wanted = _role(words)
    roles.assign_role(tx, incident, wanted, person_for(tx, slack_id), actor=actor)
    return say(f"✅ <@{slack_id}> is {wanted.title()} of {incident.ref} now.")


def _hand_over(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    slack_id, words = read_person(words)
    word, _, note = words.partition(" ")
    wanted = _role(word)
    person = person_for(tx, slack_id)
    roles.hand_over_role(tx, incident, wanted, person, note=note.strip(), actor=actor)
    return say(f"✅ <@{slack_id}> is {wanted.title()} of {incident.ref} now.")


def _deputy(tx: Tx, call: Call, ref: str, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    word, _, who = words.partition(" ")
    if who.strip().lower() == "none":
        wanted = _role(word)
        former = roles.release_deputy(tx, incident, wanted, actor=actor)
        return say(
            f"✅ <@{former.slack_id}> isn't deputy of {wanted.title()} of {incident.ref} any more."
        )
    slack_id, words = read_person(words)
    wanted = _role(words)
    roles.name_deputy(tx, incident, wanted, person_for(tx, slack_id), actor=actor)
    return say(
        f"✅ <@{slack_id}> is deputy of {wanted.title()} of {incident.ref} now, and is told when "
        f"nobody acknowledges an urgent reminder. `/incident role deputy {wanted} none` ends it."
    )


def _role(word: str) -> Role:
    if not word.strip():
        raise UsageError(
            "Name the role: `/incident role claim legal`, or `role assign legal @lena`."
        )
    try:
        return read_role(word)
    except ValueError as error:
        guess = nearest(word, list(Role))
        hint = f" Did you mean “{guess}”?" if guess else ""
        raise UsageError(f"{error}{hint}") from error


def task(desk: Desk, call: Call, rest: str) -> Reply:
    """Show what is to do; `task done 3 note`, `task reopen 3`, `task assign 3 @who`."""
    ref, words = split_ref(rest)
    verb_word, _, more = words.partition(" ")
    verb_word = verb_word.lower()
    if not verb_word:
        with reading(desk.store) as session:
            incident = find_incident(session, call, ref)
            situation = situation_of(session, incident, desk.store.rules)
        blocks = task_blocks(situation.open_tasks(), title=f"Tasks of {situation.ref}")
        return Reply(text=f"Tasks of {situation.ref}", blocks=tuple(blocks))
    if verb_word.lstrip("#").isdecimal():
        number_word = verb_word.lstrip("#")
        raise UsageError(
            f"Say what about task {number_word}: `/incident task done {number_word} note`, "
            f"`task reopen {number_word}` or `task assign {number_word} @who`."
        )
    if verb_word not in {"done", "reopen", "assign"}:
        raise did_you_mean(verb_word, ["done", "reopen", "assign"], "/incident task {} 3")
    match = re.match(r"^#?(\d{1,4})\b\s*(.*)$", more.strip(), re.DOTALL)
    if match is None:
        raise UsageError(f"Give the task's number: `/incident task {verb_word} 3`.")
    number, words = int(match[1]), match[2].strip()
    return change(
        desk, call, lambda tx: _task(tx, call, ref, verb=verb_word, number=number, words=words)
    )


def _task(tx: Tx, call: Call, ref: str, *, verb: str, number: int, words: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    if verb == "assign":
        slack_id, _ = read_person(words)
        row = tasks.assign_task(tx, incident, number, person_for(tx, slack_id), actor=actor)
        return say(f"✅ Task {number} ({escape(row.title)}) is <@{slack_id}>'s now.")
    if verb == "reopen":
        row = tasks.reopen_task(tx, incident, number, note=words, actor=actor)
        return say(f"↩️ Task {number} is open again: {escape(row.title)}.")
    row = tasks.complete_task(tx, incident, number, note=words, actor=actor)
    return say(f"✅ Task {number} done: {escape(row.title)}.")


def timeline(desk: Desk, call: Call, rest: str) -> Reply:
    """Show the newest entries; `timeline note text` adds one."""
    ref, words = split_ref(rest)
    verb_word, _, text = words.partition(" ")
    if verb_word.lower() == "note":
        return change(desk, call, lambda tx: _note(tx, call, ref, text))
    if verb_word:
        raise did_you_mean(verb_word, ["note"], "/incident timeline {} text")
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        found = timeline_of(session, desk.store, incident)[-TIMELINE_SHOWN:]
    lines = [f"{when(one.ts)} {mention(one.who)}: {escape(cut(one.words, 200))}" for one in found]
    return Reply(
        text=f"Timeline of {incident.ref}", blocks=tuple(timeline_blocks(incident.ref, lines))
    )


def _note(tx: Tx, call: Call, ref: str, text: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    evidence_service.record_note(tx, incident, text, actor=actor)
    return say(f"📝 Noted in the record of {incident.ref}.")
