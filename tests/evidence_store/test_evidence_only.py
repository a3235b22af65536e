"""Reading only some events of a log: in order, whatever stands between them, over page ends."""

from sqlalchemy import Engine

from evidence_store import log
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import ORIGIN, append, at, open_story_log

NOTE = Draft(event="note.recorded", actor="U0ANA")
MET = Draft(event="clock.met", actor="U0LENA")


def test_only_the_named_events_are_read(engine: Engine) -> None:
    with engine.begin() as connection:
        open_story_log(connection)
        append(connection, *[MET if number % 7 == 0 else NOTE for number in range(30)], now=at(1))
        every = list(log.entries(connection, origin=ORIGIN))
        met = list(log.entries(connection, origin=ORIGIN, only=["clock.met"]))
        both = list(log.entries(connection, origin=ORIGIN, only=["clock.met", "note.recorded"]))
        few = list(log.entries(connection, origin=ORIGIN, only=["clock.met"], after=3, limit=2))
    assert met == [one for one in every if one.event == "clock.met"]
    assert [one.seq for one in met] == [1, 8, 15, 22, 29]
    assert both == every[1:]
    assert [one.seq for one in few] == [8, 15]
