"""Sessions of the pages: what the browser holds, how they end, and links for one person."""

import hashlib
import json
import re
from urllib.parse import urlsplit

import pytest
from signin_kit import SESSION, Door, csrf_of, other_door, post, slack_claims

from bot.cli.main import main
from bot.services.incidents import add_member
from bot.services.people import left_channel
from bot.services.personal_links import LinkSigner, PersonalLink
from bot.services.web_sessions import end_sessions
from bot.store.queries import incident_by_ref, person_by_slack_id
from bot.store.unit_of_work import reading, unit_of_work
from tests.kit import ANA, CHRIS, LENA, SAM, entries_of, who

pytestmark = pytest.mark.slow


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What the browser and the table hold


def test_the_table_knows_only_the_digest_of_the_cookie(door: Door) -> None:
    client = door.as_(LENA)
    cookie = client.cookies[SESSION]
    row = door.row_of(cookie)
    assert row is not None
    assert (row.started_at, row.last_seen_at, row.ended_at) == (door.hands.now,) * 2 + (None,)
    assert len(cookie) == 43


def test_the_cookie_is_out_of_reach(door: Door) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    answer = client.get(door.answer(client))
    (kept,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION)]
    assert "HttpOnly" in kept
    assert "samesite=lax" in kept.lower()
    assert "Path=/" in kept
    assert "Domain" not in kept
    assert "Secure" not in kept
    dropped = [one for one in answer.headers.get_list("set-cookie") if "tocsin_signin_" in one]
    assert "Max-Age=0" in dropped[0]


def test_under_https_cookies_are_secure_and_bound_to_the_host(door: Door) -> None:
    with other_door(door, base_url="https://tocsin.example") as other:
        begun = other.browser().get("/signin/start")
        (kept,) = begun.headers.get_list("set-cookie")
        assert kept.startswith("__Host-tocsin_signin_")
        assert "Secure" in kept
        assert "Path=/" in kept
        # A neighbour's cookie of the bare name, over http, is nothing to us.
        client = other.browser()
        client.cookies.set(SESSION, door.as_(LENA).cookies[SESSION])
        assert client.get("/incidents").status_code == 303


def test_what_is_kept_while_signing_in_cannot_be_made_up(door: Door) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    back = door.answer(client)
    (name,) = client.cookies
    value = client.cookies[name]
    client.cookies.clear()
    client.cookies.set(name, value[:-2] + ("AA" if value[-2:] != "AA" else "BB"))
    assert client.get(back).status_code == 400


# How one begins and ends


def test_signing_in_gives_a_new_id_and_ends_the_old(door: Door) -> None:
    client = door.as_(LENA)
    first = client.cookies[SESSION]
    assert door.try_as(slack_claims(LENA), client).status_code == 303
    assert client.cookies[SESSION] != first
    thief = door.browser()
    thief.cookies.set(SESSION, first)
    assert thief.get("/incidents").status_code == 303


def test_a_planted_id_is_not_taken_over(door: Door) -> None:
    """Session fixation: who knows an id beforehand knows nothing afterwards."""
    planted = "planted-by-somebody-else-0123456789abcdefgh"
    client = door.browser()
    client.cookies.set(SESSION, planted, domain="127.0.0.1")
    assert door.try_as(slack_claims(LENA), client).status_code == 303
    attacker = door.browser()
    attacker.cookies.set(SESSION, planted)
    assert attacker.get("/incidents").status_code == 303
    assert door.row_of(planted) is None


@pytest.mark.parametrize("made_up", ["", "x", "A" * 43, "ä"])
def test_a_made_up_id_signs_nobody_in(door: Door, made_up: str) -> None:
    headers = {"Cookie": f"{SESSION}={made_up}".encode()}
    assert door.browser().get("/incidents", headers=headers).status_code == 303


@pytest.mark.parametrize(("hours", "minutes", "open_still"), [(7, 59, True), (8, 0, False)])
def test_a_session_ends_when_nobody_uses_it(
    door: Door, hours: int, minutes: int, *, open_still: bool
) -> None:
    client = door.as_(LENA)
    door.hands.wait(hours=hours, minutes=minutes)
    assert (client.get("/incidents").status_code == 200) is open_still


def test_use_prolongs_a_session_until_the_next_day_at_most(door: Door) -> None:
    client = door.as_(LENA)
    for _ in range(3):
        door.hands.wait(hours=7)
        assert client.get("/incidents").status_code == 200
    door.hands.wait(hours=2, minutes=59)
    assert client.get("/incidents").status_code == 200
    door.hands.wait(minutes=1)
    assert client.get("/incidents").status_code == 303


def test_an_open_page_that_asks_by_itself_is_no_use(door: Door) -> None:
    ref = door.open_incident()
    client = door.as_(LENA)
    pulse = f"/incidents/{ref}/pulse"
    door.hands.wait(hours=7)
    assert client.get(pulse).status_code in {200, 204}
    door.hands.wait(hours=1)
    page = f"{door.url}/incidents/{ref}?tab=x"
    answer = client.get(pulse, headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["HX-Redirect"] == f"/signin?next=/incidents/{ref}"


def test_signing_out_ends_it_for_whoever_has_the_cookie(door: Door) -> None:
    client = door.as_(LENA)
    cookie = client.cookies[SESSION]
    answer = post(client, "/signout", {"csrf": csrf_of(client.get("/incidents").text)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?out=1")
    assert SESSION not in client.cookies
    copy = door.browser()
    copy.cookies.set(SESSION, cookie)
    assert copy.get("/incidents").status_code == 303
    row = door.row_of(cookie)
    assert row is not None
    assert row.ended_at == door.hands.now


@pytest.mark.parametrize("token", ["", "guessed"])
def test_nobody_is_signed_out_by_another_site(door: Door, token: str) -> None:
    client = door.as_(LENA)
    assert post(client, "/signout", {"csrf": token}).status_code == 403
    assert client.get("/incidents").status_code == 200


def test_a_form_needs_the_token_of_its_own_session(door: Door) -> None:
    ref = door.open_incident()
    lena, other = door.as_(LENA), door.as_(LENA)
    theirs = csrf_of(other.get("/incidents").text)
    before = entries_of(door.tocsin.store, ref)
    for token in ("", theirs, digest(lena.cookies[SESSION])):
        answer = post(lena, f"/incidents/{ref}/tasks/1/done", {"csrf": token})
        assert answer.status_code == 403
    assert entries_of(door.tocsin.store, ref) == before


def test_a_form_sent_after_the_end_says_how_to_save_what_was_typed(door: Door) -> None:
    client = door.as_(LENA)
    door.hands.wait(hours=8)
    answer = post(client, "/calendar", {"csrf": "x"})
    assert answer.status_code == 401
    assert "Nothing was changed" in answer.text
    assert "copy it first" in answer.text


def test_the_operator_ends_sessions(
    door: Door, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lena, ana = door.as_(LENA), door.as_(ANA)
    settings = door.tocsin.settings
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(settings.data_dir))
    assert main(["signout", LENA]) == 0
    assert f"of {LENA}. They can sign in again." in capsys.readouterr().out
    assert lena.get("/incidents").status_code == 303
    assert ana.get("/incidents").status_code == 200
    with unit_of_work(door.tocsin.store, now=door.hands.now) as tx:
        assert end_sessions(tx) >= 1
    assert ana.get("/incidents").status_code == 303


def test_who_leaves_the_channel_loses_the_incident_at_once(door: Door) -> None:
    ref = door.open_incident()
    client = door.as_(LENA)
    assert client.get(f"/incidents/{ref}").status_code == 200
    assert door.as_(SAM).get(f"/incidents/{ref}").status_code == 404
    with unit_of_work(door.tocsin.store, now=door.hands.now) as tx:
        incident = incident_by_ref(tx.session, ref)
        assert incident is not None
        left_channel(tx, incident, LENA)
    assert client.get(f"/incidents/{ref}").status_code == 404


def test_the_demos_choice_of_a_person_is_not_there(door: Door) -> None:
    assert door.as_(LENA).get("/who").status_code == 404
    assert post(door.browser(), "/who", {"person": LENA}).status_code == 404


# Links for one person


def link_of(door: Door, ref: str, *, by: str = LENA) -> str:
    """Ask for a link in Slack and return its path."""
    said = door.type(f"notice {ref} link 1", by=by)
    found = re.search(r"<(http[^|]*/d/[^|]+)\|the PDF>", json.loads(said)["text"])
    assert found is not None, said
    return urlsplit(found[1]).path


def test_a_link_gives_its_person_the_pdf_and_the_log_says_so(door: Door) -> None:
    ref = door.open_incident()
    path = link_of(door, ref)
    client = door.browser()
    asked = client.get(path)
    assert asked.headers["location"] == f"/signin?next={path}"
    door.provider.person = slack_claims(LENA)
    back = client.get(door.answer(client, next=path))
    assert back.headers["location"] == path
    answer = client.get(path, follow_redirects=True)
    assert answer.content.startswith(b"%PDF")
    assert entries_of(door.tocsin.store, ref)[-1] == "notice.downloaded"


def test_a_link_of_somebody_else_is_refused(door: Door) -> None:
    ref = door.open_incident()
    answer = door.as_(CHRIS).get(link_of(door, ref))
    assert answer.status_code == 403
    assert "you are signed in as Chris Nakamura" in answer.text
    assert "notice.downloaded" not in entries_of(door.tocsin.store, ref)


def test_a_link_is_good_for_a_quarter_of_an_hour(door: Door) -> None:
    path = link_of(door, door.open_incident())
    client = door.as_(LENA)
    door.hands.wait(minutes=14, seconds=59)
    assert client.get(path).status_code == 303
    door.hands.wait(seconds=1)
    answer = client.get(path)
    assert answer.status_code == 410
    assert "/incident notice link 1" in answer.text


def actor(door: Door, slack_id: str) -> str:
    with reading(door.tocsin.store) as session:
        person = person_by_slack_id(session, slack_id)
    assert person is not None
    return person.actor


def test_a_link_cannot_be_made_or_changed_by_others(door: Door) -> None:
    ref = door.open_incident()
    path = link_of(door, ref)
    client = door.as_(LENA)
    link = PersonalLink(kind="notice", ref=ref, number=1, actor=actor(door, LENA))
    forged = LinkSigner("another key, of the same length as ours").token(link, now=door.hands.now)
    flipped = path[:-1] + ("A" if path[-1] != "A" else "B")
    for wrong in (f"/d/{forged}", flipped, path[:-5], "/d/x", f"/d/{path[3:].split('.')[0]}"):
        assert client.get(wrong).status_code == 404, wrong
    # Signed by us for another purpose: what a browser keeps while it signs in.
    door.browser().get("/signin/start")
    other = door.tocsin.web.state.desk.sessions._signer.dumps(["notice", ref, 1, link.actor, 9e9])
    assert client.get(f"/d/{other}").status_code == 404


def test_the_right_is_asked_again_when_the_link_is_used(door: Door) -> None:
    ref = door.open_incident()
    path = link_of(door, ref)
    client = door.as_(LENA)
    with unit_of_work(door.tocsin.store, now=door.hands.now) as tx:
        incident = incident_by_ref(tx.session, ref)
        assert incident is not None
        left_channel(tx, incident, LENA)
    assert client.get(path, follow_redirects=True).status_code == 404


def test_a_link_is_only_given_to_who_may_take_the_file(door: Door) -> None:
    ref = door.open_incident()
    assert "You have no incident" in door.type(f"notice {ref} link 1", by=SAM)
    with unit_of_work(door.tocsin.store, now=door.hands.now) as tx:
        incident = incident_by_ref(tx.session, ref)
        assert incident is not None
        add_member(tx, incident, who(tx, SAM))
    said = door.type(f"notice {ref} link 1", by=SAM)
    assert "/d/" not in said
    assert "Only" in said
    assert "no notice" in door.type(f"notice {ref} link 77").lower()
    assert "Give the notice's number" in door.type(f"notice {ref} link")
