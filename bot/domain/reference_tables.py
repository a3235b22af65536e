"""The generated parts of the reference pages: facts, events, obligations and permissions.

Decides their columns and wording, from the same values that the program runs on, so that the pages
cannot say anything else. Writing the files is `scripts/write_reference_pages.py`'s.
"""

from collections.abc import Iterable

from bot.domain.events import EVENTS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactGroup, FactKind, FactType
from bot.domain.obligations import Exemption, Obligation, ObligationType
from bot.domain.place_names import place_name
from bot.domain.roles import PERMISSIONS, Role
from bot.domain.rule_parts import RULE_PARTS
from bot.domain.rule_words import confidence_words, in_force_words, status_words

START = "<!-- generated: run scripts/write_reference_pages.py -->"
END = "<!-- end of the generated part -->"

_KIND_WORDS = {
    FactKind.INSTANT: "time",
    FactKind.DATE: "date",
    FactKind.COUNT: "whole number",
    FactKind.YES_NO: "yes or no",
    FactKind.CHOICE: "one of",
    FactKind.CHOICES: "some of",
    FactKind.TEXT: "text",
}


class PageError(ValueError):
    """A reference page without the marks between which its table belongs."""


def put_table(page: str, table: str) -> str:
    """Give the page with the table between its two marks; raise `PageError` if one is missing."""
    before, found, rest = page.partition(START)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise PageError(f"The page needs the lines “{START}” and “{END}” around its table.")
    return f"{before}{START}\n\n{table}\n{END}{after}"


def fact_table() -> str:
    """Write the fact dictionary as Markdown, a table for each group."""
    return "\n".join(_fact_group(group) for group in FactGroup)


def event_table() -> str:
    """Write the events that start or bound periods as Markdown, with the facts that record them."""
    rows = [
        (
            f"`{one.name}`",
            f"`{one.fact}`",
            FACT_TYPES[one.fact].label,
            ", ".join(f"`{fact}`" for fact in one.stands_in) or "–",
            "yes" if one.from_duty else "–",
        )
        for one in EVENTS.values()
    ]
    head = ("Event", "Recorded as", "Question", "Stands in for it", "Comes from another duty")
    return _table(head, rows)


def obligation_list(obligations: Iterable[Obligation]) -> str:
    """Write the obligations as Markdown: a section for each place, an entry for each duty."""
    places: dict[str, list[Obligation]] = {}
    for one in obligations:
        places.setdefault(one.jurisdiction, []).append(one)
    order = sorted(places, key=_reading_order)
    index = [
        (f"[{place_name(code)}](#{_anchor(code)})", code, str(len(places[code]))) for code in order
    ]
    parts = [_table(("Place", "Code", "Duties"), index)]
    parts += [_place_section(code, places[code]) for code in order]
    return "\n".join(parts)


def _reading_order(code: str) -> tuple[int, str, bool, str]:
    """Put the Union, the United Kingdom and the United States first, each before its parts."""
    country, _, part = code.partition("-")
    leading = ("EU", "GB", "US")
    first = leading.index(country) if country in leading else len(leading)
    return (first, place_name(country), bool(part), place_name(code))


def _anchor(code: str) -> str:
    kept = [c for c in _place_title(code).lower() if c.isalnum() or c in " -"]
    return "".join(kept).replace(" ", "-")


def _place_title(code: str) -> str:
    return f"{place_name(code)} ({code})"


def _place_section(code: str, duties: Iterable[Obligation]) -> str:
    return "\n".join([f"## {_place_title(code)}", "", *(_entry(one) for one in duties)])


def permission_table() -> str:
    """Write who may do what as Markdown: a row for each action, a column for each role."""
    columns = [*Role, None]
    head = ("Who may", *(role.title() if role else "Member without a role" for role in columns))
    rows = [
        (action.value, *("yes" if role in may else "–" for role in columns))
        for action, may in PERMISSIONS.items()
    ]
    return _table(head, rows)


def _fact_group(group: FactGroup) -> str:
    rows = [
        (_key(one), one.label, _values(one), f"`{one.example}`")
        for one in FACT_TYPES.values()
        if one.group is group
    ]
    return f"## {group}\n\n{_table(('Fact', 'Question', 'Value', 'Example'), rows)}"


def _key(one: FactType) -> str:
    return f"`{one.name}:US-CA`" if one.per_jurisdiction else f"`{one.name}`"


def _values(one: FactType) -> str:
    words = _KIND_WORDS[one.kind]
    if one.choices:
        listed = ", ".join(f"`{choice}`" for choice in one.choices)
        return f"{words}: {listed}" + ("; or `none`" if one.may_be_none else "")
    if one.kind in {FactKind.CHOICE, FactKind.CHOICES}:
        return "ISO 3166 codes"
    return f"{words}; personal" if one.personal else words


_LISTED = (
    "recipient",
    "trigger",
    "period",
    "limits",
    "counting",
    "cutoff_local",
    "must_arrive",
    "rollover",
    "lenient",
    "extension",
    "tolling",
    "threshold",
    "exemptions",
    "late_reasons",
    "mitigation",
    "caveats",
)
"""Parts of a rule that the list prints; `tocsin obligations show` has all of them."""


def _entry(one: Obligation) -> str:
    """Write one duty, what sets it apart from an ordinary deadline first."""
    lines = [f"### {one.id}", "", f"{one.duty} *{one.citation}*, {one.regime}.", ""]
    if one.disabled or one.type is not ObligationType.DEADLINE:
        lines.append(f"- **Status** {status_words(one)}")
    parts = {part.field: part for part in RULE_PARTS}
    for field in _LISTED:
        texts = parts[field].read(one)
        if field == "exemptions":
            texts = tuple(_exempt(exemption) for exemption in one.exemptions)
        lines += [f"- **{parts[field].label}** {text}" for text in texts]
    lines.append(f"- **Checked** {confidence_words(one)}; in force {in_force_words(one)}")
    lines.append(f"- **Source** {one.source}")
    return "\n".join(lines) + "\n"


def _exempt(exemption: Exemption) -> str:
    """Say what exempts. The facts that show it are left to `show`: they'd double the page."""
    cited = f" ({exemption.citation})" if exemption.citation else ""
    who = "once the facts show it" if exemption.when else "counsel decides; no fact does"
    return f"{exemption.text}{cited}: {who}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)
