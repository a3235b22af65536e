"""Notices in German, French and Spanish: nothing English in them, dates and marks of the language.

Whether the words are good is for a native lawyer; what is tested here is what a program can see.
"""

import re
from datetime import UTC, date, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from notice_kit import fact, pages_of, pdf_of, rendered, story_facts, templates

from bot.documents.marks import DRAFT, IN_REVIEW, Marking, MarkState
from bot.documents.wording import NO_BREAK, THIN
from bot.documents.wordings import WORDINGS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.notices import is_stale
from bot.domain.place_names import PLACE_NAMES

pytestmark = pytest.mark.slow  # the first of them loads every template

SOURCES = ("gdpr_art33_authority", "gdpr_art34_person", "holding_statement")
TAGS = {"de": "de-DE", "fr": "fr-FR", "es": "es-ES"}
TRANSLATIONS = [f"{source}_{language}" for source in SOURCES for language in TAGS]


@pytest.mark.parametrize("template_id", TRANSLATIONS)
def test_a_translation_follows_its_source(template_id: str) -> None:
    translation = templates()[template_id]
    assert translation.translation_of is not None
    source = templates()[translation.translation_of.id]
    assert not is_stale(translation, templates())
    assert translation.language == TAGS[template_id[-2:]]
    assert translation.obligations == source.obligations
    assert translation.forbidden_facts == source.forbidden_facts
    assert translation.next_update_hours == source.next_update_hours
    needs = {
        key: (one.need, one.when, bool(one.not_yet_known)) for key, one in source.facts.items()
    }
    assert needs == {
        key: (one.need, one.when, bool(one.not_yet_known)) for key, one in translation.facts.items()
    }
    items = [(one.item, one.citation, one.facts, one.when) for one in source.contents]
    assert items == [(one.item, one.citation, one.facts, one.when) for one in translation.contents]


@pytest.mark.parametrize("template_id", TRANSLATIONS)
def test_a_translation_says_that_no_native_lawyer_read_it(template_id: str) -> None:
    translation = templates()[template_id]
    assert translation.spot_checked_only
    assert any("native lawyer" in one.note for one in translation.sources)
    assert any("lawyer whose language is" in one for one in translation.verify_before_sending)


ENGLISH = {"the", "and", "you", "your", "what", "we", "our", "with", "were", "not", "this", "is"}


def words_of_page(html: str) -> set[str]:
    """Every word of a page with its running header and footer, in small letters."""
    shown = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return set(re.findall(r"[a-zäöüßàâéèêëîïôùûçñáíóú]+", unescape(shown).lower()))


@pytest.mark.parametrize("template_id", TRANSLATIONS)
@pytest.mark.parametrize("unknown", [False, True])
def test_nothing_english_is_left(template_id: str, *, unknown: bool) -> None:
    # Once with all facts, once with as many unknown as the format allows to say so.
    later = [key for key, one in templates()[template_id].facts.items() if one.not_yet_known]
    facts = story_facts(**dict.fromkeys(later)) if unknown else story_facts()
    notice = rendered(template_id, facts, marking=DRAFT)
    assert notice.gaps == ()
    assert words_of_page(notice.html) & ENGLISH == set()
    assert set(re.findall(r"\w+", notice.subject.lower())) & ENGLISH == set()


@pytest.mark.parametrize("source", SOURCES)
def test_the_check_for_english_would_see_it(source: str) -> None:
    assert len(words_of_page(rendered(source, story_facts()).html) & ENGLISH) > 4


@pytest.mark.parametrize("template_id", TRANSLATIONS)
def test_texts_without_words_are_marked_with_what_is_recorded(template_id: str) -> None:
    notice = rendered(template_id, story_facts(), overrides={})
    missing = {gap.fact for gap in notice.gaps}
    assert {"what_happened", "measures_taken", "advice_to_people", "measures_planned"} <= missing
    language = {"de": "German", "fr": "French", "es": "Spanish"}[template_id[-2:]]
    assert {gap.words_in for gap in notice.gaps} == {language}
    assert f"[[What happened? Needs words in {language}: “An intruder used" in notice.text
    assert notice.text.count("[[") >= len(missing)


@pytest.mark.parametrize(
    ("template_id", "foot", "mark"),
    [
        ("gdpr_art34_person_de", "Fassung 2 · Inhalt", "ENTWURF – nicht freigegeben"),
        ("gdpr_art34_person_fr", "Version 2 · Contenu", "PROJET – non approuvé"),
        ("gdpr_art34_person_es", "Versión 2 · Contenido", "BORRADOR – sin aprobar"),
    ],
)
def test_header_and_footer_speak_the_language(template_id: str, foot: str, mark: str) -> None:
    pages = pages_of(pdf_of(rendered(template_id, story_facts(), marking=DRAFT)))
    between = {"de": "Seite 1 von 2", "fr": "Page 1 sur 2", "es": "Página 1 de 2"}
    assert between[template_id[-2:]] in pages[0]
    for page in pages:
        assert foot in page
        assert mark in page


@pytest.mark.parametrize(
    ("tag", "review", "exercise", "big"),
    [
        ("en-GB", "DRAFT – in review, not approved", "EXERCISE EX-1 – not a real", "EXERCISE"),
        (
            "de-DE",
            "ENTWURF – in Prüfung, nicht freigegeben",
            "ÜBUNG (EXERCISE) EX-1 – kein echter Vorfall",
            "ÜBUNG",
        ),
        (
            "fr-FR",
            "PROJET – en cours d’examen, non approuvé",
            "EXERCICE (EXERCISE) EX-1 – incident fictif",
            "EXERCICE",
        ),
        (
            "es-ES",
            "BORRADOR – en revisión, sin aprobar",
            "EJERCICIO (EXERCISE) EX-1 – no es un incidente real",
            "EJERCICIO",
        ),
    ],
)
def test_marks_of_a_language(tag: str, review: str, exercise: str, big: str) -> None:
    approved = Marking(state=MarkState.APPROVED, exercise="EX-1", language=tag)
    assert Marking(state=IN_REVIEW.state, language=tag).words == (review,)
    assert approved.words[0].startswith(exercise)
    assert approved.watermark == (big,)
    assert not Marking(state=MarkState.APPROVED, language=tag).words


@pytest.mark.parametrize("template_id", [one for one in TRANSLATIONS if one.endswith("_fr")])
def test_french_marks_have_their_spaces(template_id: str) -> None:
    notice = rendered(template_id, story_facts(affected_total=None, data_elements=None))
    shown = unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "\n", notice.html, flags=re.DOTALL))
    assert re.findall(r".{0,20} [;:!?»]", shown) == [], "a space that can break"
    assert re.findall(rf".{{0,20}}[^\s{NO_BREAK}{THIN}][;!?»]", shown) == [], "no space at all"
    assert re.findall(rf"\w+[^\s{NO_BREAK}\d]:(?!//)", shown) == []
    assert f"{NO_BREAK}:" in shown


def test_words_that_a_person_types_get_the_spaces_of_the_language() -> None:
    words = "Que faire ? Changez « tout » : vite !"
    html = rendered(
        "gdpr_art34_person_fr", story_facts(), overrides={"advice_to_people": words}
    ).html
    spaced = f"Que faire{THIN}? Changez «{NO_BREAK}tout{NO_BREAK}»{NO_BREAK}: vite{THIN}!"
    assert spaced in html
    german = rendered(
        "gdpr_art34_person_de", story_facts(), overrides={"advice_to_people": "Lesen Sie z.B. § 1"}
    ).html
    assert f"Lesen Sie z.{NO_BREAK}B. §{NO_BREAK}1." in german


ONE = datetime(2026, 3, 1, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "day", "moment", "small", "large"),
    [
        ("en-GB", "1 March 2026", "1 March 2026 at 01:05 CET (00:05 UTC)", "1,450", "12,345"),
        ("en-US", "March 1, 2026", "March 1, 2026 at 01:05 CET (00:05 UTC)", "1,450", "12,345"),
        (
            "de-DE",
            "1. März 2026",
            "1. März 2026 um 01:05 Uhr MEZ (00:05 Uhr UTC)",
            "1.450",
            "12.345",
        ),
        ("fr-FR", "1er mars 2026", "1er mars 2026 à 1 h 05 CET (0 h 05 UTC)", "1 450", "12 345"),
        (
            "es-ES",
            "1 de marzo de 2026",
            "1 de marzo de 2026 a la 01:05 CET (00:05 UTC)",
            "1450",  # four figures stand together
            "12 345",
        ),
    ],
)
def test_dates_times_and_numbers(tag: str, day: str, moment: str, small: str, large: str) -> None:
    def plain(said: str) -> str:
        return said.replace(NO_BREAK, " ").replace(THIN, " ")

    wording = WORDINGS[tag]
    assert plain(wording.day(date(2026, 3, 1))) == day
    assert plain(wording.moment(ONE, ZoneInfo("Europe/Berlin"))) == moment
    assert (plain(wording.count(1450)), plain(wording.count(12_345))) == (small, large)
    assert " " not in wording.count(12_345), "a number must not break over two lines"


def test_day_of_utc_is_named_where_it_is_another() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    said = WORDINGS["de-DE"].moment(late, ZoneInfo("Europe/Berlin")).replace(NO_BREAK, " ")
    assert said == "3. März 2026 um 00:30 Uhr MEZ (2. März 2026, 23:30 Uhr UTC)"


@pytest.mark.parametrize(
    ("tag", "words", "listed"),
    [
        ("en-US", ["a", "b", "c"], "a, b, and c"),
        ("de-DE", ["a", "b", "c"], "a, b und c"),
        ("fr-FR", ["a", "b"], "a et b"),
        ("es-ES", ["nombre", "dirección"], "nombre y dirección"),
        ("es-ES", ["nombre", "información médica"], "nombre e información médica"),
        ("es-ES", ["agua", "hielo"], "agua y hielo"),  # hie- isn't the sound of i
        ("es-ES", ["nombre"], "nombre"),
        ("de-DE", [], ""),
    ],
)
def test_lists(tag: str, words: list[str], listed: str) -> None:
    assert WORDINGS[tag].listed(words) == listed


CHOICES = ("data_elements", "breach_kinds", "risk_to_people", "encryption")


@pytest.mark.parametrize("tag", sorted(WORDINGS))
@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_has_words_in_every_language(tag: str, name: str) -> None:
    words = WORDINGS[tag].choices[name]
    assert set(words) == set(FACT_TYPES[name].choices)
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize("tag", sorted(TAGS.values()))
@pytest.mark.parametrize("name", CHOICES)
def test_words_of_choices_are_translated(tag: str, name: str) -> None:
    english = WORDINGS["en-GB"].choices[name]
    same = {key for key, words in WORDINGS[tag].choices[name].items() if words == english[key]}
    assert same <= {"name"}, "German says “Name” too, but with a capital"


@pytest.mark.parametrize(
    ("tag", "code", "name"),
    [
        ("en-GB", "US-CA", "California, United States"),
        ("de-DE", "US-CA", "Kalifornien (USA)"),
        ("fr-FR", "US-CA", "Californie (États-Unis)"),
        ("es-ES", "US-NY", "Nueva York (Estados Unidos)"),
        ("de-DE", "FR", "Frankreich"),
        ("fr-FR", "DE", "Allemagne"),
        ("es-ES", "DE", "Alemania"),
        ("de-DE", "DE-BY", "Deutschland (DE-BY)"),  # a part that isn't listed
        ("de-DE", "XX", "XX"),
    ],
)
def test_places(tag: str, code: str, name: str) -> None:
    assert WORDINGS[tag].choice("residents", code) == name


@pytest.mark.parametrize("tag", sorted(WORDINGS))
def test_every_place_has_a_name(tag: str) -> None:
    assert set(WORDINGS[tag].places) == set(PLACE_NAMES)
    assert all(WORDINGS[tag].places.values())


@pytest.mark.parametrize(
    ("template_id", "sentence"),
    [
        ("gdpr_art34_person_de", "dauerte etwa vom 27. Februar 2026 bis zum 2. März 2026."),
        ("gdpr_art34_person_fr", "a duré du 27 février 2026 environ au 2 mars 2026."),
        ("gdpr_art34_person_es", "duró aproximadamente del 27 de febrero de 2026 al 2 de marzo"),
        ("gdpr_art33_authority_de", "25 volle Stunden, nachdem die Verletzung bekannt wurde"),
        ("gdpr_art33_authority_fr", "Effectuée 25 heures pleines après la prise de connaissance"),
        ("gdpr_art33_authority_es", "Hecha 25 horas completas después de tener constancia"),
        ("gdpr_art33_authority_de", "führt voraussichtlich zu einem hohen Risiko für die Rechte"),
        ("gdpr_art33_authority_fr", "est susceptible d’engendrer un risque élevé pour les droits"),
        ("gdpr_art33_authority_es", "es probable que la violación entrañe un alto riesgo para los"),
        ("holding_statement_de", "Betroffen sind etwa 1.450 Personen."),
        ("holding_statement_fr", "L’incident concerne environ 1 450 personnes."),
        ("holding_statement_es", "Afecta a aproximadamente 1450 personas."),
    ],
)
def test_sentences_around_facts(template_id: str, sentence: str) -> None:
    text = rendered(template_id, story_facts()).text
    assert sentence in " ".join(text.split())


@pytest.mark.parametrize("language", sorted(TAGS))
def test_late_notification_gives_reasons_in_its_language(language: str) -> None:
    template_id = f"gdpr_art33_authority_{language}"
    late = datetime(2026, 3, 5, 9, 0, 1, tzinfo=UTC)
    assert [
        gap.fact for gap in rendered(template_id, story_facts("delay_reasons"), now=late).gaps
    ] == ["delay_reasons"]
    facts = story_facts() | {"delay_reasons": fact("delay_reasons", "The scope was unclear.")}
    gap = rendered(template_id, facts, now=late, overrides={}).gaps
    assert "delay_reasons" in {one.fact for one in gap if one.words_in}
