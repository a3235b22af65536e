"""`playbooks/retention.yaml`: the shipped examples, what is refused, and a folder without one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content.retention import load_retention
from bot.content.yaml_source import ContentError

SHIPPED = Path(__file__).resolve().parents[2] / "playbooks" / "retention.yaml"
SOUND = "{id: a_b, title: t, keep: {days: 1}, basis: b, caveat: c}"
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
        ("{id: a_b, title: t, keep: {}, basis: b, caveat: c}", "keep"),
        ("{id: a_b, title: t, keep: {days: 0}, basis: b, caveat: c}", "days"),
        ("{id: Big, title: t, keep: {days: 1}, basis: b, caveat: c}", "lower-case word"),
        ("{id: a_b, title: t, keep: {days: 1}, basis: b, caveat: c}\n  - " + SOUND, "twice"),
        ("{id: a_b, title: t, keep: {days: 1}, basis: b}", "no caveat says so"),
        ("{id: a_b, title: t, keep: {days: 1}, basis: b, source: 'https://e.example'}", "caveat"),
        ("{id: a_b, title: t, keep: {days: 1}, basis: b, verified_on: 2026-11-21}", "not where"),
        (SOUND.replace("caveat: c", "caveat: c, source: a book"), "beginning with https://"),
        (SOUND.replace("caveat: c", "verified_on: 2026-13-01"), "a date such as 2026-11-21"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "retention.yaml"
    file.write_text(f"classes:\n  - {text}\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_retention(file)
    assert says in str(caught.value)
    assert "retention.yaml:" in str(caught.value)


@pytest.mark.parametrize("name", ["call_recordings", "tax_financial", "hipaa"])
def test_what_nobody_read_at_its_source_says_so_in_a_list_and_alone(name: str) -> None:
    one = load_retention(SHIPPED)[name]
    assert one.verified_on == ""
    assert one.short().endswith("(unchecked: confirm with counsel)")
    assert "Unchecked" in one.told()
    assert one.told().endswith("confirm with counsel.")


def test_what_was_read_says_where_and_when(tmp_path: Path) -> None:
    file = tmp_path / "retention.yaml"
    read = "verified_on: 2026-11-21, source: 'https://law.example/7'"
    file.write_text("classes:\n  - " + SOUND.replace("caveat: c", read), encoding="utf-8")
    one = load_retention(file)["a_b"]
    assert one.short() == "t: 1 day"
    assert one.told() == "t: 1 day. b. Checked on 2026-11-21: https://law.example/7."
