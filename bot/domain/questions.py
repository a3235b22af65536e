"""Which questions to ask next, so that the most duties can be told soonest.

Decides the order, and that a count asked for in many states is asked once for the whole country and
only then by state. What a question is called stands in the fact dictionary.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.applicability import Applicability, Verdict
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import FactKey
from bot.domain.place_names import place_name

MANY_STATES = 3
"""From more states than this on, one question for all of them comes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One fact to ask for. `parts` are keys that it stands for: the states' own counts."""

    key: str
    label: str
    decides: tuple[str, ...]
    """Ids of the duties that it would settle alone."""
    helps: tuple[str, ...]
    """Ids of all duties that can't be told without it."""
    parts: tuple[str, ...] = ()


def rank_questions(verdicts: Iterable[Applicability]) -> list[Question]:
    """Order what has to be asked: first what settles most duties with the fewest answers.

    Each duty that can't be told yet gives its shortest sufficient set of facts; a fact counts for
    more the shorter the set is that it stands in.
    """
    asking = [one for one in verdicts if one.verdict is Verdict.CANNOT_TELL and one.shortest]
    fanned = _fanned(asking)
    weights: dict[str, float] = {}
    decides: dict[str, list[str]] = {}
    helps: dict[str, list[str]] = {}
    for one in asking:
        keys = list(dict.fromkeys(fanned.get(key, key) for key in one.shortest))
        for key in keys:
            weights[key] = weights.get(key, 0) + 1 / len(keys)
            helps.setdefault(key, []).append(one.obligation_id)
            if len(keys) == 1:
                decides.setdefault(key, []).append(one.obligation_id)
    return [
        Question(
            key=key,
            label=question_label(key),
            decides=tuple(decides.get(key, ())),
            helps=tuple(helps[key]),
            parts=tuple(sorted(part for part, whole in fanned.items() if whole == key)),
        )
        for key in sorted(weights, key=lambda key: (-weights[key], key))
    ]


def question_label(key: str) -> str:
    """Word the question that a fact's key asks."""
    parsed = FactKey(name=key.partition(":")[0], subject=key.partition(":")[2])
    label = FACT_TYPES[parsed.name].label
    if not parsed.subject:
        return label
    article = "the " if parsed.subject in _WITH_ARTICLE else ""
    named = f"{article}{place_name(parsed.subject)} ({parsed.subject})"
    return label.replace("this place", named)


_WITH_ARTICLE = {"AE", "EU", "GB", "NL", "PH", "US", "US-DC", "US-VI"}


def _fanned(asking: Iterable[Applicability]) -> dict[str, str]:
    """Map the counts of many states of one country to the country's own count."""
    by_country: dict[str, set[str]] = {}
    for one in asking:
        for key in one.shortest:
            name, _, place = key.partition(":")
            country, _, state = place.partition("-")
            if name == "residents" and state:
                by_country.setdefault(country, set()).add(key)
    return {
        key: f"residents:{country}"
        for country, keys in by_country.items()
        if len(keys) > MANY_STATES
        for key in keys
    }
