"""`POST /slack/events`: checks Slack's signature and hands the request to Bolt on a worker thread.

The check is slack_sdk's, with our clock: HMAC over timestamp and body, at most five minutes old,
compared in constant time (https://docs.slack.dev/authentication/verifying-requests-from-slack).
It stands here and not in Bolt because a replay is refused here too: a signature is taken once.
Bolt's own FastAPI adapter isn't used, since it blocks the event loop.
"""

from collections.abc import Sequence

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.store.messages import claim_request
from bot.store.unit_of_work import Store

MAX_BODY = 1_000_000
"""Bytes; Slack's largest payloads are some hundred kilobytes."""
TIMESTAMP_DIGITS = 12
THREADS = 20
"""Deliveries at work at once. Pages have threads of their own, should Slack's API hang."""


class _OurClock(SignatureClock):
    """Seconds since 1970 by the clock that the whole program uses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


def slack_routes(bolt: App, store: Store, clock: Clock, *, signing_secret: str) -> APIRouter:
    """Make the route for Slack's deliveries; without a signing secret it refuses all of them."""
    router = APIRouter()
    # In Socket Mode there is no secret, and nothing to let in here.
    verifier = SignatureVerifier(signing_secret or "none", clock=_OurClock(clock))

    limiter = CapacityLimiter(THREADS)

    def handle(body: str, headers: dict[str, str | Sequence[str]]) -> BoltResponse:
        timestamp = headers.get("x-slack-request-timestamp", [""])[0]
        signature = headers.get("x-slack-signature", [""])[0]
        numeric = timestamp.isdecimal() and len(timestamp) <= TIMESTAMP_DIGITS
        if not (signing_secret and numeric and verifier.is_valid(body, timestamp, signature)):
            return BoltResponse(status=401, body="unsigned, wrongly signed or too old")
        if not claim_request(store, f"signature/{signature}", now=clock()):
            return BoltResponse(status=409, body="this request was delivered before")
        return bolt.dispatch(BoltRequest(body=body, headers=headers))

    @router.post("/slack/events")
    async def slack_events(request: Request) -> Response:
        raw = await request.body()
        if len(raw) > MAX_BODY:
            return Response(status_code=413, content="too large")
        headers: dict[str, str | Sequence[str]] = {
            name.lower(): [value] for name, value in request.headers.items()
        }
        answer = await run_sync(handle, raw.decode("utf-8", "replace"), headers, limiter=limiter)
        return Response(
            status_code=answer.status,
            content=answer.body,
            headers={name: values[0] for name, values in answer.headers.items()},
        )

    return router
