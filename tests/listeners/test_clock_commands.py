"""`/incident clock`: deadlines, one duty in full, and every act on a clock, through signed HTTP."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.blocks.clock_lists import PAGE_LIMIT
from bot.practice import Practice
from bot.store.queries import clock_of, clocks_of
from bot.store.tables import ClockRow
from bot.store.unit_of_work import reading
from tests.kit import ANA, LENA, until
from tests.slack_kit import Room, button, cast, flat, open_room

pytestmark = pytest.mark.slow
AWARE = "fact aware at 2026-11-19 08:00 UTC"
CALIFORNIA = "fact 1,200 Californians, names and SSNs, not encrypted"
STATES = "AL AZ CA CO CT DE FL GA IL IN KY LA MD MA MI MN MO NC NJ NM NY OH OR PA RI TN TX UT VA WA"


def opened(pair: Practice, title: str, *facts: str) -> Room:
    """An incident with Forensics and Legal, in which these facts are recorded."""
    room = cast(open_room(pair, title))
    for one in facts:
        assert "✅ Recorded" in room.type(one, by=LENA)
    return room


@pytest.fixture(scope="module")
def room(pair: Practice) -> Room:
    """Two duties run here and one waits; nothing in it is changed by these tests."""
    return opened(pair, "Clocks to look at", AWARE, CALIFORNIA)


@pytest.fixture(scope="module")
def crowded(pair: Practice) -> Room:
    """Thirty states run here."""
    room = opened(pair, "Thirty states", AWARE)
    room.settle()
    room.person(LENA).slash("/incident", "clock questions", channel=room.channel)
    room.person(LENA).wait_modal(title="Open questions")
    count = ", ".join(f"{code} 1,500" for code in STATES.split())
    done = room.person(LENA).submit(
        values={
            "parts/US": count,
            "fact/data_elements": ["name", "ssn"],
            "source": "query of the claims database",
        }
    )
    assert done.ok, done.errors
    room.type("fact encryption not_encrypted", by=LENA)
    room.type("fact misuse_likely yes", by=LENA)
    room.type("fact determined_at 2026-11-19 08:30 UTC", by=LENA)
    room.settle()
    return room


def row(room: Room, key: str) -> ClockRow:
    with reading(room.pair.tocsin.store) as session:
        found = clock_of(session, room.row(), key)
    assert found is not None, key
    return found


def answer(room: Room, text: str, *, by: str = LENA) -> dict[str, Any]:
    ack = room.person(by).slash("/incident", text, channel=room.channel)
    return dict(ack.json())


def whispered(room: Room, *, by: str = LENA) -> dict[str, Any]:
    own = [one for one in room.person(by).messages(room.channel) if one.get("is_ephemeral")]
    return own[-1]


# -- looking --------------------------------------------------------------------------------


def test_the_overview_shows_deadlines_of_law_our_targets_and_what_to_ask(room: Room) -> None:
    said = room.type("clock", by=LENA)
    assert re.search(
        r"⏳ \*GDPR: to the authority\*: due <!date\^1795334400.*\(22 Nov 08:00 UTC\)", said
    )
    assert "_Regulation (EU) 2016/679 Art. 33(1)_" in said
    assert said.index("EU-GDPR-33-SA") < said.index("US-CA-IND"), "the nearest comes first"
    assert "🎯 *Our own targets:* Detection and triage <!date" in said
    assert "1 waiting · all: `/incident clock all`" in said
    told = re.search(
        r"\*(\d+) duties can't be told yet\.\* What decides most: 1\. .*2\. .*3\. ", said
    )
    assert told
    assert int(told[1]) > 100
    assert "4. " not in said


def test_of_thirty_states_five_are_shown_and_the_rest_is_counted(crowded: Room) -> None:
    said = crowded.type("clock", by=LENA)
    assert said.count("⏳") == 5
    running = len(
        [one for one in _rows(crowded) if one.kind == "regulatory" and one.state == "running"]
    )
    assert running > 40
    assert f"… and {running - 5} more: `/incident clock all`" in said


def _rows(room: Room) -> list[ClockRow]:
    with reading(room.pair.tocsin.store) as session:
        return list(clocks_of(session, room.row()))


def test_all_clocks_come_in_pages_that_slack_takes(crowded: Room) -> None:
    seen: set[str] = set()
    first = flat(answer(crowded, "clock all"))
    found = re.search(r"page 1 of (\d+)", first)
    assert found
    for page in range(1, int(found[1]) + 1):
        body = answer(crowded, f"clock all {page}")
        assert len(flat(body["blocks"])) < PAGE_LIMIT + 1_000
        assert f"page {page} of {found[1]}" in flat(body)
        seen |= set(re.findall(r"`([A-Za-z0-9-]+)`", flat(body)))
    assert {one.key for one in _rows(crowded)} <= seen
    assert "Next page" not in json.dumps(body), "the last page leads nowhere"


def test_the_next_page_comes_by_button(crowded: Room) -> None:
    crowded.type("clock all", by=LENA)
    lena = crowded.person(LENA)
    lena.click({**whispered(crowded), "channel": crowded.channel}, "show_clock_page")
    until(lambda: "page 2 of" in flat(whispered(crowded)))


def test_the_card_stays_short_with_thirty_states(crowded: Room) -> None:
    card = flat(crowded.card())
    assert card.count("⏳") == 5
    assert re.search(r"… and \d+ more: `/incident clock all`", card)
    assert re.search(r"\d+ running · \d+ waiting · \d+ can't be told yet", card)
    assert len(card) < 6_000
    status = flat(answer(crowded, "status"))
    assert status.count("⏳") == 5


def test_thirty_clocks_that_start_at_once_are_one_message(crowded: Room) -> None:
    told = [text for text in crowded.texts() if "clocks changed*, the nearest deadlines" in text]
    assert told
    for text in told:
        assert text.count("`US-") == 10
        assert re.search(r"… and \d+ more: `/incident clock all`", text)
    keys = re.findall(r"`(US-[A-Z0-9-]+)`", told[0])
    deadlines = [row(crowded, key).due_at for key in keys]
    assert deadlines == sorted(deadlines, key=lambda at: at or datetime.max.replace(tzinfo=UTC))


IN_FULL = [
    (
        "EU-GDPR-33-SA",
        [
            "Notify the supervisory authority", "Art. 33(1)", "*Why: it applies*",
            "`aware_at` 2026-11-19 08:00 UTC (confirmed)", "72 elapsed hours",
            "_Counted from:_ `aware_at`", "_A more lenient reading:_ <!date^1795338000^",
            "*The notice says*", "_If it is late:_", "_Then:_", "Checked 2026-11-21",
            "confidence high",
        ],
    ),
    ("us-ca-ind", ["California", "_Delay for law enforcement:_", "🛡️ *12 months*"]),
    ("US-CA-AG", ["waits for `individuals_notified_at`", "_Waits for:_", "_Where:_ Attorney"]),
    (
        "US-TX-IND",
        ["No clock: it can't be told yet", "_Still to be answered:_", "`residents:US-TX`"],
    ),
    ("US-SEC-8K-105", ["No clock: it doesn't apply", "*Why: it doesn't apply*"]),
    ("SG-PDPA-ASSESS", ["limit on our own assessment", "*confirm with counsel*"]),
    ("US-FCC-CPNI-CUST-HOLD", ["embargo"]),
    ("US-FL-IND", ["_Extension:_", "`/incident clock extend US-FL-IND because …`"]),
    ("EU-OMNIBUS-96H", ["It never runs here: A proposal", "confidence low"]),
    ("US-NY-DFS", ["the same duty as `US-NY-DFS-500-17`"]),
    ("US-NAIC-668", ["It points to other rules"]),
    ("triage", ["our own target", "until the severity is confirmed"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "parts"), IN_FULL, ids=lambda one: one if isinstance(one, str) else ""
)
def test_one_duty_in_full(room: Room, key: str, parts: list[str]) -> None:
    before = room.log()
    said = room.type(f"clock {key}", by=LENA)
    for part in parts:
        assert part in said, said
    assert "⚠️ “" not in said
    assert room.log() == before, "looking changes nothing"


def test_a_clock_is_looked_at_from_anywhere_by_reference(room: Room) -> None:
    assert "Art. 33(1)" in room.type(f"clock {room.ref} EU-GDPR-33-SA", by=LENA)


# -- acts -----------------------------------------------------------------------------------


def test_met_with_time_and_proof_starts_what_follows(pair: Practice) -> None:
    room = opened(pair, "Met", AWARE, CALIFORNIA)
    said = room.type("clock met US-CA-IND at 2026-11-19T08:30Z letters posted, batch 12", by=LENA)
    assert "✅ US-CA-IND is met as of <!date^1795077000^" in said
    assert (
        "*What follows*\n↳ *California Civil Code breach law (SB 446): to the Attorney General*"
        in said
    )
    assert "`US-CA-AG`: running, due <!date^" in said
    met, follows = row(room, "US-CA-IND"), row(room, "US-CA-AG")
    assert (met.met_at, met.proof) == (
        datetime(2026, 11, 19, 8, 30, tzinfo=UTC),
        "letters posted, batch 12",
    )
    assert follows.due_at == datetime(2026, 12, 5, 7, 59, 59, tzinfo=UTC)
    assert "is already met" in room.type("clock met US-CA-IND again", by=LENA)


def test_met_late_needs_the_reasons_that_the_law_wants(pair: Practice) -> None:
    room = opened(pair, "Met late", "fact aware at 2026-11-15 08:00 UTC")
    assert row(room, "EU-GDPR-33-SA").state == "missed"
    refused = room.type("clock met EU-GDPR-33-SA 2026-4711", by=LENA)
    assert "Art. 33(1) wants the reasons" in refused
    said = room.type("clock met EU-GDPR-33-SA 2026-4711 because the scope was unclear", by=LENA)
    assert "✅ EU-GDPR-33-SA is met. It was late; the record says so." in said
    found = row(room, "EU-GDPR-33-SA")
    assert (found.proof, found.lateness) == ("2026-4711", "the scope was unclear")
    shown = room.type("clock EU-GDPR-33-SA", by=LENA)
    assert "_Met:_ 2026-4711" in shown
    assert "_Why it was late:_ the scope was unclear" in shown


def test_waived_with_its_reason(pair: Practice) -> None:
    room = opened(pair, "Waived", AWARE)
    said = room.type("clock waive eu-gdpr-33-sa because no data was readable", by=LENA)
    assert "➖ EU-GDPR-33-SA is waived" in said
    assert row(room, "EU-GDPR-33-SA").proof == "no data was readable"


def test_overruled_in_every_way_and_withdrawn(pair: Practice) -> None:
    room = opened(pair, "Overruled", AWARE)
    ours = row(room, "EU-GDPR-33-SA").due_at
    said = room.type(
        "clock overrule EU-GDPR-33-SA due 2026-11-21T17:00Z because agreed by phone", by=LENA
    )
    assert "⚖️ Your ruling on EU-GDPR-33-SA counts" in said
    assert "It is now *running*, due <!date^1795280400^" in said
    assert "(before: <!date^1795334400^" in said
    assert row(room, "EU-GDPR-33-SA").due_at == datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
    back = room.type("clock overrule EU-GDPR-33-SA withdraw because a mistake", by=LENA)
    assert "↩️ The ruling on EU-GDPR-33-SA is withdrawn" in back
    assert row(room, "EU-GDPR-33-SA").due_at == ours
    gone = room.type("clock overrule EU-GDPR-33-SA doesn’t apply because no risk", by=LENA)
    assert "It is now *not applicable*" in gone
    started = room.type("clock overrule US-CA-IND applies because some live there", by=LENA)
    assert "It is now *running*, due" in started
    assert room.log().count("clock.overruled") == 4
    shown = room.type("clock EU-GDPR-33-SA", by=LENA)
    for part in ("*What was ruled*", "due <!date^1795280400^", "ruling was withdrawn", "no risk"):
        assert part in shown


def test_extended_once_as_the_law_allows(pair: Practice) -> None:
    room = opened(
        pair,
        "Extended",
        "fact determined_at 2026-11-19 08:00 UTC",
        "fact 800 Floridians, names and SSNs, not encrypted",
    )
    before = row(room, "US-FL-IND").due_at
    said = room.type("clock extend US-FL-IND because good cause was shown", by=LENA)
    assert "⏩ US-FL-IND is extended" in said
    after = row(room, "US-FL-IND").due_at
    assert before
    assert after
    assert (after - before).days == 15
    assert "is already extended" in room.type("clock extend US-FL-IND because again", by=LENA)


def test_held_on_a_document_and_cleared(pair: Practice) -> None:
    room = opened(pair, "Held", AWARE, CALIFORNIA)
    asked = room.type("clock toll US-CA-IND evidence 1 because the FBI asks", by=LENA)
    assert "has no evidence 1" in asked
    letter = room.person(LENA).post(room.channel, "Letter of the FBI: please delay")
    room.person(LENA).message_shortcut("preserve_evidence", channel=room.channel, ts=letter["ts"])
    until(lambda: room.log().count("message.preserved") == 1)
    said = room.type("clock toll US-CA-IND evidence E-1 because the FBI asks", by=LENA)
    assert "⏸️ US-CA-IND is held for law enforcement on E-1" in said
    assert "`/incident clock clear US-CA-IND`" in said
    assert row(room, "US-CA-IND").state == "tolled"
    assert "1 held" in room.type("clock", by=LENA)
    assert "⏸️" in room.type("clock all", by=LENA)
    cleared = room.type("clock clear US-CA-IND", by=LENA)
    assert "▶️ US-CA-IND is cleared" in cleared
    assert "It is now *running*, due" in cleared
    assert "isn't held" in room.type("clock clear US-CA-IND", by=LENA)
    room.settle()
    assert any("Held for law enforcement" in text for text in room.texts())
    assert any("Runs again" in text for text in room.texts())


REFUSED = [
    ("mett US-CA-AG", "Did you mean `/incident clock met ID`?"),
    ("quesions", "Did you mean `/incident clock questions`?"),
    ("US-CA", "Did you mean one of `US-CA-IND`, `US-CA-AG`"),
    ("EU-GDPR-33-S", "Did you mean `EU-GDPR-33-SA`?"),
    ("xyzzy-1", "and the id of any duty."),
    ("all two", "“two” isn't a page: write `/incident clock all 2`."),
    ("met", "Name the clock: `/incident clock met US-CA-AG …`."),
    ("met FOO-BAR done", "“FOO-BAR” is no clock and no duty."),
    ("met US-CA-IN done", "Did you mean `US-CA-IND`?"),
    ("met EU-GDPR-33-SA", "Give the proof that EU-GDPR-33-SA is met"),
    ("met EU-GDPR-33-SA at 2027-01-01T10:00Z R-1", "2027-01-01 10:00 UTC is still to come."),
    ("met EU-GDPR-33-SA at 25:99 R-1", "“25:99” isn't a time that exists"),
    ("met EU-GDPR-33-SA at 2026-11-19T08:30 EST R-1", "“EST” isn't a zone that can stand there"),
    ("met US-SEC-8K-105 R-1", "doesn't apply"),
    ("waive", "Name the clock: `/incident clock waive US-CA-AG why`."),
    ("waive EU-GDPR-33-SA", "Give the reason: `/incident clock waive EU-GDPR-33-SA why …`."),
    ("overrule EU-GDPR-33-SA", "Write `/incident clock overrule EU-GDPR-33-SA applies because …`"),
    ("overrule EU-GDPR-33-SA perhaps", "“perhaps” isn't a ruling."),
    ("overrule EU-GDPR-33-SA applies", "Give the reason"),
    ("overrule EU-GDPR-33-SA due tomorrow because x", "“tomorrow” isn't a clear deadline"),
    ("overrule EU-GDPR-33-SA due 17:00 because x", "“17:00” isn't a clear deadline"),
    ("overrule EU-GDPR-33-SA due 2026-13-40T17:00Z because x", "isn't a time that exists"),
    ("overrule EU-GDPR-33-SA withdraw because x", "there is nothing to withdraw"),
    ("overrule US-NAIC-668 applies because x", "There is no duty “US-NAIC-668” that runs"),
    ("overrule triage applies because x", "is our own target"),
    ("extend EU-GDPR-33-SA because x", "Art. 33(1) offers no extension"),
    ("toll US-CA-IND because the FBI asks", "Name the document in which law enforcement asks"),
    ("toll US-CA-IND evidence 9 because the FBI asks", "has no evidence 9"),
    ("clear US-CA-IND", "isn't held for law enforcement"),
]


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_what_can_t_be_is_refused_with_the_right_form(room: Room, typed: str, said: str) -> None:
    before = room.log()
    answered = room.type(f"clock {typed}", by=LENA)
    assert said in answered
    assert "⚠️" in answered
    assert room.log() == before


@pytest.mark.parametrize(
    "typed",
    [
        "met EU-GDPR-33-SA R-1",
        "waive EU-GDPR-33-SA x",
        "overrule EU-GDPR-33-SA applies because x",
        "extend US-FL-IND because x",
        "toll US-CA-IND evidence 1 because x",
        "clear US-CA-IND",
    ],
)
def test_only_legal_decides_about_duties(room: Room, typed: str) -> None:
    before = room.log()
    assert "Only Legal may" in room.type(f"clock {typed}", by=ANA)
    assert room.log() == before


def test_an_act_delivered_twice_counts_once(pair: Practice) -> None:
    room = opened(pair, "Twice", AWARE)
    pair.box.faults.add("inbound:slash_command", "deliver_twice")
    try:
        room.type("clock overrule EU-GDPR-33-SA applies because counsel says so", by=LENA)
    finally:
        pair.box.faults.clear()
    assert room.log().count("clock.overruled") == 1


def test_the_overview_leads_to_all_clocks_and_to_the_questions(room: Room) -> None:
    room.type("clock", by=LENA)
    shown = whispered(room)
    assert button(shown, "open_questions")["text"]["text"] == "Answer questions"
    lena = room.person(LENA)
    lena.click({**shown, "channel": room.channel}, "show_clock_page")
    until(lambda: "All clocks of" in flat(whispered(room)))
