"""The form of open questions, and facts that contradict each other, through signed HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.local_slack.interactions import Submission
from bot.practice import Practice
from bot.services.assessments import standing_of
from bot.store.queries import facts_of
from bot.store.unit_of_work import reading
from tests.conftest import T0
from tests.kit import ANA, LENA, SAM, until
from tests.slack_kit import Room, button, cast, flat, open_room

pytestmark = pytest.mark.slow
TITLE = "Open questions"
SOURCE = {"source": "query of the claims database"}


def asked(room: Room, *, by: str = LENA) -> dict[str, Any]:
    """Open the form by command and return it."""
    room.person(by).slash("/incident", "clock questions", channel=room.channel)
    return room.person(by).wait_modal(title=TITLE)


def fields(modal: dict[str, Any]) -> dict[str, str]:
    """The kinds of input, by block id, in the order of the form."""
    return {
        one["block_id"]: one["element"]["type"] for one in modal["blocks"] if one["type"] == "input"
    }


def submit(room: Room, values: dict[str, Any], *, by: str = LENA) -> Submission:
    return room.person(by).submit(values={**SOURCE, **values})


def whispered(room: Room, *, by: str = LENA) -> str:
    own = [one for one in room.person(by).messages(room.channel) if one.get("is_ephemeral")]
    return flat(own[-1]) if own else ""


def values(room: Room) -> dict[str, tuple[object, str]]:
    with reading(room.pair.tocsin.store) as session:
        facts = facts_of(session, room.row())
    return {key: (fact.value, fact.confidence.value) for key, fact in facts.items()}


def standing(room: Room) -> dict[str, str]:
    with reading(room.pair.tocsin.store) as session:
        return dict(standing_of(session, room.row()))


@pytest.fixture
def room(pair: Practice) -> Room:
    return cast(open_room(pair, "Questions"))


@pytest.fixture(scope="module")
def still(pair: Practice) -> Room:
    """A room in which nothing is recorded: refusals share it."""
    return cast(open_room(pair, "Refused"))


def test_each_kind_of_fact_has_its_input_and_what_settles_most_comes_first(room: Room) -> None:
    shown = fields(asked(room))
    room.person(LENA).close()
    kinds = list(shown.items())
    assert kinds[0] == ("fact/aware_at", "datetimepicker"), "a duty that applies waits for it"
    assert kinds[1] == ("fact/data_elements", "multi_static_select")
    assert kinds[2:4] == [("fact/residents:US", "number_input"), ("parts/US", "plain_text_input")]
    assert shown["fact/risk_to_people"] == "radio_buttons"
    assert shown["fact/misuse_likely"] == "radio_buttons"
    assert (shown["fact/affected_total"], shown["places"]) == ("number_input", "plain_text_input")
    assert list(shown)[-2:] == ["confidence", "source"]
    assert len(shown) <= 12 + 2 + 2, "twelve questions, two of them with a field by place"


def test_answers_are_recorded_in_one_go_and_clocks_follow(room: Room) -> None:
    asked(room)
    before = room.log().count("fact.recorded")
    done = submit(
        room,
        {
            "fact/aware_at": T0 - timedelta(hours=1),
            "fact/data_elements": ["name", "ssn"],
            "fact/residents:US": "1,500".replace(",", ""),
            "parts/US": "CA 1,200; Texas: 300",
            "fact/risk_to_people": "high",
            "fact/misuse_likely": "unknown",
            "places": "DE about 850, Japan 0",
            "confidence": "confirmed",
        },
    )
    assert done.ok, done.errors
    known = values(room)
    assert known["residents:US-CA"] == (1200, "confirmed")
    assert known["residents:US-TX"] == (300, "confirmed")
    assert known["residents:DE"] == (850, "estimated")
    assert known["residents:JP"] == (0, "confirmed")
    assert known["data_elements"] == (("name", "ssn"), "confirmed")
    assert known["misuse_likely"] == (None, "unknown")
    assert room.log().count("fact.recorded") == before + 9
    until(lambda: "✅ Recorded" in whispered(room))
    said = whispered(room)
    assert "`EU-GDPR-33-SA`: started" in said
    assert "`US-CA-IND`: started" in said
    assert "duties can't be told yet: `/incident clock questions`" in said


def test_zero_for_the_country_rules_out_all_its_states(room: Room) -> None:
    states = {key: one for key, one in standing(room).items() if key.endswith("-IND")}
    assert states["US-CA-IND"] == states["US-TX-IND"] == "cannot_tell"
    asked(room)
    assert submit(room, {"fact/residents:US": "0"}).ok
    after = standing(room)
    for state in ("CA", "TX", "NY", "PR", "GU"):
        assert after[f"US-{state}-IND"] == "does_not_apply"


def test_states_that_add_up_to_the_total_rule_out_the_others(room: Room) -> None:
    asked(room)
    assert submit(room, {"fact/residents:US": "1500", "parts/US": "CA 1200, TX 300"}).ok
    after = standing(room)
    assert after["US-NY-IND"] == "does_not_apply"
    assert after["US-CA-IND"] == "cannot_tell", "the kinds of data aren't known"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "source", "Nothing is answered: give at least one answer."),
    ({"parts/US": "CA 1200, Foo 3"}, "parts/US", "I don't know the place “Foo”"),
    ({"parts/US": "CA"}, "parts/US", "“CA”: write a place and its number"),
    ({"parts/US": "DE 5, DE-BY 2"}, "parts/US", "isn't a part of US"),
    ({"parts/US": "CA 5, California 6"}, "parts/US", "two numbers for residents:US-CA"),
    ({"places": "XX 5"}, "places", "I don't know the place “XX”. Did you mean"),
    ({"fact/aware_at": datetime(2027, 1, 1, tzinfo=UTC)}, "fact/aware_at", "lies in the future"),
    (
        {"fact/residents:US": "100", "parts/US": "CA 90, TX 20"},
        "fact/residents:US",
        "the parts of US can't count more people than US itself",
    ),
    (
        {"fact/affected_total": "50", "places": "DE 51"},
        "fact/affected_total",
        "affected_total is 50, residents:DE is 51",
    ),
]


@pytest.mark.parametrize(("given", "field", "message"), WRONG)
def test_what_doesn_t_fit_is_said_at_its_field_and_nothing_is_kept(
    still: Room, given: dict[str, Any], field: str, message: str
) -> None:
    asked(still)
    before = still.log()
    refused = submit(still, given)
    still.person(LENA).close()
    assert list(refused.errors) == [field]
    assert message in refused.errors[field]
    assert "`" not in refused.errors[field], "forms know no code marks"
    assert still.log() == before


def test_a_contradiction_with_what_stands_is_said_at_the_field_that_was_filled_in(
    room: Room,
) -> None:
    room.type("fact records_total 40")
    asked(room)
    refused = submit(room, {"fact/affected_total": "50"})
    room.person(LENA).close()
    assert list(refused.errors) == ["fact/affected_total"]
    assert "records_total is 40" in refused.errors["fact/affected_total"]


def test_the_form_opens_by_button_and_says_what_is_recorded(room: Room) -> None:
    room.type("fact data_elements other", by=LENA)
    room.type("clock", by=LENA)
    shown = [one for one in room.person(LENA).messages(room.channel) if one.get("is_ephemeral")][-1]
    assert button(shown, "open_questions")
    room.person(LENA).click({**shown, "channel": room.channel}, "open_questions")
    modal = room.person(LENA).wait_modal(title=TITLE)
    assert "Recorded: other. Give the whole answer if there is more." in str(modal)
    room.person(LENA).close()


def test_an_observer_may_not_answer(room: Room) -> None:
    room.type(f"role assign observer <@{SAM}>", by=ANA)
    room.settle()
    asked(room, by=SAM)
    refused = submit(room, {"fact/residents:US": "0"}, by=SAM)
    room.person(SAM).close()
    assert list(refused.errors) == ["source"]
    assert "may record and correct facts" in refused.errors["source"]


def test_a_refused_form_leaves_another_way(room: Room) -> None:
    room.pair.box.faults.add("views.open", "api_error", code="missing_scope")
    try:
        said = room.type("clock questions", by=LENA)
    finally:
        room.pair.box.faults.clear()
    assert "Answer in words, such as `/incident fact aware_at …`." in said


# -- contradictions in words ----------------------------------------------------------------

MORE_PEOPLE = "`affected_total` is 50, `records_total` is 40"
CONTRADICTIONS = [
    (["fact records_total 40"], "fact 50 people affected", MORE_PEOPLE),
    (["fact 50 people affected"], "fact records_total 40", MORE_PEOPLE),
    (["fact aware at 2026-11-19 08:00 UTC"], "fact started 2026-11-19 08:30 UTC",
     "`breach_started_at` is 2026-11-19 08:30 UTC, `aware_at` is 2026-11-19 08:00 UTC"),
    (["contain 2026-11-19T07:00Z"], "fact aware at 2026-11-19 08:00 UTC",
     "`aware_at` is 2026-11-19 08:00 UTC, contained is 2026-11-19 07:00 UTC"),
    (["fact aware at 2026-11-19 08:00 UTC"], "contain 2026-11-19T07:00Z",
     "Give a later time, or correct the fact first: `/incident fact aware_at …`."),
    ([], "fact residents:XX 5", "“XX” isn't a place that we know. Did you mean"),
    ([], "fact residents:US-ZZ 5", "Did you mean `residents:US-AZ`?"),
    ([], "fact residents:PR 5", "Did you mean `residents:US-PR`?"),
    ([], "fact home_zone Europe/Berlinn", "Did you mean “Europe/Berlin”?"),
    ([], "fact 50 people affected, 40 records", "You said both: record only what holds."),
]  # fmt: skip


@pytest.mark.parametrize(("first", "typed", "said"), CONTRADICTIONS)
def test_facts_that_contradict_are_refused_with_both(
    request: pytest.FixtureRequest, first: list[str], typed: str, said: str
) -> None:
    room: Room = request.getfixturevalue("room" if first else "still")
    for one in first:
        assert "✅" in room.type(one, by=ANA)
    before = room.log()
    answered = room.type(typed, by=ANA)
    assert said in answered, answered
    assert "⚠️" in answered
    assert room.log() == before


def test_a_correction_in_the_same_form_wins(room: Room) -> None:
    room.type("fact 50 people affected", by=LENA)
    room.person(LENA).click(room.card(), "open_fact")
    room.person(LENA).wait_modal(title="Record facts")
    refused = submit(room, {"other": "records_total: 40"})
    assert "affected_total is 50" in refused.errors["other"]
    assert submit(room, {"other": "records_total: 40\naffected_total: 40"}).ok
    assert values(room)["affected_total"] == (40, "confirmed")
