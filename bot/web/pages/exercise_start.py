"""Starting an exercise on the web: the form of one scenario, and what was typed into it.

Decides how people, pace and seed are read, and at which field a refusal stands. Who may start what,
and what a start needs, is `bot.services.exercises`'s, for this form as for the command in Slack.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.domain.roles import CORE_ROLES, ROLE_DUTY, Role
from bot.domain.scenario import Scenario
from bot.services.access import UnknownIncidentError, person_for, zone_of
from bot.services.exercises import StartError, StartExercise, start_exercise
from bot.store.page_queries import known_people, last_run_by
from bot.store.queries import person_by_slack_id
from bot.store.unit_of_work import DuplicateDeliveryError, reading, unit_of_work
from bot.web.pages.desk import EXPECTED, Posted, PostedDep, Visit, VisitDep
from bot.web.pages.people_form import UnknownPersonError, choices, find_person
from bot.web.pages.problems import status_of
from bot.web.pages.render import page

UNPROCESSABLE = 422
MAX_NAME = 200
DIGITS = 10
"""Any longer number is too large in the same way; what is counted with it stays in range."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class StartForm:
    """The form as it is shown: what was typed, what is wrong at which field, and its own mark.

    `once` makes a form count once, however often its button is pressed.
    """

    scenario: Scenario
    once: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


@router.get("/exercises/{scenario_id}/start")
def ask(visit: VisitDep, scenario_id: str) -> HTMLResponse:
    """Show the form of a scenario."""
    return _show(visit, StartForm(scenario=_scenario(visit, scenario_id)))


@router.post("/exercises/{scenario_id}/start")
def start(posted: PostedDep, scenario_id: str) -> Response:
    """Start it, and go to the console; a refusal keeps all that was typed."""
    visit, scenario = posted.visit, _scenario(posted.visit, scenario_id)
    typed = {name: posted.text(name) for name in posted.fields}
    problems: dict[str, str] = {}
    request = _request(posted, scenario, problems)
    form = StartForm(
        scenario=scenario, once=posted.text("once")[:64], typed=typed, problems=problems
    )
    if problems:
        return _show(visit, form, status=UNPROCESSABLE)
    try:
        ref = _started(visit, request, once=form.once)
    except EXPECTED as error:
        where = _where(error.field, typed) if isinstance(error, StartError) else ""
        problems[where] = _with_names(visit, str(error))
        return _show(visit, form, status=status_of(error))
    return RedirectResponse(f"/incidents/{ref}/exercise?done=started", status_code=303)


def _scenario(visit: Visit, scenario_id: str) -> Scenario:
    found = visit.store.rules.scenarios.get(scenario_id)
    if found is None:
        raise UnknownIncidentError(f"There is no scenario {scenario_id}.")
    return found


def _started(visit: Visit, request: StartExercise, *, once: str) -> str:
    """Start it once for this form; sent again, it leads to the run that it started."""
    who = visit.visitor.slack_id
    key = f"start/{who}/{once}" if once else None
    try:
        with unit_of_work(visit.store, now=visit.wall, delivery_key=key) as tx:
            return start_exercise(tx, request, actor=person_for(tx, who)).ref
    except DuplicateDeliveryError:
        with reading(visit.store) as session:
            person = person_by_slack_id(session, who)
            return last_run_by(session, person) if person else ""


def _request(posted: Posted, scenario: Scenario, problems: dict[str, str]) -> StartExercise:
    """Read the form; what can't be read goes to `problems`, by its field."""
    with reading(posted.visit.store) as session:
        known = known_people(session)
    outside = posted.text("outside")
    if len(outside) > MAX_NAME:
        problems["outside"] = f"At most {MAX_NAME} characters fit."
    minutes = _number(posted, "minutes", "Give whole minutes, such as 90.", problems)
    factor = _number(posted, "factor", "Give a whole number, such as 48.", problems)
    if minutes is not None and factor is not None:
        problems["factor"] = "Give minutes or a pace, not both: one follows from the other."
    seed = _number(posted, "seed", "Give a whole number, such as 7.", problems)
    return StartExercise(
        scenario_id=scenario.id,
        players=_players(posted, scenario, known, problems),
        observers=_observers(posted, known, problems),
        outside_observer=outside,
        within=None if minutes is None else timedelta(minutes=minutes),
        factor=factor,
        seed=1 if seed is None else seed,
    )


def _players(
    posted: Posted, scenario: Scenario, known: Mapping[str, str], problems: dict[str, str]
) -> dict[Role, str]:
    players: dict[Role, str] = {}
    for role in (*scenario.roles, *_more_roles(scenario)):
        name = f"player-{role.value}"
        said = posted.text(name)
        if said:
            try:
                players[role] = find_person(said, known, posted.visit.desk.slack)
            except UnknownPersonError as error:
                problems[name] = str(error)
        elif role in scenario.roles:
            problems[name] = f"Who plays {role.title()}? One person may play several roles."
    return players


def _more_roles(scenario: Scenario) -> tuple[Role, ...]:
    """Roles that may be played besides those that the scenario asks for."""
    return tuple(one for one in (*CORE_ROLES, Role.SCRIBE) if one not in scenario.roles)


def _observers(
    posted: Posted, known: Mapping[str, str], problems: dict[str, str]
) -> tuple[str, ...]:
    found: list[str] = []
    for said in filter(None, map(str.strip, re.split(r"[\n,;]", posted.text("observers")))):
        try:
            found.append(find_person(said, known, posted.visit.desk.slack))
        except UnknownPersonError as error:
            problems.setdefault("observers", str(error))
    return tuple(dict.fromkeys(found))


def _number(posted: Posted, name: str, wanted: str, problems: dict[str, str]) -> int | None:
    """Read a whole number; None where the field is empty."""
    said = posted.text(name)
    if said and not said.isdecimal():
        problems[name] = wanted
    if not said.isdecimal():
        return None
    return int(said) if len(said) <= DIGITS else 10**DIGITS


def _where(part: str, typed: Mapping[str, str]) -> str:
    """Name the field that a part of the request was typed into; empty for the whole form."""
    if part == "pace":
        return "factor" if typed.get("factor") else "minutes"
    return part if part in {"players", "observers", "seed"} else ""


def _with_names(visit: Visit, text: str) -> str:
    """Put names for the mentions that the service writes for Slack."""
    with reading(visit.store) as session:
        known = known_people(session)
    return _MENTION.sub(lambda found: known.get(found[1], found[1]), text)


def _labels(scenario: Scenario) -> dict[str, str]:
    """Name the fields as the form does, for the list of what is wrong."""
    roles = (*scenario.roles, *_more_roles(scenario))
    return {
        **{f"player-{role.value}": role.title() for role in roles},
        "players": "Players",
        "observers": "Observers",
        "outside": "Outside observer",
        "minutes": "Minutes",
        "factor": "Pace",
        "seed": "Seed",
    }


def _wrong(form: StartForm) -> Iterator[tuple[str, str, str]]:
    """List field, label and problem, in the order of the form; those of no field come first."""
    for name, label in {"": "", **_labels(form.scenario)}.items():
        if name in form.problems:
            yield name, label, form.problems[name]


def _show(visit: Visit, form: StartForm, *, status: int = 200) -> HTMLResponse:
    with reading(visit.store) as session:
        person = person_by_slack_id(session, visit.visitor.slack_id)
        zone, known = zone_of(visit.store.rules, person), known_people(session)
    known.pop(visit.visitor.slack_id, None)
    return page(
        visit,
        "exercise_start.html.j2",
        zone=zone,
        status=status,
        form=form,
        scenario=form.scenario,
        wrong=list(_wrong(form)),
        people=choices(known),
        more_roles=_more_roles(form.scenario),
        duties=ROLE_DUTY,
    )
