"""`tocsin obligations assess` and `diff`: what follows from facts, what changed between packs."""

from pathlib import Path

import pytest

from bot.cli.obligations import EXIT_PACK, EXIT_USAGE
from tests.cli.obligations_command_kit import as_json, pack_of, printed, tocsin

pytestmark = pytest.mark.slow  # each command reads its pack afresh

FACTS = """\
aware_at: 2026-11-20T09:00:00Z
discovered_at: 2026-11-20T08:10:00Z
data_elements: [name, ssn]
encryption: not_encrypted
residents: {US-CA: 1200, US-MD: 30}
misuse_likely: true
entity_types: []
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ("eu_gdpr", "in_dpdp", "us_ca", "us_md", "us_fl", "us_ia", "us_tx", "us_wa", "us_sec")
    return pack_of(names, tmp_path_factory.mktemp("packs") / "assess")


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS)
    return path


def test_assess_in_json(small: Path, facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json("assess", str(facts), folder=small, capsys=capsys)
    assert list(found) == ["applies", "cannot_tell", "questions", "does_not_apply", "not_running"]
    applies = {one["id"]: one for one in found["applies"]}
    assert set(applies) == {"US-CA-IND", "US-CA-AG", "US-MD-IND", "US-MD-AG"}
    assert applies["US-CA-IND"]["due_local"] == "2026-12-20T23:59:59-08:00"
    assert "1,200 residents of US-CA are affected" in applies["US-CA-IND"]["reasons"]
    # Maryland's Attorney General is bounded by the letters, which are worked out before.
    assert applies["US-MD-AG"]["due_at"] == applies["US-MD-IND"]["due_at"]
    assert applies["US-MD-AG"]["trigger_by"] == "US-MD-IND"
    assert applies["US-CA-AG"]["missing"] == ["individuals_notified_at"]
    undecided = {one["id"] for one in found["cannot_tell"]}
    assert {"US-FL-IND", "US-WA-IND", "EU-GDPR-33-SA"} <= undecided
    assert found["does_not_apply"]["count"] > 0
    assert "obligations" not in found["does_not_apply"]
    assert found["not_running"]["count"] == 3


def test_the_questions_that_settle_most_come_first(
    small: Path, facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json("assess", str(facts), folder=small, capsys=capsys)
    first = found["questions"][0]
    assert first["key"] == "residents:US"
    assert {"residents:US-FL", "residents:US-TX", "residents:US-WA"} <= set(first["parts"])
    weights = [len(one["decides"]) for one in found["questions"]]
    assert weights[0] == max(weights)


def test_assess_for_people(small: Path, facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = printed("assess", str(facts), folder=small, capsys=capsys)
    flat = " ".join(told.split())
    assert told.startswith("Applies: 4\n")
    assert "US-CA-IND Due Sun 2026-12-20 23:59:59 PST (America/Los_Angeles), " in flat
    assert "Why Applies, counted from discovering the breach, or being notified of it: " in flat
    assert "Due counted once it is recorded: individuals_notified_at (When were the" in flat
    assert "Ask next, what settles most first: " in flat
    assert "1. residents:US: How many residents of " in flat
    assert "--all lists them" in told
    assert "US-SEC-8K-105" not in told.partition("Doesn't apply")[2]
    everything = printed("assess", str(facts), "--all", folder=small, capsys=capsys)
    assert "US-CA-HEALTH-IND" in everything.partition("Doesn't apply")[2]


def test_our_own_facts_count_only_when_asked_for(
    small: Path, facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def undecided(*words: str) -> set[str]:
        found = as_json("assess", str(facts), *words, folder=small, capsys=capsys)
        return {one["id"] for one in found["cannot_tell"]}

    assert "US-SEC-8K-105" in undecided() - undecided("--organisation")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("awre_at: 2026-11-20T09:00:00Z\n", ":1:1: there is no fact 'awre_at'; did you mean 'aw"),
        ("aware_at: 2026-11-20 09:00\n", ":1:11: aware_at needs a time zone"),
        ("encryption: secret\n", ":1:13: “secret” isn't one of the choices for encryption"),
        ("- x\n", ":1:1: the file isn't a mapping of facts"),
        ("residents: {US-XX: 4}\n", ": “US-XX” isn't a place that we know."),
        (
            "affected_total: 50\nrecords_total: 40\n",
            ": That can't be, there can't be more people affected than records: `affected_total`",
        ),
    ],
)
def test_a_fact_that_cannot_be_used_is_told_with_its_line(
    text: str, message: str, small: Path, facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts.write_text(text)
    assert tocsin("assess", str(facts), folder=small) == EXIT_USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{facts}{message}" in err


def test_a_facts_file_that_is_not_there_is_told(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin("assess", str(tmp_path / "none.yaml"), folder=small) == EXIT_USAGE
    assert "none.yaml:1:1: can't read the file (No such file" in capsys.readouterr().err


def test_diff_says_what_changed(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = pack_of(
        ["us_ca", "us_md", "us_fl", "us_wa", "us_sec", "in_dpdp", "us_wy"], tmp_path / "n"
    )
    old = pack_of(
        ["us_ca", "us_md", "us_fl", "us_wa", "us_sec", "in_dpdp", "us_tx"], tmp_path / "o"
    )
    path = new / "us_fl.yaml"
    path.write_text(path.read_text().replace("number: 15\n", "number: 20\n", 1))
    assert new.joinpath("us_fl.yaml").read_text() != old.joinpath("us_fl.yaml").read_text()
    found = as_json("diff", str(old), str(new), folder=small, capsys=capsys)
    assert "US-TX-IND" in {one["id"] for one in found["removed"]}
    assert "US-WY-IND" in {one["id"] for one in found["added"]}
    (change,) = found["changed"]
    assert change["id"] == "US-FL-IND"
    (field,) = change["fields"]
    assert field["field"] == "extension"
    assert field["words"].startswith("Extension: was “15 calendar days more if good cause")
    assert "is “20 calendar days more" in field["words"]
    flat = " ".join(printed("diff", str(old), str(new), folder=small, capsys=capsys).split())
    assert "Removed: " in flat
    assert (
        "Changed: 1 US-FL-IND (Florida Information Protection Act, Fla. Stat. § 501.171(4))" in flat
    )


def test_diff_of_the_same_pack_is_nothing(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed("diff", str(small), str(small), folder=small, capsys=capsys) == (
        "Both packs say the same.\n"
    )


def test_diff_refuses_what_is_no_pack(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tocsin("diff", str(small), str(tmp_path / "none"), folder=small) == EXIT_PACK
    assert "none is no folder" in capsys.readouterr().err
    assert tocsin("diff", str(small), str(tmp_path), folder=small) == EXIT_PACK
    assert "no obligations (*.yaml) here" in capsys.readouterr().err
