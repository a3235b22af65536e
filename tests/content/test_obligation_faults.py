"""What is said about an obligation file that isn't sound: place, problem and remedy."""

from pathlib import Path

import pytest

from bot.content.obligations import load_obligations
from bot.content.yaml_source import ContentError
from tests.content.obligation_file_kit import APPLIES, MINIMAL, parse, problems

TRIGGER = "trigger: {events: [discovery], words: discovery}"
PERIOD = "period: {number: 30, unit: calendar_days}"

FAULTS = [
    # what is replaced, by what, the message
    ("[discovery]", "[discovry]",
     "fd.yaml:9:24: there is no event 'discovry'; did you mean 'discovery'?"),
    ("[discovery]", "[shoe_size]", "fd.yaml:9:24: there is no event 'shoe_size'; use one of: "),
    ("events: [discovery]", "events: [discovery, determination]",
     "fd.yaml:9:14: several events, and nothing says which counts; add 'pick: earliest' or"),
    ("words: discovery}", "words: discovery, of: [FD-X]}",
     "fd.yaml:9:58: none of the events discovery comes from another duty; remove 'of', or"),
    (PERIOD, "period: {unit: calendar_days}",
     "fd.yaml:10:13: a period in calendar_days needs a number; add 'number: …'"),
    (PERIOD, "period: {number: 3, unit: none}", "fd.yaml:10:22: a number without a unit; "),
    (PERIOD, "period: {number: 3, unit: business_days}",
     "fd.yaml:10:13: business days, and only they, need a calendar; "),
    (PERIOD, "period: {number: 3, unit: weeks}", "fd.yaml:10:31: 'weeks' isn't known here; "),
    (PERIOD, "period: {number: 72, unit: hours}\n    cutoff_local: '12:00'",
     "fd.yaml:11:19: a cut-off time belongs to a period in days; remove it"),
    (PERIOD, "period: {unit: none}\n    extension: {number: 3, unit: hours, condition: if asked.}",
     "fd.yaml:11:16: an extension needs a period with a number; remove it"),
    ("name: Europe/Paris", "name: Europe/Pariss",
     "fd.yaml:11:18: there is no time zone 'Europe/Pariss'; write one such as Europe/Berlin"),
    ("rule: Capital.", "rule: Capital., fact: home_zone",
     "fd.yaml:11:11: 'fact' and 'prefixes' of a zone go together; "),
    ("rule: Capital.", "rule: Capital., fact: home_zoen, prefixes: [Europe/]",
     "fd.yaml:11:54: there is no text 'home_zoen' in the fact dictionary; did you mean 'home"),
    (APPLIES, "applies_if: {fact: encrypton, is: encrypted}",
     "fd.yaml:13:24: there is no fact 'encrypton'; did you mean 'encryption'?"),
    (APPLIES, "applies_if: {fact: encryption, is: secret}",
     "fd.yaml:13:40: “secret” isn't one of the choices for encryption"),
    (APPLIES, "applies_if: {fact: material, is: yes}",
     "fd.yaml:13:38: “yes” doesn't fit material: no would; write true or false"),
    (APPLIES, "applies_if: {fact: aware_at, is: today}",
     "fd.yaml:13:24: this can't be asked of 'aware_at', a fact of the kind instant; use one of: "),
    (APPLIES, "applies_if: {fact: residents, at_least: 3}",
     "fd.yaml:13:24: 'residents' is counted per place; write 'residents: US-CA' instead"),
    (APPLIES, "applies_if: {fact: data_elements, contains_any: [ssn, shoe_size]}",
     "fd.yaml:13:53: “shoe_size” isn't one of the choices for data_elements"),
    (APPLIES, "applies_if: {residents: Freedonia, at_least: 1}",
     "fd.yaml:13:29: 'Freedonia' doesn't have the right form; write an ISO 3166 code"),
    (APPLIES, "applies_if: {recorded: nothing}", "fd.yaml:13:28: there is no fact 'nothing'; "),
    (APPLIES, "applies_if: {use: sensitive}", "fd.yaml:13:23: there is no definition 'sensitive'"),
    (APPLIES, "applies_if: {unless: x}",
     "fd.yaml:13:18: unknown key 'unless'; use one of: all, any"),
    (APPLIES, "applies_if: {residnts: FD, at_least: 1}",
     "fd.yaml:13:18: unknown key 'residnts'; did you mean 'residents'?"),
    (APPLIES, "applies_if: {residents: FD}",
     "fd.yaml:13:17: 'residents' isn't a condition; write one of: all; any; "),
    (APPLIES, "applies_if: {fact: material, is: true, at_least: 3}",
     "fd.yaml:13:17: 'fact' with 'is' with 'at_least' isn't a condition; "),
    (APPLIES, "applies_if: {all: []}", "fd.yaml:13:23: the list is empty; "),
    ("effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2025-01-01",
     "fd.yaml:16:22: ends before effective_from; correct one of the dates"),
    ("effective_from: 2026-01-01", "effective_from: 2026-02-30",
     "fd.yaml:15:21: '2026-02-30' isn't a valid date; write a date such as 2026-11-21"),
    ("    role: legal\n", "", "fd.yaml:3:5: 'role' is missing; add 'role: …'"),
    ("title: Freedonia", "title: Freedonia\ndefinitions:\n  unused: {personal_data: true}",
     "fd.yaml:3:3: the definition 'unused' is never used; "),
    ("title: Freedonia",
     "title: Freedonia\ndefinitions:\n  one: {personal_data: true}\n  two: {not: {use: one}}",
     "fd.yaml:4:20: there is no definition 'one' to use here; definitions can't use each other"),
    (PERIOD, "period: {unit: none, number: 3, relation: before}",
     "fd.yaml:10:34: a number without"),
    (PERIOD, "period: {number: 3, unit: calendar_days, relation: before}",
     "fd.yaml:10:56: a limit by an event has no number of its own; write 'unit: none'"),
    (PERIOD, "period: {number: 3, unit: hours, first_day: included}",
     "fd.yaml:10:49: 'first_day' belongs to a period in days or longer; remove it"),
    (PERIOD, "period: {number: 3, unit: business_days, calendar: XX}",
     "fd.yaml:10:56: there is no calendar 'XX'; write sec, japan, target, EU, or an ISO 3166"),
    (PERIOD,
     PERIOD + "\n    limits:\n      - {words: later, deadline_of: FD-A, period: {unit: none}}",
     "fd.yaml:12:9: a limit is either a trigger with a period, or the deadline of another duty"),
    ("duty: Notify.", "duty: Notify.\n    type: duplicate",
     "fd.yaml:3:5: a duplicate, and only it, names the duty that runs instead; write"),
    ("    effective_from: 2026-01-01\n", "",
     "fd.yaml:3:5: a rule in force without effective_from; add the date, or a caveat"),
    (APPLIES, "applies_if: {fact: entity_types, contains_any: [bank]}",
     "fd.yaml:13:52: “bank” isn't one of the choices for entity_types; use one of: "),
]  # fmt: skip


def test_a_minimal_file_loads() -> None:
    (found,) = parse(MINIMAL)
    assert (found.id, found.exemptions, found.contents, found.cutoff_local) == (
        "FD-IND",
        (),
        None,
        None,
    )


@pytest.mark.parametrize(("old", "new", "message"), FAULTS, ids=[f[2][:70] for f in FAULTS])
def test_a_fault_names_its_place_and_remedy(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    found = problems(MINIMAL.replace(old, new, 1))
    assert any(line.startswith(message) for line in found), found


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = MINIMAL.replace("Europe/Paris", "Mars/Base").replace("[discovery]", "[found]")
    assert [line.split(":")[1] for line in problems(text)] == ["9", "11"]


def test_an_id_given_twice_is_refused() -> None:
    entry = MINIMAL.partition("obligations:\n")[2]
    (found,) = problems(MINIMAL + entry)
    assert found.startswith("fd.yaml:19:9: the id 'FD-IND' stands twice (first on line 3); ")


def test_a_pack_loads_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yaml").write_text(MINIMAL.replace("role: legal", "role: janitor"))
    with pytest.raises(ContentError, match=r"b\.yaml:14:11: 'janitor' isn't known here"):
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


def test_a_duty_that_nobody_knows_is_refused_where_it_is_named(tmp_path: Path) -> None:
    told = "trigger: {events: [individual_notice], words: letters, of: [FD-INDD]}"
    second = MINIMAL.replace("FD-IND", "FD-AG").replace(TRIGGER, told)
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yaml").write_text(second)
    message = r"b\.yaml:3:5: FD-AG is counted from 'FD-INDD', .*; did you mean 'FD-IND'\?"
    with pytest.raises(ContentError, match=message):
        load_obligations(tmp_path)


def test_duties_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("FD-A", "FD-B"), ("FD-B", "FD-A")):
        told = f"trigger: {{events: [individual_notice], words: letters, of: [{other}]}}"
        text = MINIMAL.replace("FD-IND", name).replace(TRIGGER, told)
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(ContentError, match="counted from each other in a circle: FD-"):
        load_obligations(tmp_path)


def test_shared_definitions_come_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "_shared.yaml").write_text(MINIMAL)
    with pytest.raises(ContentError, match=r"_shared\.yaml:3:3: .* holds definitions only"):
        load_obligations(tmp_path)
