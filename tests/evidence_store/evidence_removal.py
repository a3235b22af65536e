"""Removes the verifier's checks, one at a time, and asks whether the tamper suite notices.

    python -m tests.evidence_store.evidence_removal      (or: make test-tamper)

Decides what counts as a check: every raised reason, every line in the report, every call of a
check, every early refusal, and every part of a condition. What remains unnoticed is a hole in the
suite; the run then ends with exit code 1. Writes docs/tamper-results.md.
"""

import ast
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from evidence_store import verify
from tests.evidence_store import evidence_corpus
from tests.evidence_store.evidence_forgery import Sample
from tests.evidence_store.evidence_kit import SIGNER

SOURCE = Path(verify.__file__)
RESULTS = SOURCE.parents[1] / "docs/tamper-results.md"
# Words for people, and the command line: no checks of a bundle.
NOT_CHECKS = {"main", "_parser", "_Parser", "Progress", "Report"}
ERRORS = {"FailedError", "UnreadableError", "_JsonError", "_TokenUnreadableError"}
CALLS = ("_check_", "_safe_name", "_no_case_twins", "_compare", "known.signers", "report.")
SECONDS = 60
# “x or ()” gives a default; it is no condition.
DEFAULTS = (ast.Constant, ast.Tuple, ast.List)
L = 2**252 + 27742317777372353535851937790883648493


@dataclass(frozen=True)
class Check:
    """One check: how to take it out of the tree, and to put it back."""

    line: int
    function: str
    words: str
    codes: frozenset[str]
    remove: Callable[[], Callable[[], None]]


def _swap(owner: Any, name: str, index: int | None, new: Any) -> Callable[[], Callable[[], None]]:
    """Return what replaces a part of the tree, and returns what restores it."""

    def remove() -> Callable[[], None]:
        found = getattr(owner, name)
        if index is None:
            setattr(owner, name, new)
            return lambda: setattr(owner, name, found)
        old = found[index]
        found[index] = new
        return lambda: found.__setitem__(index, old)

    return remove


def _codes(node: ast.AST) -> frozenset[str]:
    texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
    return frozenset(text for text in texts if isinstance(text, str) and text in verify.REASONS)


def _name(node: ast.AST | None) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _statements(function: ast.AST) -> Iterator[tuple[ast.AST, str, int, ast.stmt]]:
    for owner in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if isinstance(block, list):
                for index, statement in enumerate(block):
                    yield owner, name, index, statement


def _silent(statement: ast.stmt) -> ast.stmt | None:
    """Return what stands for the statement when its check is gone; None if it is no check."""
    match statement:
        case ast.Raise(exc=error) if error is not None:
            return ast.Pass() if (_name(error) or ast.unparse(error)) in ERRORS else None
        case ast.Expr(value=call) if _name(call).startswith(CALLS):
            return (
                None if _name(call) in ("report.progress", "report.checked.append") else ast.Pass()
            )
        case ast.Return(value=call) if _name(call) == "report.cannot_check":
            return ast.Return(value=ast.Constant(None))
    return None


def _refuses(statement: ast.stmt) -> bool:
    """Say whether it is an early refusal: if …: return, return None or return False."""
    if not isinstance(statement, ast.If) or len(statement.body) != 1:
        return False
    only = statement.body[0]
    if not isinstance(only, ast.Return):
        return False
    return only.value is None or (
        isinstance(only.value, ast.Constant) and only.value.value in (None, False)
    )


def _parts(function: ast.AST) -> Iterator[tuple[ast.expr, str, int | None, Any, ast.expr]]:
    """Yield every part of a condition, with what stands there when the part is gone."""
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp):
            if isinstance(node.op, ast.Or) and isinstance(node.values[-1], DEFAULTS):
                continue
            neutral = ast.Constant(isinstance(node.op, ast.And))
            for index, value in enumerate(node.values):
                yield node, "values", index, neutral, value
        elif isinstance(node, ast.Compare) and len(node.ops) > 1:
            low = ast.Compare(node.left, node.ops[:1], node.comparators[:1])
            high = ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:])
            for part, kept in ((low, high), (high, low)):
                yield node, "", None, kept, part
        elif isinstance(node, ast.Dict) and ast.unparse(node).startswith("{'v': type"):
            for place, value in enumerate(node.values):
                yield node, "values", place, ast.Constant(True), value  # noqa: FBT003


def _replace_compare(node: Any, kept: Any) -> Callable[[], Callable[[], None]]:
    def remove() -> Callable[[], None]:
        old = (node.left, node.ops, node.comparators)
        node.left, node.ops, node.comparators = kept.left, kept.ops, kept.comparators

        def restore() -> None:
            node.left, node.ops, node.comparators = old

        return restore

    return remove


def checks(tree: ast.Module) -> list[Check]:
    """Return the checks of the verifier, in order of the source."""
    found: list[Check] = []
    for top in tree.body:
        named = isinstance(top, ast.FunctionDef | ast.ClassDef)
        if not named or top.name in NOT_CHECKS:  # type: ignore[attr-defined]
            continue
        function = top.name  # type: ignore[attr-defined]
        for owner, name, index, statement in _statements(top):
            new = _silent(statement)
            if new is not None:
                words = ast.unparse(statement)
                found.append(
                    Check(
                        statement.lineno,
                        function,
                        words,
                        _codes(statement),
                        _swap(owner, name, index, ast.copy_location(new, statement)),
                    )
                )
            elif _refuses(statement):
                words = "if " + ast.unparse(statement.test) + ": return"  # type: ignore[attr-defined]
                found.append(
                    Check(
                        statement.lineno,
                        function,
                        words,
                        frozenset(),
                        _swap(statement, "test", None, ast.Constant(value=False)),
                    )
                )
        near = _codes(top)
        for node, name, spot, new, part in _parts(top):
            remove = _swap(node, name, spot, new) if name else _replace_compare(node, new)
            words = f"{ast.unparse(part)}  in  {ast.unparse(node)}"
            found.append(
                Check(
                    part.lineno if hasattr(part, "lineno") else node.lineno,
                    function,
                    words,
                    near,
                    remove,
                )
            )
    return sorted(found, key=lambda check: (check.line, check.words))


def _module(tree: ast.Module) -> ModuleType:
    module = ModuleType("verify_without_a_check")
    sys.modules[module.__name__] = module
    exec(compile(ast.fix_missing_locations(tree), "verify.py", "exec"), module.__dict__)  # noqa: S102
    return module


class _EndlessError(Exception):
    pass


def _alarm(_number: int, _frame: FrameType | None) -> None:
    raise _EndlessError


def edge_cases(module: Any) -> str:
    """Return the edge case of Ed25519 (RFC 8032 section 5.1) that the verifier gets wrong."""
    message, public = b"message", SIGNER.verifying_key.key
    good = SIGNER.sign(message)
    above = (int.from_bytes(good[32:], "little") + L).to_bytes(32, "little")
    one = (1).to_bytes(32, "little")
    zero_signed = one[:31] + b"\x80"
    off_curve = next(y.to_bytes(32, "little") for y in range(2, 99) if not _on_curve(y))
    wanted = {
        "Ed25519: a good signature": (public, good, True),
        "Ed25519: S above the order": (public, good[:32] + above, False),
        "Ed25519: a byte too many": (public, good + b"\x00", False),
        "Ed25519: a short key": (public[:31], good, False),
        "Ed25519: a key that is no point": (off_curve, good, False),
        "Ed25519: a key not below the prime": (
            (2**255 - 18).to_bytes(32, "little"),
            _of_neutral(),
            False,
        ),
        "Ed25519: the neutral point": (one, _of_neutral(), True),
        "Ed25519: zero with a sign": (zero_signed, _of_neutral(), False),
    }
    for name, (key, signature, right) in wanted.items():
        try:
            found = module.ed25519_verify(key, message, signature)
        except Exception:  # noqa: BLE001 - a crash is noticed, too
            return name
        if found is not right:
            return name
    return "" if module._decompress(off_curve) is None else "Ed25519: a key that is no point"


def _on_curve(y: int) -> bool:
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return pow(square, (p - 1) // 2, p) in (0, 1)


def _of_neutral() -> bytes:
    """Return the signature R = B, S = 1, which holds for every message under the neutral point."""
    base = (4 * pow(5, -1, 2**255 - 19) % (2**255 - 19)).to_bytes(32, "little")
    return base + (1).to_bytes(32, "little")


def noticed_by(module: ModuleType, samples: Sequence[Sample]) -> str:
    """Return the name of the first case for which the changed verifier gives another answer."""
    if wrong := edge_cases(module):
        return wrong
    for sample in samples:
        signal.alarm(SECONDS)
        try:
            problem = sample.misjudged(module)
        except Exception as error:  # noqa: BLE001 - a crash is noticed, too
            problem = repr(error)
        finally:
            signal.alarm(0)
        if problem:
            return sample.case.name
    return ""


@cache
def tree_of_verifier() -> ast.Module:
    """Return the verifier's tree; each removal is put back."""
    return ast.parse(SOURCE.read_text("utf-8"))


def run(samples: Sequence[Sample]) -> list[tuple[Check, str]]:
    """Remove each check in turn; return what noticed it, "" for nothing."""
    signal.signal(signal.SIGALRM, _alarm)
    tree, results = tree_of_verifier(), []
    for check in checks(tree):
        restore = check.remove()
        try:
            module = _module(tree)
        except Exception:  # noqa: BLE001 - it can't even be loaded
            results.append((check, "(doesn't load)"))
            continue
        finally:
            restore()
        near = [
            sample
            for sample in samples
            if sample.case.code in check.codes or check.codes.intersection(sample.case.unchecked)
        ]
        far = [sample for sample in samples if sample not in near]
        results.append((check, noticed_by(module, [*near, *far])))
    return results


def _cell(text: str) -> str:
    short = text if len(text) <= 150 else text[:149] + "…"
    return "`" + short.replace("|", "\\|").replace("\n", " ").replace("`", "'") + "`"


def row(check: Check) -> str:
    """Return how a check stands in the table."""
    return f"| `{check.function}` | {_cell(check.words)} |"


def page(results: Sequence[tuple[Check, str]]) -> str:
    """Return docs/tamper-results.md."""
    kept = [name for _, name in results if name]
    lines = [
        "# Tamper suite: results",
        "",
        "Generated by `make test-tamper`; not to be edited. What must be found, and what found it.",
        "",
        *evidence_corpus.table(),
        "",
        "## The verifier with one check removed",
        "",
        "Each check of `evidence_store/verify.py` was taken out in turn, and the cases above were",
        "run against what was left. A check that nothing misses could be lost without anybody",
        "knowing. Asking only “was it refused?” would not do: each case asks for the exact reason.",
        "",
        f"**{len(results)} checks removed, {len(results) - len(kept)} unnoticed.**",
        "",
        "| in | check | missed first by |",
        "|---|---|---|",
    ]
    lines += [f"{row(check)} {name or '**nothing**'} |" for check, name in results]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Build the corpus, remove the checks, write the page."""
    with tempfile.TemporaryDirectory(prefix="tamper-") as name:
        samples = evidence_corpus.build(Path(name))
        wrong = [(s.case.name, p) for s in samples if (p := s.misjudged())]
        if wrong:
            print("These cases don't hold even with all checks:", *wrong, sep="\n")  # noqa: T201
            return 1
        results = run(samples)
    RESULTS.write_text(page(results), "utf-8")
    left = [check for check, name in results if not name]
    for check in left:
        print(f"verify.py line {check.line}: nothing misses {check.words}")  # noqa: T201
    print(f"{len(samples)} cases, {len(results)} checks removed, {len(left)} unnoticed")  # noqa: T201
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
