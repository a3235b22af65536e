"""The job that lets one e-mail leave: it takes the grant, hands the message in, records the proof.

Without a mail server in the settings nothing leaves. A process that is killed between taking the
grant and the server's answer sends nothing again by itself: a person looks and decides.
"""

from collections.abc import Mapping
from typing import Any

from bot.delivery.mail import Mail, MailError, send_mail
from bot.documents.pdf_text import text_of_pages
from bot.jobs.channel import incident_by_id
from bot.jobs.parts import Parts
from bot.services.notice_papers import paper_of
from bot.services.outbound import (
    NotLeavingError,
    mail_body,
    note_refused,
    note_sent,
    take_grant,
)
from bot.store.queries import notice_of
from bot.store.tables import Incident
from bot.store.unit_of_work import reading, unit_of_work


def send_notice_mail(parts: Parts, arguments: Mapping[str, Any]) -> None:
    """Send one approved notice to one address, once."""
    incident = incident_by_id(parts, arguments)
    number, recipient = int(arguments["number"]), str(arguments["recipient"])
    with reading(parts.store) as session:
        notice = notice_of(session, incident, number)
        if notice is None:
            return
        paper = paper_of(session, parts.store, incident, notice)
    text = " ".join(text_of_pages(paper.content))
    if parts.mailer is None:
        _refused(parts, incident, number, "no mail server is set up (TOCSIN_SMTP_URL)")
        return
    try:
        with unit_of_work(parts.store, now=parts.clock()) as tx:
            here = tx.session.get_one(Incident, incident.id)
            grant = take_grant(
                tx,
                here,
                int(arguments["grant"]),
                recipient=recipient,
                paper=paper,
                file_text=text,
            )
        mail = Mail(
            recipient=recipient,
            subject=notice.title,
            body=mail_body(notice.title),
            file_name=paper.name,
            content=paper.content,
        )
        message_id = send_mail(parts.mailer, mail, grant=grant, now=parts.clock())
    except (NotLeavingError, MailError) as error:
        _refused(parts, incident, number, str(error))
        return
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        here = tx.session.get_one(Incident, incident.id)
        note_sent(tx, here, number, message_id=message_id, grant=grant)


def _refused(parts: Parts, incident: Incident, number: int, reason: str) -> None:
    with unit_of_work(parts.store, now=parts.clock()) as tx:
        here = tx.session.get_one(Incident, incident.id)
        note_refused(tx, here, number, reason=reason)
