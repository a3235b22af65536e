"""One application serves a worker's tests of pages; each test opens an incident of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from board_kit import breach
from pages_kit import NOW, Hands, Site
from signin_kit import Door, at_start, house

from bot.app import build
from bot.local_slack.people import DEMO_PEOPLE
from bot.practice import listen, picker, practice_settings, serve
from bot.services.people import learn_person
from bot.web.pages.render import environment
from tests.kit import opened


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    hands = Hands()
    listener = listen(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("site")
    settings, _ = practice_settings(folder, api_url=url, base_url=url, environment={})
    # On this site no job runs, so nothing leaves; its pages are of a house with a mail server.
    settings = replace(settings, smtp_url="smtp://mail.example", mail_from="legal@halden.example")
    tocsin = build(settings, hands.clock, picker=picker())
    server, thread = serve(tocsin.web, listener)
    site = Site(tocsin=tocsin, url=url, hands=hands)
    site.tx(
        lambda tx: [
            learn_person(tx, one.id, name=one.real_name, zone=one.tz) for one in DEMO_PEOPLE
        ]
    )
    for template in environment().list_templates():
        environment().get_template(template)
    yield site
    server.should_exit = True
    thread.join(10)
    tocsin.close()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    whole_site.hands.now = NOW
    # Uploads that another test broke off would count against this test's people.
    shutil.rmtree(whole_site.store.uploads.root, ignore_errors=True)
    yield whole_site
    for client in whole_site.clients:
        client.close()
    whole_site.clients.clear()


@pytest.fixture
def ref(site: Site) -> str:
    """An incident of Ana's, with Farid, Lena and Chris in their roles; Sam isn't a member."""
    found: list[str] = []
    site.tx(lambda tx: found.append(opened(tx).ref))
    return found[0]


@pytest.fixture(scope="module")
def still(whole_site: Site) -> tuple[str, str]:
    """An incident in which nothing more happens, and its page: a module's refusals share it."""
    whole_site.hands.now = NOW
    found: list[str] = []
    whole_site.tx(lambda tx: found.append(opened(tx).ref))
    return found[0], breach(whole_site, found[0])


@pytest.fixture(scope="session")
def whole_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with house(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
def door(whole_door: Door) -> Iterator[Door]:
    """Tocsin with a provider that people sign in with; honest, and at the usual time."""
    at_start(whole_door)
    yield whole_door
    for client in whole_door.clients:
        client.close()
    whole_door.clients.clear()
