"""A playbook loads whole or not at all, and each fault in one is told at its place."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.content.playbooks import check_paths, load_playbook, load_playbooks, parse_duration
from bot.content.yaml_source import ContentError
from bot.domain.playbook import ClockStart, ContainmentAct, PartnerKind

PHASES = [
    "triage",
    "containment",
    "forensic_preservation",
    "notification",
    "remediation",
    "recovery",
    "review",
]

HEAD = """\
id: small
version: 3
title: Small
summary: A small playbook.
suggested_severity: SEV3
roles: {commander: leads, forensics: looks, legal: decides, comms: speaks, scribe: writes}
presumed_facts:
  - {fact: personal_data_involved, value: true, reason: to be safe}
containment_clocks:
  containment: {within: 12 h, starts: aware_at}
partners:
  - {id: firm, kind: forensics, name: Firm, call_when: now, how: call, hours: always}
notices: [holding_statement]
phases:
"""
PHASE = """\
  - id: {phase}
    title: T
    purpose: P
    tasks:
      - {{key: {phase}_task, title: T, owner: legal, due: 1 h, how: H, evidence: [E]{more}}}
"""


def phase(name: str, more: str = "") -> str:
    ranked = ", order_of_volatility: 1" if name == "forensic_preservation" else ""
    return PHASE.format(phase=name, more=more or ranked)


SOUND = HEAD + "".join(phase(name) for name in PHASES)


def write(folder: Path, text: str, name: str = "small.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    """The problems of a playbook, without the folder's name; loading it must agree."""
    path = write(folder, text)
    found = [str(problem) for problem in check_paths([path])]
    with pytest.raises(ContentError) as caught:
        load_playbook(path)
    assert str(caught.value).splitlines() == found
    return [line.removeprefix(f"{folder}/") for line in found]


def test_a_sound_playbook_becomes_values(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND)
    playbook = load_playbook(path)
    assert (playbook.id, playbook.version, playbook.suggested_severity) == ("small", 3, "SEV3")
    assert playbook.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert playbook.source_path == str(path)
    assert [one.id for one in playbook.phases] == PHASES
    assert playbook.partner("firm").kind is PartnerKind.FORENSICS
    assert playbook.notices == ("holding_statement",)
    assert [(one.fact, one.value) for one in playbook.presumed_facts] == [
        ("personal_data_involved", True)
    ]
    task = playbook.phases[2].tasks[0]
    assert (task.key, task.owner_role, task.due, task.evidence, task.order_of_volatility) == (
        "forensic_preservation_task",
        "legal",
        timedelta(hours=1),
        ("E",),
        1,
    )
    opened_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert task.due_at(opened_at) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    with pytest.raises(KeyError, match="playbook small has no partner 'other'"):
        playbook.partner("other")


def test_clocks_are_the_defaults_unless_the_playbook_tightens_them(tmp_path: Path) -> None:
    clocks = load_playbook(write(tmp_path, SOUND)).containment_clocks
    assert [(c.id, c.within, c.starts, c.met_by) for c in clocks] == [
        ("triage", timedelta(hours=1), ClockStart.OPENED_AT, ContainmentAct.TRIAGE),
        ("escalation", timedelta(hours=4), ClockStart.OPENED_AT, ContainmentAct.ESCALATION),
        ("containment", timedelta(hours=12), ClockStart.AWARE_AT, ContainmentAct.CONTAINMENT),
        ("recovery", timedelta(hours=72), ClockStart.OPENED_AT, ContainmentAct.RECOVERY),
    ]
    started_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert clocks[0].due_at(started_at) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


REPLACEMENTS = [
    # what is changed in the sound playbook, into what, and the one problem that follows
    (
        "owner: legal, due: 1 h, how: H, evidence: [E]}\n  - id: containment",
        "owner: legl, due: 1 h, how: H, evidence: [E]}\n  - id: containment",
        "small.yaml:19:45: 'legl' isn't known here; did you mean 'legal'?",
    ),
    (
        "  - id: recovery\n",
        "  - id: recover\n",
        "small.yaml:40:9: 'recover' isn't known here; did you mean 'recovery'?",
    ),
    (
        phase("remediation"),
        "",
        "small.yaml:14:1: phase 'remediation' is missing; add it with at least one task",
    ),
    (
        phase("triage") + phase("containment"),
        phase("containment") + phase("triage"),
        (
            "small.yaml:15:9: phase 'containment' stands before 'triage'; "
            f"put the phases in this order: {', '.join(PHASES)}"
        ),
    ),
    (
        "key: containment_task",
        "key: triage_task",
        (
            "small.yaml:24:15: task 'triage_task' stands twice (first on line 19); "
            "give one of them another key"
        ),
    ),
    (
        phase("review"),
        phase("review", ", after: [triage_tsk]"),
        "small.yaml:49:93: there is no task 'triage_tsk'; did you mean 'triage_task'?",
    ),
    (
        phase("review"),
        phase("review", ", partner: frim"),
        "small.yaml:49:94: there is no partner 'frim'; did you mean 'firm'?",
    ),
    (
        phase("review"),
        phase("review", ", after: [review_task]"),
        (
            "small.yaml:14:1: tasks wait for each other: review_task → review_task; "
            "take one name out of an 'after'"
        ),
    ),
    (
        "key: containment_task, title: T, owner: legal, due: 1 h",
        "key: containment_task, title: T, owner: legal, due: 13 h",
        (
            "small.yaml:24:62: due 13 h is after the containment clock (12 h); "
            "make it sooner, or move the task to the review phase"
        ),
    ),
    (
        "key: recovery_task, title: T, owner: legal, due: 1 h",
        "key: recovery_task, title: T, owner: legal, due: 4 d",
        (
            "small.yaml:44:59: due 4 d is after the recovery clock (72 h); "
            "make it sooner, or move the task to the review phase"
        ),
    ),
    (
        "due: 1 h, how: H, evidence: [E]}\n  - id: containment",
        "due: 30 min, how: H, evidence: [E], after: [review_task]}\n  - id: containment",
        (
            "small.yaml:19:57: due 30 min, before 'review_task' which must come first; "
            "make it later, or 'review_task' sooner"
        ),
    ),
    (
        "due: 1 h, how: H, evidence: [E]}\n  - id: containment",
        "due: 90min, how: H, evidence: [E]}\n  - id: containment",
        (
            "small.yaml:19:57: '90min' doesn't have the right form; "
            "write a number, a space, and min, h or d: '30 min', '4 h' or '2 d'"
        ),
    ),
    (
        "order_of_volatility: 1",
        "order_of_volatility: 2",
        (
            "small.yaml:29:121: order_of_volatility is 2 where 1 comes next; "
            "number the captures 1, 2, 3 without gaps"
        ),
    ),
    (
        ", order_of_volatility: 1",
        "",
        (
            "small.yaml:14:1: no task has order_of_volatility; "
            "number the captures of forensic_preservation, from memory (1) to logs"
        ),
    ),
    (
        phase("review"),
        phase("review", ", order_of_volatility: 2"),
        (
            "small.yaml:49:85: a capture in the phase 'review'; "
            "move the task to forensic_preservation, or remove the number"
        ),
    ),
    (
        "within: 12 h",
        "within: 25 h",
        (
            "small.yaml:10:25: the containment clock may not be looser than 24 h; "
            "write 24 h or less, or leave it out"
        ),
    ),
    (
        "fact: personal_data_involved",
        "fact: personal_data_involvd",
        (
            "small.yaml:8:12: there is no fact 'personal_data_involvd'; "
            "did you mean 'personal_data_involved'?"
        ),
    ),
    (
        "fact: personal_data_involved, value: true",
        "fact: aware_at, value: '2026-03-02T09:00:00Z'",
        (
            "small.yaml:8:12: 'aware_at' can't be presumed; "
            "times and counts of people must be recorded"
        ),
    ),
    (
        "fact: personal_data_involved, value: true",
        "fact: breach_kinds, value: [secrecy]",
        (
            "small.yaml:8:33: “secrecy” isn't one of the choices for breach_kinds: "
            "confidentiality, integrity, availability; an example: confidentiality"
        ),
    ),
    (
        "version: 3",
        "version: 1.2",
        (
            "small.yaml:2:10: expected a whole number, found '1.2'; "
            "write a whole number from 1 and raise it with every change"
        ),
    ),
    (
        "suggested_severity: SEV3",
        "sugested_severity: SEV3",
        "small.yaml:5:1: unknown key 'sugested_severity'; did you mean 'suggested_severity'?",
    ),
    (
        "notices: [holding_statement]",
        "notices: &n [holding_statement]",
        "small.yaml:13:10: anchor '&n'; remove it; anchors aren't used here",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), REPLACEMENTS)
def test_one_fault_gives_its_place_and_remedy(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert SOUND.count(old) == 1
    assert faults(tmp_path, SOUND.replace(old, new)) == [expected]


def test_several_faults_are_all_told(tmp_path: Path) -> None:
    text = SOUND.replace("id: small", "id: Small").replace("owner: legal", "owner: observer")
    found = faults(tmp_path, text)
    assert len(found) == 1 + len(PHASES)
    assert found[0].startswith("small.yaml:1:5: 'Small' doesn't have the right form; use lower-")


def test_two_phases_of_one_kind_and_two_partners_of_one_id(tmp_path: Path) -> None:
    partner = "  - {id: firm, kind: pr, name: N, call_when: now, how: call, hours: always}\n"
    text = SOUND.replace("notices:", partner + "notices:") + phase("review").replace(
        "review_task", "another_task"
    )
    assert faults(tmp_path, text) == [
        "small.yaml:13:10: partner 'firm' stands twice; give one of them another id",
        "small.yaml:51:9: phase 'review' stands twice; merge the two",
    ]


def test_a_less_volatile_capture_may_not_be_due_first(tmp_path: Path) -> None:
    second = (
        "      - {key: logs, title: T, owner: legal, due: 30 min, how: H, evidence: [E], "
        "order_of_volatility: 2}\n"
    )
    text = SOUND.replace(phase("forensic_preservation"), phase("forensic_preservation") + second)
    assert faults(tmp_path, text) == [
        (
            "small.yaml:30:102: due before a capture that is more volatile; "
            "capture what vanishes first, first (RFC 3227)"
        )
    ]


def test_a_folder_with_one_bad_playbook_loads_nothing_and_tells_all(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "a.yaml")
    write(tmp_path, "id: [\n", "b.yaml")
    write(tmp_path, SOUND.replace("version: 3", "version: 0"), "c.yaml")
    with pytest.raises(ContentError) as caught:
        load_playbooks(tmp_path)
    assert [(Path(p.file).name, p.line) for p in caught.value.problems] == [
        ("b.yaml", 2),
        ("c.yaml", 2),
    ]


def test_two_playbooks_with_one_id_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path, SOUND, "a.yaml")
    second = write(tmp_path, SOUND, "b.yaml")
    expected = f"{second}:1:5: the id 'small' is also that of {first}; give one of them another id"
    assert [str(problem) for problem in check_paths([tmp_path])] == [expected]
    with pytest.raises(ContentError) as caught:
        load_playbooks(tmp_path)
    assert str(caught.value) == expected


def test_an_empty_folder_and_a_wrong_ending_are_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"no playbook \(\*\.yaml\) here; check the path"):
        load_playbooks(tmp_path)
    write(tmp_path, SOUND, "a.yaml")
    wrong = write(tmp_path, SOUND, "b.yml")
    assert [str(problem) for problem in check_paths([tmp_path])] == [
        f"{wrong}:1:1: files that end in .yml aren't read; rename it to end in .yaml"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30 min", timedelta(minutes=30)), ("4 h", timedelta(hours=4)), ("2 d", timedelta(days=2))],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["4h", "4 hours", "-4 h", "h", "", "1.5 h", "² h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write '30 min', '4 h' or '2 d'"):
        parse_duration(text)
