"""The published results of the check-removal run speak of the verifier as it is."""

import pytest

from evidence_store import verify
from tests.evidence_store import evidence_corpus, evidence_removal


@pytest.mark.slow
def test_the_published_results_are_of_this_verifier_and_leave_no_hole() -> None:
    text = evidence_removal.RESULTS.read_text("utf-8")
    found = evidence_removal.checks(evidence_removal.tree_of_verifier())
    missing = [row for check in found if (row := evidence_removal.row(check)) not in text]
    assert not missing, "run make test-tamper"
    assert f"**{len(found)} checks removed, 0 unnoticed.**" in text
    cases = evidence_corpus.cases()
    assert f"\n{len(cases)} cases, each with" in text


def test_every_reason_has_a_line_that_says_what_to_do() -> None:
    page = evidence_removal.RESULTS.with_name("evidence-format.md").read_text("utf-8")
    assert [c for c, words in verify.REASONS.items() if f"| `{c}` | {words} | " not in page] == []
