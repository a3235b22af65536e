"""The marks of the deadlines' picture: a shape, a line and a colour for each state.

Decides how each looks; no two share a shape, so that nothing rests on colour alone. Where they
stand is `timeline_svg`'s.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from markupsafe import Markup

COLOUR: Mapping[str, str] = MappingProxyType(
    {
        "ink": "#191c20",
        "soft": "#565d67",
        "line": "#d9dbd6",
        "shade": "#eeefeb",
        "paper": "#ffffff",
        "bad": "#9c1f1a",
        "warn": "#7a4d00",
        "good": "#1b6240",
        "info": "#1d4f87",
    }
)
"""Colours of the light page; a stylesheet may override them by class for a dark one."""


class Shape(StrEnum):
    """What a mark stands for."""

    OVERDUE = "overdue"
    SOON = "soon"
    RUNNING = "running"
    NO_NUMBER = "no_number"
    TOLLED = "tolled"
    EMBARGO = "embargo"
    LENIENT = "lenient"
    EXTENDED = "extended"
    MET = "met"
    WAIVED = "waived"
    WAITING = "waiting"

    @property
    def tone(self) -> str:
        """The colour's name."""
        return _TONE.get(self, "soft")


_TONE = {
    Shape.OVERDUE: "bad",
    Shape.SOON: "warn",
    Shape.RUNNING: "info",
    Shape.NO_NUMBER: "warn",
    Shape.TOLLED: "soft",
    Shape.EMBARGO: "bad",
    Shape.LENIENT: "info",
    Shape.EXTENDED: "info",
    Shape.MET: "good",
}

_LEGEND = {
    Shape.OVERDUE: "overdue",
    Shape.SOON: "due within 24 hours",
    Shape.RUNNING: "due",
    Shape.NO_NUMBER: "no number: without undue delay",
    Shape.TOLLED: "held for law enforcement",
    Shape.EMBARGO: "nobody may be told before",
    Shape.LENIENT: "a more generous reading; alarms don’t follow it",
    Shape.EXTENDED: "if the extension is taken up",
    Shape.MET: "met",
    Shape.WAIVED: "waived",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Legend:
    """What the marks mean, drawn from y = 0 down."""

    drawn: Markup
    height: float


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    weight: int = 400,
    tone: str = "ink",
    size: float | None = None,
) -> Markup:
    """Write words; `y` is the base line."""
    if not words:
        return Markup("")
    return Markup(
        '<text class="tl-{tone}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        'font-weight="{weight}" fill="{colour}"{size}>{words}</text>'
    ).format(
        tone=tone,
        x=x,
        y=y,
        anchor=anchor,
        weight=weight,
        colour=COLOUR[tone],
        size=Markup(' font-size="{}"').format(size) if size else "",
        words=words,
    )


_THREAD = {
    Shape.OVERDUE: ("5", ""),
    Shape.SOON: ("4", ""),
    Shape.RUNNING: ("2", ""),
    Shape.TOLLED: ("2", "7 4"),
    Shape.EMBARGO: ("7", "2 3"),
    Shape.LENIENT: ("1.5", "1.5 3"),
    Shape.EXTENDED: ("1.5", "5 3"),
}


def thread(begin: float, end: float, y: float, shape: Shape) -> Markup:
    """Draw the line that leads to a mark; settled clocks have none."""
    if shape not in _THREAD:
        return Markup("")
    width, dashes = _THREAD[shape]
    return Markup(
        '<path class="tl-{tone}-line" d="M{a:.1f} {y:.1f}H{b:.1f}" stroke="{colour}" fill="none" '
        'stroke-width="{width}"{dashes}/>'
    ).format(
        tone=shape.tone,
        a=begin,
        b=end,
        y=y,
        colour=COLOUR[shape.tone],
        width=width,
        dashes=Markup(' stroke-dasharray="{}"').format(dashes) if dashes else "",
    )


_FILLED, _HOLLOW = "fill", "paper"
_PATHS = {
    # (path around the origin, filled or hollow, path drawn over it)
    Shape.OVERDUE: ("M-6.5-6.5H6.5V6.5H-6.5Z", _FILLED, "M0-3.6V1M0 3.2V3.9"),
    Shape.SOON: ("M0-8 8 6H-8Z", _FILLED, ""),
    Shape.RUNNING: ("M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z", _FILLED, ""),
    Shape.TOLLED: ("M-5-6H-1.5V6H-5ZM1.5-6H5V6H1.5Z", _FILLED, ""),
    Shape.EMBARGO: ("M-6-7H2V7H-6V5H-1V-5H-6Z", _FILLED, ""),
    Shape.LENIENT: ("M0-5.5 5.5 0 0 5.5-5.5 0Z", _HOLLOW, ""),
    Shape.EXTENDED: ("M-4-5.5 5.5 0-4 5.5Z", _HOLLOW, ""),
    Shape.MET: ("M-6 0A6 6 0 1 1 6 0A6 6 0 1 1-6 0Z", _HOLLOW, "M-3 .2-.8 2.4 3.2-2.4"),
    Shape.WAIVED: ("M-6 0A6 6 0 1 1 6 0A6 6 0 1 1-6 0Z", _HOLLOW, "M-3.2 0H3.2"),
}


def mark(x: float, y: float, shape: Shape) -> Markup:
    """Draw a mark with its middle at a point."""
    path, fill, over = _PATHS[shape]
    hollow = fill == _HOLLOW
    tone, colour = shape.tone, COLOUR[shape.tone]
    drawn = Markup(
        '<path class="tl-{kind}" d="{path}" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
    ).format(
        kind=f"{tone}-hollow" if hollow else f"{tone}-full",
        path=path,
        fill=COLOUR["paper"] if hollow else colour,
        colour=colour,
    )
    if over:
        drawn += Markup(
            '<path class="tl-{kind}" d="{path}" fill="none" stroke="{colour}" stroke-width="1.7"/>'
        ).format(
            kind=f"{tone}-line" if hollow else "over",
            path=over,
            colour=colour if hollow else COLOUR["paper"],
        )
    return Markup('<g transform="translate({:.1f} {:.1f})">{}</g>').format(x, y, drawn)


def no_number(x: float, y: float) -> Markup:
    """Draw a duty that is owed at once: arrows that leave now."""
    arrows = "M3-5 8 0 3 5M10-5 15 0 10 5M17-5 22 0 17 5"
    return Markup(
        '<path class="tl-warn-line" transform="translate({:.1f} {:.1f})" d="{}" fill="none" '
        'stroke="{}" stroke-width="2"/>'
    ).format(x, y, arrows, COLOUR["warn"])


def legend(shapes: Collection[Shape], *, y: float, width: float, size: float) -> Legend:
    """Explain the shapes that occur, in rows that fit the width."""
    parts: list[Markup] = []
    x, line = 0.0, y + 20
    for shape, words in _LEGEND.items():
        if shape not in shapes:
            continue
        needed = 26 + len(words) * size * 0.5 + 22
        if x and x + needed > width:
            x, line = 0.0, line + 22
        drawn = no_number(x, line) if shape is Shape.NO_NUMBER else mark(x + 10, line, shape)
        parts += [drawn, text(x + 27, line + 4.5, words, tone="soft")]
        x += needed
    return Legend(drawn=Markup("").join(parts), height=line - y + 16 if parts else 0)
