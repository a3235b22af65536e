"""Files that don't come from Slack: what is recorded, what is refused, how content is erased.

Nobody erases alone: one asks, another one of Legal approves, a job does it.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError
from bot.jobs.files import delete_artifact
from bot.jobs.table import JOBS
from bot.services import retention
from bot.services.access import UnknownIncidentError
from bot.services.evidence import find_item, seal_item
from bot.services.evidence_errors import FileRefusedError
from bot.services.evidence_intake import (
    Intake,
    check_intake,
    form_of,
    room_for,
    take_in,
    title_of,
    watched,
)
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx
from evidence_store.artifact_keys import ArtifactErasedError
from evidence_store.bundle import export_bundle
from evidence_store.verify import verify
from tests.kit import FARID, LENA, OBSERVER, REF, STRANGER, Case, texts_of, who

MAIL = Intake(name="../Re: Jane Doe.eml", method="web upload", source="mailbox of Jane Doe")


def taken(case: Case, content: bytes = b"From: jane@example.com", intake: Intake = MAIL) -> int:
    artifact = case.store.artifacts.store([content])
    with case.work() as (tx, incident):
        return take_in(tx, incident, artifact, intake, actor=who(tx, FARID)).number


def test_a_file_is_recorded_with_how_it_came_and_names_nobody(case: Case) -> None:
    assert taken(case) == 1
    entry = case.log()[-1]
    artifact = entry.artifacts[0]
    assert (entry.event, dict(entry.data)) == (
        "evidence.collected",
        {
            "item": 1,
            "method": "web upload",
            "form": "email",
            **case.store.artifacts.stored_as(artifact.sha256),
        },
    )
    assert b"Jane" not in entry.line
    assert texts_of(case.store, REF, entry.seq) == {
        "title": "../Re: Jane Doe.eml",
        "source": "mailbox of Jane Doe",
    }
    with case.work() as (tx, incident):
        assert seal_item(tx, incident, 1, actor=who(tx, FARID)).size == 22


@pytest.mark.parametrize(
    ("name", "form", "is_then"),
    [
        ("A.EML", "", "email"),
        ("auth.log", "", "log"),
        ("auth.log", "email", "email"),
        ("disk.img", "", "file"),
        ("no ending", "", "file"),
    ],
)
def test_what_a_file_is(name: str, form: str, is_then: str) -> None:
    assert form_of(Intake(name=name, method="m", form=form)) == is_then


def test_a_name_is_one_short_line() -> None:
    assert title_of("a\r\n\x00b\u202e\tc") == "a b c"
    assert len(title_of("x" * 1_000)) == 200


def test_the_same_content_twice_is_refused(case: Case) -> None:
    taken(case)
    with pytest.raises(IncidentError, match="already preserved as E-1: it has the same SHA-256"):
        taken(case, intake=replace(MAIL, name="copy.eml"))
    assert case.events().count("evidence.collected") == 1


@pytest.mark.parametrize("slack_id", [OBSERVER, STRANGER])
def test_who_may_not_preserve_may_not_bring_files(case: Case, slack_id: str) -> None:
    with case.work() as (tx, incident), pytest.raises((NotAllowedError, UnknownIncidentError)):
        check_intake(tx, incident, MAIL, size=1, actor=who(tx, slack_id))


@pytest.mark.parametrize(
    ("intake", "words"),
    [
        (replace(MAIL, name=" \n"), "has no name"),
        (replace(MAIL, form="disk"), "“disk” is no kind of file"),
        (replace(MAIL, source="x" * 501), "at most 500 characters"),
    ],
)
def test_a_file_that_isn_t_described_is_refused(case: Case, intake: Intake, words: str) -> None:
    with case.work() as (tx, incident), pytest.raises(FileRefusedError, match=words):
        check_intake(tx, incident, intake, size=1, actor=who(tx, FARID))


def test_an_incident_holds_so_much_and_no_more(case: Case) -> None:
    taken(case, b"x" * 60)
    small = replace(case.store, incident_bytes=100)
    with case.work() as (tx, incident):
        assert room_for(tx.session, small, incident, size=40) == 40
        with pytest.raises(FileRefusedError, match="TOCSIN_MAX_INCIDENT_GB"):
            room_for(tx.session, small, incident, size=41)
        through = watched([b"y" * 30, b"y" * 11], room=40, store=small, incident=incident)
        with pytest.raises(FileRefusedError, match="Nothing was stored"):
            small.artifacts.store(through)
        full = replace(case.store, incident_bytes=60)
        with pytest.raises(FileRefusedError, match="0 MB are left"):
            room_for(tx.session, full, incident)
    assert len([one for one in Path(small.artifacts.place).rglob("*") if one.is_file()]) == 1


def erased(tx: Tx, incident: Incident, *, reason: str) -> None:
    """Erase E-1 as Farid asks and Lena approves; the job runs in the same transaction."""
    retention.ask_disposal(tx, incident, 1, reason=reason, actor=who(tx, FARID))
    retention.answer_disposal(
        tx, incident, 1, approve=True, reason="Art. 17 GDPR", actor=who(tx, LENA)
    )
    assert retention.dispose(tx, incident, 1)


def test_erasing_destroys_the_key_and_the_chain_still_verifies(case: Case, tmp_path: Path) -> None:
    taken(case)
    with case.work() as (tx, incident):
        sha256 = find_item(tx, incident, 1).sha256
        stored = tx.store.artifacts.stored_as(sha256)["stored_sha256"]
    with case.work() as (tx, incident):
        erased(tx, incident, reason="Jane asked for it")
        item = find_item(tx, incident, 1)
        assert (item.state, item.disposed_at) == ("disposed", tx.now)
        [job] = [one for one in tx.jobs if one.name == "delete_artifact"]
        assert job.arguments["stored_sha256"] == stored
    assert JOBS["delete_artifact"] is delete_artifact
    entry = case.log()[-1]
    assert (entry.event, entry.data) == (
        "evidence.disposed",
        {"item": 1, "method": "key destroyed", "sha256": sha256},
    )
    with pytest.raises(ArtifactErasedError):
        case.store.artifacts.open(sha256)
    assert case.store.artifacts.inner.has(stored), "unreadable, until the job deletes it"
    with case.work() as (tx, _incident):
        summary = export_bundle(
            tx.session.connection(),
            origin=f"{case.store.organisation}/incident/{REF}",
            artifacts=case.store.artifacts,
            out=tmp_path / "bundle",
            now=tx.now,
            vkey=case.store.signer.vkey,
        )
    assert summary.artifacts == 0
    assert verify(tmp_path / "bundle", vkeys=[case.store.signer.vkey]).verdict == "PARTIAL"
    with (
        case.work() as (tx, incident),
        pytest.raises(IncidentError, match="E-1 is disposed; there is nothing to dispose of"),
    ):
        erased(tx, incident, reason="again")


def test_what_was_erased_may_be_collected_again(case: Case) -> None:
    taken(case)
    with case.work() as (tx, incident):
        erased(tx, incident, reason="wrong file")
    assert taken(case) == 2
    with case.work() as (tx, incident):
        assert tx.store.artifacts.has(find_item(tx, incident, 2).sha256)
