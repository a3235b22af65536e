"""The board, the custody form, the receipt and the certificate are sound PDFs like the notices."""

from collections.abc import Callable

import pytest
from markupsafe import Markup
from notice_kit import ASSETS
from pdf_checks import faults_of

from bot.documents.board_paper import BoardPaper, PaperGroup, PaperRow, render_board
from bot.documents.certificate import CertificateFacts, CertifiedFile, render_certificate
from bot.documents.custody_form import CustodyPaper, HandOver, PaperStep, render_custody

pytestmark = pytest.mark.slow

PICTURE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
)
MADE_AT = "2026-03-03T10:30:00Z"
ROW = PaperRow(
    key="EU-GDPR-33-SA",
    place="European Union",
    to="Supervisory authority",
    recipient="Authority",
    duty="Notify",
    law="Art. 33 GDPR",
    left="12 h",
    due=("5 Mar 2026, 10:00 CET", "09:00 UTC"),
    state="running",
    confidence="confirmed",
    pressing=True,
)
HAND_OVER = HandOver(
    number=1,
    giver="Sam",
    released="3 Mar 2026",
    released_note="",
    taker="Lena",
    received="3 Mar 2026",
    received_note="Seal whole",
    state="received",
)
STEP = PaperStep(seq=1, at="3 Mar 2026", who="Sam", words="Collected", leaf="ab" * 32)


def board() -> bytes:
    paper = BoardPaper(
        ref="INC-2026-0001",
        title="Breach",
        organisation="Halden",
        made="3 March 2026, by Lena",
        made_at=MADE_AT,
        log="12 entries",
        only="",
        tally=("1 running",),
        zone="Europe/Berlin",
        pictures=[PICTURE],
        picture_words="One deadline",
        rows=(ROW,) * 60,
        questions=(PaperGroup(words="Is it material?", keys=("US-SEC",)),),
        ruled_out=(PaperGroup(words="Not a carrier", keys=("US-FCC",)),),
    )
    return render_board(paper, assets=ASSETS)


def custody(*, receipt: HandOver | None = None) -> bytes:
    paper = CustodyPaper(
        ref="INC-2026-0001",
        number=1,
        title="Laptop",
        organisation="Halden",
        made="3 March 2026",
        made_at=MADE_AT,
        zone="Europe/Berlin",
        lines=(("Kind", "Laptop"),),
        holder="Lena",
        hold="",
        hand_overs=(HAND_OVER,),
        steps=(STEP,) * 3,
        picture=PICTURE,
        picture_words="From Sam to Lena",
        origin="halden/incident/INC-2026-0001",
        size=12,
        root="q" * 43 + "=",
        keys=("halden+abc",),
        receipt=receipt,
    )
    return render_custody(paper, assets=ASSETS)


def receipt() -> bytes:
    return custody(receipt=HAND_OVER)


def certificate() -> bytes:
    facts = CertificateFacts(
        ref="INC-2026-0001",
        organisation="Halden",
        origin="halden/incident/INC-2026-0001",
        entries=12,
        root="ab" * 32,
        key_id="abcd",
        began="1 March 2026",
        ended="3 March 2026",
        made="3 March 2026",
        made_at=MADE_AT,
        tool="Tocsin 0.1.0",
        stamps=1,
        redacted=False,
        files=(CertifiedFile(exhibit="E-1", sha256="ab" * 32, size=12),) * 30,
    )
    return render_certificate(facts, assets=ASSETS)


@pytest.mark.parametrize("make", [board, custody, receipt, certificate])
def test_paper_is_sound_and_repeatable(make: Callable[[], bytes]) -> None:
    content = make()
    assert faults_of(content) == []
    assert make() == content
