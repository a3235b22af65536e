"""Numbers of processes: the lowest that is free, never one twice, free again when let go."""

import pytest
from sqlalchemy import Engine

from bot.store.engine import make_engine
from bot.store.executors import take_executor
from bot.store.unit_of_work import Store


def check(engine: Engine) -> None:
    first, second = take_executor(engine), take_executor(engine)
    assert (first.name, second.name) == ("tocsin-0", "tocsin-1")
    first.release()
    again = take_executor(engine)
    assert again.name == "tocsin-0"
    second.release()
    again.release()


def test_numbers_on_sqlite(store: Store) -> None:
    check(store.engine)


@pytest.mark.slow
@pytest.mark.postgres
def test_numbers_on_postgresql(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    check(engine)
    engine.dispose()
