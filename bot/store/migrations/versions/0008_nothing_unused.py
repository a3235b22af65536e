"""Two columns of exercises that nothing reads go."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.drop_column("exercise_run", "log_size")
    op.drop_column("inject_run", "late_s")
