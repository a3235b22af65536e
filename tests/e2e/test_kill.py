"""The process is killed at random points of a story: nothing is lost and nothing doubled.

Also between commit and delivery, across a deadline, and while a bundle is written; on SQLite and
on PostgreSQL. What the story is, and what people see of it: `killed_story`.
"""

import hashlib
import io
import random
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from evidence_store.verify import verify
from tests.conftest import T0
from tests.e2e.killed import World, said, world
from tests.e2e.killed_story import (
    REF,
    STORY,
    Step,
    by_reference,
    channel,
    done,
    entries_left,
    handed,
    logged,
    notice,
    opening,
    play,
    struck,
    versions,
)
from tests.kit import ANA, LENA, until
from tests.nest import Nest
from tests.slack_kit import flat, key_of

pytestmark = pytest.mark.slow
SEED = 20261119


@pytest.fixture
def one(tmp_path: Path, nest: Nest) -> Iterator[World]:
    with world(tmp_path, nest=nest, now=T0) as made:
        yield made


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, nest: Nest) -> Counter[str]:
    """The entries that the story leaves if nothing is killed."""
    with world(tmp_path_factory.mktemp("calm"), nest=nest, now=T0) as here:
        here.start()
        play(here, [None] * len(STORY))
        here.settle()
        assert here.tries == {"pdf": 1, "bundle": 1}
        return entries_left(here)


def step(name: str) -> Step:
    return next(one for one in STORY if one.name == name)


def check_story(here: World, calm: Counter[str]) -> None:
    """Each announcement, each fact, each piece of evidence and each paper once."""
    messages = here.check_whole(REF, reader=ANA)
    texts = [flat(one) for one in messages]
    for announced in (
        "is now *Forensics*",
        "is now *Legal*",
        "*E-2* is preserved",
        f"🟠 *Contained* · {REF}",
        "Clock started · *GDPR: to the authority*",
        "`US-CA-IND`: due",
    ):
        assert len([one for one in texts if announced in one]) == 1, announced
    card = next(one for one in messages if key_of(one).startswith("card/"))
    assert "SEV1" in flat(card)
    assert "*Contained*" in flat(card)
    check_letter(here)
    check_entries(here, calm)


def check_letter(here: World) -> None:
    """N-1 was reworded by Ana, approved by Lena, and is the same file wherever it went."""
    letter, kept = notice(here, 1), versions(here, 1)
    assert letter is not None
    assert [(one.version, one.reason.partition(":")[0]) for one in kept] == [
        (1, "drafted from the facts"),
        (2, "facts changed"),
        (3, "facts changed"),
        (4, "reworded"),
    ]
    assert (letter.state, letter.approved_version) == ("sent", 4)
    assert kept[3].author_id != letter.approved_by
    (mine,) = handed(here, LENA)
    (draft,) = handed(here, ANA)
    assert mine["name"] == f"{REF}-N1-v4.pdf"
    assert draft["name"] == f"{REF}-N3-v1-DRAFT.pdf"
    sent = here.box.shelf.get(mine["id"])
    assert sent == here.kept["pdf"]
    assert hashlib.sha256(sent).hexdigest() == kept[3].pdf_sha256
    with zipfile.ZipFile(io.BytesIO(here.kept["bundle"])) as packed:
        out = here.folder / f"taken-{len(list(here.folder.iterdir()))}"
        packed.extractall(out)
    check_bundle(here, next(out.iterdir()))


def check_bundle(here: World, bundle: Path) -> None:
    """Only the trusted time is missing."""
    report = verify(bundle, vkeys=[here.store.signer.vkey])
    assert report.verdict == "PARTIAL", report


def check_entries(here: World, calm: Counter[str]) -> None:
    """The log says what it says of an unkilled telling.

    A download stands in the log before its first byte leaves; one that was cut off and asked for
    again stands there twice.
    """
    found = entries_left(here)
    assert calm - found == Counter()
    more = Counter[str]()
    for line, times in (found - calm).items():
        more[" ".join(line.split()[:2])] += times
    again = {
        f"notice.downloaded {LENA}": here.tries["pdf"] - 1,
        f"bundle.exported {ANA}": here.tries["bundle"] - 1,
    }
    assert more <= Counter(again), found - calm


def test_killed_at_ten_points_of_the_story(one: World, calm: Counter[str]) -> None:
    """In every other step; in the other ten on PostgreSQL."""
    one.start()
    strikes = struck(SEED, first=0, every=2)
    assert len([strike for strike in strikes if strike]) >= 10
    play(one, strikes)
    check_story(one, calm)


def test_killed_as_a_reminder_fires(one: World) -> None:
    opened_and_aware(one)
    by_reference("role assign legal <@U0LENA>")(one)
    one.settle()
    one.set_clock(T0 + timedelta(hours=23, seconds=30))
    until(lambda: logged(one, "reminder.sent") >= 1, seconds=20)
    one.kill()
    one.start()
    until(lambda: reminders(one, "48 h left"), seconds=30)
    one.settle()
    (told,) = reminders(one, "48 h left")
    assert "late" not in told
    direct = [flat(message) for message in one.box.person(LENA).direct_messages()]
    assert len([text for text in direct if "48 h left" in text and "GDPR" in text]) == 1
    one.check_whole(REF, reader=ANA)


def reminders(here: World, label: str) -> list[str]:
    """Reminders of the GDPR clock in the channel."""
    return [
        flat(one)
        for one in here.bot_messages(channel(here), reader=ANA)
        if f"/reminder/EU-GDPR-33-SA/{label}" in key_of(one)
    ]


def opened_and_aware(here: World) -> None:
    here.start()
    done(here, step("open"))
    done(here, step("aware at 2026-11-19 08:00 UTC"))
    here.settle()


def calls(here: World, method: str, *, since: int = 0) -> list[object]:
    return [one for one in here.box.calls[since:] if one.method == method]


@pytest.mark.parametrize("kind", ["timeout_after_work", "timeout_before_work"])
def test_killed_between_commit_and_delivery(one: World, kind: str) -> None:
    """Slack hangs with the post, done or not, and the process dies waiting for the answer."""
    opened_and_aware(one)
    one.box.faults.add("chat.postMessage", kind, seconds=8)
    waiting = len(one.box.calls)
    assert "is contained" in said(by_reference("contain access closed")(one))
    until(lambda: calls(one, "chat.postMessage", since=waiting), seconds=20)
    one.kill()
    one.start()
    messages = one.check_whole(REF, reader=ANA)
    assert len([m for m in messages if f"🟠 *Contained* · {REF}" in flat(m)]) == 1
    assert logged(one, "incident.contained") == 1


@pytest.mark.parametrize("kind", ["timeout_after_work", "timeout_before_work"])
def test_killed_while_a_paper_is_handed_over(one: World, kind: str) -> None:
    """The file lies in the direct messages or not yet, and the process dies before it knows."""
    opened_and_aware(one)
    one.box.faults.add("files.completeUploadExternal", kind, seconds=8)
    by_reference("notice pdf 1")(one)
    until(lambda: calls(one, "files.completeUploadExternal"), seconds=20)
    one.kill()
    one.start()
    one.check_whole(REF, reader=ANA)
    assert [file["name"] for file in handed(one, ANA)] == [f"{REF}-N1-v1-DRAFT.pdf"]
    assert logged(one, "notice.downloaded") == 1


def test_killed_before_anything_could_be_delivered(one: World) -> None:
    one.start()
    fault = one.box.faults.add("*", "down")
    done(one, step("open"))
    one.kill()
    one.box.faults.remove(fault.id)
    one.start()
    one.check_whole(REF, reader=ANA)


def test_down_across_a_deadline_fires_one_late_reminder(one: World) -> None:
    opened_and_aware(one)
    one.kill()
    due = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
    one.set_clock(due + timedelta(hours=2, seconds=1))
    one.start()
    until(lambda: logged(one, "clock.missed") >= 1, seconds=30)
    until(lambda: reminders(one, "breach"), seconds=30)
    one.settle()
    (told,) = reminders(one, "breach")
    assert "Deadline passed" in told
    assert "_This reminder is 2 h late: Tocsin was down._" in told
    for label in ("48 h left", "24 h left", "12 h left", "4 h left", "1 h left"):
        assert reminders(one, label) == []
    one.check_whole(REF, reader=ANA)


def test_an_export_that_is_killed_leaves_a_whole_bundle_or_none(one: World) -> None:
    """And none that the log doesn't know of; the same command then does it."""
    one.start()
    for told in STORY[:6]:
        done(one, told)
    one.settle()
    out = one.folder / "out" / "bundle"
    command = ("evidence", "export", REF, "--out", str(out))
    chance = random.Random(SEED)  # noqa: S311 - a seeded story, no secret
    whole = 0
    for _ in range(6):
        before = started(out)
        export = one.tocsin(*command)
        until(lambda before=before: out.exists() or started(out) - before, seconds=20)  # type: ignore[misc]
        threading.Event().wait(chance.uniform(0.0, 0.08))
        export.kill()
        export.wait()
        if out.exists():
            check_bundle(one, out)
            whole += 1
            out.rename(one.folder / f"whole-{whole}")
        assert whole <= logged(one, "bundle.exported")
    assert one.tocsin(*command).wait() == 0, one.log_text()
    check_bundle(one, out)
    one.check_whole(REF, reader=ANA)


def started(out: Path) -> set[Path]:
    """Folders in which an export to this place was begun; they name themselves partial."""
    return set(out.parent.glob(f".{out.name}.*.partial"))


@pytest.mark.postgres
def test_killed_at_the_ten_other_points_on_postgresql(
    tmp_path: Path, nest: Nest, empty_postgres: str, calm: Counter[str]
) -> None:
    with world(tmp_path, nest=nest, now=T0, database_url=empty_postgres) as here:
        here.start()
        play(here, struck(SEED + 1, first=1, every=2))
        check_story(here, calm)


@pytest.mark.postgres
def test_two_processes_on_one_postgresql_double_nothing(
    tmp_path: Path, nest: Nest, empty_postgres: str, calm: Counter[str]
) -> None:
    names = ("one", "two")
    with world(tmp_path, nest=nest, now=T0, database_url=empty_postgres, names=names) as here:
        for name in names:
            here.start(name)
        for number, told in enumerate(STORY):
            here.use(names[number % 2])
            done(here, told)
        check_story(here, calm)
        here.set_clock(T0 + timedelta(hours=23, seconds=30))
        until(lambda: reminders(here, "48 h left"), seconds=30)
        here.settle()
        assert len(reminders(here, "48 h left")) == 1
        here.check_whole(REF, reader=ANA)


@pytest.mark.postgres
def test_a_living_process_takes_up_what_a_dead_one_left(
    tmp_path: Path, nest: Nest, empty_postgres: str
) -> None:
    """The first dies for good while it waits for Slack; the second ends the work."""
    names = ("one", "two")
    with world(tmp_path, nest=nest, now=T0, database_url=empty_postgres, names=names) as here:
        here.start("one")
        opening(here)
        here.settle()
        fault = here.box.faults.add("chat.postMessage", "rate_limited", retry_after=30, times=None)
        by_reference("contain closed")(here)
        until(lambda: here.box.calls[-1].method == "chat.postMessage", seconds=20)
        here.start("two")
        here.kill("one")
        here.box.faults.remove(fault.id)
        messages = here.check_whole(REF, reader=ANA)
        assert len([one for one in messages if f"🟠 *Contained* · {REF}" in flat(one)]) == 1
        assert "taking up the jobs of tocsin-0" in here.log_text()
