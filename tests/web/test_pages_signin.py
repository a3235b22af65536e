"""Who may see a page at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pages_kit import NO_TLS, Site

from bot.practice import listen, picker, serve
from bot.store.engine import make_engine
from bot.web.app import HEADERS, make_web
from bot.web.people import COOKIE, PICK_COOKIE, Sessions, is_loopback_host, local_path
from tests.kit import ANA, LENA

PAGES = (
    "/",
    "/incidents",
    "/incidents/INC-2026-0001",
    "/incidents/INC-2026-0001/pulse",
    "/incidents/INC-2026-0001/fact-field",
    "/incidents/INC-2026-0001/evidence/1",
    "/incidents/INC-2026-0001/notices/1",
    "/incidents/INC-2026-0001/notices/1/preview",
    "/incidents/INC-2026-0001/notices/1/pdf",
)
FORMS = (
    "/incidents/INC-2026-0001/facts",
    "/incidents/INC-2026-0001/tasks/1/done",
    "/incidents/INC-2026-0001/tasks/1/reopen",
    "/incidents/INC-2026-0001/notices",
    "/incidents/INC-2026-0001/evidence/export",
    "/incidents/INC-2026-0001/notices/1/facts",
    "/incidents/INC-2026-0001/notices/1/wording",
    "/incidents/INC-2026-0001/notices/1/submit",
    "/incidents/INC-2026-0001/notices/1/changes",
    "/incidents/INC-2026-0001/notices/1/approve",
    "/incidents/INC-2026-0001/notices/1/sent",
    "/incidents/INC-2026-0001/notices/1/withdraw",
)


@pytest.fixture(scope="module")
def shut(whole_site: Site) -> Iterator[str]:
    """The address of the same application without any way to sign in."""
    tocsin = whole_site.tocsin
    web = make_web(
        store=tocsin.store,
        bolt=tocsin.bolt,
        clock=whole_site.hands.clock,
        secret_key="k",
        signing_secret="s",
        picker=None,
    )
    listener = listen(0)
    server, thread = serve(web, listener)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_first_who_looks(site: Site, page: str) -> None:
    answer = site.nobody().get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/who?next={page}")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_from_nobody_changes_nothing(site: Site, form: str) -> None:
    answer = site.nobody().post(form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/who")


@pytest.mark.parametrize("path", [*PAGES, "/who"])
def test_without_a_way_to_sign_in_every_page_is_shut(shut: str, path: str) -> None:
    answer = httpx.get(shut + path, verify=NO_TLS)
    assert answer.status_code == 403
    assert "Sign-in isn't set up; pages are shut" in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("form", [*FORMS, "/who"])
def test_without_a_way_to_sign_in_every_form_is_refused(shut: str, form: str) -> None:
    assert httpx.post(shut + form, data={"person": ANA}, verify=NO_TLS).status_code == 403


def test_without_a_way_to_sign_in_health_still_answers(shut: str) -> None:
    assert httpx.get(f"{shut}/healthz", verify=NO_TLS).json() == {"status": "ok"}


def test_the_picker_shows_the_cast_with_their_jobs(site: Site) -> None:
    page = site.nobody().get("/who").text
    for name, job in (("Ana Brandt", "Security on-call"), ("Lena Okafor", "Counsel")):
        assert name in page
        assert job in page
    assert page.count('name="person"') == 5


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    client = site.nobody()
    client.get("/who")
    form = {"csrf": client.cookies[PICK_COOKIE], "person": LENA, "next": "/incidents?x=1"}
    answer = client.post("/who", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents?x=1")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if COOKIE in one)
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/" in cookie


def test_the_picker_refuses_a_form_from_elsewhere(site: Site) -> None:
    client = site.nobody()
    client.get("/who")
    answer = client.post("/who", data={"csrf": "guessed", "person": LENA})
    assert answer.status_code == 403
    assert COOKIE not in client.cookies


def test_the_picker_refuses_somebody_who_cannot_be_picked(site: Site) -> None:
    client = site.nobody()
    client.get("/who")
    form = {"csrf": client.cookies[PICK_COOKIE], "person": "U0MALLORY"}
    assert client.post("/who", data=form).status_code == 403


def test_a_forged_cookie_signs_nobody_in(site: Site) -> None:
    client = site.nobody()
    client.cookies.set(COOKIE, "eyJpZCI6IlUwTEVOQSIsImNzcmYiOiJ4In0.forged")
    assert client.get("/incidents").status_code == 303


def test_the_header_says_who_looks_and_lets_one_switch(site: Site) -> None:
    page = site.as_(LENA).get("/").text
    assert "Lena Okafor" in page
    assert 'href="/who"' in page
    assert "Practice – nothing leaves this computer" in page
    assert "Tocsin assists counsel and is not legal advice." in page


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/incidents/INC-2026-0001?all=1", "/incidents/INC-2026-0001?all=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_is_only_sent_on_to_our_own_pages(address: str, kept: str) -> None:
    assert local_path(address) == kept


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8072", True),
        ("localhost", True),
        ("[::1]:8072", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_only_loopback_names_this_computer(host: str, *, ours: bool) -> None:
    assert is_loopback_host(host) is ours


@pytest.mark.parametrize("path", ["/who", "/incidents", "/healthz", "/static/site.css"])
def test_practice_pages_refuse_another_host(site: Site, path: str) -> None:
    answer = site.nobody().get(path, headers={"Host": "rebound.example"})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.text


@pytest.mark.parametrize("path", ["/who", "/incidents", "/nothing-here", "/static/nothing"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    answer = site.as_(ANA).get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/static/README.md", "/static/..%2f..%2fapp.py", "/static/fonts/..%2f..%2fpage.css"],
)
def test_only_listed_files_are_served(site: Site, path: str) -> None:
    assert site.nobody().get(path).status_code == 404


def test_assets_may_be_cached_and_fonts_used_by_the_sandboxed_preview(site: Site) -> None:
    answer = site.nobody().get("/static/fonts/SourceSans3-Regular.ttf")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "font/ttf"


def test_a_fault_tells_nothing_of_itself(site: Site, tmp_path: Path) -> None:
    """The database has no tables: every question to it fails."""
    engine = make_engine(f"sqlite:///{tmp_path}/empty.db")
    web = make_web(
        store=replace(site.store, engine=engine),
        bolt=site.tocsin.bolt,
        clock=site.hands.clock,
        secret_key="k",
        signing_secret="s",
        picker=picker(),
    )
    listener = listen(0)
    server, thread = serve(web, listener)
    cookies = {COOKIE: Sessions("k", picker()).sign_in(ANA)}
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/incidents"
    try:
        answer = httpx.get(url, cookies=cookies, verify=NO_TLS)
    finally:
        server.should_exit = True
        thread.join(10)
        engine.dispose()
    assert answer.status_code == 500
    assert "Something went wrong in Tocsin" in answer.text
    for inside in ("sqlite", "no such table", "Traceback", "SELECT"):
        assert inside not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
