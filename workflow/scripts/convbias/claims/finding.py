"""The verdict on a claim, from the evidence for and against it."""

from dataclasses import dataclass
from typing import Literal

from convbias.statistics.evidence import LEVEL, Check, Evidence, Test

Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Finding:
    """The sub-tests of a claim; if the tables lack data, ``missing`` names the data.

    A claim holds if all its sub-tests hold: the largest of their p-values (claim false) tests this. A claim fails if
    one sub-test fails: the smallest of their p-values (claim true) tests this, times the number of sub-tests.
    ``p_value`` is two-sided: twice the smaller of the two.
    """

    evidence: Evidence = ()
    missing: str = ""

    @property
    def p_supports(self) -> float:
        return max((sub_test.p_supports for sub_test in self.evidence), default=1.0)

    @property
    def p_contradicts(self) -> float:
        return min([1.0, *(len(self.evidence) * sub_test.p_contradicts for sub_test in self.evidence)])

    @property
    def p_value(self) -> float:
        return min(1.0, 2 * min(self.p_supports, self.p_contradicts))

    @property
    def supports(self) -> bool:
        return self.p_supports <= self.p_contradicts

    @property
    def decisive(self) -> Test | Check | None:
        """The deciding sub-test: the weakest evidence for the claim, or the strongest evidence against it."""
        if not self.evidence:
            return None
        if self.supports:
            return max(self.evidence, key=lambda sub_test: sub_test.p_supports)
        return min(self.evidence, key=lambda sub_test: sub_test.p_contradicts)

    def verdict(self, p_value: float | None = None) -> Verdict:
        """The verdict from the own p-value, or from one that is adjusted for the other claims."""
        if (self.p_value if p_value is None else p_value) > LEVEL:
            return "undecided"
        return "holds" if self.supports else "fails"
