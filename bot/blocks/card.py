"""The situation card: the pinned message that says where the incident stands and what is next."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock

from bot.blocks.clock_words import clock_line, legal, targets_line
from bot.blocks.words import (
    bullets,
    context,
    cut,
    escape,
    header,
    mention,
    section,
    when,
    when_legal,
)
from bot.domain.incident import SEVERITY_MEANING, Severity
from bot.domain.roles import CORE_ROLES, ROLE_DUTY, Role
from bot.domain.situation import Situation

STATUS_MARK = {"open": "🔴", "contained": "🟠", "recovered": "🟢", "closed": "⚫"}
CLOCKS_SHOWN = 5
TASKS_SHOWN = 5


def card_text(situation: Situation) -> str:
    """The card in one line, for notifications and screen readers."""
    return f"{situation.ref} {situation.severity} {situation.status}: {escape(situation.title)}"


def card_blocks(situation: Situation, *, base_url: str) -> list[Block]:
    """Build the situation card."""
    blocks: list[Block] = [
        header(f"{situation.ref} · {situation.severity} · {situation.title}"),
        section(_state_line(situation)),
        section("*Roles*\n" + "\n".join(_role_line(situation, role) for role in CORE_ROLES)),
    ]
    if vacant := [role for role in CORE_ROLES if not situation.roles.get(role)]:
        blocks.append(_claim_buttons(situation, vacant))
    blocks += [DividerBlock(), section(_clock_text(situation))]
    blocks += [DividerBlock(), section(_task_text(situation))]
    if situation.status != "closed":
        blocks.append(_main_buttons(situation, base_url))
    blocks.append(
        context(
            "🔒 Confidential: this channel only · every change is written to the evidence log · "
            "Tocsin assists counsel and is not legal advice"
        )
    )
    return blocks


def _state_line(situation: Situation) -> str:
    mark = STATUS_MARK[situation.status]
    meaning = SEVERITY_MEANING[Severity(situation.severity)]
    opener = mention(situation.opened_by)
    lines = [
        f"{mark} *{situation.status.title()}* · *{situation.severity}* ({meaning})",
        f"Opened {when(situation.opened_at)} by {opener} · playbook {escape(situation.playbook)}",
    ]
    if situation.detected_at:
        lines.append(f"We became aware {when_legal(situation.detected_at)}")
    if situation.channel_error:
        lines.append(f"⚠️ Slack refused a private channel: `{escape(situation.channel_error)}`")
    if situation.time_missing_since:
        since = when(situation.time_missing_since)
        lines.append(
            f"⚠️ Outside time is missing since {since}: no time stamp authority answers. The record "
            f"goes on; whoever runs Tocsin looks at `tocsin doctor`."
        )
    return "\n".join(lines)


def _role_line(situation: Situation, role: Role) -> str:
    holders = situation.roles.get(role)
    who = ", ".join(mention(person) for person in holders) if holders else "_nobody yet_"
    return f"*{role.title()}* {who} · {ROLE_DUTY[role]}"


def _claim_buttons(situation: Situation, vacant: Sequence[Role]) -> ActionsBlock:
    return ActionsBlock(
        block_id="claim",
        elements=[
            ButtonElement(
                text=f"I take {role.title()}",
                action_id=f"claim_{role.value}",
                value=f"{situation.ref}|{role.value}",
            )
            for role in vacant
        ],
    )


def _clock_text(situation: Situation) -> str:
    overdue = legal(situation.clocks_in("missed"))
    running = legal(situation.clocks_in("running"))
    live = [*overdue, *running]
    lines = [clock_line(clock) for clock in live[:CLOCKS_SHOWN]]
    if len(live) > CLOCKS_SHOWN:
        lines.append(f"… and {len(live) - CLOCKS_SHOWN} more: `/incident clock all`")
    lines = lines or ["_No deadline of law runs at present._"]
    lines += [one for one in (targets_line(situation),) if one]
    lines.append(_clock_counts(situation, overdue=len(overdue), running=len(running)))
    return "\n".join(["*Clocks*", *lines])


def _clock_counts(situation: Situation, *, overdue: int, running: int) -> str:
    ended = len(situation.clocks_in("not_applicable", "waived"))
    counts = [
        (overdue, "overdue"),
        (running, "running"),
        (len(situation.clocks_in("waiting")), "waiting"),
        (len(situation.clocks_in("tolled")), "held"),
        (len(situation.clocks_in("met")), "met"),
        (ended, "waived or no longer applying"),
    ]
    told = [f"{count} {words}" for count, words in counts if count]
    if situation.cannot_tell:
        told.append(f"{situation.cannot_tell} can't be told yet: `/incident clock questions`")
    return " · ".join([*told, "next: `/incident clock`"])


def _task_text(situation: Situation) -> str:
    todo = situation.open_tasks()
    done = len(situation.tasks) - len(todo)
    todo.sort(key=lambda task: (task.due_at is None, task.due_at, task.number))
    lines = [
        f"*{task.number}.* {escape(task.title)} ({task.owner_role}"
        + (f", due {when(task.due_at)}" if task.due_at else "")
        + ")"
        for task in todo
    ]
    head = f"*Next tasks* · {done} of {len(situation.tasks)} done\n"
    return head + (bullets(lines, limit=TASKS_SHOWN, more="`/incident task`") or "_All done._")


def _main_buttons(situation: Situation, base_url: str) -> ActionsBlock:
    ref = situation.ref
    buttons = [
        ButtonElement(text="Record a fact", action_id="open_fact", value=ref, style="primary"),
        ButtonElement(text="Tasks", action_id="show_tasks", value=ref),
        ButtonElement(text="Clocks", action_id="show_clocks", value=ref),
        ButtonElement(text="Hand over a role", action_id="open_role", value=ref),
        ButtonElement(
            text="Notices and evidence",
            action_id="open_web",
            url=f"{base_url}/incidents/{ref}",
            value=ref,
        ),
    ]
    if situation.status == "open":
        buttons.insert(
            3, ButtonElement(text="Mark contained", action_id="mark_contained", value=ref)
        )
    return ActionsBlock(block_id="main", elements=buttons)


def situation_blocks(situation: Situation, *, base_url: str) -> list[Block]:
    """Build the answer to `/incident status`: the card, and what waits or is overdue."""
    blocks = card_blocks(situation, base_url=base_url)
    facts = [
        f"{escape(fact.label)} *{escape(cut(fact.value, 120))}* ({fact.confidence})"
        for fact in situation.facts
        if fact.source != "organisation profile"
    ]
    if facts:
        text = "*What we know*\n" + bullets(facts, limit=12, more="`/incident fact list`")
        blocks.insert(3, section(text))
    if situation.channel_error:
        blocks.append(
            ActionsBlock(
                block_id="channel",
                elements=[
                    ButtonElement(
                        text="Try the channel again",
                        action_id="retry_channel",
                        value=situation.ref,
                        style="primary",
                    )
                ],
            )
        )
    return blocks
