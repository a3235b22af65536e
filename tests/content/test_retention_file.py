"""`playbooks/retention.yaml`: the shipped examples, what is refused, and a folder without one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content.retention import load_retention
from bot.content.yaml_source import ContentError

SHIPPED = Path(__file__).resolve().parents[2] / "playbooks" / "retention.yaml"
AT = datetime(2028, 2, 29, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "words", "until"),
    [
        ("call_recordings", "90 days", datetime(2028, 5, 29, 9, 0, tzinfo=UTC)),
        ("tax_financial", "7 years", datetime(2035, 2, 28, 9, 0, tzinfo=UTC)),
        ("hipaa", "6 years", datetime(2034, 2, 28, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_shipped_classes(name: str, words: str, until: datetime) -> None:
    one = load_retention(SHIPPED)[name]
    assert (one.words(), one.until(AT)) == (words, until)


def test_without_a_file_there_is_no_class(tmp_path: Path) -> None:
    assert load_retention(tmp_path / "retention.yaml") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("classes:\n  - {id: a_b, title: t, keep: {}, basis: b}\n", "keep"),
        ("classes:\n  - {id: a_b, title: t, keep: {days: 0}, basis: b}\n", "days"),
        ("classes:\n  - {id: Big, title: t, keep: {days: 1}, basis: b}\n", "lower-case word"),
        ("classes:\n" + "  - {id: a_b, title: t, keep: {days: 1}, basis: b}\n" * 2, "twice"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "retention.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_retention(file)
    assert says in str(caught.value)
    assert "retention.yaml:" in str(caught.value)
