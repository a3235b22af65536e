"""Answers that list things: tasks, roles, facts, notices, evidence, incidents, help."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.blocks.card import STATUS_MARK
from bot.blocks.words import (
    context,
    cut,
    escape,
    fitting,
    header,
    mention,
    section,
    sections,
    when,
)
from bot.domain.roles import CORE_ROLES, ROLE_DUTY, Role
from bot.domain.situation import Situation, TaskView

TASKS_SHOWN = 20
LISTED = 30
ON_THE_WEB = "on the incident's web page"

HELP = (
    ("open [title]", "open an incident: a form asks the rest"),
    ("status [INC]", "where it stands; `status SEV1 why` changes the severity"),
    ("list", "your open incidents"),
    (
        "role",
        "who holds what; `role claim legal`, `handover comms @chris`, `deputy legal @sam`",
    ),
    ("task", "what is to do; `task done 3 note`, `task assign 3 @farid`"),
    ("fact", "record what is known: `fact aware at 10:00`, or the form; `fact list`"),
    ("clock", "the next deadlines; `clock all`; `clock US-CA-IND` says why; `clock questions`"),
    ("clock met ID proof", "it is done: `clock met US-CA-IND at 2026-03-02T10:00Z REF-1`"),
    (
        "clock waive ID why",
        "Legal decides; so do `clock overrule`, `clock extend`, `clock toll`, `clock clear`",
    ),
    (
        "evidence",
        "what is preserved; `evidence 2`, `collect`, `seal 2`, `transfer 2 @lena`, `hold why`",
    ),
    ("exercise", "rehearse: `exercise list`, `exercise start …`, `exercise stop`, `real-world`"),
    ("notice", "the notices: read, `assign`, `comment`, `release`, `sent`, `pdf`"),
    ("timeline", "what happened; `timeline note text` adds a note"),
    ("contain [when]", "it is contained; `status recovered` when service is back"),
    ("close [why]", "close it for good"),
)


def help_blocks() -> list[Block]:
    """Show the commands."""
    lines = [f"`/incident {usage}` {what}" for usage, what in HELP]
    return [
        *sections(["*What Tocsin does for you*", *lines]),
        context("On a message: ⋯ → *Preserve as evidence*. In the ⚡ menu: *Open incident*."),
    ]


def incident_list(
    situations: Iterable[tuple[str, str, str, str, str | None, datetime]],
) -> list[Block]:
    """List incidents: reference, severity, status, title, channel, opened."""
    lines = [
        f"{STATUS_MARK[status]} *{ref}* {severity} {escape(title)}"
        + (f" · <#{channel}>" if channel else "")
        + f" · opened {when(opened)}"
        for ref, severity, status, title, channel, opened in situations
    ]
    if not lines:
        return [section("You are in no open incident. `/incident open` starts one.")]
    more = [f"… and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return list(sections(["*Your open incidents*", *lines[:LISTED], *more]))


def task_blocks(tasks: Sequence[TaskView], *, title: str) -> list[Block]:
    """List open tasks with a button each, in the order in which they are due."""
    blocks: list[Block] = [header(title)]
    ordered = sorted(tasks, key=lambda task: (task.due_at is None, task.due_at, task.number))
    blocks += [
        section(_task_line(task), accessory=_done_button(task)) for task in ordered[:TASKS_SHOWN]
    ]
    if len(ordered) > TASKS_SHOWN:
        blocks.append(context(f"… and {len(ordered) - TASKS_SHOWN} more, {ON_THE_WEB}."))
    if not ordered:
        blocks.append(section("Nothing left to do here."))
    return blocks


def _done_button(task: TaskView) -> ButtonElement:
    return ButtonElement(
        text="Done",
        action_id=f"task_done_{task.number}",
        value=f"{task.incident_ref}|{task.number}",
    )


def _task_line(task: TaskView) -> str:
    who = mention(task.assignee) if task.assignee else task.owner_role.title()
    due = f" · due {when(task.due_at)}" if task.due_at else ""
    lines = [
        f"*{task.number}. {escape(task.title)}*",
        f"{who}{due} · {task.phase.replace('_', ' ')}",
    ]
    if task.how:
        lines.append(escape(cut(task.how, 400)))
    if task.expected_evidence:
        lines.append("_Evidence:_ " + escape("; ".join(task.expected_evidence)))
    return "\n".join(lines)


def role_blocks(situation: Situation) -> list[Block]:
    """Show who holds what, with buttons for what is vacant and for handing over."""
    lines = []
    for role in Role:
        holders = situation.roles.get(role)
        if holders is None and role not in CORE_ROLES:
            continue
        who = ", ".join(mention(one) for one in holders) if holders else "_nobody yet_"
        deputy = situation.deputies.get(role)
        if deputy:
            who += f", deputy {mention(deputy)}"
        lines.append(f"*{role.title()}* {who} · {ROLE_DUTY[role]}")
    vacant = [role for role in CORE_ROLES if not situation.roles.get(role)]
    buttons = [
        ButtonElement(
            text=f"I take {role.title()}",
            action_id=f"claim_{role.value}",
            value=f"{situation.ref}|{role.value}",
        )
        for role in vacant
    ]
    buttons.append(
        ButtonElement(text="Hand over a role", action_id="open_role", value=situation.ref)
    )
    return [
        *sections([f"*Roles of {situation.ref}*", *lines]),
        ActionsBlock(block_id="roles", elements=buttons),
    ]


def fact_blocks(situation: Situation) -> list[Block]:
    """List the facts in force with source and confidence."""
    own = [fact for fact in situation.facts if fact.source != "organisation profile"]
    lines = [
        f"`{fact.key}` {escape(cut(fact.value, 200))} · {fact.confidence} · "
        f"{escape(cut(fact.source, 120))}"
        for fact in own
    ]
    shown = [f"• {line}" for line in lines] or ["_Nothing recorded yet._"]
    return fitting(sections([f"*Facts of {situation.ref}*", *shown]), more=ON_THE_WEB)


def notice_blocks(situation: Situation, *, base_url: str) -> list[Block]:
    """List the notices with a link each to the legal desk."""
    blocks: list[Block] = [header(f"Notices of {situation.ref}")]
    for notice in situation.notices:
        link = f"{base_url}/incidents/{situation.ref}/notices/{notice.number}"
        gaps = f" · *{notice.gaps} facts missing*" if notice.gaps else ""
        due = f" · due {when(notice.due_at)}" if notice.due_at else ""
        mine = f" · with {mention(notice.assigned_to)}" if notice.assigned_to else ""
        mark = " · 🔒 privileged" if notice.privileged else ""
        blocks.append(
            section(
                f"*<{link}|N-{notice.number} {escape(notice.title)}>*\n"
                f"{notice.state.replace('_', ' ')}, version {notice.version}{due}{gaps}{mine}{mark}"
            )
        )
    if not situation.notices:
        blocks.append(
            section(
                "No notice is drafted yet. They are drafted when the clock of a duty starts; "
                "`/incident notice draft holding_statement` drafts one now."
            )
        )
    return fitting(blocks, more=ON_THE_WEB)


def evidence_blocks(situation: Situation) -> list[Block]:
    """List the preserved items with digest and state."""
    lines = [
        f"*E-{item.number}* {escape(cut(item.title, 80))} · {item.state}"
        + (f" · `{item.sha256[:16]}…` {item.size:,} bytes" if item.sha256 else "")
        + (" · 🔏 sealed" if item.sealed else "")
        + (f"\n   ⚠️ {escape(item.problem)}" if item.problem else "")
        for item in situation.evidence
    ]
    if not lines:
        lines = ["_Nothing preserved yet._ On a message: ⋯ → *Preserve as evidence*."]
    if len(lines) > LISTED:
        lines = [f"… {len(lines) - LISTED} earlier ones: {ON_THE_WEB}", *lines[-LISTED:]]
    return [
        *sections([f"*Evidence of {situation.ref}*", *lines]),
        context(
            "One item: `/incident evidence 1`. Forensics seals: `/incident evidence seal 1`. "
            "Export: on the incident's web page."
        ),
    ]


def timeline_blocks(ref: str, lines: Sequence[str]) -> list[Block]:
    """Show the newest entries of the record."""
    return [
        *sections([f"*Timeline of {ref}*", *(lines or ["_Nothing yet._"])]),
        context("The whole record is on the incident's web page and in the evidence bundle."),
    ]
