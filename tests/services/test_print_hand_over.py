"""Print runs: parts handed over, the printer's list compared, letters and codes verified."""

import csv
import hashlib
import io
import zipfile
from dataclasses import replace

import pytest
from print_kit import (
    begin,
    bring,
    letters,
    list_a_run,
    make,
    number_of_letter,
    people,
    prove,
    release_letter,
    the_incident,
    the_run,
    versions,
)

from bot.domain.incident import IncidentError
from bot.domain.recipient_file import RecipientsFileError
from bot.services.print_papers import part_pack
from bot.services.print_runs import hand_over
from bot.services.printer_list import compare_with_printer
from bot.services.verification import Status, clean_code, verify_code, verify_file
from bot.store.unit_of_work import reading
from tests.kit import CHRIS, Case, who

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(case: Case) -> Case:
    """An incident whose letter to people is approved and released."""
    release_letter(case)
    return case


@pytest.fixture
def printed(ready: Case) -> Case:
    bring(ready, people(12))
    prove(ready)
    begin(ready)
    make(ready)
    return ready


def test_a_part_holds_the_very_letters_of_the_run(printed: Case) -> None:
    run = the_run(printed)
    pack = part_pack(printed.store, the_incident(printed), run, 1)
    made = {one.row: one for one in letters(printed)}
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("letters.csv").decode("utf-8-sig"))))
        assert len(rows) == pack.letters == 12
        for row in rows:
            digest = hashlib.sha256(archive.read(row["file"])).hexdigest()
            assert digest == row["sha256"] == made[int(row["row"])].pdf_sha256
            assert "Ana" not in row["file"]
    with pytest.raises(IncidentError, match="the parts 1 to 1"):
        part_pack(printed.store, the_incident(printed), run, 2)
    with printed.work() as (tx, incident):
        hand_over(tx, incident, 1, what={"part": 1, "letters": 12}, actor=who(tx, CHRIS))
    assert printed.log()[-1].event == "print_run.handed_over"


@pytest.fixture
def listed(ready: Case) -> Case:
    """A finished run whose digests are made up: enough to compare lists."""
    list_a_run(ready, people(12))
    return ready


def printer_list(case: Case, change: str = "") -> bytes:
    """The printer's list; changed in one way."""
    rows = [f"{one.row},{one.pages},{one.pdf_sha256}" for one in letters(case)]
    first = rows[0].split(",")
    rows = {
        "": rows,
        "missing": rows[1:],
        "not ours": [*rows, f"999,1,{'0' * 64}"],
        "another file": [f"{first[0]},{first[1]},{'0' * 64}", *rows[1:]],
        "pages": [f"{first[0]},99,{first[2]}", *rows[1:]],
        "twice": [*rows, rows[0]],
        "unreadable": [*rows, f"x,1,{'0' * 64}"],
    }[change]
    return "\n".join(["row,pages,sha256", *rows]).encode()


@pytest.mark.parametrize(
    "change", ["", "missing", "not ours", "another file", "pages", "twice", "unreadable"]
)
def test_the_printer_s_list_is_compared_both_ways(listed: Case, change: str) -> None:
    with reading(listed.store) as session:
        found = compare_with_printer(session, the_run(listed), printer_list(listed, change))
    assert found.counts == ({change: 1} if change else {})
    assert found.agrees is not bool(change)
    assert (found.our_total == found.their_total) is (
        change in {"", "pages", "twice", "unreadable"}
    )


def test_a_printer_s_list_without_hashes_is_refused(listed: Case) -> None:
    with reading(listed.store) as session, pytest.raises(RecipientsFileError, match="sha256"):
        compare_with_printer(session, the_run(listed), b"row,pages\n2,1\n")


# Verification


def test_a_letter_is_verified_by_its_file(listed: Case) -> None:
    one = letters(listed)[0]
    with reading(listed.store) as session:
        found = verify_file(session, one.pdf_sha256)
        assert (found.status, found.is_letter, found.by_file) == (Status.CURRENT, True, True)
        assert found.ref == f"{listed.ref} / N-{number_of_letter(listed)}"
        assert verify_code(session, one.pdf_sha256) == found
        assert verify_file(session, "0" * 64).status is Status.UNKNOWN


def test_codes_of_a_version_follow_what_becomes_of_it(listed: Case) -> None:
    version = next(one for one in versions(listed) if one.pdf_sha256)
    letter = letters(listed)[0].pdf_sha256
    codes = (version.content_sha256[:16], version.content_sha256[:12], version.pdf_sha256, letter)

    def statuses() -> set[Status]:
        with reading(listed.store) as session:
            return {verify_code(session, code).status for code in codes}

    assert statuses() == {Status.CURRENT}
    listed.learn({"advice_to_people": "Change your passwords."})
    assert statuses() == {Status.SUPERSEDED}, "a newer version is being prepared"
    newest = versions(listed)[-1]
    assert not newest.pdf_sha256
    with reading(listed.store) as session:
        found = verify_code(session, newest.content_sha256)
    assert found.status is Status.UNKNOWN, "nobody approved the draft"
    assert (found.ref, found.version, found.approved_at) == ("", 0, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" https://tocsin.example.com/verify/0123456789ABCDEF/ ", "0123456789abcdef"),
        ("0123 4567 89ab", "0123456789ab"),
        ("0123456789ab…", "0123456789ab"),
        ("0123456789a", ""),
        ("0" * 65, ""),
        ("0123456789a%", ""),
        ("", ""),
    ],
)
def test_codes_are_read_as_people_type_them(text: str, code: str) -> None:
    assert clean_code(text) == code


def test_a_changed_sheet_is_noticed_when_a_part_is_made_again(printed: Case) -> None:
    store = replace(printed.store, base_url="https://elsewhere.example.com")
    with pytest.raises(ValueError, match="came out with other bytes"):
        part_pack(store, the_incident(printed), the_run(printed), 1)
