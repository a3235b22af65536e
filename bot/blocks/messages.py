"""What is said in the incident's channel, and to one person: one function a kind of news."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock

from bot.blocks import custody, exercise, hot_wash, reminders
from bot.blocks.words import (
    Message,
    context,
    cut,
    escape,
    fitting,
    header,
    mention,
    plain,
    sections,
    when,
    when_legal,
)
from bot.domain.playbook import Partner
from bot.domain.roles import ROLE_DUTY, Role
from bot.domain.situation import ClockView, Situation, TaskView

PHASE_TITLES = {
    "triage": "Triage",
    "containment": "Containment",
    "forensic_preservation": "Forensic preservation, most volatile first",
    "notification": "Notification",
    "remediation": "Remediation",
    "recovery": "Recovery",
    "review": "Review",
}


def tasks_blocks(situation: Situation, *, partners: Sequence[Partner]) -> list[Block]:
    """The playbook's tasks by phase, posted once when the channel is made."""
    blocks: list[Block] = [header(f"Playbook: {situation.playbook}")]
    for phase, title in PHASE_TITLES.items():
        tasks = [task for task in situation.tasks if task.phase == phase]
        if tasks:
            blocks += sections([f"*{title}*", *(_task_line(task) for task in tasks)])
    if partners:
        lines = [
            f"*{escape(one.name)}* ({one.kind.replace('_', ' ')}): {escape(one.call_when)} "
            f"→ {escape(one.how)} · {escape(one.hours)}"
            for one in partners
        ]
        blocks += [DividerBlock(), *sections(["*Partners to call*", *lines])]
    blocks.append(context("`/incident task` shows what is next, with a *Done* button each."))
    return fitting(blocks, more="`/incident task`")


def _task_line(task: TaskView) -> str:
    due = f" · due {when(task.due_at)}" if task.due_at else ""
    return f"{task.number}. {escape(task.title)} · _{task.owner_role}_{due}"


def announcement(
    kind: str, detail: Mapping[str, Any], situation: Situation, *, base_url: str
) -> Message:
    """Build the channel message about a change; text and blocks say the same."""
    return _ANNOUNCE[kind](detail, situation, base_url)


def direct_message(
    kind: str, detail: Mapping[str, Any], situation: Situation, *, base_url: str
) -> Message:
    """Build the message to one member of the incident."""
    return _TELL[kind](detail, situation, base_url)


def _status(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    words = {
        "incident.contained": "🟠 *Contained*",
        "incident.recovered": "🟢 *Recovered*: service is back",
        "incident.status_changed": "🔴 *Open again*",
        "incident.closed": "⚫ *Closed*. The record stays readable; nothing can be changed",
    }[str(detail["what"])]
    at = datetime.fromisoformat(str(detail["at"]))
    return plain(f"{words} · {situation.ref} · as of {when(at)} · by <@{detail['by']}>")


def _role(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    role = Role(str(detail["role"]))
    text = (
        f"<@{detail['to']}> is now *{role.title()}* of {situation.ref} (by <@{detail['by']}>): "
        f"{ROLE_DUTY[role]}."
    )
    return plain(text)


def _deputy(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    role = Role(str(detail["role"])).title()
    text = (
        f"<@{detail['to']}> is now *deputy of {role}* of {situation.ref} (by <@{detail['by']}>): "
        f"told when nobody acknowledges an urgent reminder."
    )
    return plain(text)


CLOCKS_TOLD = 10
"""Clocks that one message tells of; of more the nearest deadlines are named, without reasons."""
REASON_LIMIT = 300


def _clocks(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    by_key = {clock.key: clock for clock in situation.clocks}
    told = [
        (by_key[str(one["key"])], str(one["kind"]))
        for one in detail["changes"]
        if str(one["key"]) in by_key
    ]
    many = len(told) > CLOCKS_TOLD
    if many:
        told.sort(key=lambda one: (one[0].due_at is None, one[0].due_at, one[0].key))
    parts = [_clock_news(clock, kind, why=not many) for clock, kind in told[:CLOCKS_TOLD]]
    if many:
        parts.insert(0, f"*{len(told)} clocks changed*, the nearest deadlines first:")
        parts.append(f"… and {len(told) - CLOCKS_TOLD} more: `/incident clock all`")
    button = ButtonElement(text="All clocks", action_id="show_clocks", value=situation.ref)
    return plain("\n".join(parts), ActionsBlock(elements=[button]))


def _clock_news(clock: ClockView, kind: str, *, why: bool) -> str:
    title = f"*{escape(clock.title)}* `{clock.key}`"
    due = f": due {when_legal(clock.due_at)}" if clock.due_at else ": without undue delay"
    if clock.not_before:
        due = f": nobody may be told before {when_legal(clock.not_before)}"
    said = {
        "started": f"⏳ Clock started · {title}{due}",
        "resumed": f"▶️ Runs again · {title}{due}",
        "due_changed": f"⏳ Deadline moved · {title}{due}",
        "missed": f"🚨 *Overdue* · {title}",
        "met": f"✅ Met · {title}",
        "tolled": f"⏸️ Held for law enforcement · {title}",
        "waived": f"➖ Waived · {title}",
        "waiting": f"❔ No longer certain · {title}",
        "not_applicable": f"▫️ Doesn't apply any more · {title}",
    }[kind]
    doubt = " · *confirm with counsel*" if clock.confirm_with_counsel else ""
    reason = f"\n      {escape(cut(clock.reason, REASON_LIMIT))}" if why else ""
    return f"{said}{doubt}{reason}"


def _evidence(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    item = next(one for one in situation.evidence if one.number == detail["item"])
    text = (
        f"🗄️ *E-{item.number}* is preserved: {escape(item.title)} · {item.size:,} bytes · "
        f"SHA-256 `{item.sha256}` · for {mention(item.collected_by)}"
    )
    return plain(text)


def _notice(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    notice = next(one for one in situation.notices if one.number == detail["number"])
    link = f"{base_url}/incidents/{situation.ref}/notices/{notice.number}"
    words = {
        "notice.drafted": "📝 Drafted from the facts",
        "notice.submitted": "👀 Waits for Legal's review",
        "notice.changes_requested": "↩️ Changes requested",
        "notice.approved": "✅ Approved by Legal",
        "notice.reopened": "⚠️ Open again: a fact that it rests on has changed",
        "notice.sent": "📨 Recorded as sent",
        "notice.withdrawn": "🗑️ Withdrawn",
        "notice.commented": "💬 A comment on",
        "notice.released": "🤝 Released by a second person; Legal may send it",
    }[str(detail["what"])]
    gaps = f" · *{notice.gaps} facts missing*" if notice.gaps else ""
    text = f"{words} · *<{link}|N-{notice.number} {escape(notice.title)}>*{gaps}"
    return plain(text)


def _task_for_you(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    task = next(one for one in situation.tasks if one.number == detail["number"])
    link = f"{base_url}/incidents/{situation.ref}"
    text = f"A task of <{link}|{situation.ref}> is yours now:\n{_task_line(task)}"
    return plain(text, context(escape(task.how) or "No further guidance."))


def _notice_for_you(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    notice = next(one for one in situation.notices if one.number == detail["number"])
    link = f"{base_url}/incidents/{situation.ref}/notices/{notice.number}"
    due = f" It is due {when(notice.due_at)}." if notice.due_at else ""
    return plain(
        f"📝 <@{detail['by']}> gave you *<{link}|N-{notice.number} {escape(notice.title)}>* of "
        f"{situation.ref} to work on.{due}"
    )


def _evidence_failed(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    item = next(one for one in situation.evidence if one.number == detail["number"])
    return plain(
        f"⚠️ E-{item.number} of {situation.ref} couldn't be preserved: {escape(item.title)}\n"
        f"{escape(item.problem)}"
    )


_Say = Callable[[Mapping[str, Any], Situation, str], Message]


def _detailed(say: _Say) -> _Say:
    """Say to one person what the channel is told: a job to one person has the detail inside."""
    return lambda arguments, situation, url: say(arguments["detail"], situation, url)


_ANNOUNCE: dict[str, _Say] = {
    "status": _status,
    "role": _role,
    "clocks": _clocks,
    "reminder": reminders.reminder,
    "reminders": reminders.together,
    "digest": reminders.digest,
    "deputy": _deputy,
    "evidence": _evidence,
    "notice": _notice,
    "hold": custody.hold,
    "exercise": exercise.news,
    "inject": exercise.inject,
    "retraction": exercise.retraction,
    "outbound": exercise.outbound,
}
_TELL: dict[str, _Say] = {
    "task": _task_for_you,
    "notice_assigned": _notice_for_you,
    "corrective_action": exercise.action_for_you,
    "hot_wash": hot_wash.invitation,
    "report_is_there": exercise.report_is_there,
    "evidence_failed": _evidence_failed,
    "custody": custody.for_receiver,
    "disposal": custody.disposal,
    "list_erasure": custody.list_erasure,
    "reminder": _detailed(reminders.reminder),
    "reminders": _detailed(reminders.together),
    "digest": _detailed(reminders.digest),
    "escalation": _detailed(reminders.escalation),
}
