"""Findings in words, for the page and the README."""

import re
from collections.abc import Sequence
from math import floor, isfinite, log10, nan

from convbias.claims.finding import VERDICTS, Finding, Verdict, outcomes
from convbias.statistics.evidence import Check, Test


def summary(finding: Finding, verdict: Verdict) -> str:
    """The result in one sentence; for a claim that does not hold, the sub-tests that fail or are undecided."""
    if finding.decisive is None:
        return f"Not decided: {finding.missing}."
    sub_tests = finding.evidence
    verdicts = dict(zip(map(id, sub_tests), outcomes(sub_tests), strict=True))
    unmet = [sub_test for sub_test in sub_tests if verdicts[id(sub_test)] != "holds"]
    if verdict == "holds" or not unmet:
        start = "" if verdict == "holds" else "Each sub-test holds on its own, but not after Holm's correction. "
        shown = finding.shown(verdict) or finding.decisive
        rest = f"; {len(sub_tests) - 1} more hold" if len(sub_tests) > 1 else ""
        return f"{start}{in_words(shown)}{rest}."
    unmet.sort(key=lambda sub_test: (sub_test.p_contradicts, -sub_test.p_supports))
    listed = "; ".join(f"{in_words(sub_test)} ({verdicts[id(sub_test)]})" for sub_test in unmet[:4])
    more = f"; and {len(unmet) - 4} more" if len(unmet) > 4 else ""
    of = f"{len(unmet)} of {len(sub_tests)} sub-tests fail or are undecided: " if len(sub_tests) > 1 else ""
    return f"{of}{listed}{more}."


def region(finding: Finding) -> str:
    """Where a claim over some setting holds, where it fails, and where the data do not decide."""
    cells = [sub_test for sub_test in finding.evidence if finding.is_cell(sub_test)]
    found: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    for cell, verdict in zip(cells, outcomes(cells), strict=True):
        found[verdict].append(cell.name)
    return "; ".join(f"{verdict}: {places(names)}" for verdict, names in found.items() if names)


def places(names: Sequence[str]) -> str:
    """The names of sub-tests; those that differ only in a number at their end are said once."""
    groups: dict[str, list[str]] = {}
    for name in names:
        start, number = re.fullmatch(r"(.*?)([\d.]*)", name).groups()  # type: ignore[union-attr]
        groups.setdefault(start, []).append(number)
    return ", ".join(start + ", ".join(numbers) for start, numbers in groups.items())


def in_words(sub_test: Test | Check) -> str:
    """A sub-test with its name, its result and the claimed range."""
    if isinstance(sub_test, Check):
        return f"{sub_test.name}: {violations(sub_test.violations, sub_test.cases, sub_test.detail)}"
    estimate = interval(sub_test.estimate, sub_test.low, sub_test.high)
    return f"{sub_test.name}: {estimate}, claimed: {bounds(sub_test.above, sub_test.below)}"


def violations(count: int, cases: int, detail: str = "") -> str:
    """The result of an exact check, with its other results."""
    return f"{count:,} of {cases:,} cases violate it{detail and ', '}{detail}"


def interval(estimate: float, low: float, high: float) -> str:
    """An estimate with its interval, rounded to two digits of half the length of the interval."""
    reach = [abs(end - estimate) for end in (low, high) if isfinite(end - estimate) and end != estimate]
    decimals = max(0, 1 - floor(log10(max(reach)))) if reach else 3
    shown = [f"{value:.{decimals}f}" if isfinite(value) else "∞" for value in (estimate, low, high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def bounds(above: float | None, below: float | None) -> str:
    """The claimed range of a quantity; an empty or infinite bound does not count."""
    above, below = (nan if bound is None else bound for bound in (above, below))
    if not isfinite(below):
        return f"above {above:.3g}"
    return f"between {above:.3g} and {below:.3g}" if isfinite(above) else f"below {below:.3g}"
