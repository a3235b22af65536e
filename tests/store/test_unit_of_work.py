"""One command, one transaction: rows, evidence and jobs stand or fall together."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlmodel import select, update

from bot.domain.incident import Severity
from bot.services.evidence import record_note
from bot.services.incidents import change_severity
from bot.store.instants import NaiveTimeError
from bot.store.messages import claim_request, first_try, forget_deliveries, note_posted, posted
from bot.store.tables import InboundDelivery, Incident, Person
from bot.store.unit_of_work import (
    DuplicateDeliveryError,
    Store,
    UnrecordedChangeError,
    reading,
    unit_of_work,
)
from evidence_store.events import UnknownEventError
from tests.conftest import T0, MovingClock
from tests.kit import ANA, REF, SAM, Case, entries_of, jobs_of, opened, who


def people(store: Store) -> list[Person]:
    with reading(store) as session:
        return list(session.exec(select(Person)).all())


def test_a_change_without_an_entry_is_refused_whole(case: Case) -> None:
    def change() -> None:
        with case.work() as (tx, incident):
            incident.title = "Something else"
            tx.session.add(incident)
            tx.enqueue("refresh_card", incident)

    with pytest.raises(UnrecordedChangeError, match="INC-2026-0001 changed without"):
        change()
    with case.work() as (_tx, incident):
        assert incident.title == "Claims database copied"


def test_a_bulk_change_is_refused(case: Case) -> None:
    def change() -> None:
        with case.work() as (tx, _incident):
            tx.session.execute(update(Incident).values(title="Something else"))

    with pytest.raises(UnrecordedChangeError, match="Change rows of Incident one by one"):
        change()
    with case.work() as (_tx, incident):
        assert incident.title == "Claims database copied"


def test_a_row_touched_and_left_as_it_was_is_no_change(case: Case) -> None:
    before = case.events()
    with case.work() as (tx, incident):
        incident.title = str(incident.title)
        tx.session.add(incident)
    assert case.events() == before


@pytest.mark.slow
def test_a_delivery_is_acted_on_once(store: Store, clock: MovingClock) -> None:
    for _ in range(2):
        try:
            with unit_of_work(store, now=clock(), delivery_key="trigger/1") as tx:
                opened(tx)
        except DuplicateDeliveryError:
            continue
    with reading(store) as session:
        assert [one.ref for one in session.exec(select(Incident)).all()] == [REF]


def test_a_delivery_that_failed_may_come_again(store: Store, clock: MovingClock) -> None:
    def fail() -> None:
        with unit_of_work(store, now=clock(), delivery_key="trigger/1"):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with unit_of_work(store, now=clock(), delivery_key="trigger/1") as tx:
        opened(tx)
    assert entries_of(store, REF)[0] == "log.opened"


def test_an_error_leaves_nothing(store: Store, clock: MovingClock) -> None:
    def fail() -> None:
        with unit_of_work(store, now=clock()) as tx:
            opened(tx)
            assert len(tx.jobs) > 5
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert people(store) == []
    assert jobs_of(store) == 0
    assert entries_of(store, REF) == []


def test_jobs_are_queued_with_the_commit_and_not_before(store: Store, clock: MovingClock) -> None:
    with unit_of_work(store, now=clock()) as tx:
        opened(tx)
        asked = len(tx.jobs)
        assert jobs_of(store) == 0
    assert jobs_of(store) == asked


def test_a_refused_evidence_entry_undoes_the_rows(case: Case) -> None:
    before = (case.events(), jobs_of(case.store))

    def fail() -> None:
        with case.work() as (tx, incident):
            change_severity(tx, incident, Severity.SEV1, reason="", actor=who(tx, ANA))
            tx.record(incident, "no.such_word", actor="p-1")

    with pytest.raises(UnknownEventError, match=r"no\.such_word"):
        fail()
    assert (case.events(), jobs_of(case.store)) == before
    with case.work() as (_tx, incident):
        assert incident.severity == "SEV2"


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 11, 19, 9, 0)  # noqa: DTZ001 - the point
    with pytest.raises(NaiveTimeError, match="has no time zone"), unit_of_work(store, now=naive):
        raise AssertionError("no transaction is opened")


@pytest.mark.slow
def test_two_threads_write_one_chain(case: Case) -> None:
    before = len(case.events())
    problems: list[BaseException] = []

    def write(slack_id: str) -> None:
        try:
            for number in range(8):
                with case.work() as (tx, incident):
                    record_note(tx, incident, f"note {number}", actor=who(tx, slack_id))
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=write, args=(one,)) for one in (ANA, SAM)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    log = case.log()
    assert [entry.seq for entry in log] == list(range(before + 16))
    assert [one.prev for one in log[1:]] == [one.leaf for one in log[:-1]]


def test_a_person_met_twice_at_once_is_one_person(store: Store, clock: MovingClock) -> None:
    with unit_of_work(store, now=clock()) as tx:
        first = who(tx, SAM)
        assert who(tx, SAM).id == first.id
    assert len(people(store)) == 1


def test_a_signed_request_is_taken_once(store: Store, clock: MovingClock) -> None:
    assert claim_request(store, "request/1", now=clock()) is True
    assert claim_request(store, "request/1", now=clock()) is False


def test_old_delivery_keys_are_forgotten(store: Store, clock: MovingClock) -> None:
    claim_request(store, "request/old", now=clock())
    claim_request(store, "request/new", now=clock.move(days=3))
    forget_deliveries(store, now=clock(), older_than=timedelta(days=2))
    with reading(store) as session:
        left = [row.key for row in session.exec(select(InboundDelivery)).all()]
    assert left == ["request/new"]


def test_a_posted_message_is_known_by_its_key(store: Store, clock: MovingClock) -> None:
    assert posted(store, "card/1") is None
    first_try(store, "card/1", channel="C0", now=clock())
    first_try(store, "card/1", channel="C0", now=clock.move(minutes=1))
    tried = posted(store, "card/1")
    assert tried is not None
    assert (tried.ts, tried.tried_at) == ("", T0)
    note_posted(store, "card/1", ts="1.1", digest="d")
    known = posted(store, "card/1")
    assert known is not None
    assert (known.ts, known.digest) == ("1.1", "d")
