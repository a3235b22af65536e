"""Holds, retention and disposal: asked, approved by another, done; never under a hold."""

from datetime import timedelta

import pytest

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services import evidence, holds, retention
from bot.services.custody import Collect, collect_item
from bot.services.evidence_intake import Intake, take_in
from bot.services.people import learn_person
from bot.store.custody_queries import incidents_with_items_due
from bot.store.queries import evidence_item, incident_by_ref
from bot.store.unit_of_work import origin_of, unit_of_work
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.log import LegalHoldError, erase_personal_data
from tests.conftest import T0
from tests.kit import ANA, FARID, LENA, REF, Case, log_of, opened, texts_of, who

MESSAGE = {"ts": "1.1", "user": ANA, "text": "to be gone one day"}


def preserve(case: Case, *, ts: str = "1.1") -> str:
    with case.work() as (tx, incident):
        message = MESSAGE | {"ts": ts}
        item = evidence.preserve_message(tx, incident, message, channel="C0", actor=who(tx, FARID))
        return item.sha256


def ask(case: Case, *, by: str = FARID) -> None:
    with case.work() as (tx, incident):
        retention.ask_disposal(tx, incident, 1, reason="not needed", actor=who(tx, by))


def approve(case: Case, *, by: str = LENA) -> None:
    with case.work() as (tx, incident):
        retention.answer_disposal(
            tx, incident, 1, approve=True, reason="no claim is open", actor=who(tx, by)
        )


def dispose(case: Case) -> bool:
    with case.work() as (tx, incident):
        return retention.dispose(tx, incident, 1)


def state(case: Case) -> str:
    with case.work() as (tx, incident):
        item = evidence_item(tx.session, incident, 1)
        assert item is not None
        return item.state


def test_asked_by_one_approved_by_another_and_done_once(case: Case) -> None:
    sha256 = preserve(case)
    ask(case)
    assert dispose(case) is False
    approve(case)
    assert dispose(case) is True
    assert dispose(case) is False
    assert state(case) == "disposed"
    with pytest.raises(ArtifactErasedError):
        case.store.artifacts.open(sha256)
    entry = case.log()[-1]
    assert (entry.event, entry.data["item"]) == ("evidence.disposed", 1)
    assert texts_of(case.store, REF, entry.seq) == {"reason": "not needed"}
    said = [one.data["what"] for one in case.log() if one.event == "note.recorded"]
    assert said[-2:] == ["disposal asked", "disposal approved"]


def test_bytes_that_another_item_is_made_of_stay(case: Case) -> None:
    sha256 = preserve(case)
    with case.work() as (tx, incident):
        twin = evidence_item(tx.session, incident, 1)
        assert twin is not None
        preserved = MESSAGE | {"ts": "2.2"}
        other = evidence.preserve_message(
            tx, incident, preserved, channel="C0", actor=who(tx, FARID)
        )
        other.sha256, other.size = twin.sha256, twin.size
        tx.session.add(other)
    ask(case)
    approve(case)
    assert dispose(case)
    assert state(case) == "disposed"
    assert case.store.artifacts.has(sha256)
    assert case.log()[-1].artifacts == ()


def test_bytes_of_two_incidents_go_with_the_last_and_both_bundles_stay_whole(case: Case) -> None:
    """The fixture exports and verifies both logs at the end."""
    artifact = case.store.artifacts.store([b"the same letter"])
    refs = [REF]
    with case.work() as (tx, _incident):
        refs.append(opened(tx, title="Another one").ref)
    for ref in refs:
        with unit_of_work(case.store, now=T0) as tx:
            incident = incident_by_ref(tx.session, ref)
            assert incident is not None
            intake = Intake(name="letter.txt", method="web upload")
            take_in(tx, incident, artifact, intake, actor=who(tx, FARID))
    for ref, left in zip(refs, (True, False), strict=True):
        with unit_of_work(case.store, now=T0) as tx:
            incident = incident_by_ref(tx.session, ref)
            assert incident is not None
            retention.ask_disposal(tx, incident, 1, reason="old", actor=who(tx, FARID))
            retention.answer_disposal(
                tx, incident, 1, approve=True, reason="yes", actor=who(tx, LENA)
            )
            assert retention.dispose(tx, incident, 1)
        assert case.store.artifacts.has(artifact.sha256) is left
        assert log_of(case.store, ref)[-1].artifacts == (artifact,)


def test_nobody_approves_what_they_asked_for(case: Case) -> None:
    preserve(case)
    ask(case, by=LENA)
    with pytest.raises(IncidentError, match="asked for this disposal yourself"):
        approve(case)
    with pytest.raises(NotAllowedError):
        approve(case, by=FARID)
    with pytest.raises(IncidentError, match="asked for already"):
        ask(case)


def test_a_hold_blocks_every_step_and_erasing(case: Case) -> None:
    preserve(case)
    ask(case)
    with case.work() as (tx, incident):
        with pytest.raises(NotAllowedError, match="Only Legal may place"):
            holds.place_hold(tx, incident, reason="suit", actor=who(tx, ANA))
        row = holds.place_hold(tx, incident, reason="Doe v. Halden", actor=who(tx, LENA))
        assert row.number == 1
    entry = case.log()[-1]
    assert entry.data == {"hold": "H-1", "disposals_stopped": [1]}
    assert b"Doe" not in entry.line
    with pytest.raises(IncidentError, match="isn't asked for"):
        approve(case)
    with pytest.raises(IncidentError, match="Legal hold H-1 is in force"):
        ask(case)
    with case.work() as (tx, _), pytest.raises(LegalHoldError, match="H-1"):
        erase_personal_data(
            tx.session.connection(),
            origin=origin_of(case.store, REF),
            seq=entry.seq,
            names=["reason"],
            actor="tocsin",
            signer=case.store.signer,
            now=tx.now,
            reason="asked",
        )
    with case.work() as (tx, incident):
        holds.release_hold(tx, incident, 1, reason="settled", actor=who(tx, LENA))
        with pytest.raises(IncidentError, match="released already"):
            holds.release_hold(tx, incident, 1, reason="again", actor=who(tx, LENA))
        with pytest.raises(IncidentError, match="has no hold H-2; there is: H-1"):
            holds.release_hold(tx, incident, 2, reason="again", actor=who(tx, LENA))
    ask(case)
    approve(case)


def test_a_hold_placed_after_the_approval_stops_the_job(case: Case) -> None:
    sha256 = preserve(case)
    ask(case)
    approve(case)
    with case.work() as (tx, incident):
        holds.place_hold(tx, incident, reason="a letter came", actor=who(tx, LENA))
    assert dispose(case) is False
    assert case.store.artifacts.has(sha256)
    assert state(case) == "collected"


def test_when_its_time_is_over_tocsin_asks_and_asks_again_in_a_year(case: Case) -> None:
    with case.work() as (tx, incident):
        request = Collect(title="recorded call", rank=5, at=T0, retention="call_recordings")
        item = collect_item(tx, incident, request, actor=who(tx, FARID)).item
        assert item.keep_until == T0 + timedelta(days=90)
        learn_person(tx, LENA, name="Lena", zone="Europe/Berlin")
    case.clock.move(days=89, hours=23)
    with case.work() as (tx, incident):
        assert list(incidents_with_items_due(tx.session, tx.now)) == []
        assert retention.ask_what_is_due(tx, incident) == []
    case.clock.move(hours=1)
    with case.work() as (tx, incident):
        assert list(incidents_with_items_due(tx.session, tx.now)) == [incident.id]
        assert retention.ask_what_is_due(tx, incident) == [1]
        assert [job.arguments["slack_id"] for job in tx.jobs] == [LENA]
        assert retention.ask_what_is_due(tx, incident) == []
    assert case.log()[-1].actor == "tocsin"
    with case.work() as (tx, incident):
        assert list(incidents_with_items_due(tx.session, tx.now)) == []
        retention.answer_disposal(
            tx, incident, 1, approve=False, reason="a claim is open", actor=who(tx, LENA)
        )
    case.clock.move(days=364)
    with case.work() as (tx, incident):
        assert retention.ask_what_is_due(tx, incident) == []
    case.clock.move(days=1)
    with case.work() as (tx, incident):
        assert retention.ask_what_is_due(tx, incident) == [1]


def test_under_a_hold_tocsin_does_not_ask(case: Case) -> None:
    with case.work() as (tx, incident):
        request = Collect(title="recorded call", rank=5, at=T0, retention="call_recordings")
        collect_item(tx, incident, request, actor=who(tx, FARID))
        holds.place_hold(tx, incident, reason="suit", actor=who(tx, LENA))
    case.clock.move(days=91)
    with case.work() as (tx, incident):
        assert retention.ask_what_is_due(tx, incident) == []


def test_legal_sets_how_long_an_item_is_kept(case: Case) -> None:
    preserve(case)
    with case.work() as (tx, incident):
        item = retention.set_retention(tx, incident, 1, "tax_financial", actor=who(tx, LENA))
        assert item.keep_until == T0.replace(year=2033)
        with pytest.raises(IncidentError, match=r"no class of record “for_ever”\. There is: call"):
            retention.set_retention(tx, incident, 1, "for_ever", actor=who(tx, LENA))
        with pytest.raises(NotAllowedError):
            retention.set_retention(tx, incident, 1, "", actor=who(tx, FARID))
        assert retention.set_retention(tx, incident, 1, "", actor=who(tx, LENA)).keep_until is None
