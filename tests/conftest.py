"""Fixtures for every room: a moving clock, a store on SQLite, and a running pair on loopback.

`store` is a real database with a real evidence log; after each test that used it, every log in it
is verified. `pair` is the whole program with a Slack workspace in a box, one per worker process:
tests open incidents of their own in it and never count on an empty workspace.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import build_store, load_rulebook
from bot.domain.rulebook import Rulebook
from bot.practice import Practice, practising
from bot.settings import Settings, read_settings
from bot.store.unit_of_work import Store, Tx, unit_of_work
from tests.kit import verify_all

# The embedded PostgreSQL looks for a private folder of the user and warns without one.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="tocsin-run-"))

T0 = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
"""A Thursday morning: deadlines of the stories are counted from here."""


class MovingClock:
    """The test's clock: stands still until it is moved."""

    def __init__(self, now: datetime = T0) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        """Go forward by a span, as in `move(hours=2)`."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


def settings_for(folder: Path, **more: str) -> Settings:
    return read_settings({"TOCSIN_DATA_DIR": str(folder), **more})


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The shipped policy, loaded once a worker."""
    return load_rulebook(settings_for(tmp_path_factory.mktemp("policy")))


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory, rules: Rulebook) -> Path:
    """A data folder with a migrated, empty database: migrating once saves a second a test."""
    folder = tmp_path_factory.mktemp("migrated")
    store = build_store(settings_for(folder), rules=rules)
    store.outbox.close()
    store.engine.dispose()
    return folder


@pytest.fixture
def store(migrated_folder: Path, tmp_path: Path, rules: Rulebook) -> Iterator[Store]:
    folder = tmp_path / "data"
    shutil.copytree(migrated_folder, folder)
    made = build_store(settings_for(folder, TOCSIN_MAX_FILE_MB="1"), rules=rules)
    yield made
    verify_all(made, tmp_path / "verified")
    made.outbox.close()
    made.engine.dispose()


@pytest.fixture
def tx(store: Store, clock: MovingClock) -> Iterator[Tx]:
    """One open transaction, committed at the end of the test."""
    with unit_of_work(store, now=clock()) as opened:
        yield opened


@pytest.fixture(scope="session")
def pair_clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory, pair_clock: MovingClock) -> Iterator[Practice]:
    """The whole program on loopback, one for all tests of a worker; time stands still in it."""
    with practising(tmp_path_factory.mktemp("pair"), clock=pair_clock, ticking=False) as running:
        yield running
