"""Rewrites the generated parts of the reference pages in docs/: facts, obligations, roles."""

from pathlib import Path

from bot.content.obligations import load_obligations
from bot.domain.reference_tables import (
    event_table,
    fact_table,
    obligation_list,
    permission_table,
    put_table,
)

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Put each table between the marks of its page; the rest of the page is written by hand."""
    obligations = load_obligations(ROOT / "playbooks" / "obligations")
    tables = {
        "facts.md": fact_table(),
        "obligations.md": event_table(),
        "obligations-list.md": obligation_list(obligations.values()),
        "roles.md": permission_table(),
    }
    for name, table in tables.items():
        page = ROOT / "docs" / name
        page.write_text(put_table(page.read_text("utf-8"), table), "utf-8")


if __name__ == "__main__":
    main()
