"""`/incident exercise start`: each word is understood or refused, and a refusal starts nothing."""

import pytest
from sqlmodel import col, func, select

from bot.practice import Practice
from bot.store.exercise_queries import clock_in, parts_in
from bot.store.exercise_tables import ExerciseRun
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM
from tests.slack_kit import COMMAND, general, shown

CAST = f"commander <@{ANA}> forensics <@{FARID}>, legal <@{LENA}> comms <@{CHRIS}>"


def start(pair: Practice, words: str) -> str:
    typed = f"exercise start drill_lost_laptop {words}"
    return shown(pair.box.person(SAM).slash(COMMAND, typed, channel=general(pair)))


def runs(pair: Practice) -> int:
    with reading(pair.tocsin.store) as session:
        return session.exec(select(func.count()).select_from(ExerciseRun)).one()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (f"{CAST} pace 0", "The pace 0 is out of range: 1 is real time"),
        (f"{CAST} pace 10000", "The pace 10000 is out of range"),
        (f"{CAST} pace fast", "“fast” is no whole number: write `pace 48`."),
        (f"{CAST} seed seven", "“seven” is no whole number: write `seed 7`."),
        (f"{CAST} in 15m pace 48", "Give a time or a pace, not both"),
        (f"{CAST} in 90 days", "I don't understand “in 90 days” here."),
        (f"{CAST} tomorrow please", "I don't understand “tomorrow please” here."),
        (f"{CAST} legal <@{SAM}>", "Legal is named twice."),
        (f"{CAST} pilot <@{SAM}>", "pilot"),
        (f"{CAST} observers <@{LENA}>", "can't observe and take part at once"),
        (f"commander <@{ANA}>", "needs a player for: Forensics, Legal, Comms"),
        (f"{CAST} scribe <@{SAM}>", "you can't be a player too"),
    ],
)
def test_a_word_that_isn_t_understood_starts_nothing(
    pair: Practice, words: str, answer: str
) -> None:
    before = runs(pair)
    said = start(pair, words)
    assert answer in said
    assert "⚠️" in said
    assert runs(pair) == before


def test_all_that_can_be_said_is_done(pair: Practice) -> None:
    more = f"seed 7 pace 24 observers <@U0MAX>, <@{SAM}X> outside Dr. Meyer of Halden"
    assert "is running" in start(pair, f"{CAST} {more}")
    with reading(pair.tocsin.store) as session:
        run = session.exec(select(ExerciseRun).order_by(col(ExerciseRun.id).desc())).first()
        assert run is not None
        parts = {person.slack_id: part.part for part, person in parts_in(session, run)}
        assert (run.seed, run.outside_observer) == (7, "Dr. Meyer of Halden")
        assert clock_in(run).factor == 24
    assert parts["U0MAX"] == parts[f"{SAM}X"] == "observer"
    assert (parts[SAM], parts[LENA]) == ("facilitator", "player")


def test_a_time_is_understood_without_its_in(pair: Practice) -> None:
    assert "is running" in start(pair, f"{CAST} 90m")
    with reading(pair.tocsin.store) as session:
        run = session.exec(select(ExerciseRun).order_by(col(ExerciseRun.id).desc())).first()
        assert run is not None
        assert clock_in(run).factor == 2
