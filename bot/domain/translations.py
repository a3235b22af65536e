"""What a translated notice lacks: words in its language, and a source that is still the same.

Decides which facts of a translation need words of their own. Facts are in the language of whoever
typed them, and nothing is translated by machine: a person writes the words, in this notice only.
Names, addresses and numbers read alike everywhere; choices are in `bot.documents.wordings`.
"""

from collections.abc import Collection

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, value_of
from bot.domain.notices import NoticeTemplate

_LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French"}


def language_name(tag: str) -> str:
    """Name the language of a BCP 47 tag: `de-DE` is German; an unknown tag names itself."""
    return _LANGUAGES.get(tag.partition("-")[0], tag)


def needs_own_words(template: NoticeTemplate, name: str) -> bool:
    """Say whether a fact of this notice is told in words that must be in the notice's language."""
    found = FACT_TYPES[name]
    is_story = found.kind is FactKind.TEXT and not found.reads_alike
    return is_story and template.translation_of is not None


def untranslated(
    template: NoticeTemplate, facts: Facts, *, overrides: Collection[str]
) -> frozenset[str]:
    """Name the recorded facts that a translation would print in another language than its own."""
    return frozenset(
        name
        for name in template.facts
        if name not in overrides
        and needs_own_words(template, name)
        and value_of(facts, name) is not None
    )
