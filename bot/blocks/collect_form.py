"""The form “Collect an item”: what it is, how volatile its source, how it was taken, and why.

Decides which of the many things that may be written down of an item are asked in Slack; the web
form asks for the rest. Block ids are the names of `bot.services.custody.Collect` and of `FIELDS`,
by which `listeners.collect_form` reads the answers.
"""

from collections.abc import Iterable, Iterator

from slack_sdk.models.blocks import (
    Block,
    DateTimePickerElement,
    NumberInputElement,
    PlainTextInputElement,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.blocks.modals import input_block, option, select
from bot.blocks.words import cut, section
from bot.domain.custody import (
    CLOCK_SOURCES,
    FIELDS,
    MAX_QUANTITY,
    MAX_TEXT,
    MAX_TITLE,
    VOLATILITY,
)
from bot.domain.retention import RetentionClass

CALLBACK = "collect_item"
ASKED_HERE = ("location", "method", "tool", "serial", "seal", "purpose", "legal_basis", "storage")
"""Free texts of `FIELDS` that the form asks for beside the source machine."""
HINTS = {
    "method": "Live capture, disk image, export, taken as it is.",
    "tool": "Name and version: ewfacquire 20240506.",
    "seal": "The number on the bag or the sticker.",
    "purpose": "What it is to show.",
    "legal_basis": "Consent, contract, order: who said that it may be taken.",
    "storage": "Safe, room, shelf.",
}
KEPT_LIMIT = 99
"""Slack shows 100 choices; one is for no class."""


def collect_modal(ref: str, classes: Iterable[RetentionClass], *, link: str, title: str) -> View:
    """Build the form behind `/incident evidence collect`; `link` leads to the web form."""
    return View(
        type="modal",
        callback_id=CALLBACK,
        title="Collect an item",
        submit="Take into custody",
        close="Cancel",
        blocks=[
            section(
                f"For things, and for data that stays elsewhere. You hold the item from now on. "
                f"The <{link}|web form> asks for more: {_left_out()}."
            ),
            _text("title", "What it is", required=True, most=MAX_TITLE, initial=title),
            *_source(),
            *_when(),
            *(_text(name, FIELDS[name], hint=HINTS.get(name, "")) for name in ASKED_HERE[:4]),
            _text(
                "sha256", "SHA-256 of data that is kept elsewhere", hint="As sha256sum prints it."
            ),
            input_block("quantity", "Quantity", _quantity(), optional=True),
            *(_text(name, FIELDS[name], hint=HINTS.get(name, "")) for name in ASKED_HERE[4:]),
            *_kept(classes),
        ],
        private_metadata=ref,
    )


def _left_out() -> str:
    """Name what the web form asks for and this one doesn't."""
    here = {"host", *ASKED_HERE}
    return ", ".join(label.lower() for name, label in FIELDS.items() if name not in here)


def _text(
    name: str,
    label: str,
    *,
    hint: str = "",
    required: bool = False,
    most: int = MAX_TEXT,
    initial: str = "",
) -> Block:
    element = PlainTextInputElement(
        action_id="value", max_length=most, initial_value=cut(initial, most) or None
    )
    return input_block(name, label, element, optional=not required, hint=hint)


def _source() -> Iterator[Block]:
    choices = [
        option(f"{one.rank}. {one.title}: {one.example}", str(one.rank)) for one in VOLATILITY
    ]
    yield input_block(
        "rank",
        "Kind of source: collect from the top down, what is above vanishes sooner",
        RadioButtonsElement(action_id="value", options=choices),
        optional=False,
    )
    hint = "Of the same machine, memory comes before the disk; you are warned if it didn't."
    yield _text("host", FIELDS["host"], hint=hint)


def _when() -> Iterator[Block]:
    yield input_block(
        "at",
        "Collected at",
        DateTimePickerElement(action_id="value"),
        optional=True,
        hint="Empty means now.",
    )
    choices = [option(words.capitalize(), name) for name, words in CLOCK_SOURCES.items()]
    yield input_block(
        "clock_source",
        "The clock that you read it from was",
        select(choices, next(iter(CLOCK_SOURCES))),
        optional=False,
    )


def _quantity() -> NumberInputElement:
    return NumberInputElement(
        action_id="value",
        is_decimal_allowed=False,
        min_value="1",
        max_value=str(MAX_QUANTITY),
        initial_value="1",
    )


def _kept(classes: Iterable[RetentionClass]) -> Iterator[Block]:
    """Ask how long it is kept, if there are classes; that a period is unchecked is said with it."""
    known = list(classes)[:KEPT_LIMIT]
    if not known:
        return
    choices = [option(f"{one.title}: {one.words()}", one.id) for one in known]
    doubted = ", ".join(one.title for one in known if one.doubt)
    hint = "When the time is over Legal is asked. Nothing is destroyed by itself."
    if doubted:
        hint += f" Unchecked, confirm with counsel: {doubted}."
    yield input_block(
        "retention",
        "Class of record: how long it is kept",
        select(choices),
        optional=True,
        hint=cut(hint, 2000),
    )
