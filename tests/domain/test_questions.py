"""Which questions are asked first, and that one about many states is asked once."""

from collections.abc import Mapping

import pytest
from obligation_kit import facts

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation
from bot.domain.questions import MANY_STATES, question_label, rank_questions

Pack = Mapping[str, Obligation]


def open_about(obligation_id: str, *shortest: str, missing: tuple[str, ...] = ()) -> Applicability:
    return Applicability(
        obligation_id=obligation_id,
        verdict=Verdict.CANNOT_TELL,
        reasons=(),
        facts=(),
        missing=missing or shortest,
        shortest=shortest,
    )


def test_what_settles_most_duties_with_fewest_answers_comes_first() -> None:
    found = rank_questions(
        [
            open_about("A", "material"),
            open_about("B", "material"),
            open_about("C", "risk_to_people", "encryption"),
            open_about("D", "risk_to_people"),
            open_about("E", "encryption", "ransom_paid", "misuse_likely"),
        ]
    )
    assert [one.key for one in found] == [
        "material",  # 1 + 1
        "risk_to_people",  # 1/2 + 1
        "encryption",  # 1/2 + 1/3
        "misuse_likely",  # 1/3, and in the order of the alphabet
        "ransom_paid",
    ]
    assert [one.decides for one in found] == [("A", "B"), ("D",), (), (), ()]
    assert found[1].helps == ("C", "D")


def test_only_what_can_t_be_told_asks() -> None:
    applies = Applicability(
        obligation_id="A", verdict=Verdict.APPLIES, reasons=(), facts=(), shortest=("material",)
    )
    assert rank_questions([applies, open_about("B")]) == []


@pytest.mark.parametrize("states", [MANY_STATES, MANY_STATES + 1])
def test_from_so_many_states_on_the_whole_country_is_asked_once(states: int) -> None:
    codes = ["US-CA", "US-NY", "US-TX", "US-FL", "US-WA"][:states]
    asking = [open_about(f"{code}-IND", f"residents:{code}") for code in codes]
    found = rank_questions([*asking, open_about("CA-QC-CAI", "residents:CA-QC")])
    if states > MANY_STATES:
        assert [one.key for one in found] == ["residents:US", "residents:CA-QC"]
        assert found[0].parts == tuple(sorted(f"residents:{code}" for code in codes))
        assert found[0].helps == tuple(f"{code}-IND" for code in codes)
        assert found[1].parts == ()
    else:
        assert [one.key for one in found] == sorted(
            ["residents:CA-QC", *(f"residents:{code}" for code in codes)]
        )
        assert all(one.parts == () for one in found)


def test_a_question_about_the_country_is_the_same_as_that_about_its_states() -> None:
    asking = [
        open_about(f"{code}-IND", f"residents:{code}", "data_elements")
        for code in ("US-CA", "US-NY", "US-TX", "US-FL")
    ]
    found = rank_questions([*asking, open_about("US-HIPAA-MEDIA", "residents:US")])
    assert [one.key for one in found] == ["residents:US", "data_elements"]
    assert found[0].decides == ("US-HIPAA-MEDIA",)
    assert len(found[0].parts) == 4


def test_countries_are_never_asked_about_together() -> None:
    codes = ("BR", "JP", "KR", "SG", "TH")
    found = rank_questions([open_about(code, f"residents:{code}") for code in codes])
    assert [one.key for one in found] == [f"residents:{code}" for code in codes]


def test_the_question_is_worded_for_its_place() -> None:
    assert question_label("material") == "Is the incident material to investors?"
    assert (
        question_label("residents:US-CA")
        == "How many residents of California (US-CA) are affected?"
    )


def test_the_pack_as_a_whole_asks_the_most_telling_things_first(pack: Pack) -> None:
    known: Mapping[str, FactValue] = {"established_in": ("DE",), "entity_types": ("employer",)}
    verdicts = [assess(one, facts(known)) for one in pack.values() if one.runs]
    found = rank_questions(verdicts)
    assert {one.key for one in found[:3]} == {
        "personal_data_involved",
        "data_elements",
        "residents:US",
    }
    states = {f"residents:{one.jurisdiction}" for one in pack.values() if "US-" in one.jurisdiction}
    (country,) = [one for one in found if one.key == "residents:US"]
    assert set(country.parts) <= states
    assert len(country.parts) > 50
    assert not {one.key for one in found} & states, "no state is asked about alone"
    asked = [one.obligation_id for one in verdicts if one.verdict is Verdict.CANNOT_TELL]
    assert {duty for one in found for duty in one.helps} == set(asked)


def test_one_answer_for_the_country_settles_its_states(pack: Pack) -> None:
    known: Mapping[str, FactValue] = {"data_elements": ("name", "ssn"), "residents:US": 0}
    states = [one for one in pack.values() if one.jurisdiction.startswith("US-") and one.runs]
    for one in states:
        found = assess(one, facts(known))
        asked = [key for key in found.missing if key.startswith("residents:US-")]
        assert asked == [], one.id
