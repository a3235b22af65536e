"""A notice template and the facts become one HTML page, its plain text, and the hash it stands on.

Decides what surrounds the text: the marking, the reference, the version, the short content hash.
It doesn't make the PDF (`bot.documents.pdf`) and doesn't decide whether a notice may be approved.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from html.parser import HTMLParser
from types import MappingProxyType
from zoneinfo import ZoneInfo

from jinja2 import TemplateError
from markupsafe import Markup

from bot.documents.environment import environment_for
from bot.documents.renderings import Said, SaidPerPlace, UnguardedFactError, say_facts
from bot.documents.wording import WORDINGS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, to_json
from bot.domain.notice_checks import Gap, blocking_gaps, subjects_of
from bot.domain.notices import NoticeTemplate, zone_of

SHORT_HASH = 12
"""Hexadecimal digits of the content hash that stand in the footer."""


class NoticeRenderError(Exception):
    """A notice that can't be rendered; the message says what to mend."""


class Marking(StrEnum):
    """What every page says about itself."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"


_MARKS: Mapping[Marking, str] = MappingProxyType(
    {
        Marking.DRAFT: "DRAFT – not approved",
        Marking.IN_REVIEW: "DRAFT – in review, not approved",
        Marking.APPROVED: "",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """One person to whom a letter goes. Without one, the letter is the sample for all of them."""

    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedNotice:
    """A notice as it stands with these facts."""

    html: str
    subject: str
    gaps: tuple[Gap, ...]
    content_sha256: str
    """Over template version, facts used and overrides: approval binds this."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    """The variable `notice` of every template."""

    title: str
    language: str
    page_size: str
    ref: str
    version: int
    content_sha256: str
    short_hash: str
    complete: bool
    """Whether nothing is missing in it."""
    mark: str
    marking: str
    day: str
    moment: str
    made_at: str
    """ISO 8601, UTC: the date that the PDF carries."""
    hours_since_aware: int | None
    next_update: str
    small_pt: float
    """Size of headers and footers: never under what the law wants of the text."""


def render_notice(
    template: NoticeTemplate,
    facts: Facts,
    *,
    marking: Marking,
    notice_ref: str,
    version: int,
    now: datetime,
    zone: ZoneInfo | None = None,
    overrides: Mapping[str, str] = MappingProxyType({}),
    addressee: Addressee | None = None,
) -> RenderedNotice:
    """Render a notice; missing facts are marked gaps in the text and listed in `gaps`.

    `now` is the date of the notice. `zone` is that of the template (`zone_of`) unless given.
    `overrides` are counsel's own words for text facts in this notice: plain text, by fact name.
    Raises `NoticeRenderError` for any other override, and for a template that fails.
    """
    _check_overrides(template, overrides)
    place = zone or zone_of(template, facts)
    gaps = blocking_gaps(template, facts, now=now, overrides=overrides)
    said = say_facts(template, facts, now=now, zone=place, overrides=overrides)
    head = _head(
        template,
        said.get("aware_at"),
        marking=marking,
        ref=notice_ref,
        version=version,
        now=now,
        zone=place,
        content_sha256=hash_content(template, facts, overrides=overrides),
        complete=not gaps,
    )
    return _fill_all(template, {**said, "notice": head, "recipient": addressee}, head, gaps)


def _check_overrides(template: NoticeTemplate, overrides: Mapping[str, str]) -> None:
    for key, words in overrides.items():
        if key not in template.facts:
            raise NoticeRenderError(
                f"“{key}” isn't in the notice {template.id}, so its words can't be changed there."
            )
        # A number or a date in the text is always a recorded fact with a source.
        if FACT_TYPES[key].kind is not FactKind.TEXT or not words.strip():
            raise NoticeRenderError(
                f"“{key}” can't be worded for one notice: record it as a fact, with its source."
            )


def _fill(template: NoticeTemplate, file: str, context: Mapping[str, object]) -> str:
    environment = environment_for(template.folder.parent)
    try:
        return environment.get_template(f"{template.folder.name}/{file}").render(context)
    except (TemplateError, UnguardedFactError) as error:
        raise NoticeRenderError(f"{template.folder.name}/{file}: {error}") from error


def _fill_all(
    template: NoticeTemplate, context: Mapping[str, object], head: _Head, gaps: tuple[Gap, ...]
) -> RenderedNotice:
    html = _fill(template, "body.html.j2", context)
    subject = template.title
    if (template.folder / "subject.txt.j2").is_file():
        subject = " ".join(text_of(_fill(template, "subject.txt.j2", context)).split())
    return RenderedNotice(
        html=html,
        subject=subject,
        gaps=gaps,
        content_sha256=head.content_sha256,
        text=text_of(html),
    )


def _head(
    template: NoticeTemplate,
    aware: Said | SaidPerPlace | None,
    *,
    marking: Marking,
    ref: str,
    version: int,
    now: datetime,
    zone: ZoneInfo,
    content_sha256: str,
    complete: bool,
) -> _Head:
    wording = WORDINGS[template.language]
    since = aware.value if isinstance(aware, Said) else None
    hours = int((now - since).total_seconds() // 3600) if isinstance(since, datetime) else None
    next_update = now + timedelta(hours=template.next_update_hours)
    return _Head(
        title=template.title,
        language=template.language,
        page_size=template.page_size,
        ref=ref,
        version=version,
        content_sha256=content_sha256,
        short_hash=content_sha256[:SHORT_HASH],
        complete=complete,
        mark=_MARKS[marking],
        marking=marking.value,
        day=wording.day(now.astimezone(zone).date()),
        moment=wording.moment(now, zone),
        made_at=str(to_json(now)),
        hours_since_aware=hours,
        next_update=wording.moment(next_update, zone) if template.next_update_hours else "",
        small_pt=max(8.5, template.rules.min_font_pt),
    )


def used_facts(template: NoticeTemplate, facts: Facts) -> dict[str, object]:
    """Return the facts that the template uses, in JSON form: the snapshot that a version keeps."""
    return {
        key: {
            "value": to_json(facts[key].value),
            "confidence": facts[key].confidence.value,
            "source": facts[key].source,
            "as_of": to_json(facts[key].as_of),
        }
        for name in template.facts
        for key in subjects_of(name, facts)
    }


def hash_content(template: NoticeTemplate, facts: Facts, *, overrides: Mapping[str, str]) -> str:
    """Hash what an approval binds: the template's version, the facts that it uses, the overrides.

    SHA-256 of JSON with sorted keys and no spaces; for these values (text, whole numbers, yes/no,
    lists; ASCII keys) that is the canonical form of RFC 8785.
    """
    content = {
        "template": template.id,
        "template_sha256": template.sha256,
        "facts": used_facts(template, facts),
        "overrides": dict(overrides),
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "li", "tr", "table", "section", "header", "br", "ul", "ol"}
)
_UNREAD = frozenset({"style", "title", "head"})
_VOID = frozenset({"br", "meta", "link", "img", "hr"})


class _TextReader(HTMLParser):
    """Collects what a reader sees, without running headers and footers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block; begin to skip at what isn't text."""
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")
        if tag in _VOID:
            return
        hidden = tag in _UNREAD or "running" in (dict(attrs).get("class") or "").split()
        if self._hidden or hidden:
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        """End a line at a block; end skipping where it began."""
        if self._hidden and tag not in _VOID:
            self._hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the text, with line breaks of the source as spaces."""
        if not self._hidden:
            self.parts.append(" ".join(f"x{data}x".split())[1:-1])


def text_of(html: str | Markup) -> str:
    """Return the plain text of a rendered notice, one block a line."""
    reader = _TextReader()
    reader.feed(str(html))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)
