"""Outside time for the logs of incidents, from an authority on loopback with the test's clock."""

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.blocks.card import card_blocks
from bot.jobs.anchor import anchor_log, ask_for_due
from bot.services.anchoring import LEASE, LONGEST_RETRY, TELL_AGAIN, missing_since
from bot.services.evidence import export
from bot.services.situation import situation_of
from bot.store.tables import Incident
from bot.store.unit_of_work import STAMP_WITHIN, Store, origin_of, reading, unit_of_work
from evidence_store import anchors
from evidence_store.entry import Entry
from evidence_store.verify import Report
from evidence_store.verify import verify as verify_bundle
from tests.conftest import MovingClock
from tests.evidence_store.evidence_tsa import Tsa, serving
from tests.kit import REF, Case, cast, jobs_of
from tests.slack_kit import flat

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Stage:
    """An incident whose log is stamped by two authorities, first and fallback."""

    case: Case
    first: Tsa
    second: Tsa

    @property
    def store(self) -> Store:
        return self.case.store

    @property
    def origin(self) -> str:
        return origin_of(self.store, REF)

    def due(self) -> bool:
        """Say whether the log is due now."""
        with reading(self.store) as session:
            found = anchors.due(session.connection(), now=self.case.clock(), limit=9)
        return self.origin in found

    def due_at(self) -> datetime | None:
        with reading(self.store) as session:
            state = anchors.state(session.connection(), origin=self.origin)
        return state.due_at if state else None

    def stamp(self) -> bool:
        return anchor_log(self.store, self.case.clock, self.origin)

    def note(self, event: str = "note.recorded") -> None:
        with self.case.work() as (tx, incident):
            tx.record(incident, event, actor="p-1", data={"n": 1})

    def told(self, event: str) -> list[Entry]:
        return [one for one in self.case.log() if one.event == event]

    def both(self, mood: str) -> None:
        self.first.mood = self.second.mood = mood

    def export(self, out: Path) -> Report:
        with self.case.work() as (tx, incident):
            export(tx, incident, out, actor="p-1")
        roots = out.parent / "roots.pem"
        assert self.store.authorities is not None
        roots.write_bytes(self.store.authorities.roots_pem)
        return verify_bundle(out, vkeys=[self.store.signer.vkey], tsa_ca=roots, strict=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tsa, Tsa]]:
    folder = tmp_path_factory.mktemp("anchoring")
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(serving(folder / name)) for name in ("first", "second")
        )
        yield first, second


@pytest.fixture
def stage(case: Case, running: tuple[Tsa, Tsa]) -> Stage:
    first, second = running
    for tsa in running:
        tsa.mood, tsa.clock, tsa.before_answer = "", case.clock, None
        tsa.asked.clear()
    store = replace(case.store, authorities=first.authorities(second))
    return Stage(case=replace(case, store=store), first=first, second=second)


def test_a_stamped_log_is_verified_whole(stage: Stage, tmp_path: Path) -> None:
    stage.case.clock.move(seconds=5)
    assert stage.stamp()
    (told,) = stage.told("log.anchored")
    assert told.data["size"] == told.seq
    assert told.data["authority"] == stage.first.url
    assert told.data["gen_time"] == f"{stage.case.clock():%Y-%m-%dT%H:%M:%S.000000Z}"
    report = stage.export(tmp_path / "out")
    assert (report.verdict, report.unchecked) == ("VERIFIED", [])
    assert (tmp_path / "out/data/trust-INFORMATIONAL/tsa-roots.pem").exists()


def test_standard_tools_verify_the_stamp_in_the_bundle(stage: Stage, tmp_path: Path) -> None:
    stage.stamp()
    stage.export(tmp_path / "out")
    (token,) = sorted((tmp_path / "out/data/log/checkpoints").glob("*.tsr"))
    note, roots = token.with_suffix(".txt"), tmp_path / "roots.pem"
    at = str(int(stage.case.clock().timestamp()))
    command = ["openssl", "ts", "-verify", "-in", token, "-data", note, "-CAfile", roots]
    said = subprocess.run([*command, "-attime", at], capture_output=True, check=False)
    assert b"Verification: OK" in said.stdout


def test_without_a_stamp_the_same_bundle_is_partial(stage: Stage, tmp_path: Path) -> None:
    report = stage.export(tmp_path / "out")
    assert (report.verdict, [code for code, _ in report.unchecked]) == (
        "PARTIAL",
        ["no-trusted-time"],
    )


def test_opening_makes_the_log_due_and_the_tick_asks_once(stage: Stage) -> None:
    assert stage.due()
    before = jobs_of(stage.store)
    ask_for_due(stage.store, stage.case.clock())
    ask_for_due(stage.store, stage.case.clock())  # another process, at the same tick
    assert jobs_of(stage.store) == before + 1
    assert stage.due_at() == stage.case.clock() + LEASE


def test_a_job_that_died_is_asked_for_again_after_the_lease(stage: Stage) -> None:
    ask_for_due(stage.store, stage.case.clock())
    before = jobs_of(stage.store)
    stage.case.clock.move(minutes=11)
    ask_for_due(stage.store, stage.case.clock())
    assert jobs_of(stage.store) == before + 1


def test_without_authorities_nothing_is_asked(stage: Stage) -> None:
    before = jobs_of(stage.store)
    bare = replace(stage.store, authorities=None)
    ask_for_due(bare, stage.case.clock())
    assert not anchor_log(bare, stage.case.clock, stage.origin)
    assert jobs_of(stage.store) == before
    assert stage.first.asked == []
    assert stage.told("log.anchored") == stage.told("log.anchor_failed") == []


def test_ordinary_entries_wait_for_half_of_max_lag_and_custody_does_not(stage: Stage) -> None:
    stage.stamp()
    stage.case.clock.move(hours=1)
    stage.note()
    first = stage.case.clock()
    stage.case.clock.move(hours=1)
    stage.note()
    assert stage.due_at() == first - timedelta(hours=1) + STAMP_WITHIN
    stage.note("evidence.sealed")
    assert stage.due()


def test_an_idle_log_is_stamped_at_every_half_of_max_lag(stage: Stage) -> None:
    stage.stamp()
    stamped = stage.case.clock()
    assert stage.due_at() == stamped + STAMP_WITHIN
    assert stage.stamp()  # too early: nothing to do
    assert len(stage.first.asked) == 1
    stage.case.clock.move(hours=12)
    assert stage.due()
    assert stage.stamp()
    assert [one.data["size"] for one in stage.told("log.anchored")] == [
        one.seq for one in stage.told("log.anchored")
    ]
    assert len(stage.first.asked) == 2


def test_a_closed_incident_needs_one_last_stamp(stage: Stage) -> None:
    stage.stamp()
    with stage.case.work() as (tx, incident):
        incident.status = "closed"
        incident.closed_at = tx.now
        tx.session.add(incident)
        tx.record(incident, "incident.closed", actor="p-1")
    assert stage.due()
    stage.stamp()
    assert stage.due_at() is None
    stage.note("bundle.exported")
    assert stage.due()


def test_the_second_authority_stands_in_for_the_first(stage: Stage, tmp_path: Path) -> None:
    stage.first.mood = "away"
    assert stage.stamp()
    (told,) = stage.told("log.anchored")
    assert told.data["authority"] == stage.second.url
    assert stage.told("log.anchor_failed") == []
    assert stage.export(tmp_path / "out").verdict == "VERIFIED"


@pytest.mark.parametrize("mood", ["page", "broken", "web", "huge"])
def test_a_bad_stamp_is_never_kept(stage: Stage, mood: str) -> None:
    stage.first.mood = mood
    stage.stamp()
    assert [one.data["authority"] for one in stage.told("log.anchored")] == [stage.second.url]


def test_an_outage_is_told_once_and_then_rarely_and_its_end_too(stage: Stage) -> None:
    stage.both("away")
    began = stage.case.clock()
    assert not stage.stamp()
    assert stage.due_at() == began + timedelta(minutes=1)
    for _ in range(9):
        stage.case.clock.move(minutes=20)
        stage.stamp()
    (failed,) = stage.told("log.anchor_failed")
    assert failed.data["since"] == f"{began:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert [one["problem"] for one in failed.data["problems"]] == ["http-503", "http-503"]
    assert stage.due_at() == stage.case.clock() + LONGEST_RETRY
    stage.case.clock.move(seconds=TELL_AGAIN.total_seconds())
    stage.stamp()
    assert [one.data["tries"] for one in stage.told("log.anchor_failed")] == [1, 11]
    stage.both("")
    assert stage.stamp()
    (told,) = stage.told("log.anchored")
    assert told.data["missing_since"] == failed.data["since"]


def test_an_outage_stands_on_the_card_until_it_ends(stage: Stage) -> None:
    def shown() -> datetime | None:
        with reading(stage.store) as session:
            incident = session.exec(select(Incident).where(Incident.ref == REF)).one()
            assert missing_since(session, "INC-2026-0002") is None
            return situation_of(session, incident, stage.store.rules).time_missing_since

    def card() -> str:
        with reading(stage.store) as session:
            incident = session.exec(select(Incident).where(Incident.ref == REF)).one()
            situation = situation_of(session, incident, stage.store.rules)
        blocks = card_blocks(situation, base_url="https://tocsin.example")
        return flat([block.to_dict() for block in blocks])

    assert shown() is None
    assert "Outside time" not in card()
    stage.both("away")
    before = jobs_of(stage.store)
    stage.stamp()
    assert shown() == stage.case.clock()
    assert "Outside time is missing since" in card()
    assert jobs_of(stage.store) == before + 1  # the card is drawn anew
    stage.both("")
    stage.stamp()
    assert shown() is None
    assert jobs_of(stage.store) == before + 2


def test_an_authority_that_is_away_is_asked_once_for_many_logs(stage: Stage) -> None:
    stage.both("away")
    away: dict[str, str] = {}
    for _ in range(3):
        anchor_log(stage.store, stage.case.clock, stage.origin, away=away)
    assert len(stage.first.asked) == len(stage.second.asked) == 1


@pytest.mark.parametrize("seconds", [-40, 40])
def test_a_stamp_of_another_time_than_ours_is_not_kept(stage: Stage, seconds: int) -> None:
    off = MovingClock(stage.case.clock() + timedelta(seconds=seconds))
    stage.first.clock = stage.second.clock = off
    assert not stage.stamp()
    (failed,) = stage.told("log.anchor_failed")
    assert {one["problem"] for one in failed.data["problems"]} == {"clock-differs"}


def test_two_that_stamp_at_once_leave_one_token(stage: Stage, tmp_path: Path) -> None:
    stage.first.before_answer = second_process(stage)
    assert stage.stamp()
    assert len(stage.first.asked) == 2
    assert len(stage.told("log.anchored")) == 1
    assert stage.export(tmp_path / "out").verdict == "VERIFIED"


def second_process(stage: Stage) -> Callable[[], None]:
    """Another process that has the same checkpoint stamped while the first waits."""

    def run() -> None:
        stage.first.before_answer = None
        stage.stamp()

    return run


def test_who_fails_while_another_succeeds_reports_no_outage(stage: Stage) -> None:
    def meanwhile() -> None:
        stage.second.before_answer = None
        stage.both("")
        stage.stamp()

    stage.both("broken")
    stage.second.before_answer = meanwhile
    assert not stage.stamp()
    assert len(stage.told("log.anchored")) == 1
    assert stage.told("log.anchor_failed") == []


@pytest.mark.postgres
def test_on_postgresql_two_processes_leave_one_token(
    postgres_store: Store, running: tuple[Tsa, Tsa], clock: MovingClock
) -> None:
    first, second = running
    for tsa in running:
        tsa.mood, tsa.clock, tsa.before_answer = "", clock, None
    store = replace(postgres_store, authorities=first.authorities(second))
    with unit_of_work(store, now=clock()) as tx:
        cast(tx)
    case = Case(store=store, clock=clock)
    stage = Stage(case=case, first=first, second=second)
    ask_for_due(store, clock())
    assert not stage.due()
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(stage.stamp) for _ in range(4)]
        assert all(one.result() for one in done)
    sizes = [one.data["size"] for one in stage.told("log.anchored")]
    assert sizes
    assert len(sizes) == len(set(sizes))
    stage.both("away")
    clock.move(hours=13)
    assert not stage.stamp()
    assert len(stage.told("log.anchor_failed")) == 1


def test_what_is_recorded_while_an_authority_thinks_waits_for_the_next(
    stage: Stage, tmp_path: Path
) -> None:
    def meanwhile() -> None:
        stage.first.before_answer = None
        stage.note("evidence.sealed")

    stage.first.before_answer = meanwhile
    stage.stamp()
    assert stage.due()
    report = stage.export(tmp_path / "before")
    assert [code for code, _ in report.unchecked] == ["time-tail"]
    stage.stamp()
    assert stage.export(tmp_path / "after").verdict == "VERIFIED"


def test_a_crash_between_stamp_and_commit_costs_a_stamp_only(stage: Stage, tmp_path: Path) -> None:
    class CrashError(Exception):
        pass

    def crash() -> datetime:
        if len(stage.first.asked) == 1:
            raise CrashError
        return stage.case.clock()

    with pytest.raises(CrashError):
        anchor_log(stage.store, crash, stage.origin)
    assert stage.told("log.anchored") == []
    assert stage.stamp()
    assert len(stage.told("log.anchored")) == 1
    assert stage.export(tmp_path / "out").verdict == "VERIFIED"
