"""An item's page: its chain, the picture, hand-overs by two people, holds, paper with the log."""

import base64
import xml.etree.ElementTree as ET

import pytest
from board_kit import text_of
from pages_kit import Site, close_it, incident, message

from bot.documents.pdf_text import text_of_pages
from bot.services import retention
from bot.services.custody_file import item_file
from bot.services.log_head import head_of
from bot.store.unit_of_work import reading
from bot.web.pages.evidence_view import held_spans
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of, log_of

pytestmark = pytest.mark.slow

LAPTOP = {
    "title": "Laptop of Jane Doe",
    "rank": "4",
    "host": "fin-07",
    "serial": "SN-4711",
    "at": "2026-11-21 10:30",
    "clock_source": "checked",
    "retention": "tax_financial",
}


def collected(site: Site, ref: str, **more: str) -> str:
    """Collect the laptop as Farid; return the path of its page."""
    answer = site.as_(FARID).post(f"/incidents/{ref}/collect", LAPTOP | more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


def act(site: Site, item: str, who: str, name: str, **form: str) -> int:
    answer = site.as_(who).post(f"{item.removesuffix('/item')}/act/{name}", form)
    return answer.status_code


def test_an_item_is_collected_with_the_order_of_volatility(site: Site, ref: str) -> None:
    form = site.as_(FARID).get(f"/incidents/{ref}/collect").text
    told = text_of(form)
    assert told.index("2. Memory and live state") < told.index("4. Disk")
    item = collected(site, ref)
    page = text_of(site.as_(LENA).get(item).text)
    assert "Held by Farid" in page
    assert "Serial number SN-4711" in page
    assert (
        "21 Nov 2026, 10:30 CET (21 Nov 09:30 UTC); the collector’s clock showed UTC+01:00" in page
    )
    answer = site.as_(FARID).post(f"/incidents/{ref}/collect", LAPTOP | {"rank": "2"})
    late = site.as_(FARID).get(answer.headers["location"]).text
    assert "Something that keeps longer was collected before it" in late
    assert "collected after E-1, which keeps longer" in text_of(late)
    assert b"SN-4711" not in b"".join(one.line for one in log_of(site.store, ref))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": " "}, "Say what it is"),
        ({"rank": ""}, "Choose what kind of source it is."),
        ({"at": "2026-11-22 10:00"}, "That lies in the future"),
        ({"at": "tomorrow"}, "isn’t a time that is clear"),
        ({"sha256": "xyz"}, "A SHA-256 has 64 digits"),
        ({"quantity": "two"}, "Give the quantity as a whole number"),
        ({"retention": "for_ever"}, "There is no class of record"),
    ],
)
def test_a_wrong_field_keeps_what_was_typed(
    site: Site, ref: str, wrong: dict[str, str], says: str
) -> None:
    before = entries_of(site.store, ref)
    answer = site.as_(FARID).post(f"/incidents/{ref}/collect", LAPTOP | wrong)
    assert answer.status_code == 422
    assert says in text_of(answer.text).replace("'", "’")
    assert "SN-4711" in answer.text
    assert entries_of(site.store, ref) == before


def test_a_mark_stands_with_who_held_it_also_at_the_same_moment(site: Site, ref: str) -> None:
    message(site, ref)
    item = f"/incidents/{ref}/evidence/1/item"
    assert act(site, item, FARID, "seal") == 303
    assert act(site, item, FARID, "transfer", to=LENA) == 303
    assert act(site, item, LENA, "receive") == 303
    assert act(site, item, LENA, "copy", note="for the lab") == 303
    with reading(site.store) as session:
        file = item_file(session, site.store, incident(site, ref), 1)
    assert file is not None
    held = [(one.name, one.marks) for one in held_spans(file)]
    assert held == [("Farid Haddad", ("sealed",)), ("Lena Okafor", ("copied",))]


def test_two_people_hand_it_over(site: Site, ref: str) -> None:
    item = collected(site, ref)
    assert act(site, item, CHRIS, "transfer", to=LENA) == 403
    assert act(site, item, FARID, "transfer", to="") == 409
    assert act(site, item, FARID, "transfer", to=SAM) == 409
    assert act(site, item, FARID, "transfer", to=LENA, note="to the safe") == 303
    waiting = site.as_(FARID).get(item).text
    assert "who hasn’t said yet that they have it" in text_of(waiting)
    assert "Only Lena Okafor can answer." in text_of(waiting)
    assert act(site, item, FARID, "receive") == 409
    assert act(site, item, LENA, "refuse", reason="") == 409
    site.hands.wait(hours=1)
    assert act(site, item, LENA, "receive", note="seal 12 whole") == 303
    page = site.as_(LENA).get(item).text
    assert "Held by Lena Okafor" in text_of(page)
    assert "to the safe seal 12 whole" in text_of(page)
    start = page.index("<svg xmlns")
    picture = ET.fromstring(page[start : page.index("</svg>", start) + 6])  # noqa: S314
    described = picture.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "until 21 Nov 2026, 13:00" in described
    assert described.rstrip().endswith("until now.")
    steps = [one.data["step"] for one in log_of(site.store, ref) if "step" in one.data]
    assert steps == ["released", "received"]


def test_without_the_forms_token_nothing_happens(site: Site, ref: str) -> None:
    item = collected(site, ref)
    before = entries_of(site.store, ref)
    path = item.removesuffix("/item")
    assert site.as_(FARID).send(f"{path}/act/copy", {"note": "x"}).status_code == 403
    assert site.as_(FARID).send(f"/incidents/{ref}/collect", LAPTOP).status_code == 403
    assert entries_of(site.store, ref) == before


def test_strangers_and_unknown_items_are_not_found(site: Site, ref: str) -> None:
    item = collected(site, ref)
    sam = site.as_(SAM)
    for path in (item, f"{item.removesuffix('/item')}/custody.pdf", f"/incidents/{ref}/collect"):
        assert sam.get(path).status_code == 404
    assert sam.post(f"/incidents/{ref}/collect", LAPTOP).status_code == 404
    farid = site.as_(FARID)
    assert farid.get(f"/incidents/{ref}/evidence/9/item").status_code == 404
    assert farid.get(f"{item.removesuffix('/item')}/custody.pdf?receipt=7").status_code == 404
    assert act(site, item, FARID, "burn") == 404


def test_work_hold_and_disposal_on_the_page(site: Site, ref: str) -> None:
    message(site, ref)
    item = f"/incidents/{ref}/evidence/1/item"
    assert act(site, item, FARID, "seal") == 303
    assert act(site, item, FARID, "copy", note="for the lab") == 303
    assert act(site, item, FARID, "analyse", note="grep") == 303
    assert act(site, item, FARID, "derive", title="excerpt", note="jq .text") == 303
    child = site.as_(FARID).get(f"/incidents/{ref}/evidence/2/item").text
    assert "Made from E-1" in text_of(child)
    assert act(site, item, ANA, "hold", reason="suit") == 403
    assert act(site, item, LENA, "hold", reason="suit") == 303
    held = site.as_(CHRIS).get(item).text
    assert "Legal hold H-1 is in force" in held
    assert 'id="dispose"' not in held
    assert act(site, item, FARID, "dispose", reason="old") == 409
    assert act(site, item, LENA, "unhold", hold="", reason="settled") == 409
    assert act(site, item, LENA, "unhold", hold="1", reason="settled") == 303
    assert act(site, item, FARID, "dispose", reason="old") == 303
    assert act(site, item, FARID, "approve", reason="yes") == 403
    assert act(site, item, LENA, "approve", reason="no claim") == 303
    assert "Disposal approved" in text_of(site.as_(LENA).get(item).text)
    site.act(ref, LENA, lambda tx, one, _lena: retention.dispose(tx, one, 1))
    listed = text_of(site.as_(CHRIS).get(f"/incidents/{ref}").text)
    assert "Disposed of" in listed, "not “Sealed”, which it once was"
    marks = text_of(site.as_(LENA).get(item).text)
    assert "sealed" in marks
    assert "copied" in marks


def test_on_the_page_too_nobody_approves_what_they_asked_for(site: Site, ref: str) -> None:
    message(site, ref)
    item = f"/incidents/{ref}/evidence/1/item"
    assert act(site, item, LENA, "dispose", reason="Jane Doe asked to be erased") == 303
    answer = site.as_(LENA).post(f"{item.removesuffix('/item')}/act/approve", {"reason": "yes"})
    assert answer.status_code == 409
    assert "somebody else has to approve it" in text_of(answer.text)
    assert "disposal approved" not in str([one.data for one in log_of(site.store, ref)])


def test_a_class_of_record_is_never_shown_without_its_caveat(site: Site, ref: str) -> None:
    unchecked = "7 years (unchecked: confirm with counsel)"
    assert unchecked in text_of(site.as_(FARID).get(f"/incidents/{ref}/collect").text)
    item = collected(site, ref)
    page = text_of(site.as_(LENA).get(item).text)
    assert "Class of record Tax and financial records: 7 years. Own rule, an example" in page
    assert "Unchecked: read in copies by others, not at the source" in page
    assert unchecked in page, "in the list of what may be chosen"
    paper = site.as_(LENA).get(f"{item.removesuffix('/item')}/custody.pdf").content
    pages = text_of_pages(paper)
    assert "not at the source" in " ".join(" ".join(pages).split())


def test_custody_goes_on_after_the_incident_is_closed(site: Site, ref: str) -> None:
    item = collected(site, ref)
    close_it(site, ref)
    assert site.as_(FARID).post(f"/incidents/{ref}/collect", LAPTOP).status_code == 409
    assert act(site, item, FARID, "transfer", to=LENA) == 303
    assert act(site, item, LENA, "receive") == 303
    assert act(site, item, LENA, "hold", reason="appeal") == 303
    assert act(site, item, LENA, "return", note="to the court, receipt 7") == 303
    assert "Given back; nobody here holds it." in text_of(site.as_(LENA).get(item).text)


def test_the_paper_carries_size_root_and_key_of_the_log(site: Site, ref: str) -> None:
    item = collected(site, ref)
    act(site, item, FARID, "transfer", to=LENA, note="to the safe")
    site.hands.wait(minutes=5)
    act(site, item, LENA, "receive")
    path = item.removesuffix("/item")
    with reading(site.store) as session:
        head = head_of(session, site.store, incident(site, ref))
    root = base64.b64encode(bytes.fromhex(head.root)).decode()
    for query, kind in (("", "Custody form"), ("?receipt=1", "Receipt")):
        answer = site.as_(LENA).get(f"{path}/custody.pdf{query}")
        assert answer.headers["content-type"] == "application/pdf"
        pages = text_of_pages(answer.content)
        told = " ".join(" ".join(pages).split())
        assert f"{kind}: E-1" in told
        assert f"{head.size} entries" in told
        assert root in told
        assert head.keys[0] in told
        assert "SN-4711" in told
        assert "to the safe" in told
        assert all(root in " ".join(one.split()) for one in pages)
    assert head.keys[0] == "+".join(site.store.signer.vkey.split("+")[:2])
