"""Schema changes, run by Alembic on SQLite and PostgreSQL."""
