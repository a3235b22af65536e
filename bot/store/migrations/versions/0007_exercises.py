"""Exercises: runs and what belongs to them; the kind of an incident is fixed by the database."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _key(name: str, to: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{to}.id"), nullable=nullable)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _yes_no(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    _fix_kinds()
    _add_runs()
    _add_injects()
    _add_results()
    _add_observers()
    _add_feedback_and_actions()
    _add_outbound()


def _fix_kinds() -> None:
    op.create_index("uq_incident_id_kind", "incident", ["id", "kind"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for table, column in (("incident", "kind"), ("notice", "incident_id")):
            op.execute(
                f"CREATE TRIGGER {table}_{column}_is_fixed BEFORE UPDATE OF {column} ON {table} "
                f"WHEN NEW.{column} IS NOT OLD.{column} "
                f"BEGIN SELECT RAISE(ABORT, '{table}.{column} is fixed at its creation'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%.% is fixed at its creation', TG_TABLE_NAME, TG_ARGV[0]; END $$"
    )
    for table, column in (("incident", "kind"), ("notice", "incident_id")):
        op.execute(
            f"CREATE TRIGGER {table}_{column}_is_fixed BEFORE UPDATE OF {column} ON {table} "
            f"FOR EACH ROW WHEN (NEW.{column} IS DISTINCT FROM OLD.{column}) "
            f"EXECUTE FUNCTION is_fixed('{column}')"
        )


def _add_runs() -> None:
    op.create_table(
        "exercise_run",
        _id(),
        sa.Column(
            "incident_id", sa.Integer(), sa.ForeignKey("incident.id"), nullable=False, unique=True
        ),
        *(_text(name) for name in ("scenario_id", "scenario_sha256")),
        _json("scenario"),
        _text("programme"),
        _count("seed"),
        _json("variables"),
        _json("segments"),
        _text("state"),
        _text("hold_reason"),
        *(_at(name) for name in ("started_at", "starts_ex", "ends_ex")),
        _at("ended_at", nullable=True),
        _key("facilitator_id", "person"),
        _text("outside_observer"),
        _count("log_size"),
        _at("report_due_at", nullable=True),
        _json("report"),
        _text("report_sha256"),
        _at("locked_at", nullable=True),
        _key("locked_by", "person", nullable=True),
    )
    _index("exercise_run", "state")
    op.create_table(
        "exercise_part",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _key("person_id", "person"),
        _text("part"),
        _text("role"),
        sa.UniqueConstraint("run_id", "person_id"),
    )
    _index("exercise_part", "incident_id", "run_id")


def _add_injects() -> None:
    op.create_table(
        "inject_run",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _text("inject_id"),
        _at("planned_ex", nullable=True),
        _text("state"),
        _json("content"),
        _at("delivered_at", nullable=True),
        _at("delivered_ex", nullable=True),
        sa.Column("late_s", sa.Float(), nullable=False),
        _text("why"),
        _key("added_by", "person", nullable=True),
        sa.UniqueConstraint("run_id", "inject_id"),
    )
    _index("inject_run", "incident_id", "run_id")


def _add_results() -> None:
    op.create_table(
        "expectation_result",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        *(_text(name) for name in ("expectation_id", "inject_id", "state")),
        *(_at(name, nullable=True) for name in ("opened_at", "opened_ex", "met_at", "met_ex")),
        _count("score", nullable=True),
        _count("seq", nullable=True),
        _key("rated_by", "person", nullable=True),
        _text("note"),
        sa.UniqueConstraint("run_id", "expectation_id"),
    )
    _index("expectation_result", "incident_id", "run_id")
    op.create_table(
        "exercise_decision",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        *(_text(name) for name in ("decision_id", "option", "rationale")),
        _at("decided_at"),
        _at("decided_ex"),
        _key("decided_by", "person"),
        sa.UniqueConstraint("run_id", "decision_id"),
    )
    _index("exercise_decision", "incident_id", "run_id")


def _add_observers() -> None:
    op.create_table(
        "observation",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _key("observer_id", "person"),
        *(_text(name) for name in ("objective", "tag", "text")),
        _at("made_at"),
        _at("made_ex"),
    )
    _index("observation", "incident_id", "run_id")
    op.create_table(
        "exercise_rating",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _text("subject"),
        _key("rater_id", "person"),
        _json("rating"),
        _yes_no("final"),
        _at("made_at"),
        sa.UniqueConstraint("run_id", "subject", "rater_id", "final"),
    )
    _index("exercise_rating", "incident_id", "run_id")


def _add_feedback_and_actions() -> None:
    op.create_table(
        "feedback",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _json("answers"),
    )
    _index("feedback", "incident_id", "run_id")
    op.create_table(
        "feedback_given",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("exercise_run.id"), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
    )
    op.create_table(
        "corrective_action",
        _id(),
        _key("incident_id", "incident"),
        _key("run_id", "exercise_run"),
        _count("number"),
        *(_text(name) for name in ("text", "objective", "element")),
        _key("owner_id", "person", nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("retest_on", sa.Date(), nullable=True),
        _yes_no("critical"),
        _text("state"),
        _at("done_at", nullable=True),
        _text("done_note"),
        _at("reminded_at", nullable=True),
        sa.UniqueConstraint("incident_id", "number"),
    )
    _index("corrective_action", "incident_id", "run_id")


def _add_outbound() -> None:
    owner = sa.ForeignKeyConstraint(["incident_id", "kind"], ["incident.id", "incident.kind"])
    op.create_table(
        "live_send_grant",
        _id(),
        _count("incident_id"),
        _text("kind"),
        _key("notice_id", "notice"),
        _count("version"),
        *(_text(name) for name in ("channel", "recipient_sha256", "content_sha256")),
        _key("approved_by", "person"),
        _key("released_by", "person"),
        _at("minted_at"),
        _at("used_at", nullable=True),
        owner,
        sa.CheckConstraint("kind = 'live'", name="only_live"),
    )
    _index("live_send_grant", "incident_id", "notice_id")
    op.create_table(
        "caught_message",
        _id(),
        _count("incident_id"),
        *(_text(name) for name in ("kind", "channel", "recipient", "subject", "body")),
        _json("attachments"),
        _at("caught_at"),
        sa.ForeignKeyConstraint(["incident_id", "kind"], ["incident.id", "incident.kind"]),
        sa.CheckConstraint("kind = 'exercise'", name="only_exercise"),
    )
    _index("caught_message", "incident_id")
