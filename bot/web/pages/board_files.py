"""The board as files: lines for a spreadsheet, and the values of the paper.

Decides the words of both. How they are written is `documents.spreadsheet`'s and
`documents.board_paper`'s.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.documents.board_paper import FIRST_LINES, LINES, BoardPaper, PaperGroup, PaperRow
from bot.documents.timeline_clock import describe_timeline
from bot.documents.timeline_svg import draw_for_paper
from bot.domain.clocks import ClockState
from bot.domain.obligations import ObligationType
from bot.domain.situation import words_for
from bot.services.board import Board, BoardRow, Duty
from bot.services.log_head import LogHead
from bot.web.pages.board_view import RECIPIENTS, STATES, BoardQuery, by_reason, drawn_clocks
from bot.web.pages.render import capital, place_time

HEAD = (
    "Clock",
    "Jurisdiction code",
    "Jurisdiction",
    "Recipient kind",
    "Recipient",
    "Duty",
    "State",
    "Due (local)",
    "Zone",
    "Due (UTC)",
    "Not before (UTC)",
    "More generous reading (UTC)",
    "If extended (UTC)",
    "Counted from (UTC)",
    "Met (UTC)",
    "Law",
    "Regime",
    "Confidence",
    "Own rule",
    "Ruled by counsel",
    "Why",
)


def csv_lines(board: Board) -> Iterator[tuple[str, ...]]:
    """Give every duty as a line: those with clocks first, then what is open, then the rest."""
    for row in board.rows:
        yield _csv(
            row.duty,
            state=STATES.get(row.state, row.state),
            zone=row.zone,
            due=row.due_at,
            not_before=row.not_before,
            lenient=row.lenient_due_at,
            extended=row.extended_due_at,
            started=row.started_at,
            met=row.met_at if row.state is ClockState.MET else None,
            ruled=", ".join(row.ruled),
            why=row.reason,
        )
    for one in board.open_duties:
        why = "; ".join(one.reasons)
        if one.would_be_due_at:
            why += f" (if it applies, due {_utc(one.would_be_due_at)} UTC)"
        yield _csv(one.duty, state="can't tell yet", zone=one.zone, why=why)
    for other in board.not_applying:
        yield _csv(other.duty, state="doesn't apply", why="; ".join(other.reasons))
    for other in board.never_running:
        yield _csv(other.duty, state="never counted", why="; ".join(other.reasons))


def _csv(
    duty: Duty,
    *,
    state: str,
    why: str,
    zone: str = "",
    due: datetime | None = None,
    not_before: datetime | None = None,
    lenient: datetime | None = None,
    extended: datetime | None = None,
    started: datetime | None = None,
    met: datetime | None = None,
    ruled: str = "",
) -> tuple[str, ...]:
    confidence = f"{duty.confidence}: confirm with counsel"
    return (
        duty.key,
        duty.place,
        duty.place_name,
        RECIPIENTS.get(duty.recipient_kind, ""),
        duty.recipient,
        duty.duty,
        state,
        f"{due.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" if due else "",
        zone,
        *(_utc(at) for at in (due, not_before, lenient, extended, started, met)),
        duty.citation,
        duty.regime,
        confidence if duty.confirm_with_counsel else duty.confidence,
        "yes" if duty.own else "no",
        ruled,
        why,
    )


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""


def paper_of_board(
    board: Board,
    query: BoardQuery,
    *,
    ref: str,
    title: str,
    organisation: str,
    head: LogHead,
    by: str,
    now: datetime,
    zone: ZoneInfo,
) -> BoardPaper:
    """Make the paper's values from the board as it is filtered."""
    clocks = drawn_clocks(board.rows)
    local = now.astimezone(zone)
    made = f"{local.day} {local:%B %Y, %H:%M %Z} ({now.astimezone(UTC):%H:%M} UTC) by {by}"
    picture = "Deadlines by jurisdiction"
    return BoardPaper(
        ref=ref,
        title=title,
        organisation=organisation,
        made=made,
        made_at=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        log=f"Evidence log at {head.size} entries, root {head.root}",
        only=query.words(),
        tally=tuple(tally_words(board)),
        zone=zone.key,
        pictures=draw_for_paper(
            clocks, now=now, zone=zone, title=picture, first=FIRST_LINES, most=LINES
        ),
        picture_words=f"{picture}. {describe_timeline(clocks, now=now, zone=zone)}",
        rows=tuple(_paper_row(row, now) for row in board.rows),
        questions=tuple(
            PaperGroup(words=one.question.label, keys=tuple(d.duty.key for d in one.duties))
            for one in board.open_questions
            if one.duties
        ),
        ruled_out=tuple(
            PaperGroup(
                words=capital(f"{'; '.join(one.reasons)}."),
                keys=tuple(duty.key for duty in one.duties),
            )
            for one in by_reason(board.not_applying)
        ),
    )


def tally_words(board: Board) -> Iterator[str]:
    """Say how many clocks stand where, what is open, and what is ruled out."""
    for state, words in STATES.items():
        count = board.in_state(ClockState(state))
        if count:
            yield f"{count} {words}"
    yield f"{len(board.open_duties)} can’t be told yet"
    yield f"{len(board.not_applying)} don’t apply"


def _paper_row(row: BoardRow, now: datetime) -> PaperRow:
    pressing = row.open and row.due_at is not None and row.due_at < now
    confidence = "confirm with counsel" if row.duty.confirm_with_counsel else "high"
    return PaperRow(
        key=row.duty.key,
        place=row.duty.place_name,
        to=capital(RECIPIENTS.get(row.duty.recipient_kind, "")),
        recipient=row.duty.recipient,
        duty=row.duty.duty,
        law=row.duty.citation,
        left=capital(_left(row, now)),
        due=tuple(_due(row)),
        state=capital(STATES.get(row.state, row.state)),
        confidence=f"own rule; {confidence}" if row.duty.own else confidence,
        pressing=pressing,
    )


def _left(row: BoardRow, now: datetime) -> str:
    if row.state is ClockState.MET:
        return "met late" if row.met_late else "met"
    if not row.open or row.state is ClockState.TOLLED:
        return STATES[row.state]
    if row.not_before or row.duty.type == ObligationType.EMBARGO:
        return "tell nobody yet"
    if row.due_at is None:
        waits = f"waits for {row.waits_for or 'an event'}"
        return "without undue delay" if row.state is ClockState.RUNNING else waits
    return f"{words_for(row.due_at - now)} {'over' if row.due_at < now else 'left'}"


def _due(row: BoardRow) -> Iterator[str]:
    if row.not_before:
        yield f"not before {place_time(row.not_before, row.zone)}"
        yield f"{_utc(row.not_before)} UTC"
    if row.due_at:
        yield place_time(row.due_at, row.zone)
        yield f"{_utc(row.due_at)} UTC"
    if row.lenient_due_at and row.open:
        yield f"or {place_time(row.lenient_due_at, row.zone)} by a more generous reading"
    if row.extended_due_at and row.open and "extended" not in row.ruled:
        yield f"{place_time(row.extended_due_at, row.zone)} if extended"
    if row.met_at and row.state is ClockState.MET:
        yield f"met {_utc(row.met_at)} UTC"
    if row.ruled:
        yield f"{', '.join(row.ruled).replace('tolled', 'held')} by counsel"
