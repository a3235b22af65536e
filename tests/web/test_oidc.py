"""Signing in with a real OpenID Connect provider on loopback, and everything that must not pass."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from oidc_provider import CLIENT_SECRET, OidcProvider, Twist, honest
from signin_kit import SESSION, Door, other_door, slack_claims

from bot.delivery.slack_people import _read
from bot.web.oidc import SignInProblem
from bot.web.pages.signin import WORDS
from tests.kit import ANA, FARID, LENA

pytestmark = pytest.mark.slow
FOREIGN = RSAKey.generate_key(2048, {"kid": "first"})


def title(answer: httpx.Response) -> str:
    return answer.text.partition("<h1>")[2].partition("</h1>")[0].replace("&#39;", "'")


def refused(door: Door, answer: httpx.Response, problem: SignInProblem) -> None:
    """The page says so, and nobody is signed in."""
    words = WORDS[problem]
    name = door.sign_in.provider.config.name
    assert (answer.status_code, title(answer)) == (words.status, words.title.format(provider=name))
    assert "/signin/start?next=" in answer.text
    assert not any(one.startswith(SESSION) for one in answer.headers.get_list("set-cookie"))


def test_somebody_signs_in_and_sees_their_incident(door: Door) -> None:
    ref = door.open_incident()
    client = door.browser()
    page = f"/incidents/{ref}"
    assert client.get(page).headers["location"] == f"/signin?next={page}"
    offered = client.get(f"/signin?next={page}").text
    assert f'href="/signin/start?next={page}"' in offered
    door.provider.person = slack_claims(LENA)
    answer = client.get(door.answer(client, next=page))
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "Lena Okafor" in shown.text
    assert "Switch person" not in shown.text
    assert "Practice" not in shown.text
    assert client.get(f"/signin?next={page}").headers["location"] == page


def test_what_is_asked_of_the_provider(door: Door) -> None:
    door.as_(ANA)
    asked = door.provider.asked_for[0]
    assert asked["scope"] == "openid"
    assert asked["redirect_uri"] == f"{door.url}/signin/back"
    assert len(asked["state"]) >= 43
    assert asked["nonce"] not in {asked["state"], ""}
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    exchanged = door.provider.token_requests[0]
    assert len(exchanged["code_verifier"]) >= 43
    assert "client_secret" not in exchanged
    door.as_(ANA)
    again = door.provider.asked_for[1]
    assert not {asked[one] for one in ("state", "nonce", "code_challenge")} & set(again.values())


def test_a_provider_that_takes_the_secret_in_the_form_only(door: Door) -> None:
    door.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    with other_door(door) as other:
        other.as_(ANA)
    assert door.provider.token_requests[0]["client_secret"] == CLIENT_SECRET


@pytest.mark.parametrize(
    ("twist", "problem"),
    [
        # An answer to somebody else's sign-in, played into this one.
        (lambda _: honest(nonce="another"), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(nonce=None), SignInProblem.NOT_BELIEVED),
        # A token for another application.
        (lambda _: honest(aud="another-client"), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(aud=["tocsin-client", "other"]), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(azp="another-client"), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(aud=None), SignInProblem.NOT_BELIEVED),
        # A token of another provider.
        (lambda _: honest(iss="https://evil.example"), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(iss=None), SignInProblem.NOT_BELIEVED),
        # No signature, one with what everybody has, and one of a stranger.
        (lambda one: one.unsigned(), SignInProblem.NOT_BELIEVED),
        (lambda one: one.signed_with_public_key(), SignInProblem.NOT_BELIEVED),
        (lambda _: Twist(key=FOREIGN), SignInProblem.NOT_BELIEVED),
        (lambda _: Twist(key=FOREIGN, header={"kid": "nobody's"}), SignInProblem.NOT_BELIEVED),
        # An access token that doesn't belong to it, or nothing at all.
        (lambda _: honest(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), SignInProblem.NOT_BELIEVED),
        (lambda _: Twist(no_id_token=True), SignInProblem.NOT_BELIEVED),
        # Times: more than a minute off means that a clock is wrong.
        (lambda one: honest(exp=seconds(one) - 61), SignInProblem.CLOCKS_DIFFER),
        (lambda one: honest(iat=seconds(one) + 61), SignInProblem.CLOCKS_DIFFER),
        (lambda one: honest(nbf=seconds(one) + 61), SignInProblem.CLOCKS_DIFFER),
        (lambda _: honest(exp=None), SignInProblem.NOT_BELIEVED),
        (lambda _: honest(exp="tomorrow"), SignInProblem.NOT_BELIEVED),
    ],
)
def test_a_token_that_does_not_hold_signs_nobody_in(
    door: Door, twist: Callable[[OidcProvider], Twist], problem: SignInProblem
) -> None:
    before = door.count()
    door.provider.twist = twist(door.provider)
    refused(door, door.try_as(slack_claims(LENA)), problem)
    assert door.count() == before


def seconds(provider: OidcProvider) -> int:
    return int(provider.clock().timestamp())


@pytest.mark.parametrize("by", ["exp", "iat"])
def test_clocks_may_differ_by_a_minute(door: Door, by: str) -> None:
    now = seconds(door.provider)
    door.provider.twist = honest(**{by: now - 59 if by == "exp" else now + 60})
    assert door.try_as(slack_claims(LENA)).status_code == 303


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        (slack_claims(LENA, team="T0EVIL"), SignInProblem.OTHER_WORKSPACE),
        ({"https://slack.com/user_id": LENA}, SignInProblem.OTHER_WORKSPACE),
        (slack_claims("U0NOBODY"), SignInProblem.UNKNOWN_PERSON),
        # The app's own bot has an account too.
        (slack_claims("U0TOCSIN"), SignInProblem.UNKNOWN_PERSON),
        (slack_claims("lena@halden.example"), SignInProblem.UNKNOWN_PERSON),
        (slack_claims(""), SignInProblem.MISCONFIGURED),
        (None, SignInProblem.CANCELLED),
    ],
)
def test_only_people_of_our_workspace_come_in(
    door: Door, claims: dict[str, str] | None, problem: SignInProblem
) -> None:
    refused(door, door.try_as(claims), problem)


def test_who_was_deactivated_or_is_from_elsewhere_is_known_as_such() -> None:
    gone = _read({"id": "U0X", "team_id": "T0A", "deleted": True, "real_name": "X", "tz": "UTC"})
    assert not gone.works
    grid = _read({"id": "W0X", "team_id": "T0A", "enterprise_user": {"teams": ["T0A", "T0B"]}})
    assert (grid.works, grid.teams, grid.name) == (True, {"T0A", "T0B"}, "W0X")


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"email": "lena@halden.example", "email_verified": True}, None),
        ({"email": "Lena@Halden.example", "email_verified": True}, None),
        ({"email": "lena@halden.example"}, SignInProblem.EMAIL_UNCONFIRMED),
        ({"email": "lena@halden.example", "email_verified": False}, "unconfirmed"),
        # Not what the standard says, so nobody vouches for it.
        ({"email": "lena@halden.example", "email_verified": "true"}, "unconfirmed"),
        ({"email": "x@elsewhere.example", "email_verified": True}, SignInProblem.UNKNOWN_PERSON),
        ({"email_verified": True}, SignInProblem.MISCONFIGURED),
    ],
)
def test_somebody_is_found_by_a_confirmed_address_only(
    door: Door, claims: dict[str, object], problem: SignInProblem | str | None
) -> None:
    with other_door(door, person_claim="email") as other:
        answer = other.try_as(claims)
        if problem is None:
            assert answer.status_code == 303
            return
        kind = SignInProblem.EMAIL_UNCONFIRMED if problem == "unconfirmed" else problem
        refused(other, answer, SignInProblem(kind))


def test_a_claim_of_another_provider_may_hold_the_slack_id(door: Door) -> None:
    with other_door(door, person_claim="slack_id") as other:
        assert other.try_as({"slack_id": FARID}).status_code == 303
    with other_door(door, person_claim="slack_id", team="T0OTHER") as other:
        refused(other, other.try_as({"slack_id": FARID}), SignInProblem.OTHER_WORKSPACE)


# What comes back must belong to what was begun


def with_query(url: str, **more: str) -> str:
    parts = urlsplit(url)
    query = {name: one[-1] for name, one in parse_qs(parts.query).items()} | more
    return str(httpx.URL(url, params={name: one for name, one in query.items() if one}))


@pytest.mark.parametrize("state", ["", "A" * 43, "ä"])
def test_an_answer_with_no_or_another_state_counts_for_nothing(door: Door, state: str) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    back = with_query(door.answer(client), state=state)
    refused(door, client.get(back), SignInProblem.NOT_BEGUN)
    assert door.provider.token_requests == []


def test_an_answer_counts_in_the_browser_that_began(door: Door) -> None:
    """Else somebody could have another person work in their session."""
    door.provider.person = slack_claims(LENA)
    back = door.answer(door.browser())
    refused(door, door.browser().get(back), SignInProblem.NOT_BEGUN)


def test_an_answer_counts_once(door: Door) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    back = door.answer(client)
    kept = dict(client.cookies)
    assert client.get(back).status_code == 303
    refused(door, client.get(back), SignInProblem.NOT_BEGUN)
    thief = door.browser()
    thief.cookies.update(kept)
    refused(door, thief.get(back), SignInProblem.NOT_BEGUN)
    assert len(door.provider.token_requests) == 1


def test_a_code_from_another_sign_in_is_worth_nothing(door: Door) -> None:
    """Neither one that was used, nor a fresh one that was stolen on its way: PKCE binds it."""
    door.provider.person = slack_claims(LENA)
    client = door.browser()
    used = door.answer(client)
    client.get(used)
    stolen = door.answer(door.browser())
    for url in (used, stolen):
        attacker = door.browser()
        code = parse_qs(urlsplit(url).query)["code"][0]
        answer = attacker.get(with_query(door.answer(attacker), code=code))
        refused(door, answer, SignInProblem.NOT_BEGUN)


@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False)])
def test_one_has_ten_minutes_at_the_provider(door: Door, seconds: int, *, good: bool) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    back = door.answer(client)
    door.hands.wait(seconds=seconds)
    answer = client.get(back)
    if good:
        assert answer.status_code == 303
    else:
        refused(door, answer, SignInProblem.NOT_BEGUN)


def test_two_tabs_may_sign_in_at_once(door: Door) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    first, second = door.answer(client, next="/desk"), door.answer(client)
    assert client.get(first).headers["location"] == "/desk"
    assert client.get(second).headers["location"] == "/incidents"


def test_an_answer_that_names_another_provider_is_refused(door: Door) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    back = with_query(door.answer(client), iss="https://evil.example")
    refused(door, client.get(back), SignInProblem.NOT_BELIEVED)
    door.provider.names_itself = True
    assert door.try_as(slack_claims(LENA)).status_code == 303


def test_a_provider_that_says_it_names_itself_must(door: Door) -> None:
    door.provider.metadata = {"authorization_response_iss_parameter_supported": True}
    with other_door(door) as other:
        refused(other, other.try_as(slack_claims(LENA)), SignInProblem.NOT_BELIEVED)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_nobody_is_sent_elsewhere_after_signing_in(door: Door, address: str) -> None:
    client = door.browser()
    assert "evil" not in client.get("/signin", params={"next": address}).text
    door.provider.person = slack_claims(LENA)
    answer = client.get(door.answer(client, next=address))
    assert answer.headers["location"] == "/"
    assert client.get("/signin", params={"next": address}).headers["location"] == "/"


# When the provider, or we, are not well


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("access_denied", SignInProblem.CANCELLED),
        ("temporarily_unavailable", SignInProblem.UNREACHABLE),
        ("invalid_scope", SignInProblem.MISCONFIGURED),
        ("<script>", SignInProblem.MISCONFIGURED),
    ],
)
def test_an_error_of_the_provider_is_put_into_words(
    door: Door, error: str, problem: SignInProblem
) -> None:
    client = door.browser()
    door.provider.person = slack_claims(LENA)
    answer = client.get(with_query(door.answer(client), error=error, code=""))
    refused(door, answer, problem)
    assert "<script>" not in answer.text


def test_a_provider_that_is_away(door: Door) -> None:
    with other_door(door) as other:
        door.provider.down = True
        client = other.browser()
        answer = client.get("/signin/start")
        refused(other, answer, SignInProblem.UNREACHABLE)
        assert "/incident help" in answer.text
        # Who comes right after isn't made to wait again; a little later it is asked anew.
        door.provider.down = False
        refused(other, client.get("/signin/start"), SignInProblem.UNREACHABLE)
        door.hands.wait(seconds=5)
        assert client.get("/signin/start").headers["location"].startswith(door.provider.url)
        door.provider.person = slack_claims(LENA)
        back = other.answer(client)
        door.provider.down = True
        refused(other, client.get(back), SignInProblem.UNREACHABLE)


def test_a_wrong_secret_is_for_the_operator(door: Door) -> None:
    with other_door(door) as other:
        config = replace(other.sign_in.provider.config, client_secret="wrong")
        other.sign_in.provider.config = config
        refused(other, other.try_as(slack_claims(LENA)), SignInProblem.MISCONFIGURED)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": "https://evil.example/keys"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    door: Door, metadata: dict[str, str]
) -> None:
    door.provider.metadata = metadata
    with other_door(door) as other:
        refused(other, other.browser().get("/signin/start"), SignInProblem.MISCONFIGURED)
