"""A notice's PDF in Slack: to the asker's direct messages, once, and on the record."""

import pytest

from bot.local_slack.driver import PersonDriver
from bot.practice import Practice
from bot.store.queries import incident_by_channel
from bot.store.unit_of_work import reading
from tests.kit import ANA, LENA, SAM, entries_of, until

pytestmark = pytest.mark.slow


def _opened(pair: Practice, title: str) -> str:
    """Open an incident as Ana with Lena as Legal; return its channel."""
    ana = pair.box.person(ANA)
    ana.slash("/incident", f"open {title}", channel=pair.box.channel_id("security"))
    ana.submit(
        ana.wait_modal(title="Open incident"),
        {"playbook": "data_breach", "severity": "SEV2", "role_legal": LENA},
    )
    name = title.lower().replace(" ", "-")
    channel = until(lambda: next((c for n, c in ana.channels().items() if n.endswith(name)), None))
    ana.slash("/incident", "notice draft holding_statement", channel=channel)
    until(lambda: not pair.tocsin.store.outbox.pending())
    return channel


def _ref(pair: Practice, channel: str) -> str:
    with reading(pair.tocsin.store) as session:
        incident = incident_by_channel(session, channel)
        assert incident is not None
        return incident.ref


def _papers(person: PersonDriver) -> list[str]:
    """The names of the files in a person's direct messages, other tests' files among them."""
    return [m["files"][0]["name"] for m in person.direct_messages() if m.get("files")]


def test_the_pdf_comes_to_the_asker_alone(pair: Practice) -> None:
    channel = _opened(pair, "Paper for one")
    lena = pair.box.person(LENA)
    lena.slash("/incident", "notice pdf 1", channel=channel)
    name = f"{_ref(pair, channel)}-N1-v1-DRAFT.pdf"
    until(lambda: name in _papers(lena))
    assert not any(m.get("files") for m in lena.messages(channel))
    until(lambda: "notice.downloaded" in entries_of(pair.tocsin.store, _ref(pair, channel)))


def test_an_upload_whose_answer_was_lost_is_not_repeated(pair: Practice) -> None:
    channel = _opened(pair, "Paper twice")
    lena = pair.box.person(LENA)
    pair.box.faults.add("files.completeUploadExternal", "timeout_after_work", seconds=0.1)
    lena.slash("/incident", "notice pdf N-1", channel=channel)
    ref = _ref(pair, channel)
    until(lambda: "notice.downloaded" in entries_of(pair.tocsin.store, ref), seconds=20)
    assert _papers(lena).count(f"{ref}-N1-v1-DRAFT.pdf") == 1


def test_who_may_not_download_gets_the_reason(pair: Practice) -> None:
    channel = _opened(pair, "Paper refused")
    pair.box.person(ANA).slash("/incident", f"role assign forensics <@{SAM}>", channel=channel)
    until(lambda: channel in pair.box.person(SAM).channels().values())
    sam = pair.box.person(SAM)
    sam.slash("/incident", "notice pdf 1", channel=channel)
    answer = sam.wait_message(channel, "download a notice as PDF")
    assert "Only Commander or Comms or Legal may" in str(answer)
    assert "notice.downloaded" not in entries_of(pair.tocsin.store, _ref(pair, channel))
