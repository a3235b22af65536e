"""The questions that would settle most duties, as a form.

Decides which are asked together, in which order, and with which inputs; how an answer is read is
`fact_forms`' and `places_form`'s, what it changes is `services.facts`'.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, FactError, FactKey, Facts, FactValue
from bot.domain.places import resident_counts
from bot.services.board import Board
from bot.services.facts import NewFact
from bot.web.pages.desk import Posted
from bot.web.pages.fact_forms import FactField, FactForm, field_for, read_facts, typed_in
from bot.web.pages.places_form import PlacesBlock, places_blocks, read_places, typed_places

FIRST = 6
"""Questions that stand open; the others are folded away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One question with its input, and which duties wait for it."""

    field: FactField
    duties: tuple[str, ...]
    settles: int
    """How many of them it settles alone; the others need another answer too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionForm:
    """The whole form, with what was typed and what is wrong with it."""

    times: tuple[Ask, ...]
    places: tuple[PlacesBlock, ...]
    asks: tuple[Ask, ...]
    form: FactForm

    @property
    def wrong(self) -> bool:
        """Whether anything in it can't be taken."""
        return self.form.wrong or any(one.problem for one in self.places)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to ask."""
        return not (self.times or self.places or self.asks)


def question_form(board: Board, facts: Facts) -> QuestionForm:
    """Make the empty form from what the board leaves open."""
    asking = [one for one in board.open_questions if not one.answered]
    return QuestionForm(
        times=tuple(
            Ask(field=field_for(one.fact), duties=one.keys, settles=len(one.keys))
            for one in board.awaited
        ),
        places=tuple(places_blocks((one.question for one in asking), resident_counts(facts))),
        asks=tuple(
            Ask(
                field=field_for(one.question.key),
                duties=one.question.helps,
                settles=len(one.question.decides),
            )
            for one in asking
            if one.question.key in FACT_TYPES
        ),
        form=FactForm(),
    )


def read_answers(
    asked: QuestionForm, posted: Posted, *, zone: ZoneInfo
) -> tuple[QuestionForm, list[NewFact]]:
    """Read every answer that was given; nothing is taken while any of them is wrong."""
    fields = [typed_in(one.field, posted) for one in (*asked.times, *asked.asks)]
    form, new = read_facts(posted, fields, zone=zone)
    places, counts = _places(asked.places, posted)
    kept = {field.slot: field for field in form.fields}
    read = replace(
        asked,
        times=_with(asked.times, kept),
        asks=_with(asked.asks, kept),
        places=places,
        form=form,
    )
    if read.wrong:
        return read, []
    new += [
        NewFact(key=key, value=value, source=form.source, confidence=Confidence(form.confidence))
        for key, value in counts.items()
    ]
    if not new:
        problem = "Nothing is filled in: answer at least one question."
        return replace(read, form=replace(form, problem=problem)), []
    return read, new


def refused(read: QuestionForm, error: FactError) -> QuestionForm:
    """Put a refusal beside the inputs that it is about, else at the form's head."""
    keys: Sequence[str] = getattr(error, "keys", ())
    # A refusal of one value names its fact in the sentence.
    spoken = {name for name in FACT_TYPES if re.search(rf"\b{name}\b", str(error))}
    names = {key.partition(":")[0] for key in keys} or spoken
    fields = tuple(
        replace(one, problem=str(error)) if one.name in names and one.typed else one
        for one in read.form.fields
    )
    blocks = tuple(
        replace(one, problem=str(error)) if _is_about(one, keys) else one for one in read.places
    )
    beside = fields != read.form.fields or blocks != read.places
    kept = {field.slot: field for field in fields}
    return replace(
        read,
        times=_with(read.times, kept),
        asks=_with(read.asks, kept),
        places=blocks,
        form=replace(read.form, fields=fields, problem="" if beside else str(error)),
    )


def _is_about(block: PlacesBlock, keys: Sequence[str]) -> bool:
    codes = {key.partition(":")[2] for key in keys if key.startswith("residents:")}
    typed = bool(block.total or block.listed or block.nobody_else)
    return typed and any(
        code in block.parts or code == block.country or code.startswith(f"{block.country}-")
        for code in codes
    )


def _with(asks: Sequence[Ask], kept: dict[str, FactField]) -> tuple[Ask, ...]:
    return tuple(replace(one, field=kept.get(one.field.slot, one.field)) for one in asks)


def _places(
    blocks: Sequence[PlacesBlock], posted: Posted
) -> tuple[tuple[PlacesBlock, ...], dict[FactKey, FactValue]]:
    """Read all blocks; a place that stands in two of them has to have one number."""
    read: list[PlacesBlock] = []
    counts: dict[FactKey, FactValue] = {}
    for empty in blocks:
        block = typed_places(empty, posted)
        try:
            found = read_places(block)
            _check_twice(found, counts)
            counts |= found
        except FactError as error:
            block = replace(block, problem=str(error))
        read.append(block)
    return tuple(read), counts


def _check_twice(found: dict[FactKey, FactValue], before: dict[FactKey, FactValue]) -> None:
    for key, number in found.items():
        if before.get(key, number) != number:
            raise FactError(f"`{key}` has another number above: keep one of the two.")
