"""`tocsin serve | migrate | manifest | doctor | version`: running an installation."""

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bot.cli.terminal import EXPECTED, say, settings_from_environment
from bot.settings import (
    BY_EMAIL,
    DEFAULT_SLACK_API,
    EXPLAINED,
    SLACK_ISSUER,
    Settings,
    SettingsError,
)

DEFAULT_PORT = 8071
Subparsers = Any


def add_parser(commands: Subparsers) -> None:
    """Add the sub-commands of this file."""
    serve = commands.add_parser("serve", help="serve Slack and the pages")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT)
    serve.set_defaults(run=run_serve)
    for name, function, text in (
        ("migrate", run_migrate, "bring the database up to date"),
        ("doctor", run_doctor, "say what is configured, what is missing and how to mend it"),
        ("version", run_version, "print the version"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=function)
    made = commands.add_parser("manifest", help="print the Slack app manifest (JSON)")
    made.add_argument("--socket-mode", action="store_true", help="for Socket Mode, without URLs")
    made.set_defaults(run=run_manifest)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until stopped. With an app token Slack is reached by Socket Mode, else by HTTP."""
    import uvicorn

    from bot.app import build
    from bot.clock import utc_now

    settings = settings_from_environment()
    if missing := _missing_for_serve(settings):
        say("Not started. Missing: " + ", ".join(missing))
        say("`tocsin doctor` says how to mend it; `tocsin demo` needs no settings at all.")
        return 1
    tocsin = build(settings, utc_now)
    tocsin.start()
    socket_mode = None
    if settings.slack_app_token:
        from slack_bolt.adapter.socket_mode import SocketModeHandler

        socket_mode = SocketModeHandler(tocsin.bolt, settings.slack_app_token)
        socket_mode.connect()  # type: ignore[no-untyped-call]
    # uvicorn shuts down and then raises the signal again: this ends the process through `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(tocsin.web, host=args.host, port=args.port, log_level="info", access_log=False)
    finally:
        if socket_mode is not None:
            socket_mode.close()  # type: ignore[no-untyped-call]
        tocsin.stop()
    return 0


def _missing_for_serve(settings: Settings) -> list[str]:
    missing = []
    if not settings.slack_bot_token:
        missing.append("SLACK_BOT_TOKEN")
    if not settings.slack_signing_secret and not settings.slack_app_token:
        missing.append("SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode)")
    return missing


def run_migrate(_args: argparse.Namespace) -> int:
    """Bring the database up to date and say from where to where."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.store.engine import make_engine
    from bot.store.schema import current_revision, migrate

    settings = settings_from_environment()
    engine = make_engine(settings.database_url)
    try:
        before = current_revision(engine)
        migrate(engine)
        say(f"Database: {before or 'empty'} → {current_revision(engine)}.")
    except SQLAlchemyError as error:
        say(f"The database can't be migrated: {error.__class__.__name__}. {_first_line(error)}")
        return 1
    finally:
        engine.dispose()
    return 0


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def run_manifest(args: argparse.Namespace) -> int:
    """Print the manifest for “Create an app from a manifest”."""
    from bot.manifest import manifest

    settings = settings_from_environment()
    socket_mode = args.socket_mode or bool(settings.slack_app_token)
    made = manifest(
        base_url=settings.base_url,
        socket_mode=socket_mode,
        with_slack=settings.oidc_issuer in {"", SLACK_ISSUER},
        by_email=settings.oidc_person_claim == BY_EMAIL,
    )
    say(json.dumps(made, indent=2))
    return 0


def run_version(_args: argparse.Namespace) -> int:
    """Print name and version."""
    say(f"tocsin {version('tocsin')}")
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the doctor: fine, or what to do."""

    name: str
    fine: bool
    words: str
    needed: bool = True


def run_doctor(_args: argparse.Namespace) -> int:
    """Check everything and print one line each; 0 if Tocsin can serve, else 1."""
    try:
        settings = settings_from_environment()
    except SettingsError as error:
        say(f"✗ settings: {error}")
        return 1
    findings = list(diagnose(settings))
    for one in findings:
        mark = "✓" if one.fine else ("✗" if one.needed else "–")
        say(f"{mark} {one.name}: {one.words}")
    broken = [one for one in findings if one.needed and not one.fine]
    say("")
    say("Ready to serve." if not broken else f"{len(broken)} thing(s) to mend, marked ✗.")
    return 1 if broken else 0


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Check settings, policy, database, Slack and the PDF libraries, in that order."""
    from bot.documents.pdf import harfbuzz_subset_available

    yield _check("Slack bot token", bool(settings.slack_bot_token), "set", "SLACK_BOT_TOKEN")
    way = "Socket Mode" if settings.slack_app_token else "HTTP"
    reachable = bool(settings.slack_signing_secret or settings.slack_app_token)
    yield _check("Slack deliveries", reachable, way, "SLACK_SIGNING_SECRET")
    yield _check("Secret key", bool(settings.secret_key), "set", "TOCSIN_SECRET_KEY", needed=False)
    yield _try("Policy", lambda: _policy_words(settings))
    yield _try("Database", lambda: _database_words(settings))
    yield Finding(
        name="Evidence key",
        fine=True,
        words=str(settings.data_dir / "evidence.key")
        + (
            "" if (settings.data_dir / "evidence.key").exists() else " (is made at the first start)"
        ),
    )
    yield _sign_in_finding(settings)
    yield from _time_findings(settings)
    fast = harfbuzz_subset_available()
    yield Finding(
        name="PDF",
        fine=fast,
        words="libharfbuzz-subset found"
        if fast
        else "install libharfbuzz-subset0: letters are five times slower without it",
    )
    if settings.slack_bot_token:
        yield _try("Slack", lambda: _slack_words(settings))
    if settings.slack_api_url != DEFAULT_SLACK_API:
        yield Finding(name="Slack API", fine=True, words=f"at {settings.slack_api_url}")


def _sign_in_finding(settings: Settings) -> Finding:
    """Ask the provider that people sign in with for its addresses and keys; none is needed."""
    from bot.cli.sign_in import words

    fine, said = words(settings)
    return Finding(name="Sign-in", fine=fine, words=said, needed=settings.signs_in)


def _time_findings(settings: Settings) -> Iterator[Finding]:
    """Have each time stamp authority stamp something; none is needed to serve."""
    from bot.cli.outside_time import findings

    for fine, words in findings(settings):
        yield Finding(name="Outside time", fine=fine, words=words, needed=False)


def _check(name: str, fine: bool, words: str, setting: str, *, needed: bool = True) -> Finding:  # noqa: FBT001 - read once, just above
    hint = f"set {setting}: {EXPLAINED[setting]}"
    return Finding(name=name, fine=fine, words=words if fine else hint, needed=needed)


def _try(name: str, ask: Callable[[], str]) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from bot.delivery.slack import SlackRefusedError, SlackUnavailableError

    try:
        return Finding(name=name, fine=True, words=ask())
    except (*EXPECTED, SQLAlchemyError, SlackRefusedError, SlackUnavailableError) as error:
        return Finding(name=name, fine=False, words=_first_line(error))


def _policy_words(settings: Settings) -> str:
    from bot.app import load_rulebook

    rules = load_rulebook(settings)
    unknown = {
        f"{book.id} → {notice}"
        for book in rules.playbooks.values()
        for notice in book.notices
        if notice not in rules.notices
    }
    if unknown:
        raise SettingsError(
            f"playbooks name notices that don't exist: {', '.join(sorted(unknown))}"
        )
    return (
        f"{len(rules.playbooks)} playbooks, {len(rules.obligations)} obligations, "
        f"{len(rules.notices)} notices; organisation "
        f"“{rules.organisation.get('organisation_name')}”"
    )


def _database_words(settings: Settings) -> str:
    from bot.store.engine import database_exists, make_engine
    from bot.store.schema import current_revision, head_revision

    if not database_exists(settings.database_url):
        return "sqlite, not made yet: `tocsin serve` or `tocsin migrate` makes it"
    engine = make_engine(settings.database_url)
    try:
        now = current_revision(engine)
    finally:
        engine.dispose()
    kind = engine.url.get_backend_name()
    if now == head_revision():
        return f"{kind}, up to date ({now})"
    return f"{kind}, at {now or 'nothing'}: `tocsin serve` or `tocsin migrate` brings it to date"


def _slack_words(settings: Settings) -> str:
    from slack_sdk import WebClient

    from bot.delivery.slack import SlackGateway, SlackRefusedError, SlackUnavailableError

    client = WebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, timeout=5)
    # The finding says it in words; the SDK's own lines would come first and say it raw.
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    try:
        who = SlackGateway(client).who_am_i()
    except SlackUnavailableError as error:
        raise SlackUnavailableError(
            f"{settings.slack_api_url} can't be reached from here: check network, proxy and "
            f"SLACK_API_URL"
        ) from error
    except SlackRefusedError as error:
        raise SettingsError(
            f"refuses the bot token ({error.code}): install the app again and set SLACK_BOT_TOKEN"
        ) from error
    return f"answers: {who.get('user')} in {who.get('team')}"
