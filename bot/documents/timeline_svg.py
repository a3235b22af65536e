"""The picture of all deadlines as SVG: one line a clock, or one a place where there are many.

Decides how a deadline looks. Each state has a shape of its own and its words beside it, so that the
picture is whole in black and white and on paper; colours come second. It needs no script and no
style of the page: what it draws carries its own attributes, which a stylesheet may override by
class. Where an instant lies is `timeline_scale`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.documents.timeline_clock import (
    COUNTING,
    TimelineClock,
    describe_timeline,
    instants_of,
    shape_of,
    shapes_of,
    told_of,
    when_words,
)
from bot.documents.timeline_marks import COLOUR, Shape, legend, mark, no_number, text, thread
from bot.documents.timeline_scale import Scale, scale_for

MANY = 40
"""From more clocks than this on, a line is a place and not a clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Measures of one picture, in its own units; one is a pixel where it is shown full size."""

    width: int
    label: int
    """Width of the names at the left; 0 puts them above the line."""
    words: int
    """Width of the times at the right; 0 puts them above the line."""
    row: int
    size: float

    @property
    def stacked(self) -> bool:
        """Whether names and times stand above each line."""
        return self.label == 0


WIDE = Layout(width=1200, label=368, words=232, row=23, size=13)
NARROW = Layout(width=372, label=0, words=0, row=38, size=13)
_HEAD, _FOOT = 62, 12


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of the picture."""

    name: str
    note: str
    clocks: tuple[TimelineClock, ...]
    when: str
    left: str
    tone: Shape


def draw_timeline(
    clocks: Sequence[TimelineClock],
    *,
    now: datetime,
    zone: ZoneInfo,
    title: str,
    layout: Layout = WIDE,
    ident: str = "timeline",
) -> Markup:
    """Draw the clocks in the order given; days and times are those of `zone`.

    `ident` begins the ids inside, so that two pictures can stand on one page.
    """
    lines = _lines(clocks, now, zone)
    return _draw(lines, _frame(clocks, now, zone, layout), title=title, ident=ident)


def draw_for_paper(
    clocks: Sequence[TimelineClock],
    *,
    now: datetime,
    zone: ZoneInfo,
    title: str,
    first: int,
    most: int,
) -> list[Markup]:
    """Draw pictures of `first` lines, then of at most so many, all on the same scale."""
    lines = _lines(clocks, now, zone)
    frame = _frame(clocks, now, zone, WIDE)
    starts = [0, *range(first, len(lines), most)] if lines else []
    return [
        _draw(lines[begin:end], frame, title=title, ident=f"part{begin}")
        for begin, end in pairwise([*starts, len(lines)])
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Frame:
    """What all parts of a picture share."""

    clocks: Sequence[TimelineClock]
    scale: Scale
    shapes: frozenset[Shape]
    layout: Layout


def _frame(
    clocks: Sequence[TimelineClock], now: datetime, zone: ZoneInfo, layout: Layout
) -> _Frame:
    scale = scale_for(
        (at for one in clocks for at in instants_of(one)),
        now=now,
        zone=zone,
        left=layout.label + 8,
        right=layout.width - layout.words - (14 if layout.words else 8),
    )
    shapes = frozenset(shape for one in clocks for shape in shapes_of(one, now))
    return _Frame(clocks=clocks, scale=scale, shapes=shapes, layout=layout)


def _lines(clocks: Sequence[TimelineClock], now: datetime, zone: ZoneInfo) -> list[_Line]:
    if len(clocks) > MANY:
        return _by_place(clocks, now, zone)
    return [_line(one.key, [one], now, zone) for one in clocks]


def _draw(lines: Sequence[_Line], frame: _Frame, *, title: str, ident: str) -> Markup:
    scale, layout = frame.scale, frame.layout
    keys = legend(frame.shapes, y=0, width=layout.width, size=layout.size)
    bottom = _HEAD + len(lines) * layout.row + _FOOT
    body = Markup("").join(
        [
            _background(scale, bottom - _FOOT, layout),
            *(_row(one, _HEAD + n * layout.row, scale, layout) for n, one in enumerate(lines)),
            _now_line(scale, bottom - _FOOT, layout),
            Markup('<g transform="translate(0 {})">{}</g>').format(bottom, keys.drawn),
        ]
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="timeline {i}" viewBox="0 0 {w} {h}" '
        'width="{w}" height="{h}" role="img" aria-labelledby="{i}-title {i}-desc" '
        'font-family="Source Sans 3, Segoe UI, sans-serif" font-size="{s}" fill="{ink}">'
        '<title id="{i}-title">{title}</title><desc id="{i}-desc">{desc}</desc>{body}</svg>'
    ).format(
        w=layout.width,
        h=round(bottom + keys.height),
        i=ident,
        s=layout.size,
        ink=COLOUR["ink"],
        title=title,
        desc=describe_timeline(frame.clocks, now=scale.now, zone=scale.zone),
        body=body,
    )


def _by_place(clocks: Iterable[TimelineClock], now: datetime, zone: ZoneInfo) -> list[_Line]:
    places: dict[str, list[TimelineClock]] = {}
    for one in clocks:
        places.setdefault(one.place, []).append(one)
    return [_line(place, those, now, zone) for place, those in places.items()]


def _line(name: str, clocks: Sequence[TimelineClock], now: datetime, zone: ZoneInfo) -> _Line:
    """Say a line's name and time; of several clocks the first one's, which is the nearest."""
    first = clocks[0]
    shape = shape_of(first, now)
    when, left = told_of(first, shape, now, zone)
    count = f"{len(clocks)} clock{'' if len(clocks) == 1 else 's'}"
    by_key = name == first.key
    note = f"{first.place} · {first.to}" if by_key else count
    return _Line(
        name=name,
        note=note,
        clocks=tuple(clocks),
        when=when,
        left=left,
        tone=shape,
    )


def _background(scale: Scale, bottom: float, layout: Layout) -> Markup:
    """Draw the bands, their names, and the lines of days and months."""
    top, parts = _HEAD - 6, []
    for tick in scale.days():
        if tick.weekend_until is not None:
            parts.append(
                Markup(
                    '<rect class="tl-weekend" x="{}" y="{}" width="{}" height="{}" fill="{}"/>'
                ).format(
                    _n(tick.x),
                    top,
                    _n(tick.weekend_until - tick.x),
                    bottom - top,
                    COLOUR["shade"],
                )
            )
        parts += _tick(
            tick.x,
            tick.words[-1:] if layout.stacked else (" ".join(tick.words),),
            top=top,
            bottom=bottom,
        )
    for tick in scale.later():
        parts += _tick(tick.x, tick.words, top=top, bottom=bottom)
    parts += _tick(scale.later_x, (), top=top, bottom=bottom)
    past = "past" if scale.now_x - scale.left > 60 else ""  # noqa: PLR2004 - room for the word
    for x, words, anchor in (
        (scale.now_x - 6, past, "end"),
        ((scale.now_x + scale.later_x) / 2, "next 7 days", "middle"),
        ((scale.later_x + scale.right) / 2, "later, compressed", "middle"),
    ):
        shown = words.partition(",")[0] if layout.stacked else words
        parts.append(text(x, 30, shown, anchor=anchor, weight=600, tone="soft"))
    return Markup("").join(parts)


def _tick(x: float, words: Sequence[str], *, top: float, bottom: float) -> list[Markup]:
    line = Markup('<path class="tl-grid" d="M{} {}V{}" stroke="{}" fill="none"/>').format(
        _n(x), top, bottom, COLOUR["line"]
    )
    rows = words[-1:] if len(words) == 1 else words
    base = 50 if len(rows) == 1 else 43
    return [
        line,
        *(
            text(x, base + n * 12, one, anchor="middle", tone="soft", size=11)
            for n, one in enumerate(rows)
        ),
    ]


def _now_line(scale: Scale, bottom: float, layout: Layout) -> Markup:
    """Draw the line of now; where names stand above their marks it is left out behind names."""
    now = when_words(scale.now, scale.zone)
    down = f"V{bottom:.1f}"
    if layout.stacked:
        rows = round((bottom - _HEAD) / layout.row)
        tops = [_HEAD + (n + 1) * layout.row - 19 for n in range(rows)]
        down = f"V{_HEAD - 6}" + "".join(f"M{_n(scale.now_x)} {top}v18" for top in tops)
    x = _n(scale.now_x)
    anchor = "start" if scale.now_x - scale.left < 60 else "middle"  # noqa: PLR2004
    return Markup('<path class="tl-now" d="M{} 18{}" stroke="{}" stroke-width="2"/>{}').format(
        x,
        down,
        COLOUR["ink"],
        text(
            scale.now_x - (2 if anchor == "start" else 0),
            12,
            f"now: {now}",
            anchor=anchor,
            weight=600,
        ),
    )


def _row(line: _Line, top: float, scale: Scale, layout: Layout) -> Markup:
    """Draw one line: its name, its marks, its time."""
    y = top + (layout.row - 10 if layout.stacked else layout.row / 2)
    parts = [
        Markup('<path class="tl-row" d="M0 {}H{}" stroke="{}"/>').format(
            _n(top + layout.row), layout.width, COLOUR["line"]
        )
    ]
    parts += _names(line, top, layout)
    for clock in line.clocks:
        parts += _marks(clock, y, scale)
    return Markup("").join(parts)


def _names(line: _Line, top: float, layout: Layout) -> list[Markup]:
    tone = line.tone.tone
    if layout.stacked:
        base = top + 15
        room = round((layout.width - 12) / (layout.size * 0.5))
        left = _cut(line.left, 26)
        return [
            text(0, base, _cut(line.name, room - len(left)), weight=600),
            text(layout.width, base, left, anchor="end", weight=600, tone=tone),
        ]
    base = top + layout.row / 2 + 4.5
    keys = 172
    edge = layout.width
    return [
        text(0, base, _cut(line.name, 24), weight=600),
        text(keys, base, _cut(line.note, 33), tone="soft"),
        text(edge, base, line.left, anchor="end", weight=600, tone=tone),
        text(layout.width - layout.words, base, line.when, tone="ink"),
    ]


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _marks(clock: TimelineClock, y: float, scale: Scale) -> list[Markup]:
    shape = shape_of(clock, scale.now)
    if shape is Shape.WAITING:
        return []
    if shape is Shape.NO_NUMBER:
        return [no_number(scale.now_x, y)]
    at = clock.not_before if shape is Shape.EMBARGO else clock.due_at or clock.met_at
    if at is None:
        return []
    x = scale.x(at)
    parts = [thread(scale.now_x, x, y, shape)]
    if shape in {*COUNTING, Shape.TOLLED}:
        for other, more in (
            (clock.lenient_due_at, Shape.LENIENT),
            (clock.extended_due_at, Shape.EXTENDED),
        ):
            if other:
                # Where the scale is too coarse to tell them apart they still stand side by side.
                there = max(scale.x(other), x + 11)
                parts += [thread(x, there, y, more), mark(there, y, more)]
    return [*parts, mark(x, y, shape)]


def _n(number: float) -> str:
    """Write a coordinate with one digit after the point."""
    return f"{number:.1f}"
