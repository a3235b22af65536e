"""What people said of a run, for its report: ratings, clarity, observations, feedback, actions.

Feedback has no names: answers are sorted question by question, so that no row is one person's.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from bot.services.after_action_words import iso
from bot.store.exercise_tables import (
    CorrectiveAction,
    ExerciseRating,
    ExerciseRun,
    Feedback,
    Observation,
)
from bot.store.tables import Person
from bot.store.unit_of_work import Tx

CLARITY = ("known_unknown", "who_is_affected", "what_we_do", "ask_with_owner", "next_update")
"""The five questions of clarity, two points each."""


def ratings_of(tx: Tx, run: ExerciseRun, prefix: str) -> dict[str, list[ExerciseRating]]:
    """List the ratings of what begins with a word, by the rest of their subject."""
    rows = tx.session.exec(
        select(ExerciseRating)
        .where(ExerciseRating.run_id == run.id)
        .order_by(col(ExerciseRating.id))
    ).all()
    found: dict[str, list[ExerciseRating]] = {}
    for row in rows:
        if row.subject.startswith(prefix):
            found.setdefault(row.subject.removeprefix(prefix), []).append(row)
    return found


def clarity_of(tx: Tx, run: ExerciseRun) -> list[dict[str, Any]]:
    """Average each message's five marks over its raters; the message is quoted."""
    found = []
    for subject, rows in ratings_of(tx, run, "message:").items():
        marks = {
            key: round(sum(int(row.rating["marks"].get(key, 0)) for row in rows) / len(rows), 1)
            for key in CLARITY
        }
        found.append(
            {
                "message": subject,
                "quote": str(rows[0].rating.get("quote", "")),
                "marks": marks,
                "total": round(sum(marks.values()), 1),
                "raters": len(rows),
            }
        )
    return found


def observations_of(tx: Tx, run: ExerciseRun, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """List what observers wrote, verbatim, in its order."""
    rows = tx.session.exec(
        select(Observation).where(Observation.run_id == run.id).order_by(col(Observation.id))
    ).all()
    return [
        {
            "by": names.get(one.observer_id, "an observer"),
            "objective": one.objective,
            "tag": one.tag,
            "text": one.text,
            "made_ex": iso(one.made_ex),
        }
        for one in rows
    ]


def feedback_of(tx: Tx, run: ExerciseRun) -> list[dict[str, Any]]:
    """List the answers question by question, each question's sorted: no row is one person's."""
    rows = tx.session.exec(select(Feedback).where(Feedback.run_id == run.id)).all()
    by_question: dict[str, list[str]] = {}
    for row in rows:
        for question, said in row.answers.items():
            if str(said).strip():
                by_question.setdefault(question, []).append(str(said).strip())
    return [
        {"question": question, "answers": sorted(said)}
        for question, said in sorted(by_question.items())
    ]


def actions_of(tx: Tx, run: ExerciseRun, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """List the improvement plan."""
    rows = tx.session.exec(
        select(CorrectiveAction)
        .where(CorrectiveAction.run_id == run.id)
        .order_by(col(CorrectiveAction.number))
    ).all()
    owners = {one.id: one.name or one.actor for one in tx.session.exec(select(Person)).all()}
    return [
        {
            "number": one.number,
            "text": one.text,
            "objective": one.objective,
            "element": one.element,
            "owner": names.get(one.owner_id or 0) or owners.get(one.owner_id, ""),
            "due_on": one.due_on.isoformat() if one.due_on else "",
            "retest_on": one.retest_on.isoformat() if one.retest_on else "",
            "critical": one.critical,
            "state": one.state,
        }
        for one in rows
    ]
