"""Uploading a file as evidence: in one form, in pieces, broken off and taken up again."""

import hashlib

import httpx
import pytest
from pages_kit import Looker, Site, close_it

from bot.store.queries import evidence_items, incident_by_ref
from bot.store.tables import EvidenceItem
from bot.store.unit_of_work import reading
from bot.store.uploads import MAX_OPEN, PIECE_BYTES
from tests.kit import CHRIS, FARID, LENA, SAM, entries_of, log_of, opened, texts_of

pytestmark = pytest.mark.slow

PIECES = hashlib.shake_256(b"disk image").digest(PIECE_BYTES + 300)


def items(site: Site, ref: str) -> list[EvidenceItem]:
    with reading(site.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        return list(evidence_items(session, incident))


def begin(looker: Looker, ref: str, **more: object) -> httpx.Response:
    fields = {"name": "mail.eml", "size": len(PIECES), "source": "mailbox", "form": "", **more}
    return looker.post(f"/incidents/{ref}/uploads", fields)


def put(looker: Looker, url: str, offset: int, content: bytes) -> httpx.Response:
    headers = {"X-Csrf-Token": looker.csrf}
    return looker.client.put(f"{url}/{offset}", content=content, headers=headers)


def test_a_large_file_comes_in_pieces_and_goes_on_after_a_break(site: Site, ref: str) -> None:
    farid = site.as_(FARID)
    made = begin(farid, ref)
    assert made.status_code == 201
    assert made.json()["piece"] == PIECE_BYTES
    url = f"/incidents/{ref}/uploads/{made.json()['id']}"
    assert put(farid, url, 0, PIECES[:PIECE_BYTES]).json() == {"offset": PIECE_BYTES}
    early = farid.post(f"{url}/finish")
    assert early.status_code == 409
    assert "hasn't arrived in whole" in early.json()["problem"]
    later = site.as_(FARID)
    assert later.get(url).json() == {"offset": PIECE_BYTES, "size": len(PIECES)}
    assert put(later, url, PIECE_BYTES, PIECES[PIECE_BYTES:]).json() == {"offset": len(PIECES)}
    done = later.post(f"{url}/finish").json()
    digest = hashlib.sha256(PIECES).hexdigest()
    assert done == {"item": 1, "sha256": digest}
    entry = log_of(site.store, ref)[-1]
    assert (entry.event, entry.data["method"], entry.data["form"]) == (
        "evidence.collected",
        "web upload",
        "email",
    )
    assert texts_of(site.store, ref, entry.seq) == {"title": "mail.eml", "source": "mailbox"}
    assert site.as_(LENA).get(f"/incidents/{ref}/evidence/1").content == PIECES
    assert later.get(url).status_code == 404, "the pieces are dropped"
    assert "preserved as E-1" in later.get(f"/incidents/{ref}/upload?item=1").text


def test_a_small_file_needs_no_script(site: Site, ref: str) -> None:
    farid = site.as_(FARID)
    assert f"/incidents/{ref}/upload" in farid.get(f"/incidents/{ref}").text
    assert 'enctype="multipart/form-data"' in farid.get(f"/incidents/{ref}/upload").text
    answer = farid.client.post(
        f"/incidents/{ref}/upload",
        data={"csrf": farid.csrf, "source": "web-3", "form": "log"},
        files={"file": ("../../auth.txt", b"login\n" * 9)},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/incidents/{ref}/upload?item=1"
    [item] = items(site, ref)
    assert (item.title, item.size, item.state) == ("../../auth.txt", 54, "collected")
    assert log_of(site.store, ref)[-1].data["form"] == "log"
    again = farid.client.post(
        f"/incidents/{ref}/upload",
        data={"csrf": farid.csrf},
        files={"file": ("b.txt", b"login\n" * 9)},
    )
    assert again.status_code == 409
    assert "already preserved as E-1" in again.text


def test_forms_that_can_t_be_taken(site: Site, ref: str) -> None:
    farid = site.as_(FARID)
    url = f"/incidents/{ref}/upload"
    none = farid.client.post(url, data={"csrf": farid.csrf}, files={"file": ("", b"")})
    assert (none.status_code, "Choose a file first" in none.text) == (409, True)
    forged = farid.client.post(url, data={"csrf": "x"}, files={"file": ("a", b"a")})
    assert (forged.status_code, "can&#39;t be accepted" in forged.text) == (403, True)
    # In chunks nobody can say beforehand how much it will be.
    large = farid.client.post(url, content=iter([b"x"]))
    assert (large.status_code, "at most 25 MB can be uploaded" in large.text) == (413, True)
    assert "evidence.collected" not in entries_of(site.store, ref)


def test_limits_are_said_before_anything_is_sent(site: Site, ref: str) -> None:
    chris = site.as_(CHRIS)
    large = begin(chris, ref, size=10**13)
    assert large.status_code == 409
    assert "are taken" in large.json()["problem"]
    assert begin(chris, ref, size="much").status_code == 409
    assert begin(chris, ref, name=" ").json()["problem"].startswith("The file has no name")
    for _ in range(MAX_OPEN):
        assert begin(chris, ref).status_code == 201
    assert "begun 5 uploads" in begin(chris, ref).json()["problem"]


def test_what_was_begun_is_shown_and_can_be_dropped(site: Site, ref: str) -> None:
    chris, page = site.as_(CHRIS), f"/incidents/{ref}/upload"
    made = [begin(chris, ref, name=f"disk {n}.img").json()["id"] for n in range(MAX_OPEN)]
    put(chris, f"/incidents/{ref}/uploads/{made[0]}", 0, PIECES[:PIECE_BYTES])
    shown = chris.get(page).text
    assert "<strong>disk 0.img</strong>" in shown
    assert "4.2 MB of 4.2 MB arrived" in shown
    assert "0 bytes of 4.2 MB arrived" in shown
    assert shown.count("Drop it") == MAX_OPEN
    assert "disk 0.img" not in site.as_(FARID).get(page).text, "names are the owner's only"
    drop = f"/incidents/{ref}/uploads/{made[0]}/drop"
    assert site.as_(FARID).post(drop).status_code == 404
    assert chris.send(drop, {"csrf": "guessed"}).status_code == 403
    answer = chris.post(drop)
    assert answer.headers["Location"] == f"{page}?done=drop"
    after = chris.get(answer.headers["Location"]).text
    assert "Dropped. What had arrived of the file is deleted." in after
    assert after.count("Drop it") == MAX_OPEN - 1
    assert begin(chris, ref).status_code == 201
    again = chris.post(drop)
    assert (again.status_code, "finished or dropped already" in again.text) == (404, True)


def test_uploads_in_other_incidents_are_one_link_away(site: Site, ref: str) -> None:
    other: list[str] = []
    site.tx(lambda tx: other.append(opened(tx).ref))
    chris = site.as_(CHRIS)
    begin(chris, other[0], name="other.img")
    shown = chris.get(f"/incidents/{ref}/upload").text
    assert f'href="/incidents/{other[0]}/upload#begun"' in shown
    assert "other.img" not in shown
    close_it(site, other[0])
    assert "Drop it" in chris.get(f"/incidents/{other[0]}/upload").text, "also when it is closed"


def test_nobody_goes_on_with_another_s_upload(site: Site, ref: str) -> None:
    farid, lena = site.as_(FARID), site.as_(LENA)
    url = f"/incidents/{ref}/uploads/{begin(farid, ref).json()['id']}"
    assert lena.get(url).status_code == 404
    assert put(lena, url, 0, PIECES[:PIECE_BYTES]).status_code == 404
    assert lena.post(f"{url}/finish").status_code == 404
    forged = farid.client.put(f"{url}/0", content=b"", headers={"X-Csrf-Token": "x"})
    assert forged.status_code == 403
    assert put(farid, url, 0, PIECES[: PIECE_BYTES + 1]).status_code == 403
    assert put(farid, url, 0, PIECES[:10]).status_code == 409
    assert farid.get(url).json()["offset"] == 0
    nobody = site.nobody().put(f"{url}/0", content=b"")
    assert nobody.status_code == 303


def test_who_isn_t_in_the_incident_sees_no_form(site: Site, ref: str) -> None:
    sam = site.as_(SAM)
    assert sam.get(f"/incidents/{ref}/upload").status_code == 404
    assert begin(sam, ref).status_code == 404


def test_a_closed_incident_takes_nothing(site: Site, ref: str) -> None:
    farid = site.as_(FARID)
    url = f"/incidents/{ref}/uploads/{begin(farid, ref, size=3).json()['id']}"
    put(farid, url, 0, b"abc")
    close_it(site, ref)
    refused = farid.post(f"{url}/finish")
    assert (refused.status_code, "is closed" in refused.json()["problem"]) == (409, True)
    assert farid.get(url).status_code == 404
    assert "is closed" in farid.get(f"/incidents/{ref}/upload").text
    assert items(site, ref) == []
