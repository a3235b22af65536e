"""`tocsin evidence key rotate` and `export --master`, as a person types them."""

from pathlib import Path

import pytest

from bot.cli.main import main
from bot.jobs.master import record_grown_logs
from bot.services.evidence import record_note
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import Store, origin_of, reading, unit_of_work
from evidence_store import log, master
from evidence_store.verify import verify
from tests.conftest import MovingClock
from tests.kit import ANA, opened, who

pytestmark = pytest.mark.slow

REF = "INC-2026-0001"


@pytest.fixture
def incident(
    store: Store, clock: MovingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Store:
    with unit_of_work(store, now=clock()) as tx:
        opened(tx)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    return store


def run(*words: str) -> int:
    return main(["evidence", *words])


def note(store: Store, clock: MovingClock) -> None:
    with unit_of_work(store, now=clock()) as tx:
        found = incident_by_ref(tx.session, REF)
        assert found is not None
        record_note(tx, found, "they wrote again", actor=who(tx, ANA))


def told(store: Store) -> list[master.Recorded]:
    with reading(store) as session:
        origin = master.master_origin(store.organisation)
        return master.recorded(log.entries(session.connection(), origin=origin))


def test_bundles_verify_with_either_key_and_a_running_server_follows(
    incident: Store, clock: MovingClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = incident.signer.vkey
    assert run("key", "rotate") == 0
    said = capsys.readouterr().out
    assert "2 logs are signed by the new key" in said
    note(incident, clock)
    new = incident.signer.vkey
    assert new != old
    assert new in said
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out)) == 0
    for vkey in (old, new):
        report = verify(out, vkeys=[vkey])
        assert report.verdict == "PARTIAL"
    (retired,) = (tmp_path / "data").glob("retired-*.key")
    assert old.split("+")[1] in retired.name


def test_the_old_key_can_be_destroyed(incident: Store, tmp_path: Path) -> None:
    del incident
    assert run("key", "rotate", "--destroy") == 0
    assert list((tmp_path / "data").glob("retired-*.key")) == []


def test_opening_and_custody_reach_the_master_log_and_the_round_catches_the_rest(
    incident: Store, clock: MovingClock
) -> None:
    origin = origin_of(incident, REF)
    (first,) = told(incident)
    assert first.log == origin
    note(incident, clock)
    assert told(incident) == [first]
    record_grown_logs(incident, clock())
    record_grown_logs(incident, clock())
    _, second = told(incident)
    assert (second.log, second.size) == (origin, first.size + 1)


def test_the_master_log_is_exported_up_to_date_and_the_incident_holds_against_it(
    incident: Store, clock: MovingClock, tmp_path: Path
) -> None:
    note(incident, clock)
    out = tmp_path / "master"
    assert run("export", "--master", "--out", str(out)) == 0
    report = verify(out, vkeys=[incident.signer.vkey])
    assert report.verdict == "PARTIAL"
    assert report.origin == f"{incident.organisation}/master"
    assert [line.size for line in told(incident)][-1] == told(incident)[0].size + 1
    with reading(incident) as session:
        connection = session.connection()
        last = list(log.entries(connection, origin=report.origin))[-1]
        assert master.vanished(connection, organisation=incident.organisation) == []
    assert (last.event, last.data["entries"]) == ("bundle.exported", 3)


def test_export_takes_an_incident_or_the_master_log(incident: Store, tmp_path: Path) -> None:
    del incident
    for words in ([], [REF, "--master"]):
        with pytest.raises(SystemExit):
            run("export", *words, "--out", str(tmp_path / "x"))
