"""The same program on PostgreSQL: the main story, and two sessions at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.incident import IncidentError
from bot.services import evidence, incidents, notices, retention
from bot.services.access import person_for
from bot.services.acknowledgement import acknowledge
from bot.services.escalation import escalate
from bot.services.evidence_intake import Intake, take_in
from bot.services.facts import record_facts
from bot.services.reminders import fire_reminders
from bot.store.queries import evidence_items, incident_by_ref
from bot.store.reminder_queries import incidents_with_reminders_due
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, Tx, unit_of_work
from evidence_store.verify import verify
from tests.conftest import T0
from tests.kit import (
    ANA,
    CHRIS,
    FARID,
    LENA,
    REF,
    SAM,
    cast,
    jobs_of,
    log_of,
    new_facts,
    opened,
    who,
)
from tests.services.test_notices import STATEMENT, approve

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def found(tx: Tx, ref: str = REF) -> Incident:
    incident = incident_by_ref(tx.session, ref)
    assert incident is not None
    return incident


def together(*verbs: Callable[[], object]) -> list[BaseException]:
    """Run all at once; return what went wrong."""
    gate = threading.Barrier(len(verbs))
    problems: list[BaseException] = []

    def run(verb: Callable[[], object]) -> None:
        gate.wait()
        try:
            verb()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_the_main_story(postgres_store: Store, tmp_path: Path) -> None:
    with unit_of_work(postgres_store, now=T0, delivery_key="view/1") as tx:
        cast(tx)
    with unit_of_work(postgres_store, now=T0) as tx:
        told = STATEMENT | {"aware_at": T0}
        news = record_facts(tx, found(tx), new_facts(told), actor=who(tx, ANA))
        assert ("EU-GDPR-33-SA", T0 + timedelta(hours=72)) in [
            (one.key, one.due_at) for one in news
        ]
        message = {"ts": "1.1", "user": ANA, "text": "seen"}
        evidence.preserve_message(tx, found(tx), message, channel="C0", actor=who(tx, ANA))
        evidence.seal_item(tx, found(tx), 1, actor=who(tx, FARID))
        row = notices.draft_notice(tx, found(tx), "holding_statement", actor=who(tx, CHRIS))
        notices.submit_notice(tx, found(tx), row.number, actor=who(tx, CHRIS))
    with unit_of_work(postgres_store, now=T0) as tx:
        assert approve(tx, found(tx), 2).state == "approved"
    with unit_of_work(postgres_store, now=T0 + timedelta(hours=24)) as tx:
        assert fire_reminders(tx, found(tx)) == 5
    with unit_of_work(postgres_store, now=T0 + timedelta(hours=25)) as tx:
        evidence.export_as(tx, found(tx), tmp_path / "bundle", actor=who(tx, LENA))
    assert verify(tmp_path / "bundle", vkeys=[postgres_store.signer.vkey]).verdict == "PARTIAL"
    assert jobs_of(postgres_store) > 20
    with unit_of_work(postgres_store, now=T0 + timedelta(hours=25)) as tx:
        assert found(tx).opened_at == T0


def test_two_sessions_give_no_number_twice(postgres_store: Store) -> None:
    with unit_of_work(postgres_store, now=T0) as tx:
        cast(tx)

    def write(slack_id: str) -> None:
        for number in range(6):
            with unit_of_work(postgres_store, now=T0) as tx:
                message = {"ts": f"{slack_id}.{number}", "text": "seen"}
                evidence.preserve_message(
                    tx, found(tx), message, channel="C0", actor=who(tx, slack_id)
                )

    assert together(lambda: write(ANA), lambda: write(SAM), lambda: write(FARID)) == []
    with unit_of_work(postgres_store, now=T0) as tx:
        items = evidence_items(tx.session, found(tx))
        assert [item.number for item in items] == list(range(1, 19))
    log = log_of(postgres_store, REF)
    assert [one.prev for one in log[1:]] == [one.leaf for one in log[:-1]]


def test_the_first_incidents_of_a_year_at_once(postgres_store: Store) -> None:
    def open_one() -> None:
        with unit_of_work(postgres_store, now=T0) as tx:
            opened(tx)

    assert together(open_one, open_one, open_one) == []
    with unit_of_work(postgres_store, now=T0) as tx:
        for number in (1, 2, 3):
            assert found(tx, f"INC-2026-000{number}").title == "Claims database copied"


def test_one_person_met_by_three_at_once(postgres_store: Store) -> None:
    ids: list[int | None] = []

    def meet() -> None:
        with unit_of_work(postgres_store, now=T0) as tx:
            ids.append(person_for(tx, "U0NEW").id)

    assert together(meet, meet, meet) == []
    assert len(set(ids)) == 1


def test_whoever_comes_after_the_closing_is_refused(postgres_store: Store) -> None:
    with unit_of_work(postgres_store, now=T0) as tx:
        cast(tx)
        told = new_facts({"personal_data_involved": False})
        record_facts(tx, found(tx), told, actor=who(tx, ANA))
    closing, noted = threading.Event(), threading.Event()
    refused: list[str] = []

    def close() -> None:
        with unit_of_work(postgres_store, now=T0) as tx:
            incidents.close(tx, found(tx), note="", actor=who(tx, ANA))
            closing.set()
            noted.wait(0.5)

    def note() -> None:
        with unit_of_work(postgres_store, now=T0) as tx:
            incident = found(tx)
            assert incident.status == "open"
            closing.wait(5)
            try:
                evidence.record_note(tx, incident, "too late", actor=who(tx, SAM))
            except IncidentError as error:
                refused.append(str(error))
            noted.set()

    assert together(close, note) == []
    assert refused == ["INC-2026-0001 is closed; nothing in it can be changed any more."]


def test_two_ticks_tell_the_commander_of_silence_once(postgres_store: Store) -> None:
    with unit_of_work(postgres_store, now=T0) as tx:
        cast(tx)
    with unit_of_work(postgres_store, now=T0 + timedelta(minutes=45)) as tx:
        assert fire_reminders(tx, found(tx)) == 1
    later = T0 + timedelta(minutes=55)
    with unit_of_work(postgres_store, now=later) as tx:
        assert list(incidents_with_reminders_due(tx.session, later)) == [found(tx).id]
    told: list[int] = []

    def tick() -> None:
        with unit_of_work(postgres_store, now=later) as tx:
            told.append(escalate(tx, found(tx)))

    assert together(tick, tick) == []
    assert sorted(told) == [0, 1]
    with unit_of_work(postgres_store, now=later) as tx:
        token = f"until:{later.isoformat()}"
        assert acknowledge(tx, found(tx), token, actor=who(tx, ANA)).clocks == ("triage",)
        assert list(incidents_with_reminders_due(tx.session, later + timedelta(minutes=4))) == []


def test_two_ticks_fire_a_reminder_once(postgres_store: Store) -> None:
    with unit_of_work(postgres_store, now=T0) as tx:
        cast(tx)
    fired: list[int] = []

    def tick() -> None:
        with unit_of_work(postgres_store, now=T0 + timedelta(minutes=45)) as tx:
            fired.append(fire_reminders(tx, found(tx)))

    assert together(tick, tick) == []
    assert sorted(fired) == [0, 1]


def test_of_two_disposals_of_the_same_bytes_at_once_the_last_destroys_the_key(
    postgres_store: Store,
) -> None:
    """Each alone would see the other's item and leave the bytes: then nobody would destroy them."""
    artifact = postgres_store.artifacts.store([b"the same letter"])
    refs = []
    for _ in range(2):
        with unit_of_work(postgres_store, now=T0) as tx:
            incident = opened(tx)
            refs.append(incident.ref)
            intake = Intake(name="letter.txt", method="web upload")
            take_in(tx, incident, artifact, intake, actor=who(tx, FARID))
            retention.ask_disposal(tx, incident, 1, reason="old", actor=who(tx, FARID))
            retention.answer_disposal(
                tx, incident, 1, approve=True, reason="yes", actor=who(tx, LENA)
            )

    def destroy(ref: str) -> None:
        with unit_of_work(postgres_store, now=T0) as tx:
            assert retention.dispose(tx, found(tx, ref), 1)

    assert together(lambda: destroy(refs[0]), lambda: destroy(refs[1])) == []
    assert not postgres_store.artifacts.has(artifact.sha256)
    methods = {log_of(postgres_store, ref)[-1].data["method"] for ref in refs}
    assert methods == {"key destroyed", "bytes stay, another item is made of them"}
