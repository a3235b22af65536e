"""Loading what single US states want: the shipped file, and every fault with place and remedy."""

import shutil
from pathlib import Path

import pytest

from bot.content.notices import load_notice_templates
from bot.content.roots import find_roots
from bot.content.us_states import load_us_states
from bot.content.yaml_source import ContentError

ROOT = find_roots().notification_templates
FILE = "base/us_states.yaml"
LETTER = "us_state_individual"


@pytest.mark.slow
def test_shipped_file_covers_every_state_but_massachusetts() -> None:
    loaded = load_us_states(ROOT / FILE)
    assert loaded is not None
    states = loaded.states
    assert len(states) == 53  # 49 states, the District of Columbia, three territories
    assert "US-MA" not in states
    assert [one.name for one in states.values()] == sorted(one.name for one in states.values())
    owed = {code: one.service.months for code, one in states.items() if one.service}
    assert owed == {"US-CA": 12, "US-CT": 24, "US-DC": 18, "US-DE": 12, "US-PA": 12}
    assert [code for code, one in states.items() if one.forbidden_patterns] == ["US-IL"]
    assert [code for code, one in states.items() if one.tells_number] == ["US-RI"]


@pytest.mark.slow
def test_offices_with_a_number_also_have_a_website() -> None:
    loaded = load_us_states(ROOT / FILE)
    assert loaded is not None
    for state in loaded.states.values():
        for office in state.offices:
            assert office.phone.startswith("1-"), state.name
            assert "." in office.website, state.name


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert load_us_states(tmp_path / "us_states.yaml") is None


SOUND = """\
states:
  US-MD:
    citation: Md. Code § 1
    says: [Ask the Attorney General.]
    service: {months: 12, elements: [ssn], citation: § 2}
    contents:
      - {item: kinds, facts: [data_elements]}
      - {item: office, says: Attorney General}
    forbidden_patterns: ['\\d+ people']
    checked: spot_checked
    verified_on: 2026-11-28
    sources: [a summary]
"""


@pytest.mark.parametrize(
    ("old", "new", "at", "problem"),
    [
        ("US-MD", "US-MX", "US-MX", "there is no state 'US-MX'; "),
        ("US-MD", "Maryland", "Maryland", "'Maryland' isn't allowed; write the code of a state"),
        ("    citation: Md. Code § 1\n", "", "says: [Ask", "'citation' is missing"),
        ("[ssn]", "[snn]", "[snn]", "'snn' isn't a choice of data_elements; did you mean 'ssn'?"),
        (
            "facts: [data_elements]",
            "facts: [data_element]",
            "item: kinds",
            "there is no fact 'data_element'; did you mean 'data_elements'?",
        ),
        (
            "item: office, says",
            "item: office, facts: [website], says",
            "item: office",
            "an item is provided by facts or by words; write facts, or says",
        ),
        ("\\d+ people", "(", "patterns: ['(']", "not a regular expression"),
        (
            "    verified_on: 2026-11-28\n",
            "",
            "checked:",
            "says that it was checked, not when; add verified_on: the day",
        ),
        ("spot_checked", "sure", "checked: sure", "'sure' isn't known here"),
        ("months: 12", "month: 12", "month: 12", "unknown key 'month'; did you mean 'months'?"),
    ],
)
def test_fault_is_refused_with_place_and_remedy(
    tmp_path: Path, old: str, new: str, at: str, problem: str
) -> None:
    file = tmp_path / "us_states.yaml"
    file.write_text(SOUND, "utf-8")
    assert load_us_states(file) is not None
    faulty = SOUND.replace(old, new, 1)
    assert faulty != SOUND
    file.write_text(faulty, "utf-8")
    with pytest.raises(ContentError) as caught:
        load_us_states(file)
    line = next(n for n, text in enumerate(faulty.splitlines(), 1) if at in text)
    told = [str(one) for one in caught.value.problems]
    # Where a key is missing, the place is the mapping, which begins at its first key.
    assert any(f":{line}:" in one and problem in one for one in told), told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the general letter, its stand-ins, and what they share, without the fonts."""
    for name in (LETTER, "us_ca_individual", "us_ma_individual"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "base", tmp_path / "base", ignore=shutil.ignore_patterns("fonts"))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "told_in", "problem"),
    [
        (
            f"{LETTER}/notice.yaml",
            "US-MA: us_ma_individual",
            "US-MA: us_ma_individua",
            f"{LETTER}/notice.yaml",
            "there is no notice 'us_ma_individua'; did you mean 'us_ma_individual'?",
        ),
        (
            f"{LETTER}/notice.yaml",
            "US-AK-IND,",
            "US-MA-IND,",
            f"{LETTER}/notice.yaml",
            "US-MA gets us_ma_individual instead; take it out, or take US-MA out of instead",
        ),
        (
            f"{LETTER}/notice.yaml",
            "us_states:\n  instead:\n    US-CA: us_ca_individual\n    US-MA: us_ma_individual\n",
            "",
            f"{LETTER}/notice.yaml",
            "'states' is printed, but us_states isn't declared; see base/us_states.yaml",
        ),
        (
            "base/us_letter.html.j2",
            "help.state_parts(states, ",
            "help.state_parts((), ",
            f"{LETTER}/notice.yaml",
            "'states' is never printed; see base/us_states.yaml",
        ),
        (
            FILE,
            "US-AK:\n    citation",
            "US-AK:\n    contents: [{item: x, says: no such words}]\n    citation",
            FILE,
            "doesn't say “no such words”; write it in the letter or in this state's says",
        ),
        (
            FILE,
            "US-AK:\n    citation",
            "US-AK:\n    contents: [{item: x, facts: [how_discovered]}]\n    citation",
            FILE,
            "doesn't declare how_discovered; add it under facts in",
        ),
        (
            FILE,
            "  US-AK:\n    citation: Alaska Stat. § 45.48.010\n    checked: not_checked\n",
            "  US-CA-X:\n    citation: Alaska Stat. § 45.48.010\n    checked: not_checked\n",
            FILE,
            "the key 'US-CA-X' isn't allowed; write the code of a state",
        ),
        (
            f"{LETTER}/notice.yaml",
            "includes: [US-RI]",
            "includes: [US-RX]",
            f"{LETTER}/notice.yaml",
            "'US-RX' isn't a choice of residents; ",
        ),
    ],
)
def test_letter_and_file_must_agree(  # noqa: PLR0917 - the columns of the table
    folder: Path, file: str, old: str, new: str, told_in: str, problem: str
) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as caught:
        load_notice_templates(folder)
    told = [str(one).removeprefix(f"{folder}/") for one in caught.value.problems]
    assert any(one.startswith(f"{told_in}:") and problem in one for one in told), told


@pytest.mark.slow
def test_changed_file_of_states_is_another_version_of_the_letter(folder: Path) -> None:
    before = load_notice_templates(folder)[LETTER].sha256
    file = folder / FILE
    file.write_text(file.read_text("utf-8").replace("1-888-743-0023", "1-888-555-0123"), "utf-8")
    assert load_notice_templates(folder)[LETTER].sha256 != before
