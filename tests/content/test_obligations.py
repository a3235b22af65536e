"""The shipped obligations are whole, the pages say the same, and own rules stand beside them."""

import hashlib
import re
from pathlib import Path

import pytest

from bot.content.notices import load_notice_templates
from bot.content.obligations import load_obligations
from bot.content.yaml_source import ContentError
from bot.domain.obligations import LegalConfidence, ObligationType, RecipientKind
from bot.domain.reference_tables import event_table, fact_table, obligation_list, put_table
from bot.domain.rulebook import Rulebook
from tests.content.obligation_file_kit import APPLIES, MINIMAL, parse

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "playbooks" / "obligations"
SHIPPED = load_obligations(PACK)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


# The pack


def test_every_duty_that_was_researched_is_in_the_pack() -> None:
    researched = Path(__file__).with_name("research_ids.txt").read_text("utf-8").split()
    assert len(researched) == 300
    assert set(researched) - set(SHIPPED) == set()


def test_every_shipped_obligation_says_where_it_comes_from() -> None:
    digests = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in PACK.iterdir()}
    for one in SHIPPED.values():
        assert one.citation, one.id
        assert one.source, one.id
        assert one.origin.sha256 == digests[one.origin.file], one.id
        assert not one.origin.own
        assert one.contents is None or "checked" in one.contents.checked, one.id


def test_no_proposal_and_no_signpost_ever_runs() -> None:
    words = re.compile(r"NOT IN FORCE|NOT YET|PROPOSAL|NOT CONFIRMED", re.IGNORECASE)
    unripe = {one.id for one in SHIPPED.values() if words.search(one.regime)}
    assert {"EU-OMNIBUS-96H", "US-CIRCIA-72H"} <= unripe
    running = {one.id for one in SHIPPED.values() if one.runs}
    assert not running & unripe
    kinds = {one.type for one in SHIPPED.values() if one.runs}
    assert not kinds & {ObligationType.SIGNPOST, ObligationType.DUPLICATE}
    assert SHIPPED["US-NY-DFS"].duplicate_of == "US-NY-DFS-500-17"


def test_what_is_not_of_high_confidence_asks_for_counsel() -> None:
    unsure = {one.id for one in SHIPPED.values() if one.confirm_with_counsel}
    assert unsure == {
        one.id for one in SHIPPED.values() if one.confidence is not LegalConfidence.HIGH
    }
    assert len(unsure) > 50


def test_duties_can_be_worked_out_one_after_another() -> None:
    rules = Rulebook(
        playbooks={}, obligations=SHIPPED, notices={}, organisation={}, organisation_sha256=""
    )
    order = [one.id for one in rules.duties]
    assert order.index("US-MD-IND") < order.index("US-MD-AG")
    assert order.index("EU-DORA-INTER") < order.index("EU-DORA-FINAL")
    assert len(order) == len({one.id for one in SHIPPED.values() if one.runs})


def test_notice_templates_that_obligations_name_exist() -> None:
    templates = load_notice_templates(ROOT / "notification_templates")
    named = {notice for one in SHIPPED.values() for notice in one.notices}
    assert named - set(templates) == set()
    assert "us_ca_individual" in SHIPPED["US-CA-IND"].notices


# The pages


@pytest.mark.slow
def test_the_pages_say_what_the_program_does() -> None:
    tables = {
        "facts.md": fact_table(),
        "obligations.md": event_table(),
        "obligations-list.md": obligation_list(SHIPPED.values()),
    }
    for name, table in tables.items():
        text = page(name)
        assert put_table(text, table) == text, f"{name}: run scripts/write_reference_pages.py"


def test_the_list_has_an_entry_for_every_duty_and_says_what_is_special() -> None:
    entries = dict(
        re.findall(
            r"^### (\S+)\n(.*?)(?=^##|\Z)", page("obligations-list.md"), re.MULTILINE | re.DOTALL
        )
    )
    assert set(entries) == set(SHIPPED)
    for one in SHIPPED.values():
        assert ("confirm with counsel; in force" in entries[one.id]) is one.confirm_with_counsel, (
            one.id
        )
        assert (f"disabled: {one.disabled[:40]}" in entries[one.id]) is bool(one.disabled), one.id


def test_the_page_s_complete_example_loads() -> None:
    example = page("obligations.md").split("```yaml\n")[1].partition("```")[0]
    letters, authority = parse(example)
    assert (letters.id, str(letters.period)) == ("FD-IND", "30 calendar days")
    assert letters.confirm_with_counsel
    assert letters.exemptions[1].when is None
    assert authority.limits[0].deadline_of == "FD-IND"
    assert authority.must_arrive


def test_the_page_s_contract_clause_loads_beside_the_pack(tmp_path: Path) -> None:
    example = page("obligations.md").split("```yaml\n")[2].partition("```")[0]
    (tmp_path / "contracts.yaml").write_text(example, "utf-8")
    found = load_obligations(PACK, own=tmp_path)
    clause = found["OWN-ACME-24H"]
    assert clause.recipient.kind is RecipientKind.CONTRACT_PARTNER
    assert (str(clause.period), clause.origin.own) == ("24 hours", True)
    assert len(found) == len(SHIPPED) + 1


# Own rules


def test_an_own_rule_with_an_id_of_the_pack_takes_its_place(tmp_path: Path) -> None:
    pack, own = tmp_path / "pack", tmp_path / "own"
    for folder, days in ((pack, 30), (own, 10)):
        folder.mkdir()
        (folder / "a.yaml").write_text(MINIMAL.replace("number: 30", f"number: {days}"))
    (found,) = load_obligations(pack, own=own).values()
    assert (found.period.number, found.origin.own) == (10, True)


def test_own_rules_may_use_what_the_pack_shares(tmp_path: Path) -> None:
    pack, own = tmp_path / "pack", tmp_path / "own"
    pack.mkdir()
    own.mkdir()
    (pack / "_shared.yaml").write_text("title: S\ndefinitions:\n  ours: {personal_data: true}\n")
    (pack / "a.yaml").write_text(MINIMAL)
    mine = MINIMAL.replace("FD-IND", "OWN-1X").replace(APPLIES, "applies_if: {use: ours}")
    (own / "b.yaml").write_text(mine)
    assert set(load_obligations(pack, own=own)) == {"FD-IND", "OWN-1X"}
    (own / "b.yaml").write_text(mine.replace("use: ours", "use: theirs"))
    with pytest.raises(ContentError, match=r"b\.yaml:13:23: there is no definition 'theirs'"):
        load_obligations(pack, own=own)
