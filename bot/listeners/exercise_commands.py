"""`/incident exercise`: start a run, steer it, decide, stop it.

Reads the words and calls one service; who may do what is decided there.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.blocks.words import escape
from bot.domain.incident import IncidentError
from bot.domain.roles import Role, read_role
from bot.listeners.desk import (
    Call,
    Desk,
    Reply,
    UsageError,
    acting,
    change,
    did_you_mean,
    say,
    split_ref,
)
from bot.services import exercises, injects, outbound
from bot.services.access import person_for
from bot.services.corrective_actions import finish_action
from bot.services.decisions import decide
from bot.services.exercise_steps import settle
from bot.store.queries import incident_by_channel
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

_PLAYER = re.compile(r"([a-z]+)\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", re.IGNORECASE)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|minutes?|h|hours?)", re.IGNORECASE)
_WITHIN = re.compile(rf"(?:\bin\s+)?\b{_SPAN.pattern}\b", re.IGNORECASE)
_OBSERVERS = re.compile(r"\bobservers?\b((?:[\s,]*<@[^>]*>)*)", re.IGNORECASE)
_PACE = re.compile(r"\bpace\s+(\S+)", re.IGNORECASE)
_SEED = re.compile(r"\bseed\s+(\S+)", re.IGNORECASE)
_OUTSIDE = re.compile(r"\boutside\s+(.+)$", re.IGNORECASE)

USAGE = (
    "`/incident exercise start helpdesk_takeover commander @ana legal @lena forensics @farid comms "
    "@chris observers @sam in 90m seed 7`"
)


def exercise(desk: Desk, call: Call, rest: str) -> Reply:
    """List the scenarios, start one, or steer the run of this channel."""
    ref, words = split_ref(rest)
    verb, _, more = words.partition(" ")
    verb, more = verb.lower(), more.strip()
    if not ref and verb != "start":
        # In a direct message people name the run where it comes to their mind: before or after.
        ref, more = split_ref(more)
    if verb in {"", "list"}:
        return _list(desk)
    if verb == "start":
        return change(desk, call, lambda tx: _start(tx, desk, call, more))
    if verb not in VERBS:
        raise did_you_mean(verb, ["list", "start", *VERBS], "/incident exercise {}")

    def act(tx: Tx) -> Reply:
        incident, actor = acting(tx, call, ref)
        return VERBS[verb](tx, incident, more, actor)

    return change(desk, call, act)


def _list(desk: Desk) -> Reply:
    lines = [
        f"• *{one.id}*: {escape(one.title)} · {one.kind.value} · {len(one.injects)} injects · "
        f"{int(one.play.total_seconds() // 60)} minutes"
        for one in desk.store.rules.scenarios.values()
    ]
    return say("\n".join(["🎓 *Exercises*", *lines, f"Start one: {USAGE}"]))


def _start(tx: Tx, desk: Desk, call: Call, words: str) -> Reply:
    here = incident_by_channel(tx.session, call.channel)
    if here is not None:
        raise IncidentError(
            f"This is the channel of {here.ref}. Start an exercise elsewhere, so that nobody takes "
            f"one for the other: it gets a channel of its own."
        )
    request = _request(words)
    incident = exercises.start_exercise(tx, request, actor=person_for(tx, call.user))
    link = f"{desk.base_url}/incidents/{incident.ref}/exercise"
    return say(
        f"🎓 *{incident.ref}* is running. Its channel comes in a moment; you steer it from "
        f"<{link}|your console>. Nothing of it can leave the house."
    )


def _request(words: str) -> exercises.StartExercise:
    """Read a start; a word that nothing is known of is refused, or it would do nothing unseen."""
    scenario, _, rest = words.partition(" ")
    if not scenario:
        raise UsageError(f"Name the scenario and the players: {USAGE}.")
    observers, rest = _take(_OBSERVERS, rest)
    pace, rest = _take(_PACE, rest)
    span, rest = _take(_WITHIN, rest)
    seed, rest = _take(_SEED, rest)
    outside, rest = _take(_OUTSIDE, rest)
    if pace and span:
        raise UsageError("Give a time or a pace, not both: one follows from the other.")
    players = _players(_PLAYER.findall(rest))
    if left := " ".join(_PLAYER.sub(" ", rest).replace(",", " ").split()):
        raise UsageError(f"I don't understand “{escape(left)}” here. Write it so: {USAGE}.")
    return exercises.StartExercise(
        scenario_id=scenario.lower(),
        players=players,
        observers=tuple(_MENTION.findall(observers[1])) if observers else (),
        outside_observer=outside[1].strip() if outside else "",
        within=_span(span) if span else None,
        factor=_number(pace, "pace 48") if pace else None,
        seed=_number(seed, "seed 7") if seed else 1,
    )


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    """Find a part of a command; return it, and the text without it."""
    match = pattern.search(text)
    return match, text if match is None else f"{text[: match.start()]} {text[match.end() :]}"


def _players(named: Sequence[tuple[str, str]]) -> dict[Role, str]:
    players: dict[Role, str] = {}
    for word, slack_id in named:
        try:
            role = read_role(word)
        except ValueError as error:
            raise UsageError(f"{error} {USAGE}") from error
        if players.setdefault(role, slack_id) != slack_id:
            raise UsageError(f"{role.value.capitalize()} is named twice. One person plays a role.")
    return players


def _number(match: re.Match[str], example: str) -> int:
    if not match[1].isdecimal():
        raise UsageError(f"“{escape(match[1])}” is no whole number: write `{example}`.")
    return int(match[1][:10])


def _span(match: re.Match[str]) -> timedelta:
    number = int(match[1])
    hours = match[2].lower().startswith("h")
    return timedelta(hours=number) if hours else timedelta(minutes=number)


def _hold(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    exercises.hold_exercise(tx, incident, reason=said, actor=actor)
    return say(f"⏸️ {incident.ref} is held. `/incident exercise resume` goes on.")


def _resume(tx: Tx, incident: Incident, _said: str, actor: Person) -> Reply:
    exercises.resume_exercise(tx, incident, actor=actor)
    return say(f"▶️ {incident.ref} goes on.")


def _jump(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    match = _SPAN.search(said)
    if match is None:
        raise UsageError("Say how far, in exercise time: `/incident exercise jump 6h`.")
    exercises.jump_exercise(tx, incident, by=_span(match), actor=actor)
    return say(f"⏩ {incident.ref} has moved on by {match[0]}.")


def _pace(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    if not said.isdecimal():
        raise UsageError("Say how many times as fast as the wall clock: `exercise pace 48`.")
    exercises.pace_exercise(tx, incident, factor=int(said[:9]), actor=actor)
    return say(f"⏱️ {incident.ref} runs {int(said)} times as fast as the wall clock.")


def _release(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    run = exercises.going_run(tx, incident)
    exercises.check_facilitator(tx, run, actor)
    row = injects.release_inject(tx, incident, run, said.split(" ", maxsplit=1)[0], actor=actor)
    return say(f"📤 {row.inject_id} is delivered.")


def _keep_back(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    run = exercises.going_run(tx, incident)
    exercises.check_facilitator(tx, run, actor)
    row = injects.hold_inject(tx, incident, run, said.split(" ", maxsplit=1)[0], actor=actor)
    return say(f"✋ {row.inject_id} waits for you: `/incident exercise release {row.inject_id}`.")


def _skip(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    run = exercises.going_run(tx, incident)
    exercises.check_facilitator(tx, run, actor)
    inject_id, _, why = said.partition(" ")
    row = injects.skip_inject(tx, incident, run, inject_id, why=why, actor=actor)
    return say(f"⏭️ {row.inject_id} is left out.")


def _decide(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    match = re.match(r"(D\d+)\s+(\w+)\s+(?:because\s+)?(.+)", said, re.IGNORECASE | re.DOTALL)
    if match is None:
        raise UsageError("Say what and why: `/incident exercise decide D1 refuse because …`.")
    run = exercises.going_run(tx, incident)
    scenario = exercises.scenario_of(run)
    row = decide(
        tx,
        incident,
        run,
        scenario,
        decision_id=match[1],
        option=match[2],
        rationale=match[3],
        actor=actor,
    )
    return say(f"🗳️ {row.decision_id} is decided: {row.option}.")


def _end(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    exercises.end_exercise(tx, incident, reason=said, actor=actor)
    settle(tx, incident)
    return say(f"🏁 ENDEX: {incident.ref} is over. In an hour you hear what the report lacks.")


def _stop(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    exercises.end_exercise(tx, incident, aborted=True, reason=said, actor=actor)
    settle(tx, incident)
    return say(f"🛑 {incident.ref} is stopped.")


def _real_world(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    exercises.call_real_world(tx, incident, reason=said, actor=actor)
    return say(f"🛑 Real-world event: {incident.ref} stands still. Do what is real first.")


def _done(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    number, _, note = said.partition(" ")
    if not number.isdecimal():
        raise UsageError("Give the action and what shows it: `exercise done 2 the runbook, v3`.")
    row = finish_action(tx, incident, int(number), note=note, actor=actor)
    return say(f"✅ A-{row.number} is done.")


def _retract(tx: Tx, incident: Incident, said: str, actor: Person) -> Reply:
    outbound.retract(tx, incident, text=said, actor=actor)
    return say(f"↩️ The retraction goes into the channel of {incident.ref}.")


VERBS: dict[str, Callable[[Tx, Incident, str, Person], Reply]] = {
    "hold": _hold,
    "resume": _resume,
    "jump": _jump,
    "pace": _pace,
    "release": _release,
    "keep": _keep_back,
    "skip": _skip,
    "decide": _decide,
    "end": _end,
    "done": _done,
    "stop": _stop,
    "retract": _retract,
    "real-world": _real_world,
}
"""What can be done with the run of this channel."""
