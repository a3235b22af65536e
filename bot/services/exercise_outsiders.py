"""What becomes of a run whose channel outsiders read: it stands still, and its news waits.

Called by the jobs that found it. Who reads a channel, and who is a guest, is Slack's to say.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from bot.services.exercise_holds import record_exercise, set_clock
from bot.store.exercise_queries import GOING, clock_in, injects_of, results_of, run_of
from bot.store.exercise_tables import ExerciseRun, KeptNews
from bot.store.tables import Incident
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx

REASON = "its channel is shared with another organisation"
GUEST_REASON = "a guest of the workspace reads its channel"


def keep_from_outsiders(
    tx: Tx,
    incident: Incident,
    *,
    news: Mapping[str, Any] | None = None,
    reason: str = REASON,
) -> None:
    """Hold the run for this reason; what was to be posted waits, an inject for the facilitator.

    `news` is what an `announce` job was given. Doing it twice changes nothing more. A run that is
    over is left as it is.
    """
    tx.hold(incident)
    tx.enter(incident)
    run = run_of(tx.session, incident)
    if run is None or run.state not in GOING:
        return
    if run.state != "held" or run.hold_reason != reason:
        set_clock(tx, run, clock_in(run).hold(tx.wall))
        run.state, run.hold_reason = "held", reason
        # Not announced: the channel is the one place where it mustn't be said.
        record_exercise(tx, incident, "exercise.held", actor=None, pd={"reason": reason})
    if news is None:
        return
    if news["kind"] == "inject":
        _take_back(tx, incident, run, str(news["detail"]["inject"]))
    else:
        _keep(tx, incident, news)


def post_kept_news(tx: Tx, incident: Incident) -> None:
    """Have posted what waited, in its order; if outsiders are still there, it waits again."""
    query = select(KeptNews).where(KeptNews.incident_id == incident.id).order_by(col(KeptNews.id))
    for one in tx.session.exec(query).all():
        tx.enqueue(
            "announce", incident, key=one.key, kind=one.kind, detail=one.detail, was_kept=True
        )
        tx.session.delete(one)


def _keep(tx: Tx, incident: Incident, news: Mapping[str, Any]) -> None:
    if news["detail"].get("what") == "exercise.resumed":
        return  # and was held again by this very message
    key = str(news["key"])
    if tx.session.exec(select(KeptNews).where(KeptNews.key == key)).one_or_none() is None:
        row = KeptNews(
            incident_id=incident.id or 0,
            key=key,
            kind=str(news["kind"]),
            detail=dict(news["detail"]),
        )
        tx.session.add(row)


def _take_back(tx: Tx, incident: Incident, run: ExerciseRun, inject_id: str) -> None:
    """Let an inject wait for a hand again, and what it asks for begin with its next delivery."""
    for row in injects_of(tx.session, run):
        if row.inject_id != inject_id or row.state != "delivered":
            continue
        row.state, row.delivered_at, row.delivered_ex, row.why = "held", None, None, ""
        tx.session.add(row)
        data = {"inject": inject_id}
        tx.record(incident, "exercise.inject_held", actor=SYSTEM_ACTOR, data=data)
        for one in results_of(tx.session, run):
            if one.inject_id == inject_id and one.state == "open":
                one.state, one.opened_at, one.opened_ex = "waiting", None, None
                tx.session.add(one)
