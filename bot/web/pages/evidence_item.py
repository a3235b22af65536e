"""One item of evidence: what was written down of it, who had it when, and its paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.exceptions import HTTPException

from bot.documents.custody_form import render_custody
from bot.documents.custody_svg import draw_custody
from bot.domain.custody import CLOCK_SOURCES, FIELDS, VOLATILITY
from bot.domain.incident import Status
from bot.domain.roles import Action
from bot.services.custody_file import ItemFile, item_file
from bot.services.log_head import head_of
from bot.store.queries import members_of
from bot.store.unit_of_work import origin_of, reading
from bot.web.pages.desk import Seen, Visit, VisitDep, find
from bot.web.pages.downloads import attachment
from bot.web.pages.evidence_view import (
    custody_paper,
    hand_overs,
    held_spans,
    hold_words,
    item_lines,
)
from bot.web.pages.render import page

DONE = {
    "collect": "The item is in your custody, and what you wrote is in the record.",
    "ordered": "The item is in your custody. Something that keeps longer was collected before it: "
    "say why as a note on the timeline.",
    "seal": "The item is sealed: its bytes were read again and match.",
    "transfer": "Released. It changes hands when the receiver says that they have it.",
    "receive": "You hold the item now.",
    "refuse": "Refused. The item stays with whoever released it.",
    "withdraw": "The release is taken back.",
    "copy": "The copy is in the record.",
    "analyse": "The analysis is in the record.",
    "derive": "The derived item is recorded.",
    "return": "Recorded as given back. Our custody ends here.",
    "keep": "How long it is kept is on the record.",
    "dispose": "Legal is asked.",
    "approve": "Approved. The item is being destroyed; the record of it stays.",
    "decline": "The item is kept.",
    "hold": "The legal hold is in force.",
    "unhold": "The legal hold is released.",
}
"""What the page says after an act; the address carries only the word."""

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemState:
    """An act that was refused, with what was typed; `wrong` names where it went wrong."""

    act: str = ""
    problem: str = ""
    wrong: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@router.get("/incidents/{ref}/evidence/{number}/item")
def show(visit: VisitDep, ref: str, number: int, done: str = "") -> HTMLResponse:
    """Show an item to a member of the incident."""
    return item_page(visit, ref, number, said=DONE.get(done, ""))


def item_page(
    visit: Visit,
    ref: str,
    number: int,
    *,
    said: str = "",
    state: ItemState | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Answer with an item's page, with a refusal beside its form if there is one."""
    state = state or ItemState()
    with reading(visit.store) as session:
        seen, file = _read(session, visit, ref, number)
        people = [one for one in members_of(session, seen.incident) if one.id != file.custodian_id]
    spans = held_spans(file)
    acts = acts_of(file, seen)
    return page(
        visit,
        "evidence_item.html.j2",
        zone=seen.zone,
        status=status,
        said=said,
        state=state,
        problem="" if state.act in acts else state.problem,
        ref=seen.incident.ref,
        file=file,
        item=file.item,
        lines=item_lines(file, zone=seen.zone),
        hold=hold_words(file),
        overs=hand_overs(file),
        picture=draw_custody(
            spans,
            zone=seen.zone,
            title=f"Who had E-{number} when",
            waits_for=file.receiver.name if file.receiver else "",
        )
        if spans
        else "",
        people=people,
        acts=acts,
        classes=visit.store.rules.retention.values(),
    )


def acts_of(file: ItemFile, seen: Seen) -> dict[str, str]:
    """Name the acts that make sense as the item stands, each with why the visitor can't do it.

    Services ask again, and refuse the rest.
    """
    mine = file.custodian_id == seen.person.id
    held = file.item.state in {"collected", "recorded"}
    acts: dict[str, str] = {}
    if file.pending is not None:
        other = f"Only {file.receiver.name if file.receiver else 'the receiver'} can answer."
        why = "" if file.pending.to_id == seen.person.id else other
        acts |= {"receive": why, "refuse": why}
        acts["withdraw"] = "" if mine else seen.why_not(Action.MOVE_EVIDENCE)
    elif held:
        acts["transfer"] = "" if mine else seen.why_not(Action.MOVE_EVIDENCE)
    if held:
        work = "" if mine else seen.why_not(Action.WORK_ON_EVIDENCE)
        acts |= {"copy": work, "analyse": work, "derive": work}
        if file.item.state == "collected" and file.item.sealed_at is None:
            acts["seal"] = seen.why_not(Action.SEAL_EVIDENCE)
        if file.item.state == "recorded" and file.pending is None:
            acts["return"] = "" if mine else seen.why_not(Action.MOVE_EVIDENCE)
        acts["keep"] = seen.why_not(Action.HOLD_EVIDENCE)
        acts |= _disposal_acts(file, seen)
    acts["unhold" if file.holds else "hold"] = seen.why_not(Action.HOLD_EVIDENCE)
    return acts


def _disposal_acts(file: ItemFile, seen: Seen) -> dict[str, str]:
    if file.disposal is not None:
        if file.disposal.state != "asked":
            return {}
        why = seen.why_not(Action.APPROVE_DISPOSAL)
        return {"approve": why, "decline": why}
    if file.pending is not None or file.holds:
        return {}
    return {"dispose": seen.why_not(Action.ASK_DISPOSAL)}


@router.get("/incidents/{ref}/evidence/{number}/custody.pdf")
def custody_pdf(visit: VisitDep, ref: str, number: int, receipt: int | None = None) -> Response:
    """Hand out the custody form, or the receipt of one hand-over, with the log's head on it."""
    rules = visit.store.rules
    with reading(visit.store) as session:
        seen, file = _read(session, visit, ref, number)
        paper = custody_paper(
            file,
            ref=seen.incident.ref,
            organisation=str(rules.organisation.get("organisation_name", "")),
            origin=origin_of(visit.store, seen.incident.ref),
            head=head_of(session, visit.store, seen.incident),
            by=seen.person.name or seen.person.slack_id,
            now=visit.now,
            zone=seen.zone,
            receipt=receipt,
        )
    if paper is None:
        raise HTTPException(404)
    # The fonts lie beside the notices.
    assets = next(iter(rules.notices.values())).folder.parent / "base"
    kind = "custody" if receipt is None else f"receipt-{receipt}"
    name = f"{seen.incident.ref}-E{number}-{kind}.pdf"
    body = render_custody(paper, assets=assets)
    return Response(body, media_type="application/pdf", headers=attachment(name))


def _read(session: Session, visit: Visit, ref: str, number: int) -> tuple[Seen, ItemFile]:
    seen = find(session, visit, ref)
    file = item_file(session, visit.store, seen.incident, number)
    if file is None:
        raise HTTPException(404)
    return seen, file


@router.get("/incidents/{ref}/collect")
def ask(visit: VisitDep, ref: str) -> HTMLResponse:
    """Show the form that takes an item into custody."""
    return collect_page(visit, ref)


def collect_page(
    visit: Visit, ref: str, *, state: ItemState | None = None, status: int = 200
) -> HTMLResponse:
    """Answer with the form, most volatile sources first, with a refusal if there is one."""
    with reading(visit.store) as session:
        seen = find(session, visit, ref)
    return page(
        visit,
        "collect.html.j2",
        zone=seen.zone,
        status=status,
        state=state or ItemState(),
        ref=seen.incident.ref,
        closed=seen.incident.status == Status.CLOSED,
        sources=VOLATILITY,
        fields=FIELDS,
        clock_sources=CLOCK_SOURCES,
        classes=visit.store.rules.retention.values(),
        why_not=seen.why_not(Action.PRESERVE_EVIDENCE),
    )
