"""Socket Mode: the same deliveries over a WebSocket that the app opens.

Decides: the WebSocket itself (the small part of RFC 6455 that Slack's clients use), the hello, the
envelopes and their acknowledgements. Doesn't decide: what is delivered (inbound.py).
Source: https://docs.slack.dev/apis/events-api/using-socket-mode and RFC 6455 sections 4 and 5.
"""

import base64
import hashlib
import itertools
import json
import secrets
import socket
import socketserver
import struct
import threading
from dataclasses import dataclass, field
from io import BufferedIOBase

from bot.local_slack.inbound import HTTP_OK, TIMED_OUT, Ack
from bot.local_slack.loopback import host_of_header, is_loopback
from bot.local_slack.workspace import Json

ACCEPT_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
SHORT, MEDIUM = 126, 127  # payload length codes, RFC 6455 section 5.2
LONGEST = 1_000_000


class ClosedSocketError(ConnectionError):
    """The other side has gone, or broke the protocol."""


@dataclass(kw_only=True)
class _Connection:
    sock: socket.socket
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < SHORT:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, SHORT, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, MEDIUM, size)
        with self.lock:
            self.sock.sendall(head + data)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ClosedSocketError("the app closed the connection")
    return data


def read_frame(stream: BufferedIOBase) -> tuple[int, bytes]:
    """Return opcode and payload of one frame from a client. Raises ClosedSocketError."""
    first, second = _exactly(stream, 2)
    size = second & 0x7F
    if size == SHORT:
        (size,) = struct.unpack("!H", _exactly(stream, 2))
    elif size == MEDIUM:
        (size,) = struct.unpack("!Q", _exactly(stream, 8))
    if not second & 0x80 or not first & 0x80 or size > LONGEST:
        raise ClosedSocketError("a frame that is unmasked, split or too long")
    mask = _exactly(stream, 4)
    data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(_exactly(stream, size)))
    return first & 0x0F, data


class SocketMode(socketserver.ThreadingTCPServer):
    """The WebSocket server of a box; `deliver` fits Inbound.socket."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, app_id: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app_id = app_id
        self._ticket = secrets.token_urlsafe(16)
        self._lock = threading.Condition()
        self._connections: list[_Connection] = []
        self._answers: dict[str, Json | None] = {}
        self._numbers = itertools.count(1)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="box-socket", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the address that apps.connections.open gives out."""
        return f"ws://127.0.0.1:{self.server_address[1]}/link/?ticket={self._ticket}"

    def stop(self) -> None:
        """Close all connections and the server."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            self.drop(connection)
        self.shutdown()
        self.server_close()
        self._thread.join(timeout=5)

    def admits(self, path: str, host: str) -> bool:
        """Return whether a handshake carries the ticket and comes from this computer."""
        return is_loopback(host_of_header(host)) and path.endswith(f"ticket={self._ticket}")

    def welcome(self, connection: _Connection) -> None:
        """Say hello on a new connection and use it from now on."""
        hello = {
            "type": "hello",
            "num_connections": 1,
            "debug_info": {"host": "practice-workspace", "approximate_connection_time": 3600},
            "connection_info": {"app_id": self.app_id},
        }
        connection.send(TEXT, json.dumps(hello).encode())
        with self._lock:
            self._connections.append(connection)
            self._lock.notify_all()

    def drop(self, connection: _Connection) -> None:
        """Forget a connection and close it."""
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # already closed by the other side

    def wait_connected(self, seconds: float = 5.0) -> bool:
        """Wait until an app has connected; return False if none did in time."""
        with self._lock:
            return self._lock.wait_for(lambda: bool(self._connections), timeout=seconds)

    def take_ack(self, data: bytes) -> None:
        """Match an acknowledgement with its envelope."""
        answer = json.loads(data)
        with self._lock:
            if answer.get("envelope_id") in self._answers:
                self._answers[answer["envelope_id"]] = answer
                self._lock.notify_all()

    def deliver(
        self, kind: str, payload: Json, seconds: float, attempt: int, reason: str
    ) -> Ack | None:
        """Send one envelope and wait for its acknowledgement; None when no app is connected."""
        with self._lock:
            if not self._connections:
                return None
            connection = self._connections[-1]
            envelope_id = f"box-envelope-{next(self._numbers)}"
            self._answers[envelope_id] = None
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        try:
            connection.send(TEXT, json.dumps(envelope).encode())
        except OSError:
            self.drop(connection)
            return None
        with self._lock:
            self._lock.wait_for(lambda: self._answers[envelope_id] is not None, timeout=seconds)
            answer = self._answers.pop(envelope_id)
        if answer is None:
            return Ack(status=None, body="", failure=TIMED_OUT)
        body = answer.get("payload")
        return Ack(status=HTTP_OK, body=json.dumps(body) if body else "")


class _Handler(socketserver.StreamRequestHandler):
    """One connection of an app, from its handshake to its end."""

    server: SocketMode

    def handle(self) -> None:
        """Do the handshake, then take acknowledgements until the app goes."""
        request = self.rfile.readline().decode("latin-1").split(" ")
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        path = request[1] if len(request) > 1 else ""
        key = headers.get("sec-websocket-key", "")
        if not key or not self.server.admits(path, headers.get("host", "")):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        digest = hashlib.sha1(key.encode() + ACCEPT_KEY).digest()  # noqa: S324  RFC 6455 4.2.2
        accept = base64.b64encode(digest).decode()
        self.wfile.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        connection = _Connection(sock=self.connection)
        self.server.welcome(connection)
        try:
            self._listen(connection)
        except (OSError, ValueError):
            return  # the app has gone, or talks nonsense: either way the connection ends here
        finally:
            self.server.drop(connection)

    def _listen(self, connection: _Connection) -> None:
        while True:
            opcode, data = read_frame(self.rfile)
            if opcode == PING:
                connection.send(PONG, data)
            elif opcode == CLOSE:
                connection.send(CLOSE, data)
                return
            elif opcode == TEXT:
                self.server.take_ack(data)
