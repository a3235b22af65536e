"""`tocsin evidence verify --live`, as a person types it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli.main import main
from bot.store.unit_of_work import Store, unit_of_work
from evidence_store import log
from tests.conftest import MovingClock
from tests.kit import opened

pytestmark = pytest.mark.slow


def test_the_database_is_held_against_the_last_outside_checkpoint(
    store: Store,
    clock: MovingClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with unit_of_work(store, now=clock()) as tx:
        opened(tx)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    receipt = tmp_path / "receipt.txt"
    with store.engine.connect() as connection:
        query = text("SELECT origin FROM evidence_log WHERE origin LIKE '%INC-2026-0001'")
        origin = str(connection.execute(query).scalar())
        receipt.write_bytes(log.checkpoint(connection, origin=origin))
    words = ["evidence", "verify", "--live", "inc-2026-0001", "--vkey", store.signer.vkey]
    assert main([*words, "--known-checkpoint", str(receipt)]) == 3
    assert "PARTIAL no-trusted-time" in capsys.readouterr().out
    assert main(["evidence", "verify", "--live"]) == 2
    assert main(["evidence", "verify", "--live", "INC-1999-0001"]) == 4
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE evidence_log SET size = size + 1"))
    assert main(words) == 1
    assert "FAILED database-mismatch at evidence_log" in capsys.readouterr().out
