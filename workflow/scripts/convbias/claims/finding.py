"""From what speaks for a claim and what against to a verdict."""

from dataclasses import dataclass
from typing import Literal

from convbias.statistics.evidence import LEVEL, Check, Evidence, Test

Verdict = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Finding:
    """What speaks for a claim and what against; where the tables lack what it needs, ``missing`` says what.

    A claim holds if all its parts do, so that the largest of their p-values tests it, and fails if one does, which the
    smallest tests, times their number. ``p_value`` is two-sided: twice the smaller of the two.
    """

    evidence: Evidence = ()
    missing: str = ""

    @property
    def p_supports(self) -> float:
        return max((part.p_supports for part in self.evidence), default=1.0)

    @property
    def p_contradicts(self) -> float:
        return min([1.0, *(len(self.evidence) * part.p_contradicts for part in self.evidence)])

    @property
    def p_value(self) -> float:
        return min(1.0, 2 * min(self.p_supports, self.p_contradicts))

    @property
    def supports(self) -> bool:
        return self.p_supports <= self.p_contradicts

    @property
    def decisive(self) -> Test | Check | None:
        """The weakest part of what speaks for the claim, or the strongest of what speaks against it."""
        if not self.evidence:
            return None
        if self.supports:
            return max(self.evidence, key=lambda part: part.p_supports)
        return min(self.evidence, key=lambda part: part.p_contradicts)

    def verdict(self, p_value: float | None = None) -> Verdict:
        """By its own p-value, or one that is adjusted for the other claims."""
        if (self.p_value if p_value is None else p_value) > LEVEL:
            return "undecided"
        return "holds" if self.supports else "fails"
