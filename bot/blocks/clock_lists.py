"""Answers about all clocks of an incident: the next five, and everything page by page.

Slack takes some 12,000 characters of text in all blocks of a message, whatever its 50 blocks could
hold (https://github.com/slackapi/bolt-js/issues/2509), so that long lists come in pages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.blocks.clock_words import clock_entry, legal, targets_line
from bot.blocks.words import context, cut, escape, header, section, sections
from bot.domain.questions import Question
from bot.domain.situation import ClockView, Situation

NEXT = 5
PAGE_LIMIT = 9_000
"""Characters of a page: well within what Slack takes, since markup counts more than it shows."""
QUESTIONS_SHOWN = 3
COUNSEL = "Tocsin assists counsel and is not legal advice. Counsel decides what applies."
GROUPS = (
    ("missed", "Overdue"),
    ("running", "Running"),
    ("waiting", "Waiting for an event or a fact"),
    ("tolled", "Held for law enforcement"),
    ("met", "Met"),
    ("waived", "Waived"),
    ("not_applicable", "Doesn't apply"),
)
"""The states in which clocks are listed, in this order, and their headings."""

QUESTIONS_BUTTON = "open_questions"
CLOCKS_BUTTON = "show_clocks"
PAGE_BUTTON = "show_clock_page"


def clock_overview(
    situation: Situation, questions: Sequence[Question], now: datetime
) -> list[Block]:
    """Show the next five deadlines and what is overdue, count the rest, and say what to ask."""
    overdue = legal(situation.clocks_in("missed"))
    running = legal(situation.clocks_in("running"))
    ahead = [clock for clock in running if not clock.not_before]
    lines = [f"*Overdue: {len(overdue)}*"] if overdue else []
    lines += [clock_entry(clock, now) for clock in overdue[:NEXT]]
    lines += ["*Next deadlines*"] if ahead else ["_No deadline of law runs at present._"]
    lines += [clock_entry(clock, now) for clock in ahead[:NEXT]]
    rest = len(ahead[NEXT:]) + len(overdue[NEXT:])
    if rest:
        lines.append(f"… and {rest} more: `/incident clock all`")
    lines += [clock_entry(clock, now) for clock in running if clock.not_before]
    lines += [one for one in (targets_line(situation),) if one]
    blocks: list[Block] = [header(f"Clocks of {situation.ref}")]
    blocks += [section(line) for line in lines]
    blocks += sections([_others(situation), *_open_line(situation, questions)])
    return [
        *blocks,
        _buttons(situation, questions),
        context(f"Why? `/incident clock ID` · {COUNSEL}"),
    ]


def _others(situation: Situation) -> str:
    counts = [
        f"{len(situation.clocks_in(state))} {words}"
        for state, words in (
            ("waiting", "waiting"),
            ("tolled", "held"),
            ("met", "met"),
            ("waived", "waived"),
            ("not_applicable", "no longer applying"),
        )
        if situation.clocks_in(state)
    ]
    return f"{' · '.join(counts) or 'No other clock'} · all: `/incident clock all`"


def _open_line(situation: Situation, questions: Sequence[Question]) -> list[str]:
    if not questions and not situation.cannot_tell:
        return ["Of every duty in the pack it can be told whether it applies."]
    head = f"❔ *{situation.cannot_tell} duties can't be told yet.*"
    asked = [f"{n}. {escape(one.label)}" for n, one in enumerate(questions[:QUESTIONS_SHOWN], 1)]
    return [f"{head} What decides most: {' '.join(asked)}" if asked else head]


def _buttons(situation: Situation, questions: Sequence[Question]) -> ActionsBlock:
    buttons = [
        ButtonElement(text="All clocks", action_id=PAGE_BUTTON, value=f"{situation.ref} all")
    ]
    if questions and situation.status != "closed":
        answer = ButtonElement(
            text="Answer questions",
            action_id=QUESTIONS_BUTTON,
            value=situation.ref,
            style="primary",
        )
        buttons.insert(0, answer)
    return ActionsBlock(block_id="clocks", elements=buttons)


def clock_page(situation: Situation, now: datetime, *, page: int = 1) -> tuple[list[Block], int]:
    """Show a page of all clocks, by state, the nearest deadline first.

    Returns the blocks and how many pages there are. A page beyond the last shows the last.
    """
    pages = list(_pages(list(_all_lines(situation, now)))) or [["_There is no clock._"]]
    page = min(max(page, 1), len(pages))
    count = f" · page {page} of {len(pages)}" if len(pages) > 1 else ""
    blocks: list[Block] = [header(f"All clocks of {situation.ref}{count}")]
    blocks += sections(pages[page - 1])
    if page < len(pages):
        following = ButtonElement(
            text="Next page", action_id=PAGE_BUTTON, value=f"{situation.ref} all {page + 1}"
        )
        blocks.append(ActionsBlock(block_id="clocks", elements=[following]))
    return [*blocks, context(f"Why? `/incident clock ID` · {COUNSEL}")], len(pages)


def _all_lines(situation: Situation, now: datetime) -> Iterator[str]:
    for state, heading in GROUPS:
        clocks = situation.clocks_in(state)
        if clocks:
            yield f"*{heading}: {len(clocks)}*"
        yield from (_entry(clock, now) for clock in clocks)


def _entry(clock: ClockView, now: datetime) -> str:
    if clock.state == "not_applicable":
        return f"▫️ {escape(clock.title)} `{clock.key}`: {escape(cut(clock.reason, 160))}"
    return clock_entry(clock, now)


def _pages(lines: Sequence[str]) -> Iterator[list[str]]:
    held: list[str] = []
    size = 0
    for line in lines:
        if held and size + len(line) > PAGE_LIMIT:
            yield held
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    if held:
        yield held
