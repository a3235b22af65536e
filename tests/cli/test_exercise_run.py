"""`tocsin exercise run`: a drill without people, its papers, and what isn't understood."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import main
from bot.documents.pdf_text import text_of_pages

pytestmark = pytest.mark.slow

DRILL = "drill_lost_laptop"


def played(*options: str, out: Path) -> dict[str, Any]:
    assert main(["exercise", "run", DRILL, "--out", str(out), *options]) == 0
    report: dict[str, Any] = json.loads((out / "after-action.json").read_text("utf-8"))
    return report


def test_the_same_seed_gives_the_same_report_to_the_byte(tmp_path: Path) -> None:
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    report = played("--seed", "5", out=first)
    played("--seed", "5", out=again)
    assert played("--seed", "6", out=other)["exercise"]["seed"] == 6
    name = "after-action.json"
    assert (first / name).read_bytes() == (again / name).read_bytes()
    assert (first / name).read_bytes() != (other / name).read_bytes()
    assert report["exercise"]["state"] == "ended"
    assert report["objectives"][0]["met"] == 1
    pages = text_of_pages((first / "after-action.pdf").read_bytes())
    assert all("EXERCISE" in page for page in pages)
    assert any((first / "bundle").iterdir())


def test_players_by_script_do_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    script = tmp_path / "players.yaml"
    script.write_text('players:\n  - {at: PT2M, as: comms, do: note, text: "We wait."}\n')
    report = played("--players", str(script), out=tmp_path / "out")
    assert [one["met"] for one in report["objectives"]] == [0, 0, 1]
    assert json.loads((tmp_path / "out" / "refused.json").read_text("utf-8")) == []


def test_a_pace_that_leaves_nobody_time_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played("--factor", "13", out=tmp_path / "fast")
    assert "Played at 13 : 1, which leaves people 12 / 13 of the time" in capsys.readouterr().out
    played("--factor", "12", out=tmp_path / "own")
    assert "which leaves people" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["nothing"], f"There is no scenario nothing. There are: credential_stuffing, {DRILL}"),
        ([DRILL, "--factor", "9999"], "The pace 9999 is out of range"),
        ([DRILL, "--players", "{script}"], "players.yaml:2:5: can't be played: “dance” isn't one"),
    ],
)
def test_what_can_t_be_played_is_said_in_one_line(
    tmp_path: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "players.yaml"
    script.write_text("players:\n  - {at: PT2M, as: comms, do: dance}\n")
    assert main(["exercise", "run", *(one.format(script=script) for one in options)]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
