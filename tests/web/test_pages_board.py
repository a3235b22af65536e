"""The jurisdiction board: what stands where, filtered, sorted, drawn."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from board_kit import board_of, breach, keys_in_table, make, section, text_of
from pages_kit import Site

from bot.domain.clocks import ClockState
from bot.services.clock_marks import meet_clock, waive_clock
from bot.services.clock_rulings import overrule_clock
from bot.store.queries import clocks_of, incident_by_ref
from bot.store.unit_of_work import reading
from tests.kit import CHRIS, FARID, LENA, SAM, opened

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


def pictures(page: str) -> list[ET.Element]:
    found = re.findall(r"<svg [^>]*class=\"timeline.*?</svg>", page, re.DOTALL)
    return [ET.fromstring(one) for one in found]  # noqa: S314 - we drew it


def test_a_member_sees_every_jurisdiction_and_nobody_else_does(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(CHRIS).get(f"{home}/board").text
    table = text_of(section(page, "clocks"))
    for name in (
        "European Union", "United Kingdom", "California", "New York", "Texas", "Florida",
        "Massachusetts", "Brazil", "Australia", "Singapore", "Switzerland", "Quebec",
    ):  # fmt: skip
        assert name in table
    assert site.as_(SAM).get(f"{home}/board").status_code == 404
    for path in ("board", "board.csv", "board.pdf", "questions", "clocks/US-CA-AG"):
        assert site.as_(SAM).get(f"{home}/{path}").text == site.as_(SAM).get("/no/such").text
        answer = site.nobody().get(f"{home}/{path}")
        assert (answer.status_code, answer.headers["location"][:5]) == (303, "/who?")


def test_a_row_says_all_that_counsel_needs(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/board").text
    rows = re.findall(r'<tr class="\w+">.*?</tr>', section(page, "clocks"), re.DOTALL)
    told = {re.search(r"/clocks/([^\"]+)", row)[1]: text_of(row) for row in rows}  # type: ignore[index]
    gdpr = told["EU-GDPR-33-SA"]
    assert "Authority" in gdpr
    assert "Regulation (EU) 2016/679 Art. 33(1)" in gdpr
    assert "2 d 22 h left Tue 24 Nov 2026, 10:00 CET (24 Nov 09:00 UTC)" in gdpr
    assert "or Tue 24 Nov 2026, 11:00 CET by a more generous reading" in gdpr
    # End of the 30th day in Tallahassee, and what it would be with the 15 days more.
    florida = told["US-FL-IND"]
    assert "Mon 21 Dec 2026, 23:59 EST (22 Dec 04:59 UTC)" in florida
    assert "Tue 5 Jan 2027, 23:59 EST if extended" in florida
    assert "Wed 25 Nov 2026, 23:59 UTC−03" in told["BR-LGPD-ANPD"]
    assert "without undue delay" in told["US-MA-AG"]
    assert "waits for US-CA-IND" in told["US-CA-AG"]
    assert "confirm with counsel" in told["SG-PDPA-ASSESS"]
    assert "confirm with counsel" not in gdpr


def test_a_deadline_that_passed_a_second_ago_is_overdue_before_the_tick_says_so(
    site: Site, ref: str
) -> None:
    home = breach(site, ref)
    due = next(row.due_at for row in board_of(site, ref).rows if row.duty.key == "GB-UKGDPR-33")
    assert due is not None
    for seconds, overdue in ((0, False), (1, True)):
        site.hands.now = due
        site.hands.wait(seconds=seconds)
        page = site.as_(LENA).get(f"{home}/board").text
        assert ("2 overdue" in text_of(page)) is overdue
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        clocks = clocks_of(session, incident)
        assert {c.state for c in clocks if c.key == "GB-UKGDPR-33"} == {"running"}


def test_filters_work_by_address_alone(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    every = keys_in_table(lena, f"{home}/board")
    bureaus = keys_in_table(lena, f"{home}/board?to=consumer_reporting_agencies")
    assert bureaus == ["US-FL-CRA"]
    states = keys_in_table(lena, f"{home}/board?place=US")
    assert states == [key for key in every if key.startswith("US-")]
    assert keys_in_table(lena, f"{home}/board?place=us-ca") == ["US-CA-IND", "US-CA-AG"]
    waiting = keys_in_table(lena, f"{home}/board?state=waiting&place=US")
    assert set(waiting) == {"US-CA-AG", "US-TX-AG", "US-TX-IND"}
    page = lena.get(f"{home}/board?state=waiting&place=US").text
    assert "Only United States, waiting: 3 of" in text_of(page)
    assert '<option value="waiting" selected>' in page
    assert f'href="{home}/board.pdf?state=waiting&amp;place=US"' in page
    # The picture shows the same lines as the table.
    assert len(re.findall(r">US-(?:CA|TX)-\w+</text>", page)) == 2 * 3
    assert "EU-GDPR-33-SA</text>" not in page


def test_words_that_nobody_knows_ask_for_nothing(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    strange = f"{home}/board?to=%22%3E%3Cscript%3E&state=nowhere&place=ZZ&sort=password&dir=x"
    assert keys_in_table(lena, strange) == keys_in_table(lena, f"{home}/board")
    assert "<script>" not in lena.get(strange).text.replace('<script src="', "")


def test_a_heads_link_sorts_and_turns_round(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    page = lena.get(f"{home}/board").text
    assert len(re.findall(r'aria-sort="ascending"', page)) == 1
    assert re.search(r'aria-sort="ascending"><a href="[^"]+">Due', page)
    assert f'href="{home}/board?dir=down#clocks">Due' in page
    link = re.search(r'aria-sort="none"><a href="([^"#]+)[^"]*">Clock', page)
    assert link is not None
    up = keys_in_table(lena, link[1])
    assert up == sorted(up)
    again = lena.get(link[1]).text
    turned = re.search(r'aria-sort="ascending"><a href="([^"#]+)[^"]*">Clock', again)
    assert turned is not None
    assert keys_in_table(lena, turned[1].replace("&amp;", "&")) == up[::-1]
    places = re.findall(
        r'data-label="Jurisdiction">([^<]+)<',
        section(lena.get(f"{home}/board?sort=place").text, "clocks"),
    )
    assert places == sorted(places)
    for sort in ("to", "duty", "law", "state", "checked"):
        assert sorted(keys_in_table(lena, f"{home}/board?sort={sort}")) == up


def test_what_is_done_stands_below_also_when_turned_round(site: Site, ref: str) -> None:
    home = breach(site, ref)
    act = site.act
    act(ref, LENA, lambda tx, one, who: meet_clock(tx, one, "BR-LGPD-ANPD", proof="7", actor=who))
    act(ref, LENA, lambda tx, one, who: waive_clock(tx, one, "US-FL-CRA", reason="r", actor=who))
    for way in ("", "?dir=down"):
        keys = keys_in_table(site.as_(LENA), f"{home}/board{way}")
        assert set(keys[-2:]) == {"BR-LGPD-ANPD", "US-FL-CRA"}
    waiting = next(one for one in board_of(site, ref).rows if one.duty.key == "BR-LGPD-SUPP")
    assert waiting.state is ClockState.RUNNING


def test_the_picture_is_whole_without_colour_script_or_style(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/board").text
    drawn = pictures(page)
    assert len(drawn) == 2
    for picture in drawn:
        assert picture.attrib["role"] == "img"
        title, described = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
        assert title is not None
        assert described is not None
        assert picture.attrib["aria-labelledby"].split() == [
            title.attrib["id"],
            described.attrib["id"],
        ]
        assert title.text == f"Deadlines of {ref}"
        assert "EU-GDPR-33-SA (European Union) is due Tue 24 Nov 10:00." in str(described.text)
        words = [one.text for one in picture.iter(f"{SVG}text")]
        for each in ("EU-GDPR-33-SA", "2 d 22 h left", "without undue delay", "next 7 days"):
            assert each in words
        assert not [one for one in picture.iter() if "style" in one.attrib]
        assert not list(picture.iter(f"{SVG}script")) + list(picture.iter(f"{SVG}style"))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_with_many_clocks_a_line_of_the_picture_is_a_place(site: Site, ref: str) -> None:
    states = "CO GA IL NJ OH PA VA WA OR MI MN IN AZ NC TN WI"
    home = breach(site, ref)
    site.record(ref, FARID, {f"residents:US-{one}": "2000" for one in states.split()})
    page = site.as_(LENA).get(f"{home}/board").text
    board = board_of(site, ref)
    assert len(board.rows) > 60
    words = [one.text for one in pictures(page)[0].iter(f"{SVG}text")]
    assert "Colorado" in words
    assert "3 clocks" in words
    assert "US-CO-IND" not in words
    incident = site.as_(LENA).get(home).text
    law = re.findall(r'id="left-([A-Z][^"]+)"', section(incident, "clocks"))
    assert len(law) == 5
    assert "more run: see them on the board" in incident
    assert f"all {len(board.rows)} clocks of law" in incident


def test_what_cant_be_told_stands_under_the_question_that_settles_it(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/board").text
    open_part = section(page, "open")
    first = text_of(open_part[: open_part.index("</details>")])
    assert "How many residents of the United States (US) are affected?" in first
    assert "US-AL-AG" in first
    assert "Alabama" in first
    # Within 48 hours of discovery, if more than 500 Minnesotans are told.
    assert "US-MN-CRA Mon 23 Nov 2026, 02:30 CST (23 Nov 08:30 UTC)" in first
    keys = re.findall(r"/clocks/([A-Z][^\"]+)\"", open_part.split('<ol class="questions">')[1])
    assert len(keys) == len(set(keys)) == len(board_of(site, ref).open_duties)
    assert f'href="{home}/questions#q-residents-US"' in open_part


def test_what_doesnt_apply_is_folded_away_with_its_reason(site: Site, ref: str) -> None:
    home = breach(site, ref)
    out = section(site.as_(LENA).get(f"{home}/board").text, "out")
    assert "<details><summary>Show the reasons" in out
    told = text_of(out)
    assert "Sec registrant: no. US-SEC-8K-105" in told
    assert "In the pack, but never counted 14" in told
    assert "US-FL-AG" not in told


def test_a_duty_that_applied_once_comes_back_among_those_that_dont(site: Site, ref: str) -> None:
    home = breach(site, ref)
    site.record(ref, FARID, {"residents:US-MA": "0"})
    board = board_of(site, ref)
    gone = [one for one in board.not_applying if one.duty.key.startswith("US-MA-")]
    assert [one.once for one in gone if one.duty.key in {"US-MA-AG", "US-MA-IND"}] == [True, True]
    assert not [one for one in board.rows if one.duty.key.startswith("US-MA-")]
    assert "No residents of US-MA are affected" in site.as_(LENA).get(f"{home}/board").text


def test_every_duty_of_the_pack_stands_on_the_board_once(site: Site, ref: str) -> None:
    breach(site, ref)
    board = board_of(site, ref)
    keys = [row.duty.key for row in board.rows]
    keys += [one.duty.key for one in board.open_duties]
    keys += [one.duty.key for one in (*board.not_applying, *board.never_running)]
    in_force = [
        one.id
        for one in site.store.rules.obligations.values()
        if not one.runs or one.in_force(site.hands.now.date())
    ]
    assert sorted(keys) == sorted(in_force)


def test_counsels_ruling_is_shown_and_what_people_write_is_escaped(site: Site) -> None:
    found: list[str] = []
    site.tx(lambda tx: found.append(opened(tx, title="<script>alert(1)</script>").ref))
    home = breach(site, found[0])
    site.act(
        found[0],
        LENA,
        lambda tx, one, who: overrule_clock(
            tx, one, "US-SEC-8K-105", reason="<b>bold</b>", applies=True, actor=who
        ),
    )
    lena = site.as_(LENA)
    page = lena.get(f"{home}/board").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "overruled by counsel" in text_of(page)
    ruled = lena.get(f"{home}/clocks/US-SEC-8K-105").text
    assert "&lt;b&gt;bold&lt;/b&gt;" in ruled
    assert "<b>bold" not in ruled + page


def test_an_embargo_says_that_nobody_may_be_told_and_never_that_it_is_due(
    site: Site, ref: str
) -> None:
    home = breach(site, ref)
    hold, police = "US-FCC-CPNI-CUST-HOLD", "US-FCC-CPNI-LE"
    site.record(ref, FARID, {"entity_types": "cpni_carrier", "data_elements": "name, cpni"})
    lena = site.as_(LENA)
    address = make(lena, f"{home}/calendar")

    def told() -> str:
        rows = section(lena.get(f"{home}/board").text, "clocks").split("<tr")
        return text_of(next(row for row in rows if f"/clocks/{hold}" in row))

    assert "Tell nobody yet" in told()
    assert f"waits for {police}" in told()
    assert f"{hold} ({ref})" not in site.nobody().get(address).text
    site.act(ref, LENA, lambda tx, one, who: meet_clock(tx, one, police, proof="7", actor=who))
    # Seven full business days after Saturday 21 November; Thanksgiving isn't one of them.
    assert "not before Wed 2 Dec 2026, 23:59 EST" in told()
    assert "Tell nobody yet" in told()
    feed = site.nobody().get(address).text.replace("\r\n ", "")
    assert f"SUMMARY:Tell nobody before {hold} ({ref})" in feed
    assert "not before" in [
        one.text for one in pictures(lena.get(f"{home}/board").text)[0].iter(f"{SVG}text")
    ]
    site.hands.now = datetime(2026, 12, 3, 5, 0, tzinfo=UTC)
    site.record(ref, FARID, {"residents:US-NJ": "900"})
    row = next(one for one in board_of(site, ref).rows if one.duty.key == hold)
    assert row.state is ClockState.NOT_APPLICABLE
    assert "Ended" in told()
