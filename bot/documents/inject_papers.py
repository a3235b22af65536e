"""Papers that come with an inject: a mail, a ticket export, a leak site, a press request, a letter.

Decides how each looks: like the real thing, with the mark EXERCISE on every page, so that a print
left on a desk can't be taken for it. Which values a paper has is `bot.domain.inject_papers`; who
may see it is the page's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.documents.marks import Marking, MarkState
from bot.documents.pdf import DocumentError, MissingGlyphError, render_pdf
from bot.documents.wordings import WORDINGS
from bot.domain.inject_papers import paper_faults

TAGS: Mapping[str, str] = MappingProxyType({"en": "en-GB", "de": "de-DE"})
"""The language of a scenario, as marks and dates know it."""

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                "mail": "E-mail",
                "from": "From",
                "to": "To",
                "date": "Date",
                "subject": "Subject",
                "ticket_export": "Ticket export",
                "system": "Service desk",
                "exported": "Exported",
                "tickets": "entries",
                "ticket": "Ticket",
                "time": "Time",
                "status": "Status",
                "who": "Who",
                "text": "Text",
                "leak_site": "Screenshot of a leak site",
                "published_by": "Published by",
                "countdown": "Publication of all files",
                "sample": "Sample",
                "seen": "Seen",
                "press_request": "Press request",
                "request": "Request for comment",
                "reporter": "Reporter",
                "answer_by": "Answer by",
                "questions": "Questions",
                "regulator_letter": "Letter of an authority",
                "our_reference": "Our reference",
                "fictional": "Written for an exercise; persons and addresses are fictional.",
            }
        ),
        "de": MappingProxyType(
            {
                "mail": "E-Mail",
                "from": "Von",
                "to": "An",
                "date": "Datum",
                "subject": "Betreff",
                "ticket_export": "Ticketauszug",
                "system": "Servicedesk",
                "exported": "Ausgegeben",
                "tickets": "Einträge",
                "ticket": "Ticket",
                "time": "Zeit",
                "status": "Status",
                "who": "Wer",
                "text": "Text",
                "leak_site": "Bildschirmfoto einer Leak-Seite",
                "published_by": "Veröffentlicht von",
                "countdown": "Veröffentlichung aller Dateien",
                "sample": "Probe",
                "seen": "Gesehen",
                "press_request": "Presseanfrage",
                "request": "Bitte um Stellungnahme",
                "reporter": "Redaktion",
                "answer_by": "Antwort bis",
                "questions": "Fragen",
                "regulator_letter": "Schreiben einer Behörde",
                "our_reference": "Unser Zeichen",
                "fictional": "Für eine Übung geschrieben; Personen und Adressen sind erfunden.",
            }
        ),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperAbout:
    """Where a paper belongs: run, inject, its name, when it comes (exercise time) and for whom."""

    ref: str
    inject_id: str
    name: str
    at: datetime
    zone: ZoneInfo
    language: str = "en"

    @property
    def file_name(self) -> str:
        """Return the name under which it is downloaded."""
        return f"EXERCISE-{self.ref}-{self.inject_id}-{self.name}.pdf"


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
    made.filters.update(paragraphs=paragraphs)
    return made


def paragraphs(text: str) -> list[list[str]]:
    """Split a text into paragraphs, and each into its lines."""
    blocks = [[]] if text else []  # type: list[list[str]]
    for line in text.strip().splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [one for one in blocks if one]


def render_inject_paper(
    template: str, values: Mapping[str, Any], about: PaperAbout, *, assets: Path
) -> bytes:
    """Make the PDF; `assets` is `notification_templates/base`. The same input, the same bytes.

    A character that no bundled font has is printed as a question mark: leak sites like them.

    Raises:
        DocumentError: a value is missing, unknown or of another form.
    """
    for fault in paper_faults(template, values):
        raise DocumentError(
            f"The paper “{about.name}” of {about.inject_id} can't be made: {fault.problem}. Mend "
            f"it in the scenario: {fault.remedy}."
        )
    local = about.at.astimezone(about.zone)
    wording = WORDINGS[TAGS[about.language]]
    html = (
        _environment()
        .get_template(f"inject_{template}.html.j2")
        .render(
            values={"date": "", "system": ""} | dict(values),
            about=about,
            words=WORDS[about.language],
            created=about.at.astimezone(UTC).isoformat(),
            day=wording.day(local.date()),
            moment=wording.moment(about.at, about.zone),
        )
    )
    marking = Marking(state=MarkState.APPROVED, exercise=about.ref, language=TAGS[about.language])
    try:
        return render_pdf(html, assets=assets, marking=marking)
    except MissingGlyphError as error:
        plain = html.translate({ord(one): "?" for one in error.characters})
        return render_pdf(plain, assets=assets, marking=marking)
