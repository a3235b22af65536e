"""The tables of exercises: runs, people, injects, expectations, ratings, actions; what was caught.

A run belongs to an incident of the kind `exercise`, which is fixed at its creation. What could
leave the house is kept apart by the database itself: a grant to send belongs to a live incident, a
caught message to an exercise (`kind` is part of the key that refers to the incident).
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from bot.store.row import Row, incident_key, instant, json_column


class ExerciseRun(Row, table=True):
    """One run of a scenario. `segments` is its clock, `scenario` the file as it was at the start.

    `state` is running, held, ended or aborted. Times ending in `_ex` are exercise time, all
    others the wall's. `report_due_at` is when the facilitator is to be told of the report, None
    once that is done. `locked_at` is set when the report is final.
    """

    __tablename__ = "exercise_run"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", unique=True)
    scenario_id: str
    scenario_sha256: str
    scenario: dict[str, Any] = json_column()
    programme: str
    seed: int
    variables: dict[str, Any] = json_column()
    segments: list[dict[str, Any]] = json_column()
    state: str = Field(index=True)
    hold_reason: str = ""
    started_at: datetime = instant()
    starts_ex: datetime = instant()
    ends_ex: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    facilitator_id: int = Field(foreign_key="person.id")
    outside_observer: str = ""
    report_due_at: datetime | None = instant(nullable=True)
    report: dict[str, Any] = json_column()
    report_sha256: str = ""
    locked_at: datetime | None = instant(nullable=True)
    locked_by: int | None = Field(default=None, foreign_key="person.id")


class ExercisePart(Row, table=True):
    """Who takes part as what: facilitator, player or observer. `role` is a player's."""

    __tablename__ = "exercise_part"
    __table_args__ = (UniqueConstraint("run_id", "person_id"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    part: str
    role: str = ""


class InjectRun(Row, table=True):
    """One inject of a run. `state` is planned, held, delivered, skipped or dropped.

    `content` is what is delivered, with the run's variables filled in. `added_by` is set for one
    that the facilitator wrote during the run.
    """

    __tablename__ = "inject_run"
    __table_args__ = (UniqueConstraint("run_id", "inject_id"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    inject_id: str
    planned_ex: datetime | None = instant(nullable=True)
    state: str
    content: dict[str, Any] = json_column()
    delivered_at: datetime | None = instant(nullable=True)
    delivered_ex: datetime | None = instant(nullable=True)
    why: str = ""
    added_by: int | None = Field(default=None, foreign_key="person.id")


class KeptNews(Row, table=True):
    """News that wasn't posted because outsiders read the run's channel; it waits for `resume`."""

    __tablename__ = "kept_news"
    bookkeeping: ClassVar[bool] = True
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    key: str = Field(unique=True)
    kind: str
    detail: dict[str, Any] = json_column()


class ExpectationResult(Row, table=True):
    """What became of one expectation. `state` is waiting, open, met, missed or unreached.

    `score` is thousandths. `seq` is the entry of the log that met it, `rated_by` who judged where
    no entry could.
    """

    __tablename__ = "expectation_result"
    __table_args__ = (UniqueConstraint("run_id", "expectation_id"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    expectation_id: str
    inject_id: str
    state: str
    opened_at: datetime | None = instant(nullable=True)
    opened_ex: datetime | None = instant(nullable=True)
    met_at: datetime | None = instant(nullable=True)
    met_ex: datetime | None = instant(nullable=True)
    score: int | None = None
    seq: int | None = None
    rated_by: int | None = Field(default=None, foreign_key="person.id")
    note: str = ""


class ExerciseDecision(Row, table=True):
    """A decision that the scenario asks for, as it was taken, with its reason."""

    __tablename__ = "exercise_decision"
    __table_args__ = (UniqueConstraint("run_id", "decision_id"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    decision_id: str
    option: str
    rationale: str
    decided_at: datetime = instant()
    decided_ex: datetime = instant()
    decided_by: int = Field(foreign_key="person.id")


class Observation(Row, table=True):
    """What an observer saw: a strength, a gap or an idea, to an objective or to none."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    observer_id: int = Field(foreign_key="person.id")
    objective: str
    tag: str
    text: str
    made_at: datetime = instant()
    made_ex: datetime = instant()


class ExerciseRating(Row, table=True):
    """One rater's judgement: P, S, M or U of an objective, or the clarity of a message.

    `subject` is `objective:O1` or `message:<ts>`; `final` is the facilitator's confirmed word.
    """

    __tablename__ = "exercise_rating"
    __table_args__ = (UniqueConstraint("run_id", "subject", "rater_id", "final"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    subject: str
    rater_id: int = Field(foreign_key="person.id")
    rating: dict[str, Any] = json_column()
    final: bool = False
    made_at: datetime = instant()


class Feedback(Row, table=True):
    """One participant's answers of the hot wash. Nobody's name or id stands here."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    answers: dict[str, Any] = json_column()


class FeedbackGiven(Row, table=True):
    """That a participant gave feedback, so that nobody gives it twice; not which."""

    __tablename__ = "feedback_given"
    bookkeeping: ClassVar[bool] = True
    run_id: int = Field(foreign_key="exercise_run.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)


class CorrectiveAction(Row, table=True):
    """One line of the improvement plan: what, who, by when, and when it is tried again."""

    __tablename__ = "corrective_action"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = incident_key()
    run_id: int = Field(foreign_key="exercise_run.id", index=True)
    number: int
    text: str
    objective: str
    element: str
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = None
    retest_on: date | None = None
    critical: bool = False
    state: str
    done_at: datetime | None = instant(nullable=True)
    done_note: str = ""
    reminded_at: datetime | None = instant(nullable=True)


class LiveSendGrant(Row, table=True):
    """Leave to send one approved notice to one recipient, once. Only a live incident has any."""

    __tablename__ = "live_send_grant"
    __table_args__ = (
        CheckConstraint("kind = 'live'", name="only_live"),
        ForeignKeyConstraint(["incident_id", "kind"], ["incident.id", "incident.kind"]),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    kind: str
    notice_id: int = Field(foreign_key="notice.id", index=True)
    version: int
    channel: str
    recipient_sha256: str
    content_sha256: str
    approved_by: int = Field(foreign_key="person.id")
    released_by: int = Field(foreign_key="person.id")
    minted_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class CaughtMessage(Row, table=True):
    """What would have left in earnest, and lies in the exercise's sandbox mailbox instead."""

    __tablename__ = "caught_message"
    __table_args__ = (
        CheckConstraint("kind = 'exercise'", name="only_exercise"),
        ForeignKeyConstraint(["incident_id", "kind"], ["incident.id", "incident.kind"]),
    )
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    kind: str
    channel: str
    recipient: str
    subject: str
    body: str
    attachments: list[dict[str, Any]] = json_column()
    caught_at: datetime = instant()
