"""A notice as the desk shows it: what it says, what it lacks, what stands in the way, what is next.

Reads and computes; changes nothing. The rules are in `bot.domain.notices`, the steps in
`bot.services.notices`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.documents.html import NoticeRenderError, RenderedNotice, render_notice
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts, value_in_words, value_of
from bot.domain.notice_checks import (
    ContentItem,
    Finding,
    Gap,
    Obstacle,
    approval_obstacles,
    blocking_gaps,
    checks_before_sending,
    completeness,
    forbidden_in,
    label_of,
    subjects_of,
)
from bot.domain.notices import NoticeState, NoticeTemplate, is_stale
from bot.domain.roles import NotAllowedError, Role
from bot.domain.situation import ClockView
from bot.domain.translations import outdated_words
from bot.services.access import UnknownIncidentError
from bot.services.editions import template_of_version
from bot.services.follow_ups import FollowUp, follow_up
from bot.services.notice_access import may_read, privileged_words
from bot.services.notice_duties import handed_in_at
from bot.services.notice_papers import FINAL, facts_as_of_version
from bot.services.notice_versions import worded
from bot.services.notices import marking_of
from bot.services.situation import clock_view, person_view
from bot.store.notice_queries import comments_on, filings_of
from bot.store.notice_tables import NoticeComment, NoticeRow, NoticeVersion
from bot.store.queries import (
    clocks_of,
    facts_of,
    members_of,
    notice_of,
    notice_versions,
    notices_of,
    persons_of,
)
from bot.store.tables import Person
from bot.store.unit_of_work import SYSTEM_ACTOR
from bot.web.pages.desk import Seen, Visit

LIVE = frozenset({NoticeState.DRAFT, NoticeState.IN_REVIEW, NoticeState.APPROVED})
EDITABLE = frozenset({NoticeState.DRAFT, NoticeState.IN_REVIEW})


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeFile:
    """A notice with all that belongs to it, as read at one moment.

    `facts` are those in force; of a notice that is sent or withdrawn those that its last version
    was made from. `template` is None if the policy folder doesn't have it any more.
    """

    seen: Seen
    notice: NoticeRow
    versions: Sequence[NoticeVersion]
    template: NoticeTemplate | None
    facts: Facts
    people: Mapping[int, Person]
    clocks: tuple[ClockView, ...]
    stale: bool
    """Whether it translates an older version of another notice."""
    members: Sequence[Person] = ()
    comments: Sequence[NoticeComment] = ()
    follow_up: FollowUp | None = None
    """What a live notice that adds to one which was sent has to tell."""
    handed_in_at: datetime | None = None
    """When it left the house; None while it hasn't."""

    @property
    def latest(self) -> NoticeVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def state(self) -> NoticeState:
        """Where the notice stands."""
        return NoticeState(self.notice.state)

    def need_template(self) -> NoticeTemplate:
        """Return the template; raise `NoticeRenderError` if it isn't there any more."""
        if self.template is None:
            raise NoticeRenderError(
                f"The template {self.notice.template_id} isn't in notification_templates/ any "
                f"more. Ask the people who run Tocsin to bring it back."
            )
        return self.template

    def author(self) -> str:
        """Return the actor who wrote the newest version; Tocsin drafts from facts by itself."""
        person = self.people.get(self.latest.author_id or 0)
        return person.actor if person else SYSTEM_ACTOR

    def dated(self) -> datetime:
        """Return the date that the notice bears: of its approval, else of its version."""
        approved_at = self.notice.approved_at if self.state in FINAL else None
        return approved_at or self.latest.made_at

    def render(self, *, now: datetime | None = None, linked: bool = False) -> RenderedNotice:
        """Render the newest version; raises `NoticeRenderError` if the template fails.

        `linked`: each fact in the text leads to its source.
        """
        return render_notice(
            self.need_template(),
            self.facts,
            marking=marking_of(self.notice, self.seen.incident),
            notice_ref=f"{self.seen.incident.ref} / N-{self.notice.number}",
            version=self.latest.version,
            now=now or self.dated(),
            overrides=self.latest.wording,
            linked=linked,
        )

    def gaps(self, *, now: datetime) -> tuple[Gap, ...]:
        """List the facts that a live notice lacks."""
        if self.template is None or self.state not in LIVE:
            return ()
        return blocking_gaps(self.template, self.facts, now=now, overrides=self.latest.wording)

    def checklist(self, *, now: datetime) -> list[ContentItem]:
        """Check what the law wants in the notice, item by item."""
        if self.template is None:
            return []
        return completeness(self.template, self.facts, now=now, overrides=self.latest.wording)

    def to_verify(self) -> tuple[str, ...]:
        """List what a person checks against its source on the day of sending."""
        return checks_before_sending(self.template, self.facts) if self.template else ()

    def forbidden(self, text: str) -> list[Finding]:
        """Find what the notice may not say."""
        return forbidden_in(
            self.need_template(), text, facts=self.facts, overrides=self.latest.wording
        )

    def obstacles(self, text: str, *, approver: str, now: datetime) -> tuple[Obstacle, ...]:
        """List what stands between the notice and this person's approval."""
        return approval_obstacles(
            self.need_template(),
            self.facts,
            text=text,
            state=self.state,
            author=self.author(),
            approver=approver,
            now=now,
            overrides=self.latest.wording,
            stale=self.stale,
            outdated=outdated_words(worded(self.versions)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine:
    """One version in the list."""

    number: int
    made_at: datetime
    by: str
    reason: str
    content_sha256: str
    pdf_sha256: str
    approved: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentLine:
    """One remark as it is shown."""

    number: int
    by: str
    made_at: datetime
    version: int
    quote: str
    text: str
    counsel_only: bool
    settled_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WordingField:
    """One text fact of the notice, and the words that stand for it here only."""

    key: str
    question: str
    where: str
    fact: str
    words: str


def open_notice(session: Session, visit: Visit, seen: Seen, number: int) -> NoticeFile:
    """Read a notice whole; raise `UnknownIncidentError` if the incident has none of that number."""
    notice = notice_of(session, seen.incident, number)
    if notice is None:
        raise UnknownIncidentError(f"{seen.incident.ref} has no notice N-{number}.")
    if not may_read(notice, seen.roles, seen.person):
        raise NotAllowedError(privileged_words(notice))
    versions = notice_versions(session, notice)
    template = template_of_version(session, visit.store.rules, notice, versions[-1])
    facts = facts_of(session, seen.incident)
    if notice.state not in LIVE:
        facts = facts_as_of_version(facts, versions[-1], template)
    return NoticeFile(
        seen=seen,
        notice=notice,
        versions=versions,
        template=template,
        facts=facts,
        people=persons_of(session, seen.incident),
        clocks=tuple(
            clock_view(row)
            for row in clocks_of(session, seen.incident)
            if row.key in notice.obligations
        ),
        stale=template is not None and is_stale(template, visit.store.rules.notices),
        members=members_of(session, seen.incident),
        comments=comments_on(session, notice, counsel=Role.LEGAL in seen.roles),
        follow_up=follow_up(
            session,
            visit.store.rules,
            seen.incident,
            notices_of(session, seen.incident),
            template=template,
            facts=facts,
        )
        if template is not None and template.after and notice.state in LIVE
        else None,
        handed_in_at=handed_in_at(notice, filings_of(session, notice)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class FactLine:
    """One fact that the notice tells: its value with source, confidence and as-of time."""

    key: str
    question: str
    value: str
    confidence: str
    source: str
    as_of: datetime


def fact_lines(file: NoticeFile) -> list[FactLine]:
    """List the recorded facts that the notice uses, in the template's order."""
    if file.template is None:
        return []
    return [
        FactLine(
            key=key,
            question=label_of(key),
            value=value_in_words(file.facts[key].key, file.facts[key].value),
            confidence=file.facts[key].confidence.value,
            source=file.facts[key].source,
            as_of=file.facts[key].as_of,
        )
        for name in file.template.facts
        for key in subjects_of(name, file.facts)
    ]


def version_lines(file: NoticeFile) -> list[VersionLine]:
    """List the versions, the newest first."""
    return [
        VersionLine(
            number=one.version,
            made_at=one.made_at,
            by=person_view(file.people.get(one.author_id)).name if one.author_id else "Tocsin",
            reason=one.reason,
            content_sha256=one.content_sha256,
            pdf_sha256=one.pdf_sha256,
            approved=one.version == file.notice.approved_version,
        )
        for one in reversed(file.versions)
    ]


def comment_lines(file: NoticeFile) -> list[CommentLine]:
    """List the remarks that the visitor may read, the open ones first."""
    lines = [
        CommentLine(
            number=one.number,
            by=person_view(file.people.get(one.author_id)).name,
            made_at=one.made_at,
            version=one.version,
            quote=one.quote,
            text=one.text,
            counsel_only=one.counsel_only,
            settled_at=one.resolved_at,
        )
        for one in file.comments
    ]
    return sorted(lines, key=lambda one: (one.settled_at is not None, one.number))


def wording_fields(file: NoticeFile) -> list[WordingField]:
    """List the text facts of the notice, each with its value and its own words if it has any."""
    if file.template is None:
        return []
    return [
        WordingField(
            key=used.key,
            question=label_of(used.key),
            where=used.where,
            fact=str(value_of(file.facts, used.key) or ""),
            words=file.latest.wording.get(used.key, ""),
        )
        for used in file.template.facts.values()
        if FACT_TYPES[used.key].kind is FactKind.TEXT
    ]
