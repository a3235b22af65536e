"""Signing in, for whoever runs Tocsin: what `tocsin doctor` says of it, and `tocsin signout`."""

import argparse
from typing import Any

from bot.cli.terminal import say, settings_from_environment
from bot.settings import Settings

REMEDIES = {
    "unreachable": "can't be reached from here, or its answer can't be read: check "
    "TOCSIN_OIDC_ISSUER, network and proxy (HTTPS_PROXY)",
    "issuer": "calls itself otherwise: write TOCSIN_OIDC_ISSUER as in the field “issuer” of "
    "/.well-known/openid-configuration",
    "not https": "names addresses without https, which aren't used",
    "no keys": "publishes no key that Tocsin can check signatures with (RSA or EC)",
}
"""What went wrong → what to do."""


def words(settings: Settings) -> tuple[bool, str]:
    """Return whether people can sign in, and what to tell the operator."""
    from bot.app import make_sign_in, web_client
    from bot.clock import utc_now
    from bot.delivery.slack import SlackGateway
    from bot.web.oidc import SignInError

    sign_in = make_sign_in(settings, SlackGateway(web_client(settings, timeout_s=5)))
    if sign_in is None:
        return False, (
            "not set up, so the pages are shut. Set TOCSIN_OIDC_CLIENT_ID, "
            "TOCSIN_OIDC_CLIENT_SECRET and TOCSIN_SLACK_TEAM (docs/operations.md, “Signing in”)"
        )
    config = sign_in.provider.config
    try:
        sign_in.provider.check(now=utc_now())
    except SignInError as error:
        remedy = REMEDIES.get(error.detail, REMEDIES["unreachable"])
        return False, f"{config.issuer} {remedy}"
    return True, f"{config.issuer} answers; it must know the redirect address {config.redirect_uri}"


def add_parser(commands: Any) -> None:
    """Add `tocsin signout`."""
    made = commands.add_parser("signout", help="end sessions: a lost device, a leaver")
    who = made.add_mutually_exclusive_group(required=True)
    who.add_argument("slack_id", nargs="?", default="", help="U…: the person's Slack user id")
    who.add_argument("--everybody", action="store_true", help="end all sessions")
    made.set_defaults(run=run_sign_out)


def run_sign_out(args: argparse.Namespace) -> int:
    """End a person's sessions, or everybody's, at once; they can sign in again."""
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.services.web_sessions import end_sessions
    from bot.store.unit_of_work import unit_of_work

    store = build_store(settings_from_environment())
    try:
        with unit_of_work(store, now=utc_now()) as tx:
            ended = end_sessions(tx, args.slack_id)
    finally:
        store.outbox.close()
        store.engine.dispose()
    whose = args.slack_id or "everybody"
    say(f"Ended {ended} session{'' if ended == 1 else 's'} of {whose}. They can sign in again.")
    return 0
