"""Rules in plain words, and what differs between two packs."""

from dataclasses import replace
from datetime import time

import pytest

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
)
from bot.domain.obligations import (
    Extension,
    Obligation,
    ObligationType,
    Period,
    Relation,
    Rollover,
    Unit,
)
from bot.domain.pack_diff import FieldChange, diff_packs
from bot.domain.rule_parts import RULE_PARTS
from bot.domain.rule_words import condition_lines, condition_words, period_words, rollover_words
from tests.content.obligation_file_kit import MINIMAL, parse

DATA = PersonalData()
FRENCH = ResidentsAtLeast(place="FR", number=1)


@pytest.fixture
def rule() -> Obligation:
    (found,) = parse(MINIMAL)
    return found


KINDS = ContainsAny(
    fact="data_elements",
    options=("ssn", "passport", "medical"),
    unsure_if=("other",),
    unsure_note="without a name",
)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (DATA, "personal data is involved"),
        (FRENCH, "at least one resident of France affected"),
        (
            ResidentsAtLeast(place="US-CA", number=501),
            "at least 501 residents of California affected",
        ),
        (
            ResidentsAtLeast(place="EU_EEA", number=1),
            "at least one resident of the EU/EEA affected",
        ),
        (
            ResidentsOfAnyPart(place="US-PR", number=1001),
            "at least 1,001 residents of any one state or part of Puerto Rico affected",
        ),
        (EstablishedIn(place="EU_EEA"), "the organisation is established in the EU/EEA"),
        (FactAtLeast(fact="affected_total", number=1000), "affected total is at least 1,000"),
        (
            FactIs(fact="material", one_of=(True,)),
            "“Is the incident material to investors?” is answered yes",
        ),
        (
            FactIs(fact="risk_to_people", one_of=("likely", "high")),
            "risk to people is likely or high",
        ),
        (
            Recorded(fact="hhs_notified_at"),
            "“When was the HHS Secretary notified (HIPAA)?” has an answer",
        ),
        (
            KINDS,
            (
                "data elements include Social Security number, passport or medical "
                "(if only other without a name: counsel has to say)"
            ),
        ),
        (
            AllOf(parts=(DATA, AnyOf(parts=(FRENCH, Not(part=DATA))))),
            (
                "personal data is involved; and (at least one resident of France affected; or not "
                "the case that personal data is involved)"
            ),
        ),
    ],
)
def test_conditions_in_words(condition: Condition, words: str) -> None:
    assert condition_words(condition) == words


def test_a_condition_as_a_list_puts_parts_below_what_joins_them() -> None:
    inner = AllOf(parts=(DATA, AllOf(parts=(FRENCH, Not(part=AnyOf(parts=(DATA, FRENCH)))))))
    assert list(condition_lines(inner)) == [
        (0, "all of:"),
        (1, "personal data is involved"),
        (1, "at least one resident of France affected"),
        (1, "not:"),
        (2, "at least one of:"),
        (3, "personal data is involved"),
        (3, "at least one resident of France affected"),
    ]


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(number=1, unit=Unit.MONTHS), "1 month"),
        (Period(number=60, unit=Unit.CALENDAR_DAYS, from_year_end=True), "days after the end"),
        (Period(number=5, unit=Unit.CALENDAR_DAYS, first_day_included=True), "being day 1"),
        (Period(number=3, unit=Unit.BUSINESS_DAYS, calendar="BR"), "(calendar: Brazil (BR))"),
        (Period(number=None, unit=Unit.NONE), "no number: without undue delay"),
        (Period(number=None, unit=Unit.NONE, relation=Relation.BEFORE), "done strictly before the"),
        (Period(number=None, unit=Unit.NONE, relation=Relation.NOT_LATER_THAN), "or earlier"),
    ],
)  # fmt: skip
def test_periods_in_words(period: Period, words: str) -> None:
    assert words in period_words(period)


def test_relief_says_until_when_and_for_whom_not() -> None:
    noon = Rollover(calendar="EU", words="Art. 5(4).", at=time(12), unless=DATA, lenient=True)
    told = rollover_words(noon)
    assert told.startswith("Shown only, alarms don't follow it: if the last day isn't a business")
    assert "until 12:00 of the next one. Art. 5(4). Not if personal data is involved." in told


def changed(old: Obligation, new: Obligation) -> dict[str, FieldChange]:
    found = diff_packs({old.id: old}, {new.id: new})
    return {field.field: field for change in found.changed for field in change.fields}


def test_two_packs_that_say_the_same_differ_in_nothing(rule: Obligation) -> None:
    renamed = replace(rule, origin=replace(rule.origin, file="other.yaml", sha256="0" * 64))
    found = diff_packs({rule.id: rule}, {rule.id: renamed})
    assert found.nothing


def test_what_came_and_what_went_is_told(rule: Obligation) -> None:
    other = replace(rule, id="FD-AG")
    found = diff_packs({rule.id: rule}, {other.id: other})
    assert (found.added, found.removed, found.changed) == ((other,), (rule,), ())
    assert not found.nothing


def test_a_changed_period_says_what_it_was_and_what_it_is(rule: Obligation) -> None:
    shorter = replace(rule, period=Period(number=72, unit=Unit.HOURS))
    fields = changed(rule, shorter)
    assert list(fields) == ["period"]
    assert fields["period"].told == "Period: was “30 calendar days”, is “72 hours”."


def test_of_a_list_only_what_came_and_went_is_told(rule: Obligation) -> None:
    before = replace(rule, caveats=("One.", "Two.", "Three."))
    after = replace(rule, caveats=("One.", "Three.", "Four."))
    assert changed(before, after)["caveats"].told == "Note: added “Four”; removed “Two”."
    turned = replace(rule, caveats=("Three.", "Two.", "One."))
    assert changed(before, turned)["caveats"].told == "Note: the same, in another order."


def test_what_is_new_or_gone_in_a_rule_is_told(rule: Obligation) -> None:
    more = replace(
        rule, extension=Extension(number=15, unit=Unit.CALENDAR_DAYS, condition="if so.")
    )
    assert (
        changed(rule, more)["extension"].told == "Extension: added “15 calendar days more if so”."
    )
    assert changed(more, rule)["extension"].told.startswith("Extension: removed; was “15 calendar")


def test_a_condition_that_changed_is_told_in_words(rule: Obligation) -> None:
    fields = changed(rule, replace(rule, applies_if=ResidentsAtLeast(place="FR", number=501)))
    assert fields["applies_if"].told.endswith("is “at least 501 residents of France affected”.")


def test_disabling_and_enabling_are_told_by_themselves(rule: Obligation) -> None:
    off = replace(rule, disabled="Repealed.")
    found = diff_packs({rule.id: rule}, {off.id: off})
    assert (found.disabled, found.enabled, found.changed) == ((off,), (), ())
    back = diff_packs({off.id: off}, {rule.id: rule})
    assert (back.disabled, back.enabled, back.changed) == ((), (rule,), ())
    fields = changed(off, replace(off, disabled="Struck down."))
    assert fields["disabled"].told == "Doesn't run: was “Repealed”, is “Struck down”."


def test_every_part_of_a_rule_is_compared(rule: Obligation) -> None:
    """Both are the pack's own, and that the second is disabled is told by itself."""
    (full,) = parse(FULL)
    assert {part.field for part in RULE_PARTS} - set(changed(rule, full)) == {"own", "disabled"}


FULL = (
    MINIMAL.replace("name: Residents", "name: Everyone")
    .replace("jurisdiction: FD", "jurisdiction: FR")
    .replace("regime: Freedonia breach law", "regime: Another law")
    .replace("citation: Act 7", "citation: Act 8")
    .replace("duty: Notify.", "duty: Notify them.")
    .replace("rule: Capital.", "rule: Seat.")
    .replace("role: legal", "role: comms")
    .replace("source: Gazette", "source: Journal")
    .replace("events: [discovery], words: discovery", "events: [awareness], words: knowing")
    .replace("number: 30", "number: 3")
    .replace("counting: 30 calendar days.", "counting: Three days.")
    .replace("{residents: FD, at_least: 1}", "{residents: FD, at_least: 2}")
    .replace("effective_from: 2026-01-01", "effective_from: 2026-02-01")
    .replace("confidence: medium", "confidence: low")
    .replace("verified_on: 2026-11-21", "verified_on: 2026-11-22")
    + """\
    type: duplicate
    duplicate_of: FD-AG
    disabled: Not yet in force.
    limits:
      - {words: The letters are due, deadline_of: FD-AG}
    cutoff_local: "17:00"
    must_arrive: true
    rollover: {calendar: FR, words: It moves.}
    lenient: eu_1182_71
    extension: {number: 15, unit: calendar_days, condition: if the authority agrees.}
    tolling: {text: The police may ask for delay.}
    threshold: two residents
    applies_to: whoever holds data
    exemptions: [{text: encrypted}]
    late_reasons: Say why.
    follow_up: [Keep the letters.]
    contents: {checked: not at all, items: [what happened]}
    mitigation: [{months: 12, text: monitoring, citation: § 4}]
    portal: The portal
    notices: [us_ca_individual]
    effective_until: 2027-01-01
    caveats: [Ask counsel.]
"""
)


def test_the_full_example_is_of_another_kind(rule: Obligation) -> None:
    (full,) = parse(FULL)
    assert (rule.type, full.type) == (ObligationType.DEADLINE, ObligationType.DUPLICATE)
    assert not full.runs
