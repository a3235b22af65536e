"""Which of the twelve apply, from the facts of an incident."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obligation_kit import facts, shipped

from bot.domain.applicability import Verdict, assess
from bot.domain.conditions import (
    AllOf,
    AnyOf,
    FactAtLeast,
    FactIs,
    Not,
    Recorded,
    Truth,
    evaluate,
    leaves,
)
from bot.domain.facts import FactValue
from bot.domain.places import is_within, resident_bounds

YES, NO, OPEN = Verdict.APPLIES, Verdict.DOES_NOT_APPLY, Verdict.CANNOT_TELL

Known = Mapping[str, FactValue]

SSN: Known = {"personal_data_involved": True, "data_elements": ("name", "ssn")}
HALDEN: Known = {"established_in": ("DE", "US-CA"), "organisation_role": "controller"}
SAFE: Known = {"encryption": "encrypted", "encryption_key_taken": False}

CASES: list[tuple[str, Known, Verdict, str]] = [
    # obligation, facts, verdict, why
    ("EU-GDPR-33-SA", {**HALDEN, "personal_data_involved": True}, YES, "established, risk unknown"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "risk_to_people": "likely"}, YES, "a risk is enough"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "risk_to_people": "unlikely"}, NO, "Art. 33(1) exemption"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "organisation_role": "processor"}, NO, "processor"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "organisation_role": None}, OPEN, "role unknown"),
    ("EU-GDPR-33-SA", {**HALDEN, "personal_data_involved": False}, NO, "no personal data"),
    ("EU-GDPR-33-SA", {**HALDEN}, OPEN, "nobody has said whether personal data is involved"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("US-CA",),
                       "residents:FR": 3}, YES, "residents of an EU country"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("US-CA",),
                       "residents:NO": 1}, YES, "the EEA counts"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("CH",),
                       "residents:CH": 9}, OPEN, "Switzerland is outside; EU residents unknown"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("CH",),
                       "residents:EU": 0}, NO, "no EU residents, not established there"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, "risk_to_people": "high"}, YES, "high risk"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN}, OPEN, "risk not recorded"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, "risk_to_people": "likely"}, NO, "not high"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, **SAFE, "risk_to_people": "high"}, NO, "Art. 34(3)(a)"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN, "residents:GB": 1}, YES, "a UK resident"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN, "residents:GB": 0}, NO, "neither residents nor seat"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN}, OPEN, "UK residents not counted"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1}, YES, "one resident is enough"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE}, NO, "encrypted, key safe"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE, "encryption_key_taken": True}, YES, "key"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE, "encryption_key_taken": None}, YES,
     "an exemption that isn't shown doesn't stop the clock"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, "encryption": "partly"}, YES, "partly isn't all"),
    ("US-CA-IND", {"data_elements": ("name", "email"), "residents:US-CA": 5}, NO, "no listed kind"),
    ("US-CA-IND", {"data_elements": ("online_credentials",), "residents:US-CA": 5}, YES, "login"),
    ("US-CA-IND", {"data_elements": ("ssn",), "residents:US-CA": 5}, OPEN, "without a name"),
    ("US-CA-IND", {"data_elements": ("name", "other"), "residents:US-CA": 5}, OPEN, "unlisted"),
    ("US-CA-IND", {"data_elements": ("name", "passport"), "residents:US-CA": 5}, YES, "passport"),
    ("US-CA-AG", {**SSN, "residents:US-CA": 500}, NO, "more than 500"),
    ("US-CA-AG", {**SSN, "residents:US-CA": 501}, YES, "more than 500"),
    ("US-NY-IND", {"data_elements": ("name", "biometric"), "residents:US-NY": 1}, YES, "biometric"),
    ("US-NY-IND", {"data_elements": ("name", "passport"), "residents:US-NY": 1}, NO, "not listed"),
    ("US-NY-AG", {**SSN, "residents:US-NY": 1}, YES, "no threshold"),
    ("US-TX-IND", {"data_elements": ("medical",), "residents:US-TX": 1}, YES, "health, no name"),
    ("US-TX-IND", {"data_elements": ("online_credentials",), "residents:US-TX": 1}, NO, "login"),
    ("US-TX-AG", {**SSN, "residents:US-TX": 249}, NO, "from 250"),
    ("US-TX-AG", {**SSN, "residents:US-TX": 250}, YES, "from 250"),
    ("US-FL-IND", {"data_elements": ("name", "passport"), "residents:US-FL": 1}, YES, "passport"),
    ("US-MA-IND", {"data_elements": ("name", "payment_card"), "residents:US-MA": 1}, YES, "card"),
    ("US-MA-IND", {"data_elements": ("name", "medical"), "residents:US-MA": 1}, NO, "not listed"),
    ("US-SEC-8K-105", {"sec_registrant": True, "material": True}, YES, "material"),
    ("US-SEC-8K-105", {"sec_registrant": True}, OPEN, "materiality open"),
    ("US-SEC-8K-105", {"sec_registrant": True, "material": False}, NO, "not material"),
    ("US-SEC-8K-105", {"sec_registrant": False, "material": True}, NO, "no registrant"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("obligation_id", "known", "verdict", "why"), CASES, ids=[f"{c[0]} {c[3]}" for c in CASES]
)
def test_verdict(obligation_id: str, known: Known, verdict: Verdict, why: str) -> None:
    found = assess(shipped()[obligation_id], facts(known))
    assert found.verdict is verdict, f"{why}: {found.reasons}"
    assert found.reasons
    assert bool(found.missing) == (verdict is OPEN)


def test_nothing_known_asks_for_what_each_duty_needs() -> None:
    found = assess(shipped()["US-CA-IND"], {})
    assert found.missing == ("personal_data_involved", "residents:US-CA", "data_elements")
    found = assess(shipped()["EU-GDPR-33-SA"], {})
    assert found.missing == (
        "personal_data_involved",
        "established_in",
        "organisation_role",
        "residents:EU",
    ), "established_in or residents: either is enough, one of them is asked for first"


def test_reasons_say_what_decided() -> None:
    found = assess(
        shipped()["US-CA-IND"],
        facts({**SSN, "residents:US-CA": 1200}, estimated=("residents:US-CA",)),
    )
    assert found.reasons == (
        "personal data is involved (name, Social Security number)",
        "1,200 residents of US-CA are affected (estimated)",
        "data elements include Social Security number",
        "data elements include name",
        (
            "no exemption shown yet (the data was encrypted, and neither key nor credential was "
            "taken): encryption isn't recorded; encryption key taken isn't recorded"
        ),
    )
    assert found.facts == ("data_elements", "residents:US-CA")
    assert found.open_questions == ("encryption", "encryption_key_taken")


def test_an_exemption_is_named() -> None:
    found = assess(
        shipped()["EU-GDPR-33-SA"], facts({**HALDEN, **SSN, "risk_to_people": "unlikely"})
    )
    assert found.exemption == (
        "the breach is unlikely to result in a risk to people's rights and freedoms"
    )
    assert found.reasons == (f"exempt – {found.exemption}", "risk to people: unlikely")


def test_an_exemption_says_nothing_where_the_duty_does_not_apply_anyway() -> None:
    found = assess(shipped()["US-CA-IND"], facts({**SSN, **SAFE, "residents:US-CA": 0}))
    assert (found.verdict, found.exemption) == (NO, "")
    assert found.reasons == ("no residents of US-CA are affected",)


def test_a_question_about_data_without_a_name_says_so() -> None:
    known = facts({"data_elements": ("ssn",), "residents:US-MA": 5})
    found = assess(shipped()["US-MA-IND"], known)
    told = "include Social Security number without a name: counsel has to say if that counts"
    assert found.reasons == (f"data elements {told}",)
    assert found.missing == ("data_elements",)


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


def test_a_confirmed_total_spares_the_question() -> None:
    counted: Known = {**SSN, "residents:US-CA": 1200, "affected_total": 1200}
    found = assess(shipped()["US-TX-IND"], facts(counted))
    assert (found.verdict, found.reasons) == (NO, ("no residents of US-TX are affected",))
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
