"""How one fact is said in one notice: as a count, a day, a moment, a list, a paragraph or a gap.

Decides the text of a fact from its value, its confidence and the notice's language and zone.
Everything that comes out is escaped HTML, so that a fact with markup in it prints as text.
It doesn't decide which facts a notice tells or whether a gap blocks: `bot.domain.notices` does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.documents.wording import NO_BREAK, Wording
from bot.documents.wordings import WORDINGS
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.facts import Confidence, Fact, FactKey, Facts, FactValue
from bot.domain.notice_checks import is_required, key_of, keys_of, least_of, question_of
from bot.domain.notices import NoticeTemplate, UsedFact
from bot.domain.translations import language_name, untranslated, words_wanted

MOST_WORDS = 2_000
"""Words of one text that a notice prints; a recorded fact has fewer, a pasted wording may not."""


class UnguardedFactError(Exception):
    """A template prints a fact that this notice can do without, and hasn't asked if it is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One fact as the template sees it. Printing it prints its plainest form, or a marked gap."""

    key: str
    value: FactValue
    as_of: datetime
    estimated: bool
    recorded: bool
    required: bool
    not_yet_known: str
    at_least: int
    override: str
    wording: Wording = field(repr=False)
    zone: ZoneInfo = field(repr=False)
    words_in: str = ""
    """The language in which a translation needs words for it; the recorded ones can't be told."""
    told: set[str] = field(repr=False, default_factory=set)
    """The facts that a template has printed so far; shared by all facts of one rendering."""
    about_it: str | None = None
    """Source, confidence and date in words, for a text in which facts are links; None for paper."""

    @property
    def known(self) -> bool:
        """Whether there is something to say about it."""
        return self.value is not None or bool(self.override)

    @property
    def unknown_is_said(self) -> bool:
        """Whether it is recorded as unknown, and the format allows the notice to say so."""
        return not self.known and self.recorded and bool(self.not_yet_known)

    @property
    def yes(self) -> bool:
        """Whether a yes/no fact is known and true."""
        return self.value is True

    @property
    def no(self) -> bool:
        """Whether a yes/no fact is known and false."""
        return self.value is False

    @property
    def none(self) -> bool:
        """Whether a text fact is recorded as the word “none”: there is no such thing."""
        return isinstance(self.value, str) and self.value.strip().strip(".").lower() == "none"

    @property
    def day(self) -> Markup:
        """The local date of an instant."""
        return self._said(self._day())

    @property
    def about(self) -> Markup:
        """The value, said to be approximate where it is an estimate."""
        if not self.estimated or not self.known:
            return self.__html__()
        return self._said(self._about())

    @property
    def alone(self) -> Markup:
        """The same with a capital, for a value that stands alone in the cell of a form."""
        if not self.known:
            return self._gap()
        said = self._about() if self.estimated else self._plain()
        said = said[:1].upper() + said[1:]
        return self._said(said) if self.estimated else self._enough(said)

    @property
    def about_day(self) -> Markup:
        """The local date of an instant, said to be approximate where it is an estimate."""
        if self.estimated and self.known:
            return self._said(f"{self.wording.around} {self._day()}")
        return self.day

    @property
    def day_alone(self) -> Markup:
        """The same with a capital, for the cell of a form."""
        if self.estimated and self.known:
            around = self.wording.around
            return self._said(f"{around[:1].upper()}{around[1:]} {self._day()}")
        return self.day

    @property
    def range_day(self) -> Markup:
        """The local date of an instant after “between” or “from”."""
        if self.estimated and self.known:
            return self._said(f"{self.wording.approximately} {self._day()}")
        return self.day

    @property
    def words(self) -> list[str]:
        """The choices in readable words; empty if not known."""
        words = self._words()
        return words if self.about_it is None else [self._said(one) for one in words]

    def _words(self) -> list[str]:
        self.told.add(self.key)
        if self.override:
            return [self.override]
        chosen = self.value if isinstance(self.value, tuple) else (self.value,)
        name = self.key.partition(":")[0]
        order = FACT_TYPES[name].choices  # the name first, then the rest, not by the alphabet
        words = [str(one) for one in chosen if one is not None]
        words.sort(key=lambda one: order.index(one) if one in order else len(order))
        return [self.wording.choice(name, one) for one in words]

    @property
    def paragraphs(self) -> Markup:
        """A text as HTML paragraphs, each beginning with a capital and ending with a stop."""
        if not self.known or self.words_in:
            return Markup("<p>{}</p>").format(self.__html__())
        text = self._short(self._plain())
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return Markup("\n").join(
            Markup("<p>{}</p>").format(self._said(_sentence(one))) for one in lines
        )

    @property
    def lines(self) -> list[Markup]:
        """A text cut at semicolons and line breaks, as addresses are written."""
        if self.words_in:
            return [self.__html__()]
        found = re.split(r"[;\n]", self._plain())
        return [self._said(one.strip()) for one in found if one.strip()]

    @property
    def sentence(self) -> Markup:
        """A text as one running sentence or more, with a capital and a stop."""
        if not self.known:
            return self._gap()
        return self._said(_sentence(" ".join(self._short(self._plain()).split())))

    @property
    def plain(self) -> Markup:
        """The escaped text without a link, for an attribute or a page's head; empty if unknown."""
        self.told.add(self.key)
        return escape(self._plain()) if self.known else Markup()

    def has(self, *choices: str) -> bool:
        """Whether at least one of the choices is among the fact's."""
        return isinstance(self.value, tuple) and any(one in self.value for one in choices)

    def newer_than(self, report: "Said") -> bool:
        """Whether it says something that wasn't known yet at the instant `report` (a fact).

        If that instant isn't known, everything counts as new: rather told twice than not at all.
        """
        if not self.known or not isinstance(report.value, datetime):
            return self.known
        return self.as_of > report.value or bool(self.override)

    def same_day_as(self, other: "Said") -> bool:
        """Whether two known instants fall on the same local date."""
        return self._day() == other._day()  # noqa: SLF001 - another fact of the same kind

    def __html__(self) -> Markup:
        """Give the escaped text, or the gap; too small a count is printed and marked."""
        return self._enough(self._plain()) if self.known else self._gap()

    def _enough(self, text: str) -> Markup:
        said = self._said(text)
        if isinstance(self.value, int) and self.value < self.at_least and self.required:
            return Markup("{} {}").format(said, _mark(f"{self.wording.at_least} {self.at_least}"))
        return said

    def __str__(self) -> str:
        """Give the escaped text, or the gap; the same as when it is printed."""
        return str(self.__html__())

    def _said(self, text: str) -> Markup:
        if self.words_in:
            wanted = words_wanted(question_of(self.key), self.words_in)
            return self._linked(_mark(f"{wanted}: “{self._plain()}”"))
        return self._linked(escape(text)) if self.known else self._gap()

    def _linked(self, said: Markup) -> Markup:
        """Note that the fact is told; in a text with links, lead to it."""
        self.told.add(self.key)
        if self.about_it is None:
            return said
        return Markup('<a class="fact" href="#fact-{}" title="{}">{}</a>').format(
            self.key, self.about_it, said
        )

    def _gap(self) -> Markup:
        if self.unknown_is_said:
            return self._linked(escape(self.wording.spaced(self.not_yet_known)))
        if not self.required:
            raise UnguardedFactError(
                f"the template prints “{self.key}”, which is optional here and isn't recorded: "
                f"put {{% if {self.key}.known %}} around it"
            )
        said = self.wording.recorded_as_unknown if self.recorded else self.wording.not_recorded
        label = question_of(self.key)
        if not label.endswith("?"):
            label, said = f"{label}:", said[:1].lower() + said[1:]
        return self._linked(_mark(f"{label} {said}"))

    def _short(self, text: str) -> str:
        """Cut a text that no letter can hold, and say so; the words before keep their lines."""
        found = list(re.finditer(r"\S+", text))
        if len(found) <= MOST_WORDS:
            return text
        note = self.wording.labels.cut.format(words=self.wording.count(MOST_WORDS))
        return f"{text[: found[MOST_WORDS - 1].end()]} … [{note}]"

    def _about(self) -> str:
        by_date = isinstance(self.value, datetime | date)
        before = self.wording.around if by_date else self.wording.approximately
        return f"{before} {self._plain()}"

    def _day(self) -> str:
        if isinstance(self.value, datetime):
            return self.wording.day(self.value.astimezone(self.zone).date())
        return self._plain()

    def _plain(self) -> str:
        value = self.value
        if self.override:
            return self.wording.spaced(self.override)
        if isinstance(value, bool):
            return self.wording.yes if value else self.wording.no
        if isinstance(value, int):
            return self.wording.count(value)
        if isinstance(value, datetime):
            return self.wording.moment(value, self.zone)
        if isinstance(value, date):
            return self.wording.day(value)
        if isinstance(value, tuple):
            return self.wording.listed(self._words())
        if value is None:
            return ""
        if self.key.endswith("_phone"):
            return value.replace(" ", NO_BREAK)
        return self.wording.choice(self.key, value) if self.key in self.wording.choices else value


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidPerPlace:
    """A fact that is counted per place, as the template sees it: rows of place and count."""

    rows: list[tuple[str, Said]]
    gap: Said

    @property
    def known(self) -> bool:
        """Whether at least one place has a count."""
        return any(row.known for _place, row in self.rows)

    def newer_than(self, report: Said) -> bool:
        """Whether the count of at least one place wasn't known yet at the instant `report`."""
        return any(row.newer_than(report) for _place, row in self.rows)

    def __html__(self) -> Markup:
        """Print every place with its count, or the gap."""
        if not self.known:
            return self.gap.__html__()
        said = [Markup("{}: {}").format(place, row) for place, row in self.rows if row.known]
        return Markup("; ").join(said)


def _mark(words: str) -> Markup:
    return Markup('<mark class="gap">[[{}]]</mark>').format(words)


def _sentence(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    if not re.search(r"[.@/]\w", first):  # an address begins as it is written
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def say_facts(
    template: NoticeTemplate,
    facts: Facts,
    *,
    now: datetime,
    zone: ZoneInfo,
    overrides: Mapping[str, str],
    told: set[str] | None = None,
    linked: bool = False,
) -> dict[str, Said | SaidPerPlace]:
    """Prepare every fact that the template declares, known or not, under its own name.

    The names of those that the template prints are added to `told`. `linked` makes each a link
    to the fact: for the desk, never for paper.
    """
    told = set() if told is None else told
    wording = WORDINGS[template.language]
    wordless = untranslated(template, facts, overrides=overrides)
    language = language_name(template.language)
    said: dict[str, Said | SaidPerPlace] = {}
    for used in template.facts.values():
        recorded = keys_of(used, facts)
        required = is_required(used, facts, now=now)
        least = least_of(used, facts, now=now)

        def one(
            key: str, used: UsedFact = used, *, required: bool = required, least: int = least
        ) -> Said:
            fact = facts.get(key) or _absent(key, now)
            return Said(
                key=key,
                value=fact.value,
                as_of=fact.as_of,
                estimated=fact.confidence is Confidence.ESTIMATED,
                recorded=key in facts,
                required=required,
                not_yet_known=used.not_yet_known,
                at_least=least,
                override=overrides.get(key, ""),
                wording=wording,
                zone=zone,
                words_in=language if key in wordless else "",
                told=told,
                about_it=_about_fact(facts.get(key), override=overrides.get(key, ""), zone=zone)
                if linked
                else None,
            )

        if len(used.places) != 1 and recorded and recorded != [used.key]:
            rows = [(wording.choice(used.key, key.partition(":")[2]), one(key)) for key in recorded]
            said[used.key] = SaidPerPlace(rows=rows, gap=one(used.key))
        else:
            said[used.key] = one(key_of(used))
    return said


def _absent(key: str, now: datetime) -> Fact:
    return Fact(
        key=FactKey(name=key), value=None, confidence=Confidence.UNKNOWN, source="", as_of=now
    )


def _about_fact(fact: Fact | None, *, override: str, zone: ZoneInfo) -> str:
    """Say where a fact comes from: source · confidence · date, in the desk's English."""
    if fact is None:
        return "worded for this notice" if override else "not recorded"
    local = fact.as_of.astimezone(zone)
    as_of = f"as of {local.day} {local:%b %Y, %H:%M} {local.tzname()}"
    worded = ["worded for this notice"] if override else []
    return " · ".join([*worded, fact.source, fact.confidence.value, as_of])
