"""`tocsin notice render`, called as the command line calls it."""

import argparse
from pathlib import Path

import pytest

from bot.cli.notice import add_parser, read_facts, run, write_atomically
from bot.content.yaml_source import ContentError, parse_yaml
from bot.domain.facts import Confidence
from tests.documents.notice_kit import NOW, pages_of

FACTS = Path(__file__).parents[1] / "documents" / "facts"


def command(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="tocsin")
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["notice", "render", *words])
    code: int = args.run(args)
    assert args.run is run
    return code


def read(text: str) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read_facts(parse_yaml(text.encode(), file="facts.yaml"), now=NOW)
    return caught.value


@pytest.mark.slow
def test_complete_facts_make_a_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "ca.pdf"
    facts = str(FACTS / "complete.yaml")
    code = command(
        "--template", "us_ca_individual", "--facts", facts, "--out", str(out), "--strict"
    )
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    assert printed.out == f"{out}: Notice of Data Breach, marked DRAFT\n"
    assert all("DRAFT – not approved" in text for text in pages_of(out.read_bytes()))
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.slow
@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_missing_facts_are_listed_and_the_pdf_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], strict: list[str], code: int
) -> None:
    facts, out = tmp_path / "facts.json", tmp_path / "ma.pdf"
    facts.write_text('{"organisation_name": "Halden", "data_elements": ["name"]}', "utf-8")
    out.write_bytes(b"old")
    words = ["--template", "us_ma_individual", "--facts", str(facts), "--out", str(out), *strict]
    assert command(*words) == code
    printed = capsys.readouterr().err.splitlines()
    assert printed[0].startswith("warning: 4 facts are missing and marked in the text;")
    assert printed[1:] == [
        "  organisation_address: Our postal address (Letterhead)",
        "  parent_organisation: Parent or affiliated corporation (About this letter)",
        "  contact_name: Contact for people (Questions)",
        "  helpline_phone: Toll-free helpline (Questions)",
    ]
    assert "[[Our postal address: not recorded]]" in pages_of(out.read_bytes())[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--template", "us_ca_indiv", "--facts", "x"], "did you mean 'us_ca_individual'?"),
        (["--template", "us_ca_individual", "--facts", "x"], "can't read the file"),
    ],
)
def test_wrong_arguments_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    out = tmp_path / "x.pdf"
    assert command(*words, "--out", str(out)) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.slow
def test_character_without_a_font_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, out = tmp_path / "f.yaml", tmp_path / "x.pdf"
    facts.write_text("organisation_name: 東京 Ltd\n", "utf-8")
    words = ["--template", "us_ma_individual", "--facts", str(facts), "--out", str(out)]
    assert command(*words) == 2
    assert "No bundled font can print “東” (U+6771)" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["f.yaml"]


def test_facts_file_in_both_forms() -> None:
    text = (
        "aware_at: '2026-03-02T10:00:00+01:00'\n"
        "affected_total: {value: 1450, confidence: estimated, source: index, "
        "as_of: '2026-03-02T12:00:00Z'}\n"
        "records_total: unknown\n"
        "residents: {US-CA: 1200, DE: {value: 9, confidence: estimated}}\n"
    )
    facts = read_facts(parse_yaml(text.encode(), file="facts.yaml"), now=NOW)
    assert sorted(facts) == [
        "affected_total",
        "aware_at",
        "records_total",
        "residents:DE",
        "residents:US-CA",
    ]
    assert facts["affected_total"].source == "index"
    assert facts["aware_at"].source == "facts.yaml"
    assert facts["records_total"].value is None
    assert facts["records_total"].confidence is Confidence.UNKNOWN
    assert facts["residents:DE"].confidence is Confidence.ESTIMATED


@pytest.mark.parametrize(
    ("text", "line", "problem", "remedy"),
    [
        (
            "data_elements: [name]\naffected_totl: 3\n",
            2,
            "no fact 'affected_totl'",
            "affected_total",
        ),
        ("aware_at: yesterday\n", 1, "isn't a time for aware_at", "docs/facts.md"),
        ("aware_at: '2026-03-02T10:00:00'\n", 1, "needs a time zone", "docs/facts.md"),
        ("residents:\n  Bavaria: 3\n", 2, "counted per place", "docs/facts.md"),
        ("residents: 3\n", 1, "counted per place", "docs/facts.md"),
        ("affected_total: {value: 3, confidence: sure}\n", 1, "confirmed, estimated", "docs"),
        ("affected_total: {value: 3, when: now}\n", 1, "has when", "docs/facts.md"),
        ("affected_total: {value: 3, as_of: 5}\n", 1, "as_of a time", "docs/facts.md"),
        ("- 3\n", 1, "isn't a mapping of facts", "fact: value"),
    ],
)
def test_facts_file_with_a_fault_names_the_line(
    text: str, line: int, problem: str, remedy: str
) -> None:
    error = read(text)
    assert [one.line for one in error.problems] == [line]
    assert problem in error.problems[0].problem
    assert remedy in error.problems[0].remedy


def test_writing_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomically(target, b"new")
    assert list(tmp_path.iterdir()) == [target]
