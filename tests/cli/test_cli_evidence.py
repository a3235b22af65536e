"""`tocsin evidence export | verify`, as a person types them."""

from pathlib import Path

import pytest

from bot.cli.main import main
from bot.store.unit_of_work import Store, unit_of_work
from tests.conftest import MovingClock
from tests.kit import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def exported(
    store: Store, clock: MovingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str]:
    """A bundle that the command wrote, and the key that it was signed with."""
    with unit_of_work(store, now=clock()) as tx:
        opened(tx)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    out = tmp_path / "bundle"
    assert main(["evidence", "export", "inc-2026-0001", "--out", str(out)]) == 0
    return out, store.signer.vkey


def test_export_says_how_to_verify(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    first, key = exported
    out = first.with_name("again")
    assert main(["evidence", "export", "INC-2026-0001", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"python3 {out}/verify.py {out} --vkey '{key}'" in said


@pytest.mark.parametrize("order", ["key first", "bundle first"])
def test_verify_takes_its_words_in_any_order(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str], order: str
) -> None:
    out, key = exported
    words = ["--vkey", key, str(out)] if order == "key first" else [str(out), "--vkey", key]
    assert main(["evidence", "verify", *words]) == 3
    assert "PARTIAL no-trusted-time" in capsys.readouterr().out


def test_verify_without_a_key_is_only_consistent_with_itself(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", "verify", str(exported[0])]) == 2
    assert "SELF_CONSISTENT no-outside-key" in capsys.readouterr().out


def test_verify_names_the_place_of_a_changed_entry(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out, key = exported
    file = out / "data" / "log" / "entries.jsonl"
    file.write_bytes(file.read_bytes().replace(b"SEV2", b"SEV3", 1))
    assert main(["evidence", "verify", str(out), "--vkey", key]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_verify_of_nothing_is_unreadable(tmp_path: Path) -> None:
    assert main(["evidence", "verify", str(tmp_path / "none")]) == 4


def test_an_unknown_incident_is_said(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    again = exported[0].with_name("again")
    assert main(["evidence", "export", "INC-2026-0099", "--out", str(again)]) == 1
    assert "There is no incident INC-2026-0099." in capsys.readouterr().out


def test_a_folder_in_use_is_refused(
    exported: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evidence", "export", "INC-2026-0001", "--out", str(exported[0])]
    assert main(words) == 1
    assert "tocsin evidence export:" in capsys.readouterr().err
