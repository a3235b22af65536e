"""The hot wash in Slack: the button opens the form, the form gives the answers to the service.

Decides how the answers are read. Who may answer, once and until when, and that no name is kept is
`bot.services.exercise_voices`'s, for this form as for the one on the web.
"""

from typing import Any

from bot.blocks.hot_wash import CALLBACK, QUESTION, hot_wash_modal
from bot.delivery.slack import SlackRefusedError, SlackUnavailableError
from bot.listeners.desk import Call, Desk, Reply, acting, find_incident, no_slack, say, show_form
from bot.listeners.form_answers import answers
from bot.services.exercise_voices import check_feedback, give_feedback, open_run
from bot.services.exercises import scenario_of
from bot.services.hot_wash import questions_of
from bot.store.queries import person_by_slack_id
from bot.store.unit_of_work import reading, unit_of_work

FORM = CALLBACK
FIRST_FIELD = f"{QUESTION}0"
"""Where a refusal is shown: it is about the whole form."""


def ask(desk: Desk, call: Call, ref: str) -> Reply:
    """Open the form; refuse at once what would be refused at the end, so nobody types in vain."""
    with reading(desk.store) as session:
        incident = find_incident(session, call, ref)
        run = check_feedback(session, incident, person_by_slack_id(session, call.user))
        view = hot_wash_modal(incident.ref, scenario_of(run).lessons)
    try:
        show_form(desk, call, view)
    except (SlackUnavailableError, SlackRefusedError) as error:
        link = f"{desk.base_url}/incidents/{incident.ref}/exercise#hotwash"
        return no_slack(error, f"Press again, or answer on the web: <{link}|hot wash>.")
    return Reply(text="")


def answer(desk: Desk, call: Call, view: dict[str, Any], key: str) -> Reply:
    """Take the answers, without a name."""
    given = answers(view)
    with unit_of_work(desk.store, now=call.now, delivery_key=key) as tx:
        incident, actor = acting(tx, call, str(view["private_metadata"]))
        questions = questions_of(scenario_of(open_run(tx, incident)))
        said = {
            question: str(given.get(f"{QUESTION}{number}") or "")
            for number, question in enumerate(questions)
        }
        give_feedback(tx, incident, said, actor=actor)
        return say(f"✅ Thank you. Your feedback on {incident.ref} is kept without your name.")
