"""Whether a duty applies to an incident, from its facts.

Decides applies / does not apply / cannot tell, always with reasons. An exemption only counts once
the facts establish it: as long as they leave it open the duty applies, because a clock that runs
needlessly can be stopped and one that never ran cannot be made up for.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.conditions import Truth, unique
from bot.domain.evaluation import evaluate
from bot.domain.facts import Facts
from bot.domain.obligations import Obligation


class Verdict(StrEnum):
    """Answer to “does this duty apply?”."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, kw_only=True, slots=True)
class Applicability:
    """The verdict and what it rests on. `reasons` are clauses without a full stop."""

    obligation_id: str
    verdict: Verdict
    reasons: tuple[str, ...]
    facts: tuple[str, ...]
    """Keys of the facts that decided."""
    missing: tuple[str, ...] = ()
    """Keys to ask for when it can't be told, those of the shortest sufficient set first.
    A key that is already recorded stands here when its value looks incomplete."""
    shortest: tuple[str, ...] = ()
    """Of `missing`, the smallest set of keys that can settle the answer."""
    exemption: str = ""
    """The exemption that decided, if one did."""
    open_exemptions: tuple[str, ...] = ()
    """Exemptions that the facts neither establish nor rule out."""
    open_questions: tuple[str, ...] = ()
    """Keys of the facts on which the open exemptions turn."""


def assess(obligation: Obligation, facts: Facts) -> Applicability:
    """Decide whether the duty applies. Pure: the same facts always give the same verdict."""
    scope = evaluate(obligation.applies_if, facts)
    asked = () if scope.truth is Truth.NO else obligation.exemptions
    checks = [(e, evaluate(e.when, facts)) for e in asked if e.when is not None]
    exempt = next(((e, found) for e, found in checks if found.truth is Truth.YES), None)
    if exempt:
        exemption, found = exempt
        return Applicability(
            obligation_id=obligation.id,
            verdict=Verdict.DOES_NOT_APPLY,
            reasons=(f"exempt – {exemption.text}", *found.reasons),
            facts=found.facts,
            exemption=exemption.text,
        )
    unsettled = [(e, found) for e, found in checks if found.truth is Truth.UNKNOWN]
    verdicts = {
        Truth.YES: Verdict.APPLIES,
        Truth.NO: Verdict.DOES_NOT_APPLY,
        Truth.UNKNOWN: Verdict.CANNOT_TELL,
    }
    reasons = scope.reasons
    if scope.truth is Truth.YES:
        reasons += tuple(
            f"no exemption shown yet ({e.text}): {'; '.join(found.reasons)}"
            for e, found in unsettled
        )
    return Applicability(
        obligation_id=obligation.id,
        verdict=verdicts[scope.truth],
        reasons=reasons,
        facts=scope.facts,
        missing=scope.missing,
        shortest=scope.questions[0] if scope.questions else (),
        open_exemptions=tuple(e.text for e, _ in unsettled),
        open_questions=unique(key for _, found in unsettled for key in found.missing),
    )
