"""All cases of the tamper suite, on disk, and as a table for the documentation."""

from functools import cache
from pathlib import Path

from tests.evidence_store import (
    test_evidence_tamper_bag,
    test_evidence_tamper_disclosed,
    test_evidence_tamper_entries,
    test_evidence_tamper_signed,
    test_evidence_tamper_time,
    test_evidence_verify_bag,
    test_evidence_verify_entries,
    test_evidence_verify_signed,
)
from tests.evidence_store.conftest import export_story
from tests.evidence_store.evidence_authority import Authority, make_authority
from tests.evidence_store.evidence_forgery import Case, Sample, prepare

GROUPS: dict[str, list[Case]] = {
    "Entries and JSON": [*test_evidence_verify_entries.CASES, *test_evidence_tamper_entries.CASES],
    "Signatures, forks, artifacts, personal data": [
        *test_evidence_verify_signed.CASES,
        *test_evidence_tamper_signed.CASES,
    ],
    "Bag and archive": [*test_evidence_verify_bag.CASES, *test_evidence_tamper_bag.CASES],
    "Time and time stamps": test_evidence_tamper_time.CASES,
    "Single entries with their proofs": test_evidence_tamper_disclosed.CASES,
}


def cases() -> list[Case]:
    """Return all cases."""
    return [case for group in GROUPS.values() for case in group]


def build(folder: Path) -> list[Sample]:
    """Lay all cases but the heavy ones out below `folder`."""
    exported = export_story(folder / "exported")

    @cache
    def authority() -> Authority:
        return make_authority(folder / "authority")

    light = [case for case in cases() if not case.heavy]
    return [
        prepare(case, exported, folder / f"{number:04d}", authority)
        for number, case in enumerate(light)
    ]


def expected(case: Case) -> str:
    """Return what the verifier must say, as in its first line."""
    return " ".join((case.verdict, case.code or ", ".join(case.unchecked))).strip()


def table() -> list[str]:
    """Return the cases as lines of Markdown."""
    lines = [f"{len(cases())} cases, each with the exact verdict, reason and place.", ""]
    for group, members in GROUPS.items():
        lines += [f"### {group}", "", "| what was done | verdict |", "|---|---|"]
        for case in members:
            name = case.name.replace("|", "\\|").replace("<", "&lt;")
            lines.append(f"| {name} | {expected(case)} |")
        lines.append("")
    return lines[:-1]
