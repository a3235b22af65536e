"""`/incident evidence`: what is preserved, its custody, holds and disposal."""

import re
from collections.abc import Callable

from bot.blocks import custody as blocks
from bot.blocks.lists import evidence_blocks
from bot.blocks.words import escape, when
from bot.listeners import collect_form
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
from bot.services import custody, holds, retention
from bot.services import evidence as evidence_service
from bot.services.access import person_for
from bot.services.custody_file import item_file
from bot.services.situation import situation_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx, reading

_NUMBER = re.compile(r"^(?:E-|H-|#)?(\d{1,5})\b\s*(.*)$", re.IGNORECASE | re.DOTALL)


def evidence(desk: Desk, call: Call, rest: str) -> Reply:
    """Show what is preserved, or one item; `evidence seal 2` and its like act on one."""
    ref, words = split_ref(rest)
    verb_word, _, more = words.partition(" ")
    verb_word = verb_word.lower()
    if not verb_word:
        with reading(desk.store) as session:
            incident = find_incident(session, call, ref)
            situation = situation_of(session, incident, desk.store.rules)
        shown = tuple(evidence_blocks(situation))
        return Reply(text=f"Evidence of {situation.ref}", blocks=shown)
    if verb_word == "collect":
        return collect_form.ask(desk, call, ref, more.strip())
    number = _NUMBER.fullmatch(words.strip())
    if number and not number[2]:
        return _show(desk, call, ref, int(number[1]))
    if number:
        usage = blocks.USAGE.format(n=number[1])
        raise UsageError(f"Say first what to do with E-{number[1]}: {usage}.")
    if verb_word == "hold":
        return change(desk, call, lambda tx: _hold(tx, call, ref, more))
    if verb_word not in VERBS:
        raise did_you_mean(verb_word, [*VERBS, "hold", "collect"], "/incident evidence {} 2")
    match = _NUMBER.fullmatch(more.strip())
    if match is None:
        raise UsageError(f"Give the item's number: `/incident evidence {verb_word} 2`.")
    wanted, said = int(match[1]), match[2].strip()

    def act(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        return VERBS[verb_word](tx, incident, wanted, said, actor)

    return change(desk, call, act)


def _show(desk: Desk, call: Call, ref: str, number: int) -> Reply:
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        file = item_file(session, desk.store, incident, number)
    if file is None:
        raise UsageError(f"{incident.ref} has no E-{number}. `/incident evidence` lists them.")
    item = file.item
    digest = f" · SHA-256 `{item.sha256}`" if item.sha256 else ""
    sealed = f" · 🔏 sealed {when(item.sealed_at)}" if item.sealed_at else ""
    shown = blocks.item_blocks(
        head=f"*E-{number} {escape(item.title)}* · {item.state}{digest}{sealed}",
        holder=file.custodian,
        waits_for=file.receiver,
        steps=[(one.at, one.who, one.words) for one in file.steps],
        number=number,
        link=f"{desk.base_url}/incidents/{incident.ref}/evidence/{number}/item",
    )
    return Reply(text=f"E-{number} of {incident.ref}", blocks=tuple(shown))


def receive_pressed(desk: Desk, call: Call, value: str) -> Reply:
    """The button “I have received it”: what was answered takes its place in the message."""
    ref, _, number = value.partition("|")

    def act(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        reply = _receive(tx, incident, int(number), "", actor)
        _mark(tx, incident, call)
        return reply

    return change(desk, call, act)


def _mark(tx: Tx, incident: Incident, call: Call) -> None:
    kept = call.message.get("blocks") or []
    if kept and call.message.get("ts") and call.channel:
        words = f"✅ Received by <@{call.user}> {when(call.now)}"
        tx.enqueue(
            "reword",
            incident,
            channel=call.channel,
            ts=str(call.message["ts"]),
            text=str(call.message.get("text", "")),
            blocks=blocks.answered(kept, words),
        )


def _seal(tx: Tx, incident: Incident, number: int, _said: str, actor: Person) -> Reply:
    item = evidence_service.seal_item(tx, incident, number, actor=actor)
    return say(f"🔏 E-{number} is sealed: SHA-256 `{item.sha256}`.")


def _transfer(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    slack_id, note = read_person(said)
    custody.release_item(tx, incident, number, person_for(tx, slack_id), note=note, actor=actor)
    return say(
        f"📦 E-{number} is released to <@{slack_id}>. It is theirs when they say that they have "
        f"it; until then it is yours. `/incident evidence withdraw {number}` takes it back."
    )


def _receive(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    item = custody.receive_item(tx, incident, number, note=said, actor=actor)
    return say(f"✅ You hold E-{number} of {incident.ref} now: {escape(item.title)}.")


def _refuse(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    custody.refuse_item(tx, incident, number, reason=said, actor=actor)
    return say(f"↩️ You refused E-{number}; it stays with whoever released it.")


def _withdraw(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    custody.withdraw_transfer(tx, incident, number, note=said, actor=actor)
    return say(f"↩️ E-{number} isn't on its way any more.")


def _copy(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    custody.record_copy(tx, incident, number, note=said, actor=actor)
    return say(f"📝 The copy of E-{number} is in the record.")


def _analyse(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    custody.record_analysis(tx, incident, number, note=said, actor=actor)
    return say(f"📝 The analysis of E-{number} is in the record.")


def _derive(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    title, colon, note = said.partition(":")
    if not colon:
        raise UsageError(
            f"Say what it is and how it was made, with a colon between: "
            f"`/incident evidence derive {number} disk image: ewfacquire 20240506`."
        )
    item = custody.derive_item(tx, incident, number, title=title, note=note, actor=actor)
    return say(f"🧬 E-{item.number} is recorded, made from E-{number}: {escape(item.title)}.")


def _return(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    custody.return_item(tx, incident, number, note=said, actor=actor)
    return say(f"📤 E-{number} is recorded as given back.")


def _keep(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    wanted = "" if said.lower() == "none" else said.lower()
    if not said:
        known = "\n".join(f"• `{one.id}` {one.short()}" for one in tx.rules.retention.values())
        raise UsageError(
            f"Say to which class of record it belongs: `/incident evidence keep {number} CLASS`; "
            f"`none` keeps it until somebody asks. There is:\n"
            f"{known or 'none yet (playbooks/retention.yaml)'}"
        )
    item = retention.set_retention(tx, incident, number, wanted, actor=actor)
    until = f"until {when(item.keep_until)}" if item.keep_until else "until somebody asks"
    kept = tx.rules.retention.get(wanted)
    told = f"\n{escape(kept.told())}" if kept else ""
    return say(f"🗓️ E-{number} is kept {until}. Then Legal is asked; nothing goes by itself.{told}")


def _dispose(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    retention.ask_disposal(tx, incident, number, reason=said, actor=actor)
    return say(f"🗑️ Legal is asked whether E-{number} may be destroyed.")


def _approve(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    retention.answer_disposal(tx, incident, number, approve=True, reason=said, actor=actor)
    return say(f"🗑️ E-{number} is being destroyed; the record of it stays, with its digest.")


def _decline(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    retention.answer_disposal(tx, incident, number, approve=False, reason=said, actor=actor)
    return say(f"↩️ E-{number} is kept.")


def _hold(tx: Tx, call: Call, ref: str, said: str) -> Reply:
    incident, actor = acting(tx, call, ref)
    row = holds.place_hold(tx, incident, reason=said, actor=actor)
    return say(
        f"⚖️ Legal hold *H-{row.number}* is on {incident.ref}: nothing is erased or disposed of. "
        f"`/incident evidence unhold {row.number} why` releases it."
    )


def _unhold(tx: Tx, incident: Incident, number: int, said: str, actor: Person) -> Reply:
    holds.release_hold(tx, incident, number, reason=said, actor=actor)
    return say(f"⚖️ H-{number} on {incident.ref} is released.")


VERBS: dict[str, Callable[[Tx, Incident, int, str, Person], Reply]] = {
    "seal": _seal,
    "transfer": _transfer,
    "receive": _receive,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "copy": _copy,
    "analyse": _analyse,
    "derive": _derive,
    "return": _return,
    "keep": _keep,
    "dispose": _dispose,
    "approve": _approve,
    "decline": _decline,
    "unhold": _unhold,
}
"""What can be done with the item, or the hold, of a number."""
