"""App Home: my tasks and the clocks that run out next."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock
from slack_sdk.models.views import View

from bot.blocks.exercise import marked_ref
from bot.blocks.words import context, escape, header, section, sections, when, when_legal
from bot.domain.situation import ClockView, TaskView


def home_view(
    tasks: Sequence[TaskView],
    clocks: Sequence[tuple[ClockView, str, str]],
    incidents: Sequence[tuple[str, str, str, str | None]],
) -> View:
    """Build the Home tab: `clocks` come with reference and title of their incident."""
    blocks: list[Block] = [
        header("Tocsin"),
        ActionsBlock(
            elements=[
                ButtonElement(
                    text="Open an incident", action_id="home_open", style="danger", value="open"
                )
            ]
        ),
        header("Clocks that run out next"),
    ]
    blocks += [
        section(
            f"⏳ *{escape(clock.title)}* · due {when_legal(clock.due_at)}\n"
            f"{marked_ref(ref)} {escape(title)}"
        )
        for clock, ref, title in clocks
        if clock.due_at is not None
    ] or [section("_No clock runs._")]
    blocks += [DividerBlock(), header("My tasks")]
    blocks += [_task(task) for task in tasks] or [section("_Nothing waits for you._")]
    blocks += [DividerBlock(), header("My open incidents")]
    lines = [
        f"*{marked_ref(ref)}* {severity} {escape(title)}" + (f" · <#{channel}>" if channel else "")
        for ref, severity, title, channel in incidents
    ]
    blocks += sections(lines or ["_None. Good._"])
    blocks.append(context("Tocsin assists counsel and is not legal advice."))
    return View(type="home", blocks=blocks)


def _task(task: TaskView) -> Block:
    due = f" · due {when(task.due_at)}" if task.due_at else ""
    return section(
        f"*{task.number}. {escape(task.title)}*{due}\n"
        f"{marked_ref(task.incident_ref)} · {task.owner_role}",
        accessory=ButtonElement(
            text="Done",
            action_id=f"task_done_{task.number}",
            value=f"{task.incident_ref}|{task.number}",
        ),
    )
