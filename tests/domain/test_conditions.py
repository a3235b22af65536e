"""Conditions over facts by themselves: places, counts, operators, and how unknowns spread."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obligation_kit import facts

from bot.domain.applicability import Verdict, assess
from bot.domain.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ContainsAny,
    EstablishedIn,
    FactAtLeast,
    FactIs,
    Not,
    PersonalData,
    Recorded,
    ResidentsAtLeast,
    ResidentsOfAnyPart,
    Truth,
    leaves,
    names_asked,
)
from bot.domain.evaluation import evaluate
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation
from bot.domain.places import is_within, resident_bounds
from bot.domain.truths import truth_of

Known = Mapping[str, FactValue]
Pack = Mapping[str, Obligation]

SSN: Known = {"personal_data_involved": True, "data_elements": ("name", "ssn")}


@pytest.mark.parametrize(
    ("recorded", "place", "low", "high", "why"),
    [
        ({}, "US-CA", 0, None, "nothing is known"),
        ({"residents:US-CA": 12}, "US-CA", 12, 12, "its own count"),
        ({"residents:US-CA": 12}, "US", 12, None, "at least those of a part"),
        ({"residents:US": 0}, "US-CA", 0, 0, "nobody in the country, nobody in the state"),
        ({"residents:US": 9}, "US-CA", 0, 9, "at most the country's"),
        ({"residents:DE": 2, "residents:DE-HH": 2}, "EU_EEA", 2, None, "Hamburg is in Germany"),
        ({"residents:DE": 2, "residents:FR": 3}, "EU_EEA", 5, None, "countries add up"),
        ({"residents:EU": 7, "residents:DE": 2}, "EU_EEA", 7, 7, "EU counts the group"),
        ({"residents:DE": 250, "residents:US-CA": 1200, "affected_total": 1450}, "US-TX", 0, 0,
         "everybody is counted elsewhere"),
        ({"residents:DE": 250, "affected_total": 1450}, "US-TX", 0, 1200, "the rest at most"),
        ({"residents:US": 1200, "affected_total": 1200}, "US-TX", 0, 1200, "may be within the US"),
        ({"residents:US-CA": 50, "affected_total": 40}, "US-CA", 50, 50, "its own count wins"),
        ({"residents:DE": 50, "affected_total": 40}, "US-CA", 0, 0, "contradictory"),
    ],
)  # fmt: skip
def test_bounds_of_residents(
    recorded: Known, place: str, low: int, high: int | None, why: str
) -> None:
    bounds = resident_bounds(place, facts(recorded))
    assert (bounds.low, bounds.high) == (low, high), why


def test_an_estimated_total_never_rules_residents_out() -> None:
    counted = {"residents:DE": 250, "affected_total": 250}
    found = resident_bounds("US-TX", facts(counted, estimated=("affected_total",)))
    assert found.high is None


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "no residents of US-CA are affected"),
        (1, "1 resident of US-CA is affected"),
        (1200, "1,200 residents of US-CA are affected"),
    ],
)
def test_a_count_of_people_reads_as_one_speaks(count: int, told: str) -> None:
    condition = ResidentsAtLeast(place="US-CA", number=1)
    assert evaluate(condition, facts({"residents:US-CA": count})).reasons == (told,)


def test_a_confirmed_total_spares_the_question(pack: Pack) -> None:
    counted: Known = {**SSN, "residents:US-CA": 1200, "affected_total": 1200}
    found = assess(pack["US-TX-IND"], facts(counted))
    assert (found.verdict, found.reasons) == (
        Verdict.DOES_NOT_APPLY,
        ("no residents of US-TX are affected",),
    )
    assert found.facts == ("affected_total",)


@pytest.mark.parametrize(
    ("code", "place", "inside"),
    [
        ("US-CA", "US", True),
        ("US", "US-CA", False),
        ("US-CA", "US-CA", True),
        ("DE-HH", "EU_EEA", True),
        ("EU", "EU_EEA", True),
        ("IS", "EU", True),
        ("GB", "EU_EEA", False),
        ("CH", "EU_EEA", False),
    ],
)
def test_places_contain_each_other(code: str, place: str, *, inside: bool) -> None:
    assert is_within(code, place) is inside


RISK = FactIs(fact="risk_to_people", one_of=("high",))
MATERIAL = FactIs(fact="material", one_of=(True,))


def test_any_asks_for_the_shortest_set_first() -> None:
    both = AllOf(parts=(RISK, MATERIAL))
    total = FactAtLeast(fact="affected_total", number=500)
    found = evaluate(AnyOf(parts=(both, total)), {})
    assert found.questions == (("affected_total",), ("risk_to_people", "material"))
    assert found.missing == ("affected_total", "risk_to_people", "material")


def test_recorded_is_never_unknown() -> None:
    condition = Recorded(fact="aware_at")
    assert evaluate(condition, {}).truth is Truth.NO
    assert evaluate(condition, facts({"aware_at": None})).truth is Truth.NO


def test_a_count_below_the_number_says_so() -> None:
    condition = FactAtLeast(fact="affected_total", number=500)
    found = evaluate(condition, facts({"affected_total": 499}))
    assert (found.truth, found.reasons) == (Truth.NO, ("affected total: 499, fewer than 500",))


def test_leaves_walks_through_every_operator() -> None:
    assert list(leaves(AllOf(parts=(Not(part=RISK), AnyOf(parts=(MATERIAL,)))))) == [RISK, MATERIAL]


US_501 = ResidentsOfAnyPart(place="US", number=501)
OPEN = "how many residents of each part of US are affected isn't recorded"
FEWER = "fewer than 501 residents of any part of US are affected"
ANY_PART = [
    # recorded, truth, the reason, why
    ({}, "unknown", OPEN, "nothing"),
    ({"residents:US-CA": 500, "residents:US-TX": 501}, "yes",
     "501 residents of US-TX are affected", "one state is enough"),
    ({"residents:US-CA": 500}, "unknown",
     OPEN, "nobody knows the rest"),
    ({"residents:US": 500}, "no", FEWER,
     "the whole country hasn't as many"),
    ({"residents:US": 1400, "residents:US-CA": 500, "residents:US-TX": 400}, "no",
     FEWER, "a rest of 500"),
    ({"residents:US": 1401, "residents:US-CA": 500, "residents:US-TX": 400}, "unknown",
     OPEN, "a rest of 501"),
    ({"residents:US-CA": 500, "residents:DE": 900, "affected_total": 1900}, "no",
     FEWER, "everybody else is elsewhere"),
    ({"residents:DE": 5000}, "unknown",
     OPEN, "another country"),
    ({"residents:US": 9000}, "unknown",
     OPEN, "spread nobody knows how"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recorded", "truth", "reason", "why"), ANY_PART, ids=[row[-1] for row in ANY_PART]
)
def test_residents_of_any_one_part(recorded: Known, truth: str, reason: str, why: str) -> None:
    found = evaluate(US_501, facts(recorded))
    assert (found.truth, found.reasons) == (truth, (reason,)), why
    assert found.questions == ((("residents:US",),) if truth == "unknown" else ())
    assert truth_of(US_501, facts(recorded)) == truth


@pytest.mark.parametrize(
    ("where", "place", "truth"),
    [
        (("DE", "US-CA"), "EU_EEA", "yes"),
        (("US-CA",), "US", "yes"),
        (("US",), "US-CA", "no"),
        (("CH",), "EU_EEA", "no"),
        (None, "EU_EEA", "unknown"),
    ],
)
def test_where_the_organisation_is_established(
    where: tuple[str, ...] | None, place: str, truth: str
) -> None:
    found = evaluate(EstablishedIn(place=place), facts({"established_in": where}))
    assert found.truth == truth
    assert bool(found.questions) == (truth == "unknown")


@pytest.mark.parametrize(
    ("recorded", "truth", "by"),
    [
        ({}, "unknown", ()),
        ({"personal_data_involved": None}, "unknown", ()),
        ({"personal_data_involved": False}, "no", ("personal_data_involved",)),
        ({"data_elements": ("ssn",)}, "yes", ("data_elements",)),
        ({"data_elements": ("ssn",), "personal_data_involved": False}, "yes", ("data_elements",)),
        ({"data_elements": (), "personal_data_involved": True}, "yes",
         ("personal_data_involved",)),
    ],
)  # fmt: skip
def test_personal_data(recorded: Known, truth: str, by: tuple[str, ...]) -> None:
    found = evaluate(PersonalData(), facts(recorded))
    assert (found.truth, found.facts) == (truth, by)


@pytest.mark.parametrize(
    ("kinds", "truth"),
    [
        (("ssn", "other"), "yes"),
        (("email", "other"), "unknown"),
        (("email",), "no"),
        ((), "no"),
        (None, "unknown"),
    ],
)
def test_a_list_that_may_be_incomplete(kinds: tuple[str, ...] | None, truth: str) -> None:
    condition = ContainsAny(fact="data_elements", options=("ssn",), unsure_if=("other",))
    assert evaluate(condition, facts({"data_elements": kinds})).truth == truth
    assert truth_of(condition, facts({"data_elements": kinds})) == truth


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (PersonalData(), {"personal_data_involved", "data_elements"}),
        (US_501, {"residents", "affected_total"}),
        (ResidentsAtLeast(place="US-CA", number=1), {"residents", "affected_total"}),
        (EstablishedIn(place="EU_EEA"), {"established_in"}),
        (Not(part=Recorded(fact="aware_at")), {"aware_at"}),
        (AnyOf(parts=(RISK, AllOf(parts=(MATERIAL, RISK)))), {"risk_to_people", "material"}),
    ],
)
def test_the_facts_that_a_condition_asks_for(condition: Condition, names: set[str]) -> None:
    assert names_asked(condition) == names


def test_all_asks_for_every_way_to_settle_it_the_shortest_first() -> None:
    either = AnyOf(
        parts=(MATERIAL, AllOf(parts=(RISK, FactAtLeast(fact="records_total", number=1))))
    )
    found = evaluate(AllOf(parts=(either, PersonalData())), {})
    assert found.questions == (
        ("material", "personal_data_involved"),
        ("risk_to_people", "records_total", "personal_data_involved"),
    )


TRUTHS = st.sampled_from(list(Truth))
ORDER = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}


@given(st.lists(TRUTHS, min_size=1, max_size=2))
def test_kleene(truths: list[Truth]) -> None:
    """All is the least of the parts, any the greatest, not turns the order around."""
    values: dict[Truth, FactValue] = {Truth.YES: True, Truth.NO: False, Truth.UNKNOWN: None}
    names = ("material", "misuse_likely")
    known = facts({name: values[truth] for name, truth in zip(names, truths, strict=False)})
    parts = tuple(FactIs(fact=name, one_of=(True,)) for name, _ in zip(names, truths, strict=False))
    assert evaluate(AllOf(parts=parts), known).truth is min(truths, key=ORDER.__getitem__)
    assert evaluate(AnyOf(parts=parts), known).truth is max(truths, key=ORDER.__getitem__)
    negated = evaluate(Not(part=parts[0]), known).truth
    assert ORDER[negated] == 2 - ORDER[truths[0]]
