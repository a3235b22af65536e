"""The public page: what a stranger who holds a paper is told, and what never."""

import hashlib
import re
from html import unescape

import pytest
from pages_kit import NOW, Site, incident
from sqlmodel import select

from bot.services.verification import Status
from bot.store.notice_tables import NoticeRow, NoticeVersion, PrintedLetter, PrintRun
from bot.store.queries import notice_of
from bot.store.tables import Person
from bot.store.unit_of_work import Tx
from bot.web.pages.verify import BY_ADDRESS, IN_ALL, Budget

PDF = b"%PDF-1.7 a letter"


def flat(page: str) -> str:
    main = page.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture(autouse=True)
def fresh_budget(site: Site) -> None:
    site.tocsin.web.state.verify_budget = Budget()


def a_notice(
    site: Site,
    ref: str,
    *,
    code: str,
    state: str = "approved",
    version: int = 2,
    approved: bool = True,
) -> None:
    """A notice whose version 2 was approved, unless it wasn't; its content hash is `code`."""
    one = incident(site, ref)

    def add(tx: Tx) -> None:
        notice = NoticeRow(
            incident_id=one.id or 0,
            number=40,
            template_id="gdpr_art34_person",
            title="Letter",
            obligations=[],
            state=state,
            version=3,
            approved_version=version or None,
            approved_at=NOW if version else None,
        )
        tx.session.add(notice)
        tx.session.flush()
        tx.session.add(
            NoticeVersion(
                incident_id=one.id or 0,
                notice_id=notice.id or 0,
                version=2,
                template_sha256="t",
                content_sha256=code,
                facts={},
                wording={},
                made_at=NOW,
                pdf_sha256=f"f{code[1:]}" if approved else "",
            )
        )
        tx.record(one, "note.recorded", actor="tocsin", pd={"text": "a notice"})

    site.tx(add)


def a_letter(site: Site, ref: str, pdf_sha256: str) -> None:
    """A letter of a print run of that notice."""
    one = incident(site, ref)

    def add(tx: Tx) -> None:
        notice = notice_of(tx.session, one, 40)
        person = tx.session.exec(select(Person)).first()
        assert notice is not None
        assert person is not None
        run = PrintRun(
            incident_id=one.id or 0,
            notice_id=notice.id or 0,
            version=2,
            number=1,
            state="done",
            file_name="people.csv",
            recipients_sha256="r",
            summary={},
            recipients_size=1,
            asked_by=person.id or 0,
            asked_at=NOW,
        )
        tx.session.add(run)
        tx.session.flush()
        tx.session.add(
            PrintedLetter(run_id=run.id or 0, row=2, row_sha256="x", pdf_sha256=pdf_sha256, pages=1)
        )
        tx.record(one, "note.recorded", actor="tocsin", pd={"text": "a run"})

    site.tx(add)


def hexcode(ref: str) -> str:
    """A hash of its own for each test's incident."""
    return f"{int(ref[-4:]):04d}" + "ab" * 30


CASES = [
    (Status.CURRENT, {}, "issued this document, and it is current"),
    (Status.CURRENT, {"state": "sent"}, "issued this document, and it is current"),
    (Status.SUPERSEDED, {"version": 3}, "isn’t current any more"),
    (Status.SUPERSEDED, {"version": 0, "state": "draft"}, "isn’t current any more"),
    (Status.SUPERSEDED, {"state": "superseded"}, "isn’t current any more"),
    (Status.WITHDRAWN, {"state": "withdrawn"}, "has been withdrawn"),
    (Status.UNKNOWN, {"version": 0, "state": "draft", "approved": False}, "No approved document"),
]


@pytest.mark.parametrize(("status", "kind", "words"), CASES)
def test_a_stranger_is_told_whether_a_paper_counts(
    site: Site, ref: str, status: Status, kind: dict[str, object], words: str
) -> None:
    code = hexcode(ref)
    a_notice(site, ref, code=code, **kind)  # type: ignore[arg-type]
    nobody = site.nobody()
    for address in (f"/verify/{code[:16]}", f"/verify?code={code[:12]}", f"/verify/{code}"):
        answer = nobody.get(address)
        told = flat(answer.text)
        assert answer.status_code == 200
        assert words in told
        assert (f"{ref} / N-40" in told) is (status is not Status.UNKNOWN)
        assert "Claims database" not in told, "the incident's title is nobody's business"


def test_an_uploaded_file_is_recognised_byte_for_byte(site: Site, ref: str) -> None:
    a_notice(site, ref, code=hexcode(ref))
    pdf = PDF + ref.encode()
    a_letter(site, ref, hashlib.sha256(pdf).hexdigest())
    nobody = site.nobody()
    told = flat(nobody.post("/verify", files={"file": ("letter.pdf", pdf)}).text)
    assert "one of the letters that we made" in told
    changed = flat(nobody.post("/verify", files={"file": ("letter.pdf", pdf + b" ")}).text)
    assert "No approved document" in changed
    assert ref not in changed


@pytest.mark.parametrize(
    "code", ["nonsense", "0123456789a", "%25%25%25%25%25%25%25%25%25%25%25%25", "_" * 16]
)
def test_what_is_no_code_is_said_so(site: Site, code: str) -> None:
    answer = site.nobody().get(f"/verify/{code}")
    assert answer.status_code == 400
    assert "isn’t a code of ours" in flat(answer.text)


def test_the_page_needs_no_sign_in_and_keeps_nothing(site: Site) -> None:
    answer = site.nobody().get("/verify")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert site.nobody().post("/verify", data={"x": "1"}).status_code == 400


def test_too_many_questions_are_refused_in_words(site: Site) -> None:
    nobody = site.nobody()
    answers = [nobody.get(f"/verify/{n:016x}").status_code for n in range(BY_ADDRESS + 1)]
    assert answers == [200] * BY_ADDRESS + [429]
    refused = nobody.get("/verify/0123456789abcdef")
    assert refused.headers["Retry-After"] == "60"
    assert "Wait a minute" in flat(refused.text)
    site.hands.wait(minutes=1)
    assert nobody.get("/verify/0123456789abcdef").status_code == 200


def test_there_is_a_limit_in_all_too() -> None:
    budget = Budget()
    answers = [budget.spend(f"10.0.{n // 200}.{n % 200}", NOW) for n in range(IN_ALL + 1)]
    assert answers == [True] * IN_ALL + [False]
