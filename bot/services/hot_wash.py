"""Asking for the hot wash: right after ENDEX everybody who took part gets a direct message.

Decides who is asked, and what. The message is `bot.blocks.hot_wash`'s; who may answer, and that
nobody's name is kept, is `exercise_voices`'s. A run that was stopped asks nobody: it doesn't count.
"""

from bot.domain.scenario import Scenario
from bot.store.exercise_queries import parts_in
from bot.store.exercise_tables import ExerciseRun
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx


def questions_of(scenario: Scenario) -> tuple[str, ...]:
    """List the questions of the hot wash, in the order in which they are asked."""
    return tuple(one for lesson in scenario.lessons for one in lesson.questions)


def ask_for_hot_wash(tx: Tx, incident: Incident, run: ExerciseRun, scenario: Scenario) -> None:
    """Have each participant asked once; of a scenario without questions nobody is."""
    if not questions_of(scenario):
        return
    for _part, person in parts_in(tx.session, run):
        tx.enqueue(
            "tell",
            incident,
            key=f"{incident.ref}/hot_wash/{person.actor}",
            slack_id=person.slack_id,
            kind="hot_wash",
        )
