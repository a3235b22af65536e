"""A print run's list is erased: asked by one, confirmed by another; comparisons are recorded."""

import pytest
from print_kit import (
    LETTER,
    approve_letter,
    begin,
    bring,
    letters,
    list_a_run,
    number_of_letter,
    people,
    prove,
    release_letter,
    the_incident,
    the_run,
)

from bot.blocks.messages import direct_message
from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.services import holds, notices, retention
from bot.services.evidence_intake import Intake, take_in
from bot.services.print_erasure import ask_erasure, erase_list, refuse_erasure
from bot.services.print_papers import part_pack, proof_pack
from bot.services.print_runs import hand_over, note_taken, start_run, stop_run
from bot.services.printer_list import compare_with_printer, record_comparison
from bot.services.situation import situation_of
from bot.services.verification import Status, verify_file
from bot.store.queries import evidence_items
from bot.store.unit_of_work import reading
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.artifacts import ArtifactRef
from tests.kit import ANA, CHRIS, FARID, LENA, Case, jobs_of, texts_of, who

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(case: Case) -> Case:
    """An incident whose letter to people is approved and released."""
    release_letter(case)
    return case


@pytest.fixture
def listed(ready: Case) -> Case:
    """A finished run of twelve letters with made-up digests; one row came back."""
    list_a_run(ready, people(12, "Ohne Ort,Weg 5,20457,,DE,,"))
    return ready


def ask(case: Case, number: int = 1, *, by: str = CHRIS) -> None:
    with case.work() as (tx, incident):
        ask_erasure(tx, incident, number, reason="all letters are posted", actor=who(tx, by))


def erase(case: Case, number: int = 1, *, by: str = LENA) -> None:
    with case.work() as (tx, incident):
        erase_list(tx, incident, number, reason="no claim is open", actor=who(tx, by))


def files(case: Case, number: int = 1) -> dict[str, str]:
    """The digests of what a run keeps of its list."""
    run = the_run(case, number)
    made = {name: run.summary[name]["sha256"] for name in ("letters", "returned")}
    return {"recipients": run.recipients_sha256, **made}


def test_asked_by_one_erased_by_another_and_only_digests_stay(listed: Case) -> None:
    before = files(listed)
    letter = letters(listed)[0]
    assert letter.row_sha256
    jobs = jobs_of(listed.store)
    ask(listed)
    assert jobs_of(listed.store) == jobs + 1, "Legal is told"
    erase(listed)
    assert jobs_of(listed.store) == jobs + 4, "the bytes of three files are deleted"
    for sha256 in before.values():
        assert listed.store.artifacts.erased(sha256)
        with pytest.raises(ArtifactErasedError):
            listed.store.artifacts.open(sha256)
    entry = listed.log()[-1]
    assert entry.event == "print_run.list_erased"
    assert entry.data == {
        "run": 1,
        "notice": number_of_letter(listed),
        "version": the_run(listed).version,
        "method": "key destroyed",
        **{f"{what}_sha256": sha256 for what, sha256 in before.items()},
    }
    assert not entry.artifacts
    assert texts_of(listed.store, listed.ref, entry.seq) == {"reason": "no claim is open"}
    assert b"claim" not in entry.line
    assert all(one.row_sha256 == "" for one in letters(listed)), "a guessed name confirms nothing"
    with reading(listed.store) as session:
        assert verify_file(session, letter.pdf_sha256).status is Status.CURRENT


def test_legal_is_told_where_to_answer(listed: Case) -> None:
    with reading(listed.store) as session:
        situation = situation_of(session, the_incident(listed), listed.store.rules)
    arguments = {"number": 1, "notice": 2, "reason": "all is posted & <done>"}
    base = "https://tocsin.example.com"
    text, _ = direct_message("list_erasure", arguments, situation, base_url=base)
    assert f"<{base}/incidents/{listed.ref}/notices/2/print|print run 1>" in text
    assert "all is posted &amp; &lt;done&gt;" in text


def test_nothing_can_be_made_of_an_erased_list(listed: Case) -> None:
    ask(listed)
    erase(listed)
    run, incident = the_run(listed), the_incident(listed)
    with pytest.raises(IncidentError, match="print run 1 is erased"):
        part_pack(listed.store, incident, run, 1)
    with pytest.raises(IncidentError, match="print run 1 is erased"):
        proof_pack(listed.store, incident, run)
    with listed.work() as (tx, found):
        for what in ("proof", "returned rows"):
            with pytest.raises(IncidentError, match="is erased"):
                note_taken(tx, found, 1, sha256="0" * 64, what=what, actor=who(tx, CHRIS))
        with pytest.raises(IncidentError, match="is erased"):
            hand_over(tx, found, 1, what={"part": 1}, actor=who(tx, CHRIS))
        hand_over(tx, found, 1, what={"list": "letters.csv"}, actor=who(tx, CHRIS))
    with pytest.raises(IncidentError, match="print run 1 is erased"):
        ask(listed)
    with pytest.raises(IncidentError, match="print run 1 is erased"):
        erase(listed)


def test_a_run_that_was_given_up_can_be_erased_and_its_list_brought_again(ready: Case) -> None:
    content = people(3)
    bring(ready, content)
    with pytest.raises(IncidentError, match="Once its letters are made, or it is stopped"):
        ask(ready)
    with ready.work() as (tx, incident):
        stop_run(tx, incident, 1, actor=who(tx, CHRIS))
    ask(ready)
    erase(ready)
    assert bring(ready, content).number == 2
    assert ready.store.artifacts.has(the_run(ready, 2).recipients_sha256)


def test_a_stopped_run_waits_for_the_answer_and_ends_with_its_list(ready: Case) -> None:
    bring(ready, people(3))
    prove(ready)
    begin(ready)
    with ready.work() as (tx, incident):
        stop_run(tx, incident, 1, actor=who(tx, CHRIS))
    ask(ready)
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="Legal answers first"):
        start_run(tx, incident, 1, actor=who(tx, CHRIS))
    erase(ready)
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="is erased"):
        start_run(tx, incident, 1, actor=who(tx, CHRIS))


def test_nobody_confirms_what_they_asked_for(listed: Case) -> None:
    ask(listed, by=LENA)
    with pytest.raises(IncidentError, match="You asked for this yourself"):
        erase(listed)
    with pytest.raises(NotAllowedError):
        erase(listed, by=CHRIS)
    assert listed.store.artifacts.has(files(listed)["letters"])


def test_it_is_asked_once_and_what_is_kept_can_be_asked_for_again(listed: Case) -> None:
    with pytest.raises(IncidentError, match="Nobody asks for the list"):
        erase(listed)
    ask(listed)
    with pytest.raises(IncidentError, match="is asked for; Legal answers"):
        ask(listed, by=ANA)
    with listed.work() as (tx, incident):
        refuse_erasure(tx, incident, 1, reason="a claim is open", actor=who(tx, LENA))
    assert listed.log()[-1].event == "print_run.erasure_refused"
    assert listed.store.artifacts.has(files(listed)["letters"])
    ask(listed)
    erase(listed)


def test_a_legal_hold_stops_it_at_every_step(listed: Case) -> None:
    ask(listed)
    with listed.work() as (tx, incident):
        holds.place_hold(tx, incident, reason="a suit", actor=who(tx, LENA))
    assert listed.log()[-1].data["list_erasures_stopped"] == [1]
    with pytest.raises(IncidentError, match="Legal hold H-1 is in force: nothing may be erased"):
        ask(listed)
    with pytest.raises(IncidentError, match="Nobody asks for the list"):
        erase(listed)
    with listed.work() as (tx, incident):
        holds.release_hold(tx, incident, 1, reason="the suit is over", actor=who(tx, LENA))
    with pytest.raises(IncidentError, match="Nobody asks for the list"):
        erase(listed)
    ask(listed)
    erase(listed)


def test_a_list_that_another_run_needs_stays_until_that_is_erased_too(listed: Case) -> None:
    """The very same list is brought for a second notice, which takes the place of the first."""
    with listed.work() as (tx, incident):
        first = number_of_letter(listed)
        notices.withdraw_notice(tx, incident, first, reason="too long", actor=who(tx, LENA))
        second = notices.draft_notice(tx, incident, LETTER, actor=who(tx, CHRIS)).number
    approve_letter(listed, second)
    list_a_run(listed, people(12, "Ohne Ort,Weg 5,20457,,DE,,"), notice=second)
    shared = files(listed)
    assert files(listed, 2) == shared
    ask(listed, 1)
    erase(listed, 1)
    entry = listed.log()[-1]
    assert entry.data["kept"] == ["recipients", "letters", "returned"]
    assert not any(name in entry.data for name in ("recipients_sha256", "letters_sha256"))
    assert all(listed.store.artifacts.has(one) for one in shared.values())
    with pytest.raises(IncidentError, match="print run 1 is erased"):
        part_pack(listed.store, the_incident(listed), the_run(listed), 1)
    assert proof_pack(listed.store, the_incident(listed), the_run(listed, 2)).letters
    ask(listed, 2)
    erase(listed, 2)
    assert all(listed.store.artifacts.erased(one) for one in shared.values())


def test_bytes_that_are_evidence_too_stay_with_whatever_lives_longer(listed: Case) -> None:
    run = the_run(listed)
    brought = ArtifactRef(sha256=run.recipients_sha256, size=run.recipients_size)
    for name in ("one.csv", "two.csv"):
        with listed.work() as (tx, incident):
            intake = Intake(name=name, method="web upload")
            take_in(tx, incident, brought, intake, actor=who(tx, FARID))
            number = len(evidence_items(tx.session, incident))
        if name == "one.csv":
            dispose(listed, number)
            assert listed.log()[-1].data["method"] == "bytes stay, a print run needs them"
            assert listed.store.artifacts.has(brought.sha256)
    ask(listed)
    erase(listed)
    assert listed.log()[-1].data["kept"] == ["recipients"]
    assert listed.store.artifacts.has(brought.sha256)
    assert listed.store.artifacts.erased(run.summary["letters"]["sha256"])
    dispose(listed, number)
    assert listed.store.artifacts.erased(brought.sha256)


def dispose(case: Case, number: int) -> None:
    with case.work() as (tx, incident):
        retention.ask_disposal(tx, incident, number, reason="old", actor=who(tx, FARID))
        retention.answer_disposal(
            tx, incident, number, approve=True, reason="yes", actor=who(tx, LENA)
        )
    with case.work() as (tx, incident):
        assert retention.dispose(tx, incident, number)


# The printer's list


@pytest.mark.parametrize("agrees", [True, False])
def test_a_comparison_stands_in_the_log_and_the_run_remembers_it(
    listed: Case, *, agrees: bool
) -> None:
    rows = [f"{one.row},{one.pages},{one.pdf_sha256}" for one in letters(listed)]
    kept = rows if agrees else rows[2:]
    content = "\n".join(["row,pages,sha256", *kept]).encode()
    with reading(listed.store) as session:
        found = compare_with_printer(session, the_run(listed), content)
    with listed.work() as (tx, incident):
        record_comparison(tx, incident, 1, found, actor=who(tx, CHRIS))
    run, entry = the_run(listed), listed.log()[-1]
    assert entry.event == "print_run.compared"
    assert (entry.data["letters"], entry.data["printer_letters"]) == (12, len(kept))
    assert entry.data["total_sha256"] == run.summary["total_sha256"]
    assert (entry.data["printer_total_sha256"] == entry.data["total_sha256"]) is agrees
    assert entry.data["differences"] == ({} if agrees else {"missing": 2})
    assert run.summary["compared"]["agrees"] is entry.data["agrees"] is agrees
    assert run.summary["compared"]["at"] == listed.clock().isoformat()


def test_a_comparison_needs_a_finished_run(ready: Case) -> None:
    bring(ready, people(3))
    with reading(ready.store) as session:
        found = compare_with_printer(session, the_run(ready), b"row,sha256\n")
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="is checked"):
        record_comparison(tx, incident, 1, found, actor=who(tx, CHRIS))
    assert "print_run.compared" not in ready.events()
