"""Whether duties apply, without saying why: for looking at the whole pack at every fact.

Decides the same as `applicability.assess` (a test holds the two together) and gives no reasons,
which makes it faster. Whoever shows an answer to a person uses `assess`.
"""

from bot.domain.applicability import Verdict
from bot.domain.conditions import Truth
from bot.domain.facts import Facts
from bot.domain.obligations import Obligation
from bot.domain.truths import truth_of

_VERDICTS = {
    Truth.YES: Verdict.APPLIES,
    Truth.NO: Verdict.DOES_NOT_APPLY,
    Truth.UNKNOWN: Verdict.CANNOT_TELL,
}


def verdict_of(obligation: Obligation, facts: Facts) -> Verdict:
    """Give the verdict of `assess` alone."""
    scope = truth_of(obligation.applies_if, facts)
    if scope is not Truth.NO and any(
        truth_of(one.when, facts) is Truth.YES for one in obligation.exemptions if one.when
    ):
        return Verdict.DOES_NOT_APPLY
    return _VERDICTS[scope]
