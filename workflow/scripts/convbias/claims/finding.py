"""The verdict on a claim, from the evidence for and against it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal

from convbias.statistics.evidence import LEVEL, Check, Evidence, Test

Verdict = Literal["holds", "holds in part", "fails", "undecided"]
VERDICTS: tuple[Verdict, ...] = ("holds", "holds in part", "fails", "undecided")


@dataclass(frozen=True)
class Finding:
    """The sub-tests of a claim; if the tables lack data, ``missing`` names the data.

    A claim holds if all its sub-tests hold: the largest of their p-values (claim false) tests this. A claim fails if
    one sub-test fails: the smallest of their p-values (claim true) tests this, times the number of sub-tests.

    ``over`` is the symbol of a setting over which the claim speaks, for example n. The sub-tests whose names end in its
    value, such as "cls: n = 5", are its cells. Such a claim holds in part if one cell holds, one cell fails and all
    other sub-tests hold. It fails if a sub-test fails and it does not hold in part.

    ``p_value`` is two-sided: twice the smallest of these. Whatever the truth, at most two of these statements are
    false. It is also times ``looks``: so often we looked at the verdict while we added data.
    """

    evidence: Evidence = ()
    missing: str = ""
    over: str = ""
    looks: int = 1

    @property
    def exact(self) -> bool:
        """Whether only exact checks decide it."""
        return bool(self.evidence) and all(isinstance(sub_test, Check) for sub_test in self.evidence)

    @property
    def p_values(self) -> dict[Verdict, float]:
        """The p-value of each verdict: of its data if the verdict is wrong."""
        cells = [sub_test for sub_test in self.evidence if self.is_cell(sub_test)]
        others = [sub_test for sub_test in self.evidence if not self.is_cell(sub_test)]

        def one_of(sub_tests: list[Test | Check], values: list[float]) -> float:
            return min([1.0, *(len(sub_tests) * value for value in values)])

        found: dict[Verdict, float] = {"holds": max((sub_test.p_supports for sub_test in self.evidence), default=1.0)}
        if cells:
            some_fails = one_of(cells, [cell.p_contradicts for cell in cells])
            some_holds = one_of(cells, [cell.p_supports for cell in cells])
            found["holds in part"] = max([some_holds, some_fails, *(other.p_supports for other in others)])
        return {**found, "fails": one_of(list(self.evidence), [sub_test.p_contradicts for sub_test in self.evidence])}

    def is_cell(self, sub_test: Test | Check) -> bool:
        """Whether a sub-test is about one value of the setting over which the claim speaks."""
        return bool(self.over) and re.search(rf"\b{self.over} = [\d.]+$", sub_test.name) is not None

    @property
    def p_value(self) -> float:
        return min(1.0, 2 * self.looks * min(self.p_values.values()))

    def verdict(self, p_value: float | None = None) -> Verdict:
        """The verdict from the own p-value, or from one that is adjusted for the other claims."""
        p_value = self.p_value if p_value is None else p_value
        if p_value > LEVEL:
            return "undecided"
        found, least = self.p_values, min(self.p_values.values())
        if found["holds"] == least:
            return "holds"
        in_part = 2 * self.looks * found.get("holds in part", inf) * (p_value / self.p_value if self.p_value else 1)
        return "holds in part" if in_part <= LEVEL else "fails"

    @property
    def decisive(self) -> Test | Check | None:
        """The deciding sub-test: the weakest evidence for the claim, or the strongest evidence against it."""
        if not self.evidence:
            return None
        if self.p_values["holds"] == min(self.p_values.values()):
            return max(self.evidence, key=lambda sub_test: sub_test.p_supports)
        return min(self.evidence, key=lambda sub_test: sub_test.p_contradicts)

    def shown(self, verdict: Verdict) -> Test | Check | None:
        """The sub-test whose number is shown.

        If a claim holds, this is the sub-test that is furthest beyond its bound, among those with one bound. Otherwise
        it is the deciding one.
        """
        beyond = {
            index: sub_test.estimate - sub_test.above
            if isfinite(sub_test.above)
            else sub_test.below - sub_test.estimate
            for index, sub_test in enumerate(self.evidence)
            if isinstance(sub_test, Test) and isfinite(sub_test.above) != isfinite(sub_test.below)
        }
        if verdict == "holds" and beyond:
            return self.evidence[max(beyond, key=lambda index: beyond[index])]
        return self.decisive


def outcomes(evidence: Sequence[Test | Check]) -> list[Verdict]:
    """The verdict on each sub-test by itself, without correction."""
    return [Finding([sub_test]).verdict() for sub_test in evidence]
