"""What a notice template can't do."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError
from notice_kit import NOW, templates

from bot.documents.environment import environment_for
from bot.documents.html import NoticeRenderError, render_notice
from bot.documents.marks import DRAFT
from bot.documents.renderings import UnguardedFactError


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ notice.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ''|attr('__class__')|attr('__mro__') }}",
        "{{ '{0.__class__.__init__}'.format('') }}",
        "{{ [].append(1) }}",
        "{{ no_such_fact }}",
    ],
)
def test_template_reaches_nothing_of_python(tmp_path: Path, source: str) -> None:
    (tmp_path / "x.j2").write_text(source, "utf-8")
    environment = environment_for(tmp_path)
    with pytest.raises((SecurityError, UndefinedError)):
        environment.get_template("x.j2").render(notice="n")


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/../../secret.txt"])
def test_template_includes_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (folder / "x.j2").write_text(f"{{% include '{name}' %}}", "utf-8")
    with pytest.raises(TemplateNotFound):
        environment_for(folder).get_template("x.j2").render()


@pytest.mark.slow
def test_optional_fact_must_be_guarded(tmp_path: Path) -> None:
    folder = tmp_path / "careless"
    folder.mkdir()
    (folder / "body.html.j2").write_text("<p>{{ dpo_phone }}</p>", "utf-8")
    template = replace(templates()["gdpr_art34_person"], folder=folder)
    with pytest.raises(NoticeRenderError, match=r"if dpo_phone\.known") as caught:
        render_notice(template, {}, marking=DRAFT, notice_ref="N", version=1, now=NOW)
    assert isinstance(caught.value.__cause__, UnguardedFactError)
