"""What a notice template can't do."""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError
from notice_kit import ASSETS, NOW, pages_of, pdf_of, rendered, story_facts, templates

from bot.documents.environment import environment_of
from bot.documents.html import NoticeRenderError, render_notice
from bot.documents.marks import DRAFT
from bot.documents.pdf import DocumentError, render_pdf
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "inside",
    [
        '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>',
        '<image href="file:///etc/passwd" width="9" height="9"/>',
        '<use href="file:///etc/passwd#x"/>',
        '<style>@import url("http://127.0.0.1:9/x.css");</style>',
        '<rect width="9" height="9" fill="url(http://127.0.0.1:9/x.svg#p)"/>',
    ],
)
def test_picture_in_a_page_fetches_nothing(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inside}</svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    html = (
        '<!DOCTYPE html><html lang="en"><head><title>T</title></head>'
        f'<body><img alt="x" src="{address}"></body></html>'
    )
    # Either refused, or passed over without a look: a socket or a file isn't opened.
    with _refusing_files() as opened:
        try:
            render_pdf(html, assets=ASSETS)
        except DocumentError as error:
            assert "127.0.0.1" in str(error) or "passwd" in str(error)  # noqa: PT017
    assert [name for name in opened if "passwd" in name] == []


@contextmanager
def _refusing_files() -> Iterator[list[str]]:
    """Note every file that is opened meanwhile, as Python's own audit tells it."""
    opened: list[str] = []
    _listening.append(opened)
    if len(_listening) == 1:
        sys.addaudithook(_note)
    try:
        yield opened
    finally:
        _listening[-1] = []


_listening: list[list[str]] = []


def _note(event: str, args: tuple[object, ...]) -> None:
    # A hook can't be taken back; it writes to the newest list only.
    if event == "open":
        _listening[-1].append(str(args[0]))


@pytest.mark.slow
def test_text_fact_cannot_become_style_address_or_code() -> None:
    hostile = "</p><style>@page { size: 1mm }</style><img src=file:///etc/passwd>{{ 7 * 7 }}"
    facts = story_facts(what_happened=hostile, organisation_name=f'"{hostile}')
    notice = rendered("gdpr_art34_person", facts)
    assert notice.html.count("<style>") == 1
    assert "<img" not in notice.html
    text = " ".join(pages_of(pdf_of(notice)))
    assert "{{ 7 * 7 }}" in text
    assert "root:" not in text
