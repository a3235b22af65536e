"""`tocsin obligations`: its JSON forms, its words for people, and its refusals."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from bot.cli.obligations import EXIT_OK, EXIT_PACK, EXIT_USAGE, add_parser, run

pytestmark = pytest.mark.slow  # each command reads its pack afresh

PACK = Path(__file__).resolve().parents[2] / "playbooks" / "obligations"


@pytest.fixture(scope="module")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four obligations, because reading the whole pack takes longer than a test should."""
    folder = tmp_path_factory.mktemp("pack")
    for name in ("gb_gdpr.yaml", "us_ca.yaml", "us_sec.yaml"):
        shutil.copy(PACK / name, folder)
    return folder


def tocsin(*words: str, folder: Path) -> int:
    parser = argparse.ArgumentParser(prog="tocsin")
    add_parser(parser.add_subparsers())
    return run(parser.parse_args(["obligations", *words]), folder=folder)


def test_due_in_json(small_pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = tocsin(
        "due", "GB-UKGDPR-33", "--trigger-at", "2026-03-02T10:00:00+01:00",
        "--zone", "Europe/Berlin", "--json", folder=small_pack,
    )  # fmt: skip
    found = json.loads(capsys.readouterr().out)
    assert code == EXIT_OK
    assert list(found) == [
        "obligation", "trigger_at", "due_at", "due_local", "zone", "rule", "caveats"
    ]  # fmt: skip
    assert found["obligation"] == "GB-UKGDPR-33"
    assert found["trigger_at"] == "2026-03-02T09:00:00Z"
    assert found["due_at"] == "2026-03-05T09:00:00Z"
    assert found["due_local"] == "2026-03-05T10:00:00+01:00"
    assert found["zone"] == "Europe/Berlin"
    assert found["rule"].startswith("Without undue delay and, where feasible, not later than 72")
    assert len(found["caveats"]) == 1


def test_due_from_a_date_in_the_recipients_zone(
    small_pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        tocsin("due", "us-ca-ind", "--trigger-at", "2026-01-31", "--json", folder=small_pack)
        == EXIT_OK
    )
    found = json.loads(capsys.readouterr().out)
    assert found["trigger_at"] == "2026-01-31"
    assert found["due_at"] == "2026-03-03T07:59:59Z"
    assert found["due_local"] == "2026-03-02T23:59:59-08:00"
    assert found["zone"] == "America/Los_Angeles"


def test_due_without_a_number_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(PACK / "us_ma.yaml", tmp_path)
    code = tocsin(
        "due", "US-MA-IND", "--trigger-at", "2026-03-02T10:00:00Z", "--json", folder=tmp_path
    )
    found = json.loads(capsys.readouterr().out)
    assert (code, found["due_at"], found["due_local"]) == (EXIT_OK, None, None)


def test_due_for_people(small_pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        tocsin(
            "due", "US-SEC-8K-105", "--trigger-at", "2026-11-21T12:00:00-05:00", folder=small_pack
        )
        == EXIT_OK
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "From  Sat 2026-11-21 12:00:00 EST, 2026-11-21T17:00:00Z"
    assert lines[2] == "Due   Fri 2026-11-27 17:30:00 EST (America/New_York), 2026-11-27T22:30:00Z"
    assert lines[3].startswith("Rule  Four business days after")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("US-CA-INDV", "2026-03-02"), "There is no obligation “US-CA-INDV”. Nearest: US-CA-IND"),
        (("zzzzz", "2026-03-02"), "`tocsin obligations list` shows them all."),
        (("GB-UKGDPR-33", "2026-03-02T10:00:00"), "has no offset: write 2026-03-02T10:00:00Z"),
        (("GB-UKGDPR-33", "2026-03-02"), "is counted in hours and needs the time of day"),
        (("US-CA-IND", "2026-02-30"), "isn't an ISO 8601 time"),
        (("US-CA-IND", "yesterday"), "isn't an ISO 8601 time"),
        (("US-CA-IND", "9999-12-31"), "check the year"),
        (("US-CA-IND", "2026-03-02", "--zone", "Mars/Base"), "There is no time zone “Mars/Base”"),
    ],
)
def test_due_refuses(
    words: tuple[str, ...], message: str, small_pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, trigger_at, *more = words
    assert tocsin("due", name, "--trigger-at", trigger_at, *more, folder=small_pack) == EXIT_USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def test_list_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("list", "--json", folder=PACK) == EXIT_OK
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert len(listed) == 12
    texas = listed["US-TX-AG"]
    assert texas["period"] == {"number": 30, "unit": "calendar_days"}
    assert texas["trigger"] == ["determined_at"]
    assert texas["recipient"]["kind"] == "attorney_general"
    assert texas["verified_on"] == "2026-11-21"


def test_list_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert tocsin("list", folder=PACK) == EXIT_OK
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert "US-CA-AG        15 calendar days                California Attorney General" in lines


def test_a_broken_pack_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("title: x\n")
    assert tocsin("list", folder=tmp_path) == EXIT_PACK
    assert "a.yaml:1:1: 'obligations' is missing" in capsys.readouterr().err
