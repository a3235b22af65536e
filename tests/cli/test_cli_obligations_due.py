"""`tocsin obligations due`: events and facts on the command line, duties that bound each other."""

import re
from pathlib import Path

import pytest

from bot.cli.obligations import EXIT_USAGE
from tests.cli.obligations_command_kit import PACK, as_json, file_of, pack_of, printed, tocsin

pytestmark = pytest.mark.slow  # each command reads its pack afresh

EXAMPLES = re.findall(
    r"^\| `([A-Z0-9-]+)` \| `([^`]+)` \| `([^`]+)` \|",
    (PACK.parents[1] / "docs" / "obligations.md").read_text("utf-8"),
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = (
        "ae_pdpl", "eu_cra", "eu_dora", "gb_gdpr", "in_dpdp", "us_ca", "us_fcc", "us_fl", "us_ma",
        "us_md", "us_ny_dfs", "us_pa", "us_sec",
    )  # fmt: skip
    return pack_of(names, tmp_path_factory.mktemp("packs") / "due")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack_of(("gb_gdpr", "us_ca"), tmp_path_factory.mktemp("packs") / "tiny")


def test_due_in_json(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(
        "due", "GB-UKGDPR-33", "--trigger-at", "2026-03-02T10:00:00+01:00",
        "--zone", "Europe/Berlin", folder=small, capsys=capsys,
    )  # fmt: skip
    assert list(found) == [
        "id", "obligation", "type", "disabled", "duplicate_of", "own", "trigger_at", "trigger_by",
        "due_at", "due_local", "zone", "not_before", "lenient_due_at", "lenient_words",
        "extended_due_at", "limb", "rule", "caveats",
    ]  # fmt: skip
    assert found["id"] == found["obligation"] == "GB-UKGDPR-33"
    assert found["trigger_at"] == "2026-03-02T09:00:00Z"
    assert found["trigger_by"] == "aware_at"
    assert found["due_at"] == "2026-03-05T09:00:00Z"
    assert found["due_local"] == "2026-03-05T10:00:00+01:00"
    assert found["zone"] == "Europe/Berlin"
    assert found["not_before"] is found["lenient_due_at"] is found["extended_due_at"] is None
    assert found["rule"].startswith("Without undue delay and, where feasible, not later than 72")


def test_a_date_is_enough_where_days_count(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json("due", "us-ca-ind", "2026-01-31", folder=small, capsys=capsys)
    assert found["trigger_at"] == "2026-01-31"
    assert found["due_at"] == "2026-03-03T07:59:59Z"
    assert found["due_local"] == "2026-03-02T23:59:59-08:00"
    assert found["zone"] == "America/Los_Angeles"


def test_the_page_has_worked_examples() -> None:
    assert len(EXAMPLES) >= 20


@pytest.mark.parametrize(("name", "events", "due"), EXAMPLES, ids=[" ".join(e) for e in EXAMPLES])
def test_the_page_s_worked_examples_come_out(
    name: str, events: str, due: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = pack_of([file_of(name)], tmp_path)
    words = [word for event in events.split() for word in ("--event", event)]
    found = as_json("due", name, *words, folder=pack, capsys=capsys)
    assert found["due_local"] == due


def test_the_deadline_of_another_duty_bounds_this_one(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(
        "due", "US-MD-AG", "--event", "discovery=2026-06-01", folder=small, capsys=capsys
    )
    assert found["due_at"] == "2026-07-17T03:59:59Z"
    assert found["trigger_by"] == "US-MD-IND"
    assert found["trigger_at"] is None
    assert found["limb"].startswith("The notice to individuals is due")


def test_meeting_another_duty_is_an_event(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("due", "US-CA-AG", "--event", "us-ca-ind=2026-03-02")
    found = as_json(*words, folder=small, capsys=capsys)
    assert (found["trigger_by"], found["due_local"]) == (
        "US-CA-IND",
        "2026-03-17T23:59:59-07:00",
    )


def test_a_stage_that_is_not_reached_says_when_it_would_be(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("due", "US-CA-AG", "--event", "discovered_at=2026-01-31")
    found = as_json(*words, folder=small, capsys=capsys)
    assert found["due_at"] is None
    assert found["caveats"][0].startswith(
        "It starts when US-CA-IND is met, which is due by Mon 2026-03-02 23:59:59 PST"
    )
    assert "Met then, this is due by Tue 2026-03-17 23:59:59 PDT" in found["caveats"][0]


def test_the_deadline_of_a_duty_that_only_others_have_bounds_nobody(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pennsylvania's seven business days are a public body's alone."""
    words = ("due", "US-PA-AG", "--event", "determination=2026-06-01")
    ours = as_json(*words, folder=small, capsys=capsys)
    assert ours["due_at"] is None
    assert ours["caveats"][0].startswith("Not bounded by US-PA-IND-GOV: entity types don't include")
    assert "It hangs on US-PA-IND, for which the law gives no number" in ours["caveats"][1]
    agency = as_json(
        *words, "--fact", "entity_types=government_agency", folder=small, capsys=capsys
    )
    assert agency["due_local"] == "2026-06-10T23:59:59-04:00"
    assert agency["trigger_by"] == "US-PA-IND-GOV"


def test_facts_decide_conditions_of_the_rule(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("due", "EU-DORA-INTER", "2026-08-06T11:00:00Z")
    open_to = as_json(*words, folder=small, capsys=capsys)
    bank = as_json(*words, "--fact", "entity_types=credit_institution", folder=small, capsys=capsys)
    assert open_to["due_at"] == bank["due_at"] == "2026-08-09T11:00:00Z"
    assert open_to["lenient_due_at"] == "2026-08-10T10:00:00Z"
    assert bank["lenient_due_at"] is None


def test_a_fact_chooses_the_zone_where_the_rule_lets_it(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("due", "EU-CRA-VULN-FINAL", "2026-12-18", "--fact")
    athens = as_json(*words, "home_zone=Europe/Athens", folder=small, capsys=capsys)
    assert (athens["zone"], athens["due_local"]) == ("Europe/Athens", "2027-01-01T23:59:59+02:00")
    tokyo = as_json(*words, "home_zone=Asia/Tokyo", folder=small, capsys=capsys)
    assert tokyo["zone"] == "Europe/Brussels"


def test_an_embargo_has_no_deadline(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("due", "US-FCC-CPNI-CUST-HOLD", "2026-08-06")
    found = as_json(*words, folder=small, capsys=capsys)
    assert (found["due_at"], found["not_before"]) == (None, "2026-08-18T03:59:59Z")
    told = printed(*words, folder=small, capsys=capsys)
    assert "Not before      Mon 2026-08-17 23:59:59 EDT" in told
    assert "tell nobody" in told


def test_an_extension_and_a_missing_number_are_told(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    florida = as_json("due", "US-FL-IND", "2026-02-10", folder=small, capsys=capsys)
    assert florida["extended_due_at"] == "2026-03-28T03:59:59Z"
    words = ("due", "US-MA-IND", "--event", "awareness=2026-03-02T10:00:00Z")
    found = as_json(*words, folder=small, capsys=capsys)
    assert (found["due_at"], found["due_local"]) == (None, None)
    told = printed(*words, folder=small, capsys=capsys)
    assert "Due             without undue delay; the law gives no number" in told


def test_due_for_people(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("due", "US-SEC-8K-105", "2026-11-21T12:00:00-05:00")
    lines = printed(*words, folder=small, capsys=capsys).splitlines()
    assert lines[1].startswith("From            Sat 2026-11-21 12:00:00 EST (America/New_York), ")
    assert lines[3] == (
        "Due             Fri 2026-11-27 17:30:00 EST (America/New_York), 2026-11-27T22:30:00Z"
    )
    assert lines[4].startswith("Rule            Four business days after")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("IN-DPDP-BOARD-72H", "Mind            disabled: Not yet in force"),
        ("AE-PDPL", "Mind            signpost: points to other rules; nothing is counted"),
        ("US-NY-DFS", "Mind            the same duty as US-NY-DFS-500-17"),
    ],
)
def test_what_never_runs_says_so_first(
    name: str, word: str, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed("due", name, "2026-11-21T12:00:00Z", folder=small, capsys=capsys).splitlines()
    assert lines[1].startswith(word)


EVENT, FACT = "--event", "--fact"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("US-CA-INDV", "2026-03-02"), "There is no obligation “US-CA-INDV”. Nearest: US-CA-IND"),
        (("GB-UKGDPR-33", "2026-03-02T10:00:00"), "has no offset: write 2026-03-02T10:00:00Z"),
        (("GB-UKGDPR-33", "2026-03-02"), "A period in hours needs the time of day"),
        (("US-CA-IND", "2026-02-30"), "isn't an ISO 8601 time"),
        (("US-CA-IND", "yesterday"), "isn't an ISO 8601 time"),
        (("US-CA-IND", "9999-12-31"), "check the year"),
        (("US-CA-IND", "2026-03-02", "--zone", "Mars/Base"), "no time zone “Mars/Base”: write one"),
        (("US-CA-IND", "2026-03-02", "--zone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (
            ("US-CA-IND",),
            "counted from discovery (discovering the breach, or being notified of it)",
        ),
        (("US-CA-AG",), "add --event individual_notice=2026-03-02T10:00:00Z or --event US-CA-IND="),
        (("US-CA-IND", EVENT, "discvery=2026-03-02"), "“discvery”: did you mean 'discovery'?"),
        (("US-CA-IND", EVENT, "US-CA-AGG=2026-03-02"), "“us-ca-agg”: did you mean 'US-CA-AG'?"),
        (("US-CA-IND", EVENT, "discovery"), "write NAME=2026-03-02T10:00:00Z"),
        (("US-CA-IND", EVENT, "year_end=2026-03-02"), "isn't counted from the end of a year"),
        (
            ("US-CA-IND", "2026-03-02", EVENT, "discovery=2026-03-03"),
            "Two times are given for disc",
        ),
        (("US-CA-IND", "2026-03-02", "--trigger-at", "2026-03-02"), "give one of them"),
        (("US-CA-IND", "2026-03-02", FACT, "encyption=partly"), "Did you mean “encryption”?"),
        (("US-CA-IND", "2026-03-02", FACT, "encryption=secret"), "isn't one of the choices"),
        (("US-CA-IND", "2026-03-02", FACT, "encryption"), "write NAME=VALUE"),
        (("US-CA-IND", "2026-03-02", FACT, "home_zone=Mars/Base"), "“Mars/Base” isn't a time zone"),
        (("US-CA-IND", "2026-03-02", FACT, "residents:US-XX=5"), "“US-XX” isn't a place that we"),
    ],
)
def test_due_refuses(
    words: tuple[str, ...], message: str, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin("due", *words, folder=tiny) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_the_future_is_allowed(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json("due", "US-CA-IND", "2126-03-02", folder=small, capsys=capsys)
    assert found["due_local"] == "2126-04-01T23:59:59-07:00"
