"""What the tests of letters to people share: facts by state, a letter to a person, its paper."""

from collections.abc import Mapping

from notice_kit import NOW, fact, pages_of, pdf_of, story_facts, templates

from bot.documents.html import Addressee, RenderedNotice, render_notice
from bot.documents.marks import APPROVED
from bot.domain.facts import Fact, FactValue

BY_STATE = (
    "us_state_individual",
    "us_hipaa_individual",
    "us_minor_guardian",
    "us_estate_representative",
    "us_substitute",
)
TWELVE = ("DC", "IA", "IL", "MD", "NC", "NM", "NY", "OR", "RI", "TX", "WV", "WY")


def facts_with(*states: str, count: int = 7, **changed: FactValue) -> dict[str, Fact]:
    """The story's facts, but with residents of these states only."""
    facts = story_facts("residents")
    for state in states:
        facts[f"residents:US-{state}"] = fact(f"residents:US-{state}", count)
    for name, value in changed.items():
        facts[name] = fact(name, value)
    return facts


def to_person(template: str, facts: Mapping[str, Fact], jurisdiction: str) -> RenderedNotice:
    return render_notice(
        templates()[template],
        facts,
        marking=APPROVED,
        notice_ref="INC-2026-004 / N-2",
        version=2,
        now=NOW,
        addressee=Addressee(
            name="Zoë O’Neil", address=("1 Example Road",), jurisdiction=jurisdiction
        ),
    )


def printed(notice: RenderedNotice) -> str:
    """The text as it stands in the PDF, with single spaces."""
    return " ".join(pages_of(pdf_of(notice)))
