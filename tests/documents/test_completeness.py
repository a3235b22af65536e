"""Each thing that the law wants in a notice is missed when it is taken away, in every notice.

Generic over the shipped templates, contents and facts: what is tested is what the folders say. The
facts are those of the story and of `facts/*.yaml`; where an item or a fact is wanted only under a
condition, the condition is made to hold first.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from notice_kit import IDS, NOW, fact, rendered, story_facts, templates

from bot.content.notices import _promise_problems, _read_sources
from bot.content.yaml_source import load_yaml
from bot.documents.plain_text import text_of
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Fact, FactValue
from bot.domain.notice_checks import _item_of, completeness, holds, is_required, key_of
from bot.domain.notices import Condition, Need, NoticeTemplate, StatutoryItem
from bot.domain.us_states import affected_states

pytestmark = pytest.mark.slow

Facts = dict[str, Fact]


@pytest.mark.parametrize("template_id", IDS)
def test_complete_facts_leave_no_gap_and_no_item_open(template_id: str) -> None:
    template, facts = templates()[template_id], story_facts()
    words = own_words(template, facts)
    notice = rendered(template_id, facts, overrides=words)
    assert notice.gaps == ()
    assert "[[" not in notice.text
    items = completeness(template, facts, now=NOW, overrides=words)
    assert items
    assert [one.item for one in items if not one.fulfilled] == []


@pytest.mark.parametrize("template_id", IDS)
def test_each_statutory_item_is_missed_without_each_of_its_facts(template_id: str) -> None:
    template = templates()[template_id]
    wrong = []
    tried = 0
    for item in items_of(template):
        enforced = False
        for name in item.facts:
            facts = arranged(template, item, name)
            used = template.facts[name]
            if facts is None or not is_required(used, facts, now=NOW):
                continue
            enforced = True
            tried += 1
            if not fulfilled(template, item, facts):
                wrong.append(f"“{item.item}” is open though {name} is there")
            gone = {key: one for key, one in facts.items() if key.partition(":")[0] != name}
            # A condition may have rested on the very fact.
            if holds(item.when, gone, now=NOW) and fulfilled(template, item, gone):
                wrong.append(f"“{item.item}” isn't missed without {name}")
        if item.facts and not enforced and not item.says:
            wrong.append(f"“{item.item}” rests on optional facts alone: {', '.join(item.facts)}")
    assert wrong == []
    assert tried or all(item.says for item in template.contents)


@pytest.mark.parametrize("template_id", IDS)
def test_each_fixed_word_that_the_law_wants_is_missed_when_it_is_gone(template_id: str) -> None:
    template = templates()[template_id]
    loaded = load_yaml(template.folder / "notice.yaml")
    sources = _read_sources(template.folder)
    assert list(_promise_problems(loaded, sources)) == []
    text = " ".join(" ".join(sources.values()).split())
    for item in template.contents:
        if not item.says:
            continue
        without = {"all": text.replace(item.says, "")}
        found = [str(one) for one in _promise_problems(loaded, without)]
        assert [one for one in found if f"“{item.says}”" in one], item.item
        facts = arranged(template, item, "")
        if facts is None or "{" in item.says or not holds(item.when, facts, now=NOW):
            continue
        # Not only in the template: in what a reader gets when the item applies.
        words = rendered(template_id, facts, overrides=own_words(template, facts)).html
        said = " ".join(text_of(item.says).split()) or item.says
        assert said in " ".join(text_of(words).split()) or item.says in words, item.item


def items_of(template: NoticeTemplate) -> Iterator[StatutoryItem]:
    """The contents of the notice, and those of each state for which it has parts."""
    yield from template.contents
    everywhere = {
        f"residents:{code}": fact(f"residents:{code}", 1200) for code in template.states.states
    }
    for state in affected_states(template.states, everywhere):
        for one in state.contents:
            item = _item_of(state, one)
            living = Condition(fact="residents", includes=frozenset({state.code}), also=item.when)
            yield replace(item, when=living)


def fulfilled(template: NoticeTemplate, item: StatutoryItem, facts: Facts) -> bool:
    words = own_words(template, facts)
    found = completeness(template, facts, now=NOW, overrides=words)
    return all(one.fulfilled for one in found if one.item == item.item)


def own_words(template: NoticeTemplate, facts: Facts) -> dict[str, str]:
    """A translation tells no text of another language: it needs words of its own for each."""
    if template.language.startswith("en"):
        return {}
    return {
        key: "Eigene Worte."
        for key in template.facts
        if FACT_TYPES[key].kind is FactKind.TEXT and key in facts
    }


def arranged(template: NoticeTemplate, item: StatutoryItem, name: str) -> Facts | None:
    """Facts with which the item applies and, if there is a `name`, that fact is wanted and told."""
    facts = story_facts()
    make_hold(item.when, facts)
    if not name:
        return facts
    used = template.facts[name]
    if used.need is Need.REQUIRED:
        make_hold(used.when, facts)
    elif used.minimums:
        make_hold(used.minimums[0].when, facts)
    key = key_of(used)
    if not any(one.partition(":")[0] == name for one in facts):
        value = sample(name)
        if FACT_TYPES[name].per_jurisdiction and ":" not in key:
            key = f"{key}:US-CA"
        facts[key] = fact(key, value)
    return facts if holds(item.when, facts, now=NOW) else None


def sample(name: str) -> FactValue:
    """Something that a fact of this kind can be."""
    kind = FACT_TYPES[name]
    values: dict[FactKind, FactValue] = {
        FactKind.TEXT: "Something that the story doesn't tell.",
        FactKind.COUNT: 1200,
        FactKind.INSTANT: NOW,
        FactKind.DATE: NOW.date(),
        FactKind.YES_NO: True,
    }
    if kind.kind in values:
        return values[kind.kind]
    return (kind.choices[0],) if kind.kind is FactKind.CHOICES else kind.choices[0]


def make_hold(condition: Condition | None, facts: Facts) -> None:
    """Change the facts so that a condition holds."""
    if condition is None:
        return
    name = condition.fact
    if FACT_TYPES[name].per_jurisdiction and condition.includes:
        key = f"{name}:{min(condition.includes)}"
        facts[key] = fact(key, 1200)
    elif condition.includes:
        word = min(condition.includes)
        before = facts[name].value if name in facts else None
        many = FACT_TYPES[name].kind is FactKind.CHOICES
        facts[name] = fact(name, (*(before or ()), word) if many else word)  # type: ignore[misc]
    elif condition.known is False:
        for key in [key for key in facts if key.partition(":")[0] == name]:
            del facts[key]
    elif condition.known:
        if name not in facts or facts[name].value is None:
            facts[name] = fact(name, sample(name))
    elif condition.hours_ago is not None:
        facts[name] = fact(name, NOW - timedelta(hours=condition.hours_ago + 1))
    else:
        facts[name] = fact(name, condition.equals)
    make_hold(condition.also, facts)
