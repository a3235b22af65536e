"""Uploading a file into one conversation, by Slack's three-step upload.

https://docs.slack.dev/messaging/working-with-files#upload: ask for an address, send the bytes
there, say for which conversation they are. Which conversation is the caller's business.
"""

import httpx

from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError

_TIMEOUT = httpx.Timeout(connect=5, read=30, write=30, pool=5)
_BAD = 400
_SERVER_ERROR = 500


def upload(gateway: SlackGateway, channel: str, *, name: str, content: bytes, words: str) -> str:
    """Upload `content` as a file called `name`, with a line of words; return the file's id."""
    client = gateway.client
    place = gateway.call(client.files_getUploadURLExternal, filename=name, length=len(content))
    try:
        answer = httpx.post(place["upload_url"], content=content, timeout=_TIMEOUT, trust_env=False)
    except httpx.TransportError as error:
        raise SlackUnavailableError(f"file upload: {type(error).__name__}") from error
    if answer.status_code >= _SERVER_ERROR:
        raise SlackUnavailableError(f"file upload: {answer.status_code}")
    if answer.status_code >= _BAD:
        raise SlackRefusedError(f"http_{answer.status_code}", "file upload")
    file_id = str(place["file_id"])
    gateway.call(
        client.files_completeUploadExternal,
        files=[{"id": file_id, "title": name}],
        channel_id=channel,
        initial_comment=words,
    )
    return file_id


def find_uploaded(gateway: SlackGateway, channel: str, *, name: str) -> str | None:
    """Find a file of this name among the latest messages of a conversation."""
    page = gateway.call(gateway.client.conversations_history, channel=channel, limit=50)
    for message in page["messages"]:
        for file in message.get("files") or []:
            if file.get("name") == name:
                return str(file["id"])
    return None
