"""An evidence entry in words: what the timeline says of each event.

Pure: takes the event, its open data and the texts behind its commitments (which may be erased),
and gives one line. Which entries are shown, and to whom, is not decided here.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.situation import words_for

ERASED = "(erased)"

Data = Mapping[str, Any]


def describe(event: str, data: Data, texts: Data) -> str:
    """Say in one line what happened; an unknown event is named, never hidden."""
    say = _WORDS.get(event)
    return say(data, texts) if say else event.replace(".", " ").replace("_", " ")


def is_routine(event: str) -> bool:
    """Tell whether the entry is bookkeeping that a short timeline leaves out."""
    return event in {
        "log.opened",
        "clock.waiting",
        "incident.member_joined",
        "incident.member_left",
        "task.created",
        "notice.downloaded",
    }


GENERIC = frozenset(
    {
        "corrective_action.assigned",
        "corrective_action.done",
        "corrective_action.reopened",
        "exercise.aborted",
        "exercise.branch_taken",
        "exercise.decision_recorded",
        "exercise.ended",
        "exercise.expectation_met",
        "exercise.expectation_missed",
        "exercise.feedback_given",
        "exercise.held",
        "exercise.inject_added",
        "exercise.inject_delivered",
        "exercise.inject_held",
        "exercise.inject_released",
        "exercise.inject_skipped",
        "exercise.jumped",
        "exercise.observed",
        "exercise.rated",
        "exercise.real_world_called",
        "exercise.report_locked",
        "exercise.report_made",
        "exercise.resumed",
        "exercise.started",
        "notice.assigned",
        "notice.comment_resolved",
        "notice.commented",
        "notice.privilege_cleared",
        "notice.privilege_marked",
        "notice.read",
        "notice.released",
        "outbound.captured",
        "outbound.granted",
        "outbound.refused",
        "outbound.retracted",
        "checkpoint.recorded",
        "incident.renamed",
        "role.released",
        "task.skipped",
        "evidence.verified",
        "notice.superseded",
        "partner.called",
        "decision.recorded",
        "log.anchored",
        "log.anchor_failed",
        "key.rotated",
    }
)
"""Words of the log that no service writes yet; they are told by their name."""


def _t(texts: Data, name: str) -> str:
    return str(texts.get(name, ERASED))


def _plus(texts: Data, name: str) -> str:
    return f": {texts[name]}" if texts.get(name) else ""


def _value(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


def _fact(data: Data, texts: Data) -> str:
    value = _value(data.get("value", texts.get("value", ERASED)))
    return f"{data['key']} = {value} ({data['confidence']}; {_t(texts, 'source')})"


def _at(instant: Any) -> str:
    """Show a stored instant, `2026-11-19T09:00:00Z`, as people read it."""
    return str(instant).replace("T", " ").removesuffix(":00Z").removesuffix("Z") + " UTC"


def _clock(word: str) -> Callable[[Data, Data], str]:
    def say(data: Data, texts: Data) -> str:
        due = f", due {_at(data['due_at'])}" if data.get("due_at") else ""
        return f"Clock {data['clock']} {word}{due}{_plus(texts, 'reason')}"

    return say


def _notice(word: str, text: str = "") -> Callable[[Data, Data], str]:
    def say(data: Data, texts: Data) -> str:
        more = _plus(texts, text) if text else ""
        return f"Notice N-{data['notice']} ({data['template']}) {word}, v{data['version']}{more}"

    return say


def _print_run(word: str, *counts: str) -> Callable[[Data, Data], str]:
    """Name the run and the counts that the entry has, under their own names."""

    def say(data: Data, texts: Data) -> str:
        named = [f"{data[one]} {one}" for one in counts if one in data]
        more = f": {', '.join(named)}" if named else ""
        return f"Print run {data['run']} of N-{data['notice']} {word}{more}{_plus(texts, 'file')}"

    return say


def _list(word: str) -> Callable[[Data, Data], str]:
    return lambda data, texts: (
        f"List of print run {data['run']} of N-{data['notice']} {word}{_plus(texts, 'reason')}"
    )


def _compared(data: Data, _texts: Data) -> str:
    kinds = data.get("differences", {}).items()
    found = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in kinds)
    verdict = "agrees" if data.get("agrees") else f"differs{f' ({found})' if found else ''}"
    return f"Print run {data['run']} of N-{data['notice']}: the printer’s list {verdict}"


def _item(word: str) -> Callable[[Data, Data], str]:
    def say(data: Data, texts: Data) -> str:
        return f"E-{data['item']} {word}{_plus(texts, 'title')}"

    return say


def _transfer(data: Data, texts: Data) -> str:
    step = {"released": "released, to be received", "withdrawn": "release taken back"}
    word = str(data.get("step", "transferred"))
    return f"E-{data['item']} {step.get(word, word)}{_plus(texts, 'note')}"


def _worked(word: str) -> Callable[[Data, Data], str]:
    return lambda data, texts: f"E-{data['item']} {word}{_plus(texts, 'note')}"


def _derived(data: Data, texts: Data) -> str:
    parent = f" from E-{data['parent']}" if data.get("parent") else ""
    return f"E-{data['item']} derived{parent}{_plus(texts, 'title')}"


def _hold(word: str) -> Callable[[Data, Data], str]:
    return lambda data, texts: f"Legal hold {data.get('hold', '')} {word}{_plus(texts, 'reason')}"


def _note(data: Data, texts: Data) -> str:
    what = str(data.get("what", ""))
    if what == "file not collected":
        return f"E-{data.get('item')} not collected{_plus(texts, 'problem')}"
    if what == "file requested":
        return f"E-{data.get('item')} requested{_plus(texts, 'title')}"
    if what == "retention set":
        until = f" until {_at(data['keep_until'])}" if data.get("keep_until") else " until asked"
        return f"E-{data.get('item')} is to be kept{until}"
    if what.startswith("disposal "):
        return f"E-{data.get('item')} {what}{_plus(texts, 'reason')}"
    return f"Note{_plus(texts, 'note')}"


def _reminder(data: Data, _texts: Data) -> str:
    late = ""
    if data.get("late_s"):
        late = f", {words_for(timedelta(seconds=data['late_s']))} late"
    return f"Reminder for {data['clock']}: {data['label']}{late}"


def _clocks(data: Data) -> str:
    return ", ".join(str(one) for one in data.get("clocks", ())) or "no clock"


def _escalated(data: Data, _texts: Data) -> str:
    told = "the Commander" if data.get("step") == 1 else "the deputies"
    return f"Nobody acknowledged {_clocks(data)}: told to {told}"


def _snoozed(data: Data, _texts: Data) -> str:
    until = f" until {_at(data['until'])}" if data.get("until") else ""
    return f"Reminders of {_clocks(data)} snoozed{until}"


def _assessed(data: Data, _texts: Data) -> str:
    changed = data.get("changed", ())
    which = f": {', '.join(str(one) for one in changed)}" if changed else ""
    return f"Duties assessed{which}"


def _deputy(word: str) -> Callable[[Data, Data], str]:
    def say(data: Data, _texts: Data) -> str:
        return f"Deputy of {str(data['role']).title()} {word}"

    return say


_WORDS: dict[str, Callable[[Data, Data], str]] = {
    "log.opened": lambda _d, _t: "Evidence log opened",
    "incident.opened": lambda d, t: f"Opened as {d['severity']}{_plus(t, 'title')}",
    "incident.severity_changed": lambda d, t: (
        f"Severity confirmed: {d['to']}{_plus(t, 'reason')}"
        if d["from"] == d["to"]
        else f"Severity {d['from']} → {d['to']}{_plus(t, 'reason')}"
    ),
    "incident.status_changed": lambda d, t: f"Status: {d['status']}{_plus(t, 'note')}",
    "incident.contained": lambda d, t: f"Contained as of {_at(d['occurred_at'])}{_plus(t, 'note')}",
    "incident.recovered": lambda d, t: f"Recovered as of {_at(d['occurred_at'])}{_plus(t, 'note')}",
    "incident.closed": lambda _d, t: f"Closed{_plus(t, 'note')}",
    "incident.channel_ready": lambda _d, _t: "Private channel made",
    "incident.channel_failed": lambda d, _t: f"Slack refused a private channel: {d['error']}",
    "incident.member_joined": lambda _d, _t: "Joined the incident",
    "incident.member_left": lambda _d, _t: "Left the incident's channel",
    "role.assigned": lambda d, t: f"{str(d['role']).title()} assigned{_plus(t, 'note')}",
    "role.claimed": lambda d, _t: f"{str(d['role']).title()} claimed",
    "role.handed_over": lambda d, t: f"{str(d['role']).title()} handed over{_plus(t, 'note')}",
    "role.deputy_named": _deputy("named"),
    "role.deputy_released": _deputy("released"),
    "task.created": lambda d, _t: f"{len(d['tasks'])} tasks from the playbook",
    "task.assigned": lambda d, _t: f"Task {d['number']} assigned ({d['task']})",
    "task.completed": lambda d, t: f"Task {d['number']} done ({d['task']}){_plus(t, 'note')}",
    "task.reopened": lambda d, t: f"Task {d['number']} open again{_plus(t, 'note')}",
    "fact.recorded": lambda d, t: f"Fact recorded: {_fact(d, t)}",
    "fact.corrected": lambda d, t: f"Fact corrected: {_fact(d, t)}",
    "clock.started": _clock("started"),
    "clock.waiting": _clock("waits"),
    "clock.due_changed": _clock("moved"),
    "clock.met": _clock("met"),
    "clock.missed": _clock("missed"),
    "clock.waived": _clock("waived"),
    "clock.tolled": _clock("stands still"),
    "clock.extended": _clock("extended"),
    "clock.resumed": _clock("runs"),
    "clock.overruled": _clock("overruled by counsel"),
    "clock.lateness_explained": _clock("is late, explained"),
    # The reason begins with “Doesn't apply”.
    "clock.not_applicable": lambda d, t: f"Clock {d['clock']}{_plus(t, 'reason')}",
    "obligations.assessed": _assessed,
    "calendar.feed_made": lambda _d, _t: "Calendar feed made",
    "calendar.feed_revoked": lambda _d, _t: "Calendar feed revoked",
    "reminder.sent": _reminder,
    "reminder.acknowledged": lambda d, _t: f"Reminders acknowledged: {_clocks(d)}",
    "reminder.snoozed": _snoozed,
    "reminder.escalated": _escalated,
    "reminder.digest": lambda d, _t: f"Reminders of the day in one message: {_clocks(d)}",
    "message.preserved": _item("preserved (message)"),
    "evidence.collected": _item("collected"),
    "evidence.sealed": _item("sealed"),
    "evidence.accessed": _item("downloaded"),
    "evidence.transferred": _transfer,
    "evidence.copied": _worked("copied"),
    "evidence.analysed": _worked("analysed"),
    "evidence.derived": _derived,
    "evidence.returned": _worked("returned"),
    "evidence.disposed": lambda d, t: f"E-{d['item']} disposed of{_plus(t, 'reason')}",
    "hold.placed": _hold("placed"),
    "hold.released": _hold("released"),
    "print_run.checked": _print_run("checked", "rows", "good", "returned"),
    "print_run.proof_approved": _print_run("proof approved", "proofs"),
    "print_run.started": _print_run("started", "letters"),
    "print_run.finished": _print_run("finished", "letters", "pages"),
    "print_run.stopped": _print_run("stopped", "made", "letters"),
    "print_run.handed_over": _print_run("handed over", "part", "letters", "pages"),
    "print_run.compared": _compared,
    "print_run.erasure_asked": _list("asked to be erased"),
    "print_run.erasure_refused": _list("kept"),
    "print_run.list_erased": _list("erased"),
    "notice.drafted": _notice("drafted", "reason"),
    "notice.revised": _notice("new version", "reason"),
    "notice.submitted": _notice("sent to review"),
    "notice.changes_requested": _notice("changes requested", "comment"),
    "notice.approved": _notice("approved"),
    "notice.reopened": _notice("open again: a fact changed"),
    "notice.sent": _notice("recorded as sent", "proof"),
    "notice.withdrawn": _notice("withdrawn", "reason"),
    "notice.downloaded": _notice("downloaded"),
    "note.recorded": _note,
    "bundle.exported": lambda d, _t: f"Evidence bundle exported ({d['entries']} entries)",
    "personal_data.erased": lambda _d, _t: "Personal data erased",
}
