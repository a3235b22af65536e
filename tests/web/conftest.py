"""The pages over real HTTP on loopback, with a real store; jobs stay queued, so no Slack is needed.

One application serves a whole session of tests; each test opens an incident of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot.app import Tocsin, build
from bot.domain.facts import parse_key, read_value
from bot.domain.incident import Severity
from bot.domain.roles import Role
from bot.local_slack.people import DEMO_PEOPLE
from bot.practice import listen, picker, practice_settings, serve
from bot.services.access import person_for
from bot.services.facts import NewFact, record_facts
from bot.services.incidents import OpenIncident, open_incident
from bot.services.people import learn_person
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx, unit_of_work
from bot.web.people import COOKIE, PICK_COOKIE

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
ANA, FARID, LENA, CHRIS, SAM = "U0ANA", "U0FARID", "U0LENA", "U0CHRIS", "U0SAM"

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
class Site:
    """The application, its address, and ways to act on its store and to look at it as somebody."""

    tocsin: Tocsin
    url: str
    hands: Hands
    clients: list[httpx.Client] = field(default_factory=list)

    def as_(self, slack_id: str) -> "Looker":
        """Sign somebody in as the demo does, through the picker."""
        client = self.nobody()
        client.get("/who")
        answer = client.post(
            "/who", data={"csrf": client.cookies[PICK_COOKIE], "person": slack_id, "next": "/"}
        )
        assert answer.status_code == 303
        assert COOKIE in client.cookies
        signed = client.cookies[COOKIE]
        csrf = str(self.tocsin.web.state.desk.sessions._signer.loads(signed)["csrf"])
        return Looker(client=client, csrf=csrf)

    def nobody(self) -> httpx.Client:
        """Return a browser without cookies; it doesn't follow redirects."""
        client = httpx.Client(base_url=self.url, timeout=20)
        self.clients.append(client)
        return client

    def tx(self, verb: Callable[[Tx], object]) -> None:
        """Change the store directly."""
        with unit_of_work(self.tocsin.store, now=self.hands.now) as tx:
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
        new = []
        for name, text in facts.items():
            key = parse_key(name)
            value = read_value(key, text, now=self.hands.now, zone=BERLIN)
            new.append(NewFact(key=key, value=value, source="database log, read by Farid"))
        self.act(ref, slack_id, lambda tx, incident, who: record_facts(tx, incident, new, actor=who))


from zoneinfo import ZoneInfo  # noqa: E402

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Looker:
    """Somebody's browser."""

    client: httpx.Client
    csrf: str

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, fields: Mapping[str, object] | None = None) -> httpx.Response:
        """Send a form with its token."""
        body = urlencode({"csrf": self.csrf, **(fields or {})}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=body, headers=headers)


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    hands = Hands()
    folder: Path = tmp_path_factory.mktemp("site")
    listener = listen(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings, _ = practice_settings(folder, api_url=url, base_url=url, environment={})
    tocsin = build(settings, hands.clock, picker=picker())
    server, thread = serve(tocsin.web, listener)
    site = Site(tocsin=tocsin, url=url, hands=hands)
    site.tx(
        lambda tx: [
            learn_person(tx, one.id, name=one.real_name, zone=one.tz) for one in DEMO_PEOPLE
        ]
    )
    yield site
    server.should_exit = True
    thread.join(10)
    tocsin.close()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    whole_site.hands.now = NOW
    yield whole_site
    for client in whole_site.clients:
        client.close()
    whole_site.clients.clear()


@pytest.fixture
def ref(site: Site) -> str:
    """An incident of Ana's, with Farid, Lena and Chris in their roles; Sam isn't a member."""
    found: list[str] = []
    request = OpenIncident(
        title="Claims database copied",
        playbook_id="data_breach",
        severity=Severity.SEV2,
        roles={Role.FORENSICS: FARID, Role.LEGAL: LENA, Role.COMMS: CHRIS},
    )

    def run(tx: Tx) -> None:
        found.append(open_incident(tx, request, actor=person_for(tx, ANA)).ref)

    site.tx(run)
    return found[0]
