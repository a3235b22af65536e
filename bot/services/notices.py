"""What people decide about a notice: draft, reword, review, approve, record as sent.

Author and approver are two persons; an approval binds the content's hash and the file's digest.
What a notice must say is decided by its template and `bot.domain.notices`, how versions come about
in `notice_versions`; nothing here sends anything.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.documents.html import RenderedNotice, render_notice
from bot.documents.marks import Marking, MarkState
from bot.documents.notice_pdf import notice_pdf
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import Facts
from bot.domain.incident import IncidentError
from bot.domain.letterhead import PLAIN, House
from bot.domain.notice_checks import Obstacle, approval_obstacles
from bot.domain.notices import NoticeState, NoticeTemplate, check_move, is_stale
from bot.domain.roles import Action
from bot.domain.translations import outdated_words
from bot.services.access import check_may
from bot.services.notice_access import check_readable
from bot.services.notice_versions import (
    LIVE,
    WORDS_CONFIRMED,
    add_version,
    announce_notice,
    draft,
    record_notice,
    revoke_approval,
    worded,
)
from bot.store.notice_tables import NoticeRow, NoticeVersion
from bot.store.queries import facts_of, notice_of, notice_versions, notices_of
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Tx
from evidence_store.artifacts import ArtifactRef


class NotApprovableError(ValueError):
    """The notice can't be approved yet; `reasons` says everything that stands in the way."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("This notice can't be approved yet: " + "; ".join(reasons) + ".")
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A notice as it would be approved now: its text and the file, made outside a transaction."""

    rendered: RenderedNotice
    version: int
    pdf: bytes


def draft_notice(tx: Tx, incident: Incident, template_id: str, *, actor: Person) -> NoticeRow:
    """Draft a notice by hand; the person becomes its author and can't approve it."""
    check_may(tx, incident, actor, Action.DRAFT_NOTICE)
    if template_id not in tx.rules.notices:
        known = ", ".join(sorted(tx.rules.notices))
        raise IncidentError(f"There is no notice “{template_id}”. There are: {known}.")
    for notice in notices_of(tx.session, incident):
        if notice.template_id == template_id and notice.state in LIVE:
            raise IncidentError(
                f"N-{notice.number} of {incident.ref} is that notice already ({notice.state})."
            )
    return draft(tx, incident, template_id, facts_of(tx.session, incident), actor=actor)


def find_notice(tx: Tx, incident: Incident, number: int) -> NoticeRow:
    """Return a notice of the incident, or raise `IncidentError` with the range there is."""
    notice = notice_of(tx.session, incident, number)
    if notice is None:
        count = len(notices_of(tx.session, incident))
        known = f"it has N-1 to N-{count}" if count else "none is drafted yet"
        raise IncidentError(f"{incident.ref} has no notice N-{number}; {known}.")
    return notice


def reword_notice(
    tx: Tx, incident: Incident, number: int, wording: Mapping[str, str], *, actor: Person
) -> NoticeRow:
    """Give text facts other words in this notice only; the person becomes the version's author."""
    check_may(tx, incident, actor, Action.DRAFT_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    _check_editable(notice)
    facts = facts_of(tx.session, incident)
    kept = {key: words.strip() for key, words in wording.items() if words.strip()}
    _check_wording(tx.rules.notices[notice.template_id], kept)
    versions = notice_versions(tx.session, notice)
    same = kept == versions[-1].wording
    if same and not outdated_words(worded(versions)):
        raise IncidentError("The wording is the same as before; nothing was saved.")
    reason = WORDS_CONFIRMED if same else "reworded"
    add_version(tx, incident, notice, facts, kept, author=actor, reason=reason)
    return notice


def _check_wording(template: NoticeTemplate, wording: Mapping[str, str]) -> None:
    """Only the text facts of this notice can have words of their own (`documents.html`)."""
    texts = [key for key in template.facts if FACT_TYPES[key].kind is FactKind.TEXT]
    for key in wording:
        if key not in texts:
            raise IncidentError(
                f"“{key}” can't be worded for this notice alone; record it as a fact, with its "
                f"source. Here you can word: {', '.join(texts)}."
            )


def _check_editable(notice: NoticeRow) -> None:
    if notice.state not in {NoticeState.DRAFT, NoticeState.IN_REVIEW}:
        raise IncidentError(
            f"N-{notice.number} is {notice.state}; only a draft can be reworded. Ask Legal to "
            f"request changes first."
        )


def submit_notice(tx: Tx, incident: Incident, number: int, *, actor: Person) -> NoticeRow:
    """Hand the draft to Legal for review; it may still have gaps, which block only approval."""
    check_may(tx, incident, actor, Action.SUBMIT_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    _move(tx, incident, notice, NoticeState.IN_REVIEW, "notice.submitted", actor=actor)
    return notice


def request_changes(
    tx: Tx, incident: Incident, number: int, *, comment: str, actor: Person
) -> NoticeRow:
    """Send the notice back to its draft with what has to change."""
    check_may(tx, incident, actor, Action.APPROVE_NOTICE)
    notice = find_notice(tx, incident, number)
    if not comment.strip():
        raise IncidentError("Say what has to change, so that the author can do it.")
    _move(
        tx,
        incident,
        notice,
        NoticeState.DRAFT,
        "notice.changes_requested",
        actor=actor,
        pd={"comment": comment.strip()},
    )
    return notice


def approve_notice(
    tx: Tx,
    incident: Incident,
    number: int,
    *,
    prepared: Prepared,
    pdf: ArtifactRef,
    actor: Person,
) -> NoticeRow:
    """Approve exactly what was prepared; bound by content hash and by the file's digest.

    Raises `NotApprovableError` with every reason, and `IncidentError` if the notice has changed
    since it was prepared.
    """
    check_may(tx, incident, actor, Action.APPROVE_NOTICE)
    notice = find_notice(tx, incident, number)
    latest = notice_versions(tx.session, notice)[-1]
    obstacles = _obstacles(tx, incident, notice, text=prepared.rendered.text, actor=actor)
    if obstacles:
        raise NotApprovableError(tuple(one.reason for one in obstacles))
    now_said = (latest.version, latest.content_sha256)
    if (prepared.version, prepared.rendered.content_sha256) != now_said:
        raise IncidentError(
            f"N-{number} has changed since you opened it. Read the new version, then approve."
        )
    check_move(state=NoticeState(notice.state), to=NoticeState.APPROVED)
    if notice.privileged:
        raise IncidentError(
            f"N-{number} is marked as privileged, and what is sent can't be. Take the mark off, "
            f"then approve."
        )
    if hashlib.sha256(prepared.pdf).hexdigest() != pdf.sha256:
        raise IncidentError(f"The file of N-{number} isn't the one that was prepared. Try again.")
    notice.approved_version = latest.version
    notice.approved_at = tx.now
    notice.approved_by = actor.id
    latest.pdf_sha256 = pdf.sha256
    tx.session.add(latest)
    _move(
        tx,
        incident,
        notice,
        NoticeState.APPROVED,
        "notice.approved",
        actor=actor,
        data={"content_sha256": latest.content_sha256, "pdf_sha256": pdf.sha256},
        artifacts=(pdf,),
    )
    return notice


def _obstacles(
    tx: Tx, incident: Incident, notice: NoticeRow, *, text: str, actor: Person
) -> tuple[Obstacle, ...]:
    template = tx.rules.notices[notice.template_id]
    versions = notice_versions(tx.session, notice)
    return approval_obstacles(
        template,
        facts_of(tx.session, incident),
        text=text,
        state=NoticeState(notice.state),
        author=_author_of(tx, versions[-1]),
        approver=actor.actor,
        now=tx.now,
        overrides=versions[-1].wording,
        stale=is_stale(template, tx.rules.notices),
        outdated=outdated_words(worded(versions)),
    )


def _author_of(tx: Tx, version: NoticeVersion) -> str:
    person = tx.session.get(Person, version.author_id) if version.author_id else None
    return person.actor if person else SYSTEM_ACTOR


def mark_sent(tx: Tx, incident: Incident, number: int, *, proof: str, actor: Person) -> NoticeRow:
    """Record that a person filed or sent the approved notice, with the reference that proves it.

    Raises `IncidentError` while only the approver has agreed: a second person releases it first,
    or is the one who sends it.
    """
    check_may(tx, incident, actor, Action.SEND_NOTICE)
    notice = find_notice(tx, incident, number)
    check_move(state=NoticeState(notice.state), to=NoticeState.SENT)
    if not is_released(notice, sender=actor):
        raise IncidentError(
            f"N-{number} needs a second person before it leaves, because you approved it. The "
            f"Commander or Comms reads it and releases it: `/incident notice release {number}`."
        )
    if not proof.strip():
        raise IncidentError("Give the proof: the authority's reference number, or how it was sent.")
    notice.sent_at = tx.now
    notice.sent_note = proof.strip()
    _move(
        tx,
        incident,
        notice,
        NoticeState.SENT,
        "notice.sent",
        actor=actor,
        pd={"proof": proof.strip()},
    )
    return notice


def is_released(notice: NoticeRow, *, sender: Person) -> bool:
    """Tell whether two people stand behind an approved notice: its approver, and another one."""
    return notice.released_by is not None or notice.approved_by != sender.id


def withdraw_notice(
    tx: Tx, incident: Incident, number: int, *, reason: str, actor: Person
) -> NoticeRow:
    """Give up a notice that isn't needed any more."""
    check_may(tx, incident, actor, Action.SEND_NOTICE)
    notice = find_notice(tx, incident, number)
    if not reason.strip():
        raise IncidentError("Say why the notice isn't needed.")
    _move(
        tx,
        incident,
        notice,
        NoticeState.WITHDRAWN,
        "notice.withdrawn",
        actor=actor,
        pd={"reason": reason.strip()},
    )
    return notice


def record_notice_download(
    tx: Tx, incident: Incident, number: int, *, pdf: ArtifactRef, actor: Person
) -> None:
    """Record who took which file of a notice."""
    check_may(tx, incident, actor, Action.DOWNLOAD_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    record_notice(
        tx,
        incident,
        notice,
        "notice.downloaded",
        actor=actor.actor,
        data={"pdf_sha256": pdf.sha256, "state": notice.state},
    )


def ask_for_paper(tx: Tx, incident: Incident, number: int, *, actor: Person) -> NoticeRow:
    """Have the notice's PDF sent to the person's direct messages with Tocsin."""
    check_may(tx, incident, actor, Action.DOWNLOAD_NOTICE)
    notice = find_notice(tx, incident, number)
    check_readable(tx, incident, notice, actor=actor)
    key = f"{incident.ref}/paper/N-{number}/{actor.actor}/{tx.now.isoformat()}"
    tx.enqueue("hand_paper", incident, key=key, slack_id=actor.slack_id, number=number)
    return notice


def prepare_notice(
    template: NoticeTemplate,
    facts: Facts,
    notice: NoticeRow,
    version: NoticeVersion,
    *,
    ref: str,
    marking: Marking,
    on: datetime,
    house: House = PLAIN,
) -> Prepared:
    """Render text and PDF of a version; slow, so never inside a transaction.

    `on` is the date that the notice bears: for a draft when its version was made, so that the
    same version gives the same bytes; for an approval the moment of approving.
    """
    rendered = render_notice(
        template,
        facts,
        marking=marking,
        notice_ref=f"{ref} / N-{notice.number}",
        version=version.version,
        now=on,
        overrides=version.wording,
        house=house,
    )
    assets = template.folder.parent / "base"
    return Prepared(
        rendered=rendered,
        version=version.version,
        pdf=notice_pdf(rendered, assets=assets),
    )


_MARKED = {
    NoticeState.APPROVED: MarkState.APPROVED,
    NoticeState.SENT: MarkState.APPROVED,
    NoticeState.IN_REVIEW: MarkState.IN_REVIEW,
}

LIVE_INCIDENT = "live"
"""Kind of an incident in earnest; whatever else there is, is an exercise."""


def marking_of(
    notice: NoticeRow, incident: Incident, *, state: NoticeState | None = None
) -> Marking:
    """Return the marks that every page of the notice bears; in another `state` than its own if set.

    An approval renders the file with the state that it will give.
    """
    reached = state or NoticeState(notice.state)
    return Marking(
        state=_MARKED.get(reached, MarkState.DRAFT),
        privileged=notice.privileged,
        exercise="" if incident.kind == LIVE_INCIDENT else incident.ref,
    )


def _move(
    tx: Tx,
    incident: Incident,
    notice: NoticeRow,
    to: NoticeState,
    what: str,
    *,
    actor: Person,
    data: Mapping[str, object] | None = None,
    pd: Mapping[str, str] | None = None,
    artifacts: tuple[ArtifactRef, ...] = (),
) -> None:
    check_move(state=NoticeState(notice.state), to=to)
    if to is NoticeState.DRAFT:
        revoke_approval(notice)
    notice.state = to
    tx.session.add(notice)
    record_notice(
        tx, incident, notice, what, actor=actor.actor, data=data, pd=pd, artifacts=artifacts
    )
    announce_notice(tx, incident, notice, what)
