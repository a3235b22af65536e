"""What changed between two texts of a notice: paragraphs first, then the words inside them.

Pure. Decides which paragraphs are new, gone, kept or reworded, and which words of a reworded one
came and went. How it looks on screen and paper is decided by who shows it. Comparing all words of
a long text at once takes half a minute for ten pages; paragraph by paragraph it takes
milliseconds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

ALIKE = 0.4
"""From this share of common words on, two paragraphs are one that was reworded."""


class Change(StrEnum):
    """What became of a paragraph or of some words."""

    KEPT = "kept"
    INSERTED = "inserted"
    DELETED = "deleted"
    REWORDED = "reworded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A run of words with the white space around them; never `REWORDED`."""

    change: Change
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """One paragraph of the redline. `words` joined without the deleted ones is the later text."""

    change: Change
    words: tuple[Words, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Redline:
    """Two texts side by side, paragraph by paragraph, in the order of the later one."""

    paragraphs: tuple[Paragraph, ...]

    @property
    def changes(self) -> int:
        """How many paragraphs aren't as they were."""
        return sum(one.change is not Change.KEPT for one in self.paragraphs)


def redline(before: str, after: str) -> Redline:
    """Compare two texts of one paragraph a line, as `text_of` gives them."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    found: list[Paragraph] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            found += [_whole(Change.KEPT, one) for one in new[b1:b2]]
        else:
            found += _replaced(old[a1:a2], new[b1:b2])
    return Redline(paragraphs=tuple(found))


def _whole(change: Change, text: str) -> Paragraph:
    return Paragraph(change=change, words=(Words(change=change, text=text),))


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Pair paragraphs that are alike, in order; what has no partner came or went as a whole."""
    start = 0
    for text in new:
        partner = next((n for n in range(start, len(old)) if _alike(old[n], text)), None)
        if partner is None:
            yield _whole(Change.INSERTED, text)
            continue
        yield from (_whole(Change.DELETED, one) for one in old[start:partner])
        yield Paragraph(change=Change.REWORDED, words=tuple(_by_words(old[partner], text)))
        start = partner + 1
    yield from (_whole(Change.DELETED, one) for one in old[start:])


def _alike(old: str, new: str) -> bool:
    matcher = SequenceMatcher(a=old.split(), b=new.split(), autojunk=False)
    # The two cheap bounds spare most of the comparisons.
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return False
    return matcher.ratio() >= ALIKE


def _by_words(old: str, new: str) -> Iterator[Words]:
    before, after = _split(old), _split(new)
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            yield Words(change=Change.KEPT, text="".join(after[b1:b2]))
            continue
        if a2 > a1:
            yield Words(change=Change.DELETED, text="".join(before[a1:a2]))
        if b2 > b1:
            yield Words(change=Change.INSERTED, text="".join(after[b1:b2]))


def _split(text: str) -> list[str]:
    """Split into words that keep the white space after them."""
    return re.findall(r"\S+\s*", text)
