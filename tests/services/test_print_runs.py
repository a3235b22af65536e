"""Print runs: lists checked, proofs approved by another, letters made once and handed over."""

import csv
import hashlib
import io
import zipfile

import pytest
from print_kit import (
    HEAD,
    LETTER,
    begin,
    bring,
    check,
    letters,
    make,
    number_of_letter,
    people,
    prove,
    release_letter,
    the_incident,
    the_run,
    versions,
)
from sqlmodel import select

from bot.documents.print_letters import count_pages
from bot.domain.incident import IncidentError
from bot.domain.recipient_file import RecipientsFileError
from bot.domain.roles import NotAllowedError
from bot.domain.rulebook import Rulebook
from bot.services.print_papers import proof_pack, sheet_of
from bot.services.print_runs import (
    approve_proof,
    letters_for,
    note_proof,
    start_run,
    stop_run,
)
from bot.store.notice_tables import PrintedLetter, PrintRun
from bot.store.unit_of_work import reading
from tests.documents.notice_kit import pages_of
from tests.kit import CHRIS, FARID, LENA, Case, who

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(case: Case) -> Case:
    """An incident whose letter to people is approved and released."""
    release_letter(case)
    return case


# The list


def test_a_checked_list_is_a_run_and_the_log_names_nobody(ready: Case) -> None:
    content = people(3, "Mia Kind,Weg 4,20457,Hamburg,DE,yes,", "Ohne Ort,Weg 5,20457,,DE,,")
    run = bring(ready, content)
    assert (run.rows_total, run.rows_good, run.rows_bad, run.state) == (5, 3, 2, "checked")
    assert run.summary["reasons"] == {"no_guardian": 1, "city": 1}
    entry = ready.log()[-1]
    assert entry.event == "print_run.checked"
    assert entry.data == {
        "run": 1,
        "notice": number_of_letter(ready),
        "version": run.version,
        "rows": 5,
        "good": 3,
        "returned": 2,
        "recipients_sha256": hashlib.sha256(content).hexdigest(),
        "letters_sha256": run.summary["letters"]["sha256"],
    }
    assert not entry.artifacts, "no bundle carries the list"
    assert b"people.csv" not in entry.line


def test_recipients_are_encrypted_at_rest(ready: Case) -> None:
    bring(ready, people(3))
    stored = [one for one in ready.store.artifacts.inner.root.rglob("*") if one.is_file()]  # type: ignore[attr-defined]
    assert len(stored) >= 3
    assert not any(b"Beispielweg" in one.read_bytes() for one in stored)


def test_rows_come_back_as_they_were_with_reasons_and_without_formulas(ready: Case) -> None:
    checked = check(
        ready, people(1, "=cmd(),Weg 1,20457,,DE,,", "Ana Núñez 1,Beispielweg 1,20457,Hamburg,DE,,")
    )
    assert checked.returned is not None
    with ready.store.artifacts.open(checked.returned.sha256) as file:
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
    assert rows[0] == ["row", "why it came back", *HEAD.split(",")]
    assert rows[1][:3] == ["3", "the city is missing", "'=cmd()"]
    assert rows[2][:2] == ["4", "the same name and address stand in an earlier row (row 2)"]


def test_no_row_is_lost(ready: Case) -> None:
    checked = check(ready, people(50, *[f"Bad {n},,20457,Hamburg,DE,," for n in range(30)]))
    assert checked.returned is not None
    with ready.store.artifacts.open(checked.returned.sha256) as file:
        back = len(file.read().splitlines()) - 1
    assert (checked.total, checked.good, back) == (80, 50, 30)


@pytest.mark.parametrize("content", [b"", b"name\n", f"{HEAD}\n".encode()])
def test_a_file_that_is_no_list_makes_no_run(ready: Case, content: bytes) -> None:
    with pytest.raises(RecipientsFileError):
        bring(ready, content)
    assert "print_run.checked" not in ready.events()


def test_the_same_file_isn_t_taken_twice(ready: Case) -> None:
    bring(ready, people(3))
    with pytest.raises(IncidentError, match="is print run 1 already"):
        bring(ready, people(3))


def test_a_list_needs_a_released_letter(case: Case) -> None:
    release_letter(case, release=False)
    with pytest.raises(IncidentError, match="needs a second person first"):
        bring(case, people(3))


def test_forensics_brings_no_list(ready: Case) -> None:
    with pytest.raises(NotAllowedError):
        bring(ready, people(3), by=FARID)


def test_letters_know_of_each_other_from_the_templates(every_rule: Rulebook) -> None:
    found = letters_for(every_rule, every_rule.notices["us_state_individual"])
    assert (found.kin.minors, found.kin.estates) == (
        "us_minor_guardian",
        "us_estate_representative",
    )
    assert found.instead["us_state_individual"]["US-CA"] == "us_ca_individual"
    assert found.by_state
    ours = letters_for(every_rule, every_rule.notices["us_ma_individual"])
    assert ours.only_in == {"US-MA"}
    assert not ours.by_state
    german = letters_for(every_rule, every_rule.notices["gdpr_art34_person_de"])
    assert german.translations["en"] == LETTER
    assert german.kin.minors == ""


# The proof


def test_the_proof_pack_is_marked_on_every_page_and_repeatable(ready: Case) -> None:
    run = bring(ready, people(40, "Liese mit dem langen Namen,Weg 4,1010,Wien,AT,yes,Eva Kind"))
    pack = proof_pack(ready.store, the_incident(ready), run)
    assert pack.sha256 == proof_pack(ready.store, the_incident(ready), run).sha256
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("proofs.csv").decode("utf-8-sig"))))
        assert any("minor" in row["stands for"] for row in rows)
        for row in rows:
            pdf = archive.read(row["file"])
            assert hashlib.sha256(pdf).hexdigest() == row["sha256"]
            assert all("PROOF – for counsel" in page for page in pages_of(pdf))
            assert len(pages_of(pdf)) == int(row["pages"]) == count_pages(pdf)
    assert "c/o Eva Kind" in "".join(pages_of(pdf))


def test_counsel_approves_the_pack_that_was_made_last(ready: Case) -> None:
    bring(ready, people(3))
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="proof pack"):
        approve_proof(tx, incident, 1, proof_sha256="p" * 64, actor=who(tx, LENA))
    with ready.work() as (tx, incident):
        note_proof(tx, incident, 1, sha256="q" * 64, letters=1, actor=who(tx, CHRIS))
        with pytest.raises(IncidentError, match="Another proof pack"):
            approve_proof(tx, incident, 1, proof_sha256="p" * 64, actor=who(tx, LENA))
    prove(ready)
    run = the_run(ready)
    assert (run.state, run.proof_at) == ("proofed", ready.clock())
    assert ready.log()[-1].data["proof_sha256"] == "p" * 64


def test_only_legal_approves_a_proof(ready: Case) -> None:
    bring(ready, people(3))
    with pytest.raises(NotAllowedError):
        prove(ready, by=CHRIS)


def test_who_brought_the_list_doesn_t_approve_its_proof(ready: Case) -> None:
    bring(ready, people(3), by=LENA)
    with pytest.raises(IncidentError, match="brought the list, can’t approve"):
        prove(ready)


def test_nothing_is_made_without_an_approved_proof(ready: Case) -> None:
    bring(ready, people(3))
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="is checked"):
        start_run(tx, incident, 1, actor=who(tx, LENA))


# Letters


def test_letters_are_made_once_and_their_digests_kept(ready: Case) -> None:
    bring(ready, people(45))
    prove(ready)
    begin(ready)
    run = make(ready)
    made = letters(ready)
    assert (run.state, run.problem, len(made)) == ("done", "", 45)
    assert [one.row for one in made] == list(range(2, 47))
    lines = "".join(f"{one.row},{one.pdf_sha256}\n" for one in made)
    entry = ready.log()[-1]
    assert entry.event == "print_run.finished"
    assert entry.data["total_sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert entry.data["letters"] == 45
    assert make(ready).state == "done", "the job may come twice"
    assert ready.events().count("print_run.finished") == 1


def test_a_run_that_was_killed_goes_on_behind_the_last_letter(ready: Case) -> None:
    bring(ready, people(45))
    prove(ready)
    begin(ready)
    make(ready)
    whole = [(one.row, one.pdf_sha256) for one in letters(ready)]
    _back_to(ready, state="printing", keep=25)
    assert make(ready).state == "done"
    assert [(one.row, one.pdf_sha256) for one in letters(ready)] == whole


def test_a_letter_that_comes_out_otherwise_stops_the_run(ready: Case) -> None:
    bring(ready, people(25))
    prove(ready)
    begin(ready)
    make(ready)
    _back_to(ready, state="printing", keep=20, spoil=3)
    run = make(ready)
    assert run.state == "stopped"
    assert "The letter of row 3 came out with other bytes" in run.problem
    assert ready.log()[-1].data["why"] == "letters differ"


def _back_to(case: Case, *, state: str, keep: int, spoil: int = 0) -> None:
    """As if the process had been killed after so many letters; one digest may be wrong."""
    run = the_run(case)
    with case.work() as (tx, incident):
        for one in tx.session.exec(select(PrintedLetter)).all():
            if one.row > keep + 1:
                tx.session.delete(one)
            elif one.row == spoil:
                one.pdf_sha256 = "0" * 64
                tx.session.add(one)
        row = tx.session.get_one(PrintRun, run.id)
        row.state = state
        tx.session.add(row)
        tx.record(incident, "note.recorded", actor="tocsin", pd={"text": "killed"})


def test_a_person_stops_a_run_and_lets_it_go_on(ready: Case) -> None:
    bring(ready, people(5))
    prove(ready)
    begin(ready)
    with ready.work() as (tx, incident):
        stop_run(tx, incident, 1, actor=who(tx, CHRIS))
    assert make(ready).state == "stopped"
    assert letters(ready) == []
    begin(ready)
    assert make(ready).state == "done"


def test_a_changed_fact_ends_a_run(ready: Case) -> None:
    bring(ready, people(5))
    prove(ready)
    begin(ready)
    ready.learn({"advice_to_people": "Change your passwords."})
    run = make(ready)
    assert (run.state, letters(ready)) == ("stopped", [])
    assert "isn’t the approved one any more" in run.problem
    with ready.work() as (tx, incident), pytest.raises(IncidentError, match="any more"):
        start_run(tx, incident, 1, actor=who(tx, LENA))


def test_a_letter_is_made_from_the_frozen_version(ready: Case) -> None:
    run = bring(ready, people(2))
    version = next(one for one in versions(ready) if one.version == run.version)
    with reading(ready.store) as session:
        sheet = sheet_of(session, ready.store, the_incident(ready), run)
    assert sheet.template.sha256 == version.template_sha256
    assert {key: sheet.facts[key].source for key in version.facts} == {
        key: one["source"] for key, one in version.facts.items()
    }
    assert sheet.marking.plain
