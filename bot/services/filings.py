"""Filing a notice in an authority's form: the worksheet is filled, a person types, then records it.

Decides what a record of submission must have and what of it stands open in the log. Tocsin files
nothing by itself.
"""

from datetime import datetime

from bot.domain.facts import Facts
from bot.domain.incident import IncidentError
from bot.domain.notices import zone_of
from bot.domain.rulebook import Rulebook
from bot.domain.worksheets import FilledSection, fill
from bot.services.evidence import find_item
from bot.services.notices import find_notice, mark_sent
from bot.store.notice_tables import Filing, NoticeRow, NoticeVersion
from bot.store.queries import facts_of, notice_versions
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx

MAX_REFERENCE = 120
MAX_NOTE = 1_000


def filled_sheet(
    rules: Rulebook, notice: NoticeRow, version: NoticeVersion, facts: Facts
) -> tuple[FilledSection, ...]:
    """Fill the worksheet of a notice from the facts; empty if its authority has none of ours."""
    sheet, template = (
        rules.worksheets.get(notice.template_id),
        rules.notices.get(notice.template_id),
    )
    if sheet is None or template is None:
        return ()
    return fill(sheet, facts, zone=zone_of(template, facts), overrides=version.wording)


def record_filing(
    tx: Tx,
    incident: Incident,
    number: int,
    *,
    reference: str,
    at: datetime,
    screenshot: int | None,
    note: str,
    actor: Person,
) -> Filing:
    """Record that a person handed the approved notice in: reference, time, who, screenshot.

    `screenshot` is the number of an evidence item: its digest names the picture. Raises
    `IncidentError` for what is missing or can't be, and as `mark_sent` does; nothing is kept then.
    """
    reference = " ".join(reference.split())
    if not reference or len(reference) > MAX_REFERENCE:
        raise IncidentError("Give the reference that the authority's form showed at the end.")
    if at > tx.now:
        raise IncidentError("That lies in the future. When was it handed in?")
    if len(note) > MAX_NOTE:
        raise IncidentError(f"The note has {len(note)} characters; {MAX_NOTE} fit.")
    notice = find_notice(tx, incident, number)
    picture = find_item(tx, incident, screenshot) if screenshot is not None else None
    if picture is not None and picture.state != "collected":
        raise IncidentError(f"E-{picture.number} isn't in the store: it is {picture.state}.")
    mark_sent(tx, incident, number, proof=reference, actor=actor)
    sheet = tx.rules.worksheets.get(notice.template_id)
    row = Filing(
        incident_id=incident.id or 0,
        notice_id=notice.id or 0,
        version=notice.approved_version or notice.version,
        portal=sheet.portal if sheet else "",
        reference=reference,
        note=note.strip(),
        answers=_answers(tx, incident, notice),
        filed_at=at,
        filed_by=actor.id or 0,
        screenshot_sha256=picture.sha256 if picture else "",
        screenshot_size=picture.size if picture else 0,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _answers(tx: Tx, incident: Incident, notice: NoticeRow) -> dict[str, str]:
    """Keep what the worksheet showed, field by field."""
    latest = notice_versions(tx.session, notice)[-1]
    parts = filled_sheet(tx.rules, notice, latest, facts_of(tx.session, incident))
    return {f"{part.title}: {one.field.label}": one.value for part in parts for one in part.fields}
