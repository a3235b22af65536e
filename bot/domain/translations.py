"""What a notice's own words lack: words in its language, and words that still fit the facts.

Decides which facts of a translation need words of their own. Facts are in the language of whoever
typed them, and nothing is translated by machine: a person writes the words, in this notice only.
Names, addresses and numbers read alike everywhere; choices are in `bot.documents.wordings`.
Words hide the fact that they stand for, so it also decides which are older than their fact.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, value_of
from bot.domain.notices import NoticeTemplate

_LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French"}


def language_name(tag: str) -> str:
    """Name the language of a BCP 47 tag: `de-DE` is German; an unknown tag names itself."""
    return _LANGUAGES.get(tag.partition("-")[0], tag)


def words_wanted(question: str, language: str) -> str:
    """Say that a fact needs words: `What happened? Needs words in German`."""
    if question.endswith("?"):
        return f"{question} Needs words in {language}"
    return f"{question}: needs words in {language}"


def needs_own_words(template: NoticeTemplate, name: str) -> bool:
    """Say whether a fact of this notice is told in words that must be in the notice's language."""
    found = FACT_TYPES[name]
    is_story = found.kind is FactKind.TEXT and not found.reads_alike
    return is_story and template.translation_of is not None


def untranslated(
    template: NoticeTemplate, facts: Facts, *, overrides: Collection[str]
) -> frozenset[str]:
    """Name the recorded facts that a translation would print in another language than its own."""
    if template.translation_of is None:
        return frozenset()
    return frozenset(
        name
        for name in template.facts
        if name not in overrides
        and needs_own_words(template, name)
        and value_of(facts, name) is not None
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Worded:
    """One version of a notice, as far as its own words go."""

    facts: Mapping[str, Any]
    """The facts that the version was made from, in JSON form with their `value`."""
    words: Mapping[str, str]
    confirmed: bool
    """A person saved the words in it unchanged, and so said that they still hold."""


def outdated_words(history: Sequence[Worded]) -> tuple[str, ...]:
    """Name the facts whose values changed after their present words were written or confirmed.

    `history` holds every version, the oldest first.
    """
    latest = history[-1]
    return tuple(
        name
        for name in sorted(latest.words)
        if _value(_written(history, name), name) != _value(latest, name)
    )


def _written(history: Sequence[Worded], name: str) -> Worded:
    """Return the version in which a person last wrote or confirmed the present words of a fact."""
    words = history[-1].words[name]
    at = len(history) - 1
    while at > 0 and not history[at].confirmed and history[at - 1].words.get(name) == words:
        at -= 1
    return history[at]


def _value(version: Worded, name: str) -> Any:
    return version.facts.get(name, {}).get("value")
