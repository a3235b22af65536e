"""A time stamp authority over HTTP on loopback: RFC 3161, answered by openssl on this machine.

It stamps with the machine's clock, or with a clock of the test: then openssl signs what it said
anew, with the other time in it. It can be told to misbehave.
"""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from evidence_store.timestamps import Authorities
from tests.evidence_store.evidence_authority import Authority, make_authority, sequence

LONG = timedelta(days=20 * 365)
_TIME = b"\x18\x0f"
"""Tag and length of a GeneralizedTime of whole seconds."""


@dataclass(kw_only=True)
class Tsa:
    """A running authority. Set `mood` to what it shall do instead of stamping."""

    authority: Authority
    clock: Callable[[], datetime] | None = None
    mood: str = ""
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    """The requests that came, as DER."""
    before_answer: Callable[[], None] | None = None
    """Called once an answer is made, before it is sent."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def authorities(self, *others: "Tsa", timeout_s: float = 5.0) -> Authorities:
        """This authority first, then others; roots of them all."""
        roots = self.authority.folder / "all-roots.pem"
        everybody = (self, *others)
        roots.write_bytes(b"".join(one.authority.root.read_bytes() for one in everybody))
        return Authorities.load([one.url for one in everybody], roots, timeout_s=timeout_s)

    def answer(self, query: bytes) -> tuple[int, bytes]:
        """Return HTTP status and body for a request."""
        with self.guard:
            self.asked.append(query)
            if self.mood == "away":
                return 503, b"maintenance"
            if self.mood == "page":
                return 200, b"<html>please log in</html>"
            if self.mood == "huge":
                return 200, bytes(2_000_000)
            reply = self._stamp(self.asked[0] if self.mood == "replay" else query)
        if self.before_answer is not None:
            self.before_answer()
        return 200, reply

    def _stamp(self, query: bytes) -> bytes:
        folder = self.authority.folder
        (folder / "asked").write_bytes(query)
        signer = "web" if self.mood == "web" else "signer"
        config = ("-config", "authority.cnf", "-section", "authority")
        keys = ("-signer", "signer.pem", "-inkey", "signer.key")
        self._openssl("ts", "-reply", "-queryfile", "asked", *keys, *config, "-out", "reply")
        if self.clock is not None or signer == "web":
            self._sign_again(signer)
        reply = bytearray((folder / "reply").read_bytes())
        if self.mood == "broken":
            reply[-20] ^= 1
        return bytes(reply)

    def _sign_again(self, signer: str) -> None:
        folder = self.authority.folder
        self._openssl("ts", "-reply", "-in", "reply", "-token_out", "-out", "token")
        self._openssl(
            "cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "said"
        )
        said = (folder / "said").read_bytes()
        if self.clock is not None:
            at = said.index(_TIME) + len(_TIME)
            said = said[:at] + f"{self.clock():%Y%m%d%H%M%SZ}".encode() + said[at + 15 :]
            (folder / "said").write_bytes(said)
        form = ("-binary", "-nodetach", "-nosmimecap", "-cades", "-md", "sha256", "-outform", "DER")
        kind = ("-econtent_type", "id-smime-ct-TSTInfo")
        keys = ("-signer", f"{signer}.pem", "-inkey", f"{signer}.key")
        self._openssl("cms", "-sign", "-in", "said", *form, *kind, *keys, "-out", "token")
        granted = sequence(b"\x02\x01\x00")
        (folder / "reply").write_bytes(sequence(granted + (folder / "token").read_bytes()))

    def _openssl(self, *args: str) -> None:
        command = ["openssl", *args]
        subprocess.run(command, cwd=self.authority.folder, check=True, capture_output=True)


@contextmanager
def serving(
    folder: Path, *, clock: Callable[[], datetime] | None = None, mood: str = ""
) -> Iterator[Tsa]:
    """Make an authority in `folder` and serve it on a free port of loopback."""
    tsa = Tsa(authority=make_authority(folder, valid=LONG, since=LONG), clock=clock, mood=mood)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = tsa.answer(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # The client had enough.

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    tsa.url = f"http://127.0.0.1:{server.server_port}/tsa"
    try:
        yield tsa
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
