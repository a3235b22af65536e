"""Every event has a sentence, and none fails when its texts are erased."""

import pytest

from bot.domain.timeline import _WORDS, ERASED, GENERIC, describe, is_routine
from evidence_store.events import EVENTS
from tests.conftest import T0
from tests.kit import Case

FULL = {
    "severity": "SEV2",
    "from": "SEV2",
    "to": "SEV1",
    "status": "contained",
    "occurred_at": "2026-11-19T09:00:00Z",
    "error": "restricted_action",
    "role": "legal",
    "tasks": ["a", "b"],
    "number": 3,
    "task": "isolate",
    "key": "affected_total",
    "confidence": "confirmed",
    "clock": "EU-GDPR-33-SA",
    "label": "48 h left",
    "notice": 1,
    "template": "holding_statement",
    "version": 2,
    "item": 4,
    "entries": 50,
    "run": 1,
}


def test_every_word_of_the_log_has_a_sentence_or_is_told_by_its_name() -> None:
    assert set(_WORDS) | GENERIC == EVENTS
    assert set(_WORDS).isdisjoint(GENERIC)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_erased_texts_leave_a_sentence(event: str) -> None:
    words = describe(event, FULL, {})
    assert words
    assert "None" not in words


@pytest.mark.parametrize(
    ("event", "data", "texts", "words"),
    [
        ("incident.opened", {"severity": "SEV2"}, {"title": "A leak"}, "Opened as SEV2: A leak"),
        ("incident.opened", {"severity": "SEV2"}, {}, "Opened as SEV2"),
        (
            "incident.severity_changed",
            {"from": "SEV2", "to": "SEV2"},
            {"reason": "logs"},
            "Severity confirmed: SEV2: logs",
        ),
        ("incident.severity_changed", {"from": "SEV2", "to": "SEV1"}, {}, "Severity SEV2 → SEV1"),
        (
            "fact.recorded",
            {"key": "material", "value": False, "confidence": "confirmed"},
            {"source": "Ana"},
            "Fact recorded: material = no (confirmed; Ana)",
        ),
        (
            "fact.corrected",
            {"key": "affected_total", "value": None, "confidence": "unknown"},
            {"source": "Ana"},
            "Fact corrected: affected_total = unknown (unknown; Ana)",
        ),
        (
            "fact.recorded",
            {"key": "data_elements", "value": ["name", "ssn"], "confidence": "estimated"},
            {},
            f"Fact recorded: data_elements = name, ssn (estimated; {ERASED})",
        ),
        (
            "fact.recorded",
            {"key": "what_happened", "confidence": "confirmed"},
            {},
            f"Fact recorded: what_happened = {ERASED} (confirmed; {ERASED})",
        ),
        (
            "clock.started",
            {"clock": "US-CA-IND", "due_at": "2026-12-20T07:59:59Z"},
            {"reason": "applies"},
            "Clock US-CA-IND started, due 2026-12-20 07:59:59 UTC: applies",
        ),
        (
            "reminder.sent",
            {"clock": "triage", "label": "breach", "late_s": 3600},
            {},
            "Reminder for triage: breach, 1 h late",
        ),
        (
            "reminder.sent",
            {"clock": "triage", "label": "breach", "late_s": 0},
            {},
            "Reminder for triage: breach",
        ),
        (
            "reminder.escalated",
            {"clocks": ["triage", "US-CA-AG"], "step": 2},
            {},
            "Nobody acknowledged triage, US-CA-AG: told to the deputies",
        ),
        (
            "reminder.snoozed",
            {"clocks": ["US-CA-AG"], "until": "2026-11-20T06:00:00Z"},
            {},
            "Reminders of US-CA-AG snoozed until 2026-11-20 06:00 UTC",
        ),
        (
            "clock.overruled",
            {"clock": "US-CA-AG", "due_at": None},
            {"reason": "no resident"},
            "Clock US-CA-AG overruled by counsel: no resident",
        ),
        ("role.deputy_named", {"role": "legal"}, {}, "Deputy of Legal named"),
        (
            "obligations.assessed",
            {"changed": ["US-CA-AG"]},
            {},
            "Duties assessed: US-CA-AG",
        ),
        ("note.recorded", {}, {"note": "called"}, "Note: called"),
        (
            "note.recorded",
            {"what": "file not collected", "item": 2},
            {"problem": "gone"},
            "E-2 not collected: gone",
        ),
        (
            "note.recorded",
            {"what": "disposal refused", "item": 2},
            {"reason": "needed"},
            "E-2 disposal refused: needed",
        ),
        (
            "note.recorded",
            {"what": "retention set", "item": 2, "keep_until": "2027-02-17T09:00:00Z"},
            {},
            "E-2 is to be kept until 2027-02-17 09:00 UTC",
        ),
        ("hold.placed", {"hold": "H-1"}, {"reason": "suit"}, "Legal hold H-1 placed: suit"),
        (
            "evidence.transferred",
            {"item": 2, "step": "released"},
            {"note": "to the lab"},
            "E-2 released, to be received: to the lab",
        ),
        (
            "evidence.derived",
            {"item": 5, "parent": 2},
            {"title": "image"},
            "E-5 derived from E-2: image",
        ),
        ("log.anchored", {}, {}, "log anchored"),
    ],
)
def test_what_the_timeline_says(
    event: str, data: dict[str, object], texts: dict[str, object], words: str
) -> None:
    assert describe(event, data, texts) == words


def test_bookkeeping_is_left_out_of_the_short_timeline() -> None:
    assert is_routine("clock.waiting")
    assert not is_routine("clock.started")


def test_a_whole_log_is_told_without_its_texts(case: Case) -> None:
    case.learn({"aware_at": T0, "what_happened": "An intruder came."})
    for entry in case.log():
        assert "An intruder" not in describe(entry.event, entry.data, {})
