"""Keys of encrypted artifacts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # On a fresh database the first migration may have made every table of the evidence store.
    if sa.inspect(op.get_bind()).has_table("artifact_key"):
        return
    op.create_table(
        "artifact_key",
        sa.Column("stored_sha256", sa.String(64), primary_key=True),
        sa.Column("stored_size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("master_id", sa.String(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("erased_ts", sa.String(27), nullable=True),
        sa.Column("version_id", sa.String(1024), nullable=True),
    )
    op.create_index(
        "ix_artifact_key_living",
        "artifact_key",
        ["sha256"],
        unique=True,
        sqlite_where=sa.text("wrapped IS NOT NULL"),
        postgresql_where=sa.text("wrapped IS NOT NULL"),
    )
    op.create_index("ix_artifact_key_sha256", "artifact_key", ["sha256"], unique=False)
