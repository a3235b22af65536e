"""Translations of scenarios: other words, the same exercise."""

from pathlib import Path

import pytest

from bot.content.scenarios import check_scenarios
from tests.content.scenario_kit import SMALL, changed, playbooks

GERMAN = {
    "id: small": "id: small_de",
    "language: en": "language: de\ntranslation_of: small",
    "title: Gone": "title: Weg",
}


def german(**more: str) -> str:
    return changed(*(one for pair in (GERMAN | more).items() for one in pair))


def pair(folder: Path, text: str) -> list[str]:
    (folder / "small.yaml").write_text(SMALL, "utf-8")
    (folder / "small_de.yaml").write_text(text, "utf-8")
    _, found = check_scenarios([folder], playbooks=playbooks())
    return [str(one).removeprefix(f"{folder}/") for one in found]


def test_a_translation_changes_the_words_only(tmp_path: Path) -> None:
    assert pair(tmp_path, german()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"language: en": "language: de\ntranslation_of: smal"},
         "small_de.yaml:5:17: there is no scenario 'smal'; did you mean 'small'?"),
        ({"language: en": "language: en\ntranslation_of: small"},
         "small_de.yaml:4:11: 'small' is in the same language; "),
        ({"id: I4": "id: I5"}, "small_de.yaml:21:3: 'I4' of small isn't here; translate it too"),
        ({"id: I4": "id: I5"}, "small_de.yaml:67:5: small has no 'I5'; add it there, or remove it"),
        ({"id: E2\n": "id: E3\n"}, ": 'E2' of small isn't here; "),
        ({"id: refuse": "id: decline"}, ": 'refuse' of small isn't here; "),
        ({"at: PT6H": "at: PT7H"},
         "small_de.yaml:60:9: 'at' of I3 isn't that of small; a translation changes the"),
        ({"target: PT4M": "target: PT5M"}, ": 'target' of E1 isn't that of small; "),
        ({"span: PT10H": "span: PT12H"}, ": 'span' isn't that of small; write PT10H"),
    ],
)  # fmt: skip
def test_a_translation_that_is_another_exercise(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    found = pair(tmp_path, german(**changes))
    assert any(message in one for one in found), found


def test_a_translation_is_compared_with_what_lies_beside_it(tmp_path: Path) -> None:
    pair(tmp_path, german(**{"at: PT6H": "at: PT7H"}))
    found, told = check_scenarios([tmp_path / "small_de.yaml"], playbooks=playbooks())
    assert (found, len(told)) == ({}, 1)
