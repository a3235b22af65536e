"""Facts that can't be true together are refused with both values and what to change."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.fact_checks import (
    ContradictionError,
    check_containment,
    check_facts,
    contradictions,
)
from bot.domain.facts import Confidence, Fact, Facts, FactValue, parse_key
from bot.domain.iso_places import is_place, nearest_places

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(
    places: Mapping[str, int] | None = None, *, sure: bool = True, **values: FactValue
) -> Facts:
    """Facts by key; `places` are counts of residents by code."""
    named = {f"residents:{code}": count for code, count in (places or {}).items()} | values
    confidence = Confidence.CONFIRMED if sure else Confidence.ESTIMATED
    return {
        name: Fact(
            key=parse_key(name), value=value, confidence=confidence, source="test", as_of=NOON
        )
        for name, value in named.items()
    }


IMPOSSIBLE: list[tuple[Facts, tuple[str, str]]] = [
    (told(affected_total=50, records_total=40), ("affected_total", "records_total")),
    (
        told(breach_started_at=NOON, breach_ended_at=NOON - HOUR),
        ("breach_started_at", "breach_ended_at"),
    ),
    (told(breach_started_at=NOON, aware_at=NOON - HOUR), ("breach_started_at", "aware_at")),
    (told(suspected_at=NOON, determined_at=NOON - HOUR), ("suspected_at", "determined_at")),
    (told(suspected_at=NOON, confirmed_at=NOON - HOUR), ("suspected_at", "confirmed_at")),
    (
        told(aware_at=NOON, individuals_notified_at=NOON - HOUR),
        ("aware_at", "individuals_notified_at"),
    ),
    (told({"DE": 60}, affected_total=50), ("affected_total", "residents:DE")),
    (
        told({"US": 100, "US-CA": 60, "US-TX": 41}),
        ("residents:US", "residents:US-CA"),
    ),
    (told(ransom_paid=False, ransom_paid_at=NOON), ("ransom_paid", "ransom_paid_at")),
    (
        told(personal_data_involved=False, data_elements=("name",)),
        ("personal_data_involved", "data_elements"),
    ),
]


@pytest.mark.parametrize(("facts", "keys"), IMPOSSIBLE, ids="+".join)
def test_the_refusal_names_both_facts_with_their_values(
    facts: Facts, keys: tuple[str, str]
) -> None:
    for late in facts:
        known = {key: fact for key, fact in facts.items() if key != late}
        with pytest.raises(ContradictionError) as caught:
            check_facts(known, {late: facts[late]})
        assert set(keys) <= set(caught.value.keys)
        for key in keys:
            assert f"`{key}` is " in str(caught.value)
        assert "Nothing was recorded" in str(caught.value)
        other = next(key for key in caught.value.keys if key != late)
        assert f"`/incident fact {other} …`" in str(caught.value)


@pytest.mark.parametrize(("facts", "keys"), IMPOSSIBLE, ids="+".join)
def test_both_in_one_go_are_judged_together(facts: Facts, keys: tuple[str, str]) -> None:
    with pytest.raises(ContradictionError, match="record only what holds") as caught:
        check_facts({}, facts)
    assert set(keys) <= set(caught.value.keys)


def test_the_words_of_the_refusal() -> None:
    with pytest.raises(ContradictionError) as caught:
        check_facts(told(records_total=40), told(affected_total=50))
    assert str(caught.value) == (
        "That can't be, there can't be more people affected than records: `affected_total` is 50, "
        "`records_total` is 40. Nothing was recorded. Check the value. If the other is wrong, "
        "correct it first (`/incident fact records_total …`), or record both together in the form: "
        "`/incident fact`."
    )


POSSIBLE: list[Facts] = [
    told(affected_total=40, records_total=40),
    told(breach_started_at=NOON, breach_ended_at=NOON, aware_at=NOON, suspected_at=NOON),
    told(breach_ended_at=NOON - HOUR, aware_at=NOON),
    told(determined_at=NOON - HOUR, aware_at=NOON),
    told({"US": 100, "US-CA": 60, "US-TX": 40}, affected_total=100),
    told({"EU": 100, "DE": 60}, affected_total=100),
    told(encryption="not_encrypted", encryption_key_taken=True),
    told(ransom_paid=False, ransom_paid_at=None),
    told(personal_data_involved=True, data_elements=("name",)),
    {**told(affected_total=50), **told(records_total=40, sure=False)},
    {**told({"DE": 60}), **told(affected_total=50, sure=False)},
    {**told({"US-CA": 60}), **told({"US": 50}, sure=False)},
]


@pytest.mark.parametrize("facts", POSSIBLE, ids="+".join)
def test_what_may_be_true_is_taken(facts: Facts) -> None:
    assert list(contradictions(facts)) == []
    check_facts({}, facts)


def test_places_inside_each_other_are_counted_once() -> None:
    places = told({"EU": 100, "DE": 60, "US": 50, "US-CA": 50})
    check_facts(places, told(affected_total=150))
    with pytest.raises(ContradictionError, match="`residents:EU` is 100, `residents:US` is 50"):
        check_facts(places, told(affected_total=149))


def test_a_correction_in_the_same_go_wins() -> None:
    known = told(affected_total=50, records_total=60)
    with pytest.raises(ContradictionError):
        check_facts(known, told(records_total=40))
    check_facts(known, told(records_total=40, affected_total=40))


def test_what_contradicted_before_is_nothing_against_another_fact() -> None:
    check_facts(told(affected_total=50, records_total=40), told(aware_at=NOON))


def test_unknown_takes_a_contradiction_away() -> None:
    check_facts(told(affected_total=50, records_total=60), told(records_total=None))


def test_of_fifty_states_the_largest_are_named() -> None:
    codes = ["AK", "AL", "AR", "AZ", "CO", "CT", "DC", "DE", "FL", "GA"]
    known = told({f"US-{code}": n for n, code in enumerate(codes, 1)})
    with pytest.raises(ContradictionError) as caught:
        check_facts(known, told({"US": 54}))
    assert "`residents:US-GA` is 10, `residents:US-FL` is 9" in str(caught.value)
    assert "and 5 more" in str(caught.value)
    check_facts(known, told({"US": 55}))


def test_contained_before_aware_is_refused_both_ways() -> None:
    aware = told(aware_at=NOON)
    with pytest.raises(ContradictionError) as caught:
        check_facts({}, aware, contained_at=NOON - HOUR)
    assert "contained is 2026-11-19 11:00 UTC" in str(caught.value)
    assert "`/incident status open` with the reason" in str(caught.value)
    with pytest.raises(
        ContradictionError, match="correct the fact first: `/incident fact aware_at"
    ):
        check_containment(aware, NOON - HOUR)
    check_facts({}, aware, contained_at=NOON)
    check_containment(aware, NOON)


@pytest.mark.parametrize(
    ("key", "meant"),
    [("residents:XX", "residents:MX"), ("residents:US-ZZ", "residents:US-AZ"),
     ("residents:UK", "`residents:GB`?"), ("residents:PR", "`residents:US-PR`?")],
)  # fmt: skip
def test_a_place_that_nobody_knows_is_refused_with_the_nearest(key: str, meant: str) -> None:
    fact = told({key.partition(":")[2]: 3})
    with pytest.raises(ContradictionError, match="isn't a place that we know") as caught:
        check_facts({}, fact)
    assert meant in str(caught.value)


def test_codes_among_values_and_zones_are_checked_too() -> None:
    with pytest.raises(
        ContradictionError, match=r"“US-C” isn't a place that we know\. Did you mean `US-"
    ):
        check_facts({}, told(established_in=("DE", "US-C")))
    with pytest.raises(ContradictionError, match="Did you mean “Europe/Berlin”"):
        check_facts({}, told(home_zone="Europe/Berlinn"))
    check_facts({}, told(established_in=("DE", "US-CA"), home_zone="Europe/Berlin"))


@pytest.mark.parametrize("code", ["EU", "XK", "US-DC", "US-GU", "CA-QC", "GB-ENG", "FR-75C"])
def test_places_there_are(code: str) -> None:
    assert is_place(code)


@pytest.mark.parametrize("code", ["XX", "ZZ", "US-ZZ", "EU-DE", "PR-SJ", "us-ca", "", "DE-XX"])
def test_places_there_aren_t(code: str) -> None:
    assert not is_place(code)
    assert all(is_place(one) for one in nearest_places(code))
