"""Socket Mode: the same Bolt app behind Slack's own handler, with the same answers.

Only the transport differs: there is no signature, and an envelope that comes twice is caught by the
same delivery keys as over HTTP.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.app import build
from bot.local_slack.box import LocalSlack
from bot.local_slack.server import serve_in_thread
from bot.practice import app_profile
from bot.settings import read_settings
from bot.store.unit_of_work import Store
from tests.conftest import MovingClock
from tests.kit import ANA, entries_of, until
from tests.slack_kit import flat, refs_in, shown

pytestmark = pytest.mark.slow
APP_TOKEN = "xapp-practice"


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalSlack, Store]]:
    """The program without a Slack address of its own: it only ever calls out."""
    clock = MovingClock()
    box = LocalSlack(
        clock=clock,
        signing_secret="never used here",
        bot_token="xoxb-practice",
        app_token=APP_TOKEN,
        app=app_profile(),
    )
    served = serve_in_thread(box)
    folder: Path = tmp_path_factory.mktemp("socket")
    settings = read_settings(
        {
            "TOCSIN_DATA_DIR": str(folder),
            "SLACK_BOT_TOKEN": "xoxb-practice",
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": served.api_url,
        }
    )
    tocsin = build(settings, clock)
    handler = SocketModeHandler(tocsin.bolt, APP_TOKEN)
    handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt has no types here
    assert box.socket_mode is not None
    assert box.socket_mode.wait_connected()
    yield box, tocsin.store
    handler.close()  # type: ignore[no-untyped-call]
    tocsin.close()
    served.stop()


def test_commands_forms_and_repetitions_over_the_socket(
    connected: tuple[LocalSlack, Store],
) -> None:
    box, store = connected
    ana, where = box.person(ANA), box.channel_id("general")
    assert "Did you mean `/incident open`?" in shown(ana.slash("/incident", "opne", channel=where))

    box.faults.add("inbound:slash_command", "deliver_twice")
    ack = ana.slash("/incident", "open data_breach SEV2 Over the socket", channel=where)
    (ref,) = set(refs_in(shown(ack)))
    assert box.faults.waiting() == []
    listed = shown(ana.slash("/incident", "list", channel=where))
    assert listed.count("Over the socket") == 1
    assert entries_of(store, ref).count("incident.opened") == 1

    box.faults.add("inbound:slash_command", "deliver_twice")
    ana.slash("/incident", f"timeline {ref} note once", channel=where)
    assert entries_of(store, ref).count("note.recorded") == 1


def test_a_form_is_refused_in_its_field_and_then_taken_once(
    connected: tuple[LocalSlack, Store],
) -> None:
    box, store = connected
    ana, where = box.person(ANA), box.channel_id("general")
    before = len(refs_in(shown(ana.slash("/incident", "list", channel=where))))
    assert ana.slash("/incident", "open", channel=where).ok
    ana.wait_modal(title="Open incident")
    assert list(ana.submit(values={"title": "  "}).errors) == ["title"]
    box.faults.add("inbound:view_submission", "deliver_twice")
    assert ana.submit(values={"title": "By form", "playbook": "lost_device"}).ok
    listed = shown(ana.slash("/incident", "list", channel=where))
    assert listed.count("By form") == 1
    assert len(refs_in(listed)) == before + 1
    assert entries_of(store, refs_in(listed)[0]).count("incident.opened") == 1


def test_the_home_tab_and_its_button(connected: tuple[LocalSlack, Store]) -> None:
    box, _ = connected
    ana = box.person(ANA)
    home = ana.open_home()
    assert home is not None
    assert "Clocks that run out next" in flat(home)
    assert ana.click(home, "home_open").ok
    until(lambda: ana.modal() is not None)
    ana.close()
