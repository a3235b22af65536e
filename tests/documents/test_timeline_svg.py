"""The picture of deadlines: true to time near now, whole in black and white, never out of frame."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.timeline_clock import TimelineClock, describe_timeline
from bot.documents.timeline_marks import Shape, mark
from bot.documents.timeline_scale import scale_for
from bot.documents.timeline_svg import MANY, NARROW, WIDE, draw_for_paper, draw_timeline

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SVG = "{http://www.w3.org/2000/svg}"

spans = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=4000))


def a_clock(state: str = "running", /, **more: object) -> TimelineClock:
    known = {"key": "US-CA-IND", "place": "California", "to": "people", "state": state}
    return TimelineClock(**(known | more))


def drawn(*clocks: TimelineClock, **more: object) -> ET.Element:
    picture = draw_timeline(clocks, now=NOW, zone=BERLIN, title="Deadlines", **more)
    return ET.fromstring(picture)  # noqa: S314 - we drew it


def words(picture: ET.Element) -> list[str]:
    return [str(one.text) for one in picture.iter(f"{SVG}text")]


@given(st.lists(spans, min_size=2, max_size=12))
def test_later_never_lies_left_of_earlier_and_nothing_leaves_the_frame(
    several: list[timedelta],
) -> None:
    instants = sorted(NOW + span for span in several)
    scale = scale_for(instants, now=NOW, zone=BERLIN, left=100, right=900)
    places = [scale.x(at) for at in instants]
    assert all(one <= two for one, two in pairwise(places))
    assert places[0] >= 100
    assert places[-1] <= 900
    assert scale.x(NOW) == scale.now_x


@given(st.integers(min_value=0, max_value=6 * 24))
def test_within_the_week_an_hour_is_an_hour(hours: int) -> None:
    scale = scale_for([NOW + timedelta(days=400)], now=NOW, zone=BERLIN, left=0, right=1000)
    width = scale.x(NOW + timedelta(hours=hours + 1)) - scale.x(NOW + timedelta(hours=hours))
    assert width == pytest.approx((scale.later_x - scale.now_x) / (7 * 24))


def test_days_begin_at_local_midnight_also_when_the_clock_changes() -> None:
    before = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)  # a Friday; summer time ends on Sunday
    scale = scale_for([], now=before, zone=BERLIN, left=0, right=1000)
    days = [tick for tick in scale.days() if tick.words]
    assert [tick.words for tick in days][:3] == [("Sat", "24"), ("Sun", "25"), ("Mon", "26")]
    midnight = datetime(2026, 10, 26, 0, 0, tzinfo=BERLIN)
    assert days[2].x == pytest.approx(scale.x(midnight))
    lengths = [two.x - one.x for one, two in pairwise(days)]
    assert lengths[1] == pytest.approx(lengths[0] * 25 / 24)
    assert [tick.weekend_until is not None for tick in days[:3]] == [True, True, False]


def test_no_two_states_share_a_shape() -> None:
    marks = [shape for shape in Shape if shape not in {Shape.NO_NUMBER, Shape.WAITING}]
    paths = {tuple(re.findall(r' d="([^"]+)"', mark(0, 0, shape))) for shape in marks}
    assert len(paths) == len(marks)


@pytest.mark.parametrize(
    ("clock", "told", "meaning"),
    [
        (a_clock("running", due_at=NOW + timedelta(hours=25)), "1 d 1 h left", "due"),
        (a_clock("running", due_at=NOW + timedelta(hours=24)), "1 d left", "due within 24 hours"),
        (a_clock("running", due_at=NOW), "0 min left", "due within 24 hours"),
        (a_clock("running", due_at=NOW - timedelta(seconds=1)), "0 min over", "overdue"),
        (a_clock("missed", due_at=NOW - timedelta(days=2)), "2 d over", "overdue"),
        (a_clock("running"), "without undue delay", "no number: without undue delay"),
        (a_clock("tolled", due_at=NOW + timedelta(days=3)), "held", "held for law enforcement"),
        (
            a_clock("running", not_before=NOW + timedelta(days=3)),
            "not before",
            "nobody may be told before",
        ),
        (a_clock("met", due_at=NOW, met_at=NOW - timedelta(days=1)), "met", "met"),
        (a_clock("waived", due_at=NOW + timedelta(days=1)), "waived", "waived"),
    ],
)
def test_each_state_says_what_it_is_in_words(clock: TimelineClock, told: str, meaning: str) -> None:
    found = words(drawn(clock))
    assert told in found
    assert meaning in found[found.index(told) + 1 :]


def test_a_clock_that_waits_says_for_what() -> None:
    assert "waits for US-CA-IND" in words(drawn(a_clock("waiting", waits_for="US-CA-IND")))


def test_more_generous_and_extended_marks_stand_right_of_the_deadline() -> None:
    due = NOW + timedelta(days=300)
    picture = draw_timeline(
        [a_clock(due_at=due, lenient_due_at=due + timedelta(hours=1))],
        now=NOW,
        zone=BERLIN,
        title="Deadlines",
    )
    found = re.findall(r'<g transform="translate\(([\d.]+) ', picture)
    lenient, strict = (float(x) for x in found[:2])
    assert lenient - strict >= 10
    assert lenient < WIDE.width - WIDE.words


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_one_line_a_clock_until_there_are_many(layout: object) -> None:
    clocks = [
        a_clock(key=f"US-{n:02}", place=f"State {n % 7}", due_at=NOW + timedelta(days=n + 1))
        for n in range(MANY + 1)
    ]
    few = words(drawn(*clocks[:MANY], layout=layout))
    assert {one.key for one in clocks[:MANY]} <= set(few)
    many = words(drawn(*clocks, layout=layout))
    assert {f"State {n}" for n in range(7)} <= set(many)
    assert "US-00" not in many


def test_what_is_written_is_text_and_never_markup() -> None:
    picture = drawn(a_clock(key="<script>&\"'", place="</svg>"))
    assert "<script>&\"'" in words(picture)
    assert not list(picture.iter(f"{SVG}script"))


def test_paper_gets_all_lines_in_parts_on_one_scale() -> None:
    clocks = [a_clock(key=f"US-{n:02}", due_at=NOW + timedelta(days=n)) for n in range(40)]
    parts = draw_for_paper(clocks, now=NOW, zone=BERLIN, title="Deadlines", first=15, most=20)
    counts = [len(re.findall(r">US-\d\d</text>", part)) for part in parts]
    assert counts == [15, 20, 5]
    grids = [re.findall(r'class="tl-grid" d="M([\d.]+)', part) for part in parts]
    assert grids[0] == grids[1] == grids[2]
    assert draw_for_paper([], now=NOW, zone=BERLIN, title="None", first=15, most=20) == []


def test_the_description_names_what_is_next_and_what_is_over() -> None:
    clocks = [
        a_clock(key=f"US-{n}", due_at=NOW + timedelta(days=n - 1), state="running")
        for n in range(8)
    ]
    told = describe_timeline(clocks, now=NOW, zone=BERLIN)
    assert told.startswith("8 clocks. 1 overdue: US-0. US-1 (California) is due Sat 21 Nov 12:00.")
    assert "2 more are due later." in told
