"""Marks that no template can hide, and the data inside the file: what the letter tells, no more."""

import json
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from notice_kit import ASSETS, IDS, NOW, fact, pages_of, pdf_of, rendered, story_facts
from pypdf import PdfReader

from bot.documents.marks import DRAFT, Marking, MarkState
from bot.documents.notice_pdf import RECORD_NAME
from bot.documents.pdf import MarkMissingError, check_marks, render_pdf
from bot.documents.pdf_environment import env_id, environment_of
from bot.domain.fact_dictionary import FACT_TYPES

pytestmark = pytest.mark.slow


def page(style: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><title>T</title><style>@font-face { font-family: '
        '"Source Sans 3"; src: url("bundled:fonts/SourceSans3-Regular.ttf"); } '
        f'html {{ font-family: "Source Sans 3" }} {style}</style></head><body><p>x</p></body>'
        "</html>"
    )


@pytest.mark.parametrize(
    "style",
    [
        "@page { @top-center { content: none !important } }",
        "@page { @top-center { content: 'x'; font-size: 0 !important } }",
        "@page :first { @top-center { content: '' !important; visibility: hidden } }",
        "@page { @top-center { width: 0 !important; overflow: hidden } }",
    ],
)
def test_no_style_hides_the_marks(style: str) -> None:
    content = render_pdf(page(style), assets=ASSETS, marking=DRAFT)
    assert "DRAFT – not approved" in pages_of(content)[0]


def test_file_without_its_marks_is_not_handed_out() -> None:
    plain = render_pdf(page(""), assets=ASSETS)
    with pytest.raises(MarkMissingError, match="Page 1 came out without its mark “DRAFT – not"):
        check_marks(plain, DRAFT)
    drafted = render_pdf(page(""), assets=ASSETS, marking=DRAFT)
    check_marks(drafted, DRAFT)
    with pytest.raises(MarkMissingError, match="EXERCISE"):
        check_marks(drafted, Marking(state=MarkState.DRAFT, exercise="X"))


def test_two_readers_see_the_same_marks_and_words() -> None:
    content = pdf_of(rendered("gdpr_art33_authority", story_facts(), marking=DRAFT))
    other = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    ours = pages_of(content)
    assert ["".join(one.split()) for one in ours] == ["".join(one.split()) for one in other]
    assert all("DRAFT – not approved" in one for one in ours)


def attached(content: bytes) -> dict[str, object]:
    found = PdfReader(BytesIO(content)).attachments[RECORD_NAME]
    read: dict[str, object] = json.loads(found[0])
    return read


def test_record_tells_what_the_letter_tells_and_not_who_told_us() -> None:
    facts = story_facts()
    facts["what_happened"] = fact("what_happened", "Files were copied.")
    notice = rendered("gdpr_art34_person", facts)
    content = pdf_of(notice)
    record = attached(content)
    told = {one["fact"]: one for one in record["facts"]}  # type: ignore[attr-defined]
    assert told["what_happened"] == {
        "fact": "what_happened",
        "label": "What happened?",
        "value": "Files were copied.",
        "confidence": "confirmed",
        "as_of": "2026-03-03T10:30:00Z",
    }
    assert "source" not in json.dumps(record["facts"])
    assert record["made_with"] == {"env_id": env_id(ASSETS), **environment_of(ASSETS)}
    assert notice.content_sha256 in json.dumps(record["notice"])
    with pikepdf.open(BytesIO(content)) as pdf:
        spec = pdf.attachments[RECORD_NAME]
        assert spec.obj.AFRelationship == pikepdf.Name.Data
        assert spec.get_file().creation_date == NOW


@pytest.mark.parametrize("template_id", IDS)
def test_record_holds_no_fact_that_the_text_does_not_print(template_id: str) -> None:
    facts = story_facts()
    notice = rendered(template_id, facts)
    squeezed = "".join(notice.text.lower().split())
    told: list[dict[str, object]] = notice.record["facts"]  # type: ignore[assignment]
    assert told
    for one in told:
        assert one["fact"] in facts
        value = one["value"]
        if (
            isinstance(value, str)
            and len(value) > 20
            and FACT_TYPES[str(one["fact"])].kind == "text"
        ):
            assert "".join(value.lower().split())[:12] in squeezed, one["fact"]


def test_words_of_counsel_stand_in_the_record_in_place_of_the_fact() -> None:
    words = "Someone copied files."
    notice = rendered("gdpr_art34_person", story_facts(), overrides={"what_happened": words})
    told = {one["fact"]: one for one in notice.record["facts"]}  # type: ignore[attr-defined]
    assert told["what_happened"]["value"] == words
    assert told["what_happened"]["worded_for_this_notice"] is True


def test_another_day_is_another_file() -> None:
    one = rendered("gdpr_art34_person", story_facts())
    other = rendered("gdpr_art34_person", story_facts(), now=NOW + timedelta(days=1))
    assert one.content_sha256 == other.content_sha256
    assert pdf_of(one) != pdf_of(other)
