"""Every call that Slack gets because of an exercise says so, and reaches nobody else.

The quick drill is played in the pair; then all that the workspace got is read.
"""

import json
import re
from typing import Any

import pytest

from bot.domain.scenario import InjectChannel
from bot.local_slack.web_api import Call
from bot.practice import Practice
from bot.services.access import person_for
from bot.services.exercises import going_run
from bot.services.injects import add_inject
from bot.store.queries import incident_by_ref
from bot.store.unit_of_work import unit_of_work
from tests.conftest import MovingClock
from tests.e2e.exercise_kit import Drill, started
from tests.kit import ANA, CHRIS, FARID, LENA, SAM
from tests.slack_kit import flat, general, idle

pytestmark = pytest.mark.slow

WORDY = frozenset(
    {
        "chat.postMessage",
        "chat.update",
        "chat.postEphemeral",
        "conversations.setTopic",
        "conversations.setPurpose",
        "bookmarks.add",
        "views.open",
        "views.update",
        "views.push",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    }
)
"""Methods whose words people read; `views.publish` is judged line by line."""

QUIET = frozenset(
    {
        "auth.test",
        "bookmarks.list",
        "conversations.create",
        "conversations.history",
        "conversations.info",
        "conversations.invite",
        "conversations.open",
        "files.info",
        "pins.add",
        "users.conversations",
        "users.info",
        "views.publish",
    }
)
"""Methods that say nothing, or whose words are judged apart."""

SHOUTS = re.compile(r"<!(?:channel|here|everyone)\b")
LOUD = "@channel <!channel> <!here> <!everyone> tell everybody"


@pytest.fixture(scope="module")
def played(pair: Practice, pair_clock: MovingClock) -> tuple[Drill, list[Call], list[str]]:
    """Play it; give the run, every call since its start, and every answer to a person alone."""
    drill = started(pair, pair_clock)
    said: list[str] = []

    def types(text: str, by: str) -> None:
        said.append(drill.room.type(text, by=by))
        idle(pair)

    at = pair_clock().strftime("%Y-%m-%d %H:%M UTC")
    _press(drill)
    types(f"fact aware at {at}", CHRIS)
    types("fact 1,200 Californians, names and SSNs, not encrypted", CHRIS)
    types("nonsense", CHRIS)
    types("status", LENA)
    types("clock all", LENA)
    types("task", FARID)
    types("task assign 1 @farid", CHRIS)
    types(f"role assign scribe <@{LENA}>", CHRIS)
    types("notice draft holding_statement", CHRIS)
    types("notice", LENA)
    types("notice pdf 1", LENA)
    types("exercise hold coffee", CHRIS)
    types(f"exercise hold {LOUD}", SAM)
    types("exercise resume", SAM)
    _loud_inject(drill)
    drill.beat(minutes=3)
    types(f"timeline note known: the laptop is gone; {LOUD}", CHRIS)
    types("exercise release I3", SAM)
    types(f"exercise retract {LOUD}", CHRIS)
    types("status SEV2 worse", CHRIS)
    types("contain wiped", CHRIS)
    types("exercise real-world the fire alarm", LENA)
    types("exercise resume", SAM)
    for person in (ANA, CHRIS, LENA, SAM):
        pair.box.person(person).open_home()
    types("exercise end", SAM)
    _answer_hot_wash(drill)
    return drill, drill.calls(), said


def _press(drill: Drill) -> None:
    """Buttons of the card: forms, and answers to the person alone."""
    chris = drill.pair.box.person(CHRIS)
    for action in ("open_fact", "open_role"):
        chris.click(drill.room.card(), action)
        chris.wait_modal()
        chris.close()
    posted = drill.room.messages()
    clocks = [one for one in posted if "show_clocks" in json.dumps(one)]
    if clocks:
        chris.click(clocks[-1] | {"channel": drill.room.channel}, "show_clocks")
    idle(drill.pair)


def _answer_hot_wash(drill: Drill) -> None:
    """Press the button of the direct message, and send the form."""
    drill.beat()
    chris = drill.pair.box.person(CHRIS)
    asked = [one for one in drill.told(CHRIS) if "open_hot_wash" in str(one)]
    chris.click(asked[0], "open_hot_wash")
    assert chris.submit(chris.wait_modal(), {"question/0": LOUD}).ok
    chris.wait_message(drill.room.channel, "kept without your name")
    idle(drill.pair)


def _loud_inject(drill: Drill) -> None:
    """Write an inject that shouts, through the console's own service."""
    with unit_of_work(drill.pair.tocsin.store, now=drill.clock()) as tx:
        incident = incident_by_ref(tx.session, drill.ref)
        assert incident is not None
        tx.enter(incident)
        add_inject(
            tx,
            incident,
            going_run(tx, incident),
            channel=InjectChannel.CHAT,
            sender=f"Boss {LOUD}",
            title=f"Now {LOUD}",
            text=LOUD,
            actor=person_for(tx, SAM),
        )
    idle(drill.pair)


def words_of(call: Call) -> list[str]:
    """The texts of a call that people read, one per thing that is shown."""
    args: dict[str, Any] = dict(call.args)
    if call.method.startswith("views."):
        return [flat(_decoded(args["view"]))]
    if call.method == "bookmarks.add":
        return [str(args["title"])]
    if call.method.startswith("conversations."):
        return [str(args.get("topic", args.get("purpose", "")))]
    if call.method == "files.getUploadURLExternal":
        return [str(args["filename"])]
    if call.method == "files.completeUploadExternal":
        names = [str(one.get("title", "")) for one in _decoded(args["files"])]
        return [*names, str(args.get("initial_comment", ""))]
    return [str(args.get("text", "")), flat(_decoded(args.get("blocks", [])))]


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def test_the_story_was_rich(played: tuple[Drill, list[Call], list[str]]) -> None:
    _, calls, _ = played
    methods = {one.method for one in calls}
    assert methods <= WORDY | QUIET, "a method that this test doesn't know"
    assert methods >= {
        "chat.postMessage",
        "chat.update",
        "conversations.setTopic",
        "bookmarks.add",
        "views.open",
        "files.completeUploadExternal",
    }


def test_every_word_that_slack_gets_bears_the_mark(
    played: tuple[Drill, list[Call], list[str]],
) -> None:
    _, calls, _ = played
    bare = [
        (one.method, words)
        for one in calls
        if one.method in WORDY
        for words in words_of(one)
        if words and "EXERCISE" not in words
    ]
    assert bare == []


def test_every_answer_to_a_person_alone_bears_the_mark(
    played: tuple[Drill, list[Call], list[str]],
) -> None:
    _, _, said = played
    assert len(said) > 10
    assert [one for one in said if one.strip() and "EXERCISE" not in one] == []


def test_the_home_tab_marks_each_line_of_an_exercise(
    played: tuple[Drill, list[Call], list[str]],
) -> None:
    drill, calls, _ = played
    lines = [
        line
        for one in calls
        if one.method == "views.publish"
        for block in _decoded(one.args["view"])["blocks"]
        for line in [flat(block)]
        if drill.ref in line
    ]
    assert lines
    assert [one for one in lines if "EXERCISE" not in one] == []


def test_nobody_is_shouted_at(played: tuple[Drill, list[Call], list[str]]) -> None:
    """`@channel` as plain words notifies nobody unless `link_names` or `parse` asks for it.

    https://docs.slack.dev/messaging/formatting-message-text#automatic-parsing
    """
    _, calls, said = played
    assert any("@channel" in json.dumps(one.args, default=str) for one in calls)
    for one in calls:
        sent = json.dumps(one.args, default=str, ensure_ascii=False)
        assert not SHOUTS.search(sent), (one.method, sent)
        assert "link_names" not in one.args
        assert one.args.get("parse", "none") == "none"
    assert not SHOUTS.search("\n".join(said))


def test_nothing_is_posted_anywhere_else(played: tuple[Drill, list[Call], list[str]]) -> None:
    drill, calls, _ = played
    channels, bot = drill.pair.box.workspace.channels, drill.pair.box.app.bot_user_id
    people = {ANA, CHRIS, FARID, LENA, SAM}
    for one in calls:
        target = one.args.get("channel", one.args.get("channel_id"))
        if target is None or one.method not in WORDY:
            continue
        found = channels[str(target)]
        direct = found.kind == "im" and set(found.members) - {bot} <= people
        assert found.id == drill.room.channel or direct, (one.method, found.name)
    assert general(drill.pair) not in {one.args.get("channel") for one in calls}
