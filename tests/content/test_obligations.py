"""Loading the pack: the twelve as shipped, and what is said about a file that isn't sound."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from bot.content.obligations import load_obligations, parse_obligations
from bot.content.yaml_source import ContentError, parse_yaml
from bot.domain.business_days import BusinessCalendar
from bot.domain.obligations import LegalConfidence, Obligation, RecipientKind, Unit
from bot.domain.reference_tables import obligation_table, put_table

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "playbooks" / "obligations"
PAGE = ROOT / "docs" / "obligations.md"
SHIPPED = load_obligations(PACK)

HOURS, DAYS, NONE = Unit.HOURS, Unit.CALENDAR_DAYS, Unit.NONE
TWELVE = {
    # id: number, unit, triggers, zone
    "EU-GDPR-33-SA": (72, HOURS, ["aware_at"], "Europe/Brussels"),
    "EU-GDPR-34-IND": (None, NONE, ["aware_at"], "Europe/Brussels"),
    "GB-UKGDPR-33": (72, HOURS, ["aware_at"], "Europe/London"),
    "US-CA-IND": (30, DAYS, ["discovered_at", "aware_at"], "America/Los_Angeles"),
    "US-CA-AG": (15, DAYS, ["individuals_notified_at"], "America/Los_Angeles"),
    "US-NY-IND": (30, DAYS, ["discovered_at", "aware_at"], "America/New_York"),
    "US-NY-AG": (30, DAYS, ["discovered_at", "aware_at"], "America/New_York"),
    "US-TX-IND": (60, DAYS, ["determined_at"], "America/Chicago"),
    "US-TX-AG": (30, DAYS, ["determined_at"], "America/Chicago"),
    "US-FL-IND": (30, DAYS, ["determined_at", "aware_at"], "America/New_York"),
    "US-MA-IND": (None, NONE, ["aware_at"], "America/New_York"),
    "US-SEC-8K-105": (4, Unit.BUSINESS_DAYS, ["materiality_determined_at"], "America/New_York"),
}

MINIMAL = """\
title: Freedonia
obligations:
  - id: FD-IND
    jurisdiction: FD
    regime: Freedonia breach law
    citation: Act 7
    recipient: {kind: individuals, name: Residents}
    duty: Notify.
    trigger:
      - {fact: discovered_at, event: discovery}
    period: {number: 30, unit: calendar_days}
    zone: {name: Europe/Paris, rule: Capital.}
    counting: 30 calendar days.
    applies_if: {residents: FD, at_least: 1}
    role: legal
    effective_from: 2026-01-01
    source: Gazette
    confidence: medium
    verified_on: 2026-11-21
"""


def parse(text: str) -> list[Obligation]:
    return parse_obligations(parse_yaml(text.encode(), file="fd.yaml"))


def problems(text: str) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse(text)
    return str(caught.value).splitlines()


def test_the_twelve_are_shipped() -> None:
    found = {
        one.id: (one.period.number, one.period.unit, [t.fact for t in one.triggers], one.zone.name)
        for one in SHIPPED.values()
    }
    assert found == TWELVE


def test_every_shipped_obligation_is_complete() -> None:
    for one in SHIPPED.values():
        assert one.role == "legal"
        assert one.confidence is LegalConfidence.HIGH
        assert one.verified_on == date(2026, 11, 21)
        assert (
            one.origin.sha256 == hashlib.sha256((PACK / one.origin.file).read_bytes()).hexdigest()
        )
        assert one.contents is None or "checked" in one.contents.checked


def test_only_texas_letters_have_no_prescribed_contents() -> None:
    without = [one.id for one in SHIPPED.values() if one.contents is None]
    assert without == ["US-TX-IND"]


def test_the_notice_templates_that_serve_them() -> None:
    serving = {one.id: one.notices for one in SHIPPED.values() if one.notices}
    assert serving == {
        "EU-GDPR-33-SA": ("gdpr_art33_authority",),
        "EU-GDPR-34-IND": ("gdpr_art34_person",),
        "US-CA-IND": ("us_ca_individual",),
        "US-MA-IND": ("us_ma_individual",),
    }


def test_the_sec_files_by_its_own_calendar_and_closing_time() -> None:
    sec = SHIPPED["US-SEC-8K-105"]
    assert sec.period.calendar is BusinessCalendar.SEC
    assert str(sec.cutoff_local) == "17:30:00"
    assert sec.recipient.kind is RecipientKind.SEC_FILING


def test_the_page_says_what_the_pack_says() -> None:
    page = PAGE.read_text("utf-8")
    table = obligation_table(SHIPPED.values())
    assert put_table(page, table) == page, "run scripts/write_reference_pages.py"


def test_the_page_s_example_loads() -> None:
    example = PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    (found,) = parse(example)
    assert (found.id, str(found.period)) == ("FD-IND", "30 calendar days")
    assert found.confirm_with_counsel


def test_a_minimal_file_loads() -> None:
    (found,) = parse(MINIMAL)
    assert (found.id, found.exemptions, found.contents, found.cutoff_local) == (
        "FD-IND",
        (),
        None,
        None,
    )


APPLIES = "applies_if: {residents: FD, at_least: 1}"
PERIOD = "period: {number: 30, unit: calendar_days}"

FAULTS = [
    # what is replaced, by what, the message
    ("fact: discovered_at", "fact: discoverd_at",
     "fd.yaml:10:16: there is no time 'discoverd_at' in the fact dictionary; did you mean 'disc"),
    ("fact: discovered_at", "fact: material",
     "fd.yaml:10:16: there is no time 'material' in the fact dictionary; use one of: "),
    ("event: discovery}", "event: discovery}\n      - {fact: aware_at, event: awareness}",
     "fd.yaml:11:9: a fallback without a caveat; add 'caveat: …'"),
    (PERIOD, "period: {unit: calendar_days}",
     "fd.yaml:11:13: a period in calendar_days needs a number; add 'number: …'"),
    (PERIOD, "period: {number: 3, unit: none}", "fd.yaml:11:22: a number without a unit; "),
    (PERIOD, "period: {number: 3, unit: business_days}",
     "fd.yaml:11:13: business days, and only they, need a calendar; "),
    (PERIOD, "period: {number: 3, unit: weeks}", "fd.yaml:11:31: 'weeks' isn't known here; "),
    (PERIOD, "period: {number: 72, unit: hours}\n    cutoff_local: '12:00'",
     "fd.yaml:12:19: a cut-off time belongs to a period in days; remove it"),
    (PERIOD, "period: {unit: none}\n    extension: {number: 3, condition: if asked.}",
     "fd.yaml:12:16: an extension needs a period with a number; remove it"),
    ("name: Europe/Paris", "name: Europe/Pariss",
     "fd.yaml:12:18: there is no time zone 'Europe/Pariss'; write one such as Europe/Berlin"),
    ("rule: Capital.", "rule: Capital., fact: home_zone",
     "fd.yaml:12:11: 'fact' and 'prefixes' of a zone go together; "),
    ("rule: Capital.", "rule: Capital., fact: home_zoen, prefixes: [Europe/]",
     "fd.yaml:12:54: there is no text 'home_zoen' in the fact dictionary; did you mean 'home"),
    (APPLIES, "applies_if: {fact: encrypton, is: encrypted}",
     "fd.yaml:14:24: there is no fact 'encrypton'; did you mean 'encryption'?"),
    (APPLIES, "applies_if: {fact: encryption, is: secret}",
     "fd.yaml:14:40: “secret” isn't one of the choices for encryption"),
    (APPLIES, "applies_if: {fact: material, is: yes}",
     "fd.yaml:14:38: “yes” doesn't fit material: no would; write true or false"),
    (APPLIES, "applies_if: {fact: aware_at, is: today}",
     "fd.yaml:14:24: this can't be asked of 'aware_at', a fact of the kind instant; use one of: "),
    (APPLIES, "applies_if: {fact: residents, at_least: 3}",
     "fd.yaml:14:24: 'residents' is counted per place; write 'residents: US-CA' instead"),
    (APPLIES, "applies_if: {fact: data_elements, contains_any: [ssn, shoe_size]}",
     "fd.yaml:14:53: “shoe_size” isn't one of the choices for data_elements"),
    (APPLIES, "applies_if: {residents: Freedonia, at_least: 1}",
     "fd.yaml:14:29: 'Freedonia' doesn't have the right form; write an ISO 3166 code"),
    (APPLIES, "applies_if: {recorded: nothing}", "fd.yaml:14:28: there is no fact 'nothing'; "),
    (APPLIES, "applies_if: {use: sensitive}", "fd.yaml:14:23: there is no definition 'sensitive'"),
    (APPLIES, "applies_if: {unless: x}",
     "fd.yaml:14:18: unknown key 'unless'; use one of: all, any"),
    (APPLIES, "applies_if: {residnts: FD, at_least: 1}",
     "fd.yaml:14:18: unknown key 'residnts'; did you mean 'residents'?"),
    (APPLIES, "applies_if: {residents: FD}",
     "fd.yaml:14:17: 'residents' isn't a condition; write one of: all; any; "),
    (APPLIES, "applies_if: {fact: material, is: true, at_least: 3}",
     "fd.yaml:14:17: 'fact' with 'is' with 'at_least' isn't a condition; "),
    (APPLIES, "applies_if: {all: []}", "fd.yaml:14:23: the list is empty; "),
    ("effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2025-01-01",
     "fd.yaml:17:22: ends before effective_from; correct one of the dates"),
    ("effective_from: 2026-01-01", "effective_from: 2026-02-30",
     "fd.yaml:16:21: '2026-02-30' isn't a valid date; write a date such as 2026-11-21"),
    ("    role: legal\n", "", "fd.yaml:3:5: 'role' is missing; add 'role: …'"),
    ("title: Freedonia", "title: Freedonia\ndefinitions:\n  unused: {personal_data: true}",
     "fd.yaml:3:3: the definition 'unused' is never used; "),
    ("title: Freedonia",
     "title: Freedonia\ndefinitions:\n  one: {personal_data: true}\n  two: {not: {use: one}}",
     "fd.yaml:4:20: there is no definition 'one' to use here; definitions can't use each other"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), FAULTS, ids=[f[2][:70] for f in FAULTS])
def test_a_fault_names_its_place_and_remedy(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    found = problems(MINIMAL.replace(old, new, 1))
    assert any(line.startswith(message) for line in found), found


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = MINIMAL.replace("Europe/Paris", "Mars/Base").replace("discovered_at", "found_at")
    assert [line.split(":")[1] for line in problems(text)] == ["10", "12"]


def test_an_id_given_twice_is_refused() -> None:
    entry = MINIMAL.partition("obligations:\n")[2]
    (found,) = problems(MINIMAL + entry)
    assert found.startswith("fd.yaml:20:9: the id 'FD-IND' stands twice (first on line 3); ")


def test_a_pack_loads_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yaml").write_text(MINIMAL.replace("role: legal", "role: janitor"))
    with pytest.raises(ContentError, match=r"b\.yaml:15:11: 'janitor' isn't known here"):
        load_obligations(tmp_path)


def test_an_id_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yaml").write_text(MINIMAL)
    with pytest.raises(ContentError, match=r"b\.yaml:3:9: the id 'FD-IND' is also in a\.yaml"):
        load_obligations(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no obligations"):
        load_obligations(tmp_path)


def test_a_file_that_would_be_passed_over_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yml").write_text(MINIMAL)
    with pytest.raises(ContentError, match=r"b\.yml:1:1: files that end in \.yml aren't read"):
        load_obligations(tmp_path)
