"""The composition root: everything real is constructed here, from settings and a clock.

`build` wires store, Slack, listeners, jobs and pages together and starts nothing; `Tocsin.start`
runs the jobs. Nothing happens at import.
"""

import gc
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.clock import Clock, utc_now
from bot.content.notices import load_notice_templates
from bot.content.obligations import load_obligations
from bot.content.organisation import load_organisation
from bot.content.playbooks import load_playbooks
from bot.content.retention import load_retention
from bot.content.roots import find_roots, own_obligations
from bot.content.scenarios import load_scenarios
from bot.content.worksheets import load_worksheets
from bot.delivery.mail import Mailer
from bot.delivery.slack import QUICK_TIMEOUT_S, SlackGateway
from bot.delivery.slack_files import allowed_hosts
from bot.domain.rulebook import Rulebook
from bot.jobs import runner
from bot.jobs.exercise_tick import tick_exercises
from bot.jobs.parts import Parts
from bot.jobs.table import JOBS, UNORDERED
from bot.jobs.tick import tick
from bot.listeners import actions, commands, events, shortcuts, views
from bot.listeners.desk import Desk
from bot.services.personal_links import LinkSigner
from bot.settings import BY_EMAIL, LOOPBACK, Settings, SettingsError
from bot.store.engine import make_engine
from bot.store.outbox import Outbox
from bot.store.schema import migrate
from bot.store.unit_of_work import Store
from bot.store.uploads import UploadShelf
from bot.web.app import make_web
from bot.web.oidc import BACK, Provider, ProviderConfig
from bot.web.people import PersonPicker
from bot.web.sign_in import SignIn
from evidence_store.artifact_keys import MasterKey
from evidence_store.artifacts import ArtifactError, ArtifactStore, FolderArtifacts
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.sealed_stream import sealed_size
from evidence_store.signing import FileSigner, key_name
from evidence_store.timestamps import Authorities

SLACK_TIMEOUT_S = 10
MEGABYTE = 1_000_000
GIGABYTE = 1_000 * MEGABYTE


@dataclass(frozen=True, kw_only=True)
class Tocsin:
    """A whole Tocsin, ready to serve."""

    settings: Settings
    store: Store
    engine: Engine
    bolt: App
    web: FastAPI
    parts: Parts
    desk: Desk

    def start(self, *, ticking: bool = True, executor: str = "") -> None:
        """Start the jobs; the pages are served by whoever holds `web`.

        `executor` names this process among those that share the database (`jobs.runner.start`).
        """
        # What is loaded by now stays for good; without this the collector walks all of it, for a
        # tenth of a second and more, while people wait for answers.
        gc.collect()
        gc.freeze()
        runner.start(
            self.parts,
            jobs=JOBS,
            unordered=UNORDERED,
            tick=tick,
            fast_tick=tick_exercises,
            engine=self.engine,
            ticking=ticking,
            executor=executor or self.settings.process_name,
        )

    def stop(self) -> None:
        """Let running jobs end and close every connection."""
        runner.stop()
        self.close()

    def close(self) -> None:
        """Close connections without having started jobs."""
        self.store.outbox.close()
        self.engine.dispose()


def load_rulebook(settings: Settings) -> Rulebook:
    """Load all policy; raise `ContentError` with every problem if any file is wrong.

    Raises `ContentRootError` if a folder that a setting names isn't there.
    """
    roots = find_roots(settings.policy_dir)
    organisation = load_organisation(roots.organisation)
    playbooks = load_playbooks(roots.incidents)
    notices = load_notice_templates(roots.notification_templates)
    return Rulebook(
        playbooks=playbooks,
        scenarios=load_scenarios(roots.exercises, playbooks=playbooks, templates=notices),
        obligations=load_obligations(
            roots.obligations, own=own_obligations(settings.playbooks_dir)
        ),
        notices=notices,
        organisation=organisation.facts,
        organisation_sha256=organisation.sha256,
        letterhead=organisation.letterhead,
        retention=load_retention(roots.retention),
        worksheets=load_worksheets(roots.notification_templates),
    )


def organisation_slug(rules: Rulebook) -> str:
    """Return the first part of log origins: the organisation's name in plain letters."""
    name = str(rules.organisation.get("organisation_name", "organisation"))
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "organisation"


def build_store(settings: Settings, *, rules: Rulebook | None = None) -> Store:
    """Open database, evidence key and artifact folder, and bring the schema up to date.

    `rules` saves loading the policy again where it is loaded already.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    rules = rules or load_rulebook(settings)
    key = settings.data_dir / "evidence.key"
    # The name given at the first start stays, also when the organisation is renamed.
    slug = key_name(key) or organisation_slug(rules)
    limit = settings.max_file_mb * MEGABYTE
    master = MasterKey.load_or_create(settings.data_dir / "artifacts.key")
    engine = make_engine(settings.database_url)
    migrate(engine)
    return Store(
        engine=engine,
        outbox=Outbox(engine),
        signer=FileSigner.load_or_create(key, name=slug),
        artifacts=SealedArtifacts(
            artifact_store(settings, max_bytes=sealed_size(limit)),
            master=master,
            engine=engine,
            max_bytes=limit,
        ),
        rules=rules,
        organisation=slug,
        uploads=UploadShelf(settings.data_dir / "uploads", master=master),
        incident_bytes=settings.max_incident_gb * GIGABYTE,
        authorities=authorities(settings),
        mails=bool(settings.smtp_url),
        # Nobody who holds a letter can reach this very machine's own address.
        base_url="" if urlsplit(settings.base_url).hostname in LOOPBACK else settings.base_url,
    )


def authorities(settings: Settings) -> Authorities | None:
    """Return the time stamp authorities that are to be asked, None without any.

    Raises `RootsError` if their root certificates can't be read.
    """
    if not settings.tsa_urls or settings.tsa_roots is None:
        return None
    return Authorities.load(settings.tsa_urls, settings.tsa_roots)


def artifact_store(settings: Settings, *, max_bytes: int) -> ArtifactStore:
    """Return where the encrypted files of evidence lie: S3 if that is set, else the data folder.

    Raises `SettingsError` if the setting can't be used. Asks nobody: S3 is called when it is used.
    """
    if not settings.artifacts_url:
        return FolderArtifacts(settings.data_dir / "artifacts", max_bytes=max_bytes)
    try:
        # boto3 is an extra, and takes a while to load.
        from evidence_store.artifacts_s3 import S3Artifacts, S3Place  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingsError(
            "TOCSIN_ARTIFACTS needs boto3: install tocsin with the extra s3."
        ) from error
    try:
        place = S3Place.parse(settings.artifacts_url)
    except ArtifactError as error:
        raise SettingsError(f"TOCSIN_ARTIFACTS: {error}.") from error
    spool = settings.data_dir / "spool"
    return S3Artifacts(place, max_bytes=max_bytes, spool=spool, clock=utc_now)


def build(settings: Settings, clock: Clock, *, picker: PersonPicker | None = None) -> Tocsin:
    """Wire a whole Tocsin. `picker` lets loopback demos choose a person instead of signing in."""
    store = build_store(settings)
    client = web_client(settings, timeout_s=SLACK_TIMEOUT_S)
    gateway = SlackGateway(client, web_client(settings, timeout_s=QUICK_TIMEOUT_S))
    sign_in = make_sign_in(settings, gateway)
    links = make_links(settings) if picker or sign_in else None
    desk = Desk(store=store, slack=gateway, clock=clock, base_url=settings.base_url, links=links)
    bolt = make_bolt(settings, client)
    for module in (commands, actions, views, shortcuts, events):
        module.register(bolt, desk)
    parts = Parts(
        store=store,
        slack=gateway,
        clock=clock,
        base_url=settings.base_url,
        bot_token=settings.slack_bot_token,
        file_hosts=allowed_hosts(settings.slack_api_url),
        mailer=Mailer(url=settings.smtp_url, sender=settings.mail_from)
        if settings.smtp_url
        else None,
    )
    web = make_web(
        store=store,
        bolt=bolt,
        clock=clock,
        secret_key=settings.secret_key,
        signing_secret=settings.slack_signing_secret,
        picker=picker,
        base_url=settings.base_url,
        sign_in=sign_in,
        slack=gateway,
    )
    return Tocsin(
        settings=settings,
        store=store,
        engine=store.engine,
        bolt=bolt,
        web=web,
        parts=parts,
        desk=desk,
    )


def make_links(settings: Settings) -> LinkSigner | None:
    """Return what makes links for one person, None without a key that outlives this process."""
    return LinkSigner(settings.secret_key) if settings.secret_key else None


def make_sign_in(settings: Settings, slack: SlackGateway) -> SignIn | None:
    """Return how people sign in to the pages, None where nothing of it is set up."""
    if not settings.signs_in:
        return None
    config = ProviderConfig(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        redirect_uri=f"{settings.base_url}{BACK}",
        scope="openid email" if settings.oidc_person_claim == BY_EMAIL else "openid",
        team=settings.slack_team,
    )
    return SignIn(
        provider=Provider(config),
        slack=slack,
        person_claim=settings.oidc_person_claim,
        team=settings.slack_team,
    )


def web_client(settings: Settings, *, timeout_s: int) -> WebClient:
    """Make a client of Slack's Web API.

    The SDK's own retries are off: they would repeat a post after a broken connection, and
    `jobs.posting` reads back first.
    """
    return WebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        timeout=timeout_s,
        retry_handlers=[],
    )


def make_bolt(settings: Settings, client: WebClient) -> App:
    """Make the Bolt app; it calls nothing at start and answers while Slack's API is away."""
    # Bolt warns at each start that it ignores the token in favour of `authorize`, as it should.
    logger = logging.getLogger("tocsin.bolt")
    logger.setLevel(logging.ERROR)
    return App(
        logger=logger,
        client=client,
        signing_secret=settings.slack_signing_secret or None,
        authorize=_authorize(settings.slack_bot_token),
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
        # The signature is checked in `bot.web.slack`, before anything else.
        request_verification_enabled=False,
        # Slack's events about our own messages are of no use to us.
        ignoring_self_events_enabled=True,
        # Listeners run on the thread that took the request (`bot.web.slack` limits their number).
        # Bolt's other way is a thread of its own and a look every 10 ms whether it has answered.
        process_before_response=True,
    )


def _authorize(token: str) -> Callable[..., AuthorizeResult]:
    """One workspace, one token: no call to `auth.test` stands between a person and an answer."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize
