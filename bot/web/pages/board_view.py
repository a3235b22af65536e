"""The board as a page shows it: filtered, sorted, drawn.

Pure: takes the board that `services.board` read and what the address asks for. Decides which lines
are shown and in which order, and how they become the picture; nothing here looks anything up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.documents.timeline_clock import TimelineClock
from bot.documents.timeline_svg import NARROW, WIDE, Layout, draw_timeline
from bot.domain.clocks import ClockState
from bot.domain.obligations import ObligationType, RecipientKind
from bot.domain.place_names import place_name
from bot.domain.places import is_within
from bot.services.board import Board, BoardRow, Duty, OpenQuestion, OtherDuty, nearest

RECIPIENTS: Mapping[str, str] = {
    RecipientKind.REGULATOR: "authority",
    RecipientKind.ATTORNEY_GENERAL: "attorney general",
    RecipientKind.INDIVIDUALS: "affected people",
    RecipientKind.CONSUMER_REPORTING_AGENCIES: "credit bureaus",
    RecipientKind.CSIRT: "CSIRT",
    RecipientKind.SEC_FILING: "SEC filing",
    RecipientKind.CONTROLLER: "owner of the data",
    RecipientKind.MEDIA: "media",
    RecipientKind.INTERNAL_ASSESSMENT: "our own assessment",
    RecipientKind.CONTRACT_PARTNER: "contract partner",
}
"""Who is told, in two words: for a column, a filter, a label."""

STATES: Mapping[str, str] = {
    ClockState.MISSED: "overdue",
    ClockState.RUNNING: "running",
    ClockState.TOLLED: "held",
    ClockState.WAITING: "waiting",
    ClockState.MET: "met",
    ClockState.WAIVED: "waived",
    ClockState.NOT_APPLICABLE: "ended",
}
"""Where a clock stands, in words for people, the most pressing first."""

_CONFIDENCE = {"high": 0, "medium": 1, "low": 2}
_STATE_ORDER = list(STATES)

_SORTS: Mapping[str, Callable[[BoardRow], Any]] = {
    "clock": lambda row: row.duty.key,
    "place": lambda row: (row.duty.place_name, row.duty.key),
    "to": lambda row: (RECIPIENTS.get(row.duty.recipient_kind, ""), nearest(row)),
    "duty": lambda row: (row.duty.regime, row.duty.key),
    "due": nearest,
    "state": lambda row: (_STATE_ORDER.index(row.state), nearest(row)),
    "law": lambda row: (row.duty.citation, row.duty.key),
    "checked": lambda row: (_CONFIDENCE.get(row.duty.confidence, 3), nearest(row)),
}
"""What the table can be sorted by. Time left goes with the deadline."""

COLUMNS = (
    ("clock", "Clock"),
    ("place", "Jurisdiction"),
    ("to", "Recipient"),
    ("duty", "Duty"),
    ("law", "Law"),
    ("due", "Due"),
    ("state", "State"),
    ("checked", "Confidence"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardQuery:
    """What an address asks of the board; words that nobody knows ask for nothing."""

    to: str = ""
    state: str = ""
    place: str = ""
    sort: str = "due"
    down: bool = False

    @property
    def filtered(self) -> bool:
        """Whether lines are left out."""
        return bool(self.to or self.state or self.place)

    def query(self) -> str:
        """Write it as the address carries it, with its question mark; empty if it asks nothing."""
        asked = {"to": self.to, "state": self.state, "place": self.place}
        if self.sort != "due":
            asked["sort"] = self.sort
        if self.down:
            asked["dir"] = "down"
        found = urlencode({name: value for name, value in asked.items() if value})
        return f"?{found}" if found else ""

    def words(self) -> str:
        """Say which lines are shown, for a file that leaves the page; empty for all of them."""
        said = [
            RECIPIENTS.get(self.to, ""),
            place_name(self.place) if self.place else "",
            STATES.get(self.state, ""),
        ]
        return ", ".join(one for one in said if one)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column's head: its words, where its link leads, and how it is sorted (ARIA's word)."""

    name: str
    words: str
    href: str
    sorted: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One choice of a filter, with the number of lines that it leaves."""

    value: str
    words: str
    count: int


def read_query(
    *, to: str = "", state: str = "", place: str = "", sort: str = "", order: str = ""
) -> BoardQuery:
    """Read what an address asks for; what isn't known is passed over."""
    return BoardQuery(
        to=to if to in RECIPIENTS else "",
        state=state if state in STATES else "",
        place=place.upper() if place_name(place.upper()) != place.upper() else "",
        sort=sort if sort in _SORTS else "due",
        down=order == "down",
    )


def narrowed(board: Board, query: BoardQuery) -> Board:
    """Leave out what the filters leave out, and sort the clocks."""
    rows = [row for row in board.rows if _row_fits(row, query)]
    rows.sort(key=_SORTS[query.sort], reverse=query.down)
    if query.down and query.sort == "due":
        rows.sort(key=lambda row: not row.open)
    questions = (
        replace(one, duties=tuple(duty for duty in one.duties if _fits(duty.duty, query)))
        for one in board.open_questions
    )
    return replace(
        board,
        rows=tuple(rows),
        open_questions=tuple(one for one in questions if one.duties or not query.filtered),
        not_applying=tuple(one for one in board.not_applying if _fits(one.duty, query)),
        never_running=tuple(one for one in board.never_running if _fits(one.duty, query)),
    )


def _row_fits(row: BoardRow, query: BoardQuery) -> bool:
    return _fits(row.duty, query) and (not query.state or row.state == query.state)


def _fits(duty: Duty, query: BoardQuery) -> bool:
    if query.to and duty.recipient_kind != query.to:
        return False
    return not query.place or is_within(duty.place, query.place)


def columns(query: BoardQuery, base: str) -> list[Column]:
    """Make the heads of the table: a link sorts by the column, a second click turns it round."""
    found = []
    for name, words in COLUMNS:
        now = query.sort == name
        asked = replace(query, sort=name, down=now and not query.down)
        direction = ("descending" if query.down else "ascending") if now else "none"
        href = f"{base}{asked.query()}#clocks"
        found.append(Column(name=name, words=words, href=href, sorted=direction))
    return found


def options(board: Board, query: BoardQuery) -> dict[str, list[Option]]:
    """Give the choices of each filter that leave at least one clock, beside the present one."""
    recipients = {value: _count(board, BoardQuery(to=value)) for value in RECIPIENTS}
    states = {value: _count(board, BoardQuery(state=value)) for value in STATES}
    codes = {row.duty.place for row in board.rows}
    countries = [code.partition("-")[0] for code in codes]
    codes |= {one for one in countries if countries.count(one) > 1}
    if query.place:
        codes.add(query.place)
    places = {code: _count(board, BoardQuery(place=code)) for code in codes}
    return {
        "to": _choices(recipients, RECIPIENTS.__getitem__, query.to),
        "state": _choices(states, STATES.__getitem__, query.state),
        "place": sorted(_choices(places, place_name, query.place), key=lambda one: one.words),
    }


def _count(board: Board, query: BoardQuery) -> int:
    return sum(1 for row in board.rows if _row_fits(row, query))


def _choices(counts: Mapping[str, int], words: Callable[[str], str], chosen: str) -> list[Option]:
    return [
        Option(value=value, words=words(value), count=count)
        for value, count in counts.items()
        if count or value == chosen
    ]


def timeline(
    rows: Iterable[BoardRow], *, now: datetime, zone: ZoneInfo, title: str, layout: Layout = WIDE
) -> Markup:
    """Draw the rows for a page."""
    ident = "narrow" if layout is NARROW else "wide"
    return draw_timeline(
        drawn_clocks(rows), now=now, zone=zone, title=title, layout=layout, ident=ident
    )


def drawn_clocks(rows: Iterable[BoardRow]) -> list[TimelineClock]:
    """Give what is drawn, the nearest deadline first whatever the table is sorted by."""
    return [
        _clock(row)
        for row in sorted(rows, key=nearest)
        if row.state is not ClockState.NOT_APPLICABLE
    ]


def _clock(row: BoardRow) -> TimelineClock:
    return TimelineClock(
        key=row.duty.key,
        place=row.duty.place_name,
        to=RECIPIENTS.get(row.duty.recipient_kind, "").removeprefix("affected "),
        state=row.state.value,
        due_at=row.due_at,
        not_before=row.not_before,
        lenient_due_at=row.lenient_due_at,
        extended_due_at=None if "extended" in row.ruled else row.extended_due_at,
        met_at=row.met_at,
        embargo=row.duty.type == ObligationType.EMBARGO,
        waits_for=row.waits_for,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonGroup:
    """Duties that don't apply for the very same reasons."""

    reasons: tuple[str, ...]
    duties: tuple[Duty, ...]


def by_reason(duties: Iterable[OtherDuty]) -> list[ReasonGroup]:
    """Put duties with the same reasons together, the largest group first."""
    groups: dict[tuple[str, ...], list[Duty]] = {}
    for one in duties:
        groups.setdefault(one.reasons, []).append(one.duty)
    found = [ReasonGroup(reasons=why, duties=tuple(those)) for why, those in groups.items()]
    return sorted(found, key=lambda one: (-len(one.duties), one.reasons))


def best_questions(board: Board, most: int = 3) -> tuple[int, int]:
    """Say how many duties the first few questions would settle: (questions, duties)."""
    first: list[OpenQuestion] = [one for one in board.open_questions if not one.answered][:most]
    return len(first), len({key for one in first for key in one.question.helps})
