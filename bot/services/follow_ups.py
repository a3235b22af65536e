"""Follow-ups: when a report that adds to one which was sent is called for, and what it has to tell.

Decides against which report the facts are compared, and when nothing is to be told. What counts as
news is `bot.domain.follow_ups`; drafting is done by `notice_versions`. Reads only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.documents.html import used_facts
from bot.domain.facts import Facts, to_json
from bot.domain.follow_ups import News, news_since
from bot.domain.notices import NoticeState, NoticeTemplate
from bot.domain.rulebook import Rulebook
from bot.store.notice_tables import NoticeRow
from bot.store.queries import as_fact, fact_history, notice_versions
from bot.store.tables import Incident

_OVER = frozenset({NoticeState.SENT, NoticeState.SUPERSEDED, NoticeState.WITHDRAWN})
"""States in which a notice isn't written any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """A follow-up that is called for. `then` has the values that `news` is compared with."""

    template_id: str
    since: int
    """Number of the last notice that was sent to the same recipient."""
    news: News
    then: Mapping[str, Any]


def follow_ups(
    session: Session,
    rules: Rulebook,
    incident: Incident,
    notices: Sequence[NoticeRow],
    facts: Facts,
) -> list[FollowUp]:
    """List the follow-ups that are called for: a report was sent, and there is news since.

    One that was withdrawn isn't called for again until there is more than it told.
    """
    found = []
    for template in rules.notices.values():
        if not template.after or template.by_hand or template.translation_of:
            continue
        called = follow_up(session, rules, incident, notices, template=template, facts=facts)
        if called and not _given_up(session, notices, template, called, facts):
            found.append(called)
    return found


def follow_up(
    session: Session,
    rules: Rulebook,
    incident: Incident,
    notices: Sequence[NoticeRow],
    *,
    template: NoticeTemplate,
    facts: Facts,
) -> FollowUp | None:
    """Return what a follow-up has to tell; None if none was sent before, or there is no news.

    The facts are compared as the later template uses them, required and optional ones: what only
    the first one told isn't told again.
    """
    sent = [
        one
        for one in notices
        if one.state == NoticeState.SENT and one.template_id in {template.id, template.after}
    ]
    if not sent:
        return None
    last = max(sent, key=lambda one: one.number)
    then = _known_when_sent(session, rules, incident, last)
    news = news_since(then, _values(used_facts(template, facts)))
    return (
        FollowUp(template_id=template.id, since=last.number, news=news, then=then) if news else None
    )


def _known_when_sent(
    session: Session, rules: Rulebook, incident: Incident, sent: NoticeRow
) -> dict[str, Any]:
    """Return what a notice told, and what was known beside it when it was sent."""
    told = _values(notice_versions(session, sent)[-1].facts)
    first = rules.notices.get(sent.template_id)
    beside = {
        row.key: to_json(as_fact(row).value)
        for row in fact_history(session, incident)
        if sent.sent_at and row.recorded_at <= sent.sent_at
    }
    return {
        # What the template uses and its last version didn't tell wasn't known then.
        **{key: one for key, one in beside.items() if first is None or not _uses(first, key)},
        **told,
    }


def _uses(template: NoticeTemplate, key: str) -> bool:
    name, _, place = key.partition(":")
    used = template.facts.get(name)
    return used is not None and (not used.places or place in used.places)


def _given_up(
    session: Session,
    notices: Sequence[NoticeRow],
    template: NoticeTemplate,
    called: FollowUp,
    facts: Facts,
) -> bool:
    """Tell whether it is being written, or was withdrawn and would tell nothing else today."""
    same = [one for one in notices if one.template_id == template.id]
    if any(one.state not in _OVER for one in same):
        return True
    now = _values(used_facts(template, facts))
    return any(
        not news_since(_values(notice_versions(session, one)[-1].facts), now)
        for one in same
        if one.state == NoticeState.WITHDRAWN and one.number > called.since
    )


def _values(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one["value"] for key, one in snapshot.items()}
