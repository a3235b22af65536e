"""One step of a run: what is due is delivered, what was done is recognised, what is over ends.

Called by the tick for each run that goes on. Safe to repeat and to kill: everything is read from
tables, and a step that was undone is done again.
"""

from bot.services.exercises import end_exercise, scenario_of
from bot.services.expectations import follow_log, miss_the_rest
from bot.services.injects import deliver_due, drop_what_never_came
from bot.store.exercise_queries import run_of, run_rows
from bot.store.tables import Incident
from bot.store.unit_of_work import Tx


def advance(tx: Tx, incident: Incident) -> bool:
    """Bring a run up to now; return whether it goes on."""
    tx.hold(incident)
    tx.enter(incident)
    run = run_of(tx.session, incident)
    if run is None or run.state != "running":
        return False
    scenario, rows = scenario_of(run), run_rows(tx.session, run)
    follow_log(tx, incident, run, scenario, rows)
    if deliver_due(tx, incident, run, scenario, rows):
        # What was done before it was asked counts at once.
        follow_log(tx, incident, run, scenario, rows)
    if tx.now < run.ends_ex:
        return True
    end_exercise(tx, incident, actor=None)
    settle(tx, incident)
    return False


def settle(tx: Tx, incident: Incident) -> None:
    """After the end: look at the log once more; what is still open is missed or was never asked."""
    run = run_of(tx.session, incident)
    if run is None:
        return
    scenario, rows = scenario_of(run), run_rows(tx.session, run)
    follow_log(tx, incident, run, scenario, rows)
    miss_the_rest(tx, incident, scenario, rows)
    drop_what_never_came(tx, rows)
