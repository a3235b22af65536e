"""The job that hands a notice's PDF to the person who asked for it in Slack, and to nobody else.

The file goes into their direct messages with Tocsin, never into a channel. A retry that finds its
first try written down looks for the file there before it uploads again.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.blocks.exercise import MARK
from bot.delivery.slack_upload import find_uploaded, upload
from bot.domain.incident import is_exercise_ref
from bot.jobs.channel import incident_by_id
from bot.jobs.parts import Parts
from bot.services.notice_papers import paper_of
from bot.services.notices import record_notice_download
from bot.store.messages import first_try, note_posted_with, posted
from bot.store.queries import notice_of, person_by_slack_id
from bot.store.unit_of_work import reading, unit_of_work
from evidence_store.artifacts import ArtifactRef


def hand_paper(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Upload the PDF into the asker's direct messages, once, and record who took it."""
    incident = incident_by_id(parts, arguments)
    key, slack_id = str(arguments["key"]), str(arguments["slack_id"])
    known = posted(parts.store, key)
    if known is not None and known.ts:
        return
    with reading(parts.store) as session:
        notice = notice_of(session, incident, int(arguments["number"]))
        person = person_by_slack_id(session, slack_id)
        if notice is None or person is None:
            return
        paper = paper_of(session, parts.store, incident, notice)
    channel = parts.slack.direct_channel(slack_id)
    first_try(parts.store, key, channel=channel, now=parts.clock())
    found = find_uploaded(parts.slack, channel, name=paper.name) if known is not None else None
    if found is None:
        mark = f"{MARK} · " if is_exercise_ref(incident.ref) else ""
        words = f"{mark}{incident.ref} · N-{notice.number} {notice.title}"
        found = upload(parts.slack, channel, name=paper.name, content=paper.content, words=words)
    taken = ArtifactRef(sha256=hashlib.sha256(paper.content).hexdigest(), size=len(paper.content))
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        record_notice_download(tx, incident, notice.number, pdf=taken, actor=person)
        # With the entry or not at all: a process killed between the two would record it twice.
        note_posted_with(tx.session, key, ts=found, digest=taken.sha256)
