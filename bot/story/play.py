"""Plays the told breach and leaves its papers: notices as PDF, the evidence bundle, a timeline.

Shows its progress on the terminal. Nothing leaves this computer; the folder must be new or empty.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.situation import words_for
from bot.practice import practising
from bot.services.evidence import export
from bot.services.timeline import timeline_of
from bot.store.queries import incident_by_ref, notice_versions, notices_of
from bot.store.unit_of_work import SYSTEM_ACTOR, reading, unit_of_work
from bot.story.script import LENA, STORY, Step
from bot.story.stage import Stage, StoryClock
from evidence_store.verify import verify

START = datetime(2026, 11, 19, 8, 45, tzinfo=UTC)
"""A Thursday: the 72 hours end on a Sunday, as they do."""


class FolderInUseError(OSError):
    """The folder for the story's papers has something in it."""


def play(out: Path) -> int:
    """Play the story and write its papers into `out`; 0 when everything worked."""
    if out.exists() and any(out.iterdir()):
        raise FolderInUseError(f"{out} isn't empty: name another folder with --out, or empty it.")
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    clock = StoryClock(START)
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-story-") as folder,
        practising(Path(folder), clock=clock, ticking=False) as pair,
    ):
        stage = Stage(pair=pair, clock=clock)
        try:
            tell(stage)
            write_papers(stage, out)
        finally:
            stage.close()
    show(f"Told in {time.monotonic() - started:.0f} s. Everything is in {out}.")
    return 0


def tell(stage: Stage, steps: Sequence[Step] = STORY) -> None:
    """Go through the script, or some steps of it in order, moving time from step to step."""
    for step in steps:
        number = STORY.index(step) + 1
        _pass_time(stage, step.hours)
        show(f"  {_bar(number, len(STORY))}  {step.hours:5.1f} h  {step.words}")
        step.act(stage)
        stage.settle()


def _pass_time(stage: Stage, hours: float) -> None:
    """Move time hour by hour, as the tick would see it, so that each reminder comes at its time."""
    while stage.clock.now < stage.clock.start + timedelta(hours=hours):
        ahead = stage.clock.now - stage.clock.start + timedelta(hours=1)
        stage.clock.go_to(min(ahead, timedelta(hours=hours)))
        stage.settle()


def _bar(done: int, of: int) -> str:
    return "[" + "█" * done + "·" * (of - done) + "]"


def show(line: str) -> None:
    """Print a line of progress at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write_papers(stage: Stage, out: Path) -> None:
    """Write notices, bundle and timeline; verify the bundle as an outsider would."""
    store = stage.pair.tocsin.store
    folder = out / "notices"
    folder.mkdir()
    with reading(store) as session:
        incident = incident_by_ref(session, stage.ref)
        if incident is None:
            raise LookupError(stage.ref)
        notices = list(notices_of(session, incident))
        latest = {one.number: notice_versions(session, one)[-1].version for one in notices}
    for notice in notices:
        path = f"/incidents/{stage.ref}/notices/{notice.number}/pdf"
        name = f"N{notice.number}-{notice.template_id}-{notice.state}-v{latest[notice.number]}.pdf"
        (folder / name).write_bytes(stage.download(LENA, path))
        show(f"  notice    {folder / name}")
    with unit_of_work(store, now=stage.clock()) as tx:
        found = incident_by_ref(tx.session, stage.ref)
        if found is not None:
            export(tx, found, out / "bundle", actor=SYSTEM_ACTOR)
    report = verify(out / "bundle", vkeys=[store.signer.vkey])
    (out / "key.txt").write_text(store.signer.vkey + "\n", encoding="utf-8")
    show(f"  evidence  {out / 'bundle'}: {report.verdict}")
    _write_timeline(stage, out / "timeline.md")
    show(f"  timeline  {out / 'timeline.md'}")


def _write_timeline(stage: Stage, file: Path) -> None:
    store = stage.pair.tocsin.store
    with reading(store) as session:
        incident = incident_by_ref(session, stage.ref)
        lines = [f"# {stage.ref}: {incident.title if incident else ''}", ""]
        for entry in timeline_of(session, store, incident) if incident else ():
            since = words_for(entry.ts - stage.clock.start)
            lines.append(
                f"- **{entry.ts:%Y-%m-%d %H:%M} UTC** (+{since}) {entry.who.name}: {entry.words}"
            )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
