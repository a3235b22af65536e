"""Who reads a notice: every member, but where counsel marked it as privileged.

Decides about reading only; who may change what is in `bot.domain.roles`.
"""

from bot.domain.roles import NotAllowedError, Role
from bot.store.notice_tables import NoticeRow
from bot.store.queries import roles_held
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx


def may_read(notice: NoticeRow, roles: frozenset[Role], person: Person) -> bool:
    """Tell whether a member may read a notice: a privileged one is for Legal and its assignee."""
    return not notice.privileged or Role.LEGAL in roles or notice.assigned_to == person.id


def check_readable(tx: Tx, incident: Incident, notice: NoticeRow, *, actor: Person) -> None:
    """Raise `NotAllowedError` if the notice is privileged and not for this member's eyes."""
    if not may_read(notice, frozenset(roles_held(tx.session, incident, actor)), actor):
        raise NotAllowedError(privileged_words(notice))


def privileged_words(notice: NoticeRow) -> str:
    """Say why somebody can't read a privileged notice, and whom to ask."""
    return (
        f"N-{notice.number} is marked as privileged: Legal reads it, and whom Legal assigns it to. "
        f"Ask Legal."
    )
