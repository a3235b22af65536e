"""What counts as news since a report: new facts, changed ones, and what is none."""

from typing import Any

import pytest

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.follow_ups import OF_THE_REPORT, News, news_since


@pytest.mark.parametrize(
    ("then", "now", "new", "changed"),
    [
        ({}, {"root_cause": "a key"}, ("root_cause",), ()),
        ({"root_cause": None}, {"root_cause": "a key"}, ("root_cause",), ()),
        ({"affected_total": 5}, {"affected_total": 6}, (), ("affected_total",)),
        ({"affected_total": 5}, {"affected_total": None}, (), ("affected_total",)),
        ({"affected_total": 5}, {"affected_total": 5}, (), ()),
        ({}, {"affected_total": None}, (), ()),
        ({"affected_total": 5}, {}, (), ()),
        ({}, {"residents:DE": 1, "encryption": "none"}, ("encryption", "residents:DE"), ()),
        ({}, {"gdpr_case_reference": "4711"}, (), ()),
        ({"gdpr_last_report_at": "x"}, {"gdpr_last_report_at": "y"}, (), ()),
    ],
)
def test_new_and_changed_are_told_apart(
    then: dict[str, Any], now: dict[str, Any], new: tuple[str, ...], changed: tuple[str, ...]
) -> None:
    assert news_since(then, now) == News(new=new, changed=changed)


def test_the_words_name_both() -> None:
    found = News(new=("encryption", "root_cause"), changed=("affected_total",))
    assert found.words == "new: encryption, root_cause; changed: affected_total"
    assert News().words == ""
    assert not News()


def test_what_is_no_news_is_in_the_dictionary() -> None:
    assert set(FACT_TYPES) >= OF_THE_REPORT
