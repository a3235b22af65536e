"""Lists of recipients: how bytes become rows, why a row comes back, which letter it gets."""

import secrets
from collections.abc import Iterator
from datetime import date

import pytest

from bot.domain.proof_sample import MAX_PROOFS, ProofSample
from bot.domain.recipient_file import (
    MAX_LINE,
    Encoding,
    RecipientsFileError,
    find_encoding,
    open_table,
)
from bot.domain.recipient_memory import Seen
from bot.domain.recipient_routes import Kin, Letters
from bot.domain.recipients import REASONS, Recipient, Returned, RowChecker, posted_from

HEAD = "name,address,address_2,postcode,city,state,country,jurisdiction,language,birth_date,minor"
HEAD += ",guardian,deceased,representative"
COLUMNS = HEAD.split(",")
GOOD = {
    "name": "Ana Núñez",
    "address": "12 Long Street",
    "postcode": "21401",
    "city": "Annapolis",
    "state": "MD",
    "country": "US",
    "jurisdiction": "US-MD",
}
LATIN = frozenset(range(0x20, 0x180))
STATE = Letters(
    id="us_state_individual",
    kin=Kin(minors="us_minor_guardian", estates="us_estate_representative"),
    instead={
        "us_state_individual": {"US-CA": "us_ca_individual", "US-MA": "us_ma_individual"},
        "us_minor_guardian": {"US-MA": "us_ma_individual"},
    },
    translations={"en": "us_state_individual"},
    by_state=True,
)
EUROPE = Letters(
    id="gdpr_art34_person",
    translations={"en": "gdpr_art34_person", "de": "gdpr_art34_person_de"},
)


def letters(name: str) -> Letters:
    """The American letters, as one of them sees the others."""
    return Letters(
        id=name,
        kin=STATE.kin,
        instead=STATE.instead,
        by_state=True,
        extra_lines=1 if name in {STATE.kin.minors, STATE.kin.estates} else 0,
    )


def checker(to: Letters = STATE, home: str = "US") -> RowChecker:
    return RowChecker(
        letters=to,
        places={name: at for at, name in enumerate(COLUMNS)},
        width=len(COLUMNS),
        printable=LATIN,
        seen=Seen(secrets.token_bytes(16)),
        today=date(2026, 11, 28),
        home_country=home,
    )


def check(to: Letters = STATE, home: str = "US", **cells: str) -> Recipient | Returned:
    row = {**GOOD, **cells}
    return checker(to, home).check(2, [row.get(name, "") for name in COLUMNS])


def codes(found: Recipient | Returned) -> list[str]:
    return [one.code for one in found.problems] if isinstance(found, Returned) else []


def chunks(data: bytes, size: int = 7) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


# A row


def test_a_good_row_is_printed_as_it_must_be() -> None:
    found = check(address_2="Apt 4")
    assert found == Recipient(
        row=2,
        name="Ana Núñez",
        address=("12 Long Street", "Apt 4", "Annapolis, MD 21401"),
        jurisdiction="US-MD",
        traits=("US-MD",),
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": "  "}, "name"),
        ({"address": ""}, "address"),
        ({"city": ""}, "city"),
        ({"postcode": ""}, "postcode"),
        ({"country": "Atlantis"}, "country"),
        ({"country": "EU"}, "country"),
        ({"jurisdiction": "US-ZZ"}, "jurisdiction"),
        ({"jurisdiction": "", "state": ""}, "state"),
        ({"birth_date": "30/04/2011"}, "birth_date"),
        ({"birth_date": "2011-02-30"}, "birth_date"),
        ({"birth_date": "2031-01-01"}, "birth_date"),
        ({"minor": "perhaps"}, "flag"),
        ({"deceased": "?"}, "flag"),
        ({"deceased": "yes"}, "other_letter"),
        ({"minor": "yes"}, "other_letter"),
        ({"jurisdiction": "US-CA"}, "other_letter"),
        ({"name": "王小明"}, "characters"),
        ({"name": "Ana\u202egpj.exe"}, "characters"),
        ({"address": "a\nb\nc\nd\ne\nf\ng"}, "window"),
        ({"address": "x" * 300}, "window"),
    ],
)
def test_a_bad_row_comes_back_with_its_reason(cells: dict[str, str], code: str) -> None:
    assert codes(check(**cells)) == [code]


def test_every_reason_of_a_row_is_named_at_once() -> None:
    assert codes(check(name="", city="", country="")) == ["name", "city", "country"]


def test_cells_beyond_the_heading_are_no_good_row() -> None:
    row = [GOOD.get(name, "") for name in COLUMNS]
    assert codes(checker().check(2, [*row, "too much"])) == ["cells"]
    assert codes(checker().check(2, [*row, "", " "])) == []


def test_a_duplicate_names_the_row_that_it_repeats() -> None:
    checking = checker()
    row = [GOOD.get(name, "") for name in COLUMNS]
    assert isinstance(checking.check(2, row), Recipient)
    again = [cell.upper().replace(" ", "  ") for cell in row]
    found = checking.check(9, again)
    assert isinstance(found, Returned)
    assert [one.words for one in found.problems] == [
        "the same name and address stand in an earlier row (row 2)"
    ]
    other = list(row)
    other[COLUMNS.index("address")] = "13 Long Street"
    assert isinstance(checking.check(10, other), Recipient), "a neighbour is somebody else"


@pytest.mark.parametrize(
    ("cells", "letter"),
    [
        ({"jurisdiction": "US-CA"}, "us_ca_individual"),
        ({"jurisdiction": "US-MA"}, "us_ma_individual"),
        ({"jurisdiction": "US-CA", "minor": "yes"}, "us_minor_guardian"),
        ({"jurisdiction": "US-MA", "minor": "yes"}, "us_ma_individual"),
        ({"birth_date": "2008-11-29"}, "us_minor_guardian"),
        ({"deceased": "yes", "representative": "Eva"}, "us_estate_representative"),
        ({"deceased": "yes", "minor": "yes"}, "us_estate_representative"),
    ],
)
def test_rows_of_another_letter_come_back_with_its_name(cells: dict[str, str], letter: str) -> None:
    found = check(**cells)
    assert isinstance(found, Returned)
    assert found.letter == letter


@pytest.mark.parametrize(
    ("letter", "cells", "problems"),
    [
        ("us_minor_guardian", {"minor": "yes"}, []),
        ("us_minor_guardian", {}, ["adult"]),
        ("us_minor_guardian", {"birth_date": "2008-11-28"}, ["adult"]),
        ("us_estate_representative", {"deceased": "x", "representative": "Eva"}, []),
        ("us_estate_representative", {"deceased": "x"}, ["no_representative"]),
        ("us_estate_representative", {}, ["living"]),
        ("us_ma_individual", {"jurisdiction": "US-MA"}, []),
        ("us_ma_individual", {"jurisdiction": "US-MD"}, ["outside"]),
        ("us_ma_individual", {"jurisdiction": "US-MA", "minor": "yes"}, ["no_guardian"]),
        ("us_ma_individual", {"jurisdiction": "US-MA", "minor": "1", "guardian": "Eva"}, []),
    ],
)
def test_each_letter_takes_its_own_people(
    letter: str, cells: dict[str, str], problems: list[str]
) -> None:
    assert codes(check(letters(letter), **cells)) == problems


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({}, []),
        ({"language": "EN_gb"}, []),
        ({"language": "de-AT"}, ["other_letter"]),
        ({"language": "it"}, []),
        ({"minor": "yes"}, ["no_guardian"]),
        ({"minor": "yes", "guardian": "Eva Núñez"}, []),
        ({"minor": "yes", "guardian": "Eva Núñez", "language": "de"}, ["other_letter"]),
        ({"deceased": "yes", "representative": "Eva"}, ["no_estate_letter"]),
    ],
)
def test_the_european_letter_has_none_for_guardians(
    cells: dict[str, str], problems: list[str]
) -> None:
    assert codes(check(EUROPE, jurisdiction="", **cells)) == problems


@pytest.mark.parametrize(
    ("country", "postcode", "city", "state", "address"),
    [
        ("Germany", "20457", "Hamburg", "", ("20457 Hamburg",)),
        ("uk", "SW1A 1AA", "London", "", ("London", "SW1A 1AA", "UNITED KINGDOM")),
        ("FR", "75001", "Paris", "Île-de-France", ("75001 Paris", "FRANCE")),
        ("CA", "K1A 0B1", "Ottawa", "ON", ("Ottawa ON K1A 0B1", "CANADA")),
        ("HK", "", "Hong Kong", "", ("Hong Kong", "HONG KONG")),
    ],
)
def test_towns_are_written_as_their_country_does(
    country: str, postcode: str, city: str, state: str, address: tuple[str, ...]
) -> None:
    cells = {"country": country, "postcode": postcode, "city": city, "state": state}
    found = check(EUROPE, home="DE", jurisdiction="", **cells)
    assert isinstance(found, Recipient)
    assert found.address == ("12 Long Street", *address)
    assert ("foreign address" in found.traits) is (country != "Germany")


def test_a_guardian_s_name_stands_below_the_child_s() -> None:
    found = check(letters("us_minor_guardian"), minor="yes", guardian="Eva Núñez")
    assert isinstance(found, Recipient)
    assert found.address[0] == "c/o Eva Núñez"
    assert "minor" in found.traits


def test_accents_are_composed_before_fonts_are_asked() -> None:
    found = check(name="Ana Nu\u0301n\u0303ez")
    assert isinstance(found, Recipient)
    assert found.name == "Ana Núñez"


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_formula_stays_text_and_is_shown_to_counsel(cell: str) -> None:
    found = check(name=cell)
    assert isinstance(found, Recipient)
    assert (found.name, found.traits[-1]) == (cell, "formula")


def test_every_reason_has_words() -> None:
    assert all(words and not words.endswith(".") for words in REASONS.values())


@pytest.mark.parametrize(
    ("address", "us", "country"),
    [
        ("Halden, Beispielkai 1, 20457 Hamburg, Germany; 1 Plaza, Sacramento, USA", False, "DE"),
        ("Halden, Beispielkai 1, 20457 Hamburg, Germany", True, "US"),
        ("Beispielkai 1", False, ""),
    ],
)
def test_the_country_of_posting_is_read_from_our_address(
    address: str, *, us: bool, country: str
) -> None:
    assert posted_from(address, us_letter=us) == country


# A file


ROW = "Ana Núñez,12 Long Street,,21401,Annapolis,MD,US,US-MD,,,,,,"


@pytest.mark.parametrize(
    ("codec", "found", "doubt"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8 with a byte order mark", False),
        ("utf-16", "UTF-16", False),
        ("cp1252", "Windows-1252", True),
    ],
)
def test_encodings_are_told_apart(codec: str, found: str, *, doubt: bool) -> None:
    data = f"{HEAD}\r\n{ROW}\r\n".encode(codec)
    encoding = find_encoding(chunks(data))
    assert (encoding.words, bool(encoding.doubt)) == (found, doubt)
    rows = list(open_table(chunks(data), encoding).rows)
    assert rows == [(2, ROW.split(","))]


def test_utf_16_from_the_other_end_is_read_too() -> None:
    data = b"\xfe\xff" + f"{HEAD}\n{ROW}\n".encode("utf-16-be")
    assert len(list(open_table(chunks(data), find_encoding(chunks(data))).rows)) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04rest", "is a spreadsheet"),
        (b"name\0", "isn't a text file"),
        (b"name\x81\xff", "neither UTF-8 nor"),
    ],
)
def test_what_isn_t_a_list_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(RecipientsFileError, match=words):
        find_encoding([data])


def test_utf_8_that_is_cut_off_is_not_utf_8() -> None:
    assert find_encoding([b"name\xc3"]).codec == "cp1252"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_by_the_heading(delimiter: str) -> None:
    data = f"Name;X{delimiter}Street{delimiter}PLZ{delimiter}Ort{delimiter}Land\n"
    data = data.replace("Name;X", "Name") + delimiter.join("abcde")
    table = open_table([data.encode()], Encoding(codec="utf-8", words=""))
    assert (table.delimiter, sorted(table.places)) == (
        delimiter,
        ["address", "city", "country", "name", "postcode"],
    )
    assert list(table.rows) == [(2, list("abcde"))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("name,city\n", "“address”, “postcode” and “country” are missing"),
        ("name,address,postcode,city\n", "“country” is missing"),
        ("name,address,street,postcode,city,country\n", "two columns for “address”"),
    ],
)
def test_the_heading_must_name_the_columns(text: str, words: str) -> None:
    with pytest.raises(RecipientsFileError, match=words):
        open_table([text.encode()], Encoding(codec="utf-8", words=""))


def test_a_quotation_mark_that_never_ends_is_named_with_its_row() -> None:
    data = f'{HEAD}\n{ROW}\n"Ana' + ("x" * 200 + "\n") * 1000
    table = open_table(chunks(data.encode(), 4096), Encoding(codec="utf-8", words=""))
    with pytest.raises(RecipientsFileError, match="after row 2: probably a quotation mark"):
        list(table.rows)


def test_a_file_without_line_ends_isn_t_held_in_memory() -> None:
    endless = (b"x" * 1024 for _ in range(10**9))
    with pytest.raises(RecipientsFileError, match=f"more than {MAX_LINE:,} characters"):
        open_table(endless, Encoding(codec="utf-8", words=""))


def test_rows_are_counted_as_a_spreadsheet_counts() -> None:
    data = f'{HEAD}\r\n"a\r\nb",x\r\n\r\nc,y\r'
    table = open_table([data.encode()], Encoding(codec="utf-8", words=""))
    assert list(table.rows) == [(2, ["a\nb", "x"]), (4, ["c", "y"])]


# Memory and sample


@pytest.mark.slow
def test_a_hundred_thousand_names_are_remembered_in_little_memory() -> None:
    seen = Seen(b"key")
    for row in range(1, 100_001):
        assert seen.first(f"name {row}", row) == 0
    assert seen.first("name 77777", 200_000) == 77_777
    assert len(seen._hashes) == 262_144


def test_the_sample_has_one_of_each_kind_and_never_too_many() -> None:
    sample = ProofSample()
    for row in range(2, 200):
        traits = (f"US-{row % 40:02}", *(("minor",) if row == 150 else ()))
        name = "N" * (40 if row == 99 else row % 30)
        address = ("A" * (row == 120),)
        sample.take(
            Recipient(row=row, name=name, address=address, jurisdiction=traits[0], traits=traits)
        )
    chosen, left_out = sample.choose()
    why = dict(chosen)
    assert "longest name" in why[99]
    assert "longest address" in why[120]
    assert "minor" in why[150]
    assert len(chosen) == MAX_PROOFS
    assert len({trait for traits in why.values() for trait in traits} | set(left_out)) == 43
