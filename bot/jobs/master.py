"""The master log's round: every hour it remembers how far each evidence log has come.

Called by the tick. Openings and acts of custody are recorded at once, by the unit of work; the
round catches all else that grew. What was recorded is marked in the database, so it may be repeated
or missed: the next one catches up.
"""

from datetime import datetime

from bot.store.engine import writing_session
from bot.store.unit_of_work import Store, reading, record_in_master
from evidence_store import master


def record_grown_logs(store: Store, now: datetime) -> None:
    """Record the checkpoints of the logs that grew since they were last recorded."""
    with reading(store) as session:
        grown = master.unrecorded(session.connection(), organisation=store.organisation)
    if not grown:
        return
    with writing_session(store.engine) as session:
        record_in_master(session.connection(), store, grown, now=now)
        session.commit()
