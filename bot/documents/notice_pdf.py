"""A rendered notice becomes its PDF: marked, readable aloud, with the facts that it tells inside.

Decides which page is paper and what is attached to it; how bytes come out is `pdf`'s.
"""

import json
from pathlib import Path

from bot.documents.html import RenderedNotice
from bot.documents.pdf import Attached, DocumentError, render_pdf
from bot.documents.pdf_environment import env_id, environment_of

RECORD_NAME = "notice-facts.json"


def notice_pdf(notice: RenderedNotice, *, assets: Path) -> bytes:
    """Make the PDF of a notice; the same notice gives the same bytes on the same installation.

    `assets` is `notification_templates/base`. Raises what `render_pdf` raises, and `DocumentError`
    for a text with links to facts, which is for the desk.
    """
    if notice.linked:
        raise DocumentError("A text with links to its facts is for the desk; render it without.")
    return render_pdf(
        notice.html,
        assets=assets,
        identifier=notice.content_sha256.encode(),
        marking=notice.marking,
        mark_pt=notice.small_pt,
        attached=Attached(
            name=RECORD_NAME,
            description="The facts that this notice tells, and what it was made with",
            content=_record(notice, assets),
            at=notice.made_at,
        ),
    )


def _record(notice: RenderedNotice, assets: Path) -> bytes:
    made_with = {"env_id": env_id(assets), **environment_of(assets)}
    record = {**notice.record, "made_with": made_with}
    return (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
