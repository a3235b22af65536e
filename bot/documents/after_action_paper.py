"""The after-action report on paper: a PDF that a board reads, marked EXERCISE on every page.

Decides the layout and the words around the values only; what the report says comes with it
(`bot.services.after_action`). The same report gives the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.documents.marks import Marking, MarkState
from bot.documents.pdf import Attached, MissingGlyphError, render_pdf

CHANNELS = {
    "call": "Call",
    "mail": "Mail",
    "ticket": "Ticket",
    "chat": "Chat",
    "press": "Press",
    "regulator": "Authority",
    "leak_site": "Leak site",
    "note": "News",
}
CLARITY_WORDS = {
    "known_unknown": "What is known, what isn’t",
    "who_is_affected": "Who is affected",
    "what_we_do": "What we do",
    "ask_with_owner": "The ask, with its owner",
    "next_update": "When the next update comes",
}
TAGS = {"strength": "Strength", "gap": "Gap", "idea": "Idea", "harm": "Harm elsewhere"}
STATES = {
    "met": "met",
    "missed": "missed",
    "open": "not judged",
    "waiting": "not reached",
    "unreached": "not reached",
}
_BAR_MM = 26.0


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", followlinks=False),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(share=share, bar=bar)
    made.globals.update(channels=CHANNELS, clarity_words=CLARITY_WORDS, tags=TAGS, states=STATES)
    return made


def share(score: int | None) -> str:
    """Say a score of thousandths in per cent; a dash where nothing was judged."""
    return "–" if score is None else f"{round(score / 10)} %"


def bar(score: int | None) -> Markup:
    """Draw a score as a bar; the number stands beside it in words."""
    width = 0.0 if score is None else _BAR_MM * score / 1000
    return Markup('<span class="bar"><span class="fill" style="width: {}mm"></span></span>').format(
        f"{width:.1f}"
    )


def render_after_action(
    report: Mapping[str, Any], *, assets: Path, zone: ZoneInfo, final: bool
) -> bytes:
    """Make the PDF; wall times are told in `zone`, exercise times too. Its JSON is attached.

    A character that no bundled font has is printed as a question mark: players type what they like.
    """

    def when(at: str) -> str:
        if not at:
            return "–"
        local = datetime.fromisoformat(at).astimezone(zone)
        return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"

    def date_of(at: str) -> str:
        local = datetime.fromisoformat(at).astimezone(zone)
        return f"{local.day} {local:%B %Y}"

    made = _environment()
    html = made.get_template("after_action.html.j2").render(
        report=report,
        about=report["exercise"],
        final=final,
        when=when,
        date_of=date_of,
        zone=zone.key,
    )
    ended = datetime.fromisoformat(report["exercise"]["ended_at"]).astimezone(UTC)
    attached = Attached(
        name=f"{report['exercise']['ref']}-after-action.json",
        description="The report as data",
        content=json.dumps(report, ensure_ascii=False, sort_keys=True, indent=1).encode(),
        at=ended,
    )
    marking = Marking(
        state=MarkState.APPROVED if final else MarkState.DRAFT, exercise=report["exercise"]["ref"]
    )
    try:
        return render_pdf(html, assets=assets, marking=marking, attached=attached)
    except MissingGlyphError as error:
        plain = html.translate({ord(one): "?" for one in error.characters})
        return render_pdf(plain, assets=assets, marking=marking, attached=attached)
