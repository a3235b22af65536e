"""Calendar feeds: what a calendar program reads, who may, and until when."""

import hashlib
import re
from datetime import UTC, datetime

import pytest
from board_kit import BREACH, board_of, breach, make
from icalendar import Calendar, Event
from pages_kit import Site, close_it, incident, message
from sqlmodel import select

from bot.services.clock_marks import meet_clock, waive_clock
from bot.services.clock_rulings import toll_clock
from bot.services.incidents import add_member
from bot.services.people import left_channel
from bot.store.tables import CalendarFeed
from bot.store.unit_of_work import reading
from tests.kit import CHRIS, FARID, LENA, SAM, log_of, opened

pytestmark = pytest.mark.slow


def events(site: Site, address: str) -> dict[str, Event]:
    """Read a feed as a calendar program does, without a cookie; by summary."""
    answer = site.nobody().get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert calendar.errors == []
    return {str(one["SUMMARY"]): one for one in calendar.walk("VEVENT")}


def test_the_feed_shows_every_deadline_and_follows_it(site: Site, ref: str) -> None:
    home = breach(site, ref)
    address = make(site.as_(LENA), f"{home}/calendar")
    first = events(site, address)
    dated = [row for row in board_of(site, ref).rows if row.due_at]
    assert set(first) == {f"Deadline {row.duty.key} ({ref})" for row in dated}
    gdpr = first[f"Deadline EU-GDPR-33-SA ({ref})"]
    assert gdpr["DTSTART"].dt == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert gdpr["STATUS"] == "CONFIRMED"
    link = f"{site.url}/incidents/{ref}/clocks/EU-GDPR-33-SA"
    assert str(gdpr["DESCRIPTION"]) == f"Regulation (EU) 2016/679 Art. 33(1)\n{link}"
    assert str(gdpr["URL"]) == link
    assert gdpr["LAST-MODIFIED"].dt == site.hands.now
    assert not gdpr.walk("VALARM")
    site.hands.wait(hours=2)
    site.record(
        ref, FARID, {"aware_at": "2026-11-21 07:00 UTC", "discovered_at": "2026-11-21 06:00 UTC"}
    )
    second = events(site, address)[f"Deadline EU-GDPR-33-SA ({ref})"]
    assert second["UID"] == gdpr["UID"]
    assert second["DTSTART"].dt == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert second["SEQUENCE"] > gdpr["SEQUENCE"]
    assert second["LAST-MODIFIED"].dt == second["DTSTAMP"].dt == site.hands.now
    assert len({str(one["UID"]) for one in first.values()}) == len(first)


def test_what_is_done_is_cancelled_and_what_is_held_tentative(site: Site, ref: str) -> None:
    home = breach(site, ref)
    message(site, ref)
    address = make(site.as_(LENA), f"{home}/calendar")
    act = site.act
    act(ref, LENA, lambda tx, one, who: meet_clock(tx, one, "BR-LGPD-ANPD", proof="7", actor=who))
    act(ref, LENA, lambda tx, one, who: waive_clock(tx, one, "US-FL-AG", reason="r", actor=who))
    act(
        ref,
        LENA,
        lambda tx, one, who: toll_clock(
            tx, one, "US-CA-IND", evidence=1, reason="the FBI asked", actor=who
        ),
    )
    found = events(site, address)
    assert found[f"Deadline BR-LGPD-ANPD ({ref})"]["STATUS"] == "CANCELLED"
    assert found[f"Deadline US-FL-AG ({ref})"]["STATUS"] == "CANCELLED"
    assert found[f"Deadline US-CA-IND ({ref})"]["STATUS"] == "TENTATIVE"
    site.record(ref, FARID, {"residents:US-NY": "0"})
    assert f"Deadline US-NY-IND ({ref})" not in events(site, address)


def test_nothing_of_the_incident_itself_is_in_it(site: Site) -> None:
    found: list[str] = []
    site.tx(lambda tx: found.append(opened(tx, title="Payroll of Ana Brandt leaked").ref))
    home = breach(site, found[0])
    address = make(site.as_(LENA), f"{home}/calendar")
    text = site.nobody().get(address).text
    for words in ("Payroll", "Brandt", "Lena", "Okafor", "U0", "Farid", "4,200", "4200", "ssn"):
        assert words not in text


def test_only_the_digest_of_the_secret_is_kept(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    address = make(lena, f"{home}/calendar")
    found = re.fullmatch(rf"{site.url}/calendar/([A-Za-z0-9_-]{{43}})\.ics", address)
    assert found is not None  # 43 letters of base 64 are 256 bits
    secret = found[1]
    with reading(site.store) as session:
        rows = session.exec(select(CalendarFeed)).all()
    assert hashlib.sha256(secret.encode()).hexdigest() in {row.secret_sha256 for row in rows}
    assert secret not in "".join(str(row) for row in rows)
    assert secret not in lena.get(f"{home}/board").text + lena.get("/calendar").text
    assert make(lena, f"{home}/calendar") != address
    assert secret not in str(log_of(site.store, ref))


def test_unknown_revoked_and_forbidden_feeds_get_the_same_answer(site: Site, ref: str) -> None:
    home = breach(site, ref)
    chris = site.as_(CHRIS)
    revoked, left = make(chris, f"{home}/calendar"), make(chris, f"{home}/calendar")
    number = re.findall(r"/calendar/(\d+)/revoke", chris.get("/calendar").text)[1]
    assert site.as_(LENA).post(f"/calendar/{number}/revoke").status_code == 409
    assert chris.send(f"/calendar/{number}/revoke", {}).status_code == 403
    assert site.nobody().get(revoked).status_code == 200
    answer = chris.post(f"/calendar/{number}/revoke")
    assert answer.headers["location"] == "/calendar?done=revoked"
    assert chris.post(f"/calendar/{number}/revoke").status_code == 409
    assert site.nobody().get(left).status_code == 200
    site.act(ref, CHRIS, lambda tx, one, _who: left_channel(tx, one, CHRIS))
    answers = [
        site.nobody().get(address)
        for address in (
            revoked,
            left,
            f"{site.url}/calendar/{'x' * 43}.ics",
            f"{site.url}/calendar/.ics",
        )
    ]
    assert {(one.status_code, one.text) for one in answers[:3]} == {
        (404, "There is no such calendar.\n")
    }
    assert answers[3].status_code == 404


def test_feeds_are_on_the_record(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    make(lena, f"{home}/calendar")
    number = re.findall(r"/calendar/(\d+)/revoke", lena.get("/calendar").text)[0]
    lena.post(f"/calendar/{number}/revoke")
    made, revoked = log_of(site.store, ref)[-2:]
    assert (made.event, revoked.event) == ("calendar.feed_made", "calendar.feed_revoked")
    assert made.data == revoked.data == {"feed": int(number), "of": "incident"}


def test_a_persons_feed_holds_only_what_they_may_see(site: Site) -> None:
    found: list[str] = []
    for _ in range(2):
        site.tx(lambda tx: found.append(opened(tx).ref))
    for one in found:
        site.record(one, FARID, BREACH)
    mine, other = found
    site.act(mine, SAM, add_member)
    sam = site.as_(SAM)
    address = make(sam, "/calendar")
    refs = {re.search(r"\((.+)\)", name)[1] for name in events(site, address)}  # type: ignore[index]
    assert mine in refs
    assert other not in refs
    assert log_of(site.store, mine)[-1].data["of"] == "person"
    assert log_of(site.store, other)[-1].event != "calendar.feed_made"
    site.act(other, SAM, add_member)
    assert any(other in name for name in events(site, address))
    site.act(mine, SAM, lambda tx, one, _who: left_channel(tx, one, SAM))
    assert not any(mine in name for name in events(site, address))
    close_it(site, other)
    assert not any(other in name for name in events(site, address))


def test_a_reader_that_has_it_already_is_told_so(site: Site, ref: str) -> None:
    home = breach(site, ref)
    address = make(site.as_(LENA), f"{home}/calendar")
    nobody = site.nobody()
    first = nobody.get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.content == nobody.get(address).content
    tag = {"If-None-Match": first.headers["ETag"]}
    same = nobody.get(address, headers=tag)
    assert (same.status_code, same.content) == (304, b"")
    site.record(ref, FARID, {"aware_at": "2026-11-21 08:45 UTC"})
    assert nobody.get(address, headers=tag).status_code == 200


def test_a_person_has_twenty_feeds_at_most(site: Site, ref: str) -> None:
    home = breach(site, ref)
    farid = site.as_(FARID)
    for _ in range(20):
        make(farid, f"{home}/calendar")
    answer = farid.post(f"{home}/calendar")
    assert answer.status_code == 409
    assert "You have 20 feeds already." in answer.text
    assert incident(site, ref).ref in farid.get("/calendar").text
