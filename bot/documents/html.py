"""A notice template and the facts become one HTML page, its plain text, and the hash it stands on.

Decides what surrounds the text: the marking, the reference, the version, the short content hash.
It doesn't make the PDF (`bot.documents.pdf`) and doesn't decide whether a notice may be approved.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from jinja2 import TemplateError

from bot.documents.environment import environment_for
from bot.documents.footer import Footer, footer_of
from bot.documents.marks import Marking
from bot.documents.notice_record import record_of
from bot.documents.plain_text import text_of
from bot.documents.renderings import Said, SaidPerPlace, UnguardedFactError, say_facts
from bot.documents.wording import Labels
from bot.documents.wordings import WORDINGS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, to_json
from bot.domain.letterhead import PLAIN, House, Letterhead
from bot.domain.notice_checks import Gap, blocking_gaps, keys_of, subjects_of
from bot.domain.notices import STATES_VARIABLE, NoticeTemplate, zone_of
from bot.domain.place_names import place_name
from bot.domain.us_states import UsState, affected_states, letter_instead, parts_to_print

SHORT_HASH = 12
"""Hexadecimal digits of the content hash that stand in the footer."""

WINDOW_LINES, WINDOW_COLUMNS = 6, 38
"""What an envelope's window shows of an address at the usual size of type."""


class NoticeRenderError(Exception):
    """A notice that can't be rendered; the message says what to mend."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """One person to whom a letter goes. Without one, the letter is the sample for all of them."""

    name: str
    address: tuple[str, ...]
    jurisdiction: str = ""
    """Where they live, such as `US-MD`; empty if it isn't known."""

    @property
    def long(self) -> bool:
        """Whether the address has more lines, as printed, than an envelope's window shows."""
        lines = (self.name, *self.address)
        return sum(-(-len(line) // WINDOW_COLUMNS) or 1 for line in lines) > WINDOW_LINES


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedNotice:
    """A notice as it stands with these facts."""

    html: str
    subject: str
    gaps: tuple[Gap, ...]
    content_sha256: str
    """Over template version, facts used and overrides: approval binds this."""
    text: str
    marking: Marking
    """`notice_pdf` draws it on each page."""
    small_pt: float
    """Size of headers, footers and marks in points."""
    made_at: datetime
    """The date of the notice, UTC."""
    record: Mapping[str, object]
    """What the notice was made from, as it is attached to the PDF: only what it tells."""
    linked: bool = False
    """Whether each fact is a link to its place on the desk; such a text never becomes paper."""


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
    day: str
    moment: str
    made_at: str
    """ISO 8601, UTC: the date that the PDF carries."""
    hours_since_aware: int | None
    next_update: str
    small_pt: float
    """Size of headers and footers: never under what the law wants of the text."""
    labels: Labels
    letterhead: Letterhead
    footer: Footer


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
    house: House = PLAIN,
    linked: bool = False,
) -> RenderedNotice:
    """Render a notice; missing facts are marked gaps in the text and listed in `gaps`.

    `now` is its date, `zone` that of the template unless given, `house` whose paper it is. `linked`
    makes each fact an `<a class="fact" href="#fact-KEY">` for the desk; text and hash stay the
    same, and `notice_pdf` refuses it. `overrides` are counsel's own words for text facts in this
    notice: plain text, by fact name. Raises `NoticeRenderError` for any other override, for a
    template that fails, and for a person whose state wants another letter.
    """
    _check_overrides(template, overrides)
    parts = _parts(template, facts, addressee)
    place = zone or zone_of(template, facts)
    gaps = blocking_gaps(template, facts, now=now, overrides=overrides)
    told: set[str] = set()
    said = say_facts(
        template, facts, now=now, zone=place, overrides=overrides, told=told, linked=linked
    )
    head = _head(
        template,
        said.get("aware_at"),
        exercise=marking.exercise,
        ref=notice_ref,
        version=version,
        now=now,
        zone=place,
        content_sha256=hash_content(template, facts, overrides=overrides),
        complete=not gaps,
        house=house,
    )
    context = {**said, "notice": head, "recipient": addressee, STATES_VARIABLE: parts}
    html, subject = _fill_all(template, context)
    return RenderedNotice(
        html=html,
        subject=subject,
        gaps=gaps,
        content_sha256=head.content_sha256,
        text=text_of(html),
        marking=replace(marking, language=template.language),
        small_pt=head.small_pt,
        made_at=now,
        record=_record(template, facts, head, told=told, overrides=overrides, marking=marking),
        linked=linked,
    )


def _record(
    template: NoticeTemplate,
    facts: Facts,
    head: _Head,
    *,
    told: set[str],
    overrides: Mapping[str, str],
    marking: Marking,
) -> dict[str, object]:
    return record_of(
        template,
        facts,
        told=told,
        overrides=overrides,
        marking=marking,
        ref=head.ref,
        version=head.version,
        content_sha256=head.content_sha256,
        made_at=head.made_at,
    )


def _parts(
    template: NoticeTemplate, facts: Facts, addressee: Addressee | None
) -> tuple[UsState, ...]:
    """Choose the parts for single states; refuse a person who must get another letter."""
    place = addressee.jurisdiction if addressee else ""
    instead = letter_instead(template.states, place)
    if instead:
        raise NoticeRenderError(
            f"The letter {template.id} isn't for people in {place_name(place)}: their law wants "
            f"another text. Use {instead}."
        )
    return parts_to_print(template.states, facts, jurisdiction=place)


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
    environment = environment_for(template.sha256, template.texts)
    try:
        return environment.get_template(f"{template.folder.name}/{file}").render(context)
    except (TemplateError, UnguardedFactError) as error:
        raise NoticeRenderError(f"{template.folder.name}/{file}: {error}") from error


def _fill_all(template: NoticeTemplate, context: Mapping[str, object]) -> tuple[str, str]:
    """Fill the page, and the subject: one plain line."""
    html = _fill(template, "body.html.j2", context)
    if f"{template.folder.name}/subject.txt.j2" in template.texts:
        return html, " ".join(text_of(_fill(template, "subject.txt.j2", context)).split())
    return html, template.title


def _head(
    template: NoticeTemplate,
    aware: Said | SaidPerPlace | None,
    *,
    exercise: str,
    ref: str,
    version: int,
    now: datetime,
    zone: ZoneInfo,
    content_sha256: str,
    complete: bool,
    house: House,
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
        day=wording.day(now.astimezone(zone).date()),
        moment=wording.moment(now, zone),
        made_at=str(to_json(now)),
        hours_since_aware=hours,
        next_update=wording.moment(next_update, zone) if template.next_update_hours else "",
        small_pt=max(8.5, template.rules.min_font_pt),
        labels=wording.labels,
        letterhead=house.letterhead,
        footer=footer_of(
            base_url=house.base_url,
            content_sha256=content_sha256,
            exercise=exercise,
            word=wording.labels.exercise,
        ),
    )


def used_facts(template: NoticeTemplate, facts: Facts) -> dict[str, object]:
    """Return the facts that the template uses, in JSON form: the snapshot that a version keeps.

    A template with parts for single states also uses the counts of residents of those states: not
    to print them, but to know which parts to print.
    """
    return {
        key: {
            "value": to_json(facts[key].value),
            "confidence": facts[key].confidence.value,
            "source": facts[key].source,
            "as_of": to_json(facts[key].as_of),
        }
        for name in template.fact_names
        for key in _keys(template, name, facts)
        if name in template.facts or key.partition(":")[2] in template.states.states
    }


def _keys(template: NoticeTemplate, name: str, facts: Facts) -> list[str]:
    used = template.facts.get(name)
    return keys_of(used, facts) if used else subjects_of(name, facts)


def hash_content(template: NoticeTemplate, facts: Facts, *, overrides: Mapping[str, str]) -> str:
    """Hash what an approval binds: the template's version, the facts that it uses, the overrides.

    Of residents whose count isn't printed, only in which states there are any: a corrected count
    doesn't change the letter.
    SHA-256 of JSON with sorted keys and no spaces; for these values (text, whole numbers, yes/no,
    lists; ASCII keys) that is the canonical form of RFC 8785.
    """
    used = used_facts(template, facts)
    content: dict[str, object] = {
        "template": template.id,
        "template_sha256": template.sha256,
        "facts": {key: one for key, one in used.items() if key.partition(":")[0] in template.facts},
        "overrides": dict(overrides),
    }
    if template.states.states:
        content["states"] = [one.code for one in affected_states(template.states, facts)]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
