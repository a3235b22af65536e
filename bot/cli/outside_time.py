"""What `tocsin doctor` says of outside time: authorities that answer, and logs that wait."""

from collections.abc import Iterator

from bot.settings import EXPLAINED, Settings

_PROBE = b"tocsin doctor\n"
_NONE = (
    "no time stamp authority is set, so none is asked, and bundles prove an order but no time. Set "
    "TOCSIN_TSA_URLS and TOCSIN_TSA_ROOTS (docs/operations.md, “Outside time”)"
)


def findings(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Ask each authority for a stamp of some bytes of no meaning; yield (is it fine, words)."""
    from bot.app import authorities
    from bot.clock import utc_now
    from bot.jobs.anchor import CLOCK_TOLERANCE
    from evidence_store.timestamps import RootsError, TimestampError, public_name, request

    try:
        asked = authorities(settings)
    except RootsError as error:
        yield False, f"{error}. Mend TOCSIN_TSA_ROOTS: {EXPLAINED['TOCSIN_TSA_ROOTS']}"
        return
    if asked is None:
        yield False, _NONE
        return
    for url in asked.urls:
        try:
            off = request(url, _PROBE, authorities=asked).gen_time - utc_now()
        except TimestampError as error:
            yield False, f"{error} ({error.code})"
            continue
        if abs(off) > CLOCK_TOLERANCE:
            seconds = round(off.total_seconds())
            words = f"{public_name(url)} is {seconds:+d} s from this machine's clock"
            yield False, f"{words}, so its stamps aren't used. Set the clock right (NTP)"
        else:
            yield True, f"{public_name(url)} stamps, and its chain ends in a root of ours"
    yield from _waiting(settings)


def _waiting(settings: Settings) -> Iterator[tuple[bool, str]]:
    from bot.store.engine import database_exists, make_engine
    from bot.store.schema import current_revision, head_revision
    from evidence_store import anchors

    if not database_exists(settings.database_url):
        return
    engine = make_engine(settings.database_url)
    try:
        if current_revision(engine) != head_revision():
            return
        with engine.connect() as connection:
            outages = anchors.outages(connection)
    finally:
        engine.dispose()
    for one in outages:
        since, again = one.missing_since, one.due_at
        words = f"missing for {one.origin} since {since:%Y-%m-%d %H:%M} UTC, {one.failures} tries"
        yield False, words + (f"; next try {again:%Y-%m-%d %H:%M} UTC" if again else "")
