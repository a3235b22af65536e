"""Every shipped notice is a sound PDF: archive, screen reader, marks, text; and the checks bite."""

import os
import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from notice_kit import ASSETS, IDS, ROOT, pages_of, pdf_of, rendered, story_facts, templates
from pdf_checks import faults_of
from pikepdf import Dictionary, Name

from bot.documents.marks import DRAFT, PRIVILEGED, Marking, MarkState
from bot.documents.pdf import _font_configuration, render_pdf
from bot.documents.wordings import WORDINGS
from bot.domain.letterhead import House

pytestmark = pytest.mark.slow

HOUSE = House(base_url="https://tocsin.example.com/")
ALL_MARKS = Marking(state=MarkState.IN_REVIEW, privileged=True, exercise="INC-2026-0009")


@pytest.mark.parametrize("template_id", IDS)
def test_approved_notice_is_sound_and_says_what_was_approved(template_id: str) -> None:
    notice = rendered(template_id, story_facts(), house=HOUSE)
    features = _font_configuration(os.getpid(), ASSETS.resolve()).font_features
    features.clear()
    content = pdf_of(notice)
    assert not features, "WeasyPrint keeps the memory of each text laid out with one (ADR 0016)"
    assert faults_of(content) == []
    pages = pages_of(content)
    check_footers(pages, notice.content_sha256)
    text = " ".join(pages)
    for word in ("DRAFT", "EXERCISE", "Attorney-Client", "[["):
        assert word not in text
    for heading in [line for line in notice.text.split("\n") if line.startswith("What ")]:
        assert heading in text
    label = WORDINGS[templates()[template_id].language].labels.content
    assert f"{label} {notice.content_sha256[:12]}" in text
    # A word may be broken at its hyphen or slash, and a line over two pages.
    squeezed = "".join(text.split())
    assert [word for word in notice.text.split() if word not in squeezed] == []


def check_footers(pages: list[str], sha256: str) -> None:
    """Each page names the paper and its number, and where to check it."""
    for number, text in enumerate(pages, 1):
        assert "INC-2026-004 / N-2 · " in text
        assert sha256[:12] in text
        assert f"tocsin.example.com/verify/{sha256[:16]}" in text
        assert f"{number}\xa0" in text or f" {number} " in text


@pytest.mark.parametrize("template_id", IDS)
def test_without_an_address_of_ours_no_paper_names_one(template_id: str) -> None:
    assert "/verify/" not in rendered(template_id, story_facts()).html


def looks() -> list[str]:
    """One template of each look: its styles and its page. Marks are the renderer's, not theirs."""
    of_look: dict[tuple[str, ...], str] = {}
    for template_id in IDS:
        body = (ROOT / template_id / "body.html.j2").read_text("utf-8")
        head = (ROOT / template_id / "notice.yaml").read_text("utf-8")
        styles = re.findall(r"{% block style %}.*?{% endblock %}", body, re.DOTALL)
        sizes = re.findall(r"^page_size: .*$", head, re.MULTILINE)
        layout = re.findall(r'{% extends "([^"]+)"', body)
        of_look.setdefault((*layout, *styles, *sizes), template_id)
    return sorted(of_look.values())


@pytest.mark.parametrize("template_id", looks())
def test_all_marks_stand_on_every_page_and_the_file_stays_sound(template_id: str) -> None:
    notice = rendered(template_id, story_facts(), marking=ALL_MARKS)
    content = pdf_of(notice)
    assert faults_of(content) == []
    pages = pages_of(content)
    for number, text in enumerate(pages, 1):
        for words in notice.marking.words:
            assert words in text, number
        assert PRIVILEGED in text, number
        # At the foot too, where nobody cuts it off with the head.
        assert ALL_MARKS.exercise in text.rpartition(notice.content_sha256[:12])[2], number
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/Title"]).startswith(notice.marking.words[0])


def page(body: str) -> bytes:
    html = (
        '<!DOCTYPE html><html lang="en"><head><title>T</title><style>@font-face { font-family: '
        '"Source Sans 3"; src: url("bundled:fonts/SourceSans3-Regular.ttf"); } '
        'html { font-family: "Source Sans 3" }</style></head><body>'
        f"{body}</body></html>"
    )
    return render_pdf(html, assets=ASSETS)


GOOD = (
    '<h1>One</h1><h2>Two</h2><p>Text and a <a href="https://example.com/">link</a></p>'
    '<table><tr><th scope="row">A</th><td>1</td></tr></table>'
)


def test_a_good_page_has_no_fault() -> None:
    assert faults_of(page(GOOD)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<h1>One</h1><h4>Four</h4>", "a heading of level 4 follows one of level 1"),
        ("<h2>Two</h2>", "a heading of level 2 follows one of level 0"),
        ("<table><tr><td>1</td></tr></table>", "a table has no header cell"),
        (
            '<table><tr><th scope="row">A</th><td>1</td></tr><tr><td>2</td><td>3</td></tr></table>',
            "a cell names no header",
        ),
        ('<p style="break-after: page">x</p>' * 4, "has 4 pages and no bookmarks"),
    ],
)
def test_faults_of_a_page_are_found(body: str, fault: str) -> None:
    assert fault in " ".join(faults_of(page(body)))


def without_language(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def other_title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "Another"


def no_title_shown(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.ViewerPreferences.DisplayDocTitle


def launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/Annots"][0].A = Dictionary(S=Name.Launch, F="x.exe")


def script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def no_tab_order(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].obj["/Tabs"]


def untagged(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"0 0 m 10 10 l S")


def loose(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K[0].K = pikepdf.Array()


def unreadable(pdf: pikepdf.Pdf) -> None:
    for one in pdf.objects:
        if isinstance(one, Dictionary) and "/ToUnicode" in one:
            del one["/ToUnicode"]


def silent_link(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].obj["/Annots"][0]["/Contents"]


def no_claim(pdf: pikepdf.Pdf) -> None:
    xmp = pdf.Root.Metadata.read_bytes().replace(b'pdfuaid:part="1"', b"")
    pdf.Root.Metadata.write(xmp)


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (without_language, "has no language"),
        (other_title, "has the title 'Another', and 'T' in its metadata"),
        (no_title_shown, "doesn't show its title"),
        (script, "has /OpenAction"),
        (launch, "has an action that runs"),
        (no_tab_order, "page 1 has no tab order"),
        (untagged, "page 1 draws something that is neither tagged nor an artifact"),
        (loose, "page 1 has tagged content that is in no element"),
        (unreadable, "can't be read back"),
        (silent_link, "a link on page 1 has no words"),
        (no_claim, "doesn't claim PDF/UA-1"),
    ],
)
def test_harm_to_a_file_is_found(harm: Callable[[pikepdf.Pdf], None], fault: str) -> None:
    harmed = BytesIO()
    with pikepdf.open(BytesIO(page(GOOD))) as pdf:
        harm(pdf)
        pdf.save(harmed)
    assert fault in " ".join(faults_of(harmed.getvalue()))


def test_marks_of_one_paper_add_up() -> None:
    assert DRAFT.words == ("DRAFT – not approved",)
    assert Marking(state=MarkState.APPROVED).plain
    assert Marking(state=MarkState.APPROVED, privileged=True).words == (PRIVILEGED,)
    assert ALL_MARKS.watermark == ("EXERCISE", "DRAFT", "PRIVILEGED")
