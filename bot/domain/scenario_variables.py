"""Values of a run: drawn from its seed, so that the same seed gives the same run, and filled in.

Pure. A value is drawn from a digest of seed and name: no state, no order, the same on every
machine.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.scenario import Variable

SLOT = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
"""A place of a text that names a variable: `{{ affected_count }}`. No code, no filters."""
_THOUSANDS = {"de": ".", "fr": "\u202f", "es": "\u202f"}
"""What stands between thousands, as in our notices (`bot.documents.wordings`); else a comma."""


def draw(variables: Sequence[Variable], seed: int) -> dict[str, Any]:
    """Draw every variable of a scenario for a run."""
    return {one.name: _draw(one, seed) for one in variables}


def _draw(variable: Variable, seed: int) -> int | str:
    digest = hashlib.sha256(f"{seed}/{variable.name}".encode()).digest()
    number = int.from_bytes(digest[:8], "big")
    if variable.one_of:
        return variable.one_of[number % len(variable.one_of)]
    steps = (variable.high - variable.low) // variable.step + 1
    return variable.low + variable.step * (number % steps)


def fill_in(text: str, values: Mapping[str, Any], *, language: str) -> str:
    """Put the run's values into a text; whole numbers with the separators of its language.

    Raises `KeyError` for a name that isn't drawn; the loader refuses such a scenario before.
    """

    def said(match: re.Match[str]) -> str:
        value = values[match[1]]
        return grouped(value, language=language) if isinstance(value, int) else str(value)

    return SLOT.sub(said, text)


def grouped(number: int, *, language: str) -> str:
    """Write a whole number as readers of a language do: 1,450 in English, 1.450 in German."""
    return f"{number:,}".replace(",", _THOUSANDS.get(language[:2].lower(), ","))


def fill_in_all(value: Any, values: Mapping[str, Any], *, language: str) -> Any:
    """Put the run's values into every text of a value, also inside lists and rows."""
    if isinstance(value, str):
        return fill_in(value, values, language=language)
    if isinstance(value, Mapping):
        return {key: fill_in_all(one, values, language=language) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [fill_in_all(one, values, language=language) for one in value]
    return value


def names_in(text: str) -> set[str]:
    """Name the variables that a text asks for."""
    return set(SLOT.findall(text))
