"""An edition of a template: its texts alone make the same template and the same pages again."""

import shutil
from pathlib import Path

import pytest
from notice_kit import IDS, NOW, ROOT, story_facts, templates

from bot.content.editions import EditionError, edition_files, template_from_edition
from bot.content.notices import load_notice_templates
from bot.documents.html import render_notice
from bot.documents.marks import DRAFT
from bot.domain.notices import NoticeTemplate

pytestmark = pytest.mark.slow

ID = "gdpr_art34_person"


def page_of(template: NoticeTemplate) -> str:
    return render_notice(
        template, story_facts(), marking=DRAFT, notice_ref="N", version=1, now=NOW
    ).html


@pytest.mark.parametrize("template_id", IDS)
def test_edition_makes_the_same_template_and_page(template_id: str) -> None:
    shipped = templates()[template_id]
    files = edition_files(shipped)
    assert f"{template_id}/notice.yaml" in files
    again = template_from_edition(
        files, template_id=template_id, sha256=shipped.sha256, root=shipped.folder.parent
    )
    assert again == shipped
    assert page_of(again) == page_of(shipped)


def test_old_edition_says_what_it_said_when_the_folder_has_changed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ID, tmp_path / ID)
    shutil.copytree(ROOT / "base", tmp_path / "base", ignore=shutil.ignore_patterns("fonts"))
    old = load_notice_templates(tmp_path)[ID]
    before = page_of(old)
    for name in (f"{ID}/body.html.j2", "base/letter.html.j2"):
        file = tmp_path / name
        file.write_text(file.read_text("utf-8").replace("Yours sincerely", "Bye") + " ", "utf-8")
    new = load_notice_templates(tmp_path)[ID]
    assert new.sha256 != old.sha256
    assert "Bye" in page_of(new)
    again = template_from_edition(
        edition_files(old), template_id=ID, sha256=old.sha256, root=tmp_path
    )
    assert page_of(again) == before
    assert page_of(old) == before, "a loaded template isn't changed by what happens on disk"


def test_edition_that_this_release_does_not_understand_is_an_error() -> None:
    with pytest.raises(EditionError, match="can't be read by this release"):
        template_from_edition({f"{ID}/notice.yaml": "id: x"}, template_id=ID, sha256="0", root=ROOT)
