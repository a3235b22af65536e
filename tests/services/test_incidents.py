"""Opening and moving an incident, on a real store."""

from bot.store.queries import clocks_of, facts_of, tasks_of
from bot.store.unit_of_work import Store, Tx
from tests.kit import entries_of, opened


def test_open_makes_everything_in_one_transaction(tx: Tx) -> None:
    incident = opened(tx)
    assert incident.ref == "INC-2026-0001"
    assert len(tasks_of(tx.session, incident)) == 30
    assert "organisation_name" in facts_of(tx.session, incident)
    assert {clock.key for clock in clocks_of(tx.session, incident)} >= {"triage", "EU-GDPR-33-SA"}
    assert [job.name for job in tx.jobs].count("make_channel") == 1
