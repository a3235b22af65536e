"""What a member does with an item on its page: hand it over, work on it, hold it, dispose of it.

Reads the forms; who may, and what each act needs, is asked by the services, whose refusals come
back beside the form with everything that was typed.
"""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from bot.domain.custody import FIELDS, CustodyError
from bot.domain.facts import FactError, read_instant
from bot.services import custody, holds, retention
from bot.services.custody import Collect, Taken
from bot.services.evidence import seal_item
from bot.store.queries import members_of
from bot.store.tables import Person
from bot.store.unit_of_work import Tx
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Seen, change
from bot.web.pages.evidence_item import ItemState, collect_page, item_page
from bot.web.pages.problems import status_of

UNPROCESSABLE = 422
TYPED = ("note", "reason", "to", "title", "retention", "hold")
COLLECT_TYPED = ("title", "rank", "at", "clock_source", "quantity", "sha256", "retention", *FIELDS)

router = APIRouter()

Act = Callable[[Tx, Seen, int, Posted], object]


def _transfer(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    to = _member(tx, seen, posted.text("to"))
    note = posted.text("note")
    return custody.release_item(tx, seen.incident, number, to, note=note, actor=seen.person)


def _member(tx: Tx, seen: Seen, slack_id: str) -> Person:
    for one in members_of(tx.session, seen.incident):
        if one.slack_id == slack_id:
            return one
    raise CustodyError("Choose to whom you release it.", field="to")


def _receive(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    note = posted.text("note")
    return custody.receive_item(tx, seen.incident, number, note=note, actor=seen.person)


def _refuse(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    reason = posted.text("reason")
    return custody.refuse_item(tx, seen.incident, number, reason=reason, actor=seen.person)


def _withdraw(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    note = posted.text("note")
    return custody.withdraw_transfer(tx, seen.incident, number, note=note, actor=seen.person)


def _copy(tx: Tx, seen: Seen, number: int, posted: Posted) -> None:
    custody.record_copy(tx, seen.incident, number, note=posted.text("note"), actor=seen.person)


def _analyse(tx: Tx, seen: Seen, number: int, posted: Posted) -> None:
    custody.record_analysis(tx, seen.incident, number, note=posted.text("note"), actor=seen.person)


def _derive(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    title, note = posted.text("title"), posted.text("note")
    return custody.derive_item(tx, seen.incident, number, title=title, note=note, actor=seen.person)


def _return(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    return custody.return_item(
        tx, seen.incident, number, note=posted.text("note"), actor=seen.person
    )


def _seal(tx: Tx, seen: Seen, number: int, _posted: Posted) -> object:
    return seal_item(tx, seen.incident, number, actor=seen.person)


def _keep(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    wanted = posted.text("retention")
    return retention.set_retention(tx, seen.incident, number, wanted, actor=seen.person)


def _dispose(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    reason = posted.text("reason")
    return retention.ask_disposal(tx, seen.incident, number, reason=reason, actor=seen.person)


def _approve(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    return retention.answer_disposal(
        tx, seen.incident, number, approve=True, reason=posted.text("reason"), actor=seen.person
    )


def _decline(tx: Tx, seen: Seen, number: int, posted: Posted) -> object:
    return retention.answer_disposal(
        tx, seen.incident, number, approve=False, reason=posted.text("reason"), actor=seen.person
    )


def _hold(tx: Tx, seen: Seen, _number: int, posted: Posted) -> object:
    return holds.place_hold(tx, seen.incident, reason=posted.text("reason"), actor=seen.person)


def _unhold(tx: Tx, seen: Seen, _number: int, posted: Posted) -> object:
    which = posted.text("hold")
    if not which.isdecimal():
        raise CustodyError("Choose the hold that ends.", field="hold")
    reason = posted.text("reason")
    return holds.release_hold(tx, seen.incident, int(which), reason=reason, actor=seen.person)


ACTS: Mapping[str, Act] = {
    "transfer": _transfer,
    "receive": _receive,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "copy": _copy,
    "analyse": _analyse,
    "derive": _derive,
    "return": _return,
    "seal": _seal,
    "keep": _keep,
    "dispose": _dispose,
    "approve": _approve,
    "decline": _decline,
    "hold": _hold,
    "unhold": _unhold,
}


@router.post("/incidents/{ref}/evidence/{number}/act/{act}")
def act_on_item(posted: PostedDep, ref: str, number: int, act: str) -> Response:
    """Run one act on an item and go back to its page; a refusal keeps what was typed."""
    verb = ACTS.get(act)
    if verb is None:
        raise HTTPException(404)
    try:
        change(posted, ref, lambda tx, seen: verb(tx, seen, number, posted))
    except EXPECTED as error:
        typed = {one: posted.text(one) for one in TYPED}
        state = ItemState(act=act, problem=str(error), typed=typed)
        return item_page(posted.visit, ref, number, state=state, status=status_of(error))
    return _back(ref, number, done=act)


@router.post("/incidents/{ref}/collect")
def collect(posted: PostedDep, ref: str) -> Response:
    """Take an item into custody; a refusal keeps what was typed."""
    taken: list[Taken] = []
    try:
        change(posted, ref, lambda tx, seen: taken.append(_collect(tx, seen, posted)))
    except EXPECTED as error:
        typed = {one: posted.text(one) for one in COLLECT_TYPED}
        wrong = error.field if isinstance(error, CustodyError) else ""
        state = ItemState(act="collect", problem=str(error), wrong=wrong, typed=typed)
        status = UNPROCESSABLE if wrong else status_of(error)
        return collect_page(posted.visit, ref, state=state, status=status)
    done = "ordered" if taken[0].warning else "collect"
    return _back(ref, taken[0].item.number, done=done)


def _collect(tx: Tx, seen: Seen, posted: Posted) -> Taken:
    at, rank, quantity = posted.text("at"), posted.text("rank"), posted.text("quantity") or "1"
    try:
        instant = read_instant(at, now=tx.now, zone=seen.zone) if at else tx.now
    except FactError as error:
        raise CustodyError(str(error), field="at") from error
    offset = f"{instant.astimezone(seen.zone):%z}"
    request = Collect(
        title=posted.text("title"),
        rank=int(rank) if rank.isdecimal() else 0,
        at=instant,
        offset=f"{offset[:3]}:{offset[3:]}",
        clock_source=posted.text("clock_source") or "unchecked",
        quantity=int(quantity) if quantity.isdecimal() else 0,
        sha256=posted.text("sha256"),
        retention=posted.text("retention"),
        fields={name: posted.text(name) for name in FIELDS},
    )
    return custody.collect_item(tx, seen.incident, request, actor=seen.person)


def _back(ref: str, number: int, *, done: str) -> RedirectResponse:
    address = f"/incidents/{ref.upper()}/evidence/{number}/item?done={done}"
    return RedirectResponse(address, status_code=303)
