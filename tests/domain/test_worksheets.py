"""What is to be typed into an authority's form: each state of a field, and every shipped sheet."""

from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from bot.content.roots import find_roots
from bot.content.worksheets import load_worksheets
from bot.domain.facts import FactValue
from bot.domain.worksheets import (
    FieldState,
    FilledField,
    SheetField,
    SheetSection,
    Worksheet,
    fill,
    open_fields,
    unknown_facts,
)
from tests.documents.notice_kit import NOW, fact

BERLIN = ZoneInfo("Europe/Berlin")
SHEETS = load_worksheets(find_roots().notification_templates)


def filled(
    *facts: str,
    values: dict[str, FactValue],
    words: dict[str, str] | None = None,
    limit: int = 0,
    unknown: str = "",
    overrides: dict[str, str] | None = None,
) -> FilledField:
    field = SheetField(
        label="F", facts=facts, words=MappingProxyType(words or {}), limit=limit, unknown=unknown
    )
    sheet = Worksheet(
        portal="P",
        address="",
        can_be_saved=False,
        public=False,
        notes=(),
        sources=(),
        sections=(SheetSection(title="S", fields=(field,)),),
    )
    known = {key: fact(key, value) for key, value in values.items()}
    return fill(sheet, known, zone=BERLIN, overrides=overrides or {})[0].fields[0]


@pytest.mark.parametrize(
    ("facts", "values", "state", "value"),
    [
        (("what_happened",), {"what_happened": "A copy."}, FieldState.READY, "A copy."),
        (("affected_total",), {"affected_total": 1450}, FieldState.READY, "1450"),
        (("aware_at",), {"aware_at": NOW}, FieldState.READY, "2026-03-03 11:30 CET"),
        (("sec_registrant",), {"sec_registrant": False}, FieldState.READY, "No"),
        (("residents",), {"residents:US-TX": 300}, FieldState.READY, "US-TX: 300"),
        (("what_happened",), {}, FieldState.MISSING, ""),
        (("what_happened",), {"what_happened": None}, FieldState.MISSING, ""),
        ((), {}, FieldState.BY_HAND, ""),
    ],
)
def test_each_state_of_a_field(
    facts: tuple[str, ...], values: dict[str, FactValue], state: FieldState, value: str
) -> None:
    found = filled(*facts, values=values)
    assert (found.state, found.value) == (state, value)


def test_what_isn_t_known_is_said_in_the_form_s_words() -> None:
    found = filled("what_happened", values={"what_happened": None}, unknown="Not yet known")
    assert (found.state, found.value) == (FieldState.UNKNOWN, "Not yet known")


def test_nobody_having_looked_isn_t_the_same_as_not_known() -> None:
    assert filled("what_happened", values={}, unknown="Not yet known").state is FieldState.MISSING


def test_choices_are_said_in_the_form_s_words() -> None:
    found = filled(
        "breach_kinds",
        values={"breach_kinds": ("confidentiality", "integrity")},
        words={"confidentiality": "Perte de confidentialité"},
    )
    assert found.value == "Perte de confidentialité; integrity"


def test_the_limit_counts_characters() -> None:
    assert filled("what_happened", values={"what_happened": "1234"}, limit=4).state == "ready"
    long = filled("what_happened", values={"what_happened": "12345"}, limit=4)
    assert (long.state, long.length) == (FieldState.TOO_LONG, 5)


def test_counsel_s_own_words_go_before_the_fact() -> None:
    found = filled(
        "what_happened", values={"what_happened": "raw"}, overrides={"what_happened": "worded"}
    )
    assert found.value == "worded"


def test_a_field_of_two_facts_names_the_one_that_is_missing() -> None:
    found = filled("organisation_name", "organisation_address", values={"organisation_name": "H"})
    assert (found.state, found.missing) == (FieldState.READY, ("organisation_address",))


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_every_sheet_asks_only_for_facts_that_exist_and_says_how_far_it_is_checked(
    name: str,
) -> None:
    sheet = SHEETS[name]
    assert unknown_facts(sheet) == ()
    assert sheet.sources
    assert open_fields(fill(sheet, {}, zone=BERLIN, overrides={})) > 5


def test_the_five_sheets() -> None:
    assert set(SHEETS) == {
        "gdpr_art33_authority",
        "gdpr_art33_authority_fr",
        "uk_ico_authority",
        "us_ag_tx",
        "us_hhs_ocr",
    }
