"""Posting a message once, although every step of it may fail or happen twice.

Slack has no idempotency key for posts. So we write down that we are about to post, post with our
key in the message's metadata, and write down the answer. A retry that finds the first mark
without the second reads the channel back before it posts again.
"""

import hashlib
import json
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.blocks.exercise import marked
from bot.delivery.slack import SlackRefusedError
from bot.domain.incident import names_exercise
from bot.jobs.parts import Parts
from bot.store.messages import first_try, note_posted, note_updated, posted

READ_BACK_S = 300.0
"""How far before our first try the read-back begins: Slack's clock and ours may differ."""


def post_once(parts: Parts, *, channel: str, key: str, text: str, blocks: Sequence[Block]) -> str:
    """Post unless a message with this key stands there already; return its `ts`.

    Every message of an exercise is marked here, whoever wrote it.
    """
    text, blocks = _marked(key, text, blocks)
    known = posted(parts.store, key)
    if known is not None and known.ts:
        return known.ts
    if known is not None:
        since = known.tried_at.timestamp() - READ_BACK_S
        found = parts.slack.find_posted(channel, key=key, since=since)
        if found is not None:
            note_posted(parts.store, key, ts=found, digest="")
            return found
    first_try(parts.store, key, channel=channel, now=parts.clock())
    ts = parts.slack.post(channel, key=key, text=text, blocks=blocks)
    note_posted(parts.store, key, ts=ts, digest=_digest(text, blocks))
    return ts


def post_or_update(
    parts: Parts, *, channel: str, key: str, text: str, blocks: Sequence[Block]
) -> str:
    """Keep one message current: post it at first, then replace it when its content changed."""
    text, blocks = _marked(key, text, blocks)
    known = posted(parts.store, key)
    if known is None or not known.ts:
        return post_once(parts, channel=channel, key=key, text=text, blocks=blocks)
    digest = _digest(text, blocks)
    if known.digest == digest:
        return known.ts
    try:
        parts.slack.update(channel, known.ts, key=key, text=text, blocks=blocks)
    except SlackRefusedError as error:
        if error.code != "message_not_found":
            raise
        # Somebody deleted it; a new one takes its place, and is the one that is followed.
        key_after = f"{key}/after/{known.ts}"
        ts = post_once(parts, channel=channel, key=key_after, text=text, blocks=blocks)
        note_posted(parts.store, key, ts=ts, digest=digest)
        return ts
    note_updated(parts.store, key, digest=digest)
    return known.ts


def _digest(text: str, blocks: Sequence[Block]) -> str:
    content = json.dumps([text, [block.to_dict() for block in blocks]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _marked(key: str, text: str, blocks: Sequence[Block]) -> tuple[str, Sequence[Block]]:
    """Mark a message whose key names an exercise; every key names its incident."""
    return marked(text, blocks) if names_exercise(key) else (text, blocks)
