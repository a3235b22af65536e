"""Stylesheet, script, fonts and marks: the only files that a page loads, all from here.

They say nothing of any incident, so that they are served to everybody and may be cached; the
address carries a part of the file's hash. Names are looked up in a list, never joined to a path.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

STATIC = Path(__file__).parent / "static"
TYPES = {"site.css": "text/css; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8"}
BASE_TYPES = {".ttf": "font/ttf", ".svg": "image/svg+xml"}
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


@router.get("/static/notices/{folder}/{name}")
def notice_asset(request: Request, folder: str, name: str) -> Response:
    """Serve a font or a mark of the notices; pages use the same fonts as the letters."""
    for file in _bundled(request):
        if (file.parent.name, file.name) == (folder, name):
            return Response(_read(file), media_type=BASE_TYPES[file.suffix], headers=CACHED)
    raise HTTPException(404)


def _bundled(request: Request) -> list[Path]:
    templates = request.app.state.desk.store.rules.notices.values()
    roots = {template.folder.parent / "base" for template in templates}
    return [
        file
        for root in sorted(roots)
        for folder in (root / "fonts", root / "marks")
        for file in sorted(folder.glob("*"))
        if file.suffix in BASE_TYPES
    ]
