"""Who is asking, of which incident, and may they: the questions before every change.

Each service asks here first. Decides refusals and their words; the table itself is
`bot.domain.roles`.
"""

import secrets
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.incident import IncidentError, Status
from bot.domain.roles import AFTER_CLOSE, Action, check_allowed
from bot.domain.rulebook import Rulebook
from bot.store.once import person_once
from bot.store.queries import standing
from bot.store.tables import Incident, Person
from bot.store.unit_of_work import Tx


class UnknownIncidentError(LookupError):
    """There is no such incident, or the person may not know of it: the answer is the same."""


def person_for(tx: Tx, slack_id: str) -> Person:
    """Return the person with this Slack user id, making the row on first sight."""
    return person_once(tx.session, slack_id, new_actor=lambda: f"p-{secrets.token_hex(8)}")


def zone_of(rules: Rulebook, person: Person | None) -> ZoneInfo:
    """Return the zone in which a person reads and types times: theirs, else the home zone."""
    home = str(rules.organisation.get("home_zone", "UTC"))
    for name in (person.zone if person else "", home):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def no_such_incident(ref: str) -> str:
    """Return the answer for an incident that isn't there or isn't the asker's to see."""
    return f"You have no incident {ref}. `/incident list` shows yours."


def check_may(tx: Tx, incident: Incident, actor: Person, action: Action) -> None:
    """Raise unless the person is a member, may do this, and the incident isn't closed.

    From here on the incident is ours until the transaction ends, so that what is decided now
    still holds at commit. `AFTER_CLOSE` names what may be done in a closed incident too.
    """
    tx.enter(incident)
    tx.hold(incident)
    is_in, held = standing(tx.session, incident, actor)
    if not is_in:
        raise UnknownIncidentError(no_such_incident(incident.ref))
    if incident.status == Status.CLOSED and action not in AFTER_CLOSE:
        raise IncidentError(f"{incident.ref} is closed; nothing in it can be changed any more.")
    check_allowed(action, held)
