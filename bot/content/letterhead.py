"""Loads the letterhead of `playbooks/organisation.yaml`: its lines, and the logo beside the file.

Decides whether a logo can be printed: a whole PNG, or an SVG that refers to nothing outside itself,
of at most 1 MB. It doesn't decide where a letter shows it.
"""

import base64
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from bot.content.yaml_source import ContentProblem, LoadedYaml
from bot.domain.letterhead import Letterhead

LETTERHEAD = "letterhead"
MAX_BYTES = 1_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
_PLACE = (LETTERHEAD, "logo")


def read_letterhead(loaded: LoadedYaml) -> Letterhead:
    """Make the letterhead of a checked organisation file."""
    data = loaded.data.get(LETTERHEAD, {})
    name = data.get("logo", "")
    content = (Path(loaded.file).parent / name).read_bytes() if name else b""
    kind = _TYPES[Path(name).suffix] if name else ""
    return Letterhead(
        return_line=data.get("return_line", ""),
        contact_lines=tuple(data.get("contact_lines", ())),
        logo=f"data:{kind};base64,{base64.b64encode(content).decode()}" if name else "",
        logo_alt=data.get("logo_alt", loaded.data["organisation_name"]) if name else "",
        sha256=hashlib.sha256(content).hexdigest() if name else "",
    )


def letterhead_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    """Check the logo: that it is there, not too big, and an image."""
    name = loaded.data.get(LETTERHEAD, {}).get("logo", "")
    if not name:
        return
    file = Path(loaded.file).parent / name
    if file.suffix not in _TYPES:
        remedy = "save the logo as PNG or SVG"
        yield loaded.problem(_PLACE, f"'{name}' is neither .png nor .svg", remedy)
        return
    try:
        content = file.read_bytes()
    except OSError as error:
        remedy = f"put the file beside {Path(loaded.file).name}, or take the line out"
        yield loaded.problem(_PLACE, f"can't read '{name}' ({error.strerror})", remedy)
        return
    if len(content) > MAX_BYTES:
        what = f"'{name}' is {len(content) / 1e6:.1f} MB; a logo may have 1 MB"
        yield loaded.problem(_PLACE, what, "save it smaller: every letter carries it")
        return
    fault = _png_fault(content) if file.suffix == ".png" else _svg_fault(content)
    if fault:
        yield loaded.problem(_PLACE, f"'{name}' {fault}", "save the logo anew as PNG or SVG")


def _png_fault(content: bytes) -> str:
    """Say what is wrong with a PNG; empty if it is whole (ISO/IEC 15948, clause 5)."""
    if not content.startswith(_PNG):
        return "isn't a PNG image"
    place = len(_PNG)
    while place + 12 <= len(content):
        (size,) = struct.unpack_from(">I", content, place)
        kind = content[place + 4 : place + 8]
        end = place + 8 + size
        if end + 4 > len(content):
            break
        (told,) = struct.unpack_from(">I", content, end)
        if zlib.crc32(content[place + 4 : end]) != told:
            return "is a damaged PNG image"
        if kind == b"IEND":
            return ""
        place = end + 4
    return "is a PNG image that is cut off"


def _svg_fault(content: bytes) -> str:
    """Say what is wrong with an SVG; empty if it is one and stands alone."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return "has a DOCTYPE, which a logo doesn't need"
    try:
        root = ET.fromstring(content)  # noqa: S314 - no entities: refused above
    except ET.ParseError as error:
        return f"isn't an SVG image ({error})"
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return "isn't an SVG image"
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "script":
            return "has a script in it"
        for name, value in element.attrib.items():
            reference = name.rpartition("}")[2] == "href" and not value.startswith(("#", "data:"))
            if reference or re.search(r"url\(\s*['\"]?(?!#|['\"]?data:)", value):
                return f"refers to another file ({value[:60]})"
        if "@import" in (element.text or "") or re.search(
            r"url\(\s*['\"]?(?!#|data:)\w", element.text or ""
        ):
            return "refers to another file in its style"
    return ""
