"""A notice template with nothing in it, and facts in a line, for tables of rules about notices."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from bot.domain.facts import Confidence, Fact, FactValue, parse_key
from bot.domain.notices import Audience, FormatRules, NoticeTemplate, UsedFact

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

BLANK = NoticeTemplate(
    id="blank",
    version=1,
    title="T",
    recipient_kind="individuals",
    recipient_name="people",
    audience=Audience.PERSON,
    law="Law",
    citation="§ 1",
    language="en-GB",
    obligations=(),
    page_size="a4",
    zone="home",
    facts=MappingProxyType({}),
    forbidden_facts=(),
    contents=(),
    rules=FormatRules(),
    next_update_hours=0,
    verify_before_sending=(),
    folder=Path("blank"),
    sha256="0" * 64,
)


def uses(*used: UsedFact) -> MappingProxyType[str, UsedFact]:
    """The facts of a template, by key."""
    return MappingProxyType({one.key: one for one in used})


def facts(**values: FactValue) -> dict[str, Fact]:
    """Facts by key, confirmed unless the value is None; `residents__de` is `residents:de`."""
    keys = {name.replace("__", ":"): value for name, value in values.items()}
    return {
        name: Fact(
            key=parse_key(name),
            value=value,
            confidence=Confidence.UNKNOWN if value is None else Confidence.CONFIRMED,
            source="test",
            as_of=NOW,
        )
        for name, value in keys.items()
    }
