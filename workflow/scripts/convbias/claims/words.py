"""Findings in words, as the page, the README and the figures tell them."""

from math import floor, isfinite, log10, nan

from convbias.claims.finding import Finding, Verdict
from convbias.statistics.evidence import Check, Test

_OUTCOME = {"fails": "fails", "undecided": "undecided"}


def summary(finding: Finding, verdict: Verdict) -> str:
    """What was seen, in a sentence: of a claim that is not supported, what did not hold."""
    if finding.decisive is None:
        return f"Not decided: {finding.missing}."
    parts = finding.evidence
    outcomes = {id(part): Finding([part]).verdict() for part in parts}
    odd = [part for part in parts if outcomes[id(part)] != "holds"]
    if verdict == "holds" or not odd:
        start = "" if verdict == "holds" else "Each sub-test holds alone, but not after the correction. "
        rest = f"; {len(parts) - 1} more hold" if len(parts) > 1 else ""
        return f"{start}{in_words(finding.decisive)}{rest}."
    odd.sort(key=lambda part: (part.p_contradicts, -part.p_supports))
    listed = "; ".join(f"{in_words(part)} ({_OUTCOME[outcomes[id(part)]]})" for part in odd[:4])
    more = f"; and {len(odd) - 4} more" if len(odd) > 4 else ""
    of = f"{len(odd)} of {len(parts)} sub-tests fail or are undecided: " if len(parts) > 1 else ""
    return f"{of}{listed}{more}."


def in_words(part: Test | Check) -> str:
    """What was found, with its name and what it is to be."""
    if isinstance(part, Check):
        return f"{part.name}: {violations(part.violations, part.cases, part.detail)}"
    return f"{part.name}: {interval(part.estimate, part.low, part.high)}, to be {bounds(part.above, part.below)}"


def violations(count: int, cases: int, detail: str = "") -> str:
    """Of an exact check, with what else it found."""
    return f"{count:,} of {cases:,} cases violate it{detail and ', '}{detail}"


def interval(estimate: float, low: float, high: float) -> str:
    """An estimate with its interval, to the digits that it is known to: two of half the interval's length."""
    reach = [abs(end - estimate) for end in (low, high) if isfinite(end - estimate) and end != estimate]
    decimals = max(0, 1 - floor(log10(max(reach)))) if reach else 3
    shown = [f"{value:.{decimals}f}" if isfinite(value) else "∞" for value in (estimate, low, high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def bounds(above: float | None, below: float | None) -> str:
    """What a claim says a quantity is; a bound that is empty or infinite is none."""
    above, below = (nan if bound is None else bound for bound in (above, below))
    if not isfinite(below):
        return f"above {above:.3g}"
    return f"between {above:.3g} and {below:.3g}" if isfinite(above) else f"below {below:.3g}"
