"""Which obligations run as clocks, in which order, and what moves which."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from obligation_kit import APPLIES, clock_of, local

from bot.domain.conditions import FactIs
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation, ObligationType, Rollover, duties_named
from bot.domain.regulatory_clocks import facts_that_move
from bot.domain.rulebook import Rulebook

Pack = Mapping[str, Obligation]


def rulebook(obligations: Mapping[str, Obligation]) -> Rulebook:
    return Rulebook(
        playbooks={}, obligations=obligations, notices={}, organisation={}, organisation_sha256=""
    )


def test_what_is_disabled_points_elsewhere_or_repeats_never_runs(pack: Pack) -> None:
    running = {one.id for one in rulebook(pack).duties}
    kept_out = {key: one for key, one in pack.items() if key not in running}
    assert set(kept_out) == {
        "AE-PDPL", "EU-OMNIBUS-96H", "GB-CSRB-24H", "GB-CSRB-72H", "IN-DPDP-BOARD-72H",
        "IN-DPDP-BOARD-INIT", "IN-DPDP-IND", "US-CIRCIA-72H", "US-CIRCIA-RANSOM-24H",
        "US-FCC-2024-CUST", "US-FCC-2024-LE", "US-FERPA-NONE", "US-NAIC-668", "US-NY-DFS",
    }  # fmt: skip
    assert all(one.disabled or one.type in {"signpost", "duplicate"} for one in kept_out.values())
    assert pack["US-NY-DFS"].duplicate_of == "US-NY-DFS-500-17"


@pytest.mark.parametrize("kind", list(ObligationType))
def test_soft_limits_and_embargoes_run_signposts_and_duplicates_do_not(
    kind: ObligationType, pack: Pack
) -> None:
    one = replace(pack["US-CA-IND"], type=kind)
    runs = kind not in {ObligationType.SIGNPOST, ObligationType.DUPLICATE}
    assert (one.id in {duty.id for duty in rulebook({one.id: one}).duties}) is runs
    assert not replace(one, disabled="not in force").runs


def test_every_duty_comes_after_those_that_it_is_counted_from(pack: Pack) -> None:
    found = rulebook(pack).duties
    place = {one.id: index for index, one in enumerate(found)}
    assert len(place) == len(found)
    pairs = [
        (named, one.id) for one in found for named in duties_named(one) if named in place
    ]  # fmt: skip
    assert len(pairs) > 50
    assert [pair for pair in pairs if place[pair[0]] > place[pair[1]]] == []


def test_the_order_does_not_depend_on_that_of_the_files(pack: Pack) -> None:
    backwards = dict(reversed(list(pack.items())))
    place = {one.id: index for index, one in enumerate(rulebook(backwards).duties)}
    assert place["US-MD-IND"] < place["US-MD-AG"]
    assert place["EU-DORA-INIT-CLASS"] < place["EU-DORA-INTER"] < place["EU-DORA-FINAL"]


def test_it_is_known_who_is_counted_from_a_duty(pack: Pack) -> None:
    counted_from = rulebook(pack).counted_from
    assert counted_from["US-MD-IND"] == {"US-MD-AG", "US-MD-CRA"}
    assert counted_from["EU-NIS2-72H"] == {"EU-NIS2-FINAL"}
    assert counted_from["US-HIPAA-HHS-500"] == {"US-IL-AG-HIPAA", "US-NY-AG-HIPAA"}
    assert "US-MD-AG" not in counted_from


def test_it_is_known_whom_a_fact_moves(pack: Pack) -> None:
    moved_by = rulebook(pack).moved_by
    assert moved_by["materiality_determined_at"] == {
        "US-SEC-8K-105", "US-SEC-8KA-105", "US-SEC-6K",
    }  # fmt: skip
    assert {"US-CA-IND", "EU-GDPR-33-SA"} <= moved_by["aware_at"]
    assert "US-TX-IND" not in moved_by["aware_at"], "nothing stands in for a determination"
    assert "what_happened" not in moved_by


def test_what_rules_the_relief_out_moves_the_clock_too(pack: Pack) -> None:
    weak = FactIs(fact="control_weakness", one_of=(True,))
    relief = Rollover(calendar="US", words="The next business day.", unless=weak)
    duty = replace(pack["US-CA-IND"], rollover=relief)
    assert "control_weakness" not in facts_that_move(pack["US-CA-IND"])
    assert "control_weakness" in facts_that_move(duty)
    saturday: dict[str, FactValue] = {"discovered_at": local("2026-01-29 10:00", "UTC")}
    strict, moved = "2026-02-28 23:59:59", "2026-03-02 23:59:59"
    for value, due in ((False, moved), (True, strict)):
        found = clock_of(duty, {**saturday, "control_weakness": value}, rulings=APPLIES)
        assert found.due_at == local(due, "America/Los_Angeles")


@pytest.mark.parametrize(
    ("today", "counts"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_a_rule_counts_from_its_first_to_its_last_day(
    today: str, *, counts: bool, pack: Pack
) -> None:
    one = replace(
        pack["US-CA-IND"], effective_from=date(2026, 1, 1), effective_until=date(2026, 6, 30)
    )
    assert one.in_force(date.fromisoformat(today)) is counts


def test_a_rule_without_dates_counts_always(pack: Pack) -> None:
    one = replace(pack["US-CA-IND"], effective_from=None, effective_until=None)
    assert one.in_force(date(1999, 1, 1))
    assert one.in_force(date(2099, 1, 1))
