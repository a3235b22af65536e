"""What comes after a notice was sent: the clocks that it meets, and what a follow-up tells.

Reads and computes; changes nothing. Which clocks a notice can meet is in `services.notice_duties`,
what is news in `domain.follow_ups`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.clocks import ClockState
from bot.domain.facts import from_json, parse_key, value_in_words, value_of
from bot.domain.notice_checks import question_of
from bot.domain.obligations import Obligation
from bot.domain.situation import ClockView
from bot.web.pages.notice_view import NoticeFile

SETTLED = frozenset({ClockState.MET, ClockState.WAIVED, ClockState.NOT_APPLICABLE})
"""States of a clock that nobody marks as met any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetsLine:
    """A clock that the notice meets.

    `wants_why` says what the law asks for where it was late; `told_why` is what the notice told.
    """

    clock: ClockView
    open: bool
    late: bool
    wants_why: str
    told_why: str


def meets_lines(file: NoticeFile, duties: Mapping[str, Obligation]) -> list[MeetsLine]:
    """List the clocks that a notice which has left meets, the open ones first."""
    done_at = file.handed_in_at
    if done_at is None:
        return []
    lines = []
    for clock in file.clocks:
        duty = duties.get(clock.key)
        late = clock.due_at is not None and done_at > clock.due_at
        lines.append(
            MeetsLine(
                clock=clock,
                open=clock.state not in SETTLED,
                late=late,
                wants_why=duty.late_reasons if duty and late else "",
                told_why=str(value_of(file.facts, "delay_reasons") or ""),
            )
        )
    return sorted(lines, key=lambda one: not one.open)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsLine:
    """One fact that the last report didn't tell, or told otherwise: `before` is empty if new."""

    question: str
    before: str
    value: str


def news_lines(file: NoticeFile) -> list[NewsLine]:
    """List what the notice has to tell since the last report, what is new first."""
    if file.follow_up is None:
        return []
    news, then = file.follow_up.news, file.follow_up.then
    return [
        NewsLine(
            question=question_of(key),
            before=value_in_words(parse_key(key), from_json(parse_key(key), then[key]))
            if key in news.changed
            else "",
            value=value_in_words(file.facts[key].key, file.facts[key].value),
        )
        for key in (*news.new, *news.changed)
    ]
