"""Evidence on the incident page: downloads, the bundle, a closed incident."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from pages_kit import Site, close_it, message

from bot.services.evidence import collect_file, file_collected, seal_item
from bot.store.tables import EvidenceItem, Incident, Person
from bot.store.unit_of_work import Tx
from evidence_store.verify import verify
from tests.kit import ANA, CHRIS, FARID, LENA, entries_of, log_of


@pytest.mark.slow
def test_evidence_is_downloaded_as_stored_and_the_access_recorded(site: Site, ref: str) -> None:
    message(site, ref)
    site.act(ref, FARID, lambda tx, one, him: seal_item(tx, one, 1, actor=him))
    page = site.as_(CHRIS).get(f"/incidents/{ref}").text
    answer = site.as_(CHRIS).get(f"/incidents/{ref}/evidence/1")
    assert json.loads(answer.content)["message"]["text"] == "40 GB are going out"
    disposition = f'attachment; filename="{ref}-E1-message.json"'
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    last = log_of(site.store, ref)[-1]
    assert last.event == "evidence.accessed"
    assert last.data["sha256"] in page
    assert "Sealed" in page


@pytest.mark.slow
def test_a_files_own_name_never_becomes_a_path(site: Site, ref: str) -> None:
    name = '../../etc/passwd"\r\nSet-Cookie: x=1'
    kept: list[EvidenceItem] = []
    site.act(
        ref,
        FARID,
        lambda tx, one, him: kept.append(
            collect_file(tx, one, {"id": "F1", "name": name, "size": 3}, channel="C1", actor=him)
        ),
    )
    waiting = site.as_(LENA).get(f"/incidents/{ref}/evidence/1")
    assert waiting.status_code == 409
    assert "isn&#39;t in the store yet" in waiting.text
    artifact = site.store.artifacts.store([b"abc"])

    def collected(tx: Tx, one: Incident, _him: Person) -> None:
        file_collected(tx, one, tx.session.get_one(EvidenceItem, kept[0].id), artifact)

    site.act(ref, FARID, collected)
    answer = site.as_(LENA).get(f"/incidents/{ref}/evidence/1")
    assert answer.content == b"abc"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{ref}-E1-etc_passwd_Set-Cookie_x_1"'
    )
    assert "x" not in answer.cookies


@pytest.mark.slow
def test_a_lost_file_is_said_plainly(site: Site, ref: str) -> None:
    message(site, ref, text="soon gone")
    digest = log_of(site.store, ref)[-1].artifacts[0].sha256
    stored = site.store.artifacts.stored_as(digest)["stored_sha256"]
    path = Path(site.store.artifacts.place) / stored[:2] / stored
    content = path.read_bytes()
    path.unlink()
    try:
        answer = site.as_(FARID).get(f"/incidents/{ref}/evidence/1")
        bundle = site.as_(FARID).post(f"/incidents/{ref}/evidence/export")
    finally:
        path.write_bytes(content)
    assert answer.status_code == 409
    assert "has to come back from the backup" in answer.text
    assert site.store.artifacts.place not in answer.text
    assert bundle.status_code == 409
    assert "nothing was exported" in bundle.text
    assert "bundle.exported" not in entries_of(site.store, ref)


def test_an_unknown_item_is_refused_with_what_there_is(site: Site, ref: str) -> None:
    answer = site.as_(LENA).get(f"/incidents/{ref}/evidence/7")
    assert answer.status_code == 409
    assert "nothing is preserved yet" in answer.text


@pytest.mark.slow
def test_the_bundle_is_one_zip_that_verifies(site: Site, ref: str, tmp_path: Path) -> None:
    message(site, ref)
    answer = site.as_(LENA).post(f"/incidents/{ref}/evidence/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ref}-bundle.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
    packed = tmp_path / "bundle.zip"
    packed.write_bytes(answer.content)
    # The trusted time is missing: nobody stamps in the tests.
    assert verify(packed, vkeys=[site.store.signer.vkey]).verdict == "PARTIAL"
    assert entries_of(site.store, ref)[-1] == "bundle.exported"


def test_the_bundle_is_for_commander_forensics_and_legal(site: Site, ref: str) -> None:
    page = site.as_(CHRIS).get(f"/incidents/{ref}").text
    assert "Only Commander or Forensics or Legal may export the evidence bundle." in page
    answer = site.as_(CHRIS).post(f"/incidents/{ref}/evidence/export")
    assert answer.status_code == 403
    assert "bundle.exported" not in entries_of(site.store, ref)


@pytest.mark.slow
def test_a_closed_incident_can_be_read_and_exported_only(site: Site, ref: str) -> None:
    close_it(site, ref)
    looker = site.as_(ANA)
    page = looker.get(f"/incidents/{ref}").text
    assert "This incident is closed." in page
    assert 'id="record"' not in page
    form = {"fact": "affected_total", "value:one": "12", "source": "a log"}
    refused = looker.post(f"/incidents/{ref}/facts", form)
    assert refused.status_code == 409
    assert "is closed" in refused.text
    assert looker.post(f"/incidents/{ref}/evidence/export").status_code == 200
