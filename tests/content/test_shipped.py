"""The playbooks and the organisation that we ship are sound and say what they must."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.content.organisation import load_organisation
from bot.content.playbooks import check_paths, load_playbook, load_playbooks
from bot.content.roots import ContentRootError, find_roots, own_obligations
from bot.content.yaml_source import ContentError
from bot.domain.playbook import PHASE_IDS, PartnerKind, Playbook

ROOT = Path(__file__).resolve().parents[2]
INCIDENTS = ROOT / "playbooks" / "incidents"
IDS = ["account_takeover", "data_breach", "lost_device", "ransomware"]
FILES = {
    "account_takeover": "account_takeover.yaml",
    "data_breach": "data_breach.yaml",
    "lost_device": "lost_device.yaml",
    "ransomware": "ransomware_exfiltration.yaml",
}


def shipped(playbook_id: str) -> Playbook:
    return load_playbook(INCIDENTS / FILES[playbook_id])


def words(playbook: Playbook) -> str:
    return " ".join(f"{task.title} {task.how}" for _, task in playbook.tasks()).lower()


@pytest.mark.slow
def test_all_four_load_and_the_whole_folder_is_clean() -> None:
    assert list(load_playbooks(INCIDENTS)) == IDS
    assert check_paths([ROOT / "playbooks"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("playbook_id", IDS)
def test_each_playbook_covers_the_whole_response(playbook_id: str) -> None:
    playbook = shipped(playbook_id)
    raw = (INCIDENTS / FILES[playbook_id]).read_bytes()
    assert playbook.id == playbook_id
    assert playbook.sha256 == hashlib.sha256(raw).hexdigest()
    assert tuple(phase.id for phase in playbook.phases) == PHASE_IDS
    assert 20 <= len(list(playbook.tasks())) <= 30
    assert {task.owner_role for _, task in playbook.tasks()} == {
        "commander",
        "forensics",
        "legal",
        "comms",
        "scribe",
    }
    assert {partner.kind for partner in playbook.partners} == set(PartnerKind)
    assert playbook.notices == (
        "gdpr_art33_authority",
        "gdpr_art34_person",
        "us_ca_individual",
        "us_ma_individual",
        "holding_statement",
    )
    assert {one.fact for one in playbook.presumed_facts} >= {"personal_data_involved"}
    for topic in (
        "isolate",
        "revoke compromised credentials",
        "lateral movement" if playbook_id != "account_takeover" else "stop movement",
        "capture memory",
        "image",
        "preserve",
        "patch",
        "rebuild",
        "validate, harden",
        "penetration test",
        "root cause",
        "lessons-learned",
        "update the plan",
        "retrain",
        "decide who must be told",
        "outside counsel under privilege",
        "insurer within policy terms",
        "draft the notice",
        "holding statement",
        "customer support",
    ):
        assert topic in words(playbook), topic


@pytest.mark.slow
@pytest.mark.parametrize("playbook_id", IDS)
def test_captures_run_from_memory_to_logs(playbook_id: str) -> None:
    preservation = shipped(playbook_id).phases[2]
    ranked = sorted(
        (task.order_of_volatility, task.key)
        for task in preservation.tasks
        if task.order_of_volatility is not None
    )
    keys = [key for _, key in ranked]
    assert keys[0] in {"capture_memory", "preserve_live_records"}
    assert keys.index("image_disks") < keys.index("preserve_logs") == len(keys) - 1


@pytest.mark.slow
@pytest.mark.parametrize("playbook_id", IDS)
def test_example_partners_can_reach_nobody_by_mistake(playbook_id: str) -> None:
    text = (INCIDENTS / FILES[playbook_id]).read_text(encoding="utf-8")
    assert "EXAMPLE PARTNERS" in text.split("\nid:")[0]
    for address in re.findall(r"[\w.]+@([\w.]+\w)", text):
        assert address.endswith(".example.com")
    for number in re.findall(r"\+\d[\d ]{6,}\d", text):
        assert " 555 " in number


@pytest.mark.slow
def test_ransomware_forbids_paying_without_counsel_and_a_sanctions_check() -> None:
    tasks = {task.key: task for _, task in shipped("ransomware").tasks()}
    assert tasks["decide_on_payment"].owner_role == "legal"
    assert tasks["decide_on_payment"].after == ("engage_counsel",)
    assert "OFAC" in tasks["decide_on_payment"].how
    assert "off-line" in tasks["protect_backups"].how
    assert "ransom note" in tasks["keep_note_and_samples"].title
    clocks = {clock.id: clock.within for clock in shipped("ransomware").containment_clocks}
    assert clocks["containment"] == timedelta(hours=12)


@pytest.mark.slow
def test_a_lost_device_is_wiped_only_after_its_evidence_is_kept() -> None:
    tasks = {task.key: task for _, task in shipped("lost_device").tasks()}
    assert set(tasks["decide_remote_wipe"].after) >= {"preserve_live_records", "preserve_logs"}
    assert tasks["police_report"].partner == "police"


@pytest.mark.slow
def test_account_takeover_looks_back_thirty_days_and_reverses() -> None:
    tasks = {task.key: task for _, task in shipped("account_takeover").tasks()}
    assert tasks["list_accounts_touched"].title.endswith("same agent or number in 30 days")
    assert tasks["reverse_changes"].after == ("preserve_logs",)
    assert "revoke_sessions" in tasks["return_account"].after


def test_the_organisation_is_loaded_as_facts() -> None:
    path = ROOT / "playbooks" / "organisation.yaml"
    organisation = load_organisation(path)
    assert organisation.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert organisation.facts["organisation_name"] == "Halden Mutual Insurance"
    assert organisation.facts["established_in"] == ["DE", "US-CA"]
    assert organisation.facts["sec_registrant"] is False
    assert organisation.facts["home_zone"] == "Europe/Berlin"
    assert "parent_organisation" not in organisation.facts


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "home_zone: Europe/Berlin",
            "home_zone: Europe/Berlim",
            ":35:12: 'Europe/Berlim' isn't a time zone; did you mean 'Europe/Berlin'?",
        ),
        (
            "[DE, US-CA]",
            "[DE, California]",
            (
                ":13:22: 'California' doesn't have the right form; "
                "write ISO 3166 codes: DE for a country, US-CA for a state"
            ),
        ),
        (
            '"+1 800 555 0199"',
            "18005550199",
            (
                ":30:17: expected text, found '18005550199'; "
                "write it with the country code, in quotes: '+49 40 555 0100'"
            ),
        ),
        (
            "contact_name: Halden Mutual Privacy Office\n",
            "",
            ":7:1: 'contact_name' is missing; add 'contact_name: …'",
        ),
    ],
)
def test_a_fault_in_the_organisation_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    text = (ROOT / "playbooks" / "organisation.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "organisation.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_organisation(path)
    assert str(caught.value) == f"{path}{expected}"
    assert [str(problem) for problem in check_paths([path])] == [str(caught.value)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("entity_types: []", ()),
        ("entity_types: [credit_union]", ("credit_union",)),
        ("entity_types: [bank]", "“bank” isn't one of the choices for entity_types"),
        ("entity_types: bank", "expected a list, found 'bank'"),
    ],
)
def test_an_organisation_says_what_it_is_or_that_it_is_none_of_them(
    tmp_path: Path, line: str, expected: tuple[str, ...] | str
) -> None:
    text = (ROOT / "playbooks" / "organisation.yaml").read_text(encoding="utf-8")
    path = tmp_path / "organisation.yaml"
    told = re.sub(r"^entity_types: .*$", line, text, flags=re.MULTILINE)
    assert told != text
    path.write_text(told, encoding="utf-8")
    if isinstance(expected, str):
        with pytest.raises(ContentError, match=expected):
            load_organisation(path)
    else:
        assert load_organisation(path).facts["entity_types"] == list(expected)


def test_roots_are_those_of_the_checkout() -> None:
    roots = find_roots()
    assert roots.incidents == INCIDENTS
    assert roots.obligations == ROOT / "playbooks" / "obligations"
    assert roots.organisation == ROOT / "playbooks" / "organisation.yaml"
    assert roots.notification_templates == ROOT / "notification_templates"


def test_an_explicit_root_must_hold_both_folders(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    with pytest.raises(ContentRootError, match="has no folder notification_templates: name a"):
        find_roots(tmp_path)
    (tmp_path / "notification_templates").mkdir()
    assert find_roots(tmp_path).playbooks == tmp_path / "playbooks"


def test_own_obligations_lie_in_the_folder_or_in_one_of_that_name(tmp_path: Path) -> None:
    assert own_obligations(None) is None
    assert own_obligations(tmp_path) == tmp_path
    (tmp_path / "obligations").mkdir()
    assert own_obligations(tmp_path) == tmp_path / "obligations"
    with pytest.raises(ContentRootError, match=r"none is no folder: .* TOCSIN_PLAYBOOKS_DIR"):
        own_obligations(tmp_path / "none")
