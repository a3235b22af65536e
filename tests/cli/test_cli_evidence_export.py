"""`tocsin evidence export --redact`, ZIPs and `disclose`, as a person types them."""

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.documents.pdf_text import text_of_pages
from bot.services.evidence import preserve_message
from bot.store.unit_of_work import Store, unit_of_work
from evidence_store.verify import verify
from tests.conftest import MovingClock
from tests.kit import FARID, log_of, opened, who

pytestmark = pytest.mark.slow

REF = "INC-2026-0001"


@pytest.fixture
def incident(
    store: Store, clock: MovingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Store:
    """An incident with a preserved message in it."""
    with unit_of_work(store, now=clock()) as tx:
        found = opened(tx)
        message = {"ts": "1.000001", "text": "40 GB are going out", "user": "U0MAX"}
        preserve_message(tx, found, message, channel="C1", actor=who(tx, FARID))
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    return store


def run(*words: str) -> int:
    return main(["evidence", *words])


def seq_of(store: Store, event: str) -> int:
    return next(one.seq for one in log_of(store, REF) if one.event == event)


def test_a_zip_verifies_as_it_is_and_unpacked(incident: Store, tmp_path: Path) -> None:
    out = tmp_path / "bundle.zip"
    assert run("export", REF, "--out", str(out)) == 0
    assert verify(out, vkeys=[incident.signer.vkey]).verdict == "PARTIAL"
    with zipfile.ZipFile(out) as archive:
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
        archive.extractall(tmp_path / "there")
    unpacked = tmp_path / "there" / "bundle"
    command = [sys.executable, "-I", "verify.py", ".", "--vkey", incident.signer.vkey]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, check=False)
    assert (done.returncode, done.stdout[:7]) == (3, b"PARTIAL")
    assert [one for one in tmp_path.iterdir() if one.name.endswith(".partial")] == []


def test_the_record_names_the_seal_and_the_form(incident: Store, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out), "--redact") == 0
    last = log_of(incident, REF)[-1]
    seal = subprocess.run(
        ["sha256sum", out / "tagmanifest-sha256.txt"], capture_output=True, check=True, text=True
    )
    assert last.event == "bundle.exported"
    assert (last.data["seal"], last.data["form"]) == (seal.stdout[:64], "redacted")


def test_each_item_has_its_custody_form(incident: Store, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out)) == 0
    text = " ".join(text_of_pages((out / "data/custody-form-E1.pdf").read_bytes()))
    report = verify(out, vkeys=[incident.signer.vkey])
    root = base64.b64encode(bytes.fromhex(report.root)).decode()
    assert root in "".join(text.split())
    assert "40 GB are going out" in " ".join(text.split())


@pytest.mark.usefixtures("incident")
def test_redacted_holds_no_personal_data_outside_artifacts(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out), "--redact") == 0
    shutil.rmtree(out / "data/artifacts")
    assert [one.name for one in (out / "data").glob("*.pdf")] == ["certificate-draft.pdf"]
    text = " ".join(text_of_pages((out / "data/certificate-draft.pdf").read_bytes()))
    texts = [one.read_text("latin-1") for one in out.rglob("*") if one.is_file()]
    for secret in ("40 GB are going out", "U0MAX", "Claims database"):
        assert not any(secret in one for one in [*texts, text]), secret
    assert "redacted form" in text


def test_the_certificate_is_filled_in_and_says_that_it_is_a_draft(
    incident: Store, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out)) == 0
    report = verify(out, vkeys=[incident.signer.vkey])
    pages = text_of_pages((out / "data/certificate-draft.pdf").read_bytes())
    assert all("DRAFT: not signed" in page and "not legal advice" in page for page in pages)
    text = "".join(pages).replace(" ", "")
    (held,) = (out / "data/artifacts").iterdir()
    for fact in (report.root, report.origin, held.name, "902(13)", "902(14)", "E-1", "[signature]"):
        assert fact.replace(" ", "") in text, fact


def test_an_entry_is_disclosed_alone(
    incident: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seq = seq_of(incident, "message.preserved")
    out = tmp_path / "one.zip"
    words = ["disclose", REF, str(seq), "--out", str(out), "--open", "title", "--files"]
    assert run(*words) == 0
    said = capsys.readouterr().out
    assert f"values disclosed: {seq}/title; files: 1." in said
    assert f"tocsin evidence verify {out} --vkey '{incident.signer.vkey}'" in said
    report = verify(out, vkeys=[incident.signer.vkey])
    assert (report.verdict, report.disclosed) == ("PARTIAL", 1)
    last = log_of(incident, REF)[-1]
    assert last.data["seqs"] == [seq]
    assert last.data["opened"] == [f"{seq}/title"]


def test_what_cannot_be_disclosed_is_said_and_not_recorded(
    incident: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(log_of(incident, REF))
    out = tmp_path / "sub" / "one"
    assert run("disclose", REF, "99", "--out", str(out)) == 1
    assert "no entry 99" in capsys.readouterr().err
    assert run("disclose", REF, "1", "--out", str(out), "--size", "77") == 1
    assert "has no checkpoint of size 77" in capsys.readouterr().err
    assert run("disclose", "INC-2026-0099", "1", "--out", str(out)) == 1
    assert len(log_of(incident, REF)) == count
    assert list(out.parent.iterdir()) == []


@pytest.mark.usefixtures("incident")
def test_the_case_document_names_the_item(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert run("export", REF, "--out", str(out)) == 0
    nodes = json.loads((out / "data/case.jsonld").read_text())["@graph"]
    (record,) = [one for one in nodes if one["@type"].endswith("ProvenanceRecord")]
    assert record["case-investigation:exhibitNumber"] == "E-1"
