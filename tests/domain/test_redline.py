"""What changed between two texts: kept, inserted, deleted, reworded; and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redline import Change, Redline, redline


def later(found: Redline) -> list[str]:
    """The later text, put together again."""
    return [
        "".join(one.text for one in paragraph.words if one.change is not Change.DELETED)
        for paragraph in found.paragraphs
        if paragraph.change is not Change.DELETED
    ]


def earlier(found: Redline) -> list[str]:
    """The earlier text; words that came are left out."""
    return [
        "".join(one.text for one in paragraph.words if one.change is not Change.INSERTED)
        for paragraph in found.paragraphs
        if paragraph.change is not Change.INSERTED
    ]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("a b\nc d", "a b\nc d", ["kept", "kept"]),
        ("a b", "a b\nnew words here", ["kept", "inserted"]),
        ("a b\ngone with it", "a b", ["kept", "deleted"]),
        ("We lost 1,200 records of you", "We lost 1,450 records of you", ["reworded"]),
        ("all of it is other", "nothing common stays", ["inserted", "deleted"]),
        ("", "first text", ["inserted"]),
        ("last text", "", ["deleted"]),
    ],
)
def test_each_paragraph_says_what_became_of_it(before: str, after: str, changes: list[str]) -> None:
    found = redline(before, after)
    assert [one.change.value for one in found.paragraphs] == changes
    assert found.changes == sum(one != "kept" for one in changes)


def test_the_words_that_changed_are_told() -> None:
    found = redline("We lost 1,200 records of you", "We lost 1,450 records of you")
    assert [(one.change.value, one.text) for one in found.paragraphs[0].words] == [
        ("kept", "We lost "),
        ("deleted", "1,200 "),
        ("inserted", "1,450 "),
        ("kept", "records of you"),
    ]


LINES = st.lists(st.text("ab ", min_size=1, max_size=12).map(str.strip).filter(bool), max_size=6)


@given(LINES, LINES)
def test_both_texts_can_be_read_out_of_the_redline(before: list[str], after: list[str]) -> None:
    found = redline("\n".join(before), "\n".join(after))
    assert [" ".join(one.split()) for one in later(found)] == [" ".join(o.split()) for o in after]
    assert [" ".join(one.split()) for one in earlier(found)] == [
        " ".join(o.split()) for o in before
    ]
