"""Builds an `Obligation` from an entry whose form the schema has approved.

Decides only how the YAML's names map to the domain's; what doesn't make sense is noted by
`obligations_sense`, which reads the same entry.
"""

from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from bot.content.conditions import ConditionReader
from bot.content.yaml_reader import Steps
from bot.content.yaml_source import LoadedYaml
from bot.domain.conditions import Condition
from bot.domain.obligations import (
    Contents,
    Exemption,
    Extension,
    LegalConfidence,
    Limit,
    Mitigation,
    Obligation,
    ObligationType,
    Origin,
    Period,
    Pick,
    Recipient,
    RecipientKind,
    Relation,
    Rollover,
    Tolling,
    Trigger,
    Unit,
    ZoneRule,
)

Data = Mapping[str, Any]


def build_obligation(
    loaded: LoadedYaml, reader: ConditionReader, path: Steps, data: Data, *, own: bool
) -> Obligation:
    """Build one obligation; problems of its conditions gather in the reader."""
    texts = ("id", "jurisdiction", "regime", "citation", "duty", "counting", "role", "source")
    optional = ("disabled", "duplicate_of", "lenient", "threshold", "applies_to", "late_reasons")
    return Obligation(
        **{name: data[name] for name in texts},
        **{name: data.get(name, "") for name in (*optional, "portal")},
        follow_up=tuple(data.get("follow_up", ())),
        notices=tuple(data.get("notices", ())),
        caveats=tuple(data.get("caveats", ())),
        type=ObligationType(data.get("type", ObligationType.DEADLINE)),
        recipient=Recipient(
            kind=RecipientKind(data["recipient"]["kind"]), name=data["recipient"]["name"]
        ),
        trigger=_trigger(data["trigger"]),
        period=_period(data["period"]),
        limits=tuple(_limit(one) for one in data.get("limits", ())),
        rollover=_rollover(reader, path, data),
        zone=ZoneRule(**{**data["zone"], "prefixes": tuple(data["zone"].get("prefixes", ()))}),
        applies_if=reader.read(data["applies_if"], (*path, "applies_if")),
        effective_from=_optional(data.get("effective_from"), date.fromisoformat),
        effective_until=_optional(data.get("effective_until"), date.fromisoformat),
        confidence=LegalConfidence(data["confidence"]),
        verified_on=date.fromisoformat(data["verified_on"]),
        origin=Origin(file=Path(loaded.file).name, sha256=loaded.sha256, own=own),
        cutoff_local=_optional(data.get("cutoff_local"), time.fromisoformat),
        extension=_optional(data.get("extension"), _extension),
        tolling=_optional(data.get("tolling"), _tolling),
        must_arrive=data.get("must_arrive", False),
        exemptions=_exemptions(reader, path, data),
        contents=_optional(data.get("contents"), _contents),
        mitigation=tuple(Mitigation(**one) for one in data.get("mitigation", ())),
    )


def _optional(value: Any, read: Callable[[Any], Any]) -> Any:
    return None if value is None else read(value)


def _trigger(data: Data) -> Trigger:
    return Trigger(
        events=tuple(data["events"]),
        words=data["words"],
        pick=Pick(data.get("pick", Pick.EARLIEST)),
        of=tuple(data.get("of", ())),
        caveat=data.get("caveat", ""),
    )


def _period(data: Data) -> Period:
    return Period(
        number=data.get("number"),
        unit=Unit(data["unit"]),
        calendar=data.get("calendar", ""),
        relation=Relation(data.get("relation", Relation.AFTER)),
        first_day_included=data.get("first_day") == "included",
        from_year_end=data.get("from_year_end", False),
    )


def _limit(data: Data) -> Limit:
    return Limit(
        words=data["words"],
        trigger=_optional(data.get("trigger"), _trigger),
        period=_optional(data.get("period"), _period),
        deadline_of=data.get("deadline_of", ""),
        lapses=data.get("lapses", False),
        replaces=data.get("replaces", False),
    )


def _rollover(reader: ConditionReader, path: Steps, data: Data) -> Rollover | None:
    found = data.get("rollover")
    if found is None:
        return None
    unless = found.get("unless")
    return Rollover(
        calendar=found["calendar"],
        words=found["words"],
        at=_optional(found.get("at"), time.fromisoformat),
        unless=reader.read(unless, (*path, "rollover", "unless")) if unless else None,
        lenient=found.get("lenient", False),
    )


def _extension(data: Data) -> Extension:
    return Extension(number=data["number"], unit=Unit(data["unit"]), condition=data["condition"])


def _tolling(data: Data) -> Tolling:
    return Tolling(text=data["text"], after=_optional(data.get("after"), _period))


def _contents(data: Data) -> Contents:
    return Contents(items=tuple(data["items"]), checked=data["checked"])


def _exemptions(reader: ConditionReader, path: Steps, data: Data) -> tuple[Exemption, ...]:
    def condition(index: int, one: Data) -> Condition | None:
        if "when" not in one:
            return None
        return reader.read(one["when"], (*path, "exemptions", index, "when"))

    return tuple(
        Exemption(text=one["text"], citation=one.get("citation", ""), when=condition(index, one))
        for index, one in enumerate(data.get("exemptions", ()))
    )
