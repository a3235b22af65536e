"""Handing evidence out: the bundle of an incident, and single entries with their proofs.

Decides who may, what goes along (papers, time stamps), and that every export is an entry. The form
of what is written is the evidence store's. Writing takes as long as the files are large, so it
needs no more than a reading session; only the record of it is a command.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlmodel import Session

from bot.documents.certificate import CertificateFacts, CertifiedFile, render_certificate
from bot.domain.roles import Action
from bot.services.access import check_may
from bot.store.queries import evidence_items
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import SYSTEM_ACTOR, Store, Tx, origin_of, record_in_master
from evidence_store import anchors, log, master, notes
from evidence_store.bundle import BundleContents, BundleSummary, export_bundle
from evidence_store.disclosure import Disclosure, disclose

CERTIFICATE = "certificate-draft.pdf"


@dataclass(frozen=True, kw_only=True, slots=True)
class Exporting:
    """What is read, and when: a reading session is enough. `now` is UTC."""

    session: Session
    store: Store
    now: datetime


def export_as(tx: Tx, incident: Incident, out: Path, *, actor: Person) -> BundleSummary:
    """Export for a person: Commander, Forensics and Legal may, in a closed incident too."""
    check_may(tx, incident, actor, Action.EXPORT_EVIDENCE)
    return export(tx, incident, out, actor=actor.actor)


def export(tx: Tx, incident: Incident, out: Path, *, actor: str) -> BundleSummary:
    """Write the bundle and record it, in one transaction; nobody else can write meanwhile.

    Asks for no role: for whoever operates the machine. People go through `export_as`. The entry
    about the export is in the log from this transaction on, hence in the next bundle.
    """
    work = Exporting(session=tx.session, store=tx.store, now=tx.now)
    summary = write_bundle(work, incident, out)
    record_export(tx, incident, summary, actor=actor)
    return summary


def write_bundle(
    work: Exporting,
    incident: Incident,
    out: Path,
    *,
    redact: bool = False,
    forms: Callable[[], Mapping[str, bytes]] | None = None,
) -> BundleSummary:
    """Write the evidence bundle as the incident stands: a ZIP if `out` is so named, else a folder.

    `forms` gives further papers, which may hold names. With `redact` they, personal data and free
    text are left out. Record it with `record_export`, and hand nothing out before that is
    committed.

    Raises:
        BundleExistsError, BundleError: as `evidence_store.bundle.export_bundle`.
    """
    connection = work.session.connection()
    origin = origin_of(work.store, incident.ref)
    authorities = work.store.authorities
    return export_bundle(
        connection,
        origin=origin,
        artifacts=work.store.artifacts,
        out=out,
        now=work.now,
        vkey=work.store.signer.vkey,
        redact=redact,
        papers=lambda contents: {
            **(forms() if forms and not redact else {}),
            **_papers(work, incident, contents),
        },
        tokens=anchors.tokens(connection, origin=origin),
        trust={"tsa-roots.pem": authorities.roots_pem} if authorities else None,
    )


def export_master(session: Session, store: Store, out: Path, *, now: datetime) -> BundleSummary:
    """Write the bundle of the master log, brought up to date, and record that in it.

    In a writing session; the caller commits, and hands nothing out before. `now` is UTC.
    """
    connection = session.connection()
    grown = master.unrecorded(connection, organisation=store.organisation)
    record_in_master(connection, store, grown, now=now)
    origin = master.master_origin(store.organisation)
    summary = export_bundle(
        connection,
        origin=origin,
        artifacts=store.artifacts,
        out=out,
        now=now,
        vkey=store.signer.vkey,
        tokens=anchors.tokens(connection, origin=origin),
        trust={"tsa-roots.pem": store.authorities.roots_pem} if store.authorities else None,
    )
    data = {"entries": summary.entries, "seal": summary.seal, "form": "complete"}
    draft = log.Draft(event="bundle.exported", actor=SYSTEM_ACTOR, data=data)
    log.append(connection, origin=origin, drafts=[draft], signer=store.signer, now=now)
    return summary


def record_export(tx: Tx, incident: Incident, summary: BundleSummary, *, actor: str) -> None:
    """Record which entries left, in which bundle (its seal), and whether personal data did."""
    tx.record(
        incident,
        "bundle.exported",
        actor=actor,
        data={
            "entries": summary.entries,
            "seal": summary.seal,
            "form": "redacted" if summary.redacted else "complete",
        },
    )


def may_export(tx: Tx, incident: Incident, *, actor: Person) -> None:
    """Refuse who may not export; the message says who may."""
    check_may(tx, incident, actor, Action.EXPORT_EVIDENCE)


def disclose_entries(
    work: Exporting,
    incident: Incident,
    out: Path,
    *,
    seqs: Collection[int],
    opened: Collection[str] = (),
    with_files: bool = False,
    size: int | None = None,
) -> Disclosure:
    """Write single entries with their proofs; record it with `record_disclosure`.

    `opened` names the personal values that go along, `with_files` lets the artifacts of these
    entries go along, `size` is that of the checkpoint which the reader holds.

    Raises:
        NothingToDiscloseError, BundleError, UnknownLogError: as `evidence_store.disclosure`.
    """
    connection = work.session.connection()
    origin = origin_of(work.store, incident.ref)
    return disclose(
        connection,
        origin=origin,
        seqs=seqs,
        out=out,
        now=work.now,
        vkey=work.store.signer.vkey,
        opened=opened,
        artifacts=work.store.artifacts if with_files else None,
        tokens=anchors.tokens(connection, origin=origin),
        size=size,
    )


def record_disclosure(tx: Tx, incident: Incident, made: Disclosure, *, actor: str) -> None:
    """Record which entries were shown, and which values and how many files went along."""
    data = {
        "form": "disclosure",
        "seqs": list(made.seqs),
        "entries": made.size,
        "seal": made.seal,
        "artifacts": made.artifacts,
        "opened": list(made.opened),
    }
    tx.record(incident, "bundle.exported", actor=actor, data=data)


def _papers(work: Exporting, incident: Incident, contents: BundleContents) -> Mapping[str, bytes]:
    """Return the papers that lie in the bundle, by name."""
    rules = work.store.rules
    # The fonts lie beside the notices.
    assets = next(iter(rules.notices.values())).folder.parent / "base"
    return {CERTIFICATE: render_certificate(_facts(work, incident, contents), assets=assets)}


def _facts(work: Exporting, incident: Incident, contents: BundleContents) -> CertificateFacts:
    checkpoint = contents.checkpoint
    connection = work.session.connection()
    (first,) = log.entries(connection, origin=checkpoint.origin, limit=1)
    (last,) = log.entries(connection, origin=checkpoint.origin, after=checkpoint.size - 2, limit=1)
    exhibits = {item.sha256: f"E-{item.number}" for item in evidence_items(work.session, incident)}
    key = notes.VerifyingKey.parse(work.store.signer.vkey)
    return CertificateFacts(
        ref=incident.ref,
        organisation=str(work.store.rules.organisation.get("organisation_name", "")),
        origin=checkpoint.origin,
        entries=checkpoint.size,
        root=checkpoint.root.hex(),
        key_id=f"{key.name}+{key.key_id.hex()}",
        began=_words(first.ts),
        ended=_words(last.ts),
        made=_words(work.now),
        made_at=work.now.isoformat(timespec="seconds"),
        tool=f"Tocsin {version('tocsin')}",
        stamps=len(contents.stamped),
        redacted=contents.redacted,
        files=tuple(
            CertifiedFile(exhibit=exhibits.get(sha256, ""), sha256=sha256, size=size)
            for sha256, size in contents.artifacts.items()
        ),
    )


def _words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
