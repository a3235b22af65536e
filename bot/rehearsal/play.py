"""A whole run without people: time is moved from one event to the next, nothing is waited for.

Decides the order of things and what is left in the folder: the after-action report as PDF and JSON,
and the evidence bundle. The same scenario, seed and script give the same JSON.
"""

import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.documents.after_action_paper import render_after_action
from bot.domain.facts import FactError
from bot.domain.incident import IncidentError
from bot.domain.roles import NotAllowedError, Role
from bot.domain.scenario import Scenario
from bot.domain.scoring import score_objectives
from bot.rehearsal.acts import perform
from bot.rehearsal.autoplay import chance
from bot.rehearsal.script import ROLES, Step
from bot.services import exercise_voices
from bot.services.access import person_for
from bot.services.after_action_lock import lock_report, report_json
from bot.services.corrective_actions import add_action
from bot.services.evidence_export import export
from bot.services.exercise_steps import advance
from bot.services.exercises import StartExercise, going_run, start_exercise
from bot.services.expectations import results_in
from bot.services.injects import release_inject
from bot.services.notices import NotApprovableError
from bot.services.people import channel_made
from bot.store.exercise_queries import clock_in, injects_of, results_of, run_of
from bot.store.queries import incident_by_ref
from bot.store.tables import Incident
from bot.store.unit_of_work import Store, Tx, unit_of_work

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning: every rehearsal begins then, so that two can be compared."""
PEOPLE: Mapping[Role, tuple[str, str]] = {
    Role.COMMANDER: ("U0PLAY1", "Player Commander"),
    Role.FORENSICS: ("U0PLAY2", "Player Forensics"),
    Role.LEGAL: ("U0PLAY3", "Player Legal"),
    Role.COMMS: ("U0PLAY4", "Player Comms"),
    Role.SCRIBE: ("U0PLAY5", "Player Scribe"),
}
FACILITATOR, OBSERVER = ("U0FACIL", "Facilitator"), ("U0OBSRV", "Observer")
REFUSALS = (IncidentError, NotAllowedError, FactError, NotApprovableError, StopIteration, KeyError)
STRIDE = timedelta(seconds=15)
"""Between two looks at the log where nothing else happens: limits pass unseen no longer."""


@dataclass(kw_only=True)
class Rehearsal:
    """One run that is being played. `wall` is the moved clock."""

    store: Store
    scenario: Scenario
    seed: int
    factor: int | None
    steps: Sequence[Step]
    wall: datetime = BEGIN
    ref: str = ""
    refused: list[str] = field(default_factory=list)
    waiting: list[tuple[datetime, int, Step]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @contextmanager
    def work(self) -> Iterator[tuple[Tx, Incident]]:
        """Open one unit of work at the moved clock."""
        with unit_of_work(self.store, now=self.wall) as tx:
            incident = incident_by_ref(tx.session, self.ref)
            if incident is None:
                raise IncidentError(f"There is no exercise {self.ref}.")
            tx.enter(incident)
            yield tx, incident

    def play(self) -> None:
        """Play from the start to the end."""
        self._start()
        while self._goes_on():
            self._step_forward()
        self._rate()

    def _start(self) -> None:
        with unit_of_work(self.store, now=self.wall) as tx:
            for slack_id, name in (*PEOPLE.values(), FACILITATOR, OBSERVER):
                person_for(tx, slack_id).name = name
            wanted = dict.fromkeys((*ROLES, *self.scenario.roles))
            request = StartExercise(
                scenario_id=self.scenario.id,
                players={role: PEOPLE[role][0] for role in wanted},
                observers=(OBSERVER[0],),
                outside_observer="Outside observer (scripted)",
                factor=self.factor,
                seed=self.seed,
                starts_ex=self.wall,
            )
            incident = start_exercise(tx, request, actor=person_for(tx, FACILITATOR[0]))
            channel_made(tx, incident, channel_id="C0HEADLESS")
            self.ref = incident.ref
        for number, step in enumerate(self.steps):
            if not step.after:
                heapq.heappush(self.waiting, (self.wall + step.wait, number, step))

    def _goes_on(self) -> bool:
        with self.work() as (tx, incident):
            on = advance(tx, incident)
            run = run_of(tx.session, incident)
            rows = injects_of(tx.session, run) if run else ()
            new = [
                one for one in rows if one.state == "delivered" and one.inject_id not in self.seen
            ]
            for row in new:
                self.seen.add(row.inject_id)
                self._follow(row.inject_id)
            # Nobody releases by hand here: what is held comes at its time.
            held = [one.inject_id for one in rows if one.state == "held"]
            if run is not None and held:
                self._release(tx, incident, held[0])
        return on

    def _release(self, tx: Tx, incident: Incident, inject_id: str) -> None:
        run = going_run(tx, incident)
        actor = person_for(tx, FACILITATOR[0])
        release_inject(tx, incident, run, inject_id, actor=actor)

    def _follow(self, inject_id: str) -> None:
        for number, step in enumerate(self.steps):
            if step.after == inject_id:
                heapq.heappush(self.waiting, (self.wall + step.wait, number, step))

    def _step_forward(self) -> None:
        """Move to the next act, the next inject or the next look, whichever comes first."""
        nxt = self.wall + STRIDE
        with self.work() as (tx, incident):
            run = run_of(tx.session, incident)
            if run is None:
                return
            clock = clock_in(run)
            times = [
                one.planned_ex for one in injects_of(tx.session, run) if one.state == "planned"
            ]
            walls = [clock.wall(one) for one in (*times, run.ends_ex) if one]
            nxt = min([nxt, *(one for one in walls if one and one > self.wall)])
        if self.waiting and self.waiting[0][0] <= nxt:
            self.wall, _number, step = heapq.heappop(self.waiting)
            self._perform(step)
            return
        self.wall = nxt

    def _perform(self, step: Step) -> None:
        try:
            with self.work() as (tx, incident):
                cast = {role: person_for(tx, PEOPLE[role][0]) for role in PEOPLE}
                perform(tx, incident, step.act, cast)
        except REFUSALS as error:
            said = step.act.values.get("key") or step.act.values.get("template") or ""
            self.refused.append(f"{step.after or 'start'} {step.act.what} {said}: {error}")

    def _rate(self) -> None:
        """Let an observer judge what only a person can, and the facilitator confirm and plan."""
        with self.work() as (tx, incident):
            run = run_of(tx.session, incident)
            if run is None:
                return
            observer, facilitator = person_for(tx, OBSERVER[0]), person_for(tx, FACILITATOR[0])
            texts = {one.id: one for one in self.scenario.expectations}
            for row in results_of(tx.session, run):
                expectation = texts[row.expectation_id]
                if row.state == "open" and expectation.match is None:
                    share = 25 * round(
                        4 * (0.5 + chance(self.seed, f"{row.expectation_id}/rated") / 2)
                    )
                    exercise_voices.judge(
                        tx, incident, row.expectation_id, share=share, note="", actor=observer
                    )
            tx.session.flush()
            self._observe(tx, incident)
            scores = score_objectives(
                self.scenario, results_in(self.scenario, results_of(tx.session, run))
            )
            for one in scores:
                if one.suggested is not None:
                    exercise_voices.rate_objective(
                        tx, incident, one.objective, one.suggested, final=True, actor=facilitator
                    )
            self._plan(tx, incident)

    def _observe(self, tx: Tx, incident: Incident) -> None:
        run = run_of(tx.session, incident)
        observer = person_for(tx, OBSERVER[0])
        known = {one.id: one for one in self.scenario.expectations}
        rows = results_of(tx.session, run) if run else ()
        best = [one for one in rows if one.score == 1000][:3]  # noqa: PLR2004 - full marks
        worst = sorted((one for one in rows if one.score == 0), key=lambda one: one.expectation_id)
        for row, tag in [(one, "strength") for one in best] + [(one, "gap") for one in worst[:3]]:
            expectation = known[row.expectation_id]
            words = "in time" if tag == "strength" else "not done in its window"
            text = f"{row.expectation_id} {words}: {expectation.text}"
            exercise_voices.observe(
                tx, incident, objective=expectation.objective, tag=tag, text=text, actor=observer
            )

    def _plan(self, tx: Tx, incident: Incident) -> None:
        run = run_of(tx.session, incident)
        known = {one.id: one for one in self.scenario.expectations}
        for row in results_of(tx.session, run) if run else ():
            expectation = known[row.expectation_id]
            if expectation.critical and row.state == "missed":
                owner = PEOPLE[expectation.by or Role.COMMANDER][0]
                day: date = self.wall.date()
                add_action(
                    tx,
                    incident,
                    text=f"Make sure that this is done in time: {expectation.text}",
                    element="plan",
                    objective=expectation.objective,
                    owner=person_for(tx, owner),
                    due_on=day + timedelta(days=30),
                    retest_on=day + timedelta(days=180),
                    critical=True,
                    actor=person_for(tx, FACILITATOR[0]),
                )

    def leave(self, out: Path) -> dict[str, Any]:
        """Lock the report and leave PDF, JSON and bundle in the folder; return the report."""
        out.mkdir(parents=True, exist_ok=True)
        report: dict[str, Any] = {}
        with self.work() as (tx, incident):
            report = lock_report(tx, incident, actor=person_for(tx, FACILITATOR[0]))
        with self.work() as (tx, incident):
            export(tx, incident, out / "bundle", actor="tocsin")
        assets = next(iter(self.store.rules.notices.values())).folder.parent / "base"
        (out / "after-action.json").write_bytes(report_json(report))
        pdf = render_after_action(report, assets=assets, zone=ZoneInfo("UTC"), final=True)
        (out / "after-action.pdf").write_bytes(pdf)
        lines = json.dumps(self.refused, ensure_ascii=False, indent=1)
        (out / "refused.json").write_text(lines + "\n", "utf-8")
        return report
