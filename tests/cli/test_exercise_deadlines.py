"""Three days at 3,600 times the wall: each deadline is the one that a live incident would have."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.domain.clocks import ClockKind
from bot.domain.facts import FactValue
from bot.domain.incident import Severity
from bot.domain.rulebook import Rulebook
from bot.services.access import person_for
from bot.services.facts import record_facts
from bot.services.incidents import OpenIncident, open_incident
from bot.store.queries import clocks_of
from bot.store.unit_of_work import Store, reading, unit_of_work
from tests.kit import ANA, new_facts

pytestmark = pytest.mark.slow

SCENARIO = "ransomware_exfiltration"
AWARE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FACTS: dict[str, FactValue] = {
    "aware_at": AWARE,
    "records_total": 900,
    "affected_total": 700,
    "residents:DE": 120,
    "residents:US-CA": 200,
    "residents:US-TX": 300,
    "data_elements": ("name", "ssn"),
    "encryption": "not_encrypted",
    "risk_to_people": "high",
}


def script() -> str:
    shown = {key: _shown(value) for key, value in FACTS.items()}
    acts = [
        f"  - {{at: PT0S, as: legal, do: fact, key: '{key}', value: {value}}}"
        for key, value in shown.items()
    ]
    return "players:\n" + "\n".join(acts) + "\n"


def _shown(value: FactValue) -> str:
    return json.dumps(value.isoformat() if isinstance(value, datetime) else value)


def test_deadlines_of_a_run_are_those_of_a_live_incident(
    tmp_path: Path, store: Store, every_rule: Rulebook
) -> None:
    players, out = tmp_path / "players.yaml", tmp_path / "out"
    players.write_text(script())
    options = ["--factor", "3600", "--players", str(players), "--out", str(out)]
    assert main(["exercise", "run", SCENARIO, *options]) == 0
    assert json.loads((out / "refused.json").read_text("utf-8")) == []
    report = json.loads((out / "after-action.json").read_text("utf-8"))

    playbook = every_rule.scenarios[SCENARIO].playbook
    with unit_of_work(store, now=AWARE) as tx:
        opening = OpenIncident(title="Live", playbook_id=playbook, severity=Severity.SEV2)
        live = open_incident(tx, opening, actor=person_for(tx, ANA))
    for key, value in FACTS.items():
        with unit_of_work(store, now=AWARE + timedelta(seconds=1)) as tx:
            record_facts(tx, live, new_facts({key: value}), actor=person_for(tx, ANA))
    with reading(store) as session:
        expected = {
            one.key: f"{one.due_at:%Y-%m-%dT%H:%M:%SZ}" if one.due_at else ""
            for one in clocks_of(session, live)
            if one.kind == ClockKind.REGULATORY and one.started_at
        }
    assert {one["key"]: one["due_at"] for one in report["clocks"]} == expected
    assert len([due for due in expected.values() if due]) > 1, "hours and calendar days"
