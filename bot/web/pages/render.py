"""A template and values become an answer: escaped, strict, with the times of the visitor's zone.

Decides how instants, spans, sizes and commands look on every page. What a page shows is decided by
the route that calls `page`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.domain.notice_checks import label_of
from bot.domain.situation import words_for
from bot.web.pages.assets import asset_url
from bot.web.pages.desk import Visit

TEMPLATES = Path(__file__).parent / "templates"
SHORT_DIGEST = 12
KILOBYTE = 1_000
SOON_H = 12
"""From so many hours before a deadline on it is shown as near."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """Shows instants in one zone; the machine-readable form and UTC go along."""

    zone: ZoneInfo
    now: datetime

    def when(self, at: datetime) -> Markup:
        """Show date and time to the minute."""
        return self._tag(at, self._local(at).strftime("%-d %b %Y, %H:%M"))

    def date(self, at: datetime) -> str:
        """Show the date alone, short."""
        return self._local(at).strftime("%-d %b %Y")

    def clock(self, at: datetime) -> Markup:
        """Show the time only, to the second, where the date stands above."""
        return self._tag(at, self._local(at).strftime("%H:%M:%S"))

    def legal(self, at: datetime) -> Markup:
        """Show weekday, date, time, zone and UTC: a deadline of law is exact."""
        local = self._local(at)
        utc = at.astimezone(UTC).strftime("%-d %b %H:%M UTC")
        return self._tag(at, local.strftime("%a %-d %b %Y, %H:%M %Z")) + Markup(
            ' <span class="utc">({})</span>'
        ).format(utc)

    def place(self, at: datetime, zone: str) -> Markup:
        """Show an instant in the zone in which it was counted, with its offset's name."""
        return self._tag(at, place_time(at, zone))

    def at_place(self, at: datetime, zone: str) -> Markup:
        """Show a deadline in the zone in which it was counted, and in UTC."""
        utc = at.astimezone(UTC)
        short = f"{utc.day} {utc:%b %H:%M} UTC"
        return self.place(at, zone) + Markup(' <span class="utc">({})</span>').format(short)

    def day(self, at: datetime) -> str:
        """Show the date with its weekday."""
        return self._local(at).strftime("%A, %-d %B %Y")

    def left(self, at: datetime) -> str:
        """Say how long is left, or how long it is over."""
        span = at - self.now
        return f"{words_for(span)} {'left' if at >= self.now else 'over'}"

    def urgency(self, at: datetime | None) -> str:
        """Return `over`, `soon`, `later`, or `open` where the law gives no number."""
        if at is None:
            return "open"
        hours = (at - self.now).total_seconds() / 3600
        return "over" if hours < 0 else "soon" if hours < SOON_H else "later"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def _tag(self, at: datetime, words: str) -> Markup:
        utc = at.astimezone(UTC)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            utc.strftime("%Y-%m-%dT%H:%M:%SZ"), utc.strftime("%Y-%m-%d %H:%M:%S UTC"), words
        )


def place_time(at: datetime, zone: str) -> str:
    """Write an instant in a zone, to the minute, with the name of its offset."""
    local = at.astimezone(ZoneInfo(zone))
    name = local.strftime("%Z")
    # Where a zone has no letters of its own, its name is an offset such as -03.
    name = f"UTC{name.replace('-', '−')}" if name[:1] in "+-" else name
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {name}"


def code_words(text: str) -> Markup:
    """Set what stands between backticks as code: commands in our messages."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(re.split(r"`([^`]*)`", text))
    )


def ask(key: str) -> str:
    """Return the dictionary's question for a fact, with the place that it is about."""
    _, _, place = key.partition(":")
    return f"{label_of(key)} ({place})" if place else label_of(key)


def size_words(size: int) -> str:
    """Say a size in bytes, kB or MB (powers of ten)."""
    if size < KILOBYTE:
        return f"{size} bytes"
    if size < KILOBYTE**2:
        return f"{size / KILOBYTE:,.1f} kB"
    return f"{size / KILOBYTE**2:,.1f} MB"


def plain_words(word: str) -> str:
    """Write a code word as people read it: `not_applicable` as “not applicable”."""
    return word.replace("_", " ")


def capital(text: str) -> str:
    """Begin with a capital and leave the rest alone."""
    return text[:1].upper() + text[1:]


@cache
def environment() -> Environment:
    """Build the environment of the pages; kept, so that templates compile once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES, followlinks=False),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(asset=asset_url, question=ask, SHORT_DIGEST=SHORT_DIGEST)
    made.filters.update(
        code=code_words, size=size_words, plain=plain_words, capital=capital, span=words_for
    )
    return made


def page(
    visit: Visit, template: str, /, *, zone: ZoneInfo, status: int = 200, **more: object
) -> HTMLResponse:
    """Answer with a page for somebody who is signed in."""
    context = {
        "visitor": visit.visitor,
        "practice": visit.desk.sessions.practice,
        "times": Times(zone=zone, now=visit.now),
        "zone": zone.key,
        **more,
    }
    return HTMLResponse(environment().get_template(template).render(context), status_code=status)


def bare_page(
    template: str, /, *, practice: bool, status: int = 200, **more: object
) -> HTMLResponse:
    """Answer with a page for nobody in particular: the picker, a refusal, a fault."""
    context = {"visitor": None, "practice": practice, **more}
    return HTMLResponse(environment().get_template(template).render(context), status_code=status)
