"""The form “What we still need to know”: the questions that settle most duties, each as an input.

Decides which input a kind of fact gets, and that counts of many places are asked in one field.
Block ids are the names by which `listeners.question_form` reads the answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    DateTimePickerElement,
    InputInteractiveElement,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.blocks.modals import input_block, option, source_inputs
from bot.blocks.words import cut, section
from bot.domain.fact_dictionary import FACT_TYPES, spoken
from bot.domain.fact_types import FactKind, FactType
from bot.domain.facts import MAX_COUNT
from bot.domain.iso_places import COUNTRIES
from bot.domain.place_names import place_name
from bot.domain.questions import Question, question_label

CALLBACK = "answer_questions"
FACT, PARTS, PLACES = "fact/", "parts/", "places"
"""Block ids: `fact/KEY` holds one fact, `parts/US` counts by state, `places` counts by country."""
MOST_ASKED = 12
FEW_PLACES = 2
"""Up to so many places have an input each; more are asked for in one."""
LABEL_LIMIT = 2000
RADIOS = 10
"""Slack's limit of choices that are all shown."""
NAMED = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class _Places:
    """Questions for counts of many places, asked together."""

    places: tuple[str, ...]


def questions_modal(
    ref: str, questions: Sequence[Question], *, recorded: Mapping[str, str], cannot_tell: int
) -> View:
    """Build the form. `recorded` says in words what stands for a key already."""
    blocks: list[Block] = [section(_head(cannot_tell))]
    for asked in list(_arranged(questions))[:MOST_ASKED]:
        if isinstance(asked, _Places):
            blocks += _many_places(asked)
        else:
            blocks += _inputs(asked, recorded.get(asked.key, ""))
    return View(
        type="modal",
        callback_id=CALLBACK,
        title="Open questions",
        submit="Record",
        close="Cancel",
        blocks=[*blocks, *source_inputs()],
        private_metadata=ref,
    )


_TOTAL = "affected_total"


def _head(cannot_tell: int) -> str:
    told = (
        f"Of {cannot_tell} duties it can't be told yet whether they apply. "
        if cannot_tell
        else "Duties that apply wait for this. "
    )
    return (
        f"*What we still need to know*\n{told}What settles most comes first. Answer what you know "
        f"and leave the rest empty."
    )


def _arranged(questions: Sequence[Question]) -> Iterator[Question | _Places]:
    """Put the counts of many places into one question, where the first of them stands.

    The total stands beside it, since it rules out the places that nobody counts.
    """
    places = [one for one in questions if _is_place(one) and not one.parts]
    together = len(places) > FEW_PLACES
    told = False
    for one in questions:
        if together and one.key == _TOTAL:
            continue
        if not together or one not in places:
            yield one
        elif not told:
            told = True
            yield _Places(places=tuple(place.key.partition(":")[2] for place in places))


def _is_place(question: Question) -> bool:
    return question.key.startswith("residents:")


def _inputs(question: Question, recorded: str) -> list[Block]:
    if question.parts:
        return _country(question)
    spec = FACT_TYPES[question.key.partition(":")[0]]
    hint = _hint(question)
    if recorded:
        hint = f"Recorded: {recorded}. Give the whole answer if there is more. {hint}"
    return [_field(question.key, question.label, _element(spec), hint)]


def _field(key: str, label: str, element: InputInteractiveElement, hint: str) -> Block:
    return input_block(
        f"{FACT}{key}", cut(label, LABEL_LIMIT), element, optional=True, hint=cut(hint, LABEL_LIMIT)
    )


def _hint(question: Question) -> str:
    count = len(question.helps)
    first = ", ".join(question.helps[:2])
    more = f" and {count - 2} more" if count > 2 else ""  # noqa: PLR2004 - two are named
    verb = "Settles" if len(question.decides) == count else "Helps to tell"
    return f"{verb} {first}{more}."


def _element(spec: FactType) -> InputInteractiveElement:
    if spec.kind is FactKind.INSTANT:
        return DateTimePickerElement(action_id="value")
    if spec.kind is FactKind.DATE:
        return DatePickerElement(action_id="value")
    if spec.kind is FactKind.COUNT:
        return _number()
    if spec.kind is FactKind.YES_NO:
        return _one_of([option("Yes", "yes"), option("No", "no")])
    if spec.kind is FactKind.CHOICE:
        return _one_of([option(spoken(one).capitalize(), one) for one in spec.choices])
    if spec.kind is FactKind.CHOICES and spec.choices:
        options = [option(spoken(one), one) for one in spec.choices]
        if spec.may_be_none:
            options.append(option("None of them", "none"))
        return StaticMultiSelectElement(action_id="value", options=options)
    multiline = spec.kind is FactKind.TEXT
    return PlainTextInputElement(
        action_id="value", multiline=multiline, placeholder=cut(spec.example, 150)
    )


def _one_of(options: Sequence[Option]) -> InputInteractiveElement:
    """All choices in view; “not known yet” takes back what was pressed by mistake."""
    shown = [*options, option("Not known yet", "unknown")]
    if len(shown) <= RADIOS:
        return RadioButtonsElement(action_id="value", options=shown)
    return StaticSelectElement(action_id="value", options=shown)


def _number() -> NumberInputElement:
    return NumberInputElement(
        action_id="value", is_decimal_allowed=False, min_value="0", max_value=str(MAX_COUNT)
    )


def _country(question: Question) -> list[Block]:
    """Ask for a whole country once, and for its parts in one field."""
    code = question.key.partition(":")[2]
    label = question_label(question.key).replace("residents of", "people in")
    label = label.replace("are affected?", "are affected in all?")
    hint = f"0 rules out all {len(question.parts)} states and territories. {_hint(question)}"
    example = ", ".join(f"{part.partition('-')[2]} {n}" for part, n in _sample(question.parts))
    by_part = input_block(
        f"{PARTS}{code}",
        "By state: how many people of each?",
        PlainTextInputElement(action_id="value", multiline=True, placeholder=example),
        optional=True,
        hint="Code or name, and the number. If they add up to the total, other states are out.",
    )
    return [_field(question.key, label, _number(), hint), by_part]


def _sample(parts: Sequence[str]) -> list[tuple[str, int]]:
    large = [f"residents:{code}" for code in ("US-CA", "US-TX")]
    shown = [one for one in large if one in parts] or list(parts[:2])
    return list(zip(shown, (1200, 300), strict=False))


def _many_places(asked: _Places) -> list[Block]:
    """Ask for all other places in one field, and for the total that rules out the rest."""
    named = [code for code in asked.places if code in COUNTRIES][:NAMED]
    listed = ", ".join(f"{place_name(code)} {code}" for code in named)
    rest = len(asked.places) - len(named)
    more = f" and {rest} more" if rest else ""
    total = _field(
        _TOTAL,
        question_label(_TOTAL),
        _number(),
        "If the places that you count add up to it, every other place is ruled out.",
    )
    places = input_block(
        PLACES,
        "How many people of each other place?",
        PlainTextInputElement(action_id="value", multiline=True, placeholder="DE 850, JP 20, AU 0"),
        optional=True,
        hint=cut(f"Not known yet: {listed}{more}. 0 rules a place out.", LABEL_LIMIT),
    )
    return [total, places]
