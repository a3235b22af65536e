"""The generated parts of the reference pages: facts, obligations and permissions, as tables.

Decides their columns and wording, from the same values that the program runs on, so that the pages
cannot say anything else. Writing the files is `scripts/write_reference_pages.py`'s.
"""

from collections.abc import Iterable

from bot.domain.fact_dictionary import FACT_TYPES, FactGroup, FactKind, FactType
from bot.domain.obligations import Obligation
from bot.domain.roles import PERMISSIONS, Role

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


def obligation_table(obligations: Iterable[Obligation]) -> str:
    """Write the obligations as Markdown: a table to find one, and a section for each."""
    listed = list(obligations)
    rows = [(f"`{one.id}`", str(one.period), one.recipient.name, one.citation) for one in listed]
    table = _table(("Id", "Period", "Told to", "Citation"), rows)
    return "\n".join([table, *(_obligation(one) for one in listed)])


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
        return f"{words}: {', '.join(f'`{choice}`' for choice in one.choices)}"
    if one.kind in {FactKind.CHOICE, FactKind.CHOICES}:
        return "ISO 3166 codes"
    return f"{words}; personal" if one.personal else words


def _obligation(one: Obligation) -> str:
    starts = [
        f"`{trigger.fact}` – {trigger.event}" + (f" ({trigger.caveat})" if trigger.caveat else "")
        for trigger in one.triggers
    ]
    lines = [
        f"### {one.id}",
        "",
        f"{one.duty} {one.citation}. To: {one.recipient.name}.",
        "",
        f"- **Starts with** {'; else '.join(starts)}.",
        f"- **Counted** {one.counting}",
        f"- **Zone** {one.zone.name}. {one.zone.rule}",
    ]
    if one.extension:
        more = f"{one.extension.number} more {one.period.unit.replace('_', ' ')}"
        lines.append(f"- **Extension** {more}, {one.extension.condition}")
    lines += [f"- **Exempt** {_exempt(e.text, e.citation, e.when is None)}" for e in one.exemptions]
    lines += [f"- **Then** {text}" for text in one.follow_up]
    lines += [f"- **Service** {m.months} months: {m.text} ({m.citation})." for m in one.mitigation]
    lines += [f"- **Note** {text}" for text in one.caveats]
    checked = f"{one.confidence} confidence, checked {one.verified_on}; in force from"
    lines.append(f"- **Source** {one.source} ({checked} {one.effective_from}).")
    return "\n".join(lines) + "\n"


def _exempt(text: str, citation: str, counsel_only: bool) -> str:  # noqa: FBT001 - private, one flag
    cited = f" ({citation})" if citation else ""
    who = "counsel decides; no fact does" if counsel_only else "once the facts show it"
    return f"if {text}{cited}: {who}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)
