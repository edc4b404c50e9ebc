"""Evidence for or against a claim: tests whose intervals remain valid if all errors are zero, and exact checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np
import pandas as pd
from scipy import stats

from convbias.statistics.summary import Bootstrap

LEVEL = 0.05
ENOUGH = 10  # Student's test needs no correction if this many values differ from the most frequent one


class InsufficientData(ValueError):
    """The tables lack data that a claim needs; the message names the data."""


@dataclass(frozen=True)
class Test:
    """A quantity that a claim states to be above one bound and below another; one of the bounds may be infinite.

    ``low`` and ``high`` are the ends of its 95 % interval. ``p_supports`` is the p-value if the claim is false: of the
    hypothesis that the quantity is not between the bounds. ``p_contradicts`` is the p-value if the claim is true.
    ``sample`` counts the values behind the estimate. ``left_out`` counts the missing ones: their networks diverged or
    did not finish.
    """

    __test__ = False  # pytest must not collect this class

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
    """A statement that was checked case by case; ``estimate`` and ``detail`` hold other results of the check."""

    name: str
    cases: int
    violations: int
    estimate: float = float("nan")
    detail: str = ""

    def __post_init__(self) -> None:
        if self.cases < 1:
            raise InsufficientData(f"{self.name}: there are no cases to check")

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
    """Student's test of whether the mean of independent values is between the bounds; NaN marks a missing value.

    If fewer than ten values differ from the most frequent one, the spread does not show how well the mean is known. The
    p-value against a bound at distance q is then at least (1 - q / scale)^trials. Consider an
    event that moves a value by ``scale``, and is just frequent enough to move the mean by q. This p-value is the
    probability that none of the ``trials`` shows the event. The trials are the test inputs of all networks, which are
    treated as exchangeable. If errors are exact, the trials are the training sets.

    Raises:
        InsufficientData: fewer than two values, or fewer than half of them, are available.
    """
    everything = np.asarray(values, dtype=float)
    values = everything[~np.isnan(everything)]
    n = len(values)
    if n < max(2, len(everything) / 2):
        raise InsufficientData(
            f"{name}: {n} of {len(everything)} values are available; at least half of them and at least two are needed"
        )
    mean, error = float(values.mean()), float(values.std(ddof=1)) / n**0.5
    if n - np.unique(values, return_counts=True)[1].max() >= ENOUGH:
        trials = inf

    def p_value(gap: float) -> float:
        """The p-value if the mean is at least this gap away, on the side on which the gap is positive."""
        student = float(stats.t.sf(gap / error, n - 1)) if error else float(gap <= 0)
        return max(student, (1 - min(gap / scale, 1)) ** trials if gap > 0 else 0)

    half = max(float(stats.t.ppf(0.975, n - 1)) * error, scale * (1 - 0.025 ** (1 / trials)))
    interval = (mean, mean - half, mean + half)
    return _test(name, interval, above, below, lambda c: p_value(mean - c), lambda c: p_value(c - mean), everything)


def share_test(name: str, hits: np.ndarray | pd.Series, above: float = -inf, below: float = inf) -> Test:
    """Exact binomial test of whether the proportion of hits is between the bounds; NaN marks a missing value.

    The interval is Clopper and Pearson's.

    Raises:
        InsufficientData: there are no values, or fewer than half of them are available.
    """
    everything = np.asarray(hits, dtype=float)
    available = everything[~np.isnan(everything)]
    if not len(everything):
        raise InsufficientData(f"{name}: no networks match, so no proportion can be computed")
    if len(available) < len(everything) / 2:
        raise InsufficientData(
            f"{name}: {len(available)} of {len(everything)} values are available; at least half are needed"
        )
    count, n = int(available.sum()), len(available)
    interval = stats.binomtest(count, n).proportion_ci(0.95, "exact")

    def greater(c: float) -> float:
        return float(stats.binomtest(count, n, c, "greater").pvalue)

    def less(c: float) -> float:
        return float(stats.binomtest(count, n, c, "less").pvalue)

    return _test(name, (count / n, interval.low, interval.high), above, below, greater, less, everything)


def bootstrap_test(name: str, bootstrap: Bootstrap, of: np.ndarray, above: float = -inf, below: float = inf) -> Test:
    """Percentile bootstrap test of whether a statistic of the values ``of`` is between the bounds.

    Raises:
        InsufficientData: the statistic or an end of its interval is not finite.
    """
    interval = bootstrap.interval()
    if not all(map(isfinite, interval)):
        raise InsufficientData(
            f"{name}: {bootstrap.why or 'the statistic or its interval is not finite (is its input constant?)'}"
        )
    samples = bootstrap.samples[~np.isnan(bootstrap.samples)]

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
    """Student's test, on one slope per seed, of whether the slope of the values against x is between the bounds.

    ``values`` has a row for each seed and a column for each x. Slopes are least-squares slopes of the seeds that have
    at least ``least`` values. ``trials`` is the number of test inputs behind one value. ``scale`` is how much one error
    moves a value, for each column or for all. The slope is treated as known only as well as one column allows.

    Raises:
        InsufficientData: there are fewer than ``least`` columns, or too few seeds with a slope.
    """
    if values.shape[1] < least:
        raise InsufficientData(
            f"{name}: a slope needs at least {least} values of {values.columns.name}; there are {list(values.columns)}"
        )
    y = values.to_numpy(dtype=float)
    available = ~np.isnan(y)
    complete = available.sum(1) >= least
    mean = np.where(available, x, 0).sum(1) / np.fmax(available.sum(1), 1)
    weights = np.where(available & complete[:, None], x - mean[:, None], 0)
    weights /= np.where(complete, (weights**2).sum(1), 1)[:, None]
    slopes = np.where(complete, (weights * np.where(available, y, 0)).sum(1), np.nan)
    counts = available[complete].sum(0)
    fewest = float(min(counts[counts > 0], default=0))
    test = mean_test(name, slopes, above, below, trials * fewest, float((abs(weights) * scale).max(initial=0)))
    return replace(test, sample=int(counts.sum()), left_out=int(available.size - counts.sum()))


def jackknife_test(
    name: str, whole: float, without: Sequence[float] | np.ndarray, above: float = -inf, below: float = inf
) -> Test:
    """Student's test, on pseudo-values, of whether a statistic of independent values is between the bounds.

    ``without`` holds the statistic without each value; NaN marks a value that is left out everywhere.

    Raises:
        InsufficientData: fewer than two values, or fewer than half of them, are available.
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
    """A test from the p-values of being at most, and at least, a given number. Two bounds give two one-sided tests."""
    bounds = []
    if isfinite(above):
        bounds.append((greater, less, above))
    if isfinite(below):
        bounds.append((less, greater, below))
    supports = max(inside(c) for inside, _, c in bounds)
    contradicts = min(1.0, len(bounds) * min(outside(c) for _, outside, c in bounds))
    left_out = int(np.isnan(values.astype(float)).sum())
    return Test(name, *interval, above, below, supports, contradicts, len(values) - left_out, left_out)
