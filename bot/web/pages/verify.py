"""“Is this letter genuine?”: a page for anybody who holds a paper of ours, without signing in.

Decides how often one may ask and what the page says in plain words; what may be told at all is
decided in `services.verification`. An uploaded file is hashed and forgotten.

The limit is honest and simple: so many questions a minute by address and in all, counted in this
process only. Behind a proxy all visitors may share an address; then the limit in all is the one.
"""

import hashlib
import threading
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from bot.services.verification import (
    Status,
    Verification,
    clean_code,
    verify_code,
    verify_file,
)
from bot.store.unit_of_work import reading
from bot.web.pages.desk import PageDesk
from bot.web.pages.render import Times, bare_page

MAX_BYTES = 20_000_000
"""Largest file that is hashed; a letter has a fraction of it."""
BY_ADDRESS, IN_ALL = 30, 300
"""Questions a minute."""
READ_BYTES = 1 << 18
TOO_LARGE, TOO_OFTEN, WRONG = 413, 429, 400

router = APIRouter()


class Budget:
    """Counts the questions of the present minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._asked: Counter[str] = Counter()
        self._all = 0
        self._lock = threading.Lock()

    def spend(self, address: str, now: datetime) -> bool:
        """Count one question; say whether it may be answered."""
        minute = int(now.timestamp() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._all = minute, 0
                self._asked.clear()
            self._all += 1
            if self._all > IN_ALL:
                return False
            self._asked[address] += 1
            return self._asked[address] <= BY_ADDRESS


@router.get("/verify")
def ask(request: Request, code: str = "") -> Response:
    """Show the form; with a code, the answer too."""
    if code.strip():
        return _by_code(request, code)
    return _page(request, None)


@router.get("/verify/{code}")
def scanned(request: Request, code: str) -> Response:
    """Answer somebody who scanned the code on a page's foot."""
    return _by_code(request, code)


@router.post("/verify")
async def upload(request: Request) -> Response:
    """Hash a file and say what it is; it isn't kept."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        problem = "The file is too large to be a letter of ours: at most 20 MB are looked at."
        return _page(request, None, problem=problem, status=TOO_LARGE)
    if not _may_ask(request):
        return _too_often(request)
    async with request.form(max_files=1, max_fields=2) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return _page(request, None, problem="Choose the PDF first.", status=WRONG)
        digest = hashlib.sha256()
        while piece := await file.read(READ_BYTES):
            digest.update(piece)
    return await run_in_threadpool(_by_file, request, digest.hexdigest())


def _by_file(request: Request, sha256: str) -> Response:
    desk: PageDesk = request.app.state.desk
    with reading(desk.store) as session:
        found = verify_file(session, sha256)
    return _page(request, found, sha256=sha256)


def _by_code(request: Request, text: str) -> Response:
    if not _may_ask(request):
        return _too_often(request)
    code = clean_code(text)
    if not code:
        problem = (
            "That isn’t a code of ours. It stands at the foot of each page, after “content” or at "
            "the end of the address: 12 to 64 digits and letters from a to f."
        )
        return _page(request, None, problem=problem, typed=text[:120], status=WRONG)
    desk: PageDesk = request.app.state.desk
    with reading(desk.store) as session:
        found = verify_code(session, code)
    return _page(request, found, typed=code)


def _may_ask(request: Request) -> bool:
    desk: PageDesk = request.app.state.desk
    budget: Budget | None = getattr(request.app.state, "verify_budget", None)
    if budget is None:
        budget = request.app.state.verify_budget = Budget()
    address = request.client.host if request.client else ""
    return budget.spend(address, desk.clock())


def _too_often(request: Request) -> Response:
    problem = "Too many questions in this minute. Wait a minute and ask again."
    answer = _page(request, None, problem=problem, status=TOO_OFTEN)
    answer.headers["Retry-After"] = "60"
    return answer


def _page(
    request: Request,
    found: Verification | None,
    *,
    problem: str = "",
    typed: str = "",
    sha256: str = "",
    status: int = 200,
) -> HTMLResponse:
    desk: PageDesk = request.app.state.desk
    ours = desk.store.rules.organisation
    zone = ZoneInfo(str(ours.get("home_zone", "UTC")))
    return bare_page(
        "verify.html.j2",
        practice=desk.sessions.practice,
        status=status,
        times=Times(zone=zone, now=desk.clock()),
        organisation=str(ours.get("organisation_name", "this organisation")),
        website=str(ours.get("website", "")),
        found=found,
        Status=Status,
        problem=problem,
        typed=typed,
        sha256=sha256,
    )
