"""How the after-action report writes times and spans."""

from datetime import datetime


def iso(at: datetime | None) -> str:
    """Write an instant in ISO 8601, UTC, to the second; empty if there is none."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def span_words(seconds: float) -> str:
    """Say a span: `4 min`, `1 h 20 min`, `2 d 3 h`."""
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    if not days and not hours and (left or not parts):
        parts.append(f"{left} s")
    return " ".join(parts[:2])
