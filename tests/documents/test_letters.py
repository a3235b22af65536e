"""Letters as paper: where the window shows the address, the footer's check, long texts, alphabets.

The windows' measures are those that letter_a4.css and letter_us.css state; nobody has held them
against a standard's or a maker's sheet.
"""

import base64
from io import BytesIO
from typing import Any

import pytest
from notice_kit import ASSETS, NOW, pages_of, rendered, story_facts, templates
from pypdf import PdfReader

from bot.documents.html import Addressee, RenderedNotice, render_notice
from bot.documents.marks import APPROVED, Marking, MarkState
from bot.documents.notice_pdf import notice_pdf
from bot.domain.letterhead import House, Letterhead

pytestmark = pytest.mark.slow

MM = 72 / 25.4
LETTERS = ("gdpr_art34_person", "us_ca_individual")
LONG_NAME = "Maximiliana-Alexandra Freifrau von und zu Beispielhausen-Musterberg"
FOREIGN = (
    "c/o Estúdio Conceição",
    "Apartado 1234",
    "Rua do Exemplo 1234, 5.º Dto.",
    "1200-109 LISBOA",
    "PORTUGAL",
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M0 0h60v20H0z"/></svg>'
LOGO = f"data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"


def letter(template_id: str, **changed: Any) -> RenderedNotice:
    given: dict[str, Any] = {
        "marking": APPROVED,
        "notice_ref": "INC-2026-0004 / N-2",
        "version": 1,
        "now": NOW,
        "addressee": Addressee(name="Sam Example", address=("1 Example Road", "Hamburg")),
        **changed,
    }
    return render_notice(templates()[template_id], story_facts(), **given)


def places_of(content: bytes, page: int = 0) -> list[tuple[str, float, float]]:
    """Each run of text with its place: mm from the sheet's left and top edge to the baseline."""
    sheet = PdfReader(BytesIO(content)).pages[page]
    height = float(sheet.mediabox.height)
    found: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: Any) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((" ".join(text.split()), x / MM, (height - y) / MM))

    sheet.extract_text(visitor_text=visit)
    return found


def place_of(words: str, places: list[tuple[str, float, float]]) -> tuple[float, float]:
    return next((x, y) for text, x, y in places if text.startswith(words))


@pytest.mark.parametrize(
    ("template_id", "left", "top", "bottom"),
    [
        # DIN 5008 form B: address zone 62.7 to 90 mm, 25 mm from the left.
        ("gdpr_art34_person", 25, 62.7, 90),
        # No. 10 double window: seen wherever the sheet slides at 2.5 to 3.2 in, from 1 in.
        ("us_ca_individual", 25, 62, 82),
    ],
)
@pytest.mark.parametrize("logo", ["", LOGO])
def test_address_stands_in_the_window(
    template_id: str, left: float, top: float, bottom: float, logo: str
) -> None:
    house = House(letterhead=Letterhead(logo=logo, logo_alt="Halden", return_line="Halden · Kai 1"))
    places = places_of(notice_pdf(letter(template_id, house=house), assets=ASSETS))
    for words in ("Sam Example", "1 Example Road", "Hamburg"):
        x, y = place_of(words, [one for one in places if one[2] > top])
        assert x == pytest.approx(left, abs=0.6), words
        assert top < y < bottom, words


@pytest.mark.parametrize("template_id", LETTERS)
def test_long_foreign_address_stays_in_the_window(template_id: str) -> None:
    addressee = Addressee(name=LONG_NAME, address=FOREIGN)
    assert addressee.long
    places = places_of(notice_pdf(letter(template_id, addressee=addressee), assets=ASSETS))
    _x, last = place_of("PORTUGAL", places)
    assert last < 90
    _x, title = place_of(templates()[template_id].title[:10], places)
    assert title > last + 8


def test_exercise_says_so_beside_the_check() -> None:
    marking = Marking(state=MarkState.APPROVED, exercise="INC-2026-0009")
    text = pages_of(notice_pdf(letter("us_ca_individual", marking=marking), assets=ASSETS))[0]
    assert text.count("EXERCISE INC-2026-0009") == 2


def test_text_of_forty_pages_is_cut_with_a_note() -> None:
    words = " ".join(f"word{number}" for number in range(16_000))
    notice = rendered("gdpr_art34_person", story_facts(), overrides={"what_happened": words})
    assert "word1999 … [cut after 2,000 words; the full text stands in the record]" in notice.text
    assert "word2000" not in notice.text
    assert len(pages_of(notice_pdf(notice, assets=ASSETS))) < 10


ALPHABETS = {
    "bg": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯабвгдежзийклмнопрстуфхцчшщъьюя",
    "cs": "ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽáčďéěíňóřšťúůýž",
    "da": "ÆØÅæøå",
    "de": "ÄÖÜẞäöüß„“‚‘",
    "el": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "es": "ÁÉÍÑÓÚÜáéíñóúü¿¡",
    "et": "ÄÖÕÜŠŽäöõüšž",
    "fi": "ÄÖÅŠŽäöåšž",
    "fr": "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ«»",
    "ga": "ÁÉÍÓÚáéíóú",
    "hr": "ČĆĐŠŽčćđšž",
    "hu": "ÁÉÍÓÖŐÚÜŰáéíóöőúüű",
    "it": "ÀÈÉÌÒÙàèéìòù",
    "lt": "ĄČĘĖĮŠŲŪŽąčęėįšųūž",
    "lv": "ĀČĒĢĪĶĻŅŠŪŽāčēģīķļņšūž",
    "mt": "ĊĠĦŻċġħż",
    "nl": "ËÏÉÓËĲëïéóĳ",
    "pl": "ĄĆĘŁŃÓŚŹŻąćęłńóśźż",
    "pt": "ÁÂÃÀÇÉÊÍÓÔÕÚáâãàçéêíóôõú",
    "ro": "ĂÂÎȘȚăâîșț",
    "sk": "ÁÄČĎÉÍĹĽŇÓÔŔŠŤÚÝŽáäčďéíĺľňóôŕšťúýž",
    "sl": "ČŠŽčšž",
    "sv": "ÅÄÖåäö",
    "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz€£§№",
}
"""The letters of the official languages of the European Union that aren't in English."""


@pytest.mark.parametrize("template_id", ["gdpr_art34_person", "gdpr_art33_authority"])
def test_letters_of_every_official_language_of_the_union_print(template_id: str) -> None:
    said = ". ".join(f"{language} {letters}" for language, letters in ALPHABETS.items())
    facts = story_facts(what_happened=said, dpo_name="Ινές Ιβάνοβα Зайцева")
    text = "".join(
        "".join(pages_of(notice_pdf(rendered(template_id, facts), assets=ASSETS))).split()
    )
    assert len(ALPHABETS) == 24
    for language, letters in ALPHABETS.items():
        # Some are drawn as two letters and read back so; what counts is that none is lost.
        wanted = letters.replace("Ĳ", "IJ").replace("ĳ", "ij")
        read = text.replace("Ĳ", "IJ").replace("ĳ", "ij")
        assert wanted in read, language
