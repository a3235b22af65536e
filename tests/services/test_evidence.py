"""Evidence: preserved, collected, sealed against its bytes, exported and verified."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.incident import IncidentError
from bot.services import evidence
from bot.services.evidence import FileRefusedError
from bot.store.queries import evidence_items
from bot.store.tables import EvidenceItem, Incident
from bot.store.unit_of_work import Tx
from evidence_store.verify import verify
from tests.kit import ANA, FARID, LENA, REF, SAM, Case, texts_of, who

MESSAGE: dict[str, Any] = {
    "ts": "1763542800.000100",
    "user": ANA,
    "text": "The database  was copied,\nsays Jane Doe",
}
FILE: dict[str, Any] = {"id": "F0LOG", "name": "../../etc/passwd", "size": 12}


def preserve(tx: Tx, incident: Incident, message: dict[str, Any] = MESSAGE) -> EvidenceItem:
    return evidence.preserve_message(tx, incident, message, channel="C0", actor=who(tx, ANA))


def stored_files(case: Case) -> list[Path]:
    """What lies in the artifact folder, encrypted."""
    folder = Path(case.store.artifacts.place)
    return sorted(one for one in folder.rglob("*") if one.is_file())


def test_a_message_is_kept_as_it_was_delivered(case: Case) -> None:
    with case.work() as (tx, incident):
        item = preserve(tx, incident)
        shown = (item.number, item.kind, item.state, item.title)
        assert shown == (1, "message", "collected", "The database was copied, says Jane Doe")
        with tx.store.artifacts.open(item.sha256) as file:
            raw = file.read()
    kept = json.loads(raw)
    assert kept["message"] == MESSAGE
    assert b'"text":"The database  was copied,\\nsays Jane Doe"' in raw
    assert len(bytes.fromhex(kept["salt"])) == 32
    entry = case.log()[-1]
    stored = case.store.artifacts.stored_as(item.sha256)
    assert entry.data == {"channel": "C0", "item": 1, "message_ts": MESSAGE["ts"], **stored}
    assert entry.artifacts[0].sha256 == item.sha256
    assert b"Jane Doe" not in entry.line
    assert texts_of(case.store, REF, entry.seq)["author"] == ANA


def test_two_messages_of_the_same_words_have_different_digests(case: Case) -> None:
    """What stays in the log after erasing must not tell what a short message said."""
    with case.work() as (tx, incident):
        first = preserve(tx, incident, {"text": "yes"})
        second = preserve(tx, incident, {"text": "yes", "ts": "2.2"})
        kept = []
        for item in (first, second):
            with tx.store.artifacts.open(item.sha256) as file:
                kept.append(json.loads(file.read()))
    assert kept[0]["salt"] != kept[1]["salt"]


def test_the_same_message_twice_is_refused(case: Case) -> None:
    with case.work() as (tx, incident):
        preserve(tx, incident)
        with pytest.raises(IncidentError, match="already preserved as E-1"):
            preserve(tx, incident)
        assert len(evidence_items(tx.session, incident)) == 1


def test_a_file_on_two_messages_is_fetched_once(case: Case) -> None:
    with case.work() as (tx, incident):
        preserve(tx, incident, MESSAGE | {"files": [FILE]})
        preserve(tx, incident, MESSAGE | {"files": [FILE], "ts": "2.2"})
        kinds = [item.kind for item in evidence_items(tx.session, incident)]
        assert kinds == ["message", "file", "message"]
        assert [job.name for job in tx.jobs].count("fetch_file") == 1
        with pytest.raises(IncidentError, match="already preserved as E-2"):
            evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, ANA))


def test_a_file_s_name_is_only_ever_text(case: Case) -> None:
    with case.work() as (tx, incident):
        item = evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, ANA))
        artifact = tx.store.artifacts.store([b"log lines"])
        evidence.file_collected(tx, incident, item, artifact)
        assert [lies.name for lies in stored_files(case)] == [
            tx.store.artifacts.stored_as(artifact.sha256)["stored_sha256"]
        ]
        assert (item.title, item.state, item.size) == ("../../etc/passwd", "collected", 9)
    entry = case.log()[-1]
    assert (entry.event, entry.artifacts) == ("evidence.collected", (artifact,))
    assert b"passwd" not in entry.line


def test_collected_twice_is_recorded_once(case: Case) -> None:
    with case.work() as (tx, incident):
        item = evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, ANA))
        artifact = tx.store.artifacts.store([b"log lines"])
        evidence.file_collected(tx, incident, item, artifact)
        evidence.file_collected(tx, incident, item, artifact)
        evidence.file_refused(tx, incident, item, problem="too late to fail")
        assert item.state == "collected"
    assert case.events().count("evidence.collected") == 1


def test_a_file_over_the_limit_is_refused_with_what_to_do(case: Case) -> None:
    with case.work() as (tx, incident):
        with pytest.raises(FileRefusedError) as caught:
            evidence.collect_file(
                tx, incident, FILE | {"size": 2_000_000_000}, channel="C0", actor=who(tx, ANA)
            )
        assert tx.drafts == {}
    assert str(caught.value) == (
        "The file has 2,000 MB, and at most 1 MB are taken. Keep it where it is, and record where "
        "it lies and its SHA-256 as a note: `/incident timeline note …`."
    )


def test_a_file_that_fails_is_told_to_who_asked_and_may_be_asked_again(case: Case) -> None:
    with case.work() as (tx, incident):
        item = evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, SAM))
        evidence.file_refused(tx, incident, item, problem="Slack doesn't have it any more.")
        tell = next(job for job in tx.jobs if job.name == "tell")
        assert (tell.arguments["slack_id"], tell.arguments["number"]) == (SAM, 1)
        assert "any more" not in str(tx.jobs)
        again = evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, SAM))
        assert again.number == 2
    entry = next(one for one in case.log() if one.data.get("what") == "file not collected")
    assert texts_of(case.store, REF, entry.seq) == {"problem": "Slack doesn't have it any more."}


def test_a_seal_reads_the_bytes_again(case: Case) -> None:
    with case.work() as (tx, incident):
        preserve(tx, incident)
        item = evidence.seal_item(tx, incident, 1, actor=who(tx, FARID))
        assert (item.sealed_at, item.sealed_by) == (tx.now, who(tx, FARID).id)
        with pytest.raises(IncidentError, match="already sealed"):
            evidence.seal_item(tx, incident, 1, actor=who(tx, FARID))
    assert case.log()[-1].data == {"item": 1, "sha256": item.sha256, "size": item.size}


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_harmed_bytes_are_not_sealed(case: Case, harm: str) -> None:
    with case.work() as (tx, incident):
        preserve(tx, incident)
    [lies] = stored_files(case)
    good = lies.read_bytes()
    lies.chmod(0o640)
    if harm == "changed":
        lies.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
    else:
        lies.unlink()
    message = "doesn't match its digest" if harm == "changed" else "isn't in the evidence storage"
    with case.work() as (tx, incident), pytest.raises(FileRefusedError, match=message):
        evidence.seal_item(tx, incident, 1, actor=who(tx, FARID))
    assert case.events()[-1] == "message.preserved"
    lies.write_bytes(good)


def test_what_isn_t_fetched_yet_can_t_be_sealed(case: Case) -> None:
    with case.work() as (tx, incident):
        evidence.collect_file(tx, incident, FILE, channel="C0", actor=who(tx, ANA))
        with pytest.raises(IncidentError, match=r"isn't in the store yet \(fetching\)"):
            evidence.seal_item(tx, incident, 1, actor=who(tx, FARID))
        with pytest.raises(IncidentError, match="has no E-2; it has E-1 to E-1"):
            evidence.seal_item(tx, incident, 2, actor=who(tx, FARID))


def test_a_download_is_part_of_the_chain_of_custody(case: Case) -> None:
    with case.work() as (tx, incident):
        item = preserve(tx, incident)
        evidence.record_download(tx, incident, item, actor=who(tx, LENA))
        actor = who(tx, LENA).actor
    entry = case.log()[-1]
    assert (entry.event, entry.actor) == ("evidence.accessed", actor)
    assert entry.data == {"item": 1, "sha256": item.sha256}


def test_a_note_stands_behind_a_commitment(case: Case) -> None:
    with case.work() as (tx, incident):
        with pytest.raises(IncidentError, match="The note is empty"):
            evidence.record_note(tx, incident, "  ", actor=who(tx, SAM))
        evidence.record_note(tx, incident, " Jane Doe called \n twice ", actor=who(tx, SAM))
        assert tx.jobs == []
    entry = case.log()[-1]
    assert (entry.event, dict(entry.data)) == ("note.recorded", {})
    assert texts_of(case.store, REF, entry.seq) == {"note": "Jane Doe called \n twice"}


@pytest.mark.slow
def test_the_bundle_verifies_and_shows_tampering(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    with case.work() as (tx, incident):
        preserve(tx, incident)
    with case.work() as (tx, incident):
        summary = evidence.export_as(tx, incident, out, actor=who(tx, FARID))
    assert summary.entries == len(case.events()) - 1, "the export itself is in the next bundle"
    assert case.events()[-1] == "bundle.exported"
    keys = [case.store.signer.vkey]
    assert verify(out, vkeys=keys).verdict == "PARTIAL", "only a trusted time is missing"
    log = next(out.rglob("entries.jsonl"), None) or next(out.rglob("*.jsonl"))
    log.chmod(0o640)
    log.write_bytes(log.read_bytes().replace(b'"severity":"SEV2"', b'"severity":"SEV4"'))
    assert verify(out, vkeys=keys).verdict == "FAILED"
