"""Readability and hints: measured by hand-counted texts, and what is and isn't hinted at."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notice_kit import rendered, story_facts

from bot.documents.plain_language import (
    AVERAGE_LIMIT,
    GRADE_LIMIT,
    SENTENCE_LIMIT,
    count_syllables,
    hints,
    reading,
)
from bot.documents.plain_words import WORDS
from bot.documents.wordings import WORDINGS


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("a", 1),
        ("the", 1),
        ("file", 1),  # silent e
        ("people", 2),  # but -le is a syllable
        ("reset", 2),
        ("copied", 2),
        ("closed", 1),
        ("affected", 3),
        ("services", 3),
        ("notices", 3),
        ("files", 1),
        ("account", 2),
        ("information", 4),
        ("identity", 4),
        ("don’t", 1),
        ("sign-in", 2),
        ("SSN", 3),  # read letter by letter
        ("2026", 1),
        ("www.example.com", 1),
    ],
)
def test_syllables(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        ("We closed it. We told you.", "en-GB", ["We closed it.", "We told you."]),
        ("Dr. Sommer of Acme Inc. called.", "en-GB", ["Dr. Sommer of Acme Inc. called."]),
        ("Call J. Smith. He knows.", "en-GB", ["Call J. Smith.", "He knows."]),
        ("We open at 6 a.m. every day.", "en-GB", ["We open at 6 a.m. every day."]),
        ("See www.example.com. Call us!", "en-GB", ["See www.example.com.", "Call us!"]),
        ("It costs 1.50 euros.", "en-GB", ["It costs 1.50 euros."]),
        ("What Happened", "en-US", []),  # a heading
        ("name\npostal address", "en-GB", []),  # a list
        ("The incident involves your:\nname", "en-GB", []),
        ("1 Main Street, Springfield", "en-US", []),
        ("“Who did it?” We don’t know.", "en-GB", ["“Who did it?”", "We don’t know."]),
        (
            "Am 2. März 2026. Uns wurde es bekannt.",
            "de-DE",
            ["Am 2. März 2026.", "Uns wurde es bekannt."],
        ),
        ("Das gilt z.B. nach Art. 33 Abs. 3.", "de-DE", ["Das gilt z.B. nach Art. 33 Abs. 3."]),
        ("Que faire ? Rien.", "fr-FR", ["Que faire ?", "Rien."]),
        ("Escriba a la Sra. Gil. Gracias.", "es-ES", ["Escriba a la Sra. Gil.", "Gracias."]),
    ],
)
def test_sentences(text: str, language: str, sentences: list[str]) -> None:
    measured = reading(text, language)
    assert measured.sentences == len(sentences)
    counted = [len(re.findall(r"[^\s“”?!.]\S*", one)) for one in sentences]
    assert measured.words == sum(counted)
    assert measured.longest == max(counted, default=0)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        # 0.39 x words/sentences + 11.8 x syllables/words - 15.59, counted by hand
        ("We closed the door. We told you.", round(0.39 * 7 / 2 + 11.8 * 7 / 7 - 15.59, 1)),
        (
            "An intruder copied personal information.",  # 5 words, 1+3+2+3+4 syllables
            round(0.39 * 5 + 11.8 * 13 / 5 - 15.59, 1),
        ),
    ],
)
def test_grade_of_flesch_and_kincaid(text: str, grade: float) -> None:
    assert reading(text, "en-GB").grade == grade


def test_other_languages_have_sentences_but_no_grade() -> None:
    german = reading("Wir haben es gesperrt. Sie müssen nichts tun.", "de-DE")
    assert (german.grade, german.sentences, german.words_per_sentence) == (None, 2, 4.0)
    assert german.plain
    unknown = reading("Wij hebben het gesloten.", "nl-NL")
    assert (unknown.grade, unknown.sentences) == (None, 1)
    assert hints("Wij hebben het gesloten.", "nl-NL") == ()


def test_a_text_without_sentences_is_no_error() -> None:
    for text in ("", "\n\n", "Heading only", "[[What happened? Not recorded]]"):
        measured = reading(text, "en-GB")
        assert (measured.grade, measured.sentences, measured.words_per_sentence) == (None, 0, 0.0)
        assert measured.plain
        assert hints(text, "en-GB") == ()


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (
            "en-GB",
            "We take your privacy very seriously.",
            [("empty_phrase", "take your privacy very seriously")],
        ),
        (
            "en-US",
            "Out of an abundance of caution, we write.",
            [("empty_phrase", "Out of an abundance of caution")],
        ),
        ("en-GB", "It was a Sophisticated attack.", [("empty_phrase", "Sophisticated")]),
        ("en-GB", "There is no evidence of misuse.", [("empty_phrase", "no evidence")]),
        ("en-GB", "Hackers came.", [("speculation", "Hackers")]),
        ("en-GB", "They probably left.", [("speculation", "probably")]),
        ("en-GB", "We believe they left.", [("speculation", "We believe")]),
        ("en-GB", "Files were copied.", [("passive", "were copied")]),
        ("en-GB", "The key was not taken.", [("passive", "was not taken")]),
        ("en-GB", "They exfiltrated files.", [("jargon", "exfiltrated")]),
        ("en-US", "We utilize keys prior to use.", [("jargon", "utilize"), ("jargon", "prior to")]),
        (
            "de-DE",
            "Wir nehmen den Schutz Ihrer Daten sehr ernst.",
            [("empty_phrase", "nehmen den Schutz Ihrer Daten sehr ernst")],
        ),
        (
            "de-DE",
            "Das Passwort wurde gestern zurückgesetzt.",
            [("passive", "wurde gestern zurückgesetzt")],
        ),
        (
            "de-DE",
            "Vermutlich kamen Hacker.",
            [("speculation", "Vermutlich"), ("speculation", "Hacker")],
        ),
        ("de-DE", "Bezüglich der Daten schreiben wir.", [("jargon", "Bezüglich")]),
        (
            "fr-FR",
            "Nous prenons la sécurité très au sérieux.",
            [("empty_phrase", "prenons la sécurité très au sérieux")],
        ),
        ("fr-FR", "Des fichiers ont été copiés.", [("passive", "ont été copiés")]),
        ("fr-FR", "Les accès sont fermés.", [("passive", "sont fermés")]),
        (
            "fr-FR",
            "Des pirates sont venus afin de nuire.",
            [("speculation", "pirates"), ("jargon", "afin de")],
        ),
        (
            "es-ES",
            "Nos tomamos muy en serio su privacidad.",
            [("empty_phrase", "tomamos muy en serio")],
        ),
        ("es-ES", "Los datos fueron copiados.", [("passive", "fueron copiados")]),
        (
            "es-ES",
            "Probablemente fueron hackers.",
            [("speculation", "Probablemente"), ("speculation", "hackers")],
        ),
    ],
)
def test_words_that_are_hinted_at(language: str, text: str, found: list[tuple[str, str]]) -> None:
    given_hints = hints(text, language)
    assert [(one.code, one.quote) for one in given_hints] == found
    for one in given_hints:
        assert one.why.endswith(".")
        assert one.instead


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en-GB", "We closed the archive and told the police."),
        ("en-GB", "Your data is affected."),  # a state, not an act
        ("en-GB", "You are limited to ten tries."),
        ("en-GB", "Be careful even if it seems to come from us."),
        ("en-GB", "We are red with anger."),
        ("en-GB", "He takes the job. They acted seriously."),
        ("de-DE", "Wir werden Sie bezahlen."),  # the future
        ("de-DE", "Wir haben das Archiv gesperrt."),
        ("de-DE", "Das wird gegen Ende besser."),
        ("fr-FR", "Cela s’est passé hier. Il est arrivé."),
        ("fr-FR", "Méfiez-vous, même s’il semble venir de nous."),
        ("fr-FR", "Vos données sont concernées."),
        ("es-ES", "Cerramos el archivo y denunciamos el robo."),
    ],
)
def test_words_that_are_left_alone(language: str, text: str) -> None:
    assert hints(text, language) == ()


def test_a_long_sentence_is_named_with_its_length() -> None:
    long = " ".join(["word"] * SENTENCE_LIMIT) + " more."
    found = [one for one in hints(f"Short one.\n{long}", "en-GB") if one.code == "long_sentence"]
    assert [(one.line, one.quote) for one in found] == [(2, long)]
    assert f"has {SENTENCE_LIMIT + 1} words" in found[0].why
    fitting = " ".join(["word"] * SENTENCE_LIMIT) + "."
    assert [one.code for one in hints(fitting, "de-DE") if one.code == "long_sentence"] == []


def test_hints_on_the_whole_text_come_first_and_name_the_worst_sentence() -> None:
    hard = "Unauthorised individuals illegitimately administered confidential documentation."
    easier = "\n".join(["Hackers came.", *["Individuals administered documentation."] * 8])
    found = hints(f"{easier}\n{hard}", "en-GB")
    assert [one.code for one in found] == ["grade", "speculation"]
    assert (found[0].line, found[0].quote) == (10, hard)
    assert f"aim at {GRADE_LIMIT:.0f}" in found[0].why
    assert [one.code for one in hints(hard, "en-GB")] == [], "too short to tell"


def test_the_average_of_the_sentences_counts_too() -> None:
    def of(count: int) -> str:
        return " ".join(["Si", *["so"] * (count - 1)]) + "."

    over = int(AVERAGE_LIMIT) + 1
    found = [one for one in hints(f"{of(over)} {of(over + 1)}", "fr-FR") if one.code == "average"]
    assert [one.quote for one in found] == [of(over + 1)]
    assert not reading(of(over), "fr-FR").plain
    assert reading(of(over - 1), "fr-FR").plain
    assert hints(f"{of(over - 1)} {of(over - 1)}", "fr-FR") == ()


def test_gaps_are_no_text() -> None:
    text = "[[What may hackers do? Not recorded]] We probably know."
    found = hints(text, "en-GB")
    assert [(one.code, one.at) for one in found] == [("speculation", text.index("probably"))]
    assert reading(text, "en-GB").words == 3


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(
        st.sampled_from([*"abc DEF.!?\n,:[]’“0123", "was taken", " hackers ", "exfiltrat"]),
        max_size=60,
    ).map("".join),
    language=st.sampled_from([*WORDINGS, "nl-NL"]),
)
def test_every_quote_stands_where_the_hint_says(text: str, language: str) -> None:
    measured = reading(text, language)
    assert measured.words >= measured.sentences
    for one in hints(text, language):
        assert text[one.at : one.at + len(one.quote)] == one.quote
        assert one.line == text[: one.at].count("\n") + 1
        assert one.quote.strip()


@pytest.mark.parametrize("language", sorted(WORDS))
def test_lists_are_sound(language: str) -> None:
    words = WORDS[language]
    for phrases in (words.empty, words.jargon, words.speculation):
        assert len({pattern for pattern, _instead in phrases}) == len(phrases)
        for pattern, instead in phrases:
            assert instead
            assert not re.search(pattern, ""), pattern
    # No list advises words that another list speaks against.
    advised = " ".join(
        instead
        for phrases in (words.empty, words.jargon, words.speculation)
        for _pattern, instead in phrases
    )
    assert [one.quote for one in hints(advised, language) if one.code == "jargon"] == []


@pytest.mark.slow
@pytest.mark.parametrize("template_id", ["gdpr_art34_person", "holding_statement", "status_page"])
def test_our_own_letters_keep_what_they_preach(template_id: str) -> None:
    text = rendered(template_id, story_facts()).text
    measured = reading(text, "en-GB")
    assert measured.plain, measured
    assert measured.sentences > 8
    assert hints(text, "en-GB") == ()
