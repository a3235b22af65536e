"""What the legal desk reads of many incidents at once: one query a table, not one an incident."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session, col, func, select

from bot.domain.clocks import ClockKind, ClockState
from bot.domain.facts import Confidence, Fact, Facts, from_json, parse_key
from bot.store.notice_tables import NoticeComment, NoticeRow, NoticeVersion
from bot.store.tables import ClockRow, FactRow, Person


def notices_in(session: Session, incident_ids: Collection[int]) -> Mapping[int, list[NoticeRow]]:
    """List the notices of each incident, by its row id."""
    query = (
        select(NoticeRow)
        .where(col(NoticeRow.incident_id).in_(incident_ids))
        .order_by(col(NoticeRow.number))
    )
    found: dict[int, list[NoticeRow]] = defaultdict(list)
    for row in session.exec(query).all():
        found[row.incident_id].append(row)
    return found


def facts_in(session: Session, incident_ids: Collection[int]) -> Mapping[int, Facts]:
    """Return the facts in force of each incident: of each key the one recorded last."""
    newest = (
        select(func.max(FactRow.id))
        .where(col(FactRow.incident_id).in_(incident_ids))
        .group_by(col(FactRow.incident_id), col(FactRow.key))
    )
    # Columns in place of rows: making thousands of rows takes longer than all the rest.
    query = (
        select(  # type: ignore[call-overload] # SQLModel's overloads end at four columns
            FactRow.incident_id,
            FactRow.key,
            FactRow.value,
            FactRow.confidence,
            FactRow.source,
            FactRow.as_of,
        )
        .where(col(FactRow.id).in_(newest))
        .order_by(col(FactRow.id))
    )
    found: dict[int, dict[str, Fact]] = defaultdict(dict)
    for incident_id, name, value, confidence, source, as_of in session.exec(query).all():
        key = parse_key(name)
        found[incident_id][name] = Fact(
            key=key,
            value=from_json(key, value),
            confidence=Confidence(confidence),
            source=source,
            as_of=as_of,
        )
    return found


def wordings_in(session: Session, incident_ids: Collection[int]) -> Mapping[int, Mapping[str, str]]:
    """Return the own words of each notice's latest version, by the notice's row id."""
    query = (
        select(NoticeVersion.notice_id, NoticeVersion.wording)
        .join(NoticeRow, col(NoticeRow.id) == col(NoticeVersion.notice_id))
        .where(
            col(NoticeVersion.incident_id).in_(incident_ids),
            col(NoticeVersion.version) == col(NoticeRow.version),
        )
    )
    return dict(session.exec(query).all())


def open_comments_in(
    session: Session, incident_ids: Collection[int]
) -> Mapping[int, Mapping[bool, int]]:
    """Count the unresolved comments of each notice, those for counsel only (True) apart."""
    query = (
        select(NoticeComment.notice_id, NoticeComment.counsel_only, func.count())
        .where(
            col(NoticeComment.incident_id).in_(incident_ids),
            col(NoticeComment.resolved_at).is_(None),
        )
        .group_by(col(NoticeComment.notice_id), col(NoticeComment.counsel_only))
    )
    found: dict[int, dict[bool, int]] = defaultdict(dict)
    for notice_id, counsel_only, count in session.exec(query).all():
        found[notice_id][counsel_only] = count
    return found


def duties_in(session: Session, incident_ids: Collection[int]) -> Mapping[int, list[ClockRow]]:
    """List the regulatory clocks of each incident that run or were missed."""
    query = (
        select(ClockRow)
        .where(
            col(ClockRow.incident_id).in_(incident_ids),
            ClockRow.kind == ClockKind.REGULATORY,
            col(ClockRow.state).in_((ClockState.RUNNING, ClockState.MISSED)),
        )
        .order_by(col(ClockRow.id))
    )
    found: dict[int, list[ClockRow]] = defaultdict(list)
    for row in session.exec(query).all():
        found[row.incident_id].append(row)
    return found


def people_by_id(session: Session, ids: Collection[int]) -> Mapping[int, Person]:
    """Return people by their row ids."""
    found: Sequence[Person] = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    return {one.id or 0: one for one in found}
