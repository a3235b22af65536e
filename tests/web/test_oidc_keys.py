"""Keys and addresses of a provider, what stays out of the log, the set-up, and a real browser."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from oidc_provider import CLIENT_SECRET, honest
from pages_kit import NOW
from playwright.sync_api import Page, sync_playwright
from signin_kit import SECRET, Door, environment, other_door, slack_claims

from bot.cli.sign_in import words
from bot.manifest import manifest
from bot.practice import picker
from bot.settings import SLACK_ISSUER, SLACK_PERSON_CLAIM, SettingsError, read_settings
from bot.web import oidc, sign_in
from bot.web.app import make_web
from bot.web.oidc import Provider, ProviderConfig, Secrets, _Known
from bot.web.pages.signin import WORDS
from tests.e2e.browser_kit import CHROMIUM, FLAGS
from tests.kit import ANA, LENA

pytestmark = pytest.mark.slow


def test_keys_are_kept_and_read_again_when_one_is_not_known(door: Door) -> None:
    with other_door(door) as other:
        before = door.provider.key_requests
        other.as_(ANA)
        other.as_(ANA)
        assert door.provider.key_requests == before + 1
        door.hands.wait(minutes=2)
        door.provider.change_key("second")
        other.as_(ANA)
        assert door.provider.key_requests == before + 2


def test_unknown_keys_do_not_make_us_ask_all_the_time(door: Door) -> None:
    with other_door(door) as other:
        other.as_(ANA)
        before = door.provider.key_requests
        door.provider.change_key("not asked for within a minute")
        for _ in range(3):
            assert other.try_as(slack_claims(ANA)).status_code == 403
        assert door.provider.key_requests == before
        door.hands.wait(minutes=1)
        other.as_(ANA)


def test_a_key_that_was_taken_back_counts_for_an_hour_at_most(door: Door) -> None:
    with other_door(door) as other:
        other.as_(ANA)
        stolen = door.provider.key
        door.provider.change_key("new")
        door.hands.wait(hours=1)
        door.provider.twist = replace(honest(), key=stolen, header={"kid": stolen.kid})
        assert other.try_as(slack_claims(ANA)).status_code == 403


def test_nothing_of_a_person_or_a_token_gets_into_the_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = slack_claims(LENA) | {"email": "lena@halden.example", "name": "Lena Okafor"}
    client = door.browser()
    assert door.try_as(person, client).status_code == 303
    door.provider.twist = honest(nonce="another")
    assert door.try_as(person).status_code == 403
    door.provider.twist = honest()
    assert door.try_as(slack_claims(LENA, team="T0EVIL")).status_code == 403
    # The browser of the test writes down what it does; that isn't Tocsin's log.
    ours = [one for one in caplog.records if one.name.startswith(("tocsin", "authlib", "httpx"))]
    said = "\n".join(one.getMessage() for one in ours if "127.0.0.1" not in one.getMessage())
    assert "nobody was signed in: not_believed (nonce)" in said
    assert "nobody was signed in: other_workspace" in said
    kept = [*door.provider.given_out, CLIENT_SECRET, *client.cookies.values()]
    for secret in [*kept, LENA, "lena@", "Okafor", "provider-subject-41"]:
        assert secret not in said


def test_a_signed_in_program_keeps_its_secrets_out_of_its_words(door: Door) -> None:
    shown = repr(door.tocsin.settings) + repr(door.sign_in.provider.config)
    shown += repr(Secrets(state="st4te", nonce="n0nce", verifier="v3rifier"))
    for secret in (CLIENT_SECRET, SECRET, "st4te", "n0nce", "v3rifier"):
        assert secret not in shown


# Sign in with Slack


def test_slack_is_asked_for_our_workspace_and_without_pkce() -> None:
    """https://docs.slack.dev/authentication/using-pkce: PKCE there makes an app public for good."""
    config = ProviderConfig(
        issuer=SLACK_ISSUER, client_id="1.2", client_secret="x", redirect_uri="y", team="T0OURS"
    )
    provider = Provider(config)
    address = {"authorization_endpoint": "https://slack.com/openid/connect/authorize"}
    keys = None
    provider._known = _Known(metadata=address, keys=keys, read_at=NOW)  # type: ignore[arg-type]
    url = provider.address(Secrets(state="s", nonce="n", verifier="v" * 43), now=NOW)
    query = {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}
    assert query == {
        "response_type": "code",
        "client_id": "1.2",
        "redirect_uri": "y",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "team": "T0OURS",
    }
    assert config.name == "Slack"


def test_settings_and_pages_mean_the_same_claims() -> None:
    """Pages may not import settings, so that both write them out."""
    assert oidc.SLACK_ISSUER == SLACK_ISSUER
    assert sign_in.SLACK_PERSON_CLAIM == SLACK_PERSON_CLAIM


def test_the_manifest_asks_for_what_signing_in_needs() -> None:
    made = manifest(base_url="https://t.example", socket_mode=True)["oauth_config"]
    assert made["redirect_urls"] == ["https://t.example/signin/back"]
    assert made["scopes"]["user"] == ["openid"]
    assert "users:read.email" not in made["scopes"]["bot"]
    other = manifest(
        base_url="https://t.example", socket_mode=False, with_slack=False, by_email=True
    )
    assert list(other["oauth_config"]) == ["scopes"]
    assert list(other["oauth_config"]["scopes"]) == ["bot"]
    assert "users:read.email" in other["oauth_config"]["scopes"]["bot"]
    loopback = manifest(base_url="http://127.0.0.1:8071", socket_mode=False)["oauth_config"]
    assert list(loopback) == ["scopes"]


# The set-up

WHOLE = {
    "TOCSIN_OIDC_CLIENT_ID": "1.2",
    "TOCSIN_OIDC_CLIENT_SECRET": "secret",
    "TOCSIN_SLACK_TEAM": "T0OURS",
    "TOCSIN_SECRET_KEY": "s" * 40,
    "TOCSIN_BASE_URL": "https://tocsin.example",
}
OTHER = WHOLE | {
    "TOCSIN_OIDC_ISSUER": "https://login.example/",
    "TOCSIN_OIDC_PERSON_CLAIM": "email",
}


def test_slack_needs_three_settings_of_its_own() -> None:
    settings = read_settings(WHOLE)
    assert settings.signs_in
    assert (settings.oidc_issuer, settings.oidc_person_claim) == (SLACK_ISSUER, SLACK_PERSON_CLAIM)
    assert read_settings(OTHER).oidc_issuer == "https://login.example"
    assert not read_settings({}).signs_in


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"TOCSIN_OIDC_CLIENT_ID": "1.2"}, "TOCSIN_OIDC_CLIENT_SECRET is missing"),
        ({"TOCSIN_OIDC_CLIENT_SECRET": "x"}, "TOCSIN_OIDC_CLIENT_ID is missing"),
        ({"TOCSIN_SLACK_TEAM": "T0OURS"}, "TOCSIN_OIDC_CLIENT_ID is missing"),
        ({"TOCSIN_OIDC_ISSUER": "https://a.example"}, "TOCSIN_OIDC_CLIENT_ID is missing"),
        (WHOLE | {"TOCSIN_SLACK_TEAM": ""}, "TOCSIN_SLACK_TEAM is missing"),
        (WHOLE | {"TOCSIN_SECRET_KEY": ""}, "TOCSIN_SECRET_KEY is missing"),
        (OTHER | {"TOCSIN_OIDC_PERSON_CLAIM": ""}, "TOCSIN_OIDC_PERSON_CLAIM is missing"),
        (WHOLE | {"TOCSIN_OIDC_PERSON_CLAIM": "email"}, "leave it empty with Slack"),
        (WHOLE | {"TOCSIN_SLACK_TEAM": "Halden"}, "TOCSIN_SLACK_TEAM is “Halden”"),
        (WHOLE | {"TOCSIN_BASE_URL": "http://tocsin.example"}, "begins with https"),
        (OTHER | {"TOCSIN_OIDC_ISSUER": "http://login.example"}, "full address with https"),
        # Loopback must be the whole host, not how it begins.
        (OTHER | {"TOCSIN_OIDC_ISSUER": "http://127.0.0.1.evil.example"}, "address with https"),
        (OTHER | {"TOCSIN_OIDC_ISSUER": "http://localhost@evil.example"}, "address with https"),
    ],
)
def test_half_a_set_up_stops_the_start_with_the_remedy(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings(given)


def test_people_are_picked_or_sign_in_never_both(door: Door) -> None:
    with pytest.raises(ValueError, match="not both"):
        make_web(
            store=door.tocsin.store,
            bolt=door.tocsin.bolt,
            clock=door.hands.clock,
            secret_key=SECRET,
            signing_secret=SECRET,
            picker=picker(),
            sign_in=door.sign_in,
        )


def test_the_doctor_asks_the_provider(door: Door) -> None:
    def asked(**changes: str) -> tuple[bool, str]:
        given = environment(
            door.tocsin.settings.data_dir, door.url, door.provider.url, door.running
        )
        return words(read_settings(given | changes))

    assert asked() == (
        True,
        f"{door.provider.url} answers; it must know the redirect address {door.url}/signin/back",
    )
    door.provider.metadata = {"issuer": "https://elsewhere.example"}
    assert "calls itself otherwise" in asked()[1]
    door.provider.down = True
    fine, said = asked()
    assert not fine
    assert "check TOCSIN_OIDC_ISSUER, network and proxy" in said
    assert "the pages are shut. Set TOCSIN_OIDC_CLIENT_ID" in words(read_settings({}))[1]


def test_every_problem_has_words_and_a_way_on() -> None:
    assert set(WORDS) == set(oidc.SignInProblem)
    for one in WORDS.values():
        assert one.status >= 400
        assert "Sign in again" in one.message or "gain" in one.message or "Nobody" in one.message


# By hand


@pytest.fixture
def chrome() -> Iterator[Page]:
    """A browser as narrow as a phone; every complaint of its own fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        complaints: list[str] = []
        page.on("pageerror", lambda one: complaints.append(str(one)))
        page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
        yield page
        browser.close()
    assert complaints == []


@pytest.mark.browser
def test_lena_signs_in_and_out_in_a_browser(door: Door, chrome: Page) -> None:
    ref = door.open_incident()
    door.provider.person, door.provider.asks = slack_claims(LENA), True
    page = f"{door.url}/incidents/{ref}"
    chrome.goto(page)
    assert chrome.title() == "Sign in · Tocsin"
    chrome.get_by_role("link", name="Sign in with").click()
    chrome.get_by_role("link", name="Allow").click()
    chrome.wait_for_url(page)
    assert "Lena Okafor" in chrome.locator("header").inner_text()
    names = {one["name"]: one for one in chrome.context.cookies()}
    assert set(names) == {"tocsin_session"}
    assert names["tocsin_session"]["httpOnly"] is True
    assert names["tocsin_session"]["sameSite"] == "Lax"
    # While the page stays open the session ends; what the page asks for then leads to the door.
    door.hands.wait(hours=8)
    chrome.evaluate(f"htmx.ajax('GET', '/incidents/{ref}/pulse', {{swap: 'none'}})")
    chrome.wait_for_url(re.compile(r"/signin\?next="))
    chrome.get_by_role("link", name="Sign in with").click()
    chrome.get_by_role("link", name="Allow").click()
    chrome.wait_for_url(page)
    chrome.get_by_role("button", name="Sign out").click()
    chrome.wait_for_url(re.compile(r"/signin\?out=1$"))
    assert chrome.get_by_role("heading").inner_text() == "You are signed out"
    chrome.goto(page)
    assert chrome.title() == "Sign in · Tocsin"
