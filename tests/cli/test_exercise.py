"""`tocsin exercise check` and `list`, called as the command line calls them."""

import json
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.content.scenario_kit import EXERCISES, SMALL, changed

pytestmark = pytest.mark.slow


def test_sound_files_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    assert main(["exercise", "check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "All good: 1 scenario, 4 injects, 2 expectations.\n"


def test_every_problem_of_every_file_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "small.yaml").write_text(changed("at: PT6H", "at: PT10H", "{met: E1}", "{met: E9}"))
    (tmp_path / "broken.yaml").write_text("id: [")
    assert main(["exercise", "check", str(tmp_path), str(tmp_path / "gone.yaml")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "4 problems."
    assert [line.removeprefix(f"{tmp_path}/").partition(":")[0] for line in lines[:-1]] == [
        "broken.yaml",
        "gone.yaml",
        "small.yaml",
        "small.yaml",
    ]


def test_an_empty_folder_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "check", str(tmp_path)]) == 1
    assert "There is no scenario here" in capsys.readouterr().out


def test_the_list_names_what_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list(EXERCISES.glob("*.yaml")))
    drill = next(line for line in lines if line.startswith("drill_lost_laptop "))
    words = "drill_lost_laptop drill en 3 h in 15 min 3 injects Lost laptop, quick drill"
    assert " ".join(drill.split()) == words


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "list", "--json"]) == 0
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    drill = listed["drill_lost_laptop"]
    assert (drill["span_minutes"], drill["play_minutes"], drill["injects"]) == (180, 15, 3)
    assert drill["objectives"] == ["O1", "O2", "O3"]
    assert len(drill["sha256"]) == 64
