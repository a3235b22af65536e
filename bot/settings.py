"""All settings, read once from the environment into one frozen value.

Only `bot.app` and `bot.cli` read it; everything else gets what it needs handed over. What each
setting is for and how to mend it is said by `tocsin doctor`, from `EXPLAINED`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIN_SECRET = 32
DEFAULT_BASE_URL = "http://127.0.0.1:8071"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DEFAULT_SLACK_API = "https://slack.com/api/"
DEFAULT_MAX_FILE_MB = 1024
DEFAULT_MAX_INCIDENT_GB = 100
SLACK_ISSUER = "https://slack.com"
"""Sign in with Slack: https://slack.com/.well-known/openid-configuration."""
SLACK_PERSON_CLAIM = "https://slack.com/user_id"
BY_EMAIL = "email"
"""The claim whose address is looked up in Slack; any other one holds the Slack user id itself."""


class SettingsError(ValueError):
    """A setting that can't be used; the message names it and says what to write."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Secrets are kept out of `repr`, so that they can't slip into a log."""

    data_dir: Path
    database_url: str = field(repr=False)
    base_url: str
    secret_key: str = field(repr=False, default="")
    slack_bot_token: str = field(repr=False, default="")
    slack_signing_secret: str = field(repr=False, default="")
    slack_app_token: str = field(repr=False, default="")
    slack_api_url: str = DEFAULT_SLACK_API
    policy_dir: Path | None = None
    playbooks_dir: Path | None = None
    artifacts_url: str = ""
    max_file_mb: int = DEFAULT_MAX_FILE_MB
    max_incident_gb: int = DEFAULT_MAX_INCIDENT_GB
    process_name: str = ""
    tsa_urls: tuple[str, ...] = field(repr=False, default=())
    tsa_roots: Path | None = None
    smtp_url: str = field(repr=False, default="")
    mail_from: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(repr=False, default="")
    oidc_person_claim: str = ""
    slack_team: str = ""

    @property
    def signs_in(self) -> bool:
        """Whether people can sign in to the pages; `read_settings` lets no half of it through."""
        return bool(self.oidc_client_id)


EXPLAINED: Mapping[str, str] = {
    "TOCSIN_DATA_DIR": "folder for the database, the evidence key and the artifacts",
    "TOCSIN_DATABASE_URL": "postgresql://… ; without it SQLite in the data folder",
    "TOCSIN_BASE_URL": "address under which people reach Tocsin's pages",
    "TOCSIN_SECRET_KEY": "signs sessions; make one: python3 -c 'import secrets; "
    "print(secrets.token_urlsafe(48))'",
    "TOCSIN_POLICY_DIR": "folder with your own playbooks/ and notification_templates/",
    "TOCSIN_PLAYBOOKS_DIR": "folder with your own obligations, beside the shipped ones: contracts, "
    "insurers, works councils",
    "TOCSIN_ARTIFACTS": "s3://bucket/prefix?mode=compliance&days=2555 keeps evidence files in S3 "
    "under Object Lock; without it they lie in the data folder. Further options: endpoint, region",
    "TOCSIN_MAX_FILE_MB": "largest file taken as evidence, in megabytes",
    "TOCSIN_MAX_INCIDENT_GB": "how much one incident may hold in files, in gigabytes",
    "TOCSIN_PROCESS_NAME": "names this process among those on one database; the host's name "
    "without it. A restarted process takes up what one of the same name left",
    "TOCSIN_TSA_URLS": "addresses of time stamp authorities (RFC 3161) in the order in which they "
    "are asked; the second is the fallback. Without any, nothing is asked and no bundle proves a "
    "time",
    "TOCSIN_TSA_ROOTS": "PEM file with the root certificates of those authorities",
    "TOCSIN_OIDC_CLIENT_ID": "opens the pages: client id at the provider that people sign in with. "
    "For Sign in with Slack from the Slack app's page “Basic Information”",
    "TOCSIN_OIDC_CLIENT_SECRET": "the client secret that goes with it",
    "TOCSIN_SLACK_TEAM": "id of your Slack workspace, T…: nobody else is let in. It stands in the "
    "workspace's address in a browser, app.slack.com/client/T…",
    "TOCSIN_OIDC_ISSUER": "another OpenID Connect provider than Slack: the address before "
    "/.well-known/openid-configuration",
    "TOCSIN_OIDC_PERSON_CLAIM": "with another provider: the claim that holds the Slack user id, or "
    "email to look up the confirmed address in Slack",
    "TOCSIN_SMTP_URL": "smtp://user:password@host:587 or smtps://…; without it no notice leaves by "
    "e-mail, and people file by hand",
    "TOCSIN_MAIL_FROM": "the address from which notices are sent",
    "SLACK_BOT_TOKEN": "xoxb-…, from the Slack app's page “OAuth & Permissions”",
    "SLACK_SIGNING_SECRET": "from the Slack app's page “Basic Information” (HTTP mode)",
    "SLACK_APP_TOKEN": "xapp-…, with connections:write (Socket Mode; not needed for HTTP)",
    "SLACK_API_URL": "another base address of the Web API, for tests and practice",
}
"""Every setting and what it is for."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings; raise `SettingsError` for one that can't be used."""
    data_dir = Path(environment.get("TOCSIN_DATA_DIR") or "tocsin-data").absolute()
    policy = environment.get("TOCSIN_POLICY_DIR")
    playbooks = environment.get("TOCSIN_PLAYBOOKS_DIR")
    roots = environment.get("TOCSIN_TSA_ROOTS")
    base_url = _url(environment, "TOCSIN_BASE_URL", DEFAULT_BASE_URL).rstrip("/")
    return Settings(
        data_dir=data_dir,
        database_url=environment.get("TOCSIN_DATABASE_URL")
        or f"sqlite:///{data_dir / 'tocsin.db'}",
        base_url=base_url,
        secret_key=_secret(environment),
        slack_bot_token=environment.get("SLACK_BOT_TOKEN", ""),
        slack_signing_secret=environment.get("SLACK_SIGNING_SECRET", ""),
        slack_app_token=environment.get("SLACK_APP_TOKEN", ""),
        slack_api_url=_url(environment, "SLACK_API_URL", DEFAULT_SLACK_API).rstrip("/") + "/",
        policy_dir=Path(policy) if policy else None,
        playbooks_dir=Path(playbooks) if playbooks else None,
        artifacts_url=environment.get("TOCSIN_ARTIFACTS", ""),
        max_file_mb=_whole(environment, "TOCSIN_MAX_FILE_MB", DEFAULT_MAX_FILE_MB, "megabytes"),
        max_incident_gb=_whole(
            environment, "TOCSIN_MAX_INCIDENT_GB", DEFAULT_MAX_INCIDENT_GB, "gigabytes"
        ),
        process_name=environment.get("TOCSIN_PROCESS_NAME", ""),
        tsa_urls=_authorities(environment),
        tsa_roots=Path(roots) if roots else None,
        **_mail(environment),
        **_sign_in(environment, base_url),
    )


SIGN_IN = (
    "TOCSIN_OIDC_ISSUER",
    "TOCSIN_OIDC_CLIENT_ID",
    "TOCSIN_OIDC_CLIENT_SECRET",
    "TOCSIN_OIDC_PERSON_CLAIM",
    "TOCSIN_SLACK_TEAM",
)


def _sign_in(environment: Mapping[str, str], base_url: str) -> dict[str, str]:
    """Read how people sign in: all of it or nothing, because half of it would only look open."""
    given = {name: environment.get(name, "").strip() for name in SIGN_IN}
    if not any(given.values()):
        return {}
    issuer = given["TOCSIN_OIDC_ISSUER"].rstrip("/") or SLACK_ISSUER
    own = SLACK_PERSON_CLAIM if issuer == SLACK_ISSUER else ""
    claim = given["TOCSIN_OIDC_PERSON_CLAIM"] or own
    needed = {
        "TOCSIN_OIDC_CLIENT_ID": given["TOCSIN_OIDC_CLIENT_ID"],
        "TOCSIN_OIDC_CLIENT_SECRET": given["TOCSIN_OIDC_CLIENT_SECRET"],
        "TOCSIN_SLACK_TEAM": given["TOCSIN_SLACK_TEAM"],
        "TOCSIN_OIDC_PERSON_CLAIM": claim,
        "TOCSIN_SECRET_KEY": environment.get("TOCSIN_SECRET_KEY", ""),
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise SettingsError(
            f"Sign-in is set up by half, {missing[0]} is missing: {EXPLAINED[missing[0]]}. "
            f"Set it; or empty {', '.join(one for one in SIGN_IN if given[one])}, and the pages "
            f"stay shut."
        )
    _check_sign_in(issuer=issuer, claim=claim, team=given["TOCSIN_SLACK_TEAM"], base_url=base_url)
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": given["TOCSIN_OIDC_CLIENT_ID"],
        "oidc_client_secret": given["TOCSIN_OIDC_CLIENT_SECRET"],
        "oidc_person_claim": claim,
        "slack_team": given["TOCSIN_SLACK_TEAM"],
    }


def _check_sign_in(*, issuer: str, claim: str, team: str, base_url: str) -> None:
    if not _SAFE_URL.match(issuer):
        raise SettingsError(
            f"TOCSIN_OIDC_ISSUER is “{issuer}”: write the provider's full address with https, "
            f"such as https://login.example.com."
        )
    if issuer == SLACK_ISSUER and claim != SLACK_PERSON_CLAIM:
        raise SettingsError(
            "TOCSIN_OIDC_PERSON_CLAIM is only for other providers: leave it empty with Slack."
        )
    if not re.fullmatch(r"T[A-Z0-9]{2,20}", team):
        raise SettingsError(f"TOCSIN_SLACK_TEAM is “{team}”: {EXPLAINED['TOCSIN_SLACK_TEAM']}.")
    if not _SAFE_URL.match(base_url):
        raise SettingsError(
            f"TOCSIN_BASE_URL is “{base_url}”: people can sign in only where it begins with "
            f"https, else their session could be read on the way. Put a proxy with TLS before it."
        )


_SAFE_URL = re.compile(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")
"""Encrypted, or on this very computer."""


def _mail(environment: Mapping[str, str]) -> dict[str, str]:
    url, sender = environment.get("TOCSIN_SMTP_URL", ""), environment.get("TOCSIN_MAIL_FROM", "")
    if url and not re.match(r"smtps?://[^/\s]+", url):
        raise SettingsError("TOCSIN_SMTP_URL begins with smtp:// or smtps:// and names a host.")
    if bool(url) != bool(sender):
        lacking = "TOCSIN_MAIL_FROM" if url else "TOCSIN_SMTP_URL"
        raise SettingsError(f"{lacking} is needed too: {EXPLAINED[lacking]}.")
    return {"smtp_url": url, "mail_from": sender}


def _authorities(environment: Mapping[str, str]) -> tuple[str, ...]:
    words = environment.get("TOCSIN_TSA_URLS", "").replace(",", " ").split()
    if wrong := [word for word in words if not re.match(r"https?://[^/\s]+", word)]:
        raise SettingsError(
            f"TOCSIN_TSA_URLS has “{wrong[0]}”: write full addresses with a space between them, "
            f"such as https://first.example/tsa https://second.example/tsa."
        )
    if words and not environment.get("TOCSIN_TSA_ROOTS"):
        raise SettingsError(
            f"TOCSIN_TSA_ROOTS is needed with TOCSIN_TSA_URLS: {EXPLAINED['TOCSIN_TSA_ROOTS']}. "
            f"Without roots no time stamp can be believed."
        )
    return tuple(dict.fromkeys(words))


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    value = environment.get(name) or default
    if not re.match(r"https?://[^/\s]+", value):
        raise SettingsError(f"{name} is “{value}”: write a full address, such as {default}.")
    return value


def _secret(environment: Mapping[str, str]) -> str:
    value = environment.get("TOCSIN_SECRET_KEY", "")
    if value and len(value) < MIN_SECRET:
        raise SettingsError(
            f"TOCSIN_SECRET_KEY has {len(value)} characters, {MIN_SECRET} are needed: "
            f"{EXPLAINED['TOCSIN_SECRET_KEY']}."
        )
    return value


def _whole(environment: Mapping[str, str], name: str, default: int, unit: str) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{name} is “{text}”: write a whole number of {unit}.")
    return int(text)
