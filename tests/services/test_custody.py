"""Custody: collected in the right order, handed over by two people, worked on, given back."""

from datetime import timedelta

import pytest

from bot.domain.custody import CustodyError
from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services import custody, evidence
from bot.services.access import UnknownIncidentError
from bot.services.custody import Collect
from bot.store.queries import evidence_item
from bot.store.tables import EvidenceItem, Incident
from bot.store.unit_of_work import Tx
from tests.conftest import T0
from tests.kit import ANA, CHRIS, FARID, LENA, OBSERVER, REF, SAM, STRANGER, Case, texts_of, who


def laptop(
    tx: Tx, incident: Incident, *, by: str = FARID, rank: int = 4, **more: str
) -> custody.Taken:
    request = Collect(
        title="Laptop of Jane Doe",
        rank=rank,
        at=T0 - timedelta(hours=1),
        offset="+01:00",
        clock_source="checked",
        fields={"serial": "SN-4711", "host": "fin-07", **more},
    )
    return custody.collect_item(tx, incident, request, actor=who(tx, by))


def item_of(tx: Tx, incident: Incident, number: int = 1) -> EvidenceItem:
    found = evidence_item(tx.session, incident, number)
    assert found is not None
    return found


def test_what_was_collected_stands_behind_commitments(case: Case) -> None:
    with case.work() as (tx, incident):
        taken = laptop(tx, incident)
        assert (taken.item.number, taken.item.state, taken.warning) == (1, "recorded", "")
        assert taken.item.custodian_id == who(tx, FARID).id
    entry = case.log()[-1]
    assert entry.event == "evidence.collected"
    assert entry.data == {
        "item": 1,
        "occurred_at": "2026-11-19T08:00:00Z",
        "offset": "+01:00",
        "clock_source": "checked",
        "volatility": 4,
        "quantity": 1,
    }
    assert b"Jane" not in entry.line
    assert b"SN-4711" not in entry.line
    assert texts_of(case.store, REF, entry.seq) == {
        "title": "Laptop of Jane Doe",
        "serial": "SN-4711",
        "host": "fin-07",
    }


@pytest.mark.parametrize(
    ("host", "warned"), [("fin-07", True), ("FIN-07 ", True), ("", True), ("web-3", False)]
)
def test_memory_after_the_disk_of_the_same_machine_warns(
    case: Case, host: str, *, warned: bool
) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident, rank=4)
    with case.work() as (tx, incident):
        taken = laptop(tx, incident, rank=2, host=host)
    assert taken.warning.startswith("E-1 was collected first, though “Memory") is warned
    assert case.log()[-1].data.get("after_less_volatile") == ([1] if warned else None)


def test_the_right_order_warns_of_nothing(case: Case) -> None:
    for rank in (1, 2, 4, 4):
        with case.work() as (tx, incident):
            assert laptop(tx, incident, rank=rank).warning == ""


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"rank": 9}, "rank"),
        ({"at": T0 + timedelta(seconds=1)}, "at"),
        ({"clock_source": "sundial"}, "clock_source"),
        ({"quantity": 0}, "quantity"),
        ({"sha256": "abc"}, "sha256"),
        ({"retention": "for_ever"}, "retention"),
        ({"fields": {"serial": "x" * 2001}}, "serial"),
    ],
)
def test_what_cant_be_taken_is_refused_at_its_field(
    case: Case, wrong: dict[str, object], field: str
) -> None:
    before = case.events()
    request: dict[str, object] = {"title": "disk", "rank": 4, "at": T0} | wrong
    with case.work() as (tx, incident), pytest.raises(CustodyError) as caught:
        custody.collect_item(tx, incident, Collect(**request), actor=who(tx, FARID))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert case.events() == before


def test_an_item_changes_hands_when_the_receiver_says_so(case: Case) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident)
        custody.release_item(
            tx, incident, 1, who(tx, LENA), note="to the safe", actor=who(tx, FARID)
        )
        assert [job.arguments["slack_id"] for job in tx.jobs if job.name == "tell"] == [LENA]
        assert item_of(tx, incident).custodian_id == who(tx, FARID).id
    case.clock.move(hours=2)
    with case.work() as (tx, incident):
        with pytest.raises(IncidentError, match="only they can answer"):
            custody.receive_item(tx, incident, 1, note="", actor=who(tx, FARID))
        custody.receive_item(tx, incident, 1, note="seal 12 whole", actor=who(tx, LENA))
        assert item_of(tx, incident).custodian_id == who(tx, LENA).id
    steps = [one for one in case.log() if one.event == "evidence.transferred"]
    assert [(one.data["step"], one.data["transfer"]) for one in steps] == [
        ("released", 1),
        ("received", 1),
    ]
    assert steps[0].actor == steps[0].data["from"] == steps[1].data["from"]
    assert steps[1].actor == steps[1].data["to"]
    assert texts_of(case.store, REF, steps[1].seq) == {"note": "seal 12 whole"}


def test_a_refused_item_stays_where_it_was_and_may_be_sent_again(case: Case) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident)
        farid, lena = who(tx, FARID), who(tx, LENA)
        custody.release_item(tx, incident, 1, lena, note="", actor=farid)
        with pytest.raises(IncidentError, match="on its way already"):
            custody.release_item(tx, incident, 1, who(tx, CHRIS), note="", actor=farid)
        with pytest.raises(CustodyError, match="why you don't take it"):
            custody.refuse_item(tx, incident, 1, reason=" ", actor=lena)
        custody.refuse_item(tx, incident, 1, reason="the seal is broken", actor=lena)
        assert item_of(tx, incident).custodian_id == farid.id
        assert custody.release_item(tx, incident, 1, lena, note="", actor=farid).number == 2
        custody.withdraw_transfer(tx, incident, 1, note="", actor=farid)
        with pytest.raises(IncidentError, match="isn't on its way"):
            custody.receive_item(tx, incident, 1, note="", actor=lena)
    told = [one.data["step"] for one in case.log() if one.event == "evidence.transferred"]
    assert told == ["released", "refused", "released", "withdrawn"]


def test_who_may_hand_over(case: Case) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident, by=SAM)
        chris = who(tx, CHRIS)
        with pytest.raises(NotAllowedError, match="Only Forensics may hand over or return"):
            custody.release_item(tx, incident, 1, chris, note="", actor=who(tx, ANA))
        with pytest.raises(IncidentError, match="isn't in INC-2026-0001"):
            custody.release_item(tx, incident, 1, who(tx, STRANGER), note="", actor=who(tx, SAM))
        with pytest.raises(UnknownIncidentError):
            custody.release_item(tx, incident, 1, chris, note="", actor=who(tx, STRANGER))
        with pytest.raises(IncidentError, match="already"):
            custody.release_item(tx, incident, 1, who(tx, SAM), note="", actor=who(tx, SAM))
        row = custody.release_item(tx, incident, 1, chris, note="", actor=who(tx, FARID))
        assert row.from_id == who(tx, SAM).id
        with pytest.raises(NotAllowedError):
            laptop(tx, incident, by=OBSERVER)


def test_copies_analyses_and_what_was_derived_are_recorded(case: Case) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident)
        farid = who(tx, FARID)
        custody.record_copy(tx, incident, 1, note="for the lab, ewfacquire 20240506", actor=farid)
        custody.record_analysis(
            tx, incident, 1, note="plaso on the copy: logon at 03:12", actor=farid
        )
        image = custody.derive_item(
            tx, incident, 1, title="disk image", note="ewfacquire -t", actor=farid
        )
        assert (image.number, image.parent_id) == (2, item_of(tx, incident).id)
        with pytest.raises(NotAllowedError, match="record a copy"):
            custody.record_copy(tx, incident, 1, note="mine", actor=who(tx, CHRIS))
        with pytest.raises(CustodyError, match="for whom the copy is"):
            custody.record_copy(tx, incident, 1, note=" ", actor=farid)
    assert case.log()[-1].data == {"item": 2, "parent": 1}
    assert case.events()[-3:] == ["evidence.copied", "evidence.analysed", "evidence.derived"]


def test_what_was_given_back_is_out_of_our_hands(case: Case) -> None:
    with case.work() as (tx, incident):
        laptop(tx, incident)
        farid = who(tx, FARID)
        custody.return_item(tx, incident, 1, note="to Jane, receipt 7", actor=farid)
        with pytest.raises(IncidentError, match="was returned; nothing more"):
            custody.record_copy(tx, incident, 1, note="late", actor=farid)
        message = {"ts": "1.1", "user": ANA, "text": "seen"}
        evidence.preserve_message(tx, incident, message, channel="C0", actor=farid)
        with pytest.raises(IncidentError, match="lies in the evidence store"):
            custody.return_item(tx, incident, 2, note="to Jane", actor=farid)
    assert case.events()[-2:] == ["evidence.returned", "message.preserved"]
