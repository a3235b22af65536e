"""The course of a scenario: which injects can come, when at the earliest, and if time is left.

Decides the faults of time and order: circles, injects that can never come, conditions that ask for
what comes later, windows that end after the exercise. Times are exercise time since the start.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.content.yaml_source import ContentProblem, LoadedYaml
from bot.domain.exercise_clock import ExerciseClockError, factor_for

Path = tuple[str | int, ...]
Data = Mapping[str, Any]
_ZERO = timedelta()


class Course:
    """What is known of a scenario's order: built once, asked by every rule.

    `spans` are its spans as read. Only names that exist are asked for; others have their own rule.
    """

    def __init__(self, data: Data, spans: Mapping[str, timedelta]) -> None:
        self.injects: Mapping[str, Data] = {one["id"]: one for one in data["injects"]}
        self.places = {one["id"]: index for index, one in enumerate(data["injects"])}
        self.home: dict[str, str] = {}
        self.expected: dict[str, Data] = {}
        self.asking: dict[str, list[str]] = {}
        for inject in data["injects"]:
            for one in inject.get("expects", ()):
                self.home[one["id"]], self.expected[one["id"]] = inject["id"], one
            if inject.get("decision"):
                self.asking.setdefault(inject["decision"], []).append(inject["id"])
        self.spans = spans
        self.span, self.play = spans[data["span"]], spans[data["play"]]
        self.factor, self.too_fast = self._pace()
        self.circle = self._circle()
        self.reachable = self._reachable()
        self._known: dict[str, timedelta] = {}

    def _pace(self) -> tuple[int, bool]:
        try:
            return factor_for(max(self.span, _ZERO), self.play), False
        except ExerciseClockError:
            return 1, True

    def _circle(self) -> tuple[str, ...]:
        """Return the injects of a circle of `after`, in its order; empty if there is none."""
        for start in self.injects:
            seen = [start]
            while (before := self._before(seen[-1])) in self.injects:
                if before == start:
                    return tuple(seen)
                if before in seen:
                    break
                seen.append(before)
        return ()

    def _before(self, key: str) -> str:
        return str(self.injects[key].get("after", {}).get("inject", ""))

    def _reachable(self) -> frozenset[str]:
        """Return the injects that can come: by their time, or after others that can."""
        found: set[str] = set()
        while True:
            more = {key for key in self.injects if key not in found and self._can_come(key, found)}
            if not more:
                return frozenset(found)
            found |= more

    def _can_come(self, key: str, found: set[str]) -> bool:
        """Say whether an inject can come once those that were `found` can.

        A name that isn't there has a fault of its own, and hinders nothing here.
        """
        one, before = self.injects[key], self._before(key)
        waits = before in self.injects and before not in found
        return bool(one.get("reserve")) or (not waits and self._can_hold(one.get("when"), found))

    def _can_hold(self, when: Data | None, found: set[str]) -> bool:
        if not when:
            return True
        [(kind, said)] = when.items()
        if kind == "all":
            return all(self._can_hold(one, found) for one in said)
        if kind == "any":
            return any(self._can_hold(one, found) for one in said)
        if kind == "none":
            return True
        sources = self.sources(when)
        return not sources or any(one in found for one in sources)

    def sources(self, when: Data) -> Sequence[str]:
        """Return the injects, any of which can bring a plain condition about."""
        [(kind, said)] = when.items()
        if kind == "delivered":
            return [said] if said in self.injects else []
        if kind == "decision":
            return self.asking.get(said["id"], [])
        return [self.home[said]] if said in self.home else []

    def planned(self, key: str) -> timedelta:
        """Return when an inject comes at the earliest by its own time, without its condition."""
        one = self.injects[key]
        if "at" in one and not one.get("reserve"):
            return self.spans[one["at"]]
        if "after" in one and not one.get("reserve"):
            return self.earliest(self._before(key)) + self.spans[one["after"]["delay"]]
        return _ZERO

    def earliest(self, key: str) -> timedelta:
        """Return when an inject comes at the earliest; nought for those that come by hand."""
        if key not in self.reachable:  # or isn't there at all
            return _ZERO
        if key not in self._known:
            self._known[key] = _ZERO  # what waits for itself is found elsewhere
            when = self.injects[key].get("when")
            self._known[key] = max(self.planned(key), self.holds_from(when))
        return self._known[key]

    def holds_from(self, when: Data | None) -> timedelta:
        """Return when a condition can hold at the earliest."""
        if not when:
            return _ZERO
        [(kind, said)] = when.items()
        if kind == "all":
            return max(self.holds_from(one) for one in said)
        if kind == "any":
            return min(self.holds_from(one) for one in said)
        if kind == "none":
            return _ZERO
        start = min((self.earliest(one) for one in self.sources(when)), default=_ZERO)
        if kind == "missed" and said in self.expected:
            return start + self.limit(self.expected[said])
        return start

    def limit(self, expectation: Data) -> timedelta:
        """Return the limit of an expectation in exercise time."""
        limit = self.spans[expectation["limit"]]
        return limit if expectation.get("clock") == "exercise" else limit * self.factor


def flow_problems(loaded: LoadedYaml, course: Course) -> Iterator[ContentProblem]:
    """Find every fault of time and order."""
    yield from _pace_problems(loaded, course)
    if course.circle:
        chain = " after ".join((*course.circle, course.circle[0]))
        first = course.places[course.circle[0]]
        yield loaded.problem(
            ("injects", first, "after"), f"a circle: {chain}", "give one of them a time with 'at'"
        )
        return
    for index, inject in enumerate(loaded.data["injects"]):
        path = ("injects", index)
        yield from _time_problems(loaded, path, inject)
        yield from _coming_problems(loaded, path, inject, course)
        for number, one in enumerate(inject.get("expects", ())):
            where = (*path, "expects", number)
            yield from _window_problems(loaded, where, inject, one, course)


def _pace_problems(loaded: LoadedYaml, course: Course) -> Iterator[ContentProblem]:
    if course.span <= _ZERO:
        yield loaded.problem(("span",), "the exercise takes no time", "write such as PT72H")
        return
    if course.too_fast:
        remedy = "give it longer to play; the fastest pace is an hour in a second"
        yield loaded.problem(("play",), "this pace can't be kept", remedy)
    if course.play > course.span:
        remedy = f"write {loaded.data['span']} at most: exercise time is never slower than ours"
        yield loaded.problem(("play",), "it would be over before", remedy)


def _time_problems(loaded: LoadedYaml, path: Path, inject: Data) -> Iterator[ContentProblem]:
    key, given = inject["id"], [one for one in ("at", "after") if one in inject]
    if inject.get("reserve"):
        for one in (*given, *(["when"] if "when" in inject else [])):
            problem = f"{key} is in reserve and has '{one}'"
            remedy = "remove it: a reserve comes by the facilitator's hand only"
            yield loaded.problem((*path, one), problem, remedy, key=True)
    elif len(given) > 1:
        yield loaded.problem((*path, "after"), f"{key} has two times", "keep at or after", key=True)
    elif not given:
        remedy = "add 'at: PT…', 'after: {inject: …, delay: PT…}', or 'reserve: true'"
        yield loaded.problem(path, f"nothing says when {key} comes", remedy)


def _coming_problems(
    loaded: LoadedYaml, path: Path, inject: Data, course: Course
) -> Iterator[ContentProblem]:
    key, when = inject["id"], inject.get("when")
    if inject.get("reserve"):
        return
    if key not in course.reachable or _never(when):
        at = (*path, "when") if when else path
        remedy = "look at what it waits for, or put it in reserve"
        yield loaded.problem(at, f"{key} can never come", remedy)
        return
    planned = course.planned(key)
    for at, one in plain_conditions(when, (*path, "when")):
        starts = [course.earliest(source) for source in course.sources(one)]
        if starts and min(starts) > planned:
            source = min(course.sources(one), key=course.earliest)
            problem = f"{key} comes at {said(planned)}, {source} that it asks for not before"
            remedy = f"set {key} later than {said(min(starts))}"
            yield loaded.problem(at, f"{problem} {said(min(starts))}", remedy)
            return
    if course.earliest(key) >= course.span:
        at = (*path, "at") if "at" in inject else path
        problem = f"{key} comes at {said(course.earliest(key))}, when the exercise is over"
        remedy = f"let it come before {said(course.span)}, or give the exercise a longer span"
        yield loaded.problem(at, problem, remedy)


def _window_problems(
    loaded: LoadedYaml, path: Path, inject: Data, expectation: Data, course: Course
) -> Iterator[ContentProblem]:
    key = expectation["id"]
    target, limit = (course.spans[expectation[one]] for one in ("target", "limit"))
    if target >= limit:
        problem = f"the limit of {key} isn't after its target"
        yield loaded.problem((*path, "limit"), problem, "full marks until target, none from limit")
        return
    if inject.get("reserve") or inject["id"] not in course.reachable:
        return
    end = course.earliest(inject["id"]) + course.limit(expectation)
    if course.earliest(inject["id"]) < course.span < end:
        wall = expectation.get("clock") != "exercise" and course.factor > 1
        pace = f" ({said(limit)} of our time are {said(limit * course.factor)})" if wall else ""
        problem = f"the window of {key} ends at {said(end)}, after the end at {said(course.span)}"
        remedy = f"bring {inject['id']} forward or shorten the limit{pace}"
        yield loaded.problem((*path, "limit"), problem, remedy)


def plain_conditions(when: Data | None, path: Path) -> Iterator[tuple[Path, Data]]:
    """Yield the conditions that have no others in them, each with its place."""
    if not when:
        return
    [(kind, inner)] = when.items()
    if kind in {"all", "any", "none"}:
        for index, one in enumerate(inner):
            yield from plain_conditions(one, (*path, kind, index))
    else:
        yield (*path, kind), when


def _never(when: Data | None) -> bool:
    """Say whether a condition contradicts itself: met and missed, or two options of a decision."""
    if not when:
        return False
    [(kind, inner)] = when.items()
    if kind == "any":
        return all(_never(one) for one in inner)
    if kind != "all":
        return False
    met = {one["met"] for one in inner if "met" in one}
    missed = {one["missed"] for one in inner if "missed" in one}
    options: dict[str, set[str]] = {}
    for one in inner:
        if "decision" in one:
            key, chosen = one["decision"]["id"], set(one["decision"]["is"])
            options[key] = options.get(key, chosen) & chosen
    torn = any(not left for left in options.values())
    return bool(met & missed) or torn or any(_never(one) for one in inner)


def said(span: timedelta) -> str:
    """Say a span as a scenario writes it: PT1H20M, P2D."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = "".join(f"{n}{u}" for n, u in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"PT{parts or '0M'}"
