"""Who had an item when, as SVG: a line for each person, a bar for each time in their hands.

Decides how it looks. The bars stand in the order of the hand-overs, equally wide, with their times
beside them, because a minute and a year must both be seen; lengths mean nothing, and it says so.
It needs no script and no style; a stylesheet may override its colours by class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.documents.timeline_marks import COLOUR

LABEL, BAR, ROW, HEAD = 170, 150, 46, 34
SHOWN = 10
"""Spans that one picture shows: the newest; that earlier ones are left out is said."""
NAME_CUT = 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A time in which one person held the item; `until` empty: still. `ended` says how."""

    name: str
    since: datetime
    until: datetime | None
    ended: str = ""
    marks: tuple[str, ...] = ()
    """What happened meanwhile, in a word each: sealed, copied."""


def describe_custody(held: Sequence[Held], *, zone: ZoneInfo, waits_for: str = "") -> str:
    """Say the same as the picture, in a sentence a span."""
    parts = []
    for one in held:
        until = f"until {_when(one.until, zone)}" if one.until else "until now"
        how = f" ({one.ended})" if one.ended in {"returned", "disposed"} else ""
        parts.append(f"{one.name} from {_when(one.since, zone)} {until}{how}.")
    if waits_for:
        parts.append(f"On its way to {waits_for}, not received yet.")
    return " ".join(parts)


def draw_custody(
    held: Sequence[Held],
    *,
    zone: ZoneInfo,
    title: str,
    waits_for: str = "",
    ident: str = "custody",
) -> Markup:
    """Draw the spans in their order; times are those of `zone`.

    `waits_for` is the name of somebody to whom the item was released and who hasn't received it.
    """
    shown = list(held)[-SHOWN:]
    names = list(dict.fromkeys([one.name for one in shown] + ([waits_for] if waits_for else [])))
    width = LABEL + BAR * (len(shown) + (1 if waits_for else 0)) + 12
    height = HEAD + ROW * len(names) + 22
    parts = [_rows(names, width)]
    for index, one in enumerate(shown):
        parts.append(_bar(index, names.index(one.name), one, zone))
        if index:
            before = names.index(shown[index - 1].name)
            parts.append(_handed(index, before, names.index(one.name)))
    if waits_for and shown:
        row = names.index(waits_for)
        parts.append(_handed(len(shown), names.index(shown[-1].name), row, dashed=True))
        parts.append(_waiting(len(shown), row))
    left_out = len(held) - len(shown)
    foot = "Widths are equal; they don’t show how long."
    foot += f" {left_out} earlier times are left out." if left_out else ""
    parts.append(_text(4, height - 6, foot, size=11, tone="soft"))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'role="img" aria-labelledby="{i}-title {i}-desc" font-family="Source Sans 3, sans-serif" '
        'class="custody"><title id="{i}-title">{title}</title><desc id="{i}-desc">{desc}</desc>'
        "{body}</svg>"
    ).format(
        w=width,
        h=height,
        i=ident,
        title=title,
        desc=describe_custody(held, zone=zone, waits_for=waits_for),
        body=Markup("").join(parts),
    )


def _rows(names: Sequence[str], width: int) -> Markup:
    lines = []
    for row, name in enumerate(names):
        y = HEAD + row * ROW
        lines.append(
            Markup('<path d="M0 {y}H{w}" stroke="{c}" class="l-line"/>').format(
                y=y, w=width, c=COLOUR["line"]
            )
        )
        cut = name if len(name) <= NAME_CUT else name[: NAME_CUT - 1] + "…"
        lines.append(_text(4, y + ROW / 2 + 5, cut, size=14, weight=600))
    return Markup("").join(lines)


def _bar(index: int, row: int, one: Held, zone: ZoneInfo) -> Markup:
    x, y = LABEL + index * BAR, HEAD + row * ROW
    ended = one.ended in {"returned", "disposed"}
    words = ", ".join(one.marks) or ("holds it" if one.until is None else "")
    bar = Markup(
        '<rect x="{x}" y="{y}" width="{w}" height="26" rx="4" fill="{f}" stroke="{s}" '
        'stroke-width="1.5" class="held"/>'
    ).format(x=x + 1, y=y + 10, w=BAR - 6, f="#ebf2fa", s=COLOUR["info"])
    end = (
        Markup('<path d="M{x} {y}v34" stroke="{c}" stroke-width="4" class="l-ink"/>').format(
            x=x + BAR - 5, y=y + 6, c=COLOUR["ink"]
        )
        if ended
        else Markup("")
    )
    told = [
        _text(x + 2, 14, _when(one.since, zone), size=11, tone="soft"),
        _text(x + 8, y + 27, _cut(one.ended if ended else words), size=12),
    ]
    if one.until is not None and ended:
        told.append(_text(x + 2, 27, f"until {_when(one.until, zone)}", size=11, tone="soft"))
    return Markup("").join([bar, end, *told])


def _cut(words: str) -> str:
    limit = 22
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _handed(index: int, before: int, after: int, *, dashed: bool = False) -> Markup:
    """Draw the hand-over between two lines, with an arrow at the receiver."""
    x = LABEL + index * BAR - 2
    y1, y2 = HEAD + before * ROW + 23, HEAD + after * ROW + 23
    tip = 5 if y2 > y1 else -5
    return Markup(
        '<path d="M{x} {y1}V{y2}" fill="none" stroke="{c}" stroke-width="2"{d} class="l-ink"/>'
        '<path d="M{a} {t}L{x} {y2}L{b} {t}" fill="none" stroke="{c}" stroke-width="2" '
        'class="l-ink"/>'
    ).format(
        x=x,
        y1=y1,
        y2=y2,
        c=COLOUR["ink"],
        d=Markup(' stroke-dasharray="4 4"') if dashed else "",
        a=x - 4,
        b=x + 4,
        t=y2 - tip,
    )


def _waiting(index: int, row: int) -> Markup:
    x, y = LABEL + index * BAR, HEAD + row * ROW
    box = Markup(
        '<rect x="{x}" y="{y}" width="{w}" height="26" rx="4" fill="none" stroke="{s}" '
        'stroke-width="1.5" stroke-dasharray="5 4" class="awaited"/>'
    ).format(x=x + 3, y=y + 10, w=BAR - 8, s=COLOUR["warn"])
    return box + _text(x + 10, y + 27, "not received yet", size=12)


def _text(
    x: float, y: float, words: str, *, size: int, tone: str = "ink", weight: int = 400
) -> Markup:
    return Markup(
        '<text x="{x}" y="{y}" font-size="{s}" font-weight="{w}" fill="{c}" class="t-{t}">{words}'
        "</text>"
    ).format(x=x, y=y, s=size, w=weight, c=COLOUR[tone], t=tone, words=words)


def _when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"
