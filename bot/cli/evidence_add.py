"""`tocsin evidence add FILE`: a file of this machine becomes evidence of an incident.

Decides how the file is read (once, never changed) and which incident and person are meant. Limits
and what is recorded are in `services.evidence_intake`.
"""

import argparse
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from bot.cli.terminal import say, settings_from_environment

CHUNK = 1 << 20
METHOD = "command line, streamed"


class NotAddedError(Exception):
    """The command can't say which incident, person or file is meant; nothing was stored."""


def add_parser(inner: Any) -> None:
    """Add `evidence add` to the parser of `evidence`."""
    parser = inner.add_parser("add", help="add a file of this machine to an incident's evidence")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--incident", default="", metavar="INC-…", help="not needed while one incident is open"
    )
    parser.add_argument(
        "--by", required=True, metavar="U…", help="Slack id of the member who brings the file"
    )
    parser.add_argument(
        "--source", default="", metavar="TEXT", help="where the file was: host, path, mailbox"
    )
    parser.add_argument(
        "--form",
        default="",
        choices=("file", "email", "log"),
        help="what it is; without it the ending of the name tells",
    )
    parser.set_defaults(run=run_add)


def run_add(args: argparse.Namespace) -> int:
    """Stream the file into the store, then record it; say number and digest."""
    from bot.app import build_store
    from bot.clock import utc_now
    from bot.domain.incident import IncidentError
    from bot.domain.roles import NotAllowedError
    from bot.services.access import UnknownIncidentError
    from bot.services.evidence_errors import FileRefusedError
    from bot.services.evidence_intake import Intake, check_intake, take_in, watched
    from bot.store.unit_of_work import unit_of_work
    from evidence_store.artifacts import ArtifactError

    intake = Intake(name=args.file.name, method=METHOD, source=args.source, form=args.form)
    store = build_store(settings_from_environment())
    try:
        with _open(args.file) as file:
            size = os.fstat(file.fileno()).st_size
            with unit_of_work(store, now=utc_now()) as tx:
                incident, actor = _who(tx, args)
                room = check_intake(tx, incident, intake, size=size, actor=actor)
            chunks = watched(_read(file), room=room, store=store, incident=incident)
            artifact = store.artifacts.store(chunks)
        with unit_of_work(store, now=utc_now()) as tx:
            incident, actor = _who(tx, args)
            item = take_in(tx, incident, artifact, intake, actor=actor)
            number, ref = item.number, incident.ref
    except (
        NotAddedError,
        ArtifactError,
        FileRefusedError,
        IncidentError,
        NotAllowedError,
        UnknownIncidentError,
    ) as error:
        sys.stderr.write(f"tocsin evidence add: {error}\n")
        return 1
    finally:
        store.outbox.close()
        store.engine.dispose()
    say(f"{args.file.name} is E-{number} of {ref}: {artifact.size:,} bytes.")
    say(f"SHA-256 {artifact.sha256}")
    return 0


def _who(tx: Any, args: argparse.Namespace) -> Any:
    """Return the incident and the person who are meant."""
    from sqlmodel import select

    from bot.domain.incident import Status
    from bot.store.queries import incident_by_ref, person_by_slack_id
    from bot.store.tables import Incident

    person = person_by_slack_id(tx.session, args.by)
    if person is None:
        raise NotAddedError(
            f"nobody has the Slack id {args.by}; copy it from their Slack profile. Nothing was "
            f"stored."
        )
    if args.incident:
        incident = incident_by_ref(tx.session, args.incident.upper())
        if incident is None:
            raise NotAddedError(f"there is no incident {args.incident}; nothing was stored.")
        return incident, person
    query = select(Incident).where(Incident.status != Status.CLOSED).order_by(Incident.ref)
    still_open = tx.session.exec(query).all()
    if len(still_open) != 1:
        names = ", ".join(one.ref for one in still_open) or "none"
        raise NotAddedError(
            f"say which incident with --incident; open are: {names}. Nothing was stored."
        )
    return still_open[0], person


def _open(path: Path) -> BinaryIO:
    """Open a plain file; anything else can't be read to an end, or isn't one file."""
    # Not blocking, or a named pipe would hang here before it can be refused.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAddedError(
            f"{path.name} isn't a plain file. Make an image or an archive of it, and add that; "
            f"nothing was stored."
        )
    return os.fdopen(descriptor, "rb")


def _read(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
