"""A notice as a file: the very PDF that was approved, else one that says DRAFT on every page.

Reads and renders; who took a file is recorded by `notices.record_notice_download`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.domain.facts import Confidence, Fact, Facts, from_json, parse_key
from bot.domain.incident import IncidentError, is_exercise_ref
from bot.domain.notices import NoticeState, NoticeTemplate
from bot.services.editions import template_of_version
from bot.services.notices import marking_of, prepare_notice
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import facts_of, notice_versions
from bot.store.tables import Incident
from bot.store.unit_of_work import Store

FINAL = frozenset({NoticeState.APPROVED, NoticeState.SENT})
"""States in which the file is the approved one, byte for byte."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A PDF and the name under which it is handed out; the name is made of plain letters."""

    name: str
    content: bytes


def paper_of(session: Session, store: Store, incident: Incident, notice: NoticeRow) -> Paper:
    """Return the notice's file as it stands.

    Raises `ArtifactMissingError` if an approved file is gone from the store, `IncidentError` if
    the template of a draft is.
    """
    latest = notice_versions(session, notice)[-1]
    name = paper_name(incident.ref, notice, latest)
    if notice.state in FINAL:
        versions = notice_versions(session, notice)
        approved = next(one for one in versions if one.version == notice.approved_version)
        with store.artifacts.open(approved.pdf_sha256) as file:
            return Paper(name=name, content=file.read())
    template = template_of_version(session, store.rules, notice, latest)
    if template is None:
        raise IncidentError(
            f"The template {notice.template_id} isn't in notification_templates/ any more. Ask the "
            f"people who run Tocsin to bring it back."
        )
    prepared = prepare_notice(
        template,
        facts_as_of_version(facts_of(session, incident), latest, template),
        notice,
        latest,
        ref=incident.ref,
        marking=marking_of(notice, incident),
        on=latest.made_at,
        house=store.house,
    )
    return Paper(name=name, content=prepared.pdf)


def facts_as_of_version(
    facts: Facts, version: NoticeVersion, template: NoticeTemplate | None
) -> dict[str, Fact]:
    """Return the facts that a version was made from: a sent notice doesn't follow new ones."""
    used = template.fact_names if template else frozenset()
    kept = {key: fact for key, fact in facts.items() if fact.key.name not in used}
    for text, snapshot in version.facts.items():
        key = parse_key(text)
        kept[text] = Fact(
            key=key,
            value=from_json(key, snapshot["value"]),
            confidence=Confidence(snapshot["confidence"]),
            source=snapshot["source"],
            as_of=datetime.fromisoformat(snapshot["as_of"]),
        )
    return kept


def paper_name(ref: str, notice: NoticeRow, version: NoticeVersion) -> str:
    """Return the file's name: `INC-2026-0001-N1-v2-DRAFT.pdf`; without a mark if approved."""
    mark = "" if notice.state in FINAL else "-DRAFT"
    mark += "-PRIVILEGED" if notice.privileged else ""
    ref = f"EXERCISE-{ref}" if is_exercise_ref(ref) else ref
    return f"{ref}-N{notice.number}-v{version.version}{mark}.pdf"
