"""What a notice template can't do."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError
from notice_kit import NOW, templates

from bot.documents.environment import environment_of
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
def test_template_reaches_nothing_of_python(source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        environment_of({"x.j2": source}).get_template("x.j2").render(notice="n")


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "a/../../secret.txt", "x.txt"])
def test_template_includes_no_file_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.txt").write_text("secret", "utf-8")
    environment = environment_of({"x.j2": f"{{% include '{name}' %}}"})
    with pytest.raises(TemplateNotFound):
        environment.get_template("x.j2").render()


@pytest.mark.slow
def test_optional_fact_must_be_guarded() -> None:
    shipped = templates()["gdpr_art34_person"]
    texts = {**shipped.texts, "gdpr_art34_person/body.html.j2": "<p>{{ dpo_phone }}</p>"}
    template = replace(shipped, texts=texts, sha256="careless")
    with pytest.raises(NoticeRenderError, match=r"if dpo_phone\.known") as caught:
        render_notice(template, {}, marking=DRAFT, notice_ref="N", version=1, now=NOW)
    assert isinstance(caught.value.__cause__, UnguardedFactError)
