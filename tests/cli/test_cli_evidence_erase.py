"""`tocsin evidence erase`: the words are gone, the log verifies, a hold stands in the way."""

from pathlib import Path

import pytest

from bot.cli.main import main
from bot.services.evidence import record_note
from bot.services.holds import place_hold
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import Store, unit_of_work
from evidence_store.verify import verify
from tests.conftest import MovingClock
from tests.kit import ANA, LENA, log_of, opened, texts_of, who

pytestmark = pytest.mark.slow

REF = "INC-2026-0001"


@pytest.fixture
def noted(store: Store, clock: MovingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """An incident with a note that names somebody; the number of its entry."""
    with unit_of_work(store, now=clock()) as tx:
        record_note(tx, opened(tx), "Jane Roe called.", actor=who(tx, ANA))
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    return log_of(store, REF)[-1].seq


def erase(seq: int, *names: str) -> int:
    return main(["evidence", "erase", REF, str(seq), *names, "--reason", "asked for", "--yes"])


def test_the_words_are_gone_and_the_log_verifies(
    store: Store, noted: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(iter(texts_of(store, REF, noted)))
    assert erase(noted, name) == 0
    assert "the log still verifies" in capsys.readouterr().out
    assert texts_of(store, REF, noted) == {}
    last = log_of(store, REF)[-1]
    assert (last.event, last.data) == ("personal_data.erased", {"names": [name], "seq": noted})
    out = tmp_path / "bundle"
    assert main(["evidence", "export", REF, "--out", str(out)]) == 0
    report = verify(out, vkeys=[store.signer.vkey])
    assert report.verdict == "PARTIAL", report


def test_what_isn_t_there_can_t_be_erased(
    store: Store, noted: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert erase(noted, "nonsense") == 1
    assert "nothing to erase for nonsense" in capsys.readouterr().err
    assert texts_of(store, REF, noted)


def test_a_legal_hold_stands_in_the_way(
    store: Store, clock: MovingClock, noted: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with unit_of_work(store, now=clock()) as tx:
        incident = incident_by_ref(tx.session, REF)
        assert incident is not None
        place_hold(tx, incident, reason="a claim", actor=who(tx, LENA))
    assert erase(noted, next(iter(texts_of(store, REF, noted)))) == 1
    assert "legal hold" in capsys.readouterr().err
    assert texts_of(store, REF, noted)
