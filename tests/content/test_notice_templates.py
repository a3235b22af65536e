"""Loading notice templates: the shipped ones, and every fault with its place and remedy."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.yaml_source import ContentError

pytestmark = pytest.mark.slow  # a load reads YAML and compiles every template

ROOT = find_roots().notification_templates
ID = "gdpr_art34_person"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one shipped template and of what it shares, without the fonts."""
    shutil.copytree(ROOT / ID, tmp_path / ID)
    shutil.copytree(ROOT / "base", tmp_path / "base", ignore=shutil.ignore_patterns("fonts"))
    return tmp_path


def edit(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text("utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, "utf-8")


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_notice_templates(folder)
    return [str(one).removeprefix(f"{folder}/") for one in caught.value.problems]


def test_shipped_templates_load() -> None:
    templates = load_notice_templates(ROOT)
    # Every folder with a notice, and no other.
    assert sorted(templates) == sorted(one.parent.name for one in ROOT.glob("*/notice.yaml"))
    california = templates["us_ca_individual"]
    assert california.title == "Notice of Data Breach"
    assert california.rules.min_font_pt == 10
    assert california.rules.headings == (
        "What Happened",
        "What Information Was Involved",
        "What We Are Doing",
        "What You Can Do",
        "For More Information",
    )
    assert california.facts["credit_monitoring_months"].at_least == 12
    assert templates["us_ma_individual"].facts["credit_monitoring_months"].at_least == 18
    assert templates["gdpr_art33_authority"].obligations == ("EU-GDPR-33-SA",)
    assert templates["holding_statement"].obligations == ()


def test_massachusetts_forbids_nature_and_number() -> None:
    template = load_notice_templates(ROOT)["us_ma_individual"]
    nature = {"what_happened", "how_discovered", "breach_kinds", "breach_started_at"}
    number = {"residents", "affected_total", "records_total"}
    assert nature | number <= set(template.forbidden_facts)
    assert not set(template.forbidden_facts) & set(template.facts)


def test_template_that_includes_what_it_computes_is_refused(folder: Path) -> None:
    # Which texts belong to an edition must be known before it is filled.
    edit(folder / ID / "body.html.j2", lambda text: text + "{% include notice.ref %}")
    assert "known only when it is filled; name the file in quotes" in " ".join(problems_of(folder))


@pytest.mark.parametrize("file", [f"{ID}/notice.yaml", f"{ID}/body.html.j2", "base/letter.css"])
def test_hash_covers_every_file(folder: Path, file: str) -> None:
    before = load_notice_templates(folder)[ID].sha256
    assert load_notice_templates(folder)[ID].sha256 == before
    (folder / file).write_bytes((folder / file).read_bytes() + b"\n")
    assert load_notice_templates(folder)[ID].sha256 != before


BODY = f"{ID}/body.html.j2"
YAML = f"{ID}/notice.yaml"


CONTACT_UNKNOWN = "when: {fact: contact_name, known: false}"


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "problem"),
    [
        (
            BODY,
            "{{ aware_at.day }}",
            "{{ awareat.day }}",
            "{{ awareat.day }}",
            "there is no fact 'awareat'; did you mean 'aware_at'?",
        ),
        (
            BODY,
            "<h1>",
            "{{ residents }}<h1>",
            "{{ residents }}",
            "'residents' may not be told in this notice (Art. 34 GDPR); take it out of the text",
        ),
        (BODY, "<h1>", "{{ material }}<h1>", "<h1>", "'material' isn't declared; add it under"),
        (BODY, "<h1>", "{% if %}<h1>", "<h1>", "Expected an expression"),
        (BODY, "<h1>", "{{ notice|shout }}<h1>", "<h1>", "No filter named 'shout'."),
        (YAML, f"id: {ID}", "id: other", "id: other", f"the id is 'other'; write '{ID}', the name"),
        (YAML, "zone: home", "zone: Berlin", "zone: Berlin", "'Berlin' isn't a time zone; write"),
        (
            YAML,
            "  aware_at: {need: required",
            "  aware_a: {need: required",
            "aware_a:",
            "there is no fact 'aware_a'; did you mean 'aware_at'?",
        ),
        (
            YAML,
            "  aware_at: {",
            "  material: {need: optional, where: Head}\n  aware_at: {",
            "material:",
            "'material' is never printed; print it in body.html.j2 or take it out",
        ),
        (
            YAML,
            "[affected_total,",
            "[website,",
            "  website:",
            "'website' is forbidden here; take it out of one of the two lists",
        ),
        (
            YAML,
            "[affected_total,",
            "[affected_totl,",
            "[affected_totl,",
            "there is no fact 'affected_totl'; did you mean 'affected_total'?",
        ),
        (
            YAML,
            "[what_happened, data_elements]",
            "[what_happened, material]",
            "[what_happened, material]",
            "'material' isn't in facts; use one of",
        ),
        (
            YAML,
            CONTACT_UNKNOWN,
            "when: {fact: contact, known: false}",
            "fact: contact,",
            "there is no fact 'contact'; did you mean 'contact_name'?",
        ),
        (
            YAML,
            CONTACT_UNKNOWN,
            "when: {fact: data_elements, includes: [snn]}",
            "[snn]",
            "'snn' isn't a choice of data_elements; did you mean 'ssn'?",
        ),
        (
            YAML,
            CONTACT_UNKNOWN,
            "when: {fact: contact_name}",
            "when: {fact: contact_name}",
            "fewer than 2 keys; write the fact and one test",
        ),
        (YAML, "need: optional", "need: maybe", "need: maybe", "'maybe' isn't known here"),
        (
            YAML,
            "  forbidden_words:",
            "  forbidden_patterns: ['(']\n  forbidden_words:",
            "['(']",
            "not a regular expression",
        ),
        (
            YAML,
            "format:\n",
            "format:\n  title: Notice of Data Breach\n",
            "title: Your personal",
            "the law wants another title; write 'Notice of Data Breach' as the title",
        ),
    ],
)
def test_fault_is_refused_with_place_and_remedy(  # noqa: PLR0917 - the columns of the table
    folder: Path, file: str, old: str, new: str, at: str, problem: str
) -> None:
    edit(folder / file, lambda text: text.replace(old, new, 1))
    lines = (folder / file).read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if at in text)
    problems = problems_of(folder)
    told = [one for one in problems if one.startswith(f"{file}:{line}:") and problem in one]
    assert len(told) == 1, problems


def test_promised_heading_that_is_not_in_the_text_is_refused(folder: Path) -> None:
    edit(folder / BODY, lambda text: text.replace("<h2>What you can do", "<h2>Your part"))
    edit(folder / BODY, lambda text: text.replace(", and what you can do.", "."))
    told = [one for one in problems_of(folder) if "“What you can do”; write it in body" in one]
    assert len(told) == 1


def test_missing_shared_file_is_refused(folder: Path) -> None:
    edit(folder / BODY, lambda text: text.replace("base/letter.html", "base/leter.html"))
    assert "base/leter.html.j2:1:1: can't read it" in problems_of(folder)[0]


def test_folder_without_a_notice_is_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    problems = problems_of(folder)
    assert len(problems) == 1
    assert problems[0].startswith("empty/notice.yaml:1:1: can't read the file (No such file")


def test_one_bad_template_refuses_all(folder: Path) -> None:
    shutil.copytree(folder / ID, folder / "second")
    assert len(problems_of(folder)) == 1
