"""`/incident clock`: the deadlines, one duty in full, and what people decide about a clock.

Decides how the words are split and what the answer says. Who may do it, what each act needs and
what follows are the services'.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.blocks.clock_lists import clock_overview, clock_page
from bot.blocks.duty import containment_blocks, duty_blocks
from bot.blocks.words import cut, escape, when_legal
from bot.content.yaml_source import nearest
from bot.domain.clocks import ClockState
from bot.domain.situation import Situation
from bot.listeners import question_form
from bot.listeners.clock_phrases import DUE, plain_reason, read_hold, read_met, read_ruling
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    UsageError,
    acting,
    at_its_time,
    change,
    find_incident,
    look,
    say,
    split_ref,
)
from bot.services import clock_marks, clock_rulings
from bot.services.access import zone_of
from bot.services.clocks import rows_by_key
from bot.services.duties import find_duty, open_questions, read_duty
from bot.services.situation import situation_of
from bot.store.tables import ClockRow, Incident, Person
from bot.store.unit_of_work import Tx

NEAR_SHOWN = 6
"""Ids that are suggested for a word that begins several."""
FOLLOWING_SHOWN = 6
"""Other clocks that an act started or moved, as far as the answer names them."""


def clock(desk: Desk, call: Call, rest: str) -> Reply:
    """Show clocks (`clock`, `clock all`, `clock ID`), ask for facts, or decide about one."""
    ref, words = split_ref(rest)
    first, _, more = words.partition(" ")
    verb, more = first.lower(), more.strip()
    if not verb:
        return look(desk, lambda session: _overview(desk, session, call, ref))
    if verb == "all":
        return look(desk, lambda session: _all(desk, session, call, ref, more))
    if verb == "questions":
        return question_form.ask(desk, call, ref)
    if verb in ACTS:
        key, _, said = more.partition(" ")
        if not key:
            raise UsageError(f"Name the clock: `/incident clock {_USAGE[verb]}`.")
        return change(
            desk, call, lambda tx: _act(tx, call, ref, verb=verb, word=key, said=said.strip())
        )
    return look(desk, lambda session: _one(desk, session, call, ref, first))


def _overview(desk: Desk, session: Session, call: Call, ref: str) -> Reply:
    incident = find_incident(session, call, ref)
    call = at_its_time(session, incident, call)
    situation = situation_of(session, incident, desk.store.rules)
    asked = open_questions(session, desk.store.rules, incident, now=call.now).asked
    blocks = clock_overview(situation, asked, call.now)
    return Reply(text=f"Clocks of {situation.ref}", blocks=tuple(blocks))


def _all(desk: Desk, session: Session, call: Call, ref: str, more: str) -> Reply:
    if more and not more.isdecimal():
        raise UsageError(f"“{more}” isn't a page: write `/incident clock all 2`.")
    incident = find_incident(session, call, ref)
    call = at_its_time(session, incident, call)
    situation = situation_of(session, incident, desk.store.rules)
    page = int(more[:6]) if more else 1
    blocks, _pages = clock_page(situation, call.now, page=page)
    return Reply(text=f"All clocks of {situation.ref}", blocks=tuple(blocks))


def _one(desk: Desk, session: Session, call: Call, ref: str, word: str) -> Reply:
    """Show one duty of the pack, or one of our own targets, in full."""
    incident = find_incident(session, call, ref)
    call = at_its_time(session, incident, call)
    duty = find_duty(desk.store.rules, word)
    if duty is not None:
        view = read_duty(session, duty, incident, now=call.now)
        blocks = duty_blocks(view, call.now)
        return Reply(text=f"{duty.id} in {incident.ref}", blocks=tuple(blocks))
    situation = situation_of(session, incident, desk.store.rules)
    for one in situation.clocks:
        if one.key.lower() == word.lower():
            blocks = containment_blocks(one, call.now)
            return Reply(text=f"{one.key} in {incident.ref}", blocks=tuple(blocks))
    raise _unknown_word(word, desk, situation)


def _unknown_word(word: str, desk: Desk, situation: Situation) -> UsageError:
    """Guess what was meant: a word of ours, or else the id of a duty or target."""
    verb = nearest(word.lower(), [*_USAGE])
    keys = [*desk.store.rules.obligations, *(one.key for one in situation.clocks)]
    if verb:
        guess = f"{verb} ID" if verb in ACTS else verb
        hint = f" Did you mean `/incident clock {guess}`?"
    else:
        hint = _near_ids(word, keys)
    verbs = ", ".join(f"`{one}`" for one in _USAGE)
    return UsageError(
        f"“{word}” is no clock and no duty.{hint} There is: {verbs}, and the id of any duty."
    )


def _near_ids(word: str, keys: Iterable[str]) -> str:
    """Suggest the ids that begin with a word, such as a state's code, or else the nearest one."""
    known = {key.lower(): key for key in keys}
    begin = [key for low, key in known.items() if low.startswith(f"{word.lower()}-")]
    if begin:
        more = f" and {len(begin) - NEAR_SHOWN} more" if len(begin) > NEAR_SHOWN else ""
        listed = ", ".join(f"`{key}`" for key in begin[:NEAR_SHOWN])
        return f" Did you mean one of {listed}{more}?"
    near = nearest(word.lower(), [*known])
    return f" Did you mean `{known[near]}`?" if near else ""


def _key_of(tx: Tx, incident: Incident, word: str) -> str:
    """Read the id of a clock or duty in any case, or raise `UsageError` with the nearest."""
    rows = rows_by_key(tx, incident)
    known = {key.lower(): key for key in (*tx.rules.obligations, *rows)}
    found = known.get(word.lower().strip("`"))
    if found:
        return found
    hint = _near_ids(word, known.values())
    raise UsageError(
        f"“{word}” is no clock and no duty.{hint} `/incident clock all` shows the clocks of "
        f"{incident.ref}."
    )


def _act(tx: Tx, call: Call, ref: str, *, verb: str, word: str, said: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    key = _key_of(tx, incident, word)
    before = _courses(tx, incident)
    row, told = ACTS[verb](tx, incident, key, said, actor)
    lines = [told, *_now(row, before.get(key)), *_following(tx, incident, key, before)]
    return say("\n".join(lines))


def _courses(tx: Tx, incident: Incident) -> dict[str, tuple[str, datetime | None]]:
    """Note state and deadline of every clock, to see later what an act has moved."""
    return {key: (row.state, row.due_at) for key, row in rows_by_key(tx, incident).items()}


def _now(row: ClockRow, before: tuple[str, datetime | None] | None) -> list[str]:
    """Say where the clock stands now, beside the deadline that it had."""
    if row.state in {ClockState.MET, ClockState.WAIVED}:
        return []
    due = f", due {when_legal(row.due_at)}" if row.due_at else ""
    was = before[1] if before else None
    moved = f" (before: {when_legal(was)})" if was and was != row.due_at else ""
    return [
        f"It is now *{row.state.replace('_', ' ')}*{due}{moved}. {escape(cut(row.reason, 400))}"
    ]


def _following(
    tx: Tx, incident: Incident, key: str, before: Mapping[str, tuple[str, datetime | None]]
) -> list[str]:
    """Name the other clocks that this act started, moved or ended."""
    lines = []
    for other, row in rows_by_key(tx, incident).items():
        was = before.get(other)
        if other == key or was == (row.state, row.due_at):
            continue
        due = f", due {when_legal(row.due_at)}" if row.due_at else ""
        state = row.state.replace("_", " ")
        word = state if was is None or was[0] != row.state else "deadline moved"
        lines.append(f"↳ *{escape(row.title)}* `{other}`: {word}{due}")
    rest = len(lines) - FOLLOWING_SHOWN
    more = [f"… and {rest} more: `/incident clock all`"] if rest > 0 else []
    return ["*What follows*", *lines[:FOLLOWING_SHOWN], *more] if lines else []


def _met(tx: Tx, incident: Incident, key: str, said: str, actor: Person) -> tuple[ClockRow, str]:
    met = read_met(said, now=tx.now, zone=zone_of(tx.rules, actor))
    row = clock_marks.meet_clock(
        tx, incident, key, proof=met.proof, actor=actor, at=met.at, why_late=met.why_late
    )
    at = f" as of {when_legal(row.met_at)}" if row.met_at and met.at else ""
    late = " It was late; the record says so." if row.detail.get("met_late") else ""
    return row, f"✅ {row.key} is met{at}.{late}"


def _waive(tx: Tx, incident: Incident, key: str, said: str, actor: Person) -> tuple[ClockRow, str]:
    row = clock_marks.waive_clock(tx, incident, key, reason=plain_reason(said), actor=actor)
    return row, f"➖ {row.key} is waived, with your reason on the record."


def _overrule(
    tx: Tx, incident: Incident, key: str, said: str, actor: Person
) -> tuple[ClockRow, str]:
    ruling = read_ruling(said, key=key, now=tx.now, zone=zone_of(tx.rules, actor))
    row = clock_rulings.overrule_clock(
        tx,
        incident,
        key,
        reason=ruling.reason,
        actor=actor,
        applies=ruling.applies,
        due_at=ruling.due_at,
    )
    if ruling.applies is None and ruling.due_at is None:
        return row, f"↩️ The ruling on {key} is withdrawn; our own answer counts again."
    return row, f"⚖️ Your ruling on {key} counts, with its reason on the record."


def _extend(tx: Tx, incident: Incident, key: str, said: str, actor: Person) -> tuple[ClockRow, str]:
    row = clock_rulings.extend_clock(tx, incident, key, reason=plain_reason(said), actor=actor)
    return row, f"⏩ {key} is extended, as the law allows on its condition."


def _toll(tx: Tx, incident: Incident, key: str, said: str, actor: Person) -> tuple[ClockRow, str]:
    number, reason = read_hold(said, key=key)
    row = clock_rulings.toll_clock(tx, incident, key, evidence=number, reason=reason, actor=actor)
    told = f"⏸️ {key} is held for law enforcement on E-{number}: nobody may be told meanwhile."
    return row, f"{told} Once they agree: `/incident clock clear {key}`."


def _clear(tx: Tx, incident: Incident, key: str, _said: str, actor: Person) -> tuple[ClockRow, str]:
    row = clock_rulings.clear_clock(tx, incident, key, actor=actor)
    return row, f"▶️ {key} is cleared by law enforcement."


ACTS: Mapping[str, Callable[[Tx, Incident, str, str, Person], tuple[ClockRow, str]]] = {
    "met": _met,
    "waive": _waive,
    "overrule": _overrule,
    "extend": _extend,
    "toll": _toll,
    "clear": _clear,
}
"""What people decide about a clock; each returns its row and what happened, in a sentence."""

_USAGE = {
    "all": "all",
    "questions": "questions",
    "met": "met US-CA-AG …",
    "waive": "waive US-CA-AG why",
    "overrule": f"overrule US-CA-AG due {DUE} because …",
    "extend": "extend EU-GDPR-33-SA because …",
    "toll": "toll US-CA-IND evidence 3 because …",
    "clear": "clear US-CA-IND",
}
"""The words after `/incident clock`, each with an example."""
