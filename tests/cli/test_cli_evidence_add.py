"""`tocsin evidence add FILE`, as a person types it."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.kit import FARID, REF, SAM


@pytest.fixture
def folder(opened_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one open incident; the command finds it in its environment."""
    shutil.copytree(opened_folder, tmp_path / "data")
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def add(*words: str) -> int:
    return main(["evidence", "add", *words])


@pytest.mark.slow
def test_a_file_is_added_and_its_digest_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "auth.log"
    file.write_bytes(b"login\n" * 100_000)
    assert add(str(file), "--by", FARID, "--source", "web-3:/var/log") == 0
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    said = f"auth.log is E-1 of {REF}: 600,000 bytes.\nSHA-256 {digest}\n"
    assert capsys.readouterr().out == said
    assert add(str(file), "--by", FARID) == 1
    assert "already preserved as E-1" in capsys.readouterr().err
    out = folder / "bundle"
    assert main(["evidence", "export", REF, "--out", str(out)]) == 0
    assert (out / "data" / "artifacts" / digest).read_bytes() == file.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "U0NOBODY"], "nobody has the Slack id U0NOBODY"),
        (["--by", FARID, "--incident", "INC-1999-0001"], "there is no incident INC-1999-0001"),
        (["--by", SAM, "--form", "email"], ""),
    ],
)
def test_who_and_where_must_be_known(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    file = folder / "a.bin"
    file.write_bytes(b"a")
    assert add(str(file), *words) == (1 if said else 0)
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_what_isn_t_a_plain_file_or_is_too_large_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "pipe")
    for odd in ("pipe", "data"):
        assert add(str(folder / odd), "--by", FARID) == 1
        assert f"{odd} isn't a plain file" in capsys.readouterr().err
    assert add(str(folder / "none"), "--by", FARID) == 1
    assert "none" in capsys.readouterr().err
    monkeypatch.setenv("TOCSIN_MAX_FILE_MB", "1")
    (folder / "large").write_bytes(bytes(1_000_001))
    assert add(str(folder / "large"), "--by", FARID) == 1
    assert "at most 1 MB are taken" in capsys.readouterr().err
    artifacts = folder / "data" / "artifacts"
    assert [one for one in artifacts.rglob("*") if one.is_file()] == []
