"""The custody form, and the receipt of one hand-over, as PDF.

Decides the layout only; every word comes with the values. Size, root and key of the log are printed
on each, so that paper in somebody's drawer proves what the log was then.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.documents.pdf import MissingGlyphError, render_pdf


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """One hand-over, all in words; `received` says what came of it."""

    number: int
    giver: str
    released: str
    released_note: str
    taker: str
    received: str
    received_note: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperStep:
    """One step of the record."""

    seq: int
    at: str
    who: str
    words: str
    leaf: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodyPaper:
    """One item's paper, ready to be printed."""

    ref: str
    number: int
    title: str
    organisation: str
    made: str
    """When and by whom, in words."""
    made_at: str
    """ISO 8601, UTC: the date that the file carries."""
    zone: str
    lines: tuple[tuple[str, str], ...]
    """What is known of the item: label and text."""
    holder: str
    hold: str
    """The legal holds in force; empty if there is none."""
    hand_overs: tuple[HandOver, ...]
    steps: tuple[PaperStep, ...]
    picture: Markup | None
    picture_words: str
    origin: str
    size: int
    root: str
    """Root of the log, base64 as in the signed checkpoint."""
    keys: tuple[str, ...]
    """Name and id of each key that signed it."""
    receipt: HandOver | None = None
    """Set for the receipt of one hand-over; the rest of the form is left out then."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", followlinks=False),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render_custody(paper: CustodyPaper, *, assets: Path) -> bytes:
    """Make the PDF; `assets` is `notification_templates/base`, where the fonts lie.

    A character that no bundled font has is printed as a question mark: it may stand in a name, and
    a form with a gap is better than none.
    """
    html = (
        _environment()
        .get_template("custody.html.j2")
        .render(paper=paper, pictures=_pictures([paper.picture] if paper.picture else []))
    )
    try:
        return render_pdf(html, assets=assets)
    except MissingGlyphError as error:
        plain = html.translate({ord(one): "?" for one in error.characters})
        return render_pdf(plain, assets=assets)


def _pictures(found: Sequence[Markup]) -> list[str]:
    return [f"data:image/svg+xml;base64,{base64.b64encode(one.encode()).decode()}" for one in found]
