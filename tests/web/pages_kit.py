"""The pages over real HTTP on loopback, with a real store; jobs stay queued, so no Slack is needed.

`Site` is the running application and the short ways to change its store; `Looker` is somebody's
browser.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx

from bot.app import Tocsin
from bot.domain.facts import parse_key, read_value
from bot.services.access import person_for
from bot.services.clock_marks import waive_clock
from bot.services.evidence import preserve_message
from bot.services.facts import NewFact, record_facts
from bot.services.incidents import close
from bot.store.queries import clocks_of, incident_by_ref
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Store, Tx, reading, unit_of_work
from bot.web.people import COOKIE, PICK_COOKIE
from tests.kit import ANA, FARID, LENA

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""One for all browsers: loading the certificates takes longer than most tests."""
BERLIN = ZoneInfo("Europe/Berlin")

LETTER = {
    "aware_at": "2026-11-21 09:00 UTC",
    "breach_started_at": "2026-11-19 22:00 UTC",
    "breach_ended_at": "2026-11-21 08:30 UTC",
    "what_happened": "An intruder copied claims files through a forgotten export account.",
    "subject_categories": "policyholders and claimants",
    "affected_total": "1450",
    "record_categories": "claims files and bank details",
    "records_total": "3200",
    "data_elements": "name, ssn",
    "residents:DE": "250",
    "residents:US-CA": "1200",
    "encryption": "not_encrypted",
    "likely_consequences": "Identity theft and attempts at fraud.",
    "measures_taken": "The account was closed and all keys were replaced.",
    "risk_to_people": "high",
}
"""All that the notification to the authority needs."""


@dataclass
class Hands:
    """A clock that tests turn by hand."""

    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Looker:
    """Somebody's browser; it doesn't follow redirects."""

    client: httpx.Client
    csrf: str

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, fields: Mapping[str, object] | None = None) -> httpx.Response:
        """Send a form with its token."""
        return self.send(path, {"csrf": self.csrf, **(fields or {})})

    def send(self, path: str, fields: Mapping[str, object]) -> httpx.Response:
        """Send a form with exactly these fields."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=urlencode(fields, doseq=True), headers=headers)


@dataclass
class Site:
    """The application, its address, and ways to act on its store and to look at it as somebody."""

    tocsin: Tocsin
    url: str
    hands: Hands
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.tocsin.store

    def nobody(self) -> httpx.Client:
        """Return a browser without cookies."""
        client = httpx.Client(base_url=self.url, timeout=20, verify=NO_TLS)
        self.clients.append(client)
        return client

    def as_(self, slack_id: str) -> Looker:
        """Sign somebody in as the demo does, through the picker."""
        client = self.nobody()
        client.get("/who")
        token = client.cookies[PICK_COOKIE]
        answer = client.post("/who", data={"csrf": token, "person": slack_id, "next": "/"})
        assert answer.status_code == 303
        kept = self.tocsin.web.state.desk.sessions._signer.loads(client.cookies[COOKIE])
        return Looker(client=client, csrf=kept["csrf"])

    def tx(self, verb: Callable[[Tx], object]) -> None:
        """Change the store directly."""
        with unit_of_work(self.store, now=self.hands.now) as tx:
            verb(tx)

    def act(self, ref: str, slack_id: str, verb: Callable[[Tx, Incident, Person], object]) -> None:
        """Run a service as somebody."""

        def run(tx: Tx) -> None:
            incident = incident_by_ref(tx.session, ref)
            assert incident is not None
            verb(tx, incident, person_for(tx, slack_id))

        self.tx(run)

    def record(self, ref: str, slack_id: str, facts: Mapping[str, str]) -> None:
        """Record facts as somebody."""
        new = [
            NewFact(
                key=parse_key(name),
                value=read_value(parse_key(name), text, now=self.hands.now, zone=BERLIN),
                source="database log, read by Farid",
            )
            for name, text in facts.items()
        ]
        self.act(ref, slack_id, lambda tx, one, who: record_facts(tx, one, new, actor=who))


def incident(site: Site, ref: str) -> Incident:
    """Read an incident's row."""
    with reading(site.store) as session:
        found = incident_by_ref(session, ref)
    assert found is not None
    return found


def close_it(site: Site, ref: str) -> None:
    """Waive every open duty and close the incident."""

    def waive(tx: Tx, one: Incident, lena: Person) -> None:
        for clock in clocks_of(tx.session, one):
            if clock.kind == "regulatory" and clock.state in {"running", "missed", "waiting"}:
                waive_clock(tx, one, clock.key, reason="nobody was affected", actor=lena)

    site.act(ref, LENA, waive)
    site.act(ref, ANA, lambda tx, one, ana: close(tx, one, note="over", actor=ana))


def message(site: Site, ref: str, text: str = "40 GB are going out") -> None:
    """Preserve a message as E-1."""
    wire = {"ts": "1795.1", "text": text, "user": FARID}
    site.act(
        ref, FARID, lambda tx, one, him: preserve_message(tx, one, wire, channel="C1", actor=him)
    )
