"""Nothing of an exercise reaches a mail server: real SMTP on loopback, connections counted.

The database's own barriers are tried with what no service of ours would write.
"""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from bot.delivery.mail import Mail, Mailer, send_mail
from bot.delivery.slack import SlackGateway
from bot.domain.incident import IncidentError, IncidentKind, Severity
from bot.domain.outbound import Grant
from bot.domain.roles import Role
from bot.jobs.outbound import send_notice_mail
from bot.jobs.parts import Parts
from bot.services import notice_review, notices
from bot.services.access import person_for
from bot.services.exercises import StartExercise, start_exercise
from bot.services.facts import record_facts
from bot.services.incidents import OpenIncident, open_incident
from bot.services.notice_papers import paper_of
from bot.services.outbound import caught_in, retract, send_notice
from bot.store.exercise_tables import CaughtMessage, LiveSendGrant
from bot.store.queries import incident_by_ref, notice_of
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work
from tests.approval import approve
from tests.conftest import T0, MovingClock
from tests.kit import ANA, CAST, CHRIS, FARID, LENA, entries_of, new_facts, who
from tests.services.test_notices import STATEMENT

pytestmark = pytest.mark.slow

FINN = "U0FINN"
PLAYERS = {Role.COMMANDER: ANA, Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS}
TO = "privacy@authority.example"


@dataclass
class Post:
    """An SMTP server of a few words; it counts connections and keeps what it gets."""

    connections: int = 0
    messages: list[str] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def post() -> Iterator[Post]:
    kept = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            kept.connections += 1
            self.wfile.write(b"220 post\r\n")
            while line := self.rfile.readline():
                word = line.strip().upper()[:4]
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    body = []
                    while (piece := self.rfile.readline()) not in {b".\r\n", b""}:
                        body.append(piece.decode())
                    kept.messages.append("".join(body))
                if word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                self.wfile.write(b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


def parts_of(store: Store, clock: MovingClock, post: Post) -> Parts:
    return Parts(
        store=store,
        slack=SlackGateway.__new__(SlackGateway),  # never called: no message is due here
        clock=clock,
        base_url="https://tocsin.example",
        bot_token="",
        file_hosts=frozenset(),
        mailer=Mailer(url=f"smtp://127.0.0.1:{post.port}", sender="legal@halden.example"),
    )


def approved(tx: Tx, incident: Incident) -> None:
    """A holding statement as N-1: Chris wrote it, Lena approved it, Ana released it."""
    record_facts(tx, incident, new_facts(STATEMENT), actor=who(tx, CHRIS))
    notices.draft_notice(tx, incident, "holding_statement", actor=who(tx, CHRIS))
    notices.submit_notice(tx, incident, 1, actor=who(tx, CHRIS))
    approve(tx, incident, 1, actor=who(tx, LENA))
    notice_review.release_notice(tx, incident, 1, actor=who(tx, ANA))


@pytest.fixture
def live(store: Store, clock: MovingClock) -> Store:
    with unit_of_work(store, now=clock()) as tx:
        opening = OpenIncident(
            title="Real", playbook_id="data_breach", severity=Severity.SEV2, roles=CAST
        )
        approved(tx, open_incident(tx, opening, actor=who(tx, ANA)))
    return replace(store, mails=True)


@pytest.fixture
def played(store: Store, clock: MovingClock) -> Store:
    with unit_of_work(store, now=clock()) as tx:
        request = StartExercise(scenario_id="drill_lost_laptop", players=PLAYERS)
        approved(tx, start_exercise(tx, request, actor=person_for(tx, FINN)))
    return store


def send(store: Store, clock: MovingClock, ref: str, **changed: str) -> str:
    with reading(store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        row = notice_of(session, incident, 1)
        assert row is not None
        paper = paper_of(session, store, incident, row)
    words = {"recipient": TO, "confirmed": TO} | changed
    with unit_of_work(store, now=clock()) as tx:
        here = incident_by_ref(tx.session, ref)
        assert here is not None
        return send_notice(tx, here, 1, paper=paper, actor=who(tx, LENA), **words)


def run_job(parts: Parts, ref: str, grant: int) -> None:
    with reading(parts.store) as session:
        incident = incident_by_ref(session, ref)
        assert incident is not None
        arguments = {"incident_id": incident.id, "grant": grant, "number": 1, "recipient": TO}
    send_notice_mail(parts, arguments)


def test_in_earnest_an_approved_and_released_notice_leaves_once(
    live: Store, clock: MovingClock, post: Post
) -> None:
    assert "being sent" in send(live, clock, "INC-2026-0001")
    parts = parts_of(live, clock, post)
    run_job(parts, "INC-2026-0001", 1)
    run_job(parts, "INC-2026-0001", 1)
    assert (post.connections, len(post.messages)) == (1, 1)
    assert "INC-2026-0001-N1-v1.pdf" in post.messages[0]
    assert "EXERCISE" not in post.messages[0]
    events = entries_of(live, "INC-2026-0001")
    assert events.count("notice.sent") == 1
    assert events[-1] == "outbound.refused", "the second try found its grant spent"


def test_of_an_exercise_nothing_leaves_and_the_sandbox_has_it(
    played: Store, clock: MovingClock, post: Post
) -> None:
    assert "nothing left" in send(played, clock, "EX-2026-0001")
    run_job(parts_of(played, clock, post), "EX-2026-0001", 1)
    assert (post.connections, post.messages) == (0, [])
    with unit_of_work(played, now=clock()) as tx:
        incident = incident_by_ref(tx.session, "EX-2026-0001")
        assert incident is not None
        caught = caught_in(tx, incident)
    assert [(one.recipient, one.subject) for one in caught] == [
        ("privacy@exercise.invalid", "[EXERCISE EX-2026-0001] " + caught[0].subject[24:])
    ]
    assert caught[0].attachments[0]["name"].startswith("EXERCISE-EX-2026-0001")
    assert "outbound.granted" not in entries_of(played, "EX-2026-0001")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"confirmed": "other@authority.example"}, "two addresses differ"),
        ({"recipient": "nobody"}, "Give one e-mail address"),
        ({"recipient": "a@b.example, c@d.example"}, "Give one e-mail address"),
    ],
)
def test_a_slip_of_the_finger_stops_here(
    live: Store, clock: MovingClock, changed: dict[str, str], says: str
) -> None:
    with pytest.raises(IncidentError, match=says):
        send(live, clock, "INC-2026-0001", **changed)


def test_a_second_press_sends_no_second_mail(live: Store, clock: MovingClock, post: Post) -> None:
    send(live, clock, "INC-2026-0001")
    clock.move(seconds=299)
    with pytest.raises(IncidentError, match="on its way to this address already"):
        send(live, clock, "INC-2026-0001")
    clock.move(seconds=1)
    assert "being sent" in send(live, clock, "INC-2026-0001"), "an answer that was lost"
    parts = parts_of(live, clock, post)
    run_job(parts, "INC-2026-0001", 1)
    run_job(parts, "INC-2026-0001", 2)
    assert len(post.messages) == 1, "the first job was only late"


def test_without_a_mail_server_nobody_waits_for_a_mail(live: Store, clock: MovingClock) -> None:
    with pytest.raises(IncidentError, match="No mail server is set up"):
        send(replace(live, mails=False), clock, "INC-2026-0001")
    assert "outbound.granted" not in entries_of(live, "INC-2026-0001")


def insert(store: Store, clock: MovingClock, ref: str, row: LiveSendGrant | CaughtMessage) -> None:
    """Write a row that no service of ours would write."""
    with unit_of_work(store, now=clock()) as tx:
        incident = incident_by_ref(tx.session, ref)
        assert incident is not None
        row.incident_id = incident.id or 0
        tx.session.add(row)
        tx.session.flush()


@pytest.mark.parametrize("kind", ["live", "exercise"])
def test_the_database_refuses_a_grant_for_an_exercise(
    played: Store, clock: MovingClock, kind: str
) -> None:
    """As `exercise` the check refuses it, as `live` the key that holds incident and kind."""
    grant = LiveSendGrant(
        incident_id=0,
        kind=kind,
        notice_id=1,
        version=1,
        channel="mail",
        recipient_sha256="",
        content_sha256="",
        approved_by=1,
        released_by=2,
        minted_at=T0,
    )
    with pytest.raises(IntegrityError):
        insert(played, clock, "EX-2026-0001", grant)


def test_the_database_refuses_a_caught_message_for_what_is_real(
    live: Store, clock: MovingClock
) -> None:
    row = CaughtMessage(
        incident_id=0,
        kind="live",
        channel="mail",
        recipient="",
        subject="",
        body="",
        attachments=[],
        caught_at=T0,
    )
    with pytest.raises(IntegrityError):
        insert(live, clock, "INC-2026-0001", row)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incident SET kind = 'live'",
        "UPDATE notice SET incident_id = incident_id + 1",
    ],
)
def test_the_database_fixes_the_kind_and_the_owner_of_a_notice(played: Store, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="is fixed at its creation"),
        played.engine.begin() as connection,
    ):
        connection.execute(text(sql))


def test_the_adapter_refuses_without_a_live_grant(post: Post) -> None:
    grant = Grant(
        id=1,
        kind=IncidentKind.EXERCISE,
        incident_id=1,
        notice_id=1,
        version=1,
        recipient_sha256="",
        content_sha256="",
        used=False,
    )
    mail = Mail(recipient=TO, subject="s", body="b", file_name="f.pdf", content=b"%PDF")
    mailer = Mailer(url=f"smtp://127.0.0.1:{post.port}", sender="legal@halden.example")
    for bad in (grant, replace(grant, kind="live", used=True)):
        with pytest.raises(ValueError, match="unused live grant"):
            send_mail(mailer, mail, grant=bad, now=T0 + timedelta(0))
    assert post.connections == 0


def test_a_retraction_is_practised_in_exercises_only(played: Store, clock: MovingClock) -> None:
    with unit_of_work(played, now=clock()) as tx:
        incident = incident_by_ref(tx.session, "EX-2026-0001")
        assert incident is not None
        retract(tx, incident, text="", actor=who(tx, CHRIS))
    assert entries_of(played, "EX-2026-0001")[-1] == "outbound.retracted"
