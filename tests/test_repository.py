"""Facts about the repository itself: what its pages promise is there, and its sizes stay small."""

import ast
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from bot.cli.main import make_parser
from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import Confidence
from bot.domain.incident import Severity, Status
from bot.domain.notices import NoticeState
from bot.domain.roles import Role
from bot.listeners.commands import SUBCOMMANDS
from bot.manifest import BOT_SCOPES
from bot.settings import EXPLAINED

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    ".ci",
    "benchmarks",
    "bot",
    "docs",
    "evidence_store",
    "notification_templates",
    "playbooks",
    "scripts",
    "tests",
)
BINARY = {".ttf", ".png", ".pyc", ".pdf"}
PAGES = ("README.md", "CONTRIBUTING.md", "docs/operations.md")

MODULE_LINES = 400
FUNCTION_LINES = 40
LONG_MODULES = {
    # The bundle carries it: one file, nothing but the standard library, no help from elsewhere.
    "evidence_store/verify.py": 1720,
    "tests/evidence_store/test_evidence_tamper_bag.py": 415,
    # Every kind of interaction of the box, through real Bolt. May shrink, not grow.
    "tests/local_slack/test_bolt.py": 452,
}
LONG_FUNCTIONS = {
    "tests/evidence_store/evidence_removal.py:checks": 44,
    # Each writes out one value: a form, a list of facts, the first tables.
    "bot/domain/fact_dictionary.py:_people": 63,
    "bot/store/migrations/versions/0001_first_tables.py:upgrade": 340,
    # A list of expectations; an app with its three handlers.
    "tests/content/test_shipped.py:test_each_playbook_covers_the_whole_response": 45,
    "tests/local_slack/test_page.py:declare": 45,
    # One whole situation as a value; one whole story of what may leak.
    "tests/blocks/test_limits.py:situation": 52,
    "tests/e2e/test_confidential.py:_story": 41,
}


def files() -> Iterator[Path]:
    """Every text file of ours; not what tools leave behind."""
    yield from (one for one in ROOT.iterdir() if one.is_file() and one.suffix not in BINARY)
    for folder in FOLDERS:
        for one in (ROOT / folder).rglob("*"):
            if one.is_file() and one.suffix not in BINARY and "__pycache__" not in one.parts:
                yield one


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_of(page: str) -> list[str]:
    """What stands in a page as code: between backticks, and the lines of fenced blocks."""
    text = read(page)
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(
        r"(?<!`)`([^`]+)`(?!`)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )
    return [*inline, *(line.strip() for block in fenced for line in block.splitlines())]


def rows_of(page: str, heading: str) -> dict[str, str]:
    """The table under a heading: the code in its first column → the text of its second."""
    below = read(page).split(heading, 1)[1]
    return dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|", below, re.MULTILINE))


# What the pages promise


def test_readme_shows_the_two_commands() -> None:
    readme = read("README.md")
    assert "\nmake demo\nmake test\n" in readme
    assert "http://127.0.0.1:8072" in readme


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_named_in_pages_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {found[1] for code in code_of(page) if (found := re.match(r"make ([a-z]+)", code))}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_commands_named_in_pages_exist(page: str) -> None:
    groups = make_parser()._subparsers
    assert groups is not None
    known = set(groups._group_actions[0].choices or ())
    code = "\n".join(code_of(page))
    assert set(re.findall(r"\btocsin ([a-z]+)", code)) <= known
    assert set(re.findall(r"/incident ([a-z]+)", code)) - {"word"} <= set(SUBCOMMANDS)


@pytest.mark.parametrize(
    "page", sorted(str(one.relative_to(ROOT)) for one in files() if one.suffix == ".md")
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)", read(page)):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


@pytest.mark.slow
def test_pages_named_in_code_and_policy_exist() -> None:
    named = found_in_files(r"docs/[a-z-]+\.md")
    assert [one for one in named if not (ROOT / one.partition(": ")[2]).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    index = dict(
        re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", read("docs/adr/README.md"), re.MULTILINE)
    )
    records = {one.name[:4]: one.name for one in (ROOT / "docs/adr").glob("[0-9]*.md")}
    assert index == records
    assert [int(number) for number in sorted(records)] == list(range(1, len(records) + 1))
    for number, name in records.items():
        text = read(f"docs/adr/{name}")
        assert text.startswith(f"# {number}: "), name
        for heading in ("## Context", "## Decision", "## Consequences"):
            assert f"\n{heading}\n" in text, name


def test_operations_page_explains_the_settings_as_the_program_does() -> None:
    page = rows_of("docs/operations.md", "## Settings")
    assert {name: page.get(name) for name in EXPLAINED} == dict(EXPLAINED)


def test_operations_page_gives_the_reason_of_each_scope() -> None:
    page = rows_of("docs/operations.md", "## Slack, step by step")
    assert {name: why for name, why in page.items() if name in BOT_SCOPES} == BOT_SCOPES


def test_env_example_names_every_setting_and_holds_no_value() -> None:
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE))
    assert set(given) == {*EXPLAINED, "POSTGRES_PASSWORD"}
    assert set(given.values()) == {""}


def test_compose_hands_over_every_setting() -> None:
    handed = re.findall(r"^      ((?:TOCSIN|SLACK)_[A-Z_]+):", read("compose.yaml"), re.MULTILINE)
    assert sorted(handed) == sorted(EXPLAINED)


def test_image_and_make_install_the_same_debian_packages() -> None:
    wanted = re.search(r"runtime\) packages=\(([^)]+)\)", read("scripts/debian-packages"))
    assert wanted is not None
    installed = re.search(r"--no-install-recommends (.+?) \\\n", read("Dockerfile"))
    assert installed is not None
    assert installed[1].split() == wanted[1].split()
    assert wanted[1] in read("docs/operations.md")


@pytest.mark.parametrize(
    "words", [Role, Severity, Status, ClockKind, ClockState, NoticeState, Confidence]
)
def test_glossary_has_every_word_that_is_stored(words: type[StrEnum]) -> None:
    glossary = set(re.findall(r"`([^`]+)`", read("docs/glossary.md")))
    assert {word.value for word in words} <= glossary


# What must not be in it


def found_in_files(pattern: str) -> list[str]:
    return [
        f"{one.relative_to(ROOT)}: {found}"
        for one in files()
        for found in re.findall(pattern, one.read_text(encoding="utf-8", errors="replace"))
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("TO" + "DO", "FIX" + "ME", "raise Not" + "Implemented"), id="unfinished"),
        pytest.param(("/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/"), id="paths"),
        pytest.param(
            ("pypi" + ".org", "python" + "hosted", "npm" + "js", "ghcr" + ".io", "docker" + ".io"),
            id="registries",
        ),
    ],
)
def test_nothing_unfinished_and_nothing_of_one_machine(words: tuple[str, ...]) -> None:
    assert found_in_files("|".join(re.escape(word) for word in words)) == []


# Sizes


def modules() -> Iterator[tuple[str, str]]:
    for one in files():
        if one.suffix == ".py":
            yield str(one.relative_to(ROOT)), one.read_text(encoding="utf-8")


def functions(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Each function's lines of code: without signature and docstring, which may be generous."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
            yield f"{name}:{node.name}", (node.end_lineno or 0) - first.lineno + 1


def check_sizes(found: Mapping[str, int], *, limit: int, known: Mapping[str, int]) -> None:
    """Nothing is over the limit but what is known; what is known stays within its own, or goes."""
    assert {name: n for name, n in found.items() if n > known.get(name, limit)} == {}
    assert {name for name in known if found.get(name, 0) <= limit} == set()


def test_modules_stay_small() -> None:
    lengths = {name: len(text.splitlines()) for name, text in modules()}
    check_sizes(lengths, limit=MODULE_LINES, known=LONG_MODULES)


@pytest.mark.slow
def test_functions_stay_small() -> None:
    lengths: dict[str, int] = {}
    for name, text in modules():
        for function, lines in functions(name, text):
            lengths[function] = max(lines, lengths.get(function, 0))
    check_sizes(lengths, limit=FUNCTION_LINES, known=LONG_FUNCTIONS)


def test_migrations_are_numbered_without_a_gap() -> None:
    found = sorted(one.name for one in (ROOT / "bot/store/migrations/versions").glob("[0-9]*.py"))
    assert [int(name[:4]) for name in found] == list(range(1, len(found) + 1))


def test_licence_is_apache() -> None:
    assert (
        read("LICENSE").strip().startswith("Apache License\n                           Version 2.0")
    )


def test_no_two_test_modules_share_a_name() -> None:
    """Pytest imports them by their bare name; two of one name can't be collected together."""
    common = {"__init__.py", "conftest.py", "kit.py"}
    names = [one.name for one in (ROOT / "tests").rglob("*.py") if one.name not in common]
    assert sorted({name for name in names if names.count(name) > 1}) == []
