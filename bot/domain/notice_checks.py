"""What a notice lacks, what its law wants in it, what it may not say, and when it may be approved.

Pure. Decides gaps, the check of the statutory contents item by item, and what stands in the way of
an approval. It renders nothing; what a template says of itself is in `notices`.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, FactValue, value_of
from bot.domain.notices import (
    TRANSITIONS,
    Condition,
    Minimum,
    Need,
    NoticeState,
    NoticeTemplate,
    StatutoryItem,
    UsedFact,
)
from bot.domain.place_names import place_name
from bot.domain.translations import language_name, untranslated, words_wanted
from bot.domain.us_states import (
    StateItem,
    UsState,
    affected_states,
    has_residents,
    to_verify,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A fact that the notice lacks; it blocks approval."""

    fact: str
    label: str
    where: str
    words_in: str = ""
    """The fact is recorded; what it lacks is words in this language, for this notice."""
    place: str = ""
    """The place whose count is missing, of a fact that is counted per place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentItem:
    """One statutory item and whether the notice has it; `by` says by what, or what is open."""

    item: str
    citation: str
    fulfilled: bool
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something in the text that this notice may not say; `found` is the text as it stands."""

    found: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """A reason why a notice can't be approved, with a code for programs and words for people."""

    code: str
    reason: str


def holds(condition: Condition | None, facts: Facts, *, now: datetime) -> bool:
    """Say whether a condition holds; no condition always holds, an unknown fact never does."""
    if condition is None:
        return True
    if not holds(condition.also, facts, now=now):
        return False
    if FACT_TYPES[condition.fact].per_jurisdiction and condition.includes:
        return any(has_residents(facts, place) for place in condition.includes)
    value = value_of(facts, condition.fact)
    if condition.known is not None:
        return (value is not None) is condition.known
    if value is None:
        return False
    if condition.includes:
        words = value if isinstance(value, tuple) else (value,)
        return any(word in condition.includes for word in words)
    if condition.hours_ago is not None:
        return isinstance(value, datetime) and now - value > timedelta(hours=condition.hours_ago)
    return value == condition.equals


def is_required(used: UsedFact, facts: Facts, *, now: datetime) -> bool:
    """Say whether the notice, with these facts and at this time, needs the fact."""
    needed = used.need is Need.REQUIRED and holds(used.when, facts, now=now)
    return needed or any(holds(one.when, facts, now=now) for one in used.minimums)


def least_of(used: UsedFact, facts: Facts, *, now: datetime) -> int:
    """Return the least that the law wants of a count with these facts; 0 if nothing is wanted."""
    binding = _binding(used, facts, now=now)
    return max(used.at_least, binding.number if binding else 0)


def _binding(used: UsedFact, facts: Facts, *, now: datetime) -> Minimum | None:
    asked = [one for one in used.minimums if holds(one.when, facts, now=now)]
    return max(asked, key=lambda one: one.number, default=None)


def subjects_of(name: str, facts: Facts) -> list[str]:
    """Return the recorded keys of a fact: `residents` gives `residents:DE`, `residents:US-CA`."""
    if not FACT_TYPES[name].per_jurisdiction:
        return [name] if name in facts else []
    return sorted(key for key in facts if key.startswith(f"{name}:"))


def keys_of(used: UsedFact, facts: Facts) -> list[str]:
    """Return the recorded keys of a fact that are the notice's, which may name places."""
    keys = subjects_of(used.key, facts)
    return [one for one in keys if one.partition(":")[2] in used.places] if used.places else keys


def key_of(used: UsedFact) -> str:
    """Return the one key that the notice needs: with its place, where it names a single one."""
    return f"{used.key}:{used.places[0]}" if len(used.places) == 1 else used.key


def blocking_gaps(
    template: NoticeTemplate, facts: Facts, *, now: datetime, overrides: Collection[str] = ()
) -> tuple[Gap, ...]:
    """List the facts without which the notice can't be approved, in the template's order.

    A fact recorded as unknown isn't a gap where the format allows the notice to say so, as
    GDPR Art. 33(4) does. `overrides` names facts for which counsel wrote this notice's own words;
    a translation needs them for every text that it tells.
    """
    wordless = untranslated(template, facts, overrides=overrides)
    return tuple(
        Gap(
            fact=used.key,
            label=lack,
            where=used.where,
            place=key_of(used).partition(":")[2],
            words_in=language_name(template.language) if used.key in wordless else "",
        )
        for used in template.facts.values()
        for lack in _lacks(template, used, facts, now=now, wordless=wordless)
        if used.key not in overrides
    )


def _lacks(
    template: NoticeTemplate,
    used: UsedFact,
    facts: Facts,
    *,
    now: datetime,
    wordless: Collection[str],
) -> list[str]:
    if used.key in wordless:
        return [words_wanted(label_of(used.key), language_name(template.language)) + "."]
    return _lack(used, facts, now=now) if is_required(used, facts, now=now) else []


def label_of(key: str) -> str:
    """Return the dictionary's question for a fact."""
    return FACT_TYPES[key.partition(":")[0]].label


def question_of(key: str) -> str:
    """Return the question with its place: “How many residents of Texas are affected?”."""
    place = key.partition(":")[2]
    return label_of(key).replace("this place", place_name(place)) if place else label_of(key)


def _lack(used: UsedFact, facts: Facts, *, now: datetime) -> list[str]:
    """Return what the fact lacks, in words; an empty list if it is provided."""
    recorded = keys_of(used, facts)
    values = [facts[key].value for key in recorded if facts[key].value is not None]
    if not values:
        return [] if recorded and used.not_yet_known else [question_of(key_of(used))]
    least = least_of(used, facts, now=now)
    if not any(isinstance(one, int) and one < least for one in values):
        return []
    binding = _binding(used, facts, now=now)
    law = f" ({binding.citation})" if binding and binding.number == least else ""
    return [f"{question_of(key_of(used))} The law wants at least {least}{law}."]


def completeness(
    template: NoticeTemplate,
    facts: Facts,
    *,
    now: datetime,
    overrides: Collection[str] = (),
    gaps: Collection[Gap] | None = None,
) -> list[ContentItem]:
    """Check the statutory contents one by one, each with its citation.

    `gaps` spares looking for them again where `blocking_gaps` was asked before.
    """
    if gaps is None:
        gaps = blocking_gaps(template, facts, now=now, overrides=overrides)
    lacks = {gap.fact: gap.label for gap in gaps}
    by_state = (
        _item_of(state, item)
        for state in affected_states(template.states, facts)
        for item in state.contents
    )
    return [
        _check_item(template, item, facts, lacks, now=now)
        for item in (*template.contents, *by_state)
    ]


def _item_of(state: UsState, item: StateItem) -> StatutoryItem:
    when = Condition(fact="data_elements", includes=item.elements) if item.elements else None
    return StatutoryItem(
        item=f"{state.name}: {item.item}",
        citation=item.citation,
        section=f"For {state.residents}, or the letter itself",
        facts=item.facts,
        says=item.says,
        when=when,
    )


def _check_item(
    template: NoticeTemplate,
    item: StatutoryItem,
    facts: Facts,
    lacks: Mapping[str, str],
    *,
    now: datetime,
) -> ContentItem:
    fulfilled, by = True, item.section
    if not holds(item.when, facts, now=now):
        by = "doesn't apply to these facts"
    elif lacking := [lacks[key] for key in item.facts if key in lacks]:
        fulfilled, by = False, f"open: {' '.join(lacking)}"
    elif any(_is_said_later(template.facts[key], facts) for key in item.facts):
        by = f"{item.section}, stated as not yet known"
    return ContentItem(item=item.item, citation=item.citation, fulfilled=fulfilled, by=by)


def _is_said_later(used: UsedFact, facts: Facts) -> bool:
    recorded = keys_of(used, facts) if used.not_yet_known else []
    return bool(recorded) and all(facts[key].value is None for key in recorded)


def forbidden_in(
    template: NoticeTemplate, text: str, *, facts: Facts, overrides: Mapping[str, str]
) -> list[Finding]:
    """Find what this notice may not say in its finished text.

    Looks for forbidden words and patterns in all of it, and for the values of forbidden facts in
    what people typed: the template can't print those facts, but a person can write them into
    another one. (The template's own words aren't searched for values: “18 months” would be found
    wherever 18 people are affected.)
    """
    texts = [key for key in template.facts if FACT_TYPES[key].kind is FactKind.TEXT]
    typed = [str(facts[key].value) for key in texts if value_of(facts, key) is not None]
    squeezed = " ".join(" ".join([*typed, *overrides.values()]).split())
    whole = " ".join(text.split())
    found = [
        *_forbidden_words(template, whole),
        *_forbidden_by_state(template, whole, facts),
        *(
            Finding(found=hit, why=f"this notice may not tell: {label_of(name)}")
            for name in template.forbidden_facts
            for key in subjects_of(name, facts)
            for hit in _traces(facts[key].value, squeezed)
        ),
    ]
    return sorted(set(found), key=lambda one: (one.why, one.found))


def _forbidden_by_state(template: NoticeTemplate, text: str, facts: Facts) -> Iterator[Finding]:
    for state in affected_states(template.states, facts):
        for pattern in state.forbidden_patterns:
            for match in re.finditer(pattern, text, re.IGNORECASE):
                yield Finding(found=match.group(), why=f"not in {state.name} ({state.citation})")


def _forbidden_words(template: NoticeTemplate, text: str) -> Iterator[Finding]:
    words = [rf"\b{re.escape(one)}\w*" for one in template.rules.forbidden_words]
    for pattern in [*words, *template.rules.forbidden_patterns]:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield Finding(found=match.group(), why=f"not in this notice ({template.citation})")


_PEOPLE = r"(?:\w+\s+){0,3}(?:people|persons?|individuals?|residents?|customers?|records?)"
_BARE_COUNT = 1000
_SHORTEST_QUOTE = 20


def _traces(value: FactValue, text: str) -> Iterator[str]:
    """Yield the places of `text` that give a forbidden value away."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from _count_traces(value, text)
    elif isinstance(value, datetime):
        yield from _date_traces(value, text)
    elif isinstance(value, str):
        # A sentence is a trace; a word or two of it could stand in any letter.
        for sentence in re.split(r"(?<=[.!?;])\s+|\n+", value):
            quote = " ".join(sentence.split()).rstrip(".!?;")
            if len(quote) >= _SHORTEST_QUOTE and quote.lower() in text.lower():
                yield quote


def _count_traces(count: int, text: str) -> Iterator[str]:
    # "18" also stands in "18 months": a small number is a trace only beside a word for people.
    number = rf"(?<![\d.,-])(?:{count}|{count:,}|{f'{count:,}'.replace(',', '[. ]')})(?![\d-]|,\d)"
    after = "" if count >= _BARE_COUNT else rf"\s+{_PEOPLE}\b"
    yield from (match.group() for match in re.finditer(number + after, text, re.IGNORECASE))


def _date_traces(moment: datetime, text: str) -> Iterator[str]:
    # The local date can differ from the UTC date by one day either way.
    for day in (moment - timedelta(days=1), moment, moment + timedelta(days=1)):
        month = day.strftime("%B")
        for form in (f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"):
            if re.search(rf"(?<!\d){re.escape(form)}", text):
                yield form


def approval_obstacles(
    template: NoticeTemplate,
    facts: Facts,
    *,
    text: str,
    state: NoticeState,
    author: str,
    approver: str,
    now: datetime,
    overrides: Mapping[str, str],
    stale: bool,
    outdated: Collection[str],
) -> tuple[Obstacle, ...]:
    """List every reason why `approver` can't approve this text now; empty means they can.

    `stale` says whether it translates an older version of its source (`notices.is_stale`);
    `outdated` names the facts that changed after their words (`translations.outdated_words`).
    Codes: `state`, `author_is_approver`, `stale_translation`, `outdated_words`, `not_for`, `gap`,
    `untranslated`, `forbidden`. Roles are decided elsewhere.
    """
    obstacles: list[Obstacle] = []
    if NoticeState.APPROVED not in TRANSITIONS[state]:
        reason = f"the notice is {state}; only a notice in review can be approved"
        obstacles.append(Obstacle(code="state", reason=reason))
    if author == approver:
        reason = "whoever wrote this version can't approve it: ask another person with that right"
        obstacles.append(Obstacle(code="author_is_approver", reason=reason))
    obstacles += _words_obstacles(template, stale=stale, outdated=outdated)
    obstacles += [
        Obstacle(code="not_for", reason=one.reason)
        for one in template.not_for
        if holds(one.when, facts, now=now)
    ]
    obstacles += [
        Obstacle(code="untranslated", reason=f"{gap.label} ({gap.where})")
        if gap.words_in
        else Obstacle(code="gap", reason=f"not recorded: {gap.label} ({gap.where})")
        for gap in blocking_gaps(template, facts, now=now, overrides=overrides)
    ]
    obstacles += [
        Obstacle(code="forbidden", reason=f"“{finding.found}”: {finding.why}")
        for finding in forbidden_in(template, text, facts=facts, overrides=overrides)
    ]
    return tuple(obstacles)


def _words_obstacles(
    template: NoticeTemplate, *, stale: bool, outdated: Collection[str]
) -> Iterator[Obstacle]:
    if stale and template.translation_of:
        source = template.translation_of.id
        reason = f"it translates an older version of {source}: have it brought up to that one"
        yield Obstacle(code="stale_translation", reason=reason)
    for key in outdated:
        reason = f"the fact changed after its words for this notice: {label_of(key)} Change the "
        reason += "words, or save them again if they still hold"
        yield Obstacle(code="outdated_words", reason=reason)


def checks_before_sending(template: NoticeTemplate, facts: Facts) -> tuple[str, ...]:
    """List what a person checks against its source on the day of sending, with these facts."""
    return (*template.verify_before_sending, *to_verify(template.states, facts))
