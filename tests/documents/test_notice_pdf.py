"""The PDFs as they come out: text, marks, type size, tags, bytes, and what is refused."""

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from notice_kit import ASSETS, NOW, ROOT, pages_of, pdf_of, rendered, story_facts
from pypdf import PdfReader

from bot.documents.marks import DRAFT, IN_REVIEW, Marking
from bot.documents.pdf import (
    DocumentError,
    ForbiddenFetchError,
    MissingGlyphError,
    harfbuzz_subset_available,
    render_pdf,
)

pytestmark = pytest.mark.slow

LONG = "\n".join(f"Paragraph {n}: the investigators found one more server." for n in range(120))


def page(body: str, *, style: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>T</title><style>@font-face {{ font-family: '
        f'"Source Sans 3"; src: url("bundled:fonts/SourceSans3-Regular.ttf"); }} '
        f'html {{ font-family: "Source Sans 3" }} {style}</style></head><body>{body}</body></html>'
    )


def test_pdf_of_missing_facts_shows_the_gaps() -> None:
    pages = pages_of(pdf_of(rendered("us_ca_individual", story_facts("what_happened"))))
    assert "[[What happened? Not recorded]]" in pages[0]


@pytest.mark.parametrize("marking", [DRAFT, IN_REVIEW])
@pytest.mark.parametrize("template_id", ["gdpr_art33_authority", "gdpr_art34_person"])
def test_draft_stands_on_every_page(template_id: str, marking: Marking) -> None:
    notice = rendered(template_id, story_facts(what_happened=LONG), marking=marking)
    pages = pages_of(pdf_of(notice))
    assert len(pages) > 3
    words = "DRAFT – not approved" if marking is DRAFT else "DRAFT – in review, not approved"
    for number, text in enumerate(pages, 1):
        assert words in text
        assert f"Page {number} of {len(pages)}" in text


def test_approved_has_no_mark_on_any_page() -> None:
    pages = pages_of(pdf_of(rendered("gdpr_art33_authority", story_facts(what_happened=LONG))))
    assert len(pages) > 3
    assert [text for text in pages if "DRAFT" in text or "not approved" in text] == []


@pytest.mark.parametrize("template_id", ["us_ca_individual", "us_ma_individual"])
def test_us_letters_have_no_type_under_10_point(template_id: str) -> None:
    notice = rendered(template_id, story_facts(), marking=DRAFT)
    sizes: dict[float, str] = {}

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if text.strip():
            # Effective size: the font's size through text and page matrix, in points.
            scale = abs(tm[3] * cm[3] - tm[2] * cm[1])
            sizes.setdefault(round(size * scale, 2), text.strip())

    for one in PdfReader(BytesIO(pdf_of(notice))).pages:
        one.extract_text(visitor_text=visit)
    assert len(sizes) >= 4, sizes
    assert min(sizes) >= 10.0, sizes
    assert {10.8, 12.0, 16.5} <= set(sizes), sizes


@pytest.mark.parametrize(
    ("template_id", "width", "height"),
    [("gdpr_art34_person", 595.28, 841.89), ("us_ca_individual", 612, 792)],
)
def test_page_size(template_id: str, width: float, height: float) -> None:
    box = PdfReader(BytesIO(pdf_of(rendered(template_id, story_facts())))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((width, height), abs=0.01)


def test_same_input_gives_the_same_bytes_here_and_in_another_process() -> None:
    notice = rendered("us_ca_individual", story_facts(), marking=DRAFT)
    first, second = pdf_of(notice), pdf_of(notice)
    assert first == second
    program = (
        "import hashlib; from notice_kit import pdf_of, rendered, story_facts; "
        "from bot.documents.marks import DRAFT; "
        "notice = rendered('us_ca_individual', story_facts(), marking=DRAFT); "
        "print(hashlib.sha256(pdf_of(notice)).hexdigest())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT.parent,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
        )
        assert done.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_pdf_is_tagged_with_language_title_and_date() -> None:
    notice = rendered("gdpr_art34_person", story_facts(), marking=DRAFT)
    reader = PdfReader(BytesIO(pdf_of(notice)))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] is not None
    assert reader.metadata is not None
    assert reader.metadata.title == (
        "DRAFT – not approved: Your personal data and a security incident"
    )
    assert reader.metadata.creation_date == NOW
    outline: Any = reader.outline
    assert outline[0].title == "Your personal data and a security incident"
    assert [one.title for one in outline[1]][:2] == [
        "What happened",
        "Which of your data is involved",
    ]


def test_marks_and_footers_are_not_read_aloud() -> None:
    notice = rendered("gdpr_art34_person", story_facts(), marking=DRAFT)
    read = read_aloud(PdfReader(BytesIO(pdf_of(notice))))
    assert "What you can do" in read
    assert "DRAFT" not in read
    assert "Version 2" not in read


def read_aloud(reader: PdfReader) -> str:
    """The text of the structure tree: what a screen reader reads."""
    wanted: dict[int, set[int]] = {}

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        for kid in node.get("/K", []):
            if isinstance(kid, int):
                page_id = node["/Pg"].get_object()["/StructParents"]
                wanted.setdefault(int(page_id), set()).add(kid)
            else:
                walk(kid)

    walk(reader.trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    spoken: list[str] = []
    for one in reader.pages:
        mcids: list[int | None] = []

        def before(
            op: bytes, args: Any, _cm: Any, _tm: Any, mcids: list[int | None] = mcids
        ) -> None:
            if op in {b"BDC", b"BMC"}:
                mcids.append(args[1].get("/MCID") if op == b"BDC" else None)
            elif op == b"EMC":
                mcids.pop()

        number: Any = one["/StructParents"]
        ids = wanted.get(int(number), set())

        def take(text: str, *_: Any, mcids: list[int | None] = mcids, ids: set[int] = ids) -> None:
            if mcids and mcids[-1] in ids:
                spoken.append(text)

        one.extract_text(visitor_operand_before=before, visitor_text=take)
    return " ".join("".join(spoken).split())


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.com/x.png",
        "file:///etc/passwd",
        "ftp://example.com/x.png",
        "bundled:../us_ca_individual/notice.yaml",
        "bundled:page.html.j2",
        "bundled:missing.svg",
    ],
)
@pytest.mark.parametrize("way", ["image", "style", "link", "font"])
def test_nothing_but_bundled_assets_is_fetched(address: str, way: str) -> None:
    html = {
        "image": page(f'<img alt="x" src="{address}">'),
        "style": page("x", style=f'body {{ background: url("{address}") }}'),
        "link": page("x").replace("<style>", f'<link rel="stylesheet" href="{address}"><style>'),
        "font": page("x", style=f'@font-face {{ font-family: F; src: url("{address}") }}'),
    }[way]
    for _ in range(2):  # styles are kept for the next page; one that was refused is not
        with pytest.raises(ForbiddenFetchError, match="Nothing was fetched"):
            render_pdf(html, assets=ASSETS)


def test_a_style_with_a_fault_is_refused_for_the_next_page_too() -> None:
    for _ in range(2):
        with pytest.raises(DocumentError, match=r"can't be laid out as written: .*colour"):
            render_pdf(page("x", style="p { colour: red }"), assets=ASSETS)


def test_relative_address_is_an_error() -> None:
    with pytest.raises(DocumentError):
        render_pdf(page('<img alt="x" src="logo.png">'), assets=ASSETS)


def test_character_without_a_font_is_an_error_that_names_it() -> None:
    facts = story_facts(contact_name="東京 Office")
    with pytest.raises(MissingGlyphError, match=r"“東” \(U\+6771\), “京” \(U\+4EAC\)") as caught:
        pdf_of(rendered("gdpr_art34_person", facts))
    assert caught.value.characters == "東京"


def test_latin_greek_and_cyrillic_print() -> None:
    names = "Łukasz Świętosław, Ελένη Παπαδοπούλου, Юлія Щербак, Gülşah Žižić, Ðorđe, Ŧ"
    text = " ".join(
        pages_of(pdf_of(rendered("gdpr_art34_person", story_facts(contact_name=names))))
    )
    assert names in text


def test_only_bundled_fonts_are_used() -> None:
    notice = rendered("us_ca_individual", story_facts(), marking=DRAFT)
    fonts: set[str] = set()
    for one in PdfReader(BytesIO(pdf_of(notice))).pages:
        resources: Any = one["/Resources"]
        fonts |= {str(font.get_object()["/BaseFont"]) for font in resources["/Font"].values()}
    families = {name.partition("+")[2].rstrip(",").split(",")[0] for name in fonts}
    assert {
        name for name in families if not name.startswith(("Source-Serif-4", "Source-Sans-3"))
    } == (set())


def test_unknown_variant_is_refused() -> None:
    with pytest.raises(DocumentError, match="pdf/x-4"):
        render_pdf(page("x"), assets=ASSETS, variant="pdf/x-4")


def test_fast_subsetter_is_there() -> None:
    assert harfbuzz_subset_available()
