"""docs/tamper-suite.md names tests that exist, and the codes that they assert."""

import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

from evidence_store import verify
from tests.evidence_store import evidence_corpus, evidence_removal, test_evidence_live
from tests.evidence_store.evidence_forgery import Case

PAGE = evidence_removal.RESULTS.with_name("tamper-suite.md").read_text("utf-8")
ROW = re.compile(
    r"^\| (.+?) \| `(test_\w+)\.py::(test_\w+)(?:\[(.+)\])?` \| (.+) \|$", re.MULTILINE
)
ROWS = ROW.findall(PAGE)


def function_of(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"tests.evidence_store.{module}"), name
    )
    return found


def cases_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what a test is run with, by the id that pytest shows."""
    found: dict[str, Any] = {}
    for mark in getattr(function, "pytestmark", ()):
        if mark.name == "parametrize":
            for item in mark.args[1]:
                name, value = (item.id, item.values[0]) if hasattr(item, "id") else (item, item)
                found[str(name).encode("unicode_escape").decode("ascii")] = value
    return found


def test_every_row_is_read() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    headings = [line for line in rows if line == "| what is done | test | verdict |"]
    assert len(rows) - len(headings) == len(ROWS) > 150
    assert len(headings) == PAGE.count("\n## ")


def problem(module: str, name: str, case: str, verdict: str) -> str:
    """Return what is wrong with a row; "" for nothing."""
    function = function_of(module, name)
    codes = re.findall("`([a-z-]+)`", verdict)
    found = cases_of(function).get(case)
    if bool(case) != bool(found):
        return "no such case"
    if isinstance(found, Case):
        asserted = evidence_corpus.expected(found) + (", warns" if found.warns else "")
        return "" if verdict.replace("`", "") == asserted else f"asserts {asserted}"
    if module == "test_evidence_live" and case:
        asserted = test_evidence_live.TAMPERED[case][1]
        return "" if codes == [asserted] else f"asserts {asserted}"
    source = inspect.getsource(function)
    odd = [code for code in codes if code in verify.REASONS and f'"{code}"' not in source]
    return f"doesn't assert {odd}" if odd else ""


def test_every_test_exists_and_asserts_its_code() -> None:
    wrong = [(row[1:], found) for row in ROWS if (found := problem(*row[1:]))]
    assert wrong == []


def test_nearly_all_reasons_are_in_the_table() -> None:
    """Those that aren't are about the call, the medium or the form of things, not tampering."""
    named = set(re.findall("`([a-z-]+)`", PAGE))
    forms = {"bag-declaration", "opening-order"}
    calls = {"not-found", "not-a-bundle", "argument-invalid", "known-checkpoint-elsewhere"}
    calls |= {"no-tsa-ca", "no-openssl", "time-tail"}
    assert set(verify.REASONS) - named <= forms | calls
