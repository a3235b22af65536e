"""The hot wash by direct message: asked at ENDEX, answered in a form, once and without a name."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import select

from bot.local_slack.driver import PersonDriver
from bot.practice import Practice
from bot.services.access import person_for
from bot.services.after_action_lock import lock_report
from bot.services.exercise_voices import give_feedback, rate_objective
from bot.services.people import joined_channel
from bot.store.exercise_queries import run_of
from bot.store.exercise_tables import Feedback, FeedbackGiven
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx, reading, unit_of_work
from tests.conftest import MovingClock
from tests.e2e.exercise_kit import Drill, found, started
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, log_of, until
from tests.slack_kit import button, flat, general, idle, send, shown

pytestmark = pytest.mark.slow

OPEN = "open_hot_wash"
TITLE = "Hot wash (exercise)"
FIRST = "Who recorded when we became aware, and how did they know?"
SAID = "Chris did, from the call."
SMALL = "exercise start drill_lost_laptop " + " ".join(
    f"{role} <@{CHRIS}>" for role in ("commander", "forensics", "legal", "comms")
)


@pytest.fixture
def drill(pair: Practice, pair_clock: MovingClock) -> Drill:
    """The drill after ENDEX, with its messages sent."""
    drill = started(pair, pair_clock)
    assert asked(drill, LENA) == [], "nobody is asked before the end"
    drill.room.type("exercise end", by=SAM)
    drill.beat()
    return drill


def asked(drill: Drill, slack_id: str) -> list[dict[str, Any]]:
    """The messages that ask a person for the hot wash of this run."""
    return [one for one in drill.told(slack_id) if OPEN in str(one)]


def person(drill: Drill, slack_id: str = LENA) -> PersonDriver:
    return drill.pair.box.person(slack_id)


def opened(drill: Drill, slack_id: str = LENA) -> dict[str, Any]:
    """Press the button and return the form."""
    person(drill, slack_id).click(asked(drill, slack_id)[0], OPEN)
    return person(drill, slack_id).wait_modal(title=TITLE)


def refused(drill: Drill, message: dict[str, Any], slack_id: str, words: str) -> str:
    """Press the button and return the answer, which must not be a form."""
    person(drill, slack_id).click(message, OPEN)

    def answer() -> str:
        texts = [flat(one) for one in person(drill, slack_id).messages(message["channel"])]
        return next((one for one in texts if words in one), "")

    said = until(answer)
    assert person(drill, slack_id).modal() is None
    return said


def kept(drill: Drill) -> list[dict[str, Any]]:
    """The answers of this run as they are stored."""
    with reading(drill.pair.tocsin.store) as session:
        run = run_of(session, drill.room.row())
        assert run is not None
        rows = session.exec(select(Feedback).where(Feedback.run_id == run.id)).all()
        return [dict(one.answers) for one in rows]


def change(drill: Drill, verb: Any) -> None:
    with unit_of_work(drill.pair.tocsin.store, now=drill.clock()) as tx:
        incident = incident_by_ref(tx.session, drill.ref)
        assert incident is not None
        verb(tx, incident)
    idle(drill.pair)


def make_final(drill: Drill) -> None:
    def verb(tx: Tx, incident: Incident) -> None:
        sam = person_for(tx, SAM)
        rate_objective(tx, incident, "O1", "S", final=True, actor=sam)
        lock_report(tx, incident, actor=sam)

    change(drill, verb)


def test_everybody_who_took_part_is_asked_once_and_with_the_mark(drill: Drill) -> None:
    for slack_id in (SAM, ANA, CHRIS, FARID, LENA):
        messages = asked(drill, slack_id)
        assert len(messages) == 1, slack_id
        assert messages[0]["text"].startswith("🎓 EXERCISE · 🏁 *ENDEX*")
        assert button(messages[0], OPEN)["value"] == drill.ref
        web = button(messages[0], "open_web")["url"]
        assert web.endswith(f"/incidents/{drill.ref}/exercise#hotwash")
    drill.beat(minutes=5)
    assert len(asked(drill, LENA)) == 1


def test_the_form_asks_what_the_page_asks_and_bears_the_mark(drill: Drill) -> None:
    modal = opened(drill)
    person(drill).close()
    inputs = [one for one in modal["blocks"] if one["type"] == "input"]
    assert [one["label"]["text"] for one in inputs] == [
        FIRST,
        "What would have shown that the disk was encrypted at the time of loss?",
    ]
    assert all(one["optional"] for one in inputs)
    assert "🎓 EXERCISE" in flat(modal)
    assert "kept without your name" in flat(modal)


def test_answers_are_kept_once_and_without_a_name(drill: Drill) -> None:
    modal = opened(drill)
    drill.pair.box.faults.add("inbound:view_submission", "deliver_twice")
    try:
        done = person(drill).submit(modal, {"question/0": SAID, "question/1": " "})
    finally:
        drill.pair.box.faults.clear()
    assert done.ok, done.errors
    assert kept(drill) == [{FIRST: SAID}]
    given = log_of(drill.pair.tocsin.store, drill.ref)[-1]
    assert (given.event, given.actor, dict(given.data)) == (
        "exercise.feedback_given",
        "tocsin",
        {"answers": 1},
    )
    with reading(drill.pair.tocsin.store) as session:
        run = run_of(session, drill.room.row())
        assert run is not None
        rows = session.exec(select(FeedbackGiven).where(FeedbackGiven.run_id == run.id)).all()
    assert len(rows) == 1
    thanks = person(drill).wait_message(drill.room.channel, "is kept without your name")
    assert thanks["is_ephemeral"]
    assert "EXERCISE" in thanks["text"]
    words = "You have given your feedback already. Thank you."
    assert "🎓 EXERCISE" in refused(drill, asked(drill, LENA)[0], LENA, words)
    assert len(kept(drill)) == 1


def test_a_form_left_open_doesn_t_count_after_an_answer_on_the_web(drill: Drill) -> None:
    modal = opened(drill)
    change(
        drill,
        lambda tx, one: give_feedback(tx, one, {FIRST: SAID}, actor=person_for(tx, LENA)),
    )
    again = person(drill).submit(modal, {"question/0": "More."})
    assert again.errors == {"question/0": "You have given your feedback already. Thank you."}
    person(drill).close()
    assert kept(drill) == [{FIRST: SAID}]


def test_an_empty_form_is_refused_and_stays_open(drill: Drill) -> None:
    modal = opened(drill)
    done = person(drill).submit(modal, {"question/0": "  "})
    assert done.errors == {"question/0": "Answer at least one question."}
    assert person(drill).submit(modal, {"question/1": SAID}).ok
    assert len(kept(drill)) == 1


def test_nothing_is_added_to_a_final_report(drill: Drill) -> None:
    modal = opened(drill)
    make_final(drill)
    words = f"The report of {drill.ref} is final; nothing is added any more."
    late = person(drill).submit(modal, {"question/0": SAID})
    assert late.errors == {"question/0": words}
    person(drill).close()
    assert "🎓 EXERCISE" in refused(drill, asked(drill, LENA)[0], LENA, words)
    assert kept(drill) == []


def test_slow_slack_leaves_another_way_and_another_press(drill: Drill) -> None:
    drill.pair.box.faults.add("views.open", "api_error", code="expired_trigger_id")
    message = asked(drill, LENA)[0]
    said = refused(drill, message, LENA, "Slack didn't answer in time or refused")
    assert f"/incidents/{drill.ref}/exercise#hotwash|hot wash>" in said
    assert "🎓 EXERCISE" in said
    assert opened(drill)
    person(drill).close()


def test_a_run_that_was_stopped_asks_nobody(pair: Practice, pair_clock: MovingClock) -> None:
    drill = started(pair, pair_clock)
    drill.room.type("exercise stop", by=CHRIS)
    drill.beat()
    assert [asked(drill, one) for one in (SAM, ANA, CHRIS, FARID, LENA)] == [[]] * 5


def forged(drill: Drill, slack_id: str, kind: str) -> httpx.Response:
    """Send what Slack would send if somebody who wasn't asked pressed or submitted all the same."""
    answer = {"question/0": {"value": {"type": "plain_text_input", "value": SAID}}}
    payload = {
        "type": kind,
        "team": {"id": "T0DEMO"},
        "user": {"id": slack_id},
        "trigger_id": f"T-{drill.ref}-{slack_id}",
        "actions": [{"type": "button", "action_id": OPEN, "block_id": "b", "value": drill.ref}],
        "view": {
            "id": f"V-{drill.ref}-{slack_id}",
            "type": "modal",
            "callback_id": "hot_wash",
            "private_metadata": drill.ref,
            "state": {"values": answer},
        },
    }
    return send(drill.pair, urlencode({"payload": json.dumps(payload)}))


def test_who_took_no_part_is_refused(pair: Practice, pair_clock: MovingClock) -> None:
    since = len(pair.box.calls)
    ack = pair.box.person(SAM).slash("/incident", SMALL, channel=general(pair))
    drill = found(pair, pair_clock, shown(ack), since=since)
    change(drill, lambda tx, one: joined_channel(tx, one, person_for(tx, FARID)))
    drill.room.type("exercise end", by=SAM)
    drill.beat()
    assert (len(asked(drill, CHRIS)), asked(drill, FARID), asked(drill, LENA)) == (1, [], [])
    for slack_id, words in (
        (FARID, "Only who took part gives feedback."),
        (LENA, f"You have no incident {drill.ref}. /incident list shows yours."),
    ):
        errors = forged(drill, slack_id, "view_submission").json()["errors"]
        assert errors == {"question/0": words}
    assert forged(drill, FARID, "block_actions").status_code == 200
    told = until(
        lambda: [
            one for one in drill.pair.box.person(FARID).direct_messages() if "Only who" in flat(one)
        ]
    )
    assert told[-1]["text"].startswith("🎓 EXERCISE")
    assert kept(drill) == []
