"""E-mail: the one adapter that speaks SMTP. Only `bot.jobs.outbound` calls it, with a grant.

Decides how a message is put on the wire: TLS, a timeout, one recipient. Whether it may leave is
decided before (`bot.domain.outbound`).
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from bot.domain.outbound import Grant

TIMEOUT_S = 20


class MailError(Exception):
    """The mail server didn't take the message; the text says why, without an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailer:
    """Where mail is handed in: `smtp://` with STARTTLS where offered, `smtps://` with TLS."""

    url: str = field(repr=False)
    sender: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One message with one attachment."""

    recipient: str = field(repr=False)
    subject: str
    body: str
    file_name: str
    content: bytes = field(repr=False)


def send_mail(mailer: Mailer, mail: Mail, *, grant: Grant, now: datetime) -> str:
    """Hand a message to the mail server; return its Message-ID.

    Raises `MailError` if the server refuses or can't be reached; the message may then not have
    left, and it isn't tried again by itself. Raises `ValueError` without a live grant.
    """
    if grant.kind != "live" or grant.used:
        raise ValueError("mail needs an unused live grant")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mailer.sender, mail.recipient, mail.subject
    message["Date"] = formatdate(now.timestamp())
    message["Message-ID"] = make_msgid(domain=mailer.sender.rpartition("@")[2])
    message.set_content(mail.body)
    message.add_attachment(
        mail.content, maintype="application", subtype="pdf", filename=mail.file_name
    )
    try:
        _hand_in(mailer, message)
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"The mail server didn't take it ({type(error).__name__}).") from error
    return str(message["Message-ID"])


def _hand_in(mailer: Mailer, message: EmailMessage) -> None:
    parts = urlsplit(mailer.url)
    host = parts.hostname or ""
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        with smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT_S, context=context
        ) as server:
            _speak(server, parts.username, parts.password, message)
        return
    with smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        _speak(server, parts.username, parts.password, message)


def _speak(
    server: smtplib.SMTP, user: str | None, password: str | None, message: EmailMessage
) -> None:
    if user:
        server.login(unquote(user), unquote(password or ""))
    server.send_message(message)
