"""One command, one transaction: rows, evidence entries and queued work commit together or not.

Decides when a transaction begins, what it must contain and what undoes it. Services work on a
`Tx` and never commit. A commit that changed an incident's rows without an evidence entry raises
`UnrecordedChangeError`; a delivery that was already acted on raises `DuplicateDeliveryError`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session, col, select

from bot.domain.incident import is_exercise_ref
from bot.domain.letterhead import House
from bot.domain.rulebook import Rulebook
from bot.store.engine import writing_session
from bot.store.exercise_queries import time_in
from bot.store.instants import NaiveTimeError
from bot.store.outbox import Job, Outbox
from bot.store.row import Row
from bot.store.tables import InboundDelivery, Incident
from bot.store.uploads import UploadShelf
from evidence_store import anchors, master
from evidence_store.log import DEFAULT_MAX_LAG, ArtifactRef, Draft, append, open_log
from evidence_store.sealed_artifacts import SealedArtifacts
from evidence_store.signing import Signer
from evidence_store.timestamps import Authorities

SYSTEM_ACTOR = "tocsin"
"""Actor of entries that no person caused."""
STAMP_WITHIN = DEFAULT_MAX_LAG / 2
"""How long an entry may wait for outside time: half of what the verifier calls late."""


class UnrecordedChangeError(RuntimeError):
    """An incident's rows changed and no evidence entry says so: a fault in the program."""


class DuplicateDeliveryError(Exception):
    """Slack delivered something again that was already acted on; there is nothing to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """What a transaction needs: database, evidence keys and files, policy and the outbox."""

    engine: Engine
    outbox: Outbox
    signer: Signer
    artifacts: SealedArtifacts
    rules: Rulebook
    organisation: str
    """First part of each evidence log's origin, as in `halden-mutual/incident/INC-2026-0001`."""
    uploads: UploadShelf
    """Files that people are uploading, until they are whole."""
    incident_bytes: int = 100_000_000_000
    """How many bytes of files one incident may hold."""
    authorities: Authorities | None = None
    """Who is asked for outside time; None if nobody is."""
    mails: bool = False
    """Whether a mail server is set up, so that approved notices can leave by e-mail."""
    base_url: str = ""
    """Where people reach our pages, as it is printed on papers; empty if nobody has set it."""

    @property
    def house(self) -> House:
        """Whose paper the notices are printed on."""
        return House(letterhead=self.rules.letterhead, base_url=self.base_url)


@dataclass(kw_only=True, slots=True)
class Tx:
    """An open transaction. `wall` is the instant at which the command was received, in UTC.

    `now` is the same instant in the time of the incident that is worked on: exercises have a clock
    of their own. Rows bear `now`, entries of the evidence log `wall`.
    """

    session: Session
    store: Store
    wall: datetime
    now: datetime
    drafts: dict[str, list[Draft]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    held: dict[int, Incident] = field(default_factory=dict)
    """Incidents that are ours until the end; kept, or the session would let go of them."""

    @property
    def rules(self) -> Rulebook:
        """The policy in force."""
        return self.store.rules

    def enter(self, incident: Incident) -> None:
        """Let `now` be the incident's own time; a live incident's is the wall's."""
        self.now = time_in(self.session, incident, self.wall)

    def hold(self, incident: Incident) -> None:
        """Keep other writers out of the incident until this transaction ends, and read it anew.

        Without it two PostgreSQL sessions could give the same number twice, or change what was
        closed meanwhile. SQLite's writers come one after another (`store.engine`), so there the
        incident is read for the first time or can't have changed.
        The lock is the weaker `FOR NO KEY UPDATE`, so that rows that refer to the incident can
        be inserted by whoever doesn't hold it.
        """
        if incident.id is None or incident.id in self.held:
            return
        if self.store.engine.dialect.name != "sqlite":
            self.session.exec(
                select(Incident)
                .where(col(Incident.id) == incident.id)
                .with_for_update(key_share=True)
                .execution_options(populate_existing=True)
            ).one()
        self.held[incident.id] = incident

    def record(
        self,
        incident: Incident,
        what: str,
        *,
        actor: str,
        data: Mapping[str, Any] | None = None,
        pd: Mapping[str, Any] | None = None,
        artifacts: Sequence[ArtifactRef] = (),
    ) -> None:
        """Append an evidence entry at commit. Free text and names belong into `pd`."""
        draft = Draft(
            event=what,
            actor=actor,
            data=dict(data) if data else None,
            pd=dict(pd or {}),
            artifacts=tuple(artifacts),
        )
        self.drafts.setdefault(incident.ref, []).append(draft)

    def enqueue(self, name: str, incident: Incident, *, delay_s: float = 0.0, **more: Any) -> None:
        """Ask for a job that runs after, and only after, this transaction has committed."""
        self.session.flush()
        arguments = {"incident_id": incident.id, **more}
        self.jobs.append(Job(name=name, arguments=arguments, lane=incident.ref, delay_s=delay_s))


def origin_of(store: Store, ref: str) -> str:
    """Return the origin of an incident's evidence log."""
    kind = "exercise" if is_exercise_ref(ref) else "incident"
    return f"{store.organisation}/{kind}/{ref}"


@contextmanager
def unit_of_work(store: Store, *, now: datetime, delivery_key: str | None = None) -> Iterator[Tx]:
    """Open a writing transaction; commit it at the end or undo all of it on any exception.

    With `delivery_key`, raises `DuplicateDeliveryError` if that delivery was acted on before;
    `NaiveTimeError` if `now` has no time zone.
    """
    if now.tzinfo is None:
        raise NaiveTimeError(f"{now!r} has no time zone; take it from `bot.clock.utc_now`")
    # Rows stay readable after the commit; they are values then, and nothing is written by them.
    with writing_session(store.engine, expire_on_commit=False) as session:
        tx = Tx(session=session, store=store, wall=now, now=now)
        changed: set[int] = set()
        event.listen(session, "after_flush", _watch(changed))
        event.listen(session, "do_orm_execute", _refuse_bulk_change)
        if delivery_key is not None:
            _claim_delivery(session, delivery_key, now)
        yield tx
        session.flush()
        _check_recorded(session, changed, tx)
        _write_evidence(tx)
        for place, job in enumerate(tx.jobs):
            store.outbox.put(session, job, place=place)
        session.commit()
        store.artifacts.settled(_artifacts_of(tx))


@contextmanager
def reading(store: Store) -> Iterator[Session]:
    """Open a session for reading only; nothing is committed."""
    with Session(store.engine) as session:
        yield session


def _claim_delivery(session: Session, key: str, now: datetime) -> None:
    session.add(InboundDelivery(key=key, seen_at=now))
    try:
        session.flush()
    except IntegrityError as error:
        raise DuplicateDeliveryError(key) from error


def _watch(changed: set[int]) -> Any:
    def after_flush(session: OrmSession, _context: UOWTransaction) -> None:
        for row in [*session.new, *session.dirty, *session.deleted]:
            if not isinstance(row, Row) or row.bookkeeping:
                continue
            if row in session.dirty and not session.is_modified(row):
                continue
            owner = row.id if isinstance(row, Incident) else getattr(row, "incident_id", None)
            if owner is not None:
                changed.add(owner)

    return after_flush


def _refuse_bulk_change(call: ORMExecuteState) -> None:
    """A bulk statement passes by the session's rows, where `_watch` would see the change."""
    if not (call.is_insert or call.is_update or call.is_delete) or call.bind_mapper is None:
        return
    if not getattr(call.bind_mapper.class_, "bookkeeping", False):
        raise UnrecordedChangeError(
            f"Change rows of {call.bind_mapper.class_.__name__} one by one, so that it is seen "
            f"which incident they belong to; nothing was saved."
        )


def _check_recorded(session: Session, changed: set[int], tx: Tx) -> None:
    for incident_id in changed:
        incident = session.get(Incident, incident_id)
        if incident is not None and incident.ref not in tx.drafts:
            raise UnrecordedChangeError(
                f"Rows of {incident.ref} changed without an evidence entry; nothing was saved."
            )


def _artifacts_of(tx: Tx) -> list[ArtifactRef]:
    return [ref for drafts in tx.drafts.values() for draft in drafts for ref in draft.artifacts]


def _write_evidence(tx: Tx) -> None:
    connection = tx.session.connection()
    tx.store.artifacts.keep(connection, _artifacts_of(tx))
    for ref, drafts in sorted(tx.drafts.items()):
        origin = origin_of(tx.store, ref)
        if ref in tx.opened:
            open_log(
                connection,
                origin=origin,
                actor=drafts[0].actor,
                signer=tx.store.signer,
                now=tx.wall,
                tsa=tx.store.authorities.names if tx.store.authorities else (),
            )
        append(connection, origin=origin, drafts=drafts, signer=tx.store.signer, now=tx.wall)
        asked = [(draft.event, tx.wall) for draft in drafts]
        due = anchors.due_after(asked, now=tx.wall, within=STAMP_WITHIN)
        if due is not None:
            anchors.schedule(connection, origin=origin, due=due)
    # After all other logs, because every incident's writers share the master log's lock.
    record_in_master(
        connection,
        tx.store,
        [
            origin_of(tx.store, ref)
            for ref, drafts in tx.drafts.items()
            if ref in tx.opened or any(draft.event in anchors.AT_ONCE for draft in drafts)
        ],
        now=tx.wall,
    )


def record_in_master(
    connection: Connection, store: Store, origins: Sequence[str], *, now: datetime
) -> None:
    """Let the organisation's master log remember how far these logs have come."""
    made = master.record(
        connection,
        organisation=store.organisation,
        origins=origins,
        signer=store.signer,
        actor=SYSTEM_ACTOR,
        now=now,
    )
    if made:
        anchors.schedule(connection, origin=made[0].origin, due=now)
