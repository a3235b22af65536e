"""States, gaps, completeness, forbidden contents, approval: as tables, without files."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from notice_template_kit import BLANK, NOW, facts, uses

from bot.domain.facts import Fact
from bot.domain.notice_checks import (
    approval_obstacles,
    blocking_gaps,
    completeness,
    forbidden_in,
    holds,
)
from bot.domain.notices import (
    TRANSITIONS,
    Condition,
    FormatRules,
    Need,
    NoticeState,
    NoticeStateError,
    StatutoryItem,
    UsedFact,
    check_move,
    zone_of,
)

AWARE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = NoticeState

TEMPLATE = replace(
    BLANK,
    id="t",
    recipient_name="residents",
    facts=uses(
        UsedFact(key="organisation_name", need=Need.REQUIRED, where="Head"),
        UsedFact(
            key="data_elements",
            need=Need.REQUIRED,
            where="Data",
            not_yet_known="Not yet known.",
        ),
        UsedFact(
            key="credit_monitoring_months",
            need=Need.REQUIRED,
            where="Offer",
            at_least=18,
            when=Condition(fact="data_elements", includes=frozenset({"ssn"})),
        ),
        UsedFact(
            key="delay_reasons",
            need=Need.REQUIRED,
            where="Delay",
            when=Condition(fact="aware_at", hours_ago=72),
        ),
        UsedFact(key="website", need=Need.OPTIONAL, where="Foot"),
    ),
    forbidden_facts=("what_happened", "residents", "affected_total", "breach_started_at"),
    contents=(
        StatutoryItem(item="who", citation="§ 1(a)", section="Head", facts=("organisation_name",)),
        StatutoryItem(item="data", citation="§ 1(b)", section="Data", facts=("data_elements",)),
        StatutoryItem(
            item="offer",
            citation="§ 1(c)",
            section="Offer",
            facts=("credit_monitoring_months",),
            when=Condition(fact="data_elements", includes=frozenset({"ssn"})),
        ),
        StatutoryItem(item="rights", citation="§ 1(d)", section="Rights", says="you may"),
    ),
    rules=FormatRules(forbidden_words=("hack",), forbidden_patterns=(r"\d+ people",)),
)


MONTHS = "Months of identity-theft or credit-monitoring service offered?"
WHOLE = facts(organisation_name="Halden", data_elements=("name",))

ALLOWED = {
    (S.DRAFT, S.IN_REVIEW),
    (S.DRAFT, S.SUPERSEDED),
    (S.DRAFT, S.WITHDRAWN),
    (S.IN_REVIEW, S.DRAFT),  # changes requested
    (S.IN_REVIEW, S.APPROVED),
    (S.IN_REVIEW, S.SUPERSEDED),
    (S.IN_REVIEW, S.WITHDRAWN),
    (S.APPROVED, S.DRAFT),  # a fact changed
    (S.APPROVED, S.SENT),
    (S.APPROVED, S.SUPERSEDED),
    (S.APPROVED, S.WITHDRAWN),
    (S.SENT, S.SUPERSEDED),  # corrected by a later notice
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("to", list(S))
def test_every_change_of_state_is_allowed_or_refused(state: S, to: S) -> None:
    assert set(TRANSITIONS) == set(S)
    if (state, to) in ALLOWED:
        check_move(state=state, to=to)
    else:
        with pytest.raises(NoticeStateError, match=f"A notice that is {state} can't become {to}"):
            check_move(state=state, to=to)


@pytest.mark.parametrize(
    ("given", "now", "gaps"),
    [
        # nothing recorded: the two that are always required
        ({}, NOW, ["organisation_name", "data_elements"]),
        (WHOLE, NOW, []),
        # recorded as unknown, and the format lets the notice say so
        (WHOLE | facts(data_elements=None), NOW, []),
        # recorded as unknown, and it doesn't
        (WHOLE | facts(organisation_name=None), NOW, ["organisation_name"]),
        # a Social Security number makes the offer a duty
        (WHOLE | facts(data_elements=("name", "ssn")), NOW, ["credit_monitoring_months"]),
        (
            WHOLE | facts(data_elements=("ssn",), credit_monitoring_months=17),
            NOW,
            ["credit_monitoring_months"],
        ),
        (WHOLE | facts(data_elements=("ssn",), credit_monitoring_months=18), NOW, []),
        # 72 elapsed hours, exactly and one second later
        (WHOLE | facts(aware_at=AWARE), AWARE + timedelta(hours=72), []),
        (WHOLE | facts(aware_at=AWARE), AWARE + timedelta(hours=72, seconds=1), ["delay_reasons"]),
    ],
)
def test_gaps(given: Mapping[str, Fact], now: datetime, gaps: list[str]) -> None:
    assert [gap.fact for gap in blocking_gaps(TEMPLATE, given, now=now)] == gaps


def test_gap_says_what_is_asked_and_where() -> None:
    gap = blocking_gaps(TEMPLATE, {}, now=NOW)[1]
    assert (gap.label, gap.where) == ("Which kinds of personal data?", "Data")


def test_override_fills_a_gap() -> None:
    left = blocking_gaps(TEMPLATE, {}, now=NOW, overrides={"organisation_name"})
    assert [gap.fact for gap in left] == ["data_elements"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (WHOLE, ["Head", "Data", "doesn't apply to these facts", "Rights"]),
        (
            WHOLE | facts(data_elements=None),
            ["Head", "Data, stated as not yet known", "doesn't apply to these facts", "Rights"],
        ),
        (
            facts(data_elements=("ssn",), credit_monitoring_months=6),
            [
                "open: Our name",
                "Data",
                f"open: {MONTHS} The law wants at least 18.",
                "Rights",
            ],
        ),
    ],
)
def test_completeness_names_what_fulfils_each_item(
    given: Mapping[str, Fact], expected: list[str]
) -> None:
    items = completeness(TEMPLATE, given, now=NOW)
    assert [item.by for item in items] == expected
    assert [item.fulfilled for item in items] == [not by.startswith("open") for by in expected]
    assert [item.citation for item in items] == ["§ 1(a)", "§ 1(b)", "§ 1(c)", "§ 1(d)"]


SECRET = facts(
    what_happened="An intruder copied the claims archive. Nothing else is known.",
    affected_total=1450,
    breach_started_at=datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
)
SECRET["residents:US-MA"] = facts(affected_total=18)["affected_total"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Privacy Office", []),
        ("Ask us about the intruder copied the claims archive", []),  # other words around it
        (
            "We know that an intruder copied the claims archive",
            ["An intruder copied the claims archive"],
        ),
        ("Desk for 1450", ["1450"]),
        ("Desk for 1,450", ["1,450"]),
        ("Desk for 1.450", ["1.450"]),
        ("Room 14501, line 1-1450-2", []),
        ("Open 18 hours", []),
        ("Desk for 18 affected residents", ["18 affected residents"]),
        ("since 28 February 2026", ["28 February 2026"]),
        ("since March 1, 2026", ["March 1, 2026"]),  # the local date in the east
        ("since 21 March 2026", []),
    ],
)
def test_values_of_forbidden_facts_are_found_in_typed_text(typed: str, found: list[str]) -> None:
    given = SECRET | facts(organisation_name=typed)
    hits = forbidden_in(TEMPLATE, "", facts=given, overrides={})
    assert [one.found for one in hits] == found
    in_override = forbidden_in(TEMPLATE, "", facts=SECRET, overrides={"website": typed})
    assert in_override == hits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hackers came. A HACK!", ["HACK", "Hackers"]),
        ("a shack", []),
        ("It touched 12\n people", ["12 people"]),
    ],
)
def test_forbidden_words_and_patterns_are_found(text: str, found: list[str]) -> None:
    hits = forbidden_in(TEMPLATE, text, facts={}, overrides={})
    assert [one.found for one in hits] == found
    assert {one.why for one in hits} <= {"not in this notice (§ 1)"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"state": S.DRAFT}, ["state"]),
        ({"approver": "ana"}, ["author_is_approver"]),
        ({"facts": facts(data_elements=None)}, ["gap"]),
        ({"text": "hacked"}, ["forbidden"]),
        (
            {"state": S.SENT, "approver": "ana", "facts": {}, "text": "hacked"},
            ["state", "author_is_approver", "gap", "gap", "forbidden"],
        ),
    ],
)
def test_approval_names_every_obstacle(change: dict[str, object], codes: list[str]) -> None:
    given: dict[str, object] = {
        "facts": WHOLE,
        "text": "",
        "state": S.IN_REVIEW,
        "approver": "lena",
    }
    given |= change
    obstacles = approval_obstacles(
        TEMPLATE,
        author="ana",
        now=NOW,
        overrides={},
        stale=False,
        outdated=(),
        **given,  # type: ignore[arg-type]
    )
    assert [one.code for one in obstacles] == codes


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        (None, True),
        (Condition(fact="website", known=True), True),
        (Condition(fact="website", known=False), False),
        (Condition(fact="dpo_name", known=False), True),
        (Condition(fact="material", equals=False), True),
        (Condition(fact="material", equals=True), False),
        (Condition(fact="sec_registrant", equals=False), False),  # an unknown fact holds nothing
        (Condition(fact="encryption", includes=frozenset({"partly"})), True),
    ],
)
def test_conditions(condition: Condition | None, *, result: bool) -> None:
    given = facts(website="w", material=False, encryption="partly")
    assert holds(condition, given, now=NOW) is result


def test_zone_is_ours_or_the_templates() -> None:
    assert zone_of(TEMPLATE, facts(home_zone="Europe/Berlin")).key == "Europe/Berlin"
    assert zone_of(TEMPLATE, {}).key == "UTC"
