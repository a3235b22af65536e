"""Which state a letter has a part for, and what a state's law adds to a notice's checks."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.domain.facts import Confidence, Fact, FactValue, parse_key
from bot.domain.notice_checks import holds, is_required, least_of
from bot.domain.notices import Condition, Minimum, Need, UsedFact
from bot.domain.us_states import (
    StatesOfNotice,
    UsState,
    affected_states,
    letter_instead,
    parts_to_print,
    to_verify,
)

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def facts_of(**values: FactValue) -> dict[str, Fact]:
    """Facts by name; `US_MD=3` stands for residents of Maryland."""
    keys = {
        (f"residents:{one.replace('_', '-')}" if one.startswith("US_") else one): value
        for one, value in values.items()
    }
    return {
        key: Fact(
            key=parse_key(key),
            value=value,
            confidence=Confidence.CONFIRMED,
            source="test",
            as_of=NOW,
        )
        for key, value in keys.items()
    }


def state(code: str, *, says: str = "", verify: str = "") -> UsState:
    return UsState(
        code=code,
        name=code,
        residents=f"{code} residents",
        citation="§ 1",
        paragraphs=(says,) if says else (),
        offices=(),
        tells_number=False,
        service=None,
        contents=(),
        forbidden_patterns=(),
        verify=(verify,) if verify else (),
        checked="read",
    )


LETTER = StatesOfNotice(
    states={
        one.code: one
        for one in (state("US-MD", says="Ask.", verify="Check."), state("US-TX"), state("US-RI"))
    },
    instead={"US-MA": "other_letter"},
)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (facts_of(), ()),  # nobody is counted yet
        (facts_of(US_TX=1, US_MD=2), ("US-MD", "US-TX")),  # in the file's order
        (facts_of(US_MD=0), ()),
        (facts_of(US_MD=None), ()),  # recorded as unknown
        (facts_of(US_MA=5, US_NY=5), ()),  # not this letter's states
        (facts_of(affected_total=9), ()),  # a total says nothing of a state
    ],
)
def test_affected_states(facts: Mapping[str, Fact], codes: tuple[str, ...]) -> None:
    assert tuple(one.code for one in affected_states(LETTER, facts)) == codes


@pytest.mark.parametrize(
    ("jurisdiction", "codes"),
    [
        ("", ("US-MD",)),  # the sample; Texas is affected but has nothing to say
        ("US-MD", ("US-MD",)),
        ("US-TX", ()),
        ("US-RI", ()),
        ("DE", ()),
    ],
)
def test_parts_to_print(jurisdiction: str, codes: tuple[str, ...]) -> None:
    parts = parts_to_print(LETTER, facts_of(US_MD=1, US_TX=1), jurisdiction=jurisdiction)
    assert tuple(one.code for one in parts) == codes


@pytest.mark.parametrize(
    ("jurisdiction", "letter"), [("US-MA", "other_letter"), ("US-MD", None), ("", None)]
)
def test_letter_instead(jurisdiction: str, letter: str | None) -> None:
    assert letter_instead(LETTER, jurisdiction) == letter


def test_only_affected_states_are_verified() -> None:
    assert list(to_verify(LETTER, facts_of(US_MD=1))) == ["US-MD: Check."]
    assert list(to_verify(LETTER, facts_of(US_TX=1))) == []


SSN = Condition(
    fact="data_elements",
    includes=frozenset({"ssn"}),
    also=Condition(fact="residents", includes=frozenset({"US-CT"})),
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (facts_of(data_elements=("ssn",), US_CT=1), True),
        (facts_of(data_elements=("ssn",), US_CT=0), False),
        (facts_of(data_elements=("ssn",), US_TX=1), False),
        (facts_of(data_elements=("email",), US_CT=1), False),
        (facts_of(US_CT=1), False),  # an unknown fact holds nothing
    ],
)
def test_condition_on_data_and_place(facts: Mapping[str, Fact], *, expected: bool) -> None:
    assert holds(SSN, facts, now=NOW) is expected


@pytest.mark.parametrize(
    ("facts", "least", "required"),
    [
        (facts_of(), 6, False),  # the notice's own least, where somebody offers something
        (facts_of(data_elements=("ssn",), US_CT=1), 24, True),
        (facts_of(data_elements=("ssn",), US_DC=1), 6, False),
    ],
)
def test_minimum_binds_in_its_case_and_makes_the_fact_required(
    facts: Mapping[str, Fact], least: int, *, required: bool
) -> None:
    used = UsedFact(
        key="credit_monitoring_months",
        need=Need.OPTIONAL,
        where="Offer",
        at_least=6,
        minimums=(Minimum(number=24, when=SSN, citation="§ 2"),),
    )
    assert least_of(used, facts, now=NOW) == least
    assert is_required(used, facts, now=NOW) is required
