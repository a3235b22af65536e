"""`tocsin obligations list`, `show` and `check`: JSON forms, words for people, and refusals."""

import json
from pathlib import Path

import pytest

from bot.cli.obligations import EXIT_OK, EXIT_PACK, EXIT_USAGE
from tests.cli.obligations_command_kit import PACK, as_json, pack_of, printed, tocsin

pytestmark = pytest.mark.slow  # each command reads its pack afresh

OWN_RULE = """\
title: Our contracts
obligations:
  - id: OWN-ACME-24H
    jurisdiction: DE
    regime: Services agreement
    citation: clause 14.3
    recipient: {kind: contract_partner, name: Acme Ltd}
    duty: Tell Acme.
    trigger: {events: [awareness], words: becoming aware}
    period: {number: 24, unit: hours}
    zone: {name: Europe/Berlin, rule: Zone of Acme's seat.}
    counting: 24 hours.
    applies_if: {personal_data: true}
    role: legal
    effective_from: 2026-01-15
    source: The agreement
    confidence: high
    verified_on: 2026-11-21
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ("eu_dora", "in_dpdp", "us_ca", "us_md", "us_ny_dfs", "us_sec")
    return pack_of(names, tmp_path_factory.mktemp("packs") / "small")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own" / "obligations"
    folder.mkdir(parents=True)
    (folder / "contracts.yaml").write_text(OWN_RULE)
    monkeypatch.setenv("TOCSIN_PLAYBOOKS_DIR", str(folder.parent))
    return folder / "contracts.yaml"


def test_list_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    listed = {one["id"]: one for one in as_json("list", folder=PACK, capsys=capsys)}
    assert len(listed) >= 300
    texas = listed["US-TX-AG"]
    assert list(texas) == [
        "id", "type", "disabled", "duplicate_of", "runs", "own", "jurisdiction", "regime",
        "citation", "recipient", "duty", "trigger", "events", "period", "zone", "rule",
        "effective_from", "effective_until", "confidence", "confirm_with_counsel", "verified_on",
        "source", "file", "sha256",
    ]  # fmt: skip
    assert texas["period"] == {"number": 30, "unit": "calendar_days"}
    assert texas["trigger"] == ["determined_at"]
    assert texas["events"] == ["determination"]
    assert texas["recipient"]["kind"] == "attorney_general"
    assert texas["verified_on"] == "2026-11-21"


def test_list_says_what_is_not_ordinary(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("list", folder=small, capsys=capsys).splitlines()
    by_id = {line.split()[0]: line for line in lines}
    assert by_id["US-CA-AG"].split("  ")[-1] == "California Attorney General"
    assert "[disabled: Not yet in force" in by_id["IN-DPDP-IND"]
    assert by_id["IN-DPDP-IND"].endswith("confirm with counsel]")
    assert by_id["US-NY-DFS"].endswith("[duplicate; see US-NY-DFS-500-17]")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--jurisdiction", "us-md"), {"US-MD-IND", "US-MD-AG", "US-MD-CRA", "US-MD-VENDOR"}),
        (("--regime", "maryland", "--recipient", "attorney_general"), {"US-MD-AG"}),
        (("--recipient", "california dep"), {"US-CA-HEALTH-CDPH"}),
    ],
)
def test_list_filters(
    words: tuple[str, ...], ids: set[str], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json("list", *words, folder=small, capsys=capsys)
    assert {one["id"] for one in found} == ids


def test_a_country_has_its_states_and_a_member_state_has_the_unions(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    american = as_json("list", "--jurisdiction", "US", folder=small, capsys=capsys)
    assert {one["jurisdiction"] for one in american} == {"US", "US-CA", "US-MD", "US-NY"}
    german = as_json("list", "--jurisdiction", "DE", folder=small, capsys=capsys)
    assert {one["jurisdiction"] for one in german} == {"EU"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("list", "--jurisdiction", "US-XX"), "No obligation here has the jurisdiction “US-XX”: "),
        (("list", "--recipient", "regulatr"), "recipient “regulatr”: did you mean 'regulator'?"),
        (("show", "US-CA-INDV"), "There is no obligation “US-CA-INDV”. Nearest: US-CA-IND"),
        (("show", "us-ca"), "Nearest: US-CA-AG, US-CA-HEALTH-CDPH, US-CA-HEALTH-IND."),
        (("show", "zzzzz"), "`tocsin obligations list` shows them all."),
    ],
)
def test_what_nobody_knows_is_refused_with_the_nearest(
    words: tuple[str, ...], message: str, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin(*words, folder=small) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_show_says_everything_in_words(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = " ".join(printed("show", "us-md-ag", folder=small, capsys=capsys).split())
    for part in (
        "US-MD-AG: Notify the Maryland Attorney General before any letter to individuals goes out.",
        "Citation Md. Code, Com. Law § 14-3504(h)",
        "Told to Maryland Attorney General (attorney general)",
        "individual_notice (individuals_notified_at); it happens when US-MD-IND is met",
        "Period none of its own: done strictly before the event",
        "(the deadline of US-MD-IND)",
        "Zone America/New_York. Zone of the state capital.",
        "- personal data is involved - at least one resident of Maryland affected",
        "(if only other: counsel has to say)",
        "“Is identity theft, fraud or other harm likely?” is answered no",
        "check: counsel decides; no fact does",
        "Must say number of affected Maryland individuals",
        "Portal Attorney General's form, or email",
        "Confidence high confidence, checked on 2026-11-21",
        "File us_md.yaml (pack)",
    ):
        assert part in told, part


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("US-MD-IND", ["Delay Law enforcement may", "after clearance 7 calendar days remain"]),
        ("US-SEC-8K-105", ["Cut-off 17:30 local time", "days on which the SEC is open"]),
        ("US-NY-DFS", ["Kind of rule the same duty as another", "Runs instead US-NY-DFS-500-17"]),
        ("IN-DPDP-IND", ["Doesn't run Not yet in force", "confirm with counsel"]),
        ("EU-DORA-INTER", ["Not if entity types include credit institution, central counterparty"]),
        ("US-CA-IND", ["Service 12 months: ", "Templates us_ca_individual"]),
    ],
)
def test_show_says_what_is_special(
    name: str, parts: list[str], small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = " ".join(printed("show", name, folder=small, capsys=capsys).split())
    assert [part for part in parts if part not in told] == []


def test_show_in_json(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = as_json("show", "US-MD-AG", folder=small, capsys=capsys)
    assert shown["period_rule"]["relation"] == "before"
    assert shown["trigger_rule"]["of"] == ["US-MD-IND"]
    assert shown["limits"][0]["deadline_of"] == "US-MD-IND"
    assert shown["applies_if"].startswith("personal data is involved; and at least one resident")
    assert shown["tolling"] is None
    sec = as_json("show", "US-SEC-8K-105", folder=small, capsys=capsys)
    assert (sec["cutoff_local"], sec["period_rule"]["calendar"]) == ("17:30", "sec")


def test_own_rules_are_shown_as_such(
    small: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed("list", folder=small, capsys=capsys).splitlines()
    (mine,) = [line for line in lines if "OWN-" in line]
    assert mine.endswith("Acme Ltd  [own rule]")
    told = printed("show", "OWN-ACME-24H", folder=small, capsys=capsys)
    assert "us: own rule" in told
    assert f"{own.name} (own rules)" in told
    due = as_json("due", "OWN-ACME-24H", "2026-11-21T10:00:00Z", folder=small, capsys=capsys)
    assert (due["due_at"], due["own"]) == ("2026-11-22T10:00:00Z", True)


def test_a_broken_own_rule_stops_every_command(
    small: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text(OWN_RULE.replace("unit: hours", "unit: hour"))
    assert tocsin("list", folder=small) == EXIT_PACK
    assert f"{own}:10:32: 'hour' isn't known here; did you mean 'hours'?" in capsys.readouterr().err


def test_check_is_content_with_the_pack(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = printed("check", str(small), folder=PACK, capsys=capsys)
    assert "obligations in 6 files: all good." in told
    found = as_json("check", folder=PACK, capsys=capsys)
    assert found["sound"] is True
    assert found["obligations"] >= 300
    assert found["problems"] == []


def test_check_says_place_problem_and_remedy(
    small: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin("check", str(own.parent), folder=small) == EXIT_OK
    assert capsys.readouterr().out.startswith("1 obligations in 1 files: all good.")
    own.write_text(OWN_RULE.replace("Europe/Berlin", "Mars/Base").replace("role: legal", "role: x"))
    assert tocsin("check", str(own.parent), folder=small) == EXIT_PACK
    assert capsys.readouterr().out == (
        f"{own}:14:11: 'x' isn't known here; use one of: commander, comms, forensics, legal\n"
        "1 problem(s).\n"
    )
    own.write_text(OWN_RULE.replace("Europe/Berlin", "Mars/Base"))
    assert tocsin("check", str(own.parent), "--json", folder=small) == EXIT_PACK
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["line"], problem["column"]) == (11, 18)
    assert problem["problem"] == "there is no time zone 'Mars/Base'"
    assert problem["remedy"] == "write one such as Europe/Berlin"


def test_check_of_nothing_is_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin("check", str(tmp_path / "none"), folder=small) == EXIT_PACK
    assert "none is no folder: name one that holds obligations" in capsys.readouterr().err


def test_a_broken_pack_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("title: x\n")
    assert tocsin("list", folder=tmp_path) == EXIT_PACK
    assert "a.yaml:1:1: 'obligations' is missing" in capsys.readouterr().err
