"""Papers of injects: all that was written is on them, each page is marked, the file is sound."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from bot.documents.inject_papers import PaperAbout, paragraphs, render_inject_paper
from bot.documents.pdf import DocumentError
from bot.documents.pdf_text import text_of_pages
from bot.domain.inject_papers import PAPERS, paper_faults
from tests.documents.pdf_checks import faults_of

ASSETS = Path(__file__).resolve().parents[2] / "notification_templates" / "base"

VALUES: dict[str, dict[str, Any]] = {
    "mail": {
        "from": "Dana Reyes <dana@exampla.example>",
        "to": "security@exampla.example",
        "subject": "Strange mails & more",
        "body": "Hello,\n\nthree customers called.\n\n> Pay within two days.\n\nDana\nSales",
        "date": "Thursday, 09:12",
    },
    "ticket_export": {
        "system": "Tickets of one account",
        "rows": [
            {
                "id": f"HD-{number}",
                "time": "09:04",
                "status": "closed",
                "who": "agent 131",
                "text": "Second factor reset. The caller knew the manager. No call-back was made.",
            }
            for number in range(30)
        ],
    },
    "leak_site": {
        "title": "EXAMPLA LTD",
        "actor": "Nightjar Group",
        "text": "We were inside for nine days.\n\nThe company knows.",
        "deadline": "48 hours",
        "sample": ["claims_2025.xlsx, 41 MB", "<script>alert(1)</script>"],
    },
    "press_request": {
        "outlet": "The Exampla Courier",
        "reporter": "Ines Marlow",
        "deadline": "17:00 today",
        "questions": ["Is it true?", "Did you pay?"],
    },
    "regulator_letter": {
        "authority": "Data Protection Authority of Exampla",
        "reference": "DP-2026-0417",
        "subject": "Your notification",
        "body": "Dear Madam or Sir,\n\nwe ask you for three things.\n\nYours faithfully\nJ. Brandt",
    },
}


def about(**changed: Any) -> PaperAbout:
    given: dict[str, Any] = {
        "ref": "EX-2026-0001",
        "inject_id": "I5",
        "name": "offer",
        "at": datetime(2026, 11, 19, 9, 30, tzinfo=UTC),
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return PaperAbout(**given | changed)


def pages(content: bytes) -> list[str]:
    return text_of_pages(content)


def said(value: Any) -> list[str]:
    """Every line that somebody wrote."""
    if isinstance(value, str):
        return [line.lstrip("> ") for line in value.splitlines() if line.strip()]
    inner = value.values() if isinstance(value, Mapping) else value
    return [line for one in inner for line in said(one)]


@pytest.mark.slow
@pytest.mark.parametrize("template", PAPERS)
def test_a_paper_says_all_that_was_written_and_is_marked(template: str) -> None:
    content = render_inject_paper(template, VALUES[template], about(), assets=ASSETS)
    found = pages(content)
    for page in found:
        assert "EXERCISE EX-2026-0001 – not a real incident" in page
        assert "(EXERCISE)" in found[0], "beside the sender, too"
        assert "persons and addresses are fictional" in page
    joined = " ".join(found)
    missing = [one for one in said(VALUES[template]) if one not in joined]
    assert missing == []
    assert faults_of(content) == []
    metadata = PdfReader(BytesIO(content)).metadata
    assert metadata is not None
    assert str(metadata.title).startswith("EXERCISE EX-2026-0001")


@pytest.mark.slow
def test_a_long_export_goes_on_with_its_head() -> None:
    found = pages(
        render_inject_paper("ticket_export", VALUES["ticket_export"], about(), assets=ASSETS)
    )
    assert len(found) > 1
    assert all("Ticket Time Status Who Text" in page for page in found)


@pytest.mark.slow
def test_a_german_paper_is_marked_in_both_languages() -> None:
    values = VALUES["mail"] | {"date": ""}
    values = {key: one for key, one in values.items() if one}
    [page] = pages(render_inject_paper("mail", values, about(language="de"), assets=ASSETS))
    assert "ÜBUNG (EXERCISE) EX-2026-0001" in page
    assert "Von Dana Reyes" in page
    assert "Datum 19. November 2026" in page, "the exercise's time, where no date is written"


@pytest.mark.slow
def test_what_no_font_has_becomes_a_question_mark_and_the_bytes_stay_the_same() -> None:
    values = VALUES["mail"] | {"subject": "Strange 🔥"}
    first = render_inject_paper("mail", values, about(), assets=ASSETS)
    assert "Strange ?" in pages(first)[0]
    assert render_inject_paper("mail", values, about(), assets=ASSETS) == first


def test_the_file_name_says_what_it_is() -> None:
    assert about().file_name == "EXERCISE-EX-2026-0001-I5-offer.pdf"


def test_a_missing_value_is_refused_in_words() -> None:
    values = {key: one for key, one in VALUES["mail"].items() if key != "body"}
    with pytest.raises(DocumentError, match=r"“offer” of I5 can't be made: the mail has no 'body'"):
        render_inject_paper("mail", values, about(), assets=ASSETS)


@pytest.mark.parametrize(
    ("template", "name"),
    [(key, name) for key, known in PAPERS.items() for name in known],
)
def test_each_value_is_asked_for_or_may_be_left_out(template: str, name: str) -> None:
    values = {key: one for key, one in VALUES[template].items() if key != name}
    found = [one.problem for one in paper_faults(template, values)]
    needed = PAPERS[template][name].needed
    assert found == ([f"the {template} has no '{name}'"] if needed else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("one", [["one"]]),
        ("one\ntwo\n\n\nthree\n", [["one", "two"], ["three"]]),
        ("\n\n one \n", [["one"]]),
    ],
)
def test_paragraphs(text: str, found: list[list[str]]) -> None:
    assert paragraphs(text) == found
