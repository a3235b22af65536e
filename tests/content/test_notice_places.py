"""A notice that names the places whose counts it tells: what is taken, and what is refused."""

import shutil
from pathlib import Path

import pytest

from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.yaml_source import ContentError

pytestmark = pytest.mark.slow  # a load reads YAML and compiles every template

ROOT = find_roots().notification_templates
ID = "us_ag_tx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one template that names a place, and of what it shares, without the fonts."""
    shutil.copytree(ROOT / ID, tmp_path / ID)
    shutil.copytree(ROOT / "base", tmp_path / "base", ignore=shutil.ignore_patterns("fonts"))
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    file = folder / ID / "notice.yaml"
    before = file.read_text("utf-8")
    assert before.count(old) == 1
    file.write_text(before.replace(old, new), "utf-8")


def test_places_of_a_count_are_loaded(folder: Path) -> None:
    template = load_notice_templates(folder)[ID]
    assert template.facts["residents"].places == ("US-TX",)
    assert template.facts["measures_taken"].places == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'where: "3. Texas residents", places: [US-TX]}\n  residents_sent',
            'where: "3. Texas residents", places: [US-TY]}\n  residents_sent',
            "there is no place 'US-TY'; did you mean",
        ),
        (
            'where: "3. Texas residents", places: [US-TX]}\n  residents_sent',
            'where: "3. Texas residents", places: [Texas]}\n  residents_sent',
            "write an ISO 3166 code such as US-TX",
        ),
        (
            '  measures_taken: {need: required, where: "4. Measures"}',
            '  measures_taken: {need: required, where: "4. Measures", places: [US-TX]}',
            "'measures_taken' isn't counted per place; take places out",
        ),
    ],
)
def test_wrong_places_are_refused(folder: Path, old: str, new: str, problem: str) -> None:
    change(folder, old, new)
    with pytest.raises(ContentError) as caught:
        load_notice_templates(folder)
    told = [str(one) for one in caught.value.problems]
    assert len(told) == 1
    assert problem in told[0]
