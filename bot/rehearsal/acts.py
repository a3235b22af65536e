"""What a scripted player can do: each act is the very service that a command or page calls.

Decides plausible values where a script leaves them out. Nothing here is a shortcut past a rule: a
refusal is an answer that the run keeps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import FactKey, FactValue, from_json, parse_key
from bot.domain.incident import Severity
from bot.domain.notice_checks import blocking_gaps
from bot.domain.notices import NoticeState
from bot.domain.roles import Role
from bot.services import (
    custody,
    evidence,
    exercises,
    holds,
    incidents,
    notice_review,
    notices,
    roles,
    tasks,
)
from bot.services.decisions import decide
from bot.services.facts import NewFact, record_facts
from bot.store.exercise_queries import run_of
from bot.store.notice_tables import NoticeRow
from bot.store.queries import (
    evidence_items,
    facts_of,
    notice_of,
    notice_versions,
    notices_of,
    tasks_of,
)
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

NOTE = (
    "Known: what the last report says. Not known yet: whether data was read. Affected: customers "
    "of one product. We closed the access and preserve the logs. Forensics owns the count, due in "
    "two hours. Next update at the full hour."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing that a player does. `what` is a word of `ACTS`."""

    what: str
    role: Role
    values: Mapping[str, Any]


Cast = Mapping[Role, Person]

_COUNTS = {"records_total": 3_600, "residents": 120}
"""More records than people, and fewer people in one place than in all: else a number is refused."""


def perform(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    """Do one act; raises what the service raises, in words."""
    tx.enter(incident)
    ACTS[act.what](tx, incident, act, cast)


def plausible(key: FactKey, wanted: Any, *, starts: datetime, now: datetime) -> FactValue:
    """Return a value that a fact of this key may have; `wanted` if a script names one."""
    spec = FACT_TYPES[key.name]
    if wanted is not None:
        return from_json(key, wanted)
    if spec.kind is FactKind.INSTANT:
        earlier = {"breach_started_at": 36, "breach_ended_at": 2, "discovered_at": 1}
        at = starts - timedelta(hours=earlier.get(key.name, 0))
        return min(at if key.name in {*earlier, "aware_at"} else now, now)
    if spec.kind is FactKind.DATE:
        return (now + timedelta(days=90)).date()
    if spec.kind is FactKind.COUNT:
        return 24 if key.name.endswith("months") else _COUNTS.get(key.name, 1_200)
    if spec.kind is FactKind.YES_NO:
        return True
    if spec.kind is FactKind.CHOICES:
        return tuple(spec.choices[:2])
    if spec.kind is FactKind.CHOICE:
        return spec.choices[0]
    return spec.example if spec.example.strip("…") else "Recorded in the exercise."


def _actor(act: Act, cast: Cast) -> Person:
    return cast.get(act.role) or cast[Role.COMMANDER]


def _starts(tx: Tx, incident: Incident) -> datetime:
    run = run_of(tx.session, incident)
    return run.starts_ex if run else tx.now


def _fact(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    key = parse_key(str(act.values["key"]))
    value = plausible(key, act.values.get("value"), starts=_starts(tx, incident), now=tx.now)
    known = facts_of(tx.session, incident).get(str(key))
    if known is not None and known.value == value and isinstance(value, int):
        value = value + 250 if not isinstance(value, bool) else value
    new = NewFact(key=key, value=value, source="stated in the exercise")
    record_facts(tx, incident, [new], actor=_actor(act, cast))


def _note(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    text = str(act.values.get("text") or NOTE)
    evidence.record_note(tx, incident, text, actor=_actor(act, cast))


def _preserve(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    number = len(evidence_items(tx.session, incident)) + 1
    text = str(act.values.get("text") or "Log export, read-only, as received")
    message = {"ts": f"{number}.000100", "user": "U0HEADLESS", "text": text}
    evidence.preserve_message(tx, incident, message, channel="C0HEADLESS", actor=_actor(act, cast))


def _seal(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    if not evidence_items(tx.session, incident):
        _preserve(tx, incident, act, cast)
    item = next(one for one in evidence_items(tx.session, incident) if one.sealed_at is None)
    evidence.seal_item(tx, incident, item.number, actor=cast[Role.FORENSICS])


def _transfer(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    if not evidence_items(tx.session, incident):
        _preserve(tx, incident, act, cast)
    item = evidence_items(tx.session, incident)[-1]
    holder = next(one for one in cast.values() if one.id == custody.custodian_id(item))
    taker = next(one for one in cast.values() if one.id != holder.id)
    custody.release_item(tx, incident, item.number, taker, note="for safe keeping", actor=holder)


def _decide(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    run = exercises.going_run(tx, incident)
    scenario = exercises.scenario_of(run)
    decision = scenario.decision(str(act.values["decision"]))
    option = str(act.values.get("option") or (decision.options[0].id if decision else ""))
    decide(
        tx,
        incident,
        run,
        scenario,
        decision_id=str(act.values["decision"]),
        option=option,
        rationale=str(act.values.get("because") or "Agreed by Commander and Legal on the facts."),
        actor=_actor(act, cast),
    )


def _severity(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    to = Severity(str(act.values.get("to") or "SEV1"))
    incidents.change_severity(tx, incident, to, reason="more is known", actor=cast[Role.COMMANDER])


def _contain(tx: Tx, incident: Incident, _act: Act, cast: Cast) -> None:
    incidents.contain(tx, incident, at=tx.now, note="access closed", actor=cast[Role.COMMANDER])


def _hold(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    reason = str(act.values.get("reason") or "claims are likely")
    holds.place_hold(tx, incident, reason=reason, actor=cast[Role.LEGAL])


def _task(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    wanted = str(act.values["task"])
    row = next(one for one in tasks_of(tx.session, incident) if one.key == wanted)
    owner = cast.get(Role(row.owner_role)) or cast[Role.COMMANDER]
    tasks.complete_task(tx, incident, row.number, note="done in the exercise", actor=owner)


def _deputy(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    role = Role(str(act.values.get("of") or "legal"))
    deputy = cast[Role.COMMS if role is not Role.COMMS else Role.FORENSICS]
    roles.name_deputy(tx, incident, role, deputy, actor=cast[Role.COMMANDER])


def _notice(tx: Tx, incident: Incident, act: Act, cast: Cast) -> None:
    """Bring a notice as far as `to` says: submitted, approved or sent; gaps are filled first."""
    template = str(act.values["template"])
    to, comms, legal = str(act.values.get("to") or "approved"), cast[Role.COMMS], cast[Role.LEGAL]
    row = _live_notice(tx, incident, template) or notices.draft_notice(
        tx, incident, template, actor=comms
    )
    _fill_gaps(tx, incident, row, legal)
    if row.state == NoticeState.DRAFT:
        notices.submit_notice(tx, incident, row.number, actor=comms)
    if to == "submitted":
        return
    _approve(tx, incident, row.number, legal)
    if to == "sent":
        notice_review.release_notice(tx, incident, row.number, actor=cast[Role.COMMANDER])
        notices.mark_sent(tx, incident, row.number, proof="portal, number 4711", actor=legal)


def _live_notice(tx: Tx, incident: Incident, template: str) -> NoticeRow | None:
    live = {NoticeState.DRAFT, NoticeState.IN_REVIEW}
    rows = [one for one in notices_of(tx.session, incident) if one.template_id == template]
    return next((one for one in rows if one.state in live), None)


def _fill_gaps(tx: Tx, incident: Incident, row: NoticeRow, actor: Person) -> None:
    template, starts = tx.rules.notices[row.template_id], _starts(tx, incident)
    for _try in range(3):  # a fact can ask for another one
        gaps = blocking_gaps(template, facts_of(tx.session, incident), now=tx.now)
        if not gaps:
            return
        new = [
            NewFact(
                key=key,
                value=plausible(key, None, starts=starts, now=tx.now),
                source="stated in the exercise",
            )
            for key in dict.fromkeys(parse_key(one.fact) for one in gaps)
        ]
        record_facts(tx, incident, new, actor=actor)


def _approve(tx: Tx, incident: Incident, number: int, legal: Person) -> None:
    row = notice_of(tx.session, incident, number)
    if row is None or row.state != NoticeState.IN_REVIEW:
        return
    ready = notices.prepare_notice(
        tx.rules.notices[row.template_id],
        facts_of(tx.session, incident),
        row,
        notice_versions(tx.session, row)[-1],
        ref=incident.ref,
        marking=notices.marking_of(row, incident, state=NoticeState.APPROVED),
        on=tx.now,
        house=tx.store.house,
    )
    pdf = tx.store.artifacts.store([ready.pdf])
    notices.approve_notice(tx, incident, number, prepared=ready, pdf=pdf, actor=legal)


ACTS: Mapping[str, Callable[[Tx, Incident, Act, Cast], None]] = MappingProxyType(
    {
        "fact": _fact,
        "note": _note,
        "preserve": _preserve,
        "seal": _seal,
        "transfer": _transfer,
        "decide": _decide,
        "severity": _severity,
        "contain": _contain,
        "hold": _hold,
        "task": _task,
        "deputy": _deputy,
        "notice": _notice,
    }
)
"""What a scripted player can do, by the word that a script uses."""
