"""An item's file as its page and its paper show it: lines, picture, hand-overs. Pure.

The words of a step are `bot.domain.timeline`'s; how anything looks is the templates'.
"""

import base64
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.documents.custody_form import CustodyPaper, HandOver, PaperStep
from bot.documents.custody_svg import Held, describe_custody, draw_custody
from bot.domain.custody import CLOCK_SOURCES, SOURCES
from bot.services.custody_file import Holder, ItemFile
from bot.services.log_head import LogHead
from bot.web.pages.render import size_words

_MARKS = {
    "evidence.sealed": "sealed",
    "evidence.copied": "copied",
    "evidence.analysed": "analysed",
    "evidence.derived": "derived",
    "evidence.accessed": "downloaded",
}
LEAF_SHOWN = 12


def item_lines(file: ItemFile, *, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Say what is known of an item, the measured before the written; empty lines are left out."""
    item = file.item
    parent = f"E-{file.parent.number} {file.parent.title}" if file.parent else ""
    kept = f"{item.keep_until.astimezone(zone):%-d %b %Y}" if item.keep_until else ""
    lines = [
        ("State", item.state),
        ("Kind", item.kind),
        ("Collected", _collected(file, zone=zone)),
        *_stated(file),
        ("SHA-256", item.sha256),
        ("Size", f"{size_words(item.size)} ({item.size:,} bytes)" if item.sha256 else ""),
        # What was uploaded has its method for a source; it stands under that name.
        ("Source", item.source if item.source != file.facts.get("method") else ""),
        ("Sealed", _both(item.sealed_at, zone) if item.sealed_at else ""),
        ("Made from", parent),
        *file.fields,
        ("Kept until", kept),
        ("Class of record", file.retention),
        ("Disposed of", _both(item.disposed_at, zone) if item.disposed_at else ""),
    ]
    return [(label, text) for label, text in lines if text]


def _stated(file: ItemFile) -> list[tuple[str, str]]:
    """Say what stands open in the entry that began its custody."""
    facts = file.facts
    source = SOURCES.get(int(facts.get("volatility", 0)))
    late = ", ".join(f"E-{one}" for one in facts.get("after_less_volatile", ()))
    quantity = facts.get("quantity", 1)
    return [
        ("Kind of source", source.title if source else ""),
        ("Order of volatility", f"collected after {late}, which keeps longer" if late else ""),
        ("Quantity", str(quantity) if quantity != 1 else ""),
        ("SHA-256, as stated", str(facts.get("stated_sha256", ""))),
    ]


def _collected(file: ItemFile, *, zone: ZoneInfo) -> str:
    words = _both(file.item.collected_at, zone)
    offset, clock = file.facts.get("offset"), file.facts.get("clock_source")
    if offset:
        words += f"; the collector’s clock showed UTC{offset}"
    if clock in CLOCK_SOURCES:
        words += f", {CLOCK_SOURCES[str(clock)]}"
    return words


def _both(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%-d %b %Y, %H:%M %Z} ({at.astimezone(UTC):%-d %b %H:%M} UTC)"


def held_spans(file: ItemFile) -> list[Held]:
    """Turn the holders into bars, each with what happened meanwhile."""
    ends = [one.first for one in file.holders[1:]] + [None]
    return [
        Held(
            name=one.who.name,
            since=one.since,
            until=one.until,
            ended=one.ended,
            marks=_marks(file, one, end),
        )
        for one, end in zip(file.holders, ends, strict=False)
    ]


def _marks(file: ItemFile, span: Holder, end: int | None) -> tuple[str, ...]:
    """Name what happened in a span: after the entry that began it, before the next span's."""
    inside = [
        _MARKS[step.event]
        for step in file.steps
        if step.event in _MARKS and span.first < step.seq and (end is None or step.seq < end)
    ]
    counted = {mark: inside.count(mark) for mark in dict.fromkeys(inside)}
    return tuple(f"{mark} {n}×" if n > 1 else mark for mark, n in counted.items())


def hand_overs(file: ItemFile) -> list[HandOver]:
    """Gather the steps of each transfer: released, and then what came of it."""
    found: dict[int, HandOver] = {}
    for one in file.transfers:
        released = next((step for step in one.steps if step.data["step"] == "released"), None)
        answer = next((step for step in one.steps if step.data["step"] != "released"), None)
        found[one.number] = HandOver(
            number=one.number,
            giver=one.giver.name,
            released=_utc(released.at) if released else "",
            released_note=_note(released),
            taker=one.taker.name,
            received=_utc(answer.at) if answer else "",
            received_note=_note(answer),
            state=(str(answer.data["step"]) if answer else "pending").capitalize(),
        )
    return list(found.values())


def _note(step: object) -> str:
    texts = getattr(step, "texts", {})
    erased = getattr(step, "erased", ())
    return str(texts.get("note", "(erased)" if "note" in erased else ""))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def custody_paper(
    file: ItemFile,
    *,
    ref: str,
    organisation: str,
    origin: str,
    head: LogHead,
    by: str,
    now: datetime,
    zone: ZoneInfo,
    receipt: int | None = None,
) -> CustodyPaper | None:
    """Gather the paper; None for the receipt of a transfer that there isn't."""
    overs = hand_overs(file)
    chosen = next((one for one in overs if one.number == receipt), None)
    if receipt is not None and chosen is None:
        return None
    spans, waits_for = held_spans(file), file.receiver.name if file.receiver else ""
    number = file.item.number
    return CustodyPaper(
        ref=ref,
        number=number,
        title=file.item.title,
        organisation=organisation,
        made=f"{now.astimezone(zone):%-d %b %Y, %H:%M %Z} by {by}",
        made_at=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        zone=zone.key,
        lines=tuple(item_lines(file, zone=zone)),
        holder=file.custodian.name,
        hold=hold_words(file),
        hand_overs=tuple(overs),
        steps=tuple(
            PaperStep(
                seq=one.seq,
                at=f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                who=one.who.name,
                words=one.words,
                leaf=one.leaf[:LEAF_SHOWN],
            )
            for one in file.steps
        ),
        picture=draw_custody(spans, zone=zone, title=f"Who had E-{number}", waits_for=waits_for)
        if spans
        else None,
        picture_words=describe_custody(spans, zone=zone, waits_for=waits_for),
        origin=origin,
        size=head.size,
        root=base64.b64encode(bytes.fromhex(head.root)).decode(),
        keys=head.keys,
        receipt=chosen,
    )


def hold_words(file: ItemFile) -> str:
    """Say which legal holds are in force; empty if there is none."""
    if not file.holds:
        return ""
    names = ", ".join(f"H-{one.number}" for one in file.holds)
    return f"Legal hold {names} is in force: nothing may be erased or disposed of."
