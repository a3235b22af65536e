"""Stylesheet, script and fonts: the only files that a page loads, all from here.

They say nothing of any incident, so that they are served to everybody and may be cached; the
address carries a part of the file's hash. Names are looked up in a list, never joined to a path.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

STATIC = Path(__file__).parent / "static"
TYPES = {
    "site.css": "text/css; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "copy.js": "text/javascript; charset=utf-8",
    "upload.js": "text/javascript; charset=utf-8",
}
CACHED = {
    "Cache-Control": "public, max-age=86400",
    # The preview of a notice is sandboxed, has no origin of its own, and still needs its fonts.
    "Access-Control-Allow-Origin": "*",
}

router = APIRouter()


@cache
def _read(file: Path) -> bytes:
    return file.read_bytes()


def asset_url(name: str) -> str:
    """Return the address of a static file, with a part of its hash so that caches renew it."""
    return f"/static/{name}?v={hashlib.sha256(_read(STATIC / name)).hexdigest()[:10]}"


@router.get("/static/{name}")
def static_file(name: str) -> Response:
    """Serve the stylesheet or the script."""
    if name not in TYPES:
        raise HTTPException(404)
    return Response(_read(STATIC / name), media_type=TYPES[name], headers=CACHED)


@router.get("/static/fonts/{name}")
def font(request: Request, name: str) -> Response:
    """Serve a font of the notices; pages use the same fonts as the letters."""
    for file in _fonts(request):
        if file.name == name:
            return Response(_read(file), media_type="font/ttf", headers=CACHED)
    raise HTTPException(404)


def _fonts(request: Request) -> list[Path]:
    templates = request.app.state.desk.store.rules.notices.values()
    folders = {template.folder.parent / "base" / "fonts" for template in templates}
    return [file for folder in sorted(folders) for file in sorted(folder.glob("*.ttf"))]
