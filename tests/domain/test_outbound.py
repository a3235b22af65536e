"""What keeps an exercise in: each barrier alone is enough, and what is real and right goes out."""

from dataclasses import replace

import pytest

from bot.domain.outbound import BARRIERS, Attempt, Grant, refusals

GRANT = Grant(
    id=1,
    kind="live",
    incident_id=1,
    notice_id=1,
    version=2,
    recipient_sha256="r",
    content_sha256="c",
    used=False,
)
REAL = Attempt(
    ref="INC-2026-0001",
    kind="live",
    incident_id=1,
    notice_id=1,
    notice_incident_id=1,
    state="approved",
    version=2,
    approved_by=3,
    released_by=4,
    content_sha256="c",
    recipient_sha256="r",
    subject="Notification of a personal data breach",
    body="Please find attached.",
    file_name="INC-2026-0001-N1-v2.pdf",
    file_text="Notification",
    grant=GRANT,
)
EXERCISE = replace(
    REAL,
    ref="EX-2026-0001",
    kind="exercise",
    grant=None,
    released_by=3,
    file_name="EXERCISE-EX-2026-0001-N1-v2.pdf",
    file_text="EXERCISE EX-2026-0001",
)


def test_what_is_real_and_right_goes_out() -> None:
    assert refusals(REAL) == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": "exercise"}, "the incident is an exercise"),
        ({"ref": "EX-2026-0001"}, "the reference is an exercise's"),
        ({"grant": None}, "no live grant"),
        ({"grant": replace(GRANT, used=True)}, "no live grant"),
        ({"grant": replace(GRANT, kind="exercise")}, "for something else"),
        ({"grant": replace(GRANT, incident_id=9)}, "for something else"),
        ({"grant": replace(GRANT, version=1)}, "for something else"),
        ({"recipient_sha256": "x"}, "for something else"),
        ({"content_sha256": "x"}, "for something else"),
        ({"released_by": None}, "two people"),
        ({"released_by": 3}, "two people"),
        ({"state": "draft"}, "two people"),
        ({"notice_incident_id": 2}, "belongs to another incident"),
        ({"subject": "[EXERCISE EX-2026-0001] x"}, "bears the mark"),
        ({"file_text": "… EXERCISE …"}, "bears the mark"),
        ({"file_name": "EX-2026-0001-N1.pdf"}, "bears the mark"),
    ],
)
def test_each_barrier_holds_alone(changed: dict[str, object], says: str) -> None:
    reasons = refusals(replace(REAL, **changed))  # type: ignore[arg-type]
    assert len(reasons) == 1
    assert says in reasons[0]


@pytest.mark.parametrize("removed", sorted(BARRIERS))
def test_with_any_barrier_removed_an_exercise_still_stays_in(removed: str) -> None:
    left = {name: check for name, check in BARRIERS.items() if name != removed}
    assert refusals(EXERCISE, barriers=left)


@pytest.mark.parametrize("kept", sorted(set(BARRIERS) - {"own notice"}))
def test_any_single_barrier_is_enough(kept: str) -> None:
    assert refusals(EXERCISE, barriers={kept: BARRIERS[kept]})
