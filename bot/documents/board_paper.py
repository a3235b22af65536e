"""The jurisdiction board on paper: timeline, clocks, open questions and what doesn't apply, as PDF.

Decides the layout only; every word comes with the values. Each page says what it is, whose it is,
when it was made and at which head of the evidence log, and how many pages there are.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.documents.pdf import MissingGlyphError, render_pdf

FIRST_LINES, LINES = 20, 25
"""Lines of the timeline that fit on the first page and on the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRow:
    """A clock as a line of the table, all in words."""

    key: str
    place: str
    to: str
    recipient: str
    duty: str
    law: str
    left: str
    due: tuple[str, ...]
    """Lines about the deadline: local time, UTC, what else there is."""
    state: str
    confidence: str
    pressing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperGroup:
    """Duties with what they have in common: a question that is open, a reason."""

    words: str
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardPaper:
    """The board of one incident, ready to be printed."""

    ref: str
    title: str
    organisation: str
    made: str
    """When and by whom, in words."""
    made_at: str
    """ISO 8601, UTC: the date that the file carries."""
    log: str
    """The head of the evidence log, in words."""
    only: str
    """Which filter was set; empty for the whole board."""
    tally: tuple[str, ...]
    zone: str
    pictures: Sequence[Markup]
    picture_words: str
    rows: tuple[PaperRow, ...]
    questions: tuple[PaperGroup, ...]
    ruled_out: tuple[PaperGroup, ...]


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


def render_board(paper: BoardPaper, *, assets: Path) -> bytes:
    """Make the PDF; `assets` is `notification_templates/base`, where the fonts lie.

    A character that no bundled font has is printed as a question mark: it may stand in the
    incident's title or in a reason, and a board with a gap is better than none.
    """
    pictures = [
        f"data:image/svg+xml;base64,{base64.b64encode(one.encode()).decode()}"
        for one in paper.pictures
    ]
    html = _environment().get_template("board.html.j2").render(paper=paper, pictures=pictures)
    try:
        return render_pdf(html, assets=assets)
    except MissingGlyphError as error:
        plain = html.translate({ord(one): "?" for one in error.characters})
        return render_pdf(plain, assets=assets)
