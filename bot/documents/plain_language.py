"""How hard a notice is to read, and what makes it so: hints for those who write and approve it.

Decides nothing and blocks nothing: a law may want the very word that a hint speaks against. Pure:
text in, numbers and hints out, with nothing fetched. For notices to people and to the public; the
lists of words are in `plain_words`. Grades are for English only, sentences for every language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import pyphen

from bot.documents.plain_words import WORDS, Words
from bot.domain.notices import Audience

PLAIN_FOR = frozenset({Audience.PERSON, Audience.PUBLIC})
"""Whose notices are to be plain: the people concerned, and everybody."""

GRADE_LIMIT = 9.0
"""Flesch-Kincaid grade that a letter to people should not pass: nine years of school."""

AVERAGE_LIMIT = 20.0
"""Words that the sentences of a text should have on average, at most."""

SENTENCE_LIMIT = 25
"""A single sentence with more words gets a hint."""

LEAST_WORDS = 30
"""A grade or an average says nothing of a shorter text: it gets no hint for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """One place that could be said more plainly."""

    code: str
    """`grade`, `average`, `long_sentence`, `empty_phrase`, `jargon`, `passive`, `speculation`."""
    line: int
    """Line of the text, from 1."""
    at: int
    """Offset of the quote in the text."""
    quote: str
    why: str
    instead: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How hard a text is. Headings, lists and addresses aren't counted: only whole sentences."""

    grade: float | None
    """Flesch-Kincaid grade (years of school); None for other languages, or without a sentence."""
    words_per_sentence: float
    longest: int
    """Words of the longest sentence."""
    sentences: int
    words: int

    @property
    def plain(self) -> bool:
        """Whether it keeps within the grade, if it has one, and the average length."""
        easy = self.grade is None or self.grade <= GRADE_LIMIT
        return easy and self.words_per_sentence <= AVERAGE_LIMIT


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sentence:
    text: str
    at: int
    words: tuple[str, ...]


def reading(text: str, language: str) -> Reading:
    """Measure a notice's plain text (one block a line); `language` is its BCP 47 tag."""
    return _measure(_sentences(text, language), language)


def hints(text: str, language: str) -> tuple[Hint, ...]:
    """Find what could be said more plainly, in the order of the text; whole-text hints first.

    A language without a list of words gets hints on sentences only.
    """
    sentences = _sentences(text, language)
    found = list(_length_hints(sentences, language))
    words = WORDS.get(language.partition("-")[0])
    if words:
        found += _word_hints(_without_gaps(text), words)
    whole = {"grade": 0, "average": 1}
    found.sort(key=lambda one: (whole.get(one.code, len(whole)), one.at, one.code))
    return tuple(_place(one, text) for one in found)


def _place(hint: "_Found", text: str) -> Hint:
    return Hint(
        code=hint.code,
        line=text.count("\n", 0, hint.at) + 1,
        at=hint.at,
        quote=text[hint.at : hint.end],
        why=hint.why,
        instead=hint.instead,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    code: str
    at: int
    end: int
    why: str
    instead: str


_WHY = MappingProxyType(
    {
        "empty_phrase": "It tells the reader nothing, and people have learnt to distrust it.",
        "jargon": "Many readers don’t know this word, or stumble over it.",
        "speculation": "A guess stays on the record. Tell what is known, or that it isn’t yet.",
        "passive": "It hides who did it.",
    }
)


def _word_hints(text: str, words: Words) -> Iterator[_Found]:
    lists = {
        "empty_phrase": words.empty,
        "jargon": words.jargon,
        "speculation": words.speculation,
        "passive": tuple((pattern, words.active) for pattern in words.passive),
    }
    for code, phrases in lists.items():
        taken: set[int] = set()
        for pattern, instead in phrases:
            for match in re.finditer(pattern, text, re.IGNORECASE):
                if taken.isdisjoint(range(*match.span())):
                    taken.update(range(*match.span()))
                    start, end = match.span()
                    yield _Found(code=code, at=start, end=end, why=_WHY[code], instead=instead)


def _length_hints(sentences: list[_Sentence], language: str) -> Iterator[_Found]:
    measured = _measure(sentences, language)
    if measured.words >= LEAST_WORDS:
        yield from _whole_text_hints(sentences, measured)
    for one in sentences:
        if len(one.words) > SENTENCE_LIMIT:
            why = f"This sentence has {len(one.words)} words; over {SENTENCE_LIMIT} few can follow."
            yield _whole("long_sentence", one, why, "two sentences, with one thought each")


def _whole_text_hints(sentences: list[_Sentence], measured: Reading) -> Iterator[_Found]:
    hardest = max(sentences, key=lambda one: (_grade([one]), -one.at))
    longest = max(sentences, key=lambda one: (len(one.words), -one.at))
    if measured.grade is not None and measured.grade > GRADE_LIMIT:
        why = (
            f"The text needs about {measured.grade:.0f} years of school; aim at {GRADE_LIMIT:.0f}."
        )
        instead = "shorter sentences and shorter words; this sentence is the hardest"
        yield _whole("grade", hardest, why, instead)
    if measured.words_per_sentence > AVERAGE_LIMIT:
        why = (
            f"Sentences have {measured.words_per_sentence:.0f} words on average; aim at "
            f"{AVERAGE_LIMIT:.0f} or fewer."
        )
        yield _whole("average", longest, why, "two sentences for one; this one is the longest")


def _whole(code: str, sentence: _Sentence, why: str, instead: str) -> _Found:
    end = sentence.at + len(sentence.text)
    return _Found(code=code, at=sentence.at, end=end, why=why, instead=instead)


def _measure(sentences: list[_Sentence], language: str) -> Reading:
    lengths = [len(one.words) for one in sentences]
    is_english = language.partition("-")[0] == "en"
    return Reading(
        grade=round(_grade(sentences), 1) if sentences and is_english else None,
        words_per_sentence=round(sum(lengths) / len(lengths), 1) if lengths else 0.0,
        longest=max(lengths, default=0),
        sentences=len(lengths),
        words=sum(lengths),
    )


def _grade(sentences: list[_Sentence]) -> float:
    """Compute the Flesch-Kincaid grade level (Kincaid and others, 1975)."""
    words = [word for one in sentences for word in one.words]
    syllables = sum(map(count_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


_GAP = re.compile(r"\[\[.*?\]\]", re.DOTALL)


def _without_gaps(text: str) -> str:
    """Blank out what a notice marks as missing; offsets stay as they are."""
    return _GAP.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


_END = re.compile(r"[.!?…]+[\"”“’»)\]]*(?=\s|$)")
# A web address, an e-mail address, a telephone number or a time is one word.
_WORD = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+|\+?\d[\d\s().,:/-]*\d|\d"
    r"|[^\W\d_](?:\.[^\W\d_])+"  # a.m., z.B.
    r"|[^\W\d_]+(?:[’'-][^\W\d_]+)*"
)


def _sentences(text: str, language: str) -> list[_Sentence]:
    words = WORDS.get(language.partition("-")[0])
    not_ends = words.not_ends if words else frozenset()
    found = []
    start = 0
    for line in _without_gaps(text).split("\n"):
        found += [
            _Sentence(text=part, at=start + at, words=tokens)
            for at, part in _split(line, not_ends, ordinals=language.startswith("de"))
            if (tokens := tuple(_WORD.findall(part)))
        ]
        start += len(line) + 1
    return found


def _split(line: str, not_ends: frozenset[str], *, ordinals: bool) -> Iterator[tuple[int, str]]:
    """Yield the whole sentences of a line, each with its offset; what has no end isn't one."""
    begin = 0
    for match in _END.finditer(line):
        if match.group().startswith(".") and _goes_on(line, match, not_ends, ordinals=ordinals):
            continue
        sentence = line[begin : match.end()]
        lead = len(sentence) - len(sentence.lstrip())
        yield begin + lead, sentence.strip()
        begin = match.end()


def _goes_on(line: str, match: re.Match[str], not_ends: frozenset[str], *, ordinals: bool) -> bool:
    before = line[: match.start()].rsplit(maxsplit=1)
    last = before[-1].lstrip('(“„«"') if before else ""
    after = line[match.end() :].lstrip()
    if not after:
        return False
    day = 2  # figures: “am 2. März”, but “… März 2026. Wir …”
    is_short = last.lower() in not_ends or (len(last) == 1 and last.isalpha())
    return is_short or after[0].islower() or (ordinals and last.isdigit() and len(last) <= day)


@lru_cache(maxsize=10_000)
def count_syllables(word: str) -> int:
    """Count the syllables of an English word; a number or an address counts as one.

    The larger of two counts: places where the word may be hyphenated, and groups of vowels without
    a silent e. Against the CMU dictionary that is right for 98 of 100 words of our texts, and the
    sum is right to 0.2 per cent; either count alone errs more.
    """
    letters = re.sub(r"[’'-]", "", word)
    if not letters.isalpha():
        return 1
    spelt = 5  # letters of an abbreviation that is read letter by letter, such as SSN
    if letters.isupper() and len(letters) <= spelt:
        return len(letters)
    plain = letters.lower()
    return max(
        len(_hyphens().positions(plain)) + 1, len(re.findall("[aeiouy]+", _spoken(plain))), 1
    )


def _spoken(word: str) -> str:
    """Take silent endings off: -es, -ed and -e where they make no syllable."""
    longer = 3
    mute_es = re.search(r"(?<![sxzcg])(?<![cs]h)(?<![^aeiouy]l)es$", word)
    if len(word) > longer and (mute_es or re.search(r"[^td]ed$", word)):
        word = word[:-2]
    silent = word.endswith("e") and not re.search(r"[^aeiouy]le$", word)
    return word[:-1] if silent and re.search(r"[aeiouy]", word[:-1]) else word


@lru_cache(maxsize=1)
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")
