"""What speaks for a claim and what against: tests with intervals that hold at zero errors, and exact checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np
import pandas as pd
from scipy import stats

from convbias.statistics.summary import Bootstrap

LEVEL = 0.05
ENOUGH = 10  # values that differ, for Student's test alone


class InsufficientData(ValueError):
    """The tables lack what a claim needs; the message says what."""


@dataclass(frozen=True)
class Test:
    """A quantity that a claim says is above one bound and below another; the other may be infinite.

    ``low`` and ``high`` are its 95 % interval. ``p_supports`` is the p-value of the hypothesis that it is not between
    the bounds, ``p_contradicts`` of the hypothesis that it is. ``sample`` counts the values that the estimate is of,
    ``left_out`` those that are lacking because a network diverged or did not finish.
    """

    __test__ = False  # for pytest

    name: str
    estimate: float
    low: float
    high: float
    above: float
    below: float
    p_supports: float
    p_contradicts: float
    sample: int
    left_out: int = 0


@dataclass(frozen=True)
class Check:
    """A statement that was checked in each of some cases; ``detail`` says what else the check found, ``estimate``."""

    name: str
    cases: int
    violations: int
    estimate: float = float("nan")
    detail: str = ""

    def __post_init__(self) -> None:
        if self.cases < 1:
            raise InsufficientData(f"{self.name}: there is no case to check")

    @property
    def p_supports(self) -> float:
        return float(self.violations > 0)

    @property
    def p_contradicts(self) -> float:
        return float(self.violations == 0)


Evidence = Sequence[Test | Check]


def mean_test(
    name: str,
    values: Sequence[float] | np.ndarray | pd.Series,
    above: float = -inf,
    below: float = inf,
    trials: float = inf,
    scale: float = 1,
) -> Test:
    """Whether the mean of independent values, NaN where one is left out, is between the bounds: Student's test.

    Where all values are the same but for a few (less than ten), their spread does not say how well the mean is known:
    then against a bound at a distance of q the p-value is at least (1 - q / scale)^trials, the probability that none of
    the ``trials`` shows what moves a value by ``scale`` and happens as often as it takes. Trials are the test inputs of
    all networks, which are then taken to err alike, or the training sets where errors are exact.

    Raises:
        InsufficientData: less than two values, or less than half of them, are there.
    """
    everything = np.asarray(values, dtype=float)
    values = everything[~np.isnan(everything)]
    n = len(values)
    if n < max(2, len(everything) / 2):
        raise InsufficientData(f"{name}: {n} of {len(everything)} values are there; at least half and two are needed")
    mean, error = float(values.mean()), float(values.std(ddof=1)) / n**0.5
    if n - np.unique(values, return_counts=True)[1].max() >= ENOUGH:
        trials = inf

    def p_value(gap: float) -> float:
        """Of the hypothesis that the mean is at least this gap away, on the side where the gap is positive."""
        student = float(stats.t.sf(gap / error, n - 1)) if error else float(gap <= 0)
        return max(student, (1 - min(gap / scale, 1)) ** trials if gap > 0 else 0)

    half = max(float(stats.t.ppf(0.975, n - 1)) * error, scale * (1 - 0.025 ** (1 / trials)))
    interval = (mean, mean - half, mean + half)
    return _test(name, interval, above, below, lambda c: p_value(mean - c), lambda c: p_value(c - mean), everything)


def share_test(name: str, hits: np.ndarray | pd.Series, above: float = -inf, below: float = inf) -> Test:
    """Whether the share of hits, NaN where one is left out, is between the bounds: the exact binomial test.

    The interval is Clopper and Pearson's.

    Raises:
        InsufficientData: there is nothing to take a share of, or less than half of the values are there.
    """
    everything = np.asarray(hits, dtype=float)
    seen = everything[~np.isnan(everything)]
    if not len(everything):
        raise InsufficientData(f"{name}: there is nothing to take a share of")
    if len(seen) < len(everything) / 2:
        raise InsufficientData(f"{name}: {len(seen)} of {len(everything)} values are there; at least half are needed")
    count, n = int(seen.sum()), len(seen)
    interval = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    greater, less = (
        lambda c, side=side: float(stats.binomtest(count, n, c, side).pvalue) for side in ("greater", "less")
    )
    return _test(name, (count / n, interval.low, interval.high), above, below, greater, less, everything)


def bootstrap_test(name: str, found: Bootstrap, of: np.ndarray, above: float = -inf, below: float = inf) -> Test:
    """Whether a statistic of the values ``of`` is between the bounds: the percentile bootstrap.

    Raises:
        InsufficientData: the statistic is not defined on these values.
    """
    interval = found.interval()
    if not all(map(isfinite, interval)):
        raise InsufficientData(f"{name}: {found.why or 'the statistic is not defined on these values'}")
    samples = found.samples[~np.isnan(found.samples)]

    def p_value(beyond: np.ndarray) -> float:
        return (1 + int(beyond.sum())) / (1 + len(samples))

    return _test(name, interval, above, below, lambda c: p_value(samples <= c), lambda c: p_value(samples >= c), of)


def slope_test(
    name: str,
    x: np.ndarray,
    values: pd.DataFrame,
    above: float = -inf,
    below: float = inf,
    trials: float = inf,
    scale: float | np.ndarray = 1,
    least: int = 3,
) -> Test:
    """Whether the slope of the values over x, a row for each seed and a column for each x, is between the bounds.

    Student's test on the least squares slopes of the seeds that have ``least`` values or more. ``trials`` is how many
    test inputs a value is of, ``scale`` how much it moves by an error, for each column or all: the slope is not known
    better than those of one column allow.

    Raises:
        InsufficientData: there are less columns, or too few seeds with a slope.
    """
    if values.shape[1] < least:
        raise InsufficientData(
            f"{name}: a slope takes {least} values of {values.columns.name}; there are {list(values.columns)}"
        )
    y = values.to_numpy(dtype=float)
    there = ~np.isnan(y)
    whole = there.sum(1) >= least
    mean = np.where(there, x, 0).sum(1) / np.fmax(there.sum(1), 1)
    weights = np.where(there & whole[:, None], x - mean[:, None], 0)
    weights /= np.where(whole, (weights**2).sum(1), 1)[:, None]
    slopes = np.where(whole, (weights * np.where(there, y, 0)).sum(1), np.nan)
    seen = there[whole].sum(0)
    fewest = float(min(seen[seen > 0], default=0))
    found = mean_test(name, slopes, above, below, trials * fewest, float((abs(weights) * scale).max(initial=0)))
    return replace(found, sample=int(seen.sum()), left_out=int(there.size - seen.sum()))


def jackknife_test(
    name: str, whole: float, without: Sequence[float] | np.ndarray, above: float = -inf, below: float = inf
) -> Test:
    """Whether a statistic of independent parts is between the bounds: Student's test on its pseudo-values.

    ``without`` holds the statistic without each part, NaN for those that are left out of all.

    Raises:
        InsufficientData: less than two parts, or less than half of them, are there.
    """
    n = np.count_nonzero(~np.isnan(without))
    return mean_test(name, n * whole - (n - 1) * np.asarray(without), above, below)


def _test(
    name: str,
    interval: tuple[float, float, float],
    above: float,
    below: float,
    greater: Callable[[float], float],
    less: Callable[[float], float],
    values: np.ndarray,
) -> Test:
    """From p-values against being at most, and at least, a number. Two bounds make two one-sided tests."""
    bounds = [(greater, less, above)] * isfinite(above) + [(less, greater, below)] * isfinite(below)
    supports = max(inside(c) for inside, _, c in bounds)
    contradicts = min(1.0, len(bounds) * min(outside(c) for _, outside, c in bounds))
    left_out = int(np.isnan(values.astype(float)).sum())
    return Test(name, *interval, above, below, supports, contradicts, len(values) - left_out, left_out)
