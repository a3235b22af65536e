"""What counsel waits for: the desk and a notice's page among two hundred notices, and a redline.

Pages are asked for over HTTP on loopback, as a browser does, and timed by the clock; the server is
a thread of this process. A redline is counted in the processor's time.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlmodel import func, select

from bot.app import Tocsin, build
from bot.cli.notice import read_facts
from bot.clock import utc_now
from bot.content.roots import find_roots
from bot.content.yaml_source import load_yaml
from bot.domain.incident import Severity
from bot.domain.redline import redline
from bot.domain.roles import Role
from bot.practice import listen, picker, practice_settings, serve
from bot.services.access import person_for
from bot.services.facts import NewFact, record_facts
from bot.services.incidents import OpenIncident, open_incident
from bot.store.notice_tables import NoticeRow
from bot.store.unit_of_work import reading, unit_of_work
from bot.web.people import PICK_COOKIE

Result = tuple[str, str, bool]

NOTICES = 40 if "--quick" in sys.argv else 200
TIMES = 10 if "--quick" in sys.argv else 40
PAGE_MS, REDLINE_S = 150.0, 1.0
COUNSEL = "U0LENA"
_ROLES = {Role.COMMANDER: "U0ANA", Role.LEGAL: COUNSEL, Role.COMMS: "U0CHRIS"}
_FACTS = find_roots().notification_templates.parent / "tests/documents/facts/complete.yaml"


def bench_desk() -> list[Result]:
    """Open the desk, and one notice's page, as counsel of all incidents there are."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        listener = listen(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings, _ = practice_settings(Path(folder), api_url=url, base_url=url, environment={})
        tocsin = build(settings, utc_now, picker=picker())
        # As a served Tocsin does when it starts (`Tocsin.start`): what is loaded stays.
        gc.collect()
        gc.freeze()
        count = _open_until(tocsin, NOTICES)
        server, thread = serve(tocsin.web, listener)
        with httpx.Client(base_url=url, timeout=60) as client:
            _sign_in(client)
            results = [
                _page(client, f"the desk, {count} notices", "/desk"),
                _page(client, "a notice's page", "/incidents/INC-2026-0001/notices/1"),
            ]
        server.should_exit = True
        thread.join(10)
        tocsin.close()
    return results


def _open_until(tocsin: Tocsin, wanted: int) -> int:
    """Open incidents and record the story's facts in each, until so many notices are drafted."""
    told = read_facts(load_yaml(_FACTS), now=utc_now())
    new = [NewFact(key=one.key, value=one.value, source="benchmark") for one in told.values()]
    request = OpenIncident(
        title="One of many", playbook_id="data_breach", severity=Severity.SEV2, roles=_ROLES
    )
    count = 0
    while count < wanted:
        with unit_of_work(tocsin.store, now=utc_now()) as tx:
            ana = person_for(tx, "U0ANA")
            record_facts(tx, open_incident(tx, request, actor=ana), new, actor=ana)
        before = count
        with reading(tocsin.store) as session:
            count = session.exec(select(func.count()).select_from(NoticeRow)).one()
        assert count > before, "the story's facts call for no notice any more"
    return count


def _sign_in(client: httpx.Client) -> None:
    client.get("/who")
    form = {"csrf": client.cookies[PICK_COOKIE], "person": COUNSEL, "next": "/"}
    assert client.post("/who", data=form).status_code == 303


def _page(client: httpx.Client, name: str, path: str) -> Result:
    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text[:300]

    get()
    spans = sorted(_timed(get, time.perf_counter) * 1000 for _ in range(TIMES))
    median, slow = statistics.median(spans), spans[int(0.95 * len(spans))]
    words = f"{median:.0f} ms, one in twenty over {slow:.0f} ms (at most {PAGE_MS:g} ms)"
    return name, words, median <= PAGE_MS


def _timed(act: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    act()
    return clock() - began


def bench_redline() -> list[Result]:
    """Ten pages against ten pages in which paragraphs were reworded, added, taken out and moved."""
    line = "Paragraph {n}: the investigators found one more server, and what lay on it was copied."
    before = [line.format(n=n) for n in range(440)]
    after = [
        one.replace("one more server", "two more servers in Dublin") if n % 4 == 0 else one
        for n, one in enumerate(before)
        if n % 25
    ]
    after[100:100] = ["A paragraph that is new."] * 10
    after.append(after.pop(7))
    spans = [
        _timed(lambda: redline("\n".join(before), "\n".join(after)), time.process_time)
        for _ in range(5)
    ]
    took = statistics.median(spans)
    words = f"{took * 1000:.0f} ms for {len(before)} paragraphs (at most {REDLINE_S:g} s)"
    return [("redline of ten pages", words, took <= REDLINE_S)]
