"""Builds a `NoticeTemplate` from a notice.yaml that was found sound.

Decides nothing: what is sound is `notices`'s, what a state wants `us_states`'s.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.content.us_states import UsStates, state_minimums, states_of_notice
from bot.domain.notices import (
    Audience,
    Checked,
    Condition,
    FormatRules,
    Minimum,
    Need,
    NotFor,
    NoticeSource,
    NoticeTemplate,
    Stage,
    StatutoryItem,
    TranslationOf,
    UsedFact,
)


def build_notice(
    data: Mapping[str, Any], place: Path, sha256: str, us_states: UsStates | None
) -> NoticeTemplate:
    """Build a template; `place` is its folder, `sha256` that of all its files."""
    states = states_of_notice(data, us_states)
    return NoticeTemplate(
        id=data["id"],
        version=data["version"],
        title=data["title"],
        recipient_kind=data["recipient"]["kind"],
        recipient_name=data["recipient"]["name"],
        audience=Audience(data["audience"]),
        law=data["law"],
        citation=data["citation"],
        language=data["language"],
        obligations=tuple(data["obligations"]),
        page_size=data["page_size"],
        zone=data["zone"],
        facts=MappingProxyType(
            {
                key: _used(key, entry, state_minimums(key, states))
                for key, entry in data["facts"].items()
            }
        ),
        forbidden_facts=tuple(data.get("forbidden_facts", ())),
        contents=tuple(_item(entry) for entry in data["contents"]),
        rules=_rules(data.get("format", {})),
        next_update_hours=data.get("next_update_hours", 0),
        verify_before_sending=_texts(data.get("verify_before_sending")),
        folder=place,
        sha256=sha256,
        stage=Stage(data["stage"]) if "stage" in data else None,
        after=data.get("after", ""),
        by_hand=data.get("drafted") == "by_hand",
        translation_of=TranslationOf(**data["translation_of"])
        if "translation_of" in data
        else None,
        channels=tuple(data.get("channels", ())),
        sources=tuple(read_source(one) for one in data.get("sources", ())),
        not_for=tuple(_not_for(one) for one in data.get("not_for", ())),
        states=states,
    )


def _rules(entry: Mapping[str, Any]) -> FormatRules:
    return FormatRules(
        min_font_pt=float(entry.get("min_font_pt", 0)),
        title=entry.get("title", ""),
        headings=_texts(entry.get("headings")),
        forbidden_words=_texts(entry.get("forbidden_words")),
        forbidden_patterns=_texts(entry.get("forbidden_patterns")),
    )


def _not_for(entry: Mapping[str, Any]) -> NotFor:
    return NotFor(when=_whole(entry["when"]), reason=" ".join(entry["reason"].split()))


def read_source(entry: Mapping[str, Any]) -> NoticeSource:
    """Read one entry of a list of sources."""
    day = entry.get("verified_on")
    return NoticeSource(
        title=entry["title"],
        checked=Checked(entry["checked"]),
        url=entry.get("url", ""),
        verified_on=date.fromisoformat(day) if day else None,
        note=" ".join(entry.get("note", "").split()),
    )


def _texts(listed: Iterable[str] | None) -> tuple[str, ...]:
    # Long texts are folded over lines in YAML; they are read as one.
    return tuple(" ".join(one.split()) for one in listed or ())


def _used(key: str, entry: Mapping[str, Any], by_state: tuple[Minimum, ...]) -> UsedFact:
    own = (
        Minimum(number=one["number"], when=_whole(one["when"]), citation=one["citation"])
        for one in entry.get("minimums", ())
    )
    return UsedFact(
        key=key,
        need=Need(entry["need"]),
        where=entry["where"],
        when=_condition(entry.get("when")),
        not_yet_known=" ".join(entry.get("not_yet_known", "").split()),
        at_least=entry.get("at_least", 0),
        minimums=(*own, *by_state),
        places=tuple(entry.get("places", ())),
    )


def _item(entry: Mapping[str, Any]) -> StatutoryItem:
    return StatutoryItem(
        item=entry["item"],
        citation=entry["citation"],
        section=entry["section"],
        facts=tuple(entry.get("facts", ())),
        says=entry.get("says", ""),
        when=_condition(entry.get("when")),
    )


def _condition(entry: Mapping[str, Any] | None) -> Condition | None:
    return _whole(entry) if entry is not None else None


def _whole(entry: Mapping[str, Any]) -> Condition:
    return Condition(
        fact=entry["fact"],
        includes=frozenset(entry.get("includes", ())),
        equals=entry.get("equals"),
        known=entry.get("known"),
        hours_ago=entry.get("hours_ago"),
    )
