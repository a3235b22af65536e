"""Delivery to the app: signed HTTP as Slack sends it, or the socket when one is connected.

Decides: signing, the three seconds, retries of events, and the inbound faults. Doesn't decide: what
is in a payload (payloads.py) or what the answer means (interactions.py).
Source: https://docs.slack.dev/authentication/verifying-requests-from-slack and
https://docs.slack.dev/apis/events-api (retries: at once, after 1 minute, after 5 minutes).
"""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from bot.local_slack.faults import Faults
from bot.local_slack.loopback import require_loopback_url
from bot.local_slack.workspace import Json

ACK_SECONDS = 3.0
EVENT_RETRIES = (0.0, 60.0, 300.0)
TIMED_OUT = "operation_timeout"
FAILED = "dispatch_failed"
HTTP_OK = 200
TEXT = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ack:
    """What the app answered; `failure` is "", "operation_timeout" or "dispatch_failed"."""

    status: int | None
    body: str
    failure: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the app answered 200 in time."""
        return not self.failure

    def json(self) -> Json:
        """Return the body as a JSON object; an empty or plain-text body gives an empty one."""
        if not self.body.lstrip().startswith("{"):
            return {}
        found: Json = json.loads(self.body)
        return found


# envelope type, payload, seconds to answer, attempt, reason of the repetition
Socket = Callable[[str, Json, float, int, str], Ack | None]


class Inbound:
    """The way to the app: over the socket when one is connected, else over signed HTTP."""

    def __init__(
        self,
        *,
        signing_secret: str,
        faults: Faults,
        clock: Callable[[], datetime],
        ack_seconds: float = ACK_SECONDS,
        event_retries: tuple[float, ...] = EVENT_RETRIES,
    ) -> None:
        self.request_url = ""
        self.socket: Socket | None = None
        self.ack_seconds = ack_seconds
        self._secret = signing_secret.encode()
        self._faults = faults
        self._clock = clock
        self._event_retries = event_retries
        self._events: queue.Queue[Json | None] = queue.Queue()
        self._worker: threading.Thread | None = None
        self._idle = threading.Condition()
        self._pending = 0
        self._timers: list[threading.Timer] = []
        self._closed = False

    def point_at(self, request_url: str) -> None:
        """Deliver to this address from now on. Raises NotLoopbackError."""
        self.request_url = require_loopback_url(request_url) if request_url else ""

    def command(self, fields: dict[str, str]) -> Ack:
        """Deliver a slash command (a form) and return the app's answer."""
        return self._with_faults("slash_command", "slash_commands", fields, urlencode(fields), FORM)

    def interaction(self, payload: Json) -> Ack:
        """Deliver a click, submission or shortcut (a form with one JSON field)."""
        body = urlencode({"payload": json.dumps(payload)})
        return self._with_faults(str(payload["type"]), "interactive", payload, body, FORM)

    def event(self, envelope: Json) -> None:
        """Queue an event; a worker delivers it, as Slack does, apart from what caused it."""
        with self._idle:
            if self._closed:
                return
            self._pending += 1
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="box-events", daemon=True)
                self._worker.start()
        self._events.put(envelope)

    def settle(self, seconds: float) -> bool:
        """Wait until no event is on its way (retries in minutes don't count)."""
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, timeout=seconds)

    def close(self) -> None:
        """Stop the worker and its timers."""
        with self._idle:
            if self._closed:
                return
            self._closed = True
            worker = self._worker
        for timer in self._timers:
            timer.cancel()
        if worker is not None:
            self._events.put(None)
            worker.join(timeout=self.ack_seconds * 3)

    def _work(self) -> None:
        while (envelope := self._events.get()) is not None:
            try:
                self._deliver_event(envelope, attempt=0, reason="")
            finally:
                with self._idle:
                    self._pending -= 1
                    self._idle.notify_all()

    def _deliver_event(self, envelope: Json, *, attempt: int, reason: str) -> None:
        body = json.dumps(envelope)
        ack = self._with_faults(
            "event", "events_api", envelope, body, TEXT, attempt=attempt, reason=reason
        )
        if ack.ok or attempt >= len(self._event_retries) or self._closed:
            return
        why = "http_timeout" if ack.failure == TIMED_OUT else "http_error"
        wait = self._event_retries[attempt]
        if wait == 0:
            self._deliver_event(envelope, attempt=attempt + 1, reason=why)
            return
        timer = threading.Timer(
            wait, self._deliver_event, (envelope,), {"attempt": attempt + 1, "reason": why}
        )
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _with_faults(
        self,
        kind: str,
        envelope: str,
        payload: Json,
        body: str,
        content_type: str,
        *,
        attempt: int = 0,
        reason: str = "",
    ) -> Ack:
        fault = self._faults.take(f"inbound:{kind}")
        if fault is not None and fault.kind == "deliver_late":
            time.sleep(fault.seconds)
        ack = self._send(envelope, payload, body, content_type, attempt=attempt, reason=reason)
        if fault is not None and fault.kind == "deliver_twice":
            self._send(
                envelope, payload, body, content_type, attempt=attempt + 1, reason="http_timeout"
            )
        return ack

    def _send(
        self,
        envelope: str,
        payload: Json,
        body: str,
        content_type: str,
        *,
        attempt: int,
        reason: str,
    ) -> Ack:
        if self.socket is not None:
            answered = self.socket(envelope, payload, self.ack_seconds, attempt, reason)
            if answered is not None:
                return answered
        if not self.request_url:
            return Ack(status=None, body="", failure=FAILED)
        headers = {"Content-Type": content_type, **self.sign(body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            status, answer = _post(self.request_url, body, headers, self.ack_seconds)
        except TimeoutError:
            return Ack(status=None, body="", failure=TIMED_OUT)
        except (OSError, http.client.HTTPException):
            return Ack(status=None, body="", failure=FAILED)
        return Ack(status=status, body=answer, failure="" if status == HTTP_OK else FAILED)

    def sign(self, body: str) -> dict[str, str]:
        """Return the two headers that prove a request to be Slack's (version v0, HMAC-SHA256)."""
        timestamp = str(int(self._clock().timestamp()))
        base = f"v0:{timestamp}:{body}".encode()
        digest = hmac.new(self._secret, base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _post(url: str, body: str, headers: dict[str, str], seconds: float) -> tuple[int, str]:
    """Send one request over a connection of its own: the app may be restarted between two."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("POST", parts.path or "/", body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
