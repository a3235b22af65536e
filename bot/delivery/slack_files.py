"""Fetching a file from Slack with the bot token, as a stream, without making it public.

Decides which addresses the token may be sent to and what counts as the file. Hashing and storing
happen while streaming, in `evidence_store.artifacts`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from bot.delivery.slack import SlackRefusedError, SlackUnavailableError, seconds_of

CHUNK_BYTES = 256 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_TIMEOUT = httpx.Timeout(connect=5, read=30, write=30, pool=5)
_SERVER_ERROR = 500
_TOO_MANY = 429


def allowed_hosts(api_url: str) -> frozenset[str]:
    """Return the hosts that may get the bot token: Slack's file host and the API's own."""
    host = urlsplit(api_url).netloc
    return frozenset({"files.slack.com", host})


@contextmanager
def download(
    url: str, *, token: str, hosts: frozenset[str], page_bytes: int | None = None
) -> Iterator[Iterator[bytes]]:
    """Give the file's bytes as chunks.

    `page_bytes` is the size in bytes of a file that is itself a web page; without it a web page is
    taken for Slack's login page.

    Raises `SlackRefusedError` for a foreign address (`foreign_host`), or when Slack sends its
    login page instead of the file, or the way to it (`login_page`): that happens when
    `files:read` is missing. Raises `SlackUnavailableError` when the file breaks off half-way.
    """
    address = urlsplit(url)
    safe = address.scheme == "https" or address.hostname in LOOPBACK
    if address.netloc not in hosts or not safe:
        raise SlackRefusedError("foreign_host", "file download")
    # At INFO httpx writes every address into the log, and this one holds the file's name.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            _check(response, page_bytes)
            yield response.iter_bytes(CHUNK_BYTES)
    except httpx.TransportError as error:
        raise SlackUnavailableError(f"file download: {type(error).__name__}") from error


def _check(response: httpx.Response, page_bytes: int | None) -> None:
    status = response.status_code
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        wait = seconds_of(response.headers.get("Retry-After"))
        raise SlackUnavailableError(f"file download: {status}", retry_after_s=wait)
    if response.is_redirect:
        raise SlackRefusedError("login_page", "file download")
    if status != httpx.codes.OK:
        raise SlackRefusedError(f"http_{status}", "file download")
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    attached = "attachment" in response.headers.get("Content-Disposition", "")
    whole = page_bytes is not None and response.headers.get("Content-Length") == str(page_bytes)
    if not (attached or whole):
        raise SlackRefusedError("login_page", "file download")
