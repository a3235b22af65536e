"""The letterhead in organisation.yaml: a logo is a whole image, or it is refused with its place."""

import base64
from pathlib import Path

import pytest

from bot.content.organisation import load_organisation
from bot.content.roots import find_roots
from bot.content.yaml_source import ContentError

SHIPPED = find_roots().organisation
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


def organisation(tmp_path: Path, name: str, content: bytes | None) -> Path:
    text = SHIPPED.read_text("utf-8").partition("letterhead:")[0]
    file = tmp_path / "organisation.yaml"
    file.write_text(f"{text}letterhead:\n  logo: {name}\n", "utf-8")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    return file


@pytest.mark.parametrize(("name", "content"), [("logo.png", PNG), ("logo.svg", SVG)])
def test_logo_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    loaded = load_organisation(organisation(tmp_path, name, content))
    kind, _, data = loaded.letterhead.logo.partition(";base64,")
    assert kind == ("data:image/png" if name.endswith("png") else "data:image/svg+xml")
    assert base64.b64decode(data) == content
    assert loaded.letterhead.logo_alt == "Halden Mutual Insurance"
    assert "letterhead" not in loaded.facts


def test_shipped_letterhead_has_its_lines() -> None:
    letterhead = load_organisation(SHIPPED).letterhead
    assert letterhead.return_line.startswith("Halden Mutual Insurance")
    assert letterhead.logo == ""


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("logo.png", None, "can't read 'logo.png' (No such file or directory); put the file besid"),
        ("logo.gif", PNG, "'logo.gif' is neither .png nor .svg; save the logo as PNG or SVG"),
        ("logo.png", b"GIF89a", "'logo.png' isn't a PNG image; save the logo anew"),
        ("logo.png", PNG[:-9], "'logo.png' is a PNG image that is cut off"),
        ("logo.png", PNG.replace(b"IDAT", b"IDAX"), "'logo.png' is a damaged PNG image"),
        ("logo.png", PNG + bytes(1_000_000), "is 1.0 MB; a logo may have 1 MB; save it smaller"),
        ("logo.svg", b"<html/>", "'logo.svg' isn't an SVG image"),
        ("logo.svg", b"<svg", "'logo.svg' isn't an SVG image ("),
        ("logo.svg", b"<!DOCTYPE x []>" + SVG, "has a DOCTYPE"),
        ("logo.svg", SVG.replace(b"<path", b"<script/><path"), "has a script in it"),
        (
            "logo.svg",
            SVG.replace(b"<path", b'<image href="http://127.0.0.1/x.png"/><path'),
            "refers to another file (http://127.0.0.1/x.png)",
        ),
        (
            "logo.svg",
            SVG.replace(b"<path", b'<path fill="url(http://127.0.0.1/x)"'),
            "refers to another file",
        ),
        (
            "logo.svg",
            SVG.replace(b"<path", b"<style>@import 'x.css';</style><path"),
            "refers to another file in its style",
        ),
        ("../logo.png", None, "write the name of a PNG or SVG file that lies beside"),
    ],
)
def test_logo_that_cannot_be_printed_is_refused(
    tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    file = organisation(tmp_path, name, content)
    line = file.read_text("utf-8").splitlines().index(f"  logo: {name}") + 1
    with pytest.raises(ContentError) as caught:
        load_organisation(file)
    assert fault in str(caught.value)
    assert f"{file}:{line}:" in str(caught.value)
