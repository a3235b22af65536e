"""Rotation: from one entry on another key signs, in every log of an organisation at once.

Decides the order of steps, so that a crash between file and database loses no log its key:

1. The new key is written beside the old one (`<key>.next`) and synced. Nobody knows it yet.
2. One transaction: in each log the entry `key.rotated` names the new key, and both keys sign the
   checkpoint over it. From its commit on the database says that the new key signs.
3. The file of the new key takes the place of the old one, which is kept as `retired-<id>.key` or
   destroyed.

A crash before the commit leaves an unused file, which the next rotation takes. A crash after it is
mended by whoever writes next: a signer that the database doesn't expect any more looks at the files
(`signing.FileSigner.settle`) and takes step 3. So does a server that runs meanwhile.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from evidence_store import events, signing, writer
from evidence_store.entry import Draft
from evidence_store.errors import LogError
from evidence_store.tables import evidence_log


def rotate_keys(
    connection: Connection,
    *,
    organisation: str,
    signer: signing.Signer,
    successor: signing.Signer,
    actor: str,
    now: datetime,
) -> list[str]:
    """Record in every log of the organisation that `successor` signs from now on (step 2).

    `now` is aware and in UTC. Returns the origins of the logs that were rotated; one that
    `successor` signs already is left as it is, so repeating changes nothing. The caller commits.

    Raises:
        LogError: when the keys are the same or have different names.
        WrongKeyError: when a log is signed by neither; nothing was written then.
    """
    if signer.vkey.partition("+")[0] != successor.vkey.partition("+")[0]:
        raise LogError("the new key must have the name of the old one, which logs keep for ever")
    writer.lock_all(connection)
    logs = select(evidence_log.c.origin).where(
        evidence_log.c.origin.startswith(f"{organisation}/", autoescape=True)
    )
    rotated = []
    for origin in connection.execute(logs.order_by(evidence_log.c.origin)).scalars().all():
        head = writer.head_of(connection, origin)
        if head is None or head.vkey == successor.vkey:
            continue
        draft = Draft(event=events.KEY_ROTATED, actor=actor, data={"vkey": successor.vkey})
        writer.write(
            connection,
            origin=origin,
            head=head,
            drafts=[draft],
            signer=signer,
            successor=successor,
            now=now,
        )
        rotated.append(origin)
    return rotated


def next_key(path: Path) -> signing.FileSigner:
    """Return the key that comes after the one at `path`, made on the disk if need be (step 1)."""
    name = signing.key_name(path)
    if name is None:
        raise LogError(f"{path}: there is no key yet that could be rotated")
    return signing.prepare_next(path, name=name)


def finish(path: Path, *, old_key_id: str, keep: bool) -> None:
    """Put the new key in place after the commit, and keep or destroy the old file (step 3)."""
    signing.promote(path)
    if not keep:
        signing.destroy_retired(path, old_key_id)
