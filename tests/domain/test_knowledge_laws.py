"""Laws of knowing: more facts never contradict an answer, and only the named facts move a clock.

A world is one consistent truth about an incident; what is known is a part of it. Worlds are made
from a seed, which Hypothesis chooses.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obligation_kit import APPLIES, NOW, clock_of, facts, shipped

from bot.domain.applicability import Applicability, Verdict, assess
from bot.domain.conditions import Truth
from bot.domain.evaluation import evaluate
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind, FactType
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation, duties_named
from bot.domain.regulatory_clocks import Others, RegulatoryClock, facts_that_move
from bot.domain.verdicts import verdict_of

World = dict[str, FactValue]
SEEDS = st.integers(min_value=0, max_value=2**32)
PLACES = ("US-CA", "US-NY", "US-TX", "US-MD", "US-PR", "DE", "FR", "GB", "JP", "BR", "CA-QC", "AU")
COUNTS = (0, 1, 2, 249, 250, 251, 499, 500, 501, 1000, 1001, 5000)
ZONES = ("Europe/Berlin", "Europe/Paris", "America/New_York", "Asia/Tokyo", "nowhere")

laws = settings(max_examples=20, deadline=None)


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - chooses test data


@cache
def running() -> list[Obligation]:
    return [one for one in shipped().values() if one.runs]


def some_value(spec: FactType, rng: Random) -> FactValue:
    """Any value of a fact's kind, at random; now and then unknown."""
    if rng.random() < 0.1:
        return None
    if spec.name == "home_zone":
        return rng.choice(ZONES)
    if spec.name == "established_in":
        return tuple(rng.sample(PLACES, rng.randint(0, 2)))
    values: dict[FactKind, FactValue] = {
        FactKind.INSTANT: datetime(2026, 1, 1, tzinfo=UTC)
        + timedelta(minutes=rng.randint(0, 700_000)),
        FactKind.DATE: NOW.date() + timedelta(days=rng.randint(0, 400)),
        FactKind.COUNT: rng.choice(COUNTS),
        FactKind.YES_NO: rng.random() < 0.5,
        FactKind.TEXT: f"text {rng.random()}",
    }
    if spec.kind is FactKind.CHOICE:
        return rng.choice(spec.choices)
    if spec.kind is FactKind.CHOICES:
        return tuple(rng.sample(spec.choices, min(len(spec.choices), rng.randint(0, 4))))
    return values[spec.kind]


def anything(rng: Random) -> World:
    """Any facts, consistent or not: half of the dictionary, and some counts."""
    known: World = {
        name: some_value(spec, rng)
        for name, spec in FACT_TYPES.items()
        if not spec.per_jurisdiction and rng.random() < 0.5
    }
    return known | {f"residents:{code}": rng.choice(COUNTS) for code in rng.sample(PLACES, 4)}


def world(rng: Random) -> World:
    """One consistent truth: counts add up, kinds of data say whether data is involved."""
    whole = {
        name: some_value(spec, rng)
        for name, spec in FACT_TYPES.items()
        if not spec.per_jurisdiction
    }
    counts = {code: rng.choice(COUNTS) for code in PLACES}
    inside = {
        "US": sum(n for code, n in counts.items() if code.startswith("US-")),
        "EU": counts["DE"] + counts["FR"],
    }
    whole |= {f"residents:{code}": n for code, n in {**counts, **inside}.items()}
    whole["affected_total"] = sum(counts.values())
    whole["personal_data_involved"] = bool(whole["data_elements"])
    for question, times in (
        ("ransom_paid", ("ransom_paid_at",)),
        ("material", ("materiality_determined_at",)),
        ("first_notice_incomplete", ("information_available_at",)),
    ):
        if whole[question] is False:
            whole |= dict.fromkeys(times)
    return whole


def part_of(whole: World, rng: Random, share: float) -> World:
    return {key: value for key, value in whole.items() if rng.random() < share}


@pytest.mark.slow
@laws
@given(SEEDS)
def test_more_facts_never_contradict_what_was_told(seed: int) -> None:
    """From “can't tell” anywhere; from “applies” only to an exemption that was named as open."""
    rng = dice(seed)
    more = part_of(world(rng), rng, 0.7)
    less = facts(part_of(more, rng, rng.choice((0.2, 0.5, 0.9))))
    told = facts(more)
    for one in running():
        before, after = assess(one, less), assess(one, told)
        _check_followed(before, after)
        scope = evaluate(one.applies_if, less).truth
        if scope is not Truth.UNKNOWN:
            assert evaluate(one.applies_if, told).truth is scope, one.id


def _check_followed(before: Applicability, after: Applicability) -> None:
    name = before.obligation_id
    if before.verdict is Verdict.DOES_NOT_APPLY:
        assert after.verdict is Verdict.DOES_NOT_APPLY, name
    if before.verdict is Verdict.APPLIES and after.verdict is not Verdict.APPLIES:
        assert after.verdict is Verdict.DOES_NOT_APPLY, name
        assert after.exemption in before.open_exemptions, name
    if after.verdict is Verdict.CANNOT_TELL:
        assert before.verdict is Verdict.CANNOT_TELL, name


@pytest.mark.slow
@laws
@given(SEEDS)
def test_answering_all_that_is_asked_settles_it(seed: int) -> None:
    """Unless an answer is “unknown” again, or leaves a question of law to counsel."""
    rng = dice(seed)
    whole = world(rng)
    known = part_of(whole, rng, 0.4)
    before = facts(known)
    for one in running():
        asked = assess(one, before).missing
        answers = {key: whole.get(key) for key in asked}
        if None in answers.values():
            continue
        after = assess(one, facts(known | answers))
        unsure = any("counsel has to say" in reason for reason in after.reasons)
        parts = any("each part of" in reason for reason in after.reasons)
        assert after.verdict is not Verdict.CANNOT_TELL or unsure or parts, one.id


@pytest.mark.slow
@laws
@given(SEEDS)
def test_the_verdict_without_words_is_the_same(seed: int) -> None:
    known = facts(anything(dice(seed)))
    for one in shipped().values():
        assert verdict_of(one, known) is assess(one, known).verdict, one.id


@pytest.mark.slow
@laws
@given(SEEDS)
def test_every_answer_has_a_reason_and_every_open_one_a_question(seed: int) -> None:
    known = facts(anything(dice(seed)))
    for one in running():
        found = assess(one, known)
        assert found.reasons, one.id
        assert set(found.shortest) <= set(found.missing), one.id
        assert bool(found.missing) == (found.verdict is Verdict.CANNOT_TELL), one.id
        assert set(found.facts) <= set(known) | {"materiality_determined_at"} | _times(), one.id


def _times() -> set[str]:
    """Facts that decide by not being recorded."""
    return {name for name, spec in FACT_TYPES.items() if spec.kind is FactKind.INSTANT}


def others(names: tuple[str, ...], rng: Random) -> Others:
    def times() -> dict[str, datetime]:
        return {
            name: NOW + timedelta(hours=rng.randint(-500, 500))
            for name in names
            if rng.random() < 0.6
        }

    return Others(met=times(), due=times())


def clock(one: Obligation, known: World, about: Others) -> RegulatoryClock:
    # Ruled as applying, so that what is counted shows whatever the facts say of applicability.
    return clock_of(one, known, others=about, rulings=APPLIES)


@pytest.mark.slow
@laws
@given(SEEDS)
def test_only_the_named_facts_and_duties_move_a_clock(seed: int) -> None:
    """Everything else is changed at once; none of it may show, alone or together."""
    rng = dice(seed)
    known, changed = anything(rng), anything(rng)
    ids = [one.id for one in running()]
    for one in rng.sample(running(), 80):
        named, relevant = facts_that_move(one), duties_named(one)
        kept = {key: value for key, value in known.items() if key.partition(":")[0] in named}
        rest = {key: value for key, value in changed.items() if key.partition(":")[0] not in named}
        theirs, all_others = others(relevant, rng), others(tuple(rng.sample(ids, 40)), rng)
        noise = Others(
            met={**{k: v for k, v in all_others.met.items() if k not in relevant}, **theirs.met},
            due={**{k: v for k, v in all_others.due.items() if k not in relevant}, **theirs.due},
        )
        assert clock(one, known, theirs) == clock(one, kept | rest, noise), one.id


def test_the_named_facts_do_move_every_clock() -> None:
    """None is named in vain for a whole duty: with the right facts each of them can be moved."""
    rng = dice(1)
    for one in running():
        named = facts_that_move(one)
        keys: World = {
            key: value
            for key, value in world(rng).items()
            if key.partition(":")[0] in named and value is not None
        }
        assert clock(one, {}, Others()) != clock(one, keys, Others()), one.id
