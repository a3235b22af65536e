"""The after-action report made final: its hash goes into the log, and it never changes again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot.domain.incident import IncidentError
from bot.services.after_action import VERSION, draft_report
from bot.services.exercise_holds import announce_exercise
from bot.services.exercises import check_facilitator
from bot.store.exercise_queries import run_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx


def lock_report(tx: Tx, incident: Incident, *, actor: Person) -> dict[str, Any]:
    """Make the report final: its hash goes into the log, and nothing of it changes any more.

    Raises `IncidentError` while an objective's rating isn't confirmed by a person.
    """
    run = run_of(tx.session, incident)
    if run is None:
        raise IncidentError(f"{incident.ref} is no exercise.")
    tx.hold(incident)
    check_facilitator(tx, run, actor)
    if run.locked_at is not None:
        raise IncidentError(f"The report of {incident.ref} is final already.")
    report = draft_report(tx, incident, run)
    if open_ones := unconfirmed(report):
        raise IncidentError(
            f"Confirm the rating of {', '.join(open_ones)} first: a person has the last word."
        )
    run.report = report
    run.report_sha256 = report_sha256(report)
    run.locked_at, run.locked_by = tx.wall, actor.id
    run.report_due_at = None  # nobody has to be told any more that it lacks something
    tx.session.add(run)
    data = {"report_sha256": run.report_sha256, "version": VERSION}
    tx.record(incident, "exercise.report_locked", actor=actor.actor, data=data)
    announce_exercise(tx, incident, "exercise.report_locked")
    return report


def unconfirmed(report: Mapping[str, Any]) -> list[str]:
    """List the objectives whose rating no person has confirmed yet."""
    return [one["id"] for one in report["objectives"] if one["judged"] and not one["confirmed"]]


def report_of(tx: Tx, incident: Incident) -> dict[str, Any]:
    """Return the report: the locked one, else as it stands now."""
    run = run_of(tx.session, incident)
    if run is None:
        raise IncidentError(f"{incident.ref} is no exercise.")
    return dict(run.report) if run.locked_at else draft_report(tx, incident, run)


def report_json(report: Mapping[str, Any]) -> bytes:
    """Write the report as JSON: sorted keys, the same bytes for the same report."""
    return json.dumps(report, ensure_ascii=False, sort_keys=True, indent=1).encode()


def report_sha256(report: Mapping[str, Any]) -> str:
    """Return the hash of the report's JSON."""
    return hashlib.sha256(report_json(report)).hexdigest()
