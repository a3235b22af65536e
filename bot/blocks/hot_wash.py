"""The hot wash in Slack: the message that asks for it, and the form with the scenario's questions.

Decides what both look like. The mark EXERCISE is put on whatever is posted or opened, not here.
Block ids number the questions as `bot.services.hot_wash` lists them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextInputElement
from slack_sdk.models.views import View

from bot.blocks.modals import input_block
from bot.blocks.words import Message, cut, escape, plain, section
from bot.domain.scenario import Lesson
from bot.domain.situation import Situation

CALLBACK = "hot_wash"
OPEN = "open_hot_wash"
QUESTION = "question/"
"""Block ids: `question/0` holds the answer to the first question."""
LABEL_LIMIT = 2000
ANSWER_LIMIT = 2000
MOST_BLOCKS = 98
"""Slack's limit for a form is 100; one is the mark, one the first words."""


def invitation(_detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Ask somebody who took part, right after the end."""
    link = f"{base_url}/incidents/{situation.ref}/exercise#hotwash"
    text = (
        f"🏁 *ENDEX*: {situation.ref} {escape(situation.title)} is over. Thank you. "
        f"What went well, and what didn’t?\n"
        f"Your answers are kept without your name. You can answer once, until the report is final."
    )
    buttons = [
        ButtonElement(
            text="Answer the hot wash", action_id=OPEN, value=situation.ref, style="primary"
        ),
        ButtonElement(text="On the web", action_id="open_web", value=situation.ref, url=link),
    ]
    return plain(text, ActionsBlock(elements=buttons))


def hot_wash_modal(ref: str, lessons: Sequence[Lesson]) -> View:
    """Build the form; any question may stay empty, and one answer is enough."""
    blocks: list[Block] = []
    number = 0
    for lesson in lessons:
        blocks.append(section(f"*{escape(lesson.category)}*"))
        for question in lesson.questions:
            blocks.append(
                input_block(
                    f"{QUESTION}{number}",
                    cut(question, LABEL_LIMIT),
                    PlainTextInputElement(
                        action_id="value", multiline=True, max_length=ANSWER_LIMIT
                    ),
                    optional=True,
                )
            )
            number += 1
    intro = section(
        f"{ref}: your answers are kept without your name, and sorted question by question. "
        f"You send them once."
    )
    return View(
        type="modal",
        callback_id=CALLBACK,
        title="Hot wash (exercise)",
        submit="Send without my name",
        close="Cancel",
        blocks=[intro, *blocks[:MOST_BLOCKS]],
        private_metadata=ref,
    )
