"""What the notice tests share: the real templates, the story's facts, and how to render them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bot.cli.notice import read_facts
from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.yaml_source import load_yaml
from bot.documents.html import RenderedNotice, render_notice
from bot.documents.marks import APPROVED, Marking
from bot.documents.notice_pdf import notice_pdf
from bot.documents.pdf_text import text_of_pages
from bot.domain.facts import Confidence, Fact, FactValue, parse_key
from bot.domain.letterhead import PLAIN, House
from bot.domain.notices import NoticeTemplate

NOW = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
ROOT = find_roots().notification_templates
ASSETS = ROOT / "base"
IDS = tuple(sorted(place.parent.name for place in ROOT.glob("*/notice.yaml")))
"""Every shipped template, by its folder."""


@cache
def templates() -> Mapping[str, NoticeTemplate]:
    return load_notice_templates(ROOT)


@cache
def _told() -> Mapping[str, Fact]:
    folder = Path(__file__).parent / "facts"
    others = sorted(one for one in folder.glob("*.yaml") if one.name != "complete.yaml")
    told: dict[str, Fact] = {}
    for file in (*others, folder / "complete.yaml"):
        told |= read_facts(load_yaml(file), now=NOW)
    return told


def story_facts(*without: str, **changed: FactValue) -> dict[str, Fact]:
    """The facts of the story; `without` some, and with some values `changed`.

    The story is `complete.yaml`; the other files add what single templates need beyond it.
    """
    facts = dict(_told())
    for name, value in changed.items():
        facts[name] = fact(name, value)
    return {key: one for key, one in facts.items() if key.partition(":")[0] not in without}


def fact(key: str, value: FactValue, *, confidence: Confidence = Confidence.CONFIRMED) -> Fact:
    return Fact(key=parse_key(key), value=value, confidence=confidence, source="test", as_of=NOW)


@cache
def words_of(language: str) -> Mapping[str, str]:
    """The story's texts in a language, by fact: what counsel writes in a translated notice."""
    file = Path(__file__).parent / "words" / f"{language.partition('-')[0]}.yaml"
    return load_yaml(file).data if file.is_file() else {}


def own_words(template: str, facts: Mapping[str, Fact]) -> Mapping[str, str]:
    """The words of its own that a shipped template needs for these facts: none, or a translation's.

    Only for facts that are recorded: words alone would fill the gap of one that isn't.
    """
    one = templates()[template]
    words = words_of(one.language) if one.translation_of else {}
    told = {key for key, fact in facts.items() if fact.value is not None and key in one.facts}
    return {key: text for key, text in words.items() if key in told}


def rendered(
    template: str,
    facts: Mapping[str, Fact],
    *,
    marking: Marking = APPROVED,
    now: datetime = NOW,
    overrides: Mapping[str, str] | None = None,
    house: House = PLAIN,
) -> RenderedNotice:
    """Render a shipped template; a translation with the story's words in its language."""
    return render_notice(
        templates()[template],
        facts,
        marking=marking,
        notice_ref="INC-2026-004 / N-2",
        version=2,
        now=now,
        overrides=own_words(template, facts) if overrides is None else overrides,
        house=house,
    )


def pdf_of(notice: RenderedNotice) -> bytes:
    return notice_pdf(notice, assets=ASSETS)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page with all white space as single spaces."""
    return text_of_pages(pdf)
