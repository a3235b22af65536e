"""Outside time end to end: a served Tocsin stamps by itself, and the export is verified."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.app import build_store
from bot.clock import utc_now
from bot.domain.rulebook import Rulebook
from bot.practice import Practice
from bot.store.unit_of_work import Store, origin_of, reading, unit_of_work
from evidence_store import anchors
from evidence_store.master import master_origin
from tests.conftest import settings_for
from tests.evidence_store.evidence_tsa import LONG, Tsa, serving
from tests.kit import REF, entries_of, opened, until
from tests.nest import Nest

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    with serving(tmp_path_factory.mktemp("outside-time") / "tsa") as tsa:
        yield tsa


@pytest.fixture
def tsa(running: Tsa) -> Tsa:
    running.mood, running.clock = "", None
    return running


def environment(pair: Practice, folder: Path, tsa: Tsa) -> dict[str, str]:
    settings = pair.tocsin.settings
    return {
        "PATH": os.environ["PATH"],
        "TOCSIN_DATA_DIR": str(folder),
        "SLACK_BOT_TOKEN": settings.slack_bot_token,
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
        "SLACK_API_URL": settings.slack_api_url,
        "TOCSIN_TSA_URLS": tsa.url,
        "TOCSIN_TSA_ROOTS": str(tsa.authority.root),
    }


@pytest.fixture
def run(nest: Nest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return partial(nest.run, folder=tmp_path_factory.getbasetemp())


@contextmanager
def served(given: dict[str, str]) -> Iterator[None]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "bot", "serve", "--port", port]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=given, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def today(migrated_folder: Path, rules: Rulebook, tmp_path: Path) -> Iterator[Store]:
    """A store in `data` with an incident opened just now: the clock of the authority is real."""
    folder = tmp_path / "data"
    shutil.copytree(migrated_folder, folder)
    made = build_store(settings_for(folder), rules=rules)
    with unit_of_work(made, now=utc_now()) as tx:
        opened(tx)
    yield made
    made.outbox.close()
    made.engine.dispose()


def test_a_served_tocsin_stamps_by_itself_and_the_export_is_verified(
    run: Run, pair: Practice, today: Store, tmp_path: Path, tsa: Tsa
) -> None:
    store = today
    given = environment(pair, tmp_path / "data", tsa)

    def stamped(origin: str) -> bool:
        with reading(store) as session:
            return anchors.last(session.connection(), origin=origin) is not None

    with served(given):
        for origin in (origin_of(store, REF), master_origin(store.organisation)):
            until(lambda origin=origin: stamped(origin), seconds=40)
    assert "log.anchored" in entries_of(store, REF)
    roots = str(tsa.authority.root)
    for words in ([REF], ["--master"]):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        done = run("evidence", "export", *words, "--out", str(out), environment=given)
        assert done.returncode == 0, done.stderr
        key = ("--vkey", store.signer.vkey, "--tsa-ca", roots, "--strict")
        checked = run("evidence", "verify", str(out), *key, environment=given)
        assert checked.stdout.startswith("VERIFIED"), checked.stdout


def test_the_doctor_has_each_authority_stamp_something(
    run: Run, pair: Practice, tmp_path: Path, tsa: Tsa
) -> None:
    given = environment(pair, tmp_path, tsa)
    done = run("doctor", environment=given)
    assert f"✓ Outside time: {tsa.url} stamps" in done.stdout
    tsa.mood = "away"
    done = run("doctor", environment=given)
    assert f"– Outside time: {tsa.url} answered 503 (http-503)" in done.stdout
    assert done.returncode == 0
    tsa.mood, tsa.clock = "", lambda: utc_now() - LONG / 20
    assert "s from this machine's clock" in run("doctor", environment=given).stdout


def test_the_doctor_says_plainly_that_nobody_is_asked(
    run: Run, pair: Practice, tmp_path: Path, tsa: Tsa
) -> None:
    given = environment(pair, tmp_path, tsa)
    del given["TOCSIN_TSA_URLS"]
    assert (
        "– Outside time: no time stamp authority is set" in run("doctor", environment=given).stdout
    )


def test_roots_that_cant_be_read_stop_the_start_with_one_line(
    run: Run, pair: Practice, tmp_path: Path, tsa: Tsa
) -> None:
    given = environment(pair, tmp_path, tsa) | {"TOCSIN_TSA_ROOTS": str(tmp_path / "none.pem")}
    done = run("serve", environment=given)
    assert done.returncode != 0
    assert "none.pem can't be read" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
