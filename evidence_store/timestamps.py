"""RFC 3161 time stamps: asking an authority, and checking the answer before anyone believes it.

Decides what is asked (SHA-256 imprint, a nonce, the authority's certificate) and what makes a
stamp good: our bytes, our nonce, and a chain to one of the configured roots that was valid when
the stamp was made. What is stamped, and when, is decided by the caller; what is kept, in anchors.
Revocation isn't looked at.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

MAX_TOKEN_BYTES = 1 << 20
"""The verifier's limit; real ones have some 2 to 8 kB."""
TIMEOUT_S = 10.0
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_HTTP_OK = 200


class RootsError(ValueError):
    """The file with root certificates can't be used; the message says why."""


class TimestampError(Exception):
    """No good time stamp was had. `code` is one word for the log; it holds no free text.

    `unreachable`, `http-503` (any status), `too-large`, `unreadable` (not RFC 3161, or a form that
    we can't parse), `refused` (the authority said no), `invalid` (signature, chain, purpose, nonce
    or content is wrong). `away` says that the authority as a whole didn't answer, so that asking
    it for other bytes is no use now.
    """

    def __init__(self, code: str, words: str, *, away: bool = False) -> None:
        super().__init__(words)
        self.code, self.away = code, away


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A verified time stamp: the authority's whole reply (DER) and the time that it states."""

    reply: bytes
    gen_time: datetime
    authority: str

    @property
    def sha256(self) -> str:
        """Return the digest of the reply, as `log.anchored` names it."""
        return hashlib.sha256(self.reply).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorities:
    """Addresses in the order in which they are asked, and the roots that their chains end in."""

    urls: tuple[str, ...]
    roots: tuple[x509.Certificate, ...]
    roots_pem: bytes = field(repr=False, default=b"")
    timeout_s: float = TIMEOUT_S

    @property
    def names(self) -> tuple[str, ...]:
        """Return the addresses as they may be shown and logged."""
        return tuple(public_name(url) for url in self.urls)

    @classmethod
    def load(
        cls, urls: Iterable[str], roots: Path, *, timeout_s: float = TIMEOUT_S
    ) -> "Authorities":
        """Read the PEM file `roots`.

        Raises:
            RootsError: when it isn't there or holds no certificate.
        """
        try:
            pem = roots.read_bytes()
        except OSError as error:
            raise RootsError(f"{roots} can't be read: {error.strerror}") from error
        try:
            found = x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise RootsError(f"{roots} holds no certificates in PEM form") from error
        unique = tuple(dict.fromkeys(found))
        return cls(urls=tuple(urls), roots=unique, roots_pem=pem, timeout_s=timeout_s)


def request(url: str, message: bytes, *, authorities: Authorities) -> Token:
    """Have `message` stamped by the authority at `url`, and verify the stamp.

    Takes at most some `timeout_s` seconds for each of connecting, sending and reading.

    Raises:
        TimestampError: when there is no answer or no good one.
    """
    asked = (
        TimestampRequestBuilder()
        .data(message)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    reply = _post(url, asked.as_bytes(), timeout_s=authorities.timeout_s)
    gen_time = verify(reply, message, roots=authorities.roots, nonce=asked.nonce)
    return Token(reply=reply, gen_time=gen_time, authority=public_name(url))


def public_name(url: str) -> str:
    """Return an address without what may be secret in it: user, password and query."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def verify(
    reply: bytes, message: bytes, *, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> datetime:
    """Return the time (UTC) that `reply` states for `message`, if all of it is good.

    The chain is checked at that time, because the evidence outlives the certificates. With `nonce`
    the stamp must carry it.

    Raises:
        TimestampError: `unreadable`, `refused` or `invalid`.
    """
    try:
        response = decode_timestamp_response(reply)
        status = response.status
    except ValueError as error:
        raise TimestampError("unreadable", "the answer isn't an RFC 3161 reply") from error
    if status != PKIStatus.GRANTED:
        raise TimestampError("refused", f"the authority refused with status {status}")
    try:
        _check(response, message, roots=roots, nonce=nonce)
        gen_time = response.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise TimestampError("invalid", f"the time stamp doesn't verify: {error}") from error
    return gen_time.astimezone(UTC) if gen_time.tzinfo else gen_time.replace(tzinfo=UTC)


def _check(
    response: TimeStampResponse,
    message: bytes,
    *,
    roots: Sequence[x509.Certificate],
    nonce: int | None,
) -> None:
    if response.tst_info.message_imprint.hash_algorithm != _SHA256:
        raise VerificationError("the imprint isn't SHA-256")
    # Only roots are handed over: whatever else is put there would count as trusted too.
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    builder.build().verify(response, hashlib.sha256(message).digest())


def _post(url: str, body: bytes, *, timeout_s: float) -> bytes:
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
    }
    reply, name = b"", public_name(url)
    try:
        with (
            httpx.Client(timeout=timeout_s) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            if answer.status_code != _HTTP_OK:
                code = f"http-{answer.status_code}"
                raise TimestampError(code, f"{name} answered {answer.status_code}", away=True)
            for chunk in answer.iter_bytes():
                reply += chunk
                if len(reply) > MAX_TOKEN_BYTES:
                    raise TimestampError("too-large", f"{name} sent over {MAX_TOKEN_BYTES} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"{name} can't be reached ({type(error).__name__})"
        raise TimestampError("unreachable", words, away=True) from error
    return reply
