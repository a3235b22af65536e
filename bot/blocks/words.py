"""Small pieces that all blocks share: safe text, times in each reader's zone, links, people.

Slack's limits are kept here: text that a person wrote is escaped and cut, never sent as markup.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.domain.situation import PersonView, words_for

SECTION_LIMIT = 3000
HEADER_LIMIT = 150
FIELD_LIMIT = 2000
BLOCKS_LIMIT = 50
TEXT_LIMIT = 4000
"""Characters of a message's text, which Slack advises; 40,000 is where it cuts."""

Message = tuple[str, list[Block]]
"""A message's text, for notifications and screen readers, and its blocks, which say the same."""


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Cut a text to a limit of characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


_HALF = re.compile(r"(?:<[^<>]*|&[a-z]{0,4})$")
"""A mention, date, link or escaped sign that a cut has left open."""


def cut_markup(text: str, limit: int) -> str:
    """Cut text that is markup already: never in the middle of a mention, date or link."""
    if len(text) <= limit:
        return text
    return _HALF.sub("", text[: limit - 1]).rstrip() + "…"


def when(at: datetime) -> str:
    """Show an instant in the reader's own zone; Slack's fallback is UTC.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{fallback}>"


def when_legal(at: datetime) -> str:
    """Show an instant in the reader's zone with UTC beside it: deadlines of law are exact."""
    return f"{when(at)} ({at.astimezone(UTC).strftime('%d %b %H:%M')} UTC)"


def left_words(at: datetime, now: datetime) -> str:
    """Say how long is left, or how long it is over."""
    span = at - now
    return f"{words_for(span)} left" if span.total_seconds() >= 0 else f"over by {words_for(span)}"


def mention(person: PersonView) -> str:
    """Mention a person; the name if they have no Slack id any more."""
    return f"<@{person.slack_id}>" if person.slack_id else escape(person.name)


def section(text: str, *, accessory: ButtonElement | None = None) -> SectionBlock:
    """A section of markdown text, cut to Slack's limit, with a button beside it if given."""
    text = cut_markup(text, SECTION_LIMIT)
    return SectionBlock(text=MarkdownTextObject(text=text), accessory=accessory)


def sections(lines: Sequence[str]) -> list[SectionBlock]:
    """As many sections as the lines need: what is long is continued, not hidden."""
    return [section(text) for text in _packed(lines)]


def _packed(lines: Sequence[str]) -> Iterator[str]:
    held = ""
    for line in lines:
        joined = f"{held}\n{line}" if held else line
        if len(joined) > SECTION_LIMIT and held:
            yield held
            held = line
        else:
            held = joined
    if held:
        yield held


def plain(text: str, *more: Block) -> Message:
    """Make a message of lines of text, with blocks after them if given."""
    return cut_markup(text, TEXT_LIMIT), [*sections(text.split("\n")), *more]


def fitting(blocks: Sequence[Block], *, more: str) -> list[Block]:
    """Keep to the blocks that a message may have; what is left out is said."""
    if len(blocks) <= BLOCKS_LIMIT:
        return list(blocks)
    return [*blocks[: BLOCKS_LIMIT - 1], context(f"… and more: {more}")]


def header(text: str) -> HeaderBlock:
    """A header line."""
    return HeaderBlock(text=PlainTextObject(text=cut(text, HEADER_LIMIT), emoji=True))


def context(*texts: str) -> ContextBlock:
    """Small grey text."""
    return ContextBlock(
        elements=[MarkdownTextObject(text=cut_markup(text, FIELD_LIMIT)) for text in texts]
    )


def bullets(lines: Sequence[str], *, limit: int, more: str) -> str:
    """List lines with bullets; the rest beyond the limit is counted, not hidden."""
    shown = [f"• {line}" for line in lines[:limit]]
    rest = len(lines) - limit
    if rest > 0:
        shown.append(f"… and {rest} more: {more}")
    return "\n".join(shown)
